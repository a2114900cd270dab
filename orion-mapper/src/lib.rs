//! Field-mapping suggestions for Orion.
//!
//! This crate will propose a plan that maps a new API's fields onto a unified model, offline or with a
//! language model, each suggestion with a calibrated confidence. It exports nothing yet.
