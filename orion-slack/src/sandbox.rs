//! A stateful Slack workspace on loopback; nothing in it yet.
