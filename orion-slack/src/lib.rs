//! Slack for Orion: the Web API, messages and people, behind the unified models.
//!
//! [`Slack`] is the connector: one connection to one workspace, as a bot or a person. It reads the workspace's people as
//! [`UnifiedUser`](orion_core::UnifiedUser).
//!
//! | to | use |
//! | --- | --- |
//! | log in with a token | [`Config::token`] |
//! | have people install an app, and keep its rotating tokens | [`Auth::App`], [`Login`], [`Slack::account`] |
//! | read people | [`AdapterExt`](orion_core::AdapterExt): `page`, `records`, a sync plan |
//! | post, change, schedule a message | [`Outgoing`] with [`block`] and [`text`]; [`Slack::post`], [`Slack::update`], [`Slack::schedule`] |
//! | call a method of the Web API | its own name in snake case, [`Slack::conversations_history`]; any other by [`Slack::call`] |
//! | verify what Slack delivers | [`Signing`] |
//! | test without a workspace | the module `sandbox`, with the feature of that name |
//!
//! ```
//! # use orion_slack::{Config, Outgoing, Slack, block::section, sandbox::Sandbox, text};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::builder().records(10).start().await?;
//! # let slack = Slack::new(Config::sandbox(&sandbox))?;
//! # let channel = sandbox.channel_id("general").unwrap();
//! let customer = "AT&T <!channel>"; // what others wrote is escaped, so that it alarms nobody
//! let summary = format!("Sync of {} failed", text::escape(customer));
//! let message = Outgoing::new(&channel, &summary).blocks([section(format!("*{summary}*"))]).id("sync-4711");
//!
//! let sent = slack.post(&message).await?; // if the answer is lost, it is found again by its id
//! slack.update(&sent.ts, &Outgoing::new(&channel, "Sync recovered")).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Calls wait for their turn under Slack's limits, each method and each channel for itself; what posts is never sent twice blindly.
//!
//! Facts about the vendor are from Slack's docs of 2026 where nothing else is said; "unverified" marks what was not checked against a
//! workspace.

mod adapter;
mod api;
pub mod approvals;
mod auth;
pub mod block;
mod config;
mod fault;
mod limits;
mod message;
pub mod methods;
pub mod notifier;
mod object;
mod post;
mod poster;
mod read;
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
