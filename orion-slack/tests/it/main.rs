//! The connector against scripted answers, as Slack's documentation has them.
#![expect(clippy::unwrap_used, reason = "what a test's helper expects, the test expects")]

mod calls;
mod conformance;
mod logins;
mod methods;
mod posts;
mod support;
mod users;
mod workspace;
