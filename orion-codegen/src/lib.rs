//! Adapter generation for Orion.
//!
//! This crate will turn API documentation and a mapping plan into a connector specification, and that
//! into an interpreted adapter or an adapter crate. It exports nothing yet.
