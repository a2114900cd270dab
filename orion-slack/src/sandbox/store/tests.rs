//! The workspace's rules, without HTTP.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Store;
use super::channel::Kind;
use super::message::Message;
use super::messages::Edit;

fn store() -> Store {
    let now: DateTime<Utc> = "2026-05-04T10:00:00Z".parse().unwrap();
    Store::seeded(60, 1, now)
}

fn channel(store: &Store, name: &str) -> String {
    store.channels.values().find(|channel| channel.name == name).unwrap().id.clone()
}

fn said(store: &Store, text: &str) -> Message {
    Message { user: store.app.installer.clone(), text: text.to_owned(), ..Message::default() }
}

#[test]
fn a_seed_makes_the_same_workspace_again() {
    let (one, two) = (store(), store());
    let ids = |store: &Store| store.users().iter().map(|user| user.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&one), ids(&two));
    assert_eq!(one.users().len(), 60);
    let general = channel(&one, "general");
    assert_eq!(one.channels[&general].messages.len(), two.channels[&general].messages.len());
    assert!(one.channels[&general].messages.len() >= 40);
}

#[test]
fn a_thread_shows_in_its_root_and_leaves_a_tombstone() {
    let mut store = store();
    let ops = channel(&store, "ops");
    let root = store.post(&ops, said(&store, "root")).unwrap();
    let reply = store.post(&ops, Message { thread: Some(root), ..said(&store, "reply") }).unwrap();
    let nested = store.post(&ops, Message { thread: Some(reply), ..said(&store, "nested") }).unwrap();
    let shown = store.channels[&ops].shown(root, "T").unwrap();
    assert_eq!(shown["reply_count"], 2);
    assert_eq!(shown["latest_reply"], nested.to_string());
    assert_eq!(store.channels[&ops].messages[&nested].thread, Some(root));
    store.remove(&ops, root).unwrap();
    assert_eq!(store.channels[&ops].messages[&root].subtype, Some("tombstone"));
    store.remove(&ops, reply).unwrap();
    assert_eq!(store.channels[&ops].threads[&root], [nested]);
}

#[test]
fn an_edit_is_marked_and_told_with_what_was_before() {
    let mut store = store();
    let ops = channel(&store, "ops");
    let ts = store.post(&ops, said(&store, "one")).unwrap();
    store.events.clear();
    let edit = Edit { text: Some("two".to_owned()), ..Edit::default() };
    store.edit(&ops, ts, "U1", edit).unwrap();
    let event = &store.events[0];
    assert_eq!(event.name, "message.channels");
    assert_eq!(event.body["subtype"], "message_changed");
    assert_eq!(event.body["previous_message"]["text"], "one");
    assert_eq!(event.body["message"]["edited"]["user"], "U1");
}

#[test]
fn a_message_that_names_the_bot_is_told_as_a_mention_too() {
    let mut store = store();
    let ops = channel(&store, "ops");
    let text = format!("<@{}> hello", store.app.bot_user);
    store.post(&ops, said(&store, &text)).unwrap();
    let names: Vec<&str> = store.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["app_mention", "message.channels"]);
    assert_eq!(
        (&store.events[0].body["type"], &store.events[1].body["type"]),
        (&json!("app_mention"), &json!("message"))
    );
}

#[test]
fn a_reaction_is_set_once_by_each_member() {
    let mut store = store();
    let ops = channel(&store, "ops");
    let ts = store.post(&ops, said(&store, "one")).unwrap();
    store.react(&ops, ts, "tada", "U1").unwrap();
    assert_eq!(store.react(&ops, ts, "tada", "U1"), Err("already_reacted".into()));
    assert_eq!(store.react(&ops, ts, "Not A Name", "U1"), Err("invalid_name".into()));
    store.react(&ops, ts, "tada", "U2").unwrap();
    store.unreact(&ops, ts, "tada", "U1").unwrap();
    assert_eq!(store.unreact(&ops, ts, "tada", "U1"), Err("no_reaction".into()));
    assert_eq!(store.channels[&ops].messages[&ts].reactions[0].users, ["U2"]);
}

#[test]
fn a_direct_conversation_is_made_once() {
    let mut store = store();
    let members = BTreeSet::from(["U1".to_owned(), "U2".to_owned()]);
    let (id, known) = store.open(&members, "U1");
    assert!(!known);
    assert_eq!(store.open(&members, "U2"), (id, true));
}

#[test]
fn a_channel_name_follows_the_vendors_rules() {
    let mut store = store();
    for (name, code) in [
        ("", "invalid_name_required"),
        ("Big", "invalid_name_specials"),
        ("a b", "invalid_name_specials"),
        ("--", "invalid_name_punctuation"),
        ("general", "name_taken"),
    ] {
        assert_eq!(store.create(name, Kind::Public, "U1"), Err(code.into()), "{name}");
    }
    let id = store.create("café-1", Kind::Public, "U1").unwrap();
    assert!(store.channels[&id].has("U1"));
}

#[test]
fn a_trigger_opens_one_view_within_three_seconds() {
    let mut store = store();
    let view = json!({ "type": "modal", "title": { "type": "plain_text", "text": "T" }, "blocks": [] });
    let trigger = store.trigger("U1", None);
    let opened = store.open_view(&trigger, &view).unwrap();
    assert_eq!(store.open_view(&trigger, &view), Err("exchanged_trigger_id".into()));
    let late = store.trigger("U1", None);
    store.now += TimeDelta::seconds(4);
    assert_eq!(store.open_view(&late, &view), Err("expired_trigger_id".into()));
    let id = opened["id"].as_str().unwrap().to_owned();
    assert_eq!(store.update_view(&id, &view, Some("other")), Err("hash_conflict".into()));
    let hash = opened["hash"].as_str().unwrap().to_owned();
    assert_eq!(store.update_view(&id, &view, Some(&hash)).unwrap()["id"], id.as_str());
}

#[test]
fn views_stack_three_high() {
    let mut store = store();
    let view = json!({ "type": "modal", "blocks": [] });
    let trigger = store.trigger("U1", None);
    let mut top = store.open_view(&trigger, &view).unwrap()["id"].as_str().unwrap().to_owned();
    let root = top.clone();
    for _ in 0..2 {
        let trigger = store.trigger("U1", Some(&top));
        let pushed = store.push_view(&trigger, &view).unwrap();
        assert_eq!(pushed["root_view_id"], root.as_str());
        assert_eq!(pushed["previous_view_id"], top.as_str());
        top = pushed["id"].as_str().unwrap().to_owned();
    }
    let trigger = store.trigger("U1", Some(&top));
    assert_eq!(store.push_view(&trigger, &view), Err("push_limit_reached".into()));
    assert_eq!(store.close_view(&top, true).len(), 3);
}
