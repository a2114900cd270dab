//! A stateful Salesforce simulator on loopback.
#![allow(dead_code, reason = "the server half that calls the data half lands separately")]

mod soql;
mod store;
