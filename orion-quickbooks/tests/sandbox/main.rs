//! The sandbox as a client of any language meets it: over HTTP, with nothing of the connector.

mod company;
mod files;
mod gateway;
mod oauth;
mod reports;
mod support;
mod webhooks;
