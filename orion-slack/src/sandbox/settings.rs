//! What a sandbox is set up with, and what it is known by.

use std::time::Duration;

use orion_core::sandbox::Settings as Shared;

use super::store::ids::Ids;

/// The bot may post, react, make channels, invite, upload, and read e-mails and user groups.
pub(crate) const BOT_SCOPES: [&str; 36] = [
    "app_mentions:read",
    "bookmarks:read",
    "bookmarks:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "commands",
    "emoji:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "metadata.message:read",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users.profile:read",
    "users:read",
    "users:read.email",
    "users:write",
    "links:read",
    "links:write",
    "dnd:read",
];

/// What the user token may do.
pub(crate) const USER_SCOPES: [&str; 30] = [
    "bookmarks:read",
    "bookmarks:write",
    "channels:history",
    "channels:read",
    "channels:write",
    "chat:write",
    "emoji:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "identify",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "usergroups:write",
    "users.profile:read",
    "users.profile:write",
    "users:read",
    "users:read.email",
];

/// Settings beside those that every sandbox has.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) shared: Shared,
    pub(crate) records: usize,
    pub(crate) seed: u64,
    pub(crate) limits: bool,
    pub(crate) rotation: bool,
    pub(crate) short_pages: bool,
    pub(crate) bot_scopes: Vec<String>,
    pub(crate) user_scopes: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) redirect_uri: String,
    pub(crate) share_delay: Duration,
    pub(crate) ping_every: Duration,
}

fn owned(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shared: Shared::default(),
            records: 1_000,
            seed: 1,
            limits: true,
            rotation: true,
            short_pages: true,
            bot_scopes: owned(&BOT_SCOPES),
            user_scopes: owned(&USER_SCOPES),
            events: owned(&["message", "app_mention", "reaction_added"]),
            redirect_uri: "http://127.0.0.1/callback".to_owned(),
            share_delay: Duration::from_millis(200),
            ping_every: Duration::from_secs(10),
        }
    }
}

/// The app's credentials.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) signing_secret: String,
    /// Sent with events; apps should verify the signature instead.
    pub(crate) verification_token: String,
}

impl Identity {
    pub(crate) fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed ^ 0x1d);
        Self {
            client_id: format!("{}.{}", ids.digits(12), ids.digits(13)),
            client_secret: ids.hex(32),
            signing_secret: ids.hex(32),
            verification_token: ids.secret(24),
        }
    }
}
