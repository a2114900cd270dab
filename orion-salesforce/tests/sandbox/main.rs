//! The sandbox over plain HTTP, as a client in any language sees it.

mod bulk;
mod composite;
mod control;
mod faults;
mod oauth;
mod query;
mod rest;
mod soap;
mod support;
mod wire;
