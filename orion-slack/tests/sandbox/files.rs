//! Uploads, shares and downloads.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Team, send};

async fn announced(team: &Team, name: &str, length: usize) -> (String, String) {
    let answer =
        team.ok("files.getUploadURLExternal", &[("filename", name), ("length", &length.to_string())]).await;
    let url = answer["upload_url"].as_str().unwrap();
    (
        url.strip_prefix(team.sandbox.base_url()).unwrap().to_owned(),
        answer["file_id"].as_str().unwrap().to_owned(),
    )
}

async fn shared(team: &Team, id: &str) -> Value {
    loop {
        let file = team.ok("files.info", &[("file", id)]).await["file"].clone();
        if file["shares"] != json!({}) {
            return file;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_file_is_announced_sent_completed_shared_and_read() {
    let team = Team::start().await;
    let (ops, content) = (team.channel("ops"), "a,b\n1,2\n");
    let (path, id) = announced(&team, "table.csv", content.len()).await;
    let sent = send(team.plain(Method::POST, &path).body(content)).await;
    assert_eq!((sent.status, sent.text.as_str()), (200, "OK - 8"));
    let body =
        json!({ "files": [{ "id": id, "title": "Table" }], "channel_id": ops, "initial_comment": "look" });
    let done = team.json("files.completeUploadExternal", &body).await.json();
    assert_eq!(done["files"][0]["shares"], json!({}), "the share comes later");
    let file = shared(&team, &id).await;
    assert_eq!((&file["filetype"], &file["title"]), (&json!("csv"), &json!("Table")));
    let ts = file["shares"]["public"][&ops][0]["ts"].as_str().unwrap();
    let message = team.ok("conversations.replies", &[("channel", &ops), ("ts", ts)]).await;
    assert_eq!(
        (&message["messages"][0]["text"], &message["messages"][0]["files"][0]["id"]),
        (&json!("look"), &json!(id))
    );
    let place =
        file["url_private"].as_str().unwrap().strip_prefix(team.sandbox.base_url()).unwrap().to_owned();
    let read = send(team.plain(Method::GET, &place).bearer_auth(&team.token)).await;
    assert_eq!((read.status, read.text.as_str()), (200, content));
    assert_eq!(send(team.plain(Method::GET, &place)).await.status, 302, "the login page");
    team.ok("files.delete", &[("file", &id)]).await;
    team.refused("files.info", &[("file", &id)], "file_not_found").await;
}

#[tokio::test]
async fn a_file_comes_as_a_part_of_a_form_too() {
    let team = Team::start().await;
    let (path, id) = announced(&team, "n.txt", 5).await;
    let body =
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"n.txt\"\r\n\r\nhello\r\n--x--\r\n";
    let request = team.plain(Method::POST, &path).header("content-type", "multipart/form-data; boundary=x");
    assert_eq!(send(request.body(body)).await.status, 200);
    let files = json!([{ "id": id }]).to_string();
    team.ok("files.completeUploadExternal", &[("files", &files)]).await;
    assert_eq!(team.ok("files.info", &[("file", &id)]).await["file"]["shares"], json!({}));
}

#[tokio::test]
async fn an_upload_that_breaks_the_rules_is_refused() {
    let team = Team::start().await;
    team.refused("files.getUploadURLExternal", &[("filename", "x")], "invalid_arguments").await;
    let big = (2 * 1024 * 1024).to_string();
    let snippet = [("filename", "x"), ("length", big.as_str()), ("snippet_type", "python")];
    team.refused("files.getUploadURLExternal", &snippet, "snippet_too_large").await;
    let (path, id) = announced(&team, "x.txt", 3).await;
    assert_eq!(send(team.plain(Method::POST, &path).body("four")).await.status, 400);
    let files = json!([{ "id": id }]).to_string();
    team.refused("files.completeUploadExternal", &[("files", &files)], "file_not_found").await;
    send(team.plain(Method::POST, &path).body("abc")).await;
    let fields = [("files", files.as_str()), ("channel_id", &team.channel("sales"))];
    team.refused("files.completeUploadExternal", &fields, "posting_to_channel_denied").await;
}
