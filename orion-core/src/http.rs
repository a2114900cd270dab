//! The request path.
//!
//! Every request of every connector takes it, in one order:
//!
//! ```text
//! call -> observe -> deadline -> retry -> rate limit -> auth -> user middleware -> transport
//! ```
//!
//! Retry sits outside the rate limit, so that each attempt pays for itself, and outside auth, so that each is authorised anew. It
//! wraps the reading of the body too: an answer that breaks off half-way is a failed attempt.
//!
//! A connector makes one [`Client`] and sends every request through it. What a host can put in its place or between:
//!
//! | part | by default | another |
//! | --- | --- | --- |
//! | [`Transport`] | `Http` (feature `reqwest`) | a script in tests, a proxy of the host's own |
//! | [`Middleware`] | none | a step of the host's own before a request leaves: signing, audit |
//! | [`retry::Policy`] | up to six attempts with full jitter | how often, how patiently |
//! | [`Limits`] | none | requests per second, and at once |
//!
//! ```
//! use orion_core::{ErrorKind, Result, http::Client, testing::{self, Script}};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Item {
//!     name: String,
//! }
//!
//! testing::run(async {
//!     let vendor = Script::new()
//!         .on(http::Method::GET, "/items").query("page", "2").reply(200, serde_json::json!([{ "name": "anvil" }]))
//!         .on(http::Method::POST, "/items").reply(503, "busy");
//!     let client = Client::builder("acme", "https://acme.test/".parse().unwrap(), vendor).build();
//!
//!     let items: Vec<Item> = client.get("/items", "items.list").query("page", "2").json().await?;
//!     assert_eq!(items[0].name, "anvil");
//!
//!     // A POST whose answer does not say whether it was done is not sent again, unless it is marked as repeatable.
//!     let made: Result<Item> = client.post("/items", "items.create").json_body(&serde_json::json!({})).json().await;
//!     let error = made.err().unwrap();
//!     assert!(error.kind() == ErrorKind::Transport && error.is_ambiguous());
//!     # Ok::<(), orion_core::Error>(())
//! }).unwrap();
//! ```

mod body;
mod call;
mod client;
mod decode;
mod layer;
mod message;
mod middleware;
#[cfg(feature = "reqwest")]
mod reqwest;
pub mod retry;

pub use body::Body;
pub use call::Call;
pub use client::{Client, ClientBuilder};
pub use decode::{ByJson, ByStatus, Decode, retry_after};
pub use layer::Limits;
#[cfg(feature = "oauth")]
pub(crate) use message::malformed;
pub use message::{Request, Response};
pub use middleware::{Middleware, Next, Transport};

#[cfg(feature = "reqwest")]
pub use self::reqwest::{Http, HttpBuilder};
