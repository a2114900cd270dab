//! Slack for Orion: the Web API and messages.
//!
//! [`Slack`] is the connector: one connection to one workspace, as a bot or a person.
//!
//! Facts about the vendor are from Slack's docs of 2026 where nothing else is said; "unverified" marks what was not checked against a
//! workspace.

mod adapter;
mod api;
mod auth;
pub mod block;
mod config;
mod fault;
mod limits;
mod message;
pub mod methods;
mod object;
mod post;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod signature;
pub mod text;
mod wire;

pub use adapter::{Builder, Slack};
pub use api::{AuthTest, Range, Scheduled};
pub use auth::{Grant, Installation, Login, Webhook};
pub use config::{Auth, Config};
pub use message::Outgoing;
pub use object::{
    Bookmark, Channel, Edited, File, Message, MessageMetadata, Pin, Profile, Reaction, Team, Topic, Ts, User,
    Usergroup, View,
};
pub use post::Sent;
pub use signature::Signing;
pub use wire::{Answer, Notes};

/// Name of the adapter.
pub const NAME: &str = "slack";
