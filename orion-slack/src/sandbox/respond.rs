//! `response_url`: five answers within thirty minutes.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use orion_core::sandbox::{Call, Reply};
use serde_json::{Map, Value, json};

use super::blocks;
use super::state::World;
use super::store::Store;
use super::store::message::Message;
use super::store::messages::Edit;
use super::store::refusal::Refusal;
use super::store::ts::Ts;

const USES: u8 = 5;
const LIVES: TimeDelta = TimeDelta::minutes(30);

/// What an address answers to.
#[derive(Debug, Clone)]
pub(crate) struct ResponseUrl {
    pub(crate) channel: String,
    pub(crate) user: String,
    /// The message that was acted on.
    pub(crate) original: Option<Ts>,
    uses: u8,
    expires: DateTime<Utc>,
}

impl ResponseUrl {
    /// The one answer that comes with the reply itself.
    pub(crate) fn once(channel: &str, user: &str) -> Self {
        let (channel, user) = (channel.to_owned(), user.to_owned());
        Self { channel, user, original: None, uses: 0, expires: DateTime::<Utc>::MAX_UTC }
    }
}

impl World {
    /// A new address; `area` is `actions` or `commands`.
    pub(crate) fn response_url(
        self: &Arc<Self>,
        area: &str,
        channel: &str,
        user: &str,
        original: Option<Ts>,
    ) -> String {
        let (team, number, secret) =
            self.quietly(|store| (store.team.id.clone(), store.ids.digits(13), store.ids.secret(24)));
        let expires = self.now() + LIVES;
        let kept =
            ResponseUrl { channel: channel.to_owned(), user: user.to_owned(), original, uses: 0, expires };
        self.responses().insert(secret.clone(), kept);
        format!("{}/{area}/{team}/{number}/{secret}", self.base())
    }

    /// Counts a use; refuses one too many or too late.
    fn use_response_url(&self, secret: &str) -> Result<ResponseUrl, Refusal> {
        let now = self.now();
        let mut responses = self.responses();
        let kept = responses.get_mut(secret).ok_or("invalid_url")?;
        if kept.expires <= now {
            return Err("expired_url".into());
        }
        if kept.uses >= USES {
            return Err("used_url".into());
        }
        kept.uses += 1;
        Ok(kept.clone())
    }
}

/// `POST /actions/…` and `POST /commands/…`.
pub(crate) fn serve(world: &Arc<World>, call: &Call, secret: &str) -> Reply {
    let refused = |status, why: &Refusal| Reply::json(status, &json!({ "ok": false, "error": why.code }));
    let to = match world.use_response_url(secret) {
        Ok(to) => to,
        Err(why) => return refused(StatusCode::NOT_FOUND, &why),
    };
    let Some(body) = payload(call) else {
        return Reply::new(StatusCode::BAD_REQUEST, "text/plain", "invalid_payload");
    };
    match world.change(|store| answer(store, &to, &body)) {
        Ok(()) => Reply::new(StatusCode::OK, "text/html", "ok"),
        Err(why) => refused(StatusCode::BAD_REQUEST, &why),
    }
}

fn payload(call: &Call) -> Option<Value> {
    let body: Value = if call.media_type() == "application/x-www-form-urlencoded" {
        let form = call.form();
        let (_, payload) = form.iter().find(|(name, _)| name == "payload")?;
        serde_json::from_str(payload).ok()?
    } else {
        serde_json::from_slice(&call.body).ok()?
    };
    body.is_object().then_some(body)
}

/// Carries an answer out: a new message, a change of the original, or its end.
pub(crate) fn answer(store: &mut Store, to: &ResponseUrl, body: &Value) -> Result<(), Refusal> {
    let flag = |name: &str| body[name] == true || body[name] == "true";
    let original = to
        .original
        .filter(|ts| store.channels.get(&to.channel).is_some_and(|found| found.messages.contains_key(ts)));
    if flag("delete_original") {
        return store.remove(&to.channel, original.ok_or("message_not_found")?);
    }
    let mut blocks = body.get("blocks").filter(|blocks| !blocks.is_null()).cloned();
    if let Some(given) = &mut blocks {
        blocks::check_message(given)?;
        *given = blocks::identified(given.take(), &mut store.ids);
    }
    let attachments = body.get("attachments").filter(|attachments| !attachments.is_null()).cloned();
    let text = body["text"].as_str().map(str::to_owned);
    if text.is_none() && blocks.is_none() && attachments.is_none() {
        return Err("no_text".into());
    }
    if let Some(ts) = original.filter(|_| flag("replace_original")) {
        let by = store.app.bot_user.clone();
        let blocks = Some(blocks.unwrap_or_else(|| json!([])));
        return store.edit(&to.channel, ts, &by, Edit { text, blocks, attachments, ..Edit::default() });
    }
    let message = Message {
        user: store.app.bot_user.clone(),
        bot: Some(store.app.bot()),
        text: text.unwrap_or_default(),
        blocks,
        attachments,
        thread: body["thread_ts"].as_str().and_then(|ts| ts.parse().ok()),
        more: Map::new(),
        ..Message::default()
    };
    if body["response_type"] == "in_channel" {
        return store.post(&to.channel, message).map(drop);
    }
    let message = Message { ts: store.next_ts(), ..message };
    let mut shown = message.rendered(&store.team.id);
    shown["channel"] = to.channel.as_str().into();
    shown["to"] = to.user.as_str().into();
    shown["is_ephemeral"] = true.into();
    store.ephemerals.push(shown);
    Ok(())
}
