//! `files.*`, and the addresses that bytes go to and come from.

use std::sync::Arc;

use chrono::TimeDelta;
use http::StatusCode;
use orion_core::sandbox::{Call, Reply};
use serde_json::{Value, json};

use super::super::blocks;
use super::super::limits::Tier;
use super::super::multipart;
use super::super::state::World;
use super::super::store::Store;
use super::super::store::channel::Kind;
use super::super::store::file::{File, Share};
use super::super::store::message::Message;
use super::super::store::refusal::{Outcome, Refusal};
use super::super::store::ts::Ts;
use super::{Ask, Method, bearer};

/// 1 GB, 1 MB and 1,000 characters (Slack docs, files.getUploadURLExternal).
const LARGEST: i64 = 1024 * 1024 * 1024;
const LARGEST_SNIPPET: i64 = 1024 * 1024;
const LONGEST_ALT: usize = 1_000;
const MOST_CHANNELS: usize = 100;

pub(super) const METHODS: [Method; 5] = [
    Method::new("files.getUploadURLExternal", Tier::Four, &["files:write"], announce).form(),
    Method::new("files.completeUploadExternal", Tier::Four, &["files:write"], complete),
    Method::new("files.info", Tier::Four, &["files:read"], info).form(),
    Method::new("files.list", Tier::Three, &["files:read"], list).form(),
    Method::new("files.delete", Tier::Three, &["files:write"], delete),
];

fn announce(ask: &mut Ask<'_>) -> Outcome {
    let name = ask.args.required("filename")?;
    let length = ask.args.number("length")?.ok_or_else(|| Refusal::missing("length"))?;
    let snippet_type = ask.args.text("snippet_type");
    if length <= 0 {
        return Err(Refusal::argument("length", "must be greater than 0"));
    }
    if length > LARGEST {
        return Err("file_upload_size_restricted".into());
    }
    if snippet_type.is_some() && length > LARGEST_SNIPPET {
        return Err("snippet_too_large".into());
    }
    let alt_text = ask.args.text("alt_txt");
    if alt_text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_ALT) {
        return Err("alt_txt_too_large".into());
    }
    let (id, upload) = (ask.store.ids.id("F"), ask.store.ids.secret(60));
    let url = format!("{}/upload/v1/{upload}", ask.call.base);
    let file = File {
        id: id.clone(),
        title: name.clone(),
        name,
        user: ask.me(),
        created: ask.store.seconds(),
        length: usize::try_from(length).unwrap_or_default(),
        upload,
        alt_text,
        snippet_type,
        ..File::default()
    };
    ask.store.files.insert(id.clone(), file);
    Ok(json!({ "upload_url": url, "file_id": id }))
}

/// `POST /upload/v1/<secret>`: the bytes as the body, or as the file of a form.
pub(crate) fn upload(world: &Arc<World>, call: &Call, secret: &str) -> Reply {
    let plain = |status, text: String| Reply::new(status, "text/plain", text);
    let body = if call.media_type() == "multipart/form-data" {
        let parts = multipart::parse(call).unwrap_or_default();
        parts.into_iter().find(|part| part.filename.is_some()).map(|part| part.body)
    } else {
        Some(call.body.clone())
    };
    let Some(body) = body else { return plain(StatusCode::BAD_REQUEST, "no file in the form".to_owned()) };
    world.change(|store| {
        let Some(file) = store.files.values_mut().find(|file| file.upload == secret && file.bytes.is_none())
        else {
            return plain(StatusCode::NOT_FOUND, "upload not found".to_owned());
        };
        if body.len() != file.length {
            let text = format!("expected {} bytes, got {}", file.length, body.len());
            return plain(StatusCode::BAD_REQUEST, text);
        }
        file.bytes = Some(body.clone());
        plain(StatusCode::OK, format!("OK - {}", body.len()))
    })
}

/// `GET /files-pri/<team>-<file>/…`: the bytes for a token, the login page without one.
pub(crate) fn download(world: &Arc<World>, call: &Call, place: &str) -> Reply {
    let token = bearer(call);
    let access = token.and_then(|token| world.tokens().check(&token, world.now()).ok());
    if access.is_none_or(|access| !access.has_scope("files:read")) {
        return Reply::empty(StatusCode::FOUND)
            .with("location", &format!("{}/?redir=%2Ffiles-pri", call.base));
    }
    let id = place.split_once('-').map_or("", |(_, id)| id);
    world.read(|store| match store.files.get(id).and_then(|file| Some((file, file.bytes.clone()?))) {
        Some((file, bytes)) => {
            let disposition = format!("attachment; filename=\"{}\"", file.name.replace('"', ""));
            Reply::new(StatusCode::OK, file.media_type(), bytes).with("content-disposition", &disposition)
        }
        None => Reply::new(StatusCode::NOT_FOUND, "text/html", "<html><body>file not found</body></html>"),
    })
}

/// What completes an upload, once read and checked.
struct Sharing {
    files: Vec<String>,
    channels: Vec<String>,
    thread: Option<Ts>,
    message: Message,
}

fn complete(ask: &mut Ask<'_>) -> Outcome {
    let sharing = sharing(ask)?;
    let (team, base) = (ask.team(), ask.call.base.clone());
    let shown: Vec<Value> = sharing
        .files
        .iter()
        .filter_map(|id| ask.store.files.get(id))
        .map(|file| file.rendered(&team, &base))
        .collect();
    let due = ask.store.now + TimeDelta::from_std(ask.world.settings.share_delay).unwrap_or_default();
    if sharing.channels.is_empty() {
        return Ok(json!({ "files": shown }));
    }
    // The share comes after the answer (Slack docs, working with files).
    let world = Arc::clone(ask.world);
    ask.world.common.spawn(async move {
        world.common.reached(due).await;
        world.change(|store| share(store, sharing, &base));
    });
    Ok(json!({ "files": shown }))
}

fn sharing(ask: &mut Ask<'_>) -> Result<Sharing, Refusal> {
    let given = ask.args.structure("files").map_err(|_| Refusal::argument("files", "must be valid JSON"))?;
    let given = given.and_then(|given| given.as_array().cloned()).filter(|files| !files.is_empty());
    let given = given.ok_or_else(|| Refusal::missing("files"))?;
    let me = ask.me();
    let mut channels = ask.args.list("channels");
    channels.extend(ask.args.text("channel_id"));
    if channels.len() > MOST_CHANNELS {
        return Err("channels_limit_exceeded".into());
    }
    for id in &mut channels {
        if ask.store.user(id).is_some() {
            *id = ask.store.open(&[id.clone(), me.clone()].into(), &me).0;
        }
        let channel = ask.store.channel(id, &me)?;
        if !channel.has(&me) || channel.archived {
            return Err("posting_to_channel_denied".into());
        }
    }
    let thread = ask.args.ts("thread_ts").map_err(|_| "invalid_thread_ts")?.filter(|_| channels.len() == 1);
    let blocks = ask.args.structure("blocks").map_err(|_| Refusal::from("invalid_blocks_format"))?;
    if let Some(blocks) = &blocks {
        blocks::check_message(blocks)?;
    }
    let message = Message {
        user: me,
        text: ask.args.text("initial_comment").unwrap_or_default(),
        blocks,
        bot: ask.by_bot().then(|| ask.store.app.bot()),
        ..Message::default()
    };
    let mut files = Vec::new();
    for one in &given {
        let id = one["id"].as_str().unwrap_or_default();
        let file = ask.store.files.get_mut(id).filter(|file| file.bytes.is_some()).ok_or("file_not_found")?;
        file.complete = true;
        if let Some(title) = one["title"].as_str() {
            title.clone_into(&mut file.title);
        }
        files.push(id.to_owned());
    }
    Ok(Sharing { files, channels, thread, message })
}

/// Posts the message that shows the files, in each channel.
fn share(store: &mut Store, sharing: Sharing, base: &str) {
    let team = store.team.id.clone();
    for channel in sharing.channels {
        let public = store.channels.get(&channel).is_some_and(|found| found.kind == Kind::Public);
        let mut message = sharing.message.clone();
        (message.thread, message.subtype) = (sharing.thread, Some("file_share"));
        message.more.insert("upload".to_owned(), true.into());
        message.files = rendered(store, &sharing.files, &team, base);
        let Ok(ts) = store.post(&channel, message) else { continue };
        for id in &sharing.files {
            let share = Share { channel: channel.clone(), public, ts, thread: sharing.thread };
            if let Some(file) = store.files.get_mut(id) {
                file.shares.push(share);
            }
            let user = sharing.message.user.clone();
            store.tell_in(
                &channel,
                "file_shared",
                json!({ "channel_id": channel, "file_id": id, "user_id": user, "file": { "id": id } }),
            );
        }
        let shown = rendered(store, &sharing.files, &team, base);
        if let Some(message) = store.channels.get_mut(&channel).and_then(|found| found.messages.get_mut(&ts))
        {
            message.files = shown;
        }
    }
}

fn rendered(store: &Store, files: &[String], team: &str, base: &str) -> Vec<Value> {
    files.iter().filter_map(|id| store.files.get(id)).map(|file| file.rendered(team, base)).collect()
}

/// A file that the caller can see: its own, or one shared where it is a member.
fn visible(ask: &Ask<'_>, file: &File) -> bool {
    let me = ask.me();
    let shared =
        |share: &Share| ask.store.channels.get(&share.channel).is_some_and(|channel| channel.visible_to(&me));
    file.complete && (file.user == me || file.shares.iter().any(shared))
}

fn named<'a>(ask: &'a Ask<'_>) -> Result<&'a File, Refusal> {
    let id = ask.args.required("file")?;
    let file = ask.store.files.get(&id).ok_or("file_not_found")?;
    if visible(ask, file) { Ok(file) } else { Err("file_not_found".into()) }
}

fn info(ask: &mut Ask<'_>) -> Outcome {
    let shown = named(ask)?.rendered(&ask.team(), &ask.call.base);
    Ok(json!({ "file": shown, "comments": [], "response_metadata": { "next_cursor": "" } }))
}

fn list(ask: &mut Ask<'_>) -> Outcome {
    let number = |name, unless_set| Ok::<_, Refusal>(ask.args.number(name)?.unwrap_or(unless_set));
    let (count, page) = (number("count", 100)?.clamp(1, 1_000), number("page", 1)?.max(1));
    let (from, to) = (number("ts_from", 0)?, number("ts_to", i64::MAX)?);
    let [channel, user] = ["channel", "user"].map(|name| ask.args.text(name));
    let chosen: Vec<&File> = ask
        .store
        .files
        .values()
        .filter(|file| visible(ask, file) && (from..=to).contains(&file.created))
        .filter(|file| user.as_ref().is_none_or(|user| file.user == *user))
        .filter(|file| channel.as_ref().is_none_or(|id| file.shares.iter().any(|share| share.channel == *id)))
        .collect();
    let total = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from((page - 1) * count).unwrap_or(usize::MAX);
    let shown: Vec<Value> = chosen
        .into_iter()
        .skip(skip)
        .take(usize::try_from(count).unwrap_or_default())
        .map(|file| file.rendered(&ask.team(), &ask.call.base))
        .collect();
    let pages = (total + count - 1) / count;
    Ok(json!({ "files": shown, "paging": { "count": count, "total": total, "page": page, "pages": pages } }))
}

fn delete(ask: &mut Ask<'_>) -> Outcome {
    let (id, mine) = named(ask).map(|file| (file.id.clone(), file.user == ask.me()))?;
    if !mine {
        return Err("cant_delete_file".into());
    }
    ask.store.files.remove(&id);
    ask.store.tell("file_deleted", json!({ "file_id": id }));
    Ok(json!({}))
}
