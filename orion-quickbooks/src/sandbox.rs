//! A QuickBooks Online company in memory, for tests and examples without an account.

#[allow(dead_code, unused_imports, reason = "the server that calls it is not here yet")]
mod store;
