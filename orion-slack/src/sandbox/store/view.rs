//! Modals and home tabs, and the triggers that open them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Store;
use super::refusal::Refusal;

/// The root of a stack and two views above it (Slack docs, modals).
const MOST_STACKED: usize = 3;

/// How long a trigger can be used.
const TRIGGER_LIVES: TimeDelta = TimeDelta::seconds(3);

/// One view as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) id: String,
    /// Counts the views, so that the newest can be told.
    pub(crate) number: usize,
    pub(crate) user: String,
    /// What the app sent, and what the API adds to it.
    pub(crate) shown: Value,
    pub(crate) open: bool,
}

/// What lets an app open a view once, for three seconds.
#[derive(Debug, Clone)]
struct Trigger {
    user: String,
    expires: DateTime<Utc>,
    used: bool,
    /// The view it was made in, which a push goes above.
    view: Option<String>,
}

/// All views.
#[derive(Debug, Default)]
pub(crate) struct Views {
    pub(crate) by_id: BTreeMap<String, View>,
    triggers: HashMap<String, Trigger>,
}

impl Views {
    fn external(&self, id: &str) -> Option<&View> {
        self.by_id.values().find(|view| view.open && !id.is_empty() && view.shown["external_id"] == id)
    }

    /// The open view with that id, or with that external id.
    pub(crate) fn find(&self, id: Option<&str>, external: Option<&str>) -> Result<&View, Refusal> {
        let found = match (id, external) {
            (Some(id), _) => self.by_id.get(id).filter(|view| view.open),
            (None, Some(external)) => self.external(external),
            (None, None) => return Err(Refusal::missing("view_id")),
        };
        found.ok_or_else(|| "not_found".into())
    }
}

impl Store {
    /// A trigger of something that the member just did.
    pub(crate) fn trigger(&mut self, user: &str, view: Option<&str>) -> String {
        let id = format!("{}.{}.{}", self.ids.digits(13), self.ids.digits(12), self.ids.hex(32));
        let trigger = Trigger {
            user: user.to_owned(),
            expires: self.now + TRIGGER_LIVES,
            used: false,
            view: view.map(str::to_owned),
        };
        self.views.triggers.insert(id.clone(), trigger);
        id
    }

    fn pull(&mut self, trigger: &str) -> Result<(String, Option<String>), Refusal> {
        let now = self.now;
        let found = self.views.triggers.get_mut(trigger).ok_or("invalid_trigger_id")?;
        if found.used {
            return Err("exchanged_trigger_id".into());
        }
        if now > found.expires {
            return Err("expired_trigger_id".into());
        }
        found.used = true;
        Ok((found.user.clone(), found.view.clone()))
    }

    /// Opens a modal.
    pub(crate) fn open_view(&mut self, trigger: &str, view: &Value) -> Result<Value, Refusal> {
        self.unique(view, None)?;
        let (user, _) = self.pull(trigger)?;
        Ok(self.add_view(&user, view, None))
    }

    /// Puts a modal above the one that the trigger came from.
    pub(crate) fn push_view(&mut self, trigger: &str, view: &Value) -> Result<Value, Refusal> {
        self.unique(view, None)?;
        let (user, below) = self.pull(trigger)?;
        let below = below.ok_or("invalid_trigger_id")?;
        self.stack_view(&user, &below, view)
    }

    /// Puts a modal above another.
    pub(crate) fn stack_view(&mut self, user: &str, below: &str, view: &Value) -> Result<Value, Refusal> {
        let below = self.views.find(Some(below), None)?;
        let (root, id) = (below.shown["root_view_id"].clone(), below.id.clone());
        let stacked =
            self.views.by_id.values().filter(|view| view.open && view.shown["root_view_id"] == root);
        if stacked.count() >= MOST_STACKED {
            return Err("push_limit_reached".into());
        }
        Ok(self.add_view(user, view, Some((root, id))))
    }

    /// Replaces an open view.
    pub(crate) fn update_view(
        &mut self,
        id: &str,
        view: &Value,
        hash: Option<&str>,
    ) -> Result<Value, Refusal> {
        self.unique(view, Some(id))?;
        let new_hash = self.hash();
        let found = self.views.by_id.get_mut(id).filter(|view| view.open).ok_or("not_found")?;
        if hash.is_some_and(|hash| found.shown["hash"] != hash) {
            return Err("hash_conflict".into());
        }
        let mut shown = sent(view);
        for kept in KEPT {
            shown[kept] = found.shown[kept].clone();
        }
        shown["hash"] = new_hash.into();
        found.shown = shown;
        Ok(found.shown.clone())
    }

    /// Sets a member's home tab.
    pub(crate) fn publish_view(
        &mut self,
        user: &str,
        view: &Value,
        hash: Option<&str>,
    ) -> Result<Value, Refusal> {
        let home =
            self.views.by_id.values().find(|known| known.user == user && known.shown["type"] == "home");
        match home.map(|home| home.id.clone()) {
            Some(id) => self.update_view(&id, view, hash),
            None if hash.is_some_and(|hash| !hash.is_empty()) => Err("hash_conflict".into()),
            None => Ok(self.add_view(user, view, None)),
        }
    }

    /// Closes a view, and with `all` the whole stack it is in; answers what was closed.
    pub(crate) fn close_view(&mut self, id: &str, all: bool) -> Vec<Value> {
        let Some(root) = self.views.by_id.get(id).map(|view| view.shown["root_view_id"].clone()) else {
            return Vec::new();
        };
        let mut closed = Vec::new();
        for view in self.views.by_id.values_mut() {
            if view.open && (view.id == id || (all && view.shown["root_view_id"] == root)) {
                view.open = false;
                closed.push(view.shown.clone());
            }
        }
        closed
    }

    fn unique(&self, view: &Value, but: Option<&str>) -> Result<(), Refusal> {
        let external = view["external_id"].as_str().unwrap_or_default();
        match self.views.external(external) {
            Some(known) if but != Some(known.id.as_str()) => Err("duplicate_external_id".into()),
            _ => Ok(()),
        }
    }

    fn hash(&mut self) -> String {
        format!("{}.{}", self.seconds(), self.ids.secret(8))
    }

    fn add_view(&mut self, user: &str, view: &Value, above: Option<(Value, String)>) -> Value {
        let id = self.ids.id("V");
        let mut shown = sent(view);
        shown["id"] = id.as_str().into();
        shown["team_id"] = self.team.id.as_str().into();
        shown["app_id"] = self.app.id.as_str().into();
        shown["bot_id"] = self.app.bot_id.as_str().into();
        shown["app_installed_team_id"] = self.team.id.as_str().into();
        shown["hash"] = self.hash().into();
        let (root, previous) = match above {
            Some((root, previous)) => (root, previous.into()),
            None => (id.as_str().into(), Value::Null),
        };
        shown["root_view_id"] = root;
        shown["previous_view_id"] = previous;
        let view = View {
            id: id.clone(),
            number: self.views.by_id.len(),
            user: user.to_owned(),
            shown: shown.clone(),
            open: true,
        };
        self.views.by_id.insert(id, view);
        shown
    }
}

/// What the API sets and an update keeps.
const KEPT: [&str; 7] =
    ["id", "team_id", "app_id", "bot_id", "app_installed_team_id", "root_view_id", "previous_view_id"];

/// What the app sent, with the defaults of what it left out.
fn sent(view: &Value) -> Value {
    let mut shown = json!({
        "type": "modal", "callback_id": "", "external_id": "", "private_metadata": "", "title": null,
        "submit": null, "close": null, "blocks": [], "clear_on_close": false, "notify_on_close": false,
        "submit_disabled": false, "state": { "values": {} },
    });
    if let (Some(map), Some(sent)) = (shown.as_object_mut(), view.as_object()) {
        map.extend(sent.clone());
        map.insert("state".to_owned(), json!({ "values": {} }));
    }
    shown
}
