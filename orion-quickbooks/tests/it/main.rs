//! The connector.

mod company;
mod conformance;
mod invoices;
mod logins;
mod support;
mod throttle;
mod webhooks;
mod writes;
