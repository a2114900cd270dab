//! Doubles for tests, and the conformance suite.
//!
//! None of it opens a socket or sleeps on the machine's clock.
//!
//! | to test | there is |
//! | --- | --- |
//! | what stands on adapters: a job of the host's, a sync | [`Memory`], a complete adapter without a vendor |
//! | an adapter's requests and how it reads the answers | [`Script`], a transport that answers from a script and keeps what it was sent |
//! | an adapter as a whole, without a simulator of its vendor | [`ListServer`], a small vendor without an adapter |
//! | that anything survives a bad network | [`FaultyTransport`], which disturbs any transport |
//! | an adapter against what a vendor really answered | a [`cassette`], which records and replays |
//! | what is reported | [`Events`], an observer that keeps it |
//! | waits and time limits | [`clock`] and [`run`], a paused runtime in which waiting costs nothing |
//! | that an adapter does all that an adapter has to | [`conformance`] |
//!
//! A vendor's simulator comes with its connector (`orion::salesforce::sandbox`).
//!
//! ```
//! use http::Method;
//! use orion_core::{http::Client, testing::{self, Script}};
//!
//! testing::run(async {
//!     let script = Script::new()
//!         .on(Method::GET, "/items/*").reply(503, "busy").reply(200, serde_json::json!({ "name": "anvil" }));
//!     let base = "https://acme.test/".parse().unwrap();
//!     let client = Client::builder("acme", base, script.clone()).build();
//!
//!     let item: serde_json::Value = client.get("/items/7", "item.get").json().await.unwrap();
//!     assert_eq!(item["name"], "anvil");
//!     assert_eq!(script.requests().len(), 2);
//!     script.assert_done();
//! });
//! ```

pub mod cassette;
pub mod conformance;
mod events;
mod faulty;
mod list_server;
mod memory;
mod reply;
mod script;
mod seen;
mod threaded;

use chrono::{DateTime, Utc};

pub use events::{Events, Summary};
pub use faulty::{FaultyTransport, Injection};
pub use list_server::ListServer;
pub use memory::{Memory, Shelf};
pub use reply::Reply;
pub use script::Script;
pub use seen::Seen;
pub use threaded::Threaded;

use crate::Clock;

/// The instant at which [`clock`] starts: 2026-01-01T00:00:00Z.
pub const START: DateTime<Utc> = DateTime::from_timestamp(1_767_225_600, 0).unwrap();

/// A clock that stands at [`START`] and moves with tokio's time, so that a paused runtime pauses it.
///
/// It has to be made inside a runtime; under [`run`] or `#[tokio::test(start_paused = true)]` waiting costs nothing.
#[must_use]
pub fn clock() -> Clock {
    Clock::following_tokio(START)
}

/// Runs a future to its end on a runtime of its own, whose time is paused: a wait ends as soon as nothing else is left to do.
#[expect(clippy::expect_used, reason = "a current-thread runtime with time only asks nothing of the machine")]
pub fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O")
        .block_on(future)
}
