//! Who the account is.

use std::fmt;

use serde::Deserialize;

use crate::{Fields, Result, http::Client};

/// What a userinfo endpoint says of the account (OpenID Connect Core §5.1).
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Userinfo {
    /// The vendor's id of the user.
    pub sub: String,
    /// The full name.
    pub name: Option<String>,
    /// The name to log in with.
    pub preferred_username: Option<String>,
    /// The address for mail.
    pub email: Option<String>,
    /// What else the vendor says, for instance Salesforce's `organization_id`.
    #[serde(flatten)]
    pub extra: Fields,
}

/// Asks a userinfo endpoint who the client's credentials belong to.
///
/// # Errors
/// See [`Client::send`]; `Malformed` if the answer is something else.
pub async fn userinfo(client: &Client, path: &str) -> Result<Userinfo> {
    client.get(path, "userinfo").json().await
}

/// Shows the id only: the rest is about a person.
impl fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Userinfo").field("sub", &self.sub).finish_non_exhaustive()
    }
}
