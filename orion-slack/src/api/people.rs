//! `auth`, `users`, `usergroups`, `team`, `emoji`.

use std::collections::BTreeMap;

use futures::stream::BoxStream;
use orion_core::Result;
use serde_json::json;

use crate::{Channel, Slack, Team, User, Usergroup, object::object};

object! {
    /// Who a token belongs to.
    AuthTest {
        /// Address of the workspace.
        url: String,
        /// Name of the workspace.
        team: String,
        /// Name of the user.
        user: String,
        /// Id of the workspace.
        team_id: String,
        /// Id of the user.
        user_id: String,
        /// Id of the bot, if it is one.
        bot_id: String,
        /// Id of the organisation, if there is one.
        enterprise_id: String,
        /// Whether the app was installed for the whole organisation.
        is_enterprise_install: bool,
    }
}

impl Slack {
    /// Who the token belongs to (`auth.test`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn auth_test(&self) -> Result<AuthTest> {
        Ok(self.call("auth.test", &json!({})).await?.value)
    }

    /// Everyone of the workspace, deactivated accounts and bots among them (`users.list`).
    #[must_use]
    pub fn users_list(&self) -> BoxStream<'_, Result<User>> {
        self.list("users.list", json!({}), "members")
    }

    /// One user (`users.info`).
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn users_info(&self, user: &str) -> Result<User> {
        self.one("users.info", &json!({"user": user}), "user").await
    }

    /// The user of an email address (`users.lookupByEmail`).
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn users_lookup_by_email(&self, email: &str) -> Result<User> {
        self.one("users.lookupByEmail", &json!({"email": email}), "user").await
    }

    /// Whether a user is there: `active` or `away` (`users.getPresence`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn users_presence(&self, user: &str) -> Result<String> {
        self.one("users.getPresence", &json!({"user": user}), "presence").await
    }

    /// The conversations a user is in, or the caller (`users.conversations`). `types` as in
    /// [`conversations_list`](Self::conversations_list).
    #[must_use]
    pub fn users_conversations(&self, user: Option<&str>, types: &str) -> BoxStream<'_, Result<Channel>> {
        self.list("users.conversations", json!({"user": user, "types": types}), "channels")
    }

    /// The groups of people that can be mentioned as one (`usergroups.list`), with who is in them.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn usergroups_list(&self) -> Result<Vec<Usergroup>> {
        let args = json!({"include_users": true, "include_count": true});
        self.one("usergroups.list", &args, "usergroups").await
    }

    /// The ids of a group's people (`usergroups.users.list`).
    ///
    /// # Errors
    /// `NotFound` if there is no such group.
    pub async fn usergroups_users(&self, usergroup: &str) -> Result<Vec<String>> {
        self.one("usergroups.users.list", &json!({"usergroup": usergroup}), "users").await
    }

    /// Sets who is in a group: these, and nobody else (`usergroups.users.update`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn usergroups_set_users(&self, usergroup: &str, users: &[&str]) -> Result<Usergroup> {
        let args = json!({"usergroup": usergroup, "users": users.join(",")});
        self.one("usergroups.users.update", &args, "usergroup").await
    }

    /// The workspace (`team.info`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn team_info(&self) -> Result<Team> {
        self.one("team.info", &json!({}), "team").await
    }

    /// The workspace's own emoji: address or `alias:name`, by name (`emoji.list`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn emoji_list(&self) -> Result<BTreeMap<String, String>> {
        self.one("emoji.list", &json!({}), "emoji").await
    }
}
