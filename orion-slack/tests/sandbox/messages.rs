//! Posting, threads, edits, reactions and what goes with messages.

use std::time::Duration;

use serde_json::json;

use crate::support::{Team, texts};

#[tokio::test]
async fn a_message_is_posted_changed_and_deleted() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let ts = team.post(&ops, "one & <two>").await;
    let history = team.ok("conversations.history", &[("channel", &ops), ("limit", "1")]).await;
    assert_eq!(history["messages"][0]["text"], "one &amp; &lt;two&gt;");
    assert_eq!(history["messages"][0]["bot_profile"]["name"], "Orion");
    let changed = team.ok("chat.update", &[("channel", &ops), ("ts", &ts), ("text", "two")]).await;
    assert_eq!(changed["text"], "two");
    assert_eq!(changed["message"]["edited"]["user"], team.sandbox.bot_user_id());
    let link = team.ok("chat.getPermalink", &[("channel", &ops), ("message_ts", &ts)]).await;
    assert!(link["permalink"].as_str().unwrap().contains(&ts.replace('.', "")));
    team.ok("chat.delete", &[("channel", &ops), ("ts", &ts)]).await;
    team.refused("chat.delete", &[("channel", &ops), ("ts", &ts)], "message_not_found").await;
    team.refused("chat.update", &[("channel", &ops), ("ts", &ts), ("text", "x")], "message_not_found").await;
}

#[tokio::test]
async fn another_members_message_cannot_be_changed() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let ts = team.sandbox.say("ops", &team.sandbox.user_id(), "mine").unwrap();
    team.refused("chat.update", &[("channel", &ops), ("ts", &ts), ("text", "x")], "cant_update_message")
        .await;
    team.refused("chat.delete", &[("channel", &ops), ("ts", &ts)], "cant_delete_message").await;
}

#[tokio::test]
async fn a_message_that_cannot_be_posted_says_why() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let long = "x".repeat(12_001);
    for (fields, code) in [
        (vec![("channel", ops.as_str())], "no_text"),
        (vec![("channel", "C404"), ("text", "x")], "channel_not_found"),
        (vec![("channel", &ops), ("blocks", "[{")], "invalid_blocks_format"),
        (vec![("channel", &ops), ("blocks", r#"[{"type":"sparkle"}]"#)], "invalid_blocks"),
        (vec![("channel", &ops), ("markdown_text", &long)], "msg_too_long"),
        (vec![("channel", &ops), ("markdown_text", "a"), ("text", "b")], "markdown_text_conflict"),
        (vec![("channel", &ops), ("text", "x"), ("thread_ts", "1.000001")], "thread_not_found"),
        (
            vec![("channel", &ops), ("text", "x"), ("metadata", r#"{"event_type":1}"#)],
            "invalid_metadata_schema",
        ),
    ] {
        team.refused("chat.postMessage", &fields, code).await;
    }
    let answer = team
        .refused(
            "chat.postMessage",
            &[("channel", &ops), ("blocks", r#"[{"type":"header"}]"#)],
            "invalid_blocks",
        )
        .await;
    assert_eq!(answer["errors"], json!(["missing required field: text [json-pointer:/blocks/0]"]));
    assert_eq!(
        answer["response_metadata"]["messages"],
        json!(["[ERROR] missing required field: text [json-pointer:/blocks/0]"])
    );
    let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(2_900) } });
    let blocks = json!(vec![section; 5]).to_string();
    team.refused("chat.postMessage", &[("channel", &ops), ("blocks", &blocks)], "msg_blocks_too_long").await;
}

#[tokio::test]
async fn text_past_the_limit_is_cut_with_a_warning() {
    let team = Team::start().await;
    let (ops, long) = (team.channel("ops"), "x".repeat(40_010));
    let answer = team.ok("chat.postMessage", &[("channel", &ops), ("text", &long)]).await;
    assert_eq!(answer["warning"], "message_truncated");
    assert_eq!(answer["message"]["text"].as_str().map(str::len), Some(40_000));
}

#[tokio::test]
async fn a_thread_is_read_by_its_root() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let root = team.post(&ops, "root").await;
    for text in ["one", "two", "three"] {
        let fields = [("channel", ops.as_str()), ("thread_ts", &root), ("text", text)];
        team.ok("chat.postMessage", &fields).await;
    }
    let fields =
        [("channel", ops.as_str()), ("thread_ts", &root), ("text", "loud"), ("reply_broadcast", "true")];
    team.ok("chat.postMessage", &fields).await;
    let replies = team.ok("conversations.replies", &[("channel", &ops), ("ts", &root)]).await;
    assert_eq!(texts(&replies["messages"], "text"), ["root", "one", "two", "three", "loud"]);
    assert_eq!(replies["messages"][0]["reply_count"], 4);
    let history = team.ok("conversations.history", &[("channel", &ops), ("limit", "2")]).await;
    assert_eq!(texts(&history["messages"], "text"), ["loud", "root"]);
    let fields = [("channel", ops.as_str()), ("ts", root.as_str()), ("limit", "2")];
    let first = team.ok("conversations.replies", &fields).await;
    assert_eq!(first["has_more"], true);
    let cursor = first["response_metadata"]["next_cursor"].as_str().unwrap();
    let next = [("channel", ops.as_str()), ("ts", root.as_str()), ("limit", "9"), ("cursor", cursor)];
    let next = team.ok("conversations.replies", &next).await;
    assert_eq!(texts(&next["messages"], "text"), ["two", "three", "loud"]);
}

#[tokio::test]
async fn history_is_bounded_and_paged_from_the_newest() {
    let team = Team::start().await;
    let made = team.ok("conversations.create", &[("name", "story")]).await;
    let id = made["channel"]["id"].as_str().unwrap();
    let mut stamps = Vec::new();
    for number in 0..7 {
        stamps.push(team.post(id, &format!("m{number}")).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            team.ok("conversations.history", &[("channel", id), ("limit", "3"), ("cursor", &cursor)]).await;
        seen.extend(texts(&page["messages"], "text"));
        cursor = page["response_metadata"]["next_cursor"].as_str().unwrap_or_default().to_owned();
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen, ["m6", "m5", "m4", "m3", "m2", "m1", "m0"]);
    let between = [("channel", id), ("oldest", stamps[1].as_str()), ("latest", stamps[4].as_str())];
    let page = team.ok("conversations.history", &between).await;
    assert_eq!(texts(&page["messages"], "text"), ["m3", "m2"]);
    let whole: Vec<_> = between.into_iter().chain([("inclusive", "true")]).collect();
    let page = team.ok("conversations.history", &whole).await;
    assert_eq!(texts(&page["messages"], "text"), ["m4", "m3", "m2", "m1"]);
}

#[tokio::test]
async fn metadata_comes_back_where_it_is_asked_for() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let metadata = json!({ "event_type": "task", "event_payload": { "id": "11223", "deep": { "n": 1 } } });
    let body = json!({ "channel": ops, "text": "t", "metadata": metadata });
    let posted = team.json("chat.postMessage", &body).await.json();
    assert_eq!(posted["message"]["metadata"], metadata);
    let plain = team.ok("conversations.history", &[("channel", &ops), ("limit", "1")]).await;
    assert_eq!(plain["messages"][0]["metadata"], json!(null));
    let fields = [("channel", ops.as_str()), ("limit", "1"), ("include_all_metadata", "true")];
    let with = team.ok("conversations.history", &fields).await;
    assert_eq!(with["messages"][0]["metadata"], metadata);
}

#[tokio::test]
async fn an_ephemeral_message_is_shown_to_one_and_kept_by_none() {
    let team = Team::start().await;
    let (ops, user) = (team.channel("ops"), team.sandbox.user_id());
    let fields = [("channel", ops.as_str()), ("user", &user), ("text", "for you")];
    let answer = team.ok("chat.postEphemeral", &fields).await;
    assert!(answer["message_ts"].is_string());
    let history = team.ok("conversations.history", &[("channel", &ops), ("limit", "5")]).await;
    assert!(!texts(&history["messages"], "text").contains(&"for you".to_owned()));
    assert_eq!(team.sandbox.rows("ephemerals", None)[0]["to"], user.as_str());
    let outside = team.sandbox.rows("users", None)[0]["id"].as_str().unwrap().to_owned();
    let fields = [("channel", ops.as_str()), ("user", &outside), ("text", "x")];
    team.refused("chat.postEphemeral", &fields, "user_not_in_channel").await;
}

#[tokio::test]
async fn a_scheduled_message_waits_for_its_time() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let now = team.sandbox.now().timestamp();
    let [soon, late, past] = [now + 600, now + 121 * 86_400, now - 1].map(|at| at.to_string());
    let at = |at: &str| [("channel", ops.clone()), ("text", "later".to_owned()), ("post_at", at.to_owned())];
    let refused = async |when: &str, code: &str| {
        let fields = at(when);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        team.refused("chat.scheduleMessage", &fields, code).await;
    };
    refused(&late, "time_too_far").await;
    refused(&past, "time_in_past").await;
    let fields = at(&soon);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let kept = team.ok("chat.scheduleMessage", &fields).await;
    let dropped = team.ok("chat.scheduleMessage", &fields).await;
    let id = dropped["scheduled_message_id"].as_str().unwrap();
    team.ok("chat.deleteScheduledMessage", &[("channel", &ops), ("scheduled_message_id", id)]).await;
    let listed = team.ok("chat.scheduledMessages.list", &[("channel", &ops)]).await;
    assert_eq!(texts(&listed["scheduled_messages"], "id"), [kept["scheduled_message_id"].as_str().unwrap()]);
    team.sandbox.advance(Duration::from_secs(601));
    while !team.sandbox.rows("scheduled", None).is_empty() {
        tokio::task::yield_now().await;
    }
    let history = team.ok("conversations.history", &[("channel", &ops), ("limit", "1")]).await;
    assert_eq!(texts(&history["messages"], "text"), ["later"]);
}

#[tokio::test]
async fn reactions_and_pins_are_set_and_taken_back() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let ts = team.post(&ops, "nice").await;
    let reaction = [("channel", ops.as_str()), ("timestamp", &ts), ("name", "thumbsup")];
    team.ok("reactions.add", &reaction).await;
    team.refused("reactions.add", &reaction, "already_reacted").await;
    let got = team.ok("reactions.get", &[("channel", &ops), ("timestamp", &ts)]).await;
    assert_eq!(got["message"]["reactions"][0]["count"], 1);
    let listed = team.ok("reactions.list", &[]).await;
    assert_eq!(listed["items"][0]["message"]["ts"], ts.as_str());
    team.ok("reactions.remove", &reaction).await;
    team.refused("reactions.remove", &reaction, "no_reaction").await;
    let pin = [("channel", ops.as_str()), ("timestamp", ts.as_str())];
    team.ok("pins.add", &pin).await;
    team.refused("pins.add", &pin, "already_pinned").await;
    let pins = team.ok("pins.list", &[("channel", &ops)]).await;
    assert_eq!(pins["items"][0]["message"]["ts"], ts.as_str());
    team.ok("pins.remove", &pin).await;
    team.refused("pins.remove", &pin, "no_pin").await;
}

#[tokio::test]
async fn bookmarks_are_kept_by_channel() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let fields =
        [("channel_id", ops.as_str()), ("title", "Runbook"), ("type", "link"), ("link", "https://e.x/run")];
    let added = team.ok("bookmarks.add", &fields).await;
    let id = added["bookmark"]["id"].as_str().unwrap();
    team.ok("bookmarks.edit", &[("channel_id", &ops), ("bookmark_id", id), ("title", "Book")]).await;
    let listed = team.ok("bookmarks.list", &[("channel_id", &ops)]).await;
    assert_eq!(texts(&listed["bookmarks"], "title"), ["Book"]);
    team.ok("bookmarks.remove", &[("channel_id", &ops), ("bookmark_id", id)]).await;
    team.refused("bookmarks.remove", &[("channel_id", &ops), ("bookmark_id", id)], "not_found").await;
}
