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
