//! Channels, members and paging.

use serde_json::{Value, json};

use crate::support::{Team, texts};

async fn all(team: &Team, method: &str, list: &str, fields: &[(&str, &str)]) -> (Vec<Value>, usize) {
    let (mut rows, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("cursor", cursor.as_str())]).collect();
        let page = team.ok(method, &fields).await;
        rows.extend(page[list].as_array().unwrap().clone());
        pages += 1;
        cursor = page["response_metadata"]["next_cursor"].as_str().unwrap_or_default().to_owned();
        if cursor.is_empty() {
            return (rows, pages);
        }
    }
}

#[tokio::test]
async fn a_list_is_complete_though_its_pages_are_short() {
    let team = Team::with(|builder| builder.records(250).limits(false)).await;
    let (users, pages) = all(&team, "users.list", "members", &[("limit", "50")]).await;
    let mut ids = texts(&json!(users), "id");
    assert!(pages > 5, "{pages} pages");
    assert_eq!(ids.len(), 250);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 250);
    let (channels, _) = all(&team, "conversations.list", "channels", &[("limit", "4")]).await;
    let names = texts(&json!(channels), "name");
    assert!(names.contains(&"general".to_owned()) && names.contains(&"old-launch".to_owned()));
    let only_open = [("limit", "4"), ("exclude_archived", "true")];
    let (open, _) = all(&team, "conversations.list", "channels", &only_open).await;
    assert_eq!(open.len(), channels.len() - 1);
}

#[tokio::test]
async fn a_cursor_of_another_list_or_none_is_refused() {
    let team = Team::start().await;
    team.refused("users.list", &[("limit", "5"), ("cursor", "bm9uZQ==")], "invalid_cursor").await;
    for limit in ["-1", "1001", "many"] {
        team.refused("users.list", &[("limit", limit)], "invalid_limit").await;
    }
}

#[tokio::test]
async fn the_bot_sees_public_channels_and_its_own_private_ones() {
    let team = Team::start().await;
    let types = [("types", "public_channel,private_channel"), ("limit", "200")];
    let (channels, _) = all(&team, "conversations.list", "channels", &types).await;
    let named = |name: &str| channels.iter().find(|channel| channel["name"] == name);
    assert_eq!(named("general").unwrap()["is_member"], true);
    assert_eq!(named("sales").unwrap()["is_member"], false);
    assert_eq!(named("deploys").unwrap()["is_private"], true);
    assert!(named("leadership").is_none());
    let hidden = team.channel("leadership");
    team.refused("conversations.info", &[("channel", &hidden)], "channel_not_found").await;
    team.refused("conversations.list", &[("types", "public,private")], "invalid_types").await;
}

#[tokio::test]
async fn a_channel_is_made_filled_named_and_archived() {
    let team = Team::start().await;
    let made = team.ok("conversations.create", &[("name", "launch-2")]).await;
    let id = made["channel"]["id"].as_str().unwrap().to_owned();
    assert_eq!(made["channel"]["is_member"], true);
    team.refused("conversations.create", &[("name", "launch-2")], "name_taken").await;
    let user = team.sandbox.user_id();
    team.ok("conversations.invite", &[("channel", &id), ("users", &user)]).await;
    team.refused("conversations.invite", &[("channel", &id), ("users", &user)], "already_in_channel").await;
    let members = team.ok("conversations.members", &[("channel", &id)]).await;
    assert_eq!(members["members"].as_array().unwrap().len(), 2);
    team.ok("conversations.setTopic", &[("channel", &id), ("topic", "Soon")]).await;
    team.ok("conversations.setPurpose", &[("channel", &id), ("purpose", "To plan")]).await;
    let info = team.ok("conversations.info", &[("channel", &id), ("include_num_members", "true")]).await;
    assert_eq!(info["channel"]["topic"]["value"], "Soon");
    assert_eq!(info["channel"]["num_members"], 2);
    let history = team.ok("conversations.history", &[("channel", &id)]).await;
    assert_eq!(texts(&history["messages"], "subtype"), ["channel_purpose", "channel_topic", "channel_join"]);
    team.ok("conversations.archive", &[("channel", &id)]).await;
    team.refused("chat.postMessage", &[("channel", &id), ("text", "late")], "is_archived").await;
}

#[tokio::test]
async fn the_bot_joins_public_channels_and_writes_in_its_own_only() {
    let team = Team::start().await;
    let sales = team.channel("sales");
    team.refused("chat.postMessage", &[("channel", &sales), ("text", "hi")], "not_in_channel").await;
    team.refused("conversations.history", &[("channel", &sales)], "not_in_channel").await;
    team.ok("conversations.join", &[("channel", &sales)]).await;
    assert_eq!(team.ok("conversations.join", &[("channel", &sales)]).await["warning"], "already_in_channel");
    team.post(&sales, "hi").await;
    team.ok("conversations.leave", &[("channel", &sales)]).await;
    let general = team.channel("general");
    team.refused("conversations.leave", &[("channel", &general)], "cant_leave_general").await;
}

#[tokio::test]
async fn a_direct_conversation_is_opened_once() {
    let team = Team::start().await;
    let user = team.sandbox.rows("users", None)[2]["id"].as_str().unwrap().to_owned();
    let one = team.ok("conversations.open", &[("users", &user), ("return_im", "true")]).await;
    let two = team.ok("conversations.open", &[("users", &user)]).await;
    assert_eq!(one["channel"]["id"], two["channel"]["id"]);
    assert_eq!(one["channel"]["is_im"], true);
    assert_eq!(two["already_open"], true);
    let posted = team.ok("chat.postMessage", &[("channel", &user), ("text", "psst")]).await;
    assert_eq!(posted["channel"], one["channel"]["id"]);
}

#[tokio::test]
async fn members_are_found_by_their_address() {
    let team = Team::start().await;
    let found = team.ok("users.lookupByEmail", &[("email", "Ada@meridian-works.example")]).await;
    assert_eq!(found["user"]["id"], team.sandbox.user_id());
    assert_eq!(found["user"]["profile"]["email"], "ada@meridian-works.example");
    team.refused("users.lookupByEmail", &[("email", "nobody@x.example")], "users_not_found").await;
    team.refused("users.info", &[("user", "U404")], "user_not_found").await;
    let blind = Team::with(|builder| builder.limits(false).bot_scopes(["users:read"])).await;
    let user = blind.sandbox.user_id();
    let shown = blind.ok("users.info", &[("user", &user)]).await;
    assert_eq!(shown["user"]["profile"]["email"], json!(null));
    blind.refused("users.lookupByEmail", &[("email", "ada@meridian-works.example")], "missing_scope").await;
}

#[tokio::test]
async fn the_workspace_has_those_who_left_guests_and_bots() {
    let team = Team::with(|builder| builder.records(400).limits(false)).await;
    let users = team.sandbox.rows("users", None);
    for field in ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_owner"] {
        assert!(users.iter().any(|user| user[field] == true), "{field}");
    }
    let groups = team.ok("usergroups.list", &[("include_users", "true")]).await;
    assert_eq!(texts(&groups["usergroups"], "handle"), ["oncall", "approvers", "finance-team"]);
}
