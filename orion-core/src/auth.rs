//! Credentials: who adds them to a request, who renews them, who keeps them.

mod token;

use async_trait::async_trait;

pub use token::{AccountKey, Leased, Stored, Swap, TokenSet, TokenStore};

use crate::{Result, http::Request};

/// Which credentials a request was sent with, so that a refusal renews those and no newer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease(pub u64);

/// What to do about refused credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// There are newer ones: send the request once more.
    Replay,
    /// There is nothing to renew.
    GiveUp,
}

/// Adds credentials to requests and renews them when they are refused.
///
/// Dyn because a client is built for any kind of credentials.
#[async_trait]
pub trait Authorize: Send + Sync + 'static {
    /// Adds the credentials, obtaining them first if need be, and points a relative request at the account's host.
    ///
    /// # Errors
    /// `Auth` if there are none and none can be obtained, `Malformed` for an absolute address on a foreign host.
    async fn authorize(&self, request: &mut Request) -> Result<Lease>;

    /// Renews the credentials that were refused, unless somebody has done so already.
    ///
    /// # Errors
    /// `Auth` if they cannot be renewed: the account has to be authorised again.
    async fn rejected(&self, lease: Lease) -> Result<Recovery>;
}
