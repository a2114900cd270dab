//! Messages as the workspace keeps and shows them.

use serde_json::{Map, Value, json};

use super::ts::Ts;

/// One emoji below a message and who set it.
#[derive(Debug, Clone)]
pub(crate) struct Reaction {
    pub(crate) name: String,
    pub(crate) users: Vec<String>,
}

/// A message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    pub(crate) ts: Ts,
    pub(crate) user: String,
    pub(crate) subtype: Option<&'static str>,
    pub(crate) text: String,
    pub(crate) bot: Option<Bot>,
    pub(crate) blocks: Option<Value>,
    pub(crate) attachments: Option<Value>,
    pub(crate) metadata: Option<Value>,
    pub(crate) thread: Option<Ts>,
    pub(crate) broadcast: bool,
    pub(crate) edited: Option<(String, Ts)>,
    pub(crate) reactions: Vec<Reaction>,
    /// Rendered files.
    pub(crate) files: Vec<Value>,
    /// `username` and `icons` of a customised post, and what a subtype adds.
    pub(crate) more: Map<String, Value>,
}

/// The app that posted a message.
#[derive(Debug, Clone)]
pub(crate) struct Bot {
    pub(crate) id: String,
    pub(crate) app: String,
    pub(crate) name: String,
}

impl Bot {
    pub(crate) fn profile(&self, team: &str) -> Value {
        json!({
            "id": self.id, "deleted": false, "name": self.name, "updated": 1_700_000_000,
            "app_id": self.app, "user_id": null, "team_id": team,
            "icons": { "image_36": "https://a.slack-edge.com/bot_36.png",
                       "image_48": "https://a.slack-edge.com/bot_48.png",
                       "image_72": "https://a.slack-edge.com/bot_72.png" },
        })
    }
}

impl Message {
    /// Who is counted as its author.
    pub(crate) fn author(&self) -> &str {
        &self.user
    }

    /// Whether it is shown in the channel itself, not only in its thread.
    pub(crate) fn in_channel(&self) -> bool {
        self.thread.is_none_or(|root| root == self.ts) || self.broadcast
    }

    /// The message with all of its own fields, metadata too.
    pub(crate) fn rendered(&self, team: &str) -> Value {
        let mut map = Map::new();
        let mut set = |key: &str, value: Value| map.insert(key.to_owned(), value);
        set("type", "message".into());
        if let Some(subtype) = self.subtype {
            set("subtype", subtype.into());
        }
        set("user", self.user.as_str().into());
        set("text", self.text.as_str().into());
        set("ts", self.ts.to_string().into());
        set("team", team.into());
        if let Some(bot) = &self.bot {
            set("bot_id", bot.id.as_str().into());
            set("app_id", bot.app.as_str().into());
            set("bot_profile", bot.profile(team));
        }
        for (key, value) in [
            ("blocks", &self.blocks),
            ("attachments", &self.attachments),
            ("metadata", &self.metadata),
            ("thread_ts", &self.thread.map(|thread| thread.to_string().into())),
            ("edited", &self.edited.as_ref().map(|(user, ts)| json!({ "user": user, "ts": ts.to_string() }))),
            ("files", &(!self.files.is_empty()).then(|| self.files.clone().into())),
            ("reactions", &(!self.reactions.is_empty()).then(|| self.shown_reactions())),
        ] {
            if let Some(value) = value {
                set(key, value.clone());
            }
        }
        map.extend(self.more.clone());
        Value::Object(map)
    }

    fn shown_reactions(&self) -> Value {
        self.reactions
            .iter()
            .map(|one| json!({ "name": one.name, "users": one.users, "count": one.users.len() }))
            .collect()
    }
}
