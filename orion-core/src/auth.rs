//! Credentials: who adds them to a request, who renews them, who keeps them.
//!
//! An [`Authorize`] adds them. [`Fixed`] does so for credentials that do not change, [`Session`] for tokens that expire: it keeps them in a
//! [`TokenStore`] and has a [`Renew`] get new ones, one renewal at a time per account. Whoever uses a connector chooses the store; whoever
//! writes one names the vendor's endpoints to `OAuth` (feature `oauth`) and hands the [`Session`] to the client.
//!
//! | store | for | protection |
//! | --- | --- | --- |
//! | [`MemoryTokenStore`] | tests, and logins that need no stored token | none needed |
//! | `FileTokenStore` (feature `file-store`) | a program on one machine | encrypted with a key the host keeps elsewhere |
//! | `SqlTokenStore` (features `sqlite`, `postgres`) | processes on one machine or many | the same, or the database's own |
//!
//! Refresh tokens rotate at many vendors: renewing gives a new one and ends the old one, so that two renewals at once, or one that is not
//! saved, lock the account out. [`Session`] says what is done about it.

#[cfg(feature = "file-store")]
mod file;
mod fixed;
mod hosts;
mod memory;
#[cfg(feature = "oauth")]
mod oauth;
#[cfg(any(feature = "file-store", feature = "sqlite", feature = "postgres"))]
mod seal;
mod session;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
mod token;

use async_trait::async_trait;

#[cfg(feature = "file-store")]
pub use file::FileTokenStore;
pub use fixed::Fixed;
pub use memory::MemoryTokenStore;
#[cfg(feature = "oauth")]
pub use oauth::{
    Begun, ClientAuth, Flow, Grant, JwtBearer, OAuth, OAuthBuilder, Pending, Userinfo, userinfo,
};
pub use session::{Session, SessionBuilder};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sql::SqlTokenStore;
pub use token::{AccountKey, Leased, Stored, Swap, TokenSet, TokenStore};

use crate::{Result, http::Request};

/// Which credentials a request was sent with, so that a refusal renews those and no newer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease(pub u64);

/// What to do about refused credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// They were renewed: send the request once more.
    Replay,
    /// Another process renewed them a while ago: send the request once more, and if these are refused too, ask again.
    Newer,
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

    /// Learns that the vendor took these credentials. One that refuses even renewed ones is thereby told from one whose tokens are
    /// short-lived.
    fn accepted(&self, lease: Lease) {
        let _ = lease;
    }
}

/// Gets new tokens from a vendor.
///
/// Dyn because a session serves any way to get them. It has to return within a minute: nobody else can renew meanwhile.
#[async_trait]
pub trait Renew: Send + Sync + 'static {
    /// Gets new tokens; `current` is what the store holds.
    ///
    /// # Errors
    /// `Auth` if the vendor refuses for good: it is not asked again with the same refresh token.
    /// [`is_ambiguous`](crate::Error::is_ambiguous) if it may have issued tokens that did not arrive.
    async fn renew(&self, current: Option<&TokenSet>) -> Result<TokenSet>;
}
