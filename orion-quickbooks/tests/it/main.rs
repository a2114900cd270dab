//! The connector.

mod logins;
mod support;
mod throttle;
mod webhooks;
