//! The part of an interaction that approvals read.

use serde::Deserialize;
use serde_json::Value;

use super::{
    policy::Choice,
    render::{APPROVE, REASON, REJECT},
};

/// A button of ours that was clicked, or a reason that was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Click {
    pub(crate) user: String,
    pub(crate) choice: Choice,
    pub(crate) token: String,
    pub(crate) channel: Option<String>,
    /// Opens a modal; a submitted reason has none.
    pub(crate) trigger: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) action_ts: Option<String>,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    user: User,
    trigger_id: Option<String>,
    #[serde(default)]
    container: Value,
    #[serde(default)]
    channel: Value,
    #[serde(default)]
    actions: Vec<Action>,
    #[serde(default)]
    view: Value,
}

#[derive(Deserialize)]
struct User {
    id: String,
}

#[derive(Deserialize)]
struct Action {
    #[serde(default)]
    action_id: String,
    value: Option<String>,
    action_ts: Option<String>,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

impl Click {
    /// Reads a payload; `None` if it is not about an approval.
    pub(crate) fn read(payload: &str) -> Option<Self> {
        let payload: Payload = serde_json::from_str(payload).ok()?;
        match &*payload.kind {
            "block_actions" => Self::clicked(payload),
            "view_submission" if payload.view["callback_id"] == REASON => Self::submitted(&payload),
            _ => None,
        }
    }

    fn clicked(payload: Payload) -> Option<Self> {
        let ours = |action: &Action| matches!(&*action.action_id, APPROVE | REJECT);
        let action = payload.actions.into_iter().find(ours)?;
        let choice = if action.action_id == APPROVE { Choice::Approve } else { Choice::Reject };
        Some(Self {
            user: payload.user.id,
            choice,
            token: action.value?,
            channel: text(&payload.channel["id"]).or_else(|| text(&payload.container["channel_id"])),
            trigger: payload.trigger_id,
            reason: None,
            action_ts: action.action_ts,
        })
    }

    fn submitted(payload: &Payload) -> Option<Self> {
        let (token, channel) = payload.view["private_metadata"].as_str()?.split_once(' ')?;
        let reason = text(&payload.view["state"]["values"]["reason"]["text"]["value"]);
        Some(Self {
            user: payload.user.id.clone(),
            choice: Choice::Reject,
            token: token.to_owned(),
            channel: Some(channel.to_owned()).filter(|channel| !channel.is_empty()),
            trigger: None,
            reason: reason.filter(|reason| !reason.trim().is_empty()),
            action_ts: text(&payload.view["id"]),
        })
    }
}
