use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderName, Method, header};
use serde_json::{Value, json};

use super::*;
use crate::{
    http::{Client, Transport},
    testing::{Reply, Script},
};

const TOKEN: &str = "00D!tok/en+one==";
const SECRET: &str = "s3cret&<client>\"";

fn provenance() -> Provenance {
    Provenance::from_vendor_docs("Acme API guide", "2026-11")
}

fn client(transport: impl Transport) -> Client {
    Client::builder("acme", "https://acme.test/".parse().unwrap(), transport).build()
}

/// What a script of these answers makes of these calls, on a tape.
async fn record<F: Future<Output = ()>>(
    script: Script,
    redact: Redact,
    calls: impl FnOnce(Client) -> F,
) -> Cassette {
    let recorder = Arc::new(Recorder::new(script, provenance()).redact(redact));
    calls(client(Arc::clone(&recorder))).await;
    let cassette = recorder.cassette();
    let again = Cassette::parse(&cassette.to_string()).unwrap();
    assert_eq!(again.to_string(), cassette.to_string(), "a file that is read and written stays as it is");
    again
}

async fn read_items(client: Client) {
    for page in ["1", "2"] {
        client.get("/items", "item.list").query("page", page).query("q", "a b&c").send().await.unwrap();
    }
    let body = json!({ "name": "anvil", "tags": ["a", "b"], "price": 1 });
    client.post("/items", "item.create").json_body(&body).send().await.unwrap();
}

async fn items() -> Cassette {
    let script = Script::new()
        .on(Method::GET, "/items")
        .reply(200, json!({ "data": ["one"], "next": 2 }))
        .reply(200, json!({ "data": [] }))
        .on(Method::POST, "/items")
        .reply(201, json!({ "id": 7 }));
    record(script, Redact::new(), read_items).await
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_replays_and_the_file_says_where_it_is_from() {
    let cassette = items().await;
    assert_eq!((cassette.len(), cassette.provenance()), (3, &provenance()));
    let text = cassette.to_string();
    let from = r#""provenance": {"from vendor docs": {"document": "Acme API guide", "date": "2026-11"}}"#;
    assert!(text.contains(from), "{text}");
    assert!(text.contains(r#""json": {"name": "anvil", "price": 1, "tags": ["a", "b"]}"#), "{text}");
    let replay = cassette.replay();
    read_items(client(replay.clone())).await;
    replay.assert_done();
}

#[tokio::test(start_paused = true)]
async fn numbers_stay_as_the_vendor_wrote_them() {
    let exact = r#"{"total": 10.00, "rate": 0.1000000000000000055, "id": 9007199254740993, "name": "\u0041\/\ud83d\ude00"}"#;
    let script = Script::new().on(Method::GET, "/bill").then(Reply::body(200, "application/json", exact));
    let replay = record(script, Redact::new(), async |client| {
        client.get("/bill", "bill").send().await.unwrap();
    });
    let body = client(replay.await.replay()).get("/bill", "bill").bytes().await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    for kept in ["10.00", "0.1000000000000000055", "9007199254740993", "A/😀"] {
        assert!(text.contains(kept), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_forms_and_lines_come_back_as_they_were() {
    let pdf = Bytes::from_static(&[0x25, 0x50, 0xff, 0x00, 0xfe, 0x0a]);
    let csv = "Id,Name\r\n1,\"a\nb\"\r\n\r\n";
    let script = Script::new()
        .on(Method::PUT, "/pdf")
        .then(Reply::body(200, "application/pdf", pdf.clone()))
        .on(Method::POST, "/csv")
        .then(Reply::body(200, "text/csv", csv))
        .on(Method::POST, "/form")
        .then(Reply::status(204).header("x-left", "7"));
    let calls = async |client: Client| {
        let sent = client.call(Method::PUT, "/pdf", "pdf").body("application/pdf", pdf.clone().into());
        assert_eq!(sent.bytes().await.unwrap(), pdf);
        let sent = client.post("/csv", "csv").body("text/csv", csv.into());
        assert_eq!(sent.bytes().await.unwrap(), csv);
        let sent = client.post("/form", "form").form_body([("a", "1 2"), ("b", "ä&=")]);
        let answer = sent.send().await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.header("x-left")), (204, Some("7")));
    };
    let cassette = record(script, Redact::new(), calls).await;
    assert!(cassette.to_string().contains(r#""lines": ["Id,Name\r\n", "1,\"a\n", "b\"\r\n", "\r\n"]"#));
    let replay = cassette.clone().replay();
    calls(client(replay.clone())).await;
    replay.assert_done();

    let client = client(cassette.replay());
    let other = client.post("/csv", "csv").body("text/csv", "Id,Name\r\n2,c".into());
    let message = other.send().await.unwrap_err().to_string();
    assert!(message.contains("line 2 of the body"), "{message}");
}

/// Logs in with a secret, and shows the token in every place that shows one.
async fn log_in_and_call(client: Client, secret: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("client_id", "my-app"), ("client_secret", secret)];
    let tokens: Value = client.post("/oauth/token", "token").form_body(form).json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let bearer = format!("Bearer {token}");
    let basic = format!("Basic {}", STANDARD.encode(format!("my-app:{secret}")));
    let call = client.post("/items", "x").header(header::AUTHORIZATION, &bearer).query("echo", token);
    call.json_body(&json!({ "note": format!("sent with {token}"), "pin": 123_456 })).send().await.unwrap();
    let xml = format!("<s>{}</s>", secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    let call = client.post("/soap", "x").header(header::AUTHORIZATION, &basic);
    call.header(header::COOKIE, "sid=cookie-value-1; lang=en")
        .body("text/xml", xml.into())
        .send()
        .await
        .unwrap();
    tokens["instance_url"].as_str().unwrap().to_owned()
}

fn talkative() -> Script {
    let tokens = json!({
        "access_token": TOKEN, "refresh_token": "refresh-abc", "instance_url": "https://eu1.acme.test",
        "unknown_kind_of_token": "mystery-777", "expires_in": 3600, "token_type": "Bearer",
    });
    let mut bytes = vec![0xff, 0x00];
    bytes.extend_from_slice(TOKEN.as_bytes());
    Script::new()
        .on(Method::POST, "/oauth/token")
        .then(Reply::json(200, tokens).header("set-cookie", "sid=cookie-value-1; Path=/"))
        .on(Method::POST, "/items")
        .then(Reply::body(200, "application/octet-stream", bytes).header("x-echo", TOKEN))
        .on(Method::POST, "/soap")
        .then(Reply::body(
            200,
            "text/plain",
            format!("{}\ncookie-value-1\nann@acme.test\n", url_encoded(TOKEN)),
        ))
}

fn url_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test(start_paused = true)]
async fn no_planted_secret_is_in_the_file_and_it_replays_all_the_same() {
    let redact = Redact::new().secret("ann@acme.test").field("pin").header(HeaderName::from_static("x-echo"));
    let cassette = record(talkative(), redact, async |client| {
        log_in_and_call(client, SECRET).await;
    })
    .await;
    let text = cassette.to_string();
    let planted = [
        TOKEN,
        SECRET,
        "s3cret",
        "refresh-abc",
        "mystery-777",
        "cookie-value-1",
        "ann@acme.test",
        "123456",
        "00D!tok",
        "tok%2Fen",
    ];
    let encoded = planted.iter().flat_map(|secret| [STANDARD.encode(secret), url_encoded(secret)]);
    for secret in planted.iter().map(|&secret| secret.to_owned()).chain(encoded) {
        assert!(!text.contains(&secret), "{secret} is in\n{text}");
    }
    let in_bytes = cassette.interactions[1].response.body.as_ref().unwrap().bytes().unwrap();
    assert_eq!(in_bytes, Bytes::from_static(b"\xff\x00REDACTED"));
    assert!(text.contains("my-app") && text.contains("https://eu1.acme.test"), "{text}");

    let replay = cassette.replay();
    let instance = log_in_and_call(client(replay.clone()), "another secret").await;
    assert_eq!(instance, "https://eu1.acme.test");
    replay.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_shows_itself_late_is_redacted_where_it_was_used_before() {
    let script =
        Script::new().on(Method::GET, "/hooks/*").reply(200, "x").on(Method::POST, "/login").reply(200, "y");
    let cassette = record(script, Redact::new(), async |client| {
        client.get("/hooks/hush-hush", "hook").send().await.unwrap();
        let body =
            json!({ "user": { "Client-Secret": "hush-hush", "list": ["kept"] }, "token": ["in-a-list"] });
        client.post("/login", "login").json_body(&body).send().await.unwrap();
    })
    .await;
    let text = cassette.to_string();
    assert!(!text.contains("hush") && !text.contains("in-a-list") && text.contains("kept"), "{text}");
    client(cassette.replay()).get("/hooks/of-another-day", "hook").send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_authorization_code_is_redacted_in_the_redirect_and_in_json_within_a_form() {
    let back = "https://host.test/cb?code=one-time-code&state=xyz";
    let script = Script::new()
        .on(Method::GET, "/authorize")
        .then(Reply::status(302).header("location", back))
        .on(Method::POST, "/action")
        .reply(200, "ok");
    let cassette = record(script, Redact::new(), async |client| {
        let answer = client.get("/authorize", "authorize").send().await;
        assert_eq!(answer.unwrap_err().fault().unwrap().status, 302);
        let payload = r#"{"token": "verify-me", "actions": [{"value": 1.50}]}"#;
        client.post("/action", "x").form_body([("payload", payload)]).send().await.unwrap();
    })
    .await;
    let text = cassette.to_string();
    assert!(text.contains("cb?code=REDACTED&state=xyz"), "{text}");
    assert!(!text.contains("verify-me") && text.contains("1.50"), "{text}");
}

async fn refusal(send: impl AsyncFnOnce(&Client) -> Error) -> (String, Replay) {
    let replay = items().await.replay().header(&header::IF_MATCH);
    let message = send(&client(replay.clone())).await.to_string();
    (message, replay)
}

#[tokio::test(start_paused = true)]
async fn a_request_that_differs_is_told_where() {
    let (message, replay) = refusal(async |client| {
        let call = client.get("/items", "list").query("page", "2").query("q", "a b&c");
        call.header(header::IF_MATCH, "v1").send().await.unwrap_err()
    })
    .await;
    let expected = "acme list: GET /items differs from exchange 1:\n  query page\n    recorded: 1\n    sent:     2\n  header \
                    if-match\n    recorded: nothing\n    sent:     v1";
    assert_eq!(message, expected);
    assert_eq!(replay.unused(), ["1: GET /items", "2: GET /items", "3: POST /items"]);
}

#[tokio::test(start_paused = true)]
async fn bodies_are_compared_member_by_member() {
    let replay = items().await.replay();
    let client = client(replay.clone());
    for page in ["1", "2"] {
        client.get("/items", "list").query("q", "a b&c").query("page", page).send().await.unwrap();
    }
    let other = json!({ "name": "hammer", "tags": ["a"], "note": "new", "price": 1.0 });
    let call = client.post("/items", "create").json_body(&other);
    let message = call.send().await.unwrap_err().to_string();
    for part in [
        "body /name\n    recorded: \"anvil\"\n    sent:     \"hammer\"",
        "body /note\n    recorded: nothing\n    sent:     \"new\"",
        "body /tags/1\n    recorded: \"b\"\n    sent:     nothing",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let call = client.post("/items", "create").form_body([("name", "anvil")]);
    let message = call.send().await.unwrap_err().to_string();
    assert!(message.contains("recorded: JSON\n    sent:     a form"), "{message}");
    let kept = client
        .post("/items", "create")
        .json_body(&json!({ "price": 1, "tags": ["a", "b"], "name": "anvil" }));
    kept.send().await.unwrap();
    assert!(replay.unused().is_empty());
    let message = client.get("/items", "list").send().await.unwrap_err().to_string();
    assert_eq!(message, "acme list: GET /items: all 3 exchanges with this path are used");
    let message = client.get("/other", "list").send().await.unwrap_err().to_string();
    assert_eq!(message, "acme list: GET /other: no exchange has this path");
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "exchanges that nobody asked for:\n2: GET /items\n3: POST /items")]
async fn an_exchange_nobody_asked_for_fails() {
    let replay = items().await.replay();
    client(replay.clone()).get("/items", "x").query("page", "1").query("q", "a b&c").send().await.unwrap();
    replay.assert_done();
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "requests that were not recorded:\nDELETE /items differs from exchange 1")]
async fn a_request_nobody_recorded_fails_even_if_its_error_was_swallowed() {
    let replay = items().await.replay();
    assert!(client(replay.clone()).call(Method::DELETE, "/items", "x").send().await.is_err());
    replay.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_message_about_a_difference_shows_no_secret() {
    let cassette = record(talkative(), Redact::new(), async |client| {
        log_in_and_call(client, SECRET).await;
    });
    let client = client(cassette.await.replay());
    let form = [("grant_type", "password"), ("password", "hunter2-hunter2"), ("note", "hunter2-hunter2")];
    let error = client.post("/oauth/token", "token").form_body(form).send().await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("form grant_type") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_file_that_is_no_cassette_says_so() {
    let dir = std::env::temp_dir().join(format!("orion-cassette-{}", std::process::id()));
    let missing = Cassette::load(&dir).unwrap_err();
    assert!(missing.to_string().contains("cannot be read: record it"), "{missing}");
    for text in ["", "{}", r#"{"cassette": 1, "interactions": []}"#] {
        assert_eq!(Cassette::parse(text).unwrap_err().kind(), ErrorKind::Config, "{text}");
    }
    let later = r#"{"cassette": 2, "provenance": {"from vendor docs": {"document": "a", "date": "b"}}, "interactions": []}"#;
    let later = Cassette::parse(later).unwrap_err();
    assert_eq!(later.to_string(), "the cassette has format 2, not 1");
}

#[tokio::test(start_paused = true)]
async fn requests_under_way_at_once_keep_the_order_in_which_they_began() {
    let slow = Reply::json(200, "slow").delay(std::time::Duration::from_secs(5));
    let script = Script::new().on(Method::GET, "/items").then(slow).reply(200, "fast");
    let cassette = record(script, Redact::new(), async |client| {
        let call = |name| client.get("/items", "x").query("name", name).send();
        futures::future::try_join(call("slow"), call("fast")).await.unwrap();
    })
    .await;
    let names: Vec<_> = cassette.interactions.iter().map(|kept| kept.request.query[0].1.as_str()).collect();
    assert_eq!(names, ["slow", "fast"]);
}

#[tokio::test(start_paused = true)]
async fn an_encoded_body_is_not_recorded() {
    let script = Script::new()
        .on(Method::GET, "/zip")
        .then(Reply::body(200, "application/json", "x").header("content-encoding", "gzip"));
    let recorder = Arc::new(Recorder::new(script, provenance()));
    let error = client(Arc::clone(&recorder)).get("/zip", "zip").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(recorder.cassette().is_empty());
}
