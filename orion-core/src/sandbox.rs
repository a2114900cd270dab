//! What vendors' sandboxes share: a simulator of a vendor on loopback, for tests of any language.
//!
//! A simulator has its own state and routes, and gets the rest from here: the listeners in plain HTTP and in TLS,
//! requests read whole ([`Call`]), compression, a clock that a test can move, a request log, faults on demand
//! ([`Faults`]), the control API, connections that are upgraded ([`Reply::upgraded`]) and requests to the outside
//! ([`send`]).
//!
//! # A vendor of one's own
//!
//! Implement [`Vendor`] for the state, keep a [`Common`] in it, and hand it to [`Server::start`]:
//!
//! ```
//! use std::sync::Arc;
//! use http::StatusCode;
//! use orion_core::sandbox::{Call, Common, Reply, Scope, Server, Settings, Vendor};
//!
//! struct Pets {
//!     common: Common,
//!     names: Vec<String>,
//! }
//!
//! impl Vendor for Pets {
//!     fn common(&self) -> &Common {
//!         &self.common
//!     }
//!
//!     fn scope(&self, call: &Call) -> Scope {
//!         Scope::new(call, ["api"])
//!     }
//!
//!     fn serve(self: &Arc<Self>, call: &Call, _scope: &Scope) -> Reply {
//!         match call.parts().as_slice() {
//!             ["pets"] => Reply::ok(&self.names),
//!             _ => self.failure(StatusCode::NOT_FOUND, call),
//!         }
//!     }
//!
//!     fn failure(&self, status: StatusCode, _call: &Call) -> Reply {
//!         Reply::json(status, &serde_json::json!({ "error": status.as_u16() }))
//!     }
//!
//!     fn expire_tokens(&self) {}
//!
//!     fn revoke_tokens(&self) {}
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let pets = Pets { common: Common::new(Settings::default())?, names: vec!["Rex".into()] };
//! let server = Server::start(Arc::new(pets)).await?;
//! let url = format!("{}/pets", server.base_url());
//! let reply = orion_core::sandbox::send(
//!     http::Request::get(url).body(Default::default()).unwrap(),
//!     std::time::Duration::from_secs(5),
//! )
//! .await?;
//! assert_eq!(reply.body(), r#"["Rex"]"#);
//! assert_eq!(server.vendor().common().counts()["GET pets"], 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Control API
//!
//! Beside the vendor's own paths, without a login, so that tests in any language can steer it:
//!
//! | request | does |
//! |---|---|
//! | `GET`, `DELETE /_sandbox/log` | the requests seen and their counts by route; forgets them |
//! | `GET`, `POST`, `DELETE /_sandbox/faults` | the plan and its counts; adds to it ([`Faults`]); clears it |
//! | `GET`, `POST /_sandbox/clock` | the time; `{"advance_seconds": n}` moves it forward |
//! | `POST /_sandbox/expire`, `POST /_sandbox/revoke` | ends all sessions; revokes all refresh tokens too |
//!
//! The vendor adds its own with [`Vendor::control`]; `POST /_sandbox/deliver`, which makes it send something now, has
//! the same shape everywhere: `{"kind": …, "url": …}`.
//!
//! # Faults of one's own
//!
//! A kind that only one vendor has is named in [`Settings::kinds`]. Where it can be seen, [`Vendor::scope`] says so with
//! [`Scope::with_kind`], and [`Vendor::inject`] carries it out. One that hits parts of a request, such as one row of many, is left out of
//! the scope and rolled with [`Common::rolls`].

mod call;
mod clock;
mod common;
mod control;
mod faults;
mod gateway;
mod listener;
mod log;
mod reply;
mod send;
mod server;
#[cfg(test)]
mod tests;
mod tls;
mod vendor;
mod wire;

pub use call::Call;
pub use clock::http_date;
pub use common::{Common, Settings};
pub use faults::{Fault, FaultKind, Faults, Scope};
pub use log::LogEntry;
pub use reply::{Reply, Upgraded};
pub use send::send;
pub use server::Server;
pub use vendor::Vendor;
