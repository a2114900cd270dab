//! `chat.*`: messages now. Those of later are in `scheduled`.

mod content;
pub(super) mod scheduled;

use serde_json::json;

use super::super::limits::Tier;
use super::super::store::channel::{Channel, Kind};
use super::super::store::message::Message;
use super::super::store::messages::Edit;
use super::super::store::refusal::{Outcome, Refusal};
use super::super::store::ts::Ts;
use super::{Ask, Method};

pub(crate) use content::Content;

pub(super) const METHODS: [Method; 7] = [
    Method::new("chat.postMessage", Tier::Special(300), &["chat:write"], post),
    Method::new("chat.postEphemeral", Tier::Four, &["chat:write"], ephemeral),
    Method::new("chat.update", Tier::Three, &["chat:write"], update),
    Method::new("chat.delete", Tier::Three, &["chat:write"], delete),
    Method::new("chat.meMessage", Tier::Three, &["chat:write"], me_message),
    Method::new("chat.getPermalink", Tier::Special(600), &[], permalink).form(),
    Method::new("chat.unfurl", Tier::Three, &["links:write"], unfurl),
];

/// Where a post goes: a conversation by its id or its name, or a member's direct messages.
fn destination(ask: &mut Ask<'_>) -> Result<String, Refusal> {
    let named = ask.args.text("channel").ok_or("channel_not_found")?;
    let me = ask.me();
    if ask.store.user(&named).is_some() {
        return Ok(ask.store.open(&[named, me.clone()].into(), &me).0);
    }
    let bare = named.trim_start_matches('#');
    let by_name = || ask.store.channels.values().find(|one| one.name == bare && one.visible_to(&me));
    let found = ask.store.channels.get(&named).filter(|one| one.visible_to(&me)).or_else(by_name);
    let found = found.ok_or("channel_not_found")?;
    writable(ask, found, &me)?;
    Ok(found.id.clone())
}

fn writable(ask: &Ask<'_>, channel: &Channel, me: &str) -> Result<(), Refusal> {
    if channel.archived {
        return Err("is_archived".into());
    }
    let public = channel.kind == Kind::Public && ask.has_scope("chat:write.public");
    if channel.has(me) || public { Ok(()) } else { Err("not_in_channel".into()) }
}

impl Ask<'_> {
    /// A message of the caller with this content.
    pub(super) fn message(&self, content: Content) -> Message {
        let mut message = Message {
            user: self.me(),
            text: content.text.unwrap_or_default(),
            blocks: content.blocks,
            attachments: content.attachments,
            metadata: content.metadata,
            ..Message::default()
        };
        if !self.by_bot() {
            return message;
        }
        message.bot = Some(self.store.app.bot());
        if self.has_scope("chat:write.customize") {
            if let Some(name) = self.args.text("username") {
                message.subtype = Some("bot_message");
                message.more.insert("username".to_owned(), name.into());
            }
            let icons: serde_json::Map<_, _> = [("icon_emoji", "emoji"), ("icon_url", "image_48")]
                .iter()
                .filter_map(|(name, key)| Some(((*key).to_owned(), self.args.text(name)?.into())))
                .collect();
            if !icons.is_empty() {
                message.more.insert("icons".to_owned(), icons.into());
            }
        }
        message
    }
}

fn post(ask: &mut Ask<'_>) -> Outcome {
    let channel = destination(ask)?;
    let content = Content::of(ask)?;
    content.complete()?;
    let warning = content.warning;
    let mut message = ask.message(content);
    message.thread = ask.args.ts("thread_ts").map_err(|_| Refusal::from("invalid_thread_ts"))?;
    message.broadcast = message.thread.is_some() && ask.args.flag("reply_broadcast") == Some(true);
    let ts = ask.store.post(&channel, message)?;
    let shown = ask.store.channels.get(&channel).and_then(|found| found.messages.get(&ts));
    let shown = shown.map(|message| message.rendered(&ask.store.team.id));
    let mut answer = json!({ "channel": channel, "ts": ts.to_string(), "message": shown });
    if let Some(warning) = warning {
        answer["warning"] = warning.into();
        answer["response_metadata"] = json!({ "warnings": [warning] });
    }
    Ok(answer)
}

fn ephemeral(ask: &mut Ask<'_>) -> Outcome {
    let channel = destination(ask)?;
    let user = ask.user("user")?.id.clone();
    if !ask.store.channels.get(&channel).is_some_and(|found| found.has(&user)) {
        return Err("user_not_in_channel".into());
    }
    let content = Content::of(ask)?;
    content.complete()?;
    let message = Message { ts: ask.store.next_ts(), ..ask.message(content) };
    let mut shown = message.rendered(&ask.team());
    shown["channel"] = channel.into();
    shown["is_ephemeral"] = true.into();
    shown["to"] = user.into();
    ask.store.ephemerals.push(shown);
    Ok(json!({ "message_ts": message.ts.to_string() }))
}

/// The message that the call is about; the channel is named by its id only.
fn target(ask: &Ask<'_>) -> Result<(String, Ts), Refusal> {
    let id = ask.args.text("channel").ok_or("channel_not_found")?;
    let ts = ask.args.ts("ts").map_err(|_| "message_not_found")?.ok_or_else(|| Refusal::missing("ts"))?;
    let channel = ask.store.channel(&id, &ask.me())?;
    if !channel.messages.contains_key(&ts) {
        return Err("message_not_found".into());
    }
    Ok((id, ts))
}

/// Whether the caller wrote the message; an app may only change its own.
fn wrote(ask: &Ask<'_>, channel: &str, ts: Ts) -> bool {
    let message = ask.store.channels.get(channel).and_then(|found| found.messages.get(&ts));
    message.is_some_and(|message| {
        message.user == ask.me() && message.subtype.is_none_or(|kind| !kind.starts_with("channel_"))
    })
}

fn update(ask: &mut Ask<'_>) -> Outcome {
    let (channel, ts) = target(ask)?;
    if !wrote(ask, &channel, ts) {
        return Err("cant_update_message".into());
    }
    if ask.store.channels.get(&channel).is_some_and(|found| found.archived) {
        return Err("is_archived".into());
    }
    let content = Content::of(ask)?;
    if !ask.args.has("file_ids") {
        content.complete()?;
    }
    let files = ask.args.has("file_ids").then(|| ask.args.list("file_ids"));
    let base = ask.call.base.clone();
    let files = files.map(|ids| {
        let known = ids.iter().filter_map(|id| ask.store.files.get(id));
        known.map(|file| file.rendered(&ask.store.team.id, &base)).collect()
    });
    // New text without blocks takes the old blocks away, as a message without them is what was asked for (unverified).
    let blocks = content.blocks.or_else(|| content.text.is_some().then(|| json!([])));
    let edit = Edit {
        text: content.text,
        blocks,
        attachments: content.attachments,
        metadata: content.metadata,
        files,
        broadcast: ask.args.flag("reply_broadcast") == Some(true),
    };
    let me = ask.me();
    ask.store.edit(&channel, ts, &me, edit)?;
    let team = ask.team();
    let shown = ask.store.channels.get(&channel).and_then(|found| found.shown(ts, &team)).unwrap_or_default();
    Ok(json!({ "channel": channel, "ts": ts.to_string(), "text": shown["text"], "message": shown }))
}

fn delete(ask: &mut Ask<'_>) -> Outcome {
    let (channel, ts) = target(ask)?;
    if !wrote(ask, &channel, ts) {
        return Err("cant_delete_message".into());
    }
    ask.store.remove(&channel, ts)?;
    Ok(json!({ "channel": channel, "ts": ts.to_string() }))
}

fn me_message(ask: &mut Ask<'_>) -> Outcome {
    let channel = destination(ask)?;
    let text = ask.args.text("text").ok_or("no_text")?;
    let mut message = ask.message(Content { text: Some(text), ..Content::default() });
    message.subtype = Some("me_message");
    let ts = ask.store.post(&channel, message)?;
    Ok(json!({ "channel": channel, "ts": ts.to_string() }))
}

fn permalink(ask: &mut Ask<'_>) -> Outcome {
    let id = ask.args.text("channel").ok_or("channel_not_found")?;
    let ts = ask.args.ts("message_ts").map_err(|_| "message_not_found")?.ok_or("message_not_found")?;
    let channel = ask.store.channel(&id, &ask.me())?;
    let message = channel.messages.get(&ts).ok_or("message_not_found")?;
    Ok(json!({ "channel": id, "permalink": ask.store.permalink(&id, ts, message.thread) }))
}

fn unfurl(ask: &mut Ask<'_>) -> Outcome {
    let (channel, ts) = match target(ask) {
        Err(why) if why.code == "message_not_found" => return Err("cannot_find_message".into()),
        other => other?,
    };
    let unfurls = ask.args.structure("unfurls").map_err(|_| Refusal::from("cannot_parse_attachment"))?;
    let unfurls = unfurls.ok_or("missing_unfurls")?;
    let attachments: Vec<_> = unfurls
        .as_object()
        .into_iter()
        .flatten()
        .map(|(url, shown)| {
            let mut shown = shown.clone();
            shown["from_url"] = url.as_str().into();
            shown
        })
        .collect();
    let me = ask.me();
    let edit = Edit { attachments: Some(attachments.into()), ..Edit::default() };
    ask.store.edit(&channel, ts, &me, edit)?;
    Ok(json!({}))
}
