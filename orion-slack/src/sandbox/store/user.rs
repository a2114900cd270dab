//! The people and bots of the workspace.

use serde_json::{Value, json};

/// A member.
#[derive(Debug, Clone, Default)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) real_name: String,
    pub(crate) email: String,
    pub(crate) title: String,
    pub(crate) phone: String,
    pub(crate) zone: Zone,
    pub(crate) rank: Rank,
    pub(crate) deleted: bool,
    /// The bot's own id, for a member that is a bot.
    pub(crate) bot_id: Option<String>,
    pub(crate) away: bool,
    pub(crate) status_text: String,
    pub(crate) status_emoji: String,
    pub(crate) avatar: String,
    pub(crate) updated: i64,
}

/// What a member may do; what follows from it is in [`User::rendered`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Rank {
    #[default]
    Member,
    PrimaryOwner,
    Owner,
    Admin,
    /// A guest of several channels.
    Guest,
    /// A guest of one channel.
    SingleChannelGuest,
}

/// A time zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) offset: i32,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "America/Los_Angeles", label: "Pacific Standard Time", offset: -28_800 }
    }
}

impl User {
    pub(crate) const SLACKBOT: &'static str = "USLACKBOT";

    pub(crate) fn is_bot(&self) -> bool {
        self.bot_id.is_some()
    }

    pub(crate) fn is_guest(&self) -> bool {
        matches!(self.rank, Rank::Guest | Rank::SingleChannelGuest)
    }

    /// The member as `users.info` gives it; the e-mail only with its scope.
    pub(crate) fn rendered(&self, team: &str, with_email: bool) -> Value {
        let mut user = json!({
            "id": self.id, "team_id": team, "name": self.name, "deleted": self.deleted,
            "profile": self.profile(team, with_email), "is_bot": self.is_bot(),
            "is_app_user": false, "updated": self.updated,
        });
        let Some(map) = user.as_object_mut() else { return user };
        // A deactivated member keeps neither its name's colour nor its rights (Slack docs, user object).
        if !self.deleted {
            let more = json!({
                "color": self.color(), "real_name": self.real_name,
                "tz": self.zone.name, "tz_label": self.zone.label, "tz_offset": self.zone.offset,
                "is_admin": matches!(self.rank, Rank::Admin | Rank::Owner | Rank::PrimaryOwner),
                "is_owner": matches!(self.rank, Rank::Owner | Rank::PrimaryOwner),
                "is_primary_owner": self.rank == Rank::PrimaryOwner,
                "is_restricted": self.is_guest(),
                "is_ultra_restricted": self.rank == Rank::SingleChannelGuest,
                "is_email_confirmed": !self.is_bot(),
                "who_can_share_contact_card": "EVERYONE",
            });
            map.extend(more.as_object().cloned().unwrap_or_default());
        }
        user
    }

    /// The member's profile.
    pub(crate) fn profile(&self, team: &str, with_email: bool) -> Value {
        let (first, last) = self.real_name.split_once(' ').unwrap_or((&self.real_name, ""));
        let mut profile = json!({
            "title": self.title, "phone": self.phone, "skype": "",
            "real_name": self.real_name, "real_name_normalized": self.real_name,
            "display_name": self.name, "display_name_normalized": self.name,
            "fields": null, "status_text": self.status_text, "status_emoji": self.status_emoji,
            "status_emoji_display_info": [], "status_expiration": 0, "avatar_hash": self.avatar,
            "status_text_canonical": "", "first_name": first, "last_name": last, "team": team,
        });
        let Some(map) = profile.as_object_mut() else { return profile };
        for size in [24, 32, 48, 72, 192, 512] {
            let url = format!("https://avatars.slack-edge.com/{}_{size}.png", self.avatar);
            map.insert(format!("image_{size}"), url.into());
        }
        if with_email && !self.is_bot() {
            map.insert("email".to_owned(), self.email.as_str().into());
        }
        if let Some(bot) = &self.bot_id {
            map.insert("bot_id".to_owned(), bot.as_str().into());
            map.insert("always_active".to_owned(), true.into());
        }
        profile
    }

    fn color(&self) -> &'static str {
        const COLORS: [&str; 6] = ["9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699"];
        let sum: usize = self.id.bytes().map(usize::from).sum();
        COLORS.get(sum % COLORS.len()).copied().unwrap_or("9f69e7")
    }
}
