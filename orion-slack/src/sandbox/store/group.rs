//! User groups.

use serde_json::{Value, json};

/// A user group.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) handle: String,
    pub(crate) description: String,
    pub(crate) creator: String,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) deleted: i64,
    pub(crate) users: Vec<String>,
    pub(crate) channels: Vec<String>,
}

impl Group {
    pub(crate) fn rendered(&self, team: &str, with_users: bool) -> Value {
        let mut group = json!({
            "id": self.id, "team_id": team, "is_usergroup": true, "is_subteam": true, "name": self.name,
            "description": self.description, "handle": self.handle, "is_external": false,
            "date_create": self.created, "date_update": self.updated, "date_delete": self.deleted,
            "auto_type": null, "auto_provision": false, "enterprise_subteam_id": "",
            "created_by": self.creator, "updated_by": self.creator, "deleted_by": null,
            "prefs": { "channels": self.channels, "groups": [] },
            "user_count": self.users.len(), "channel_count": self.channels.len(),
        });
        if with_users {
            group["users"] = json!(self.users);
        }
        group
    }
}
