//! Socket Mode: hello, acknowledgements, retries, and every end of a socket.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::support::{Team, send};

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Opens a socket and takes its hello.
    async fn open(team: &Team) -> (Self, Value) {
        let request = team.plain(Method::POST, "/api/apps.connections.open");
        let opened = send(request.bearer_auth(team.sandbox.app_token())).await.json();
        let url = opened["url"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
        let address = team.sandbox.base_url().strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (stream, _) = client_async(&url, stream).await.unwrap();
        let mut socket = Self(stream);
        let hello = socket.text().await.unwrap();
        (socket, hello)
    }

    /// The next frame with text; `None` at the end.
    async fn text(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn acknowledge(&mut self, envelope: &Value, payload: Option<Value>) {
        let mut answer = json!({ "envelope_id": envelope["envelope_id"] });
        if let Some(payload) = payload {
            answer["payload"] = payload;
        }
        self.0.send(Message::text(answer.to_string())).await.unwrap();
    }
}

#[tokio::test]
async fn a_socket_says_hello_and_a_ticket_opens_it_once() {
    let team = Team::start().await;
    let request = team.plain(Method::POST, "/api/apps.connections.open");
    let opened = send(request.bearer_auth(team.sandbox.app_token())).await.json();
    let url = opened["url"].as_str().unwrap();
    assert!(url.starts_with("ws://127.0.0.1:"), "{url}");
    let address = team.sandbox.base_url().strip_prefix("http://").unwrap();
    let connect = async || client_async(url, TcpStream::connect(address).await.unwrap()).await;
    assert!(connect().await.is_ok());
    assert!(connect().await.is_err(), "a used ticket");
    let (_socket, hello) = Socket::open(&team).await;
    assert_eq!(
        (&hello["type"], &hello["connection_info"]["app_id"]),
        (&json!("hello"), &json!(team.sandbox.app_id()))
    );
}

#[tokio::test]
async fn an_event_is_sent_until_it_is_acknowledged() {
    let team = Team::start().await;
    let (mut one, _) = Socket::open(&team).await;
    team.sandbox.say("ops", &team.sandbox.user_id(), "hi").unwrap();
    let first = one.text().await.unwrap();
    assert_eq!((&first["type"], &first["retry_attempt"]), (&json!("events_api"), &json!(0)));
    drop(one);
    let (mut two, _) = Socket::open(&team).await;
    team.sandbox.advance(Duration::from_secs(61));
    let again = two.text().await.unwrap();
    assert_eq!(again["payload"]["event_id"], first["payload"]["event_id"]);
    assert_eq!(again["retry_reason"], "connection_failed");
    two.acknowledge(&again, Some(json!({}))).await;
    team.sandbox.say("ops", &team.sandbox.user_id(), "next").unwrap();
    let next = two.text().await.unwrap();
    assert_eq!(next["payload"]["event"]["text"], "next");
}

#[tokio::test]
async fn a_command_is_answered_in_its_acknowledgement() {
    let team = Team::start().await;
    let (mut socket, _) = Socket::open(&team).await;
    let order = json!({ "kind": "command", "command": "/deploy", "text": "x" });
    let answering = async {
        let envelope = socket.text().await.unwrap();
        assert_eq!(
            (&envelope["type"], &envelope["accepts_response_payload"]),
            (&json!("slash_commands"), &json!(true))
        );
        assert_eq!(envelope["payload"]["command"], "/deploy");
        socket.acknowledge(&envelope, Some(json!({ "text": "on it" }))).await;
    };
    let (ran, ()) = tokio::join!(team.deliver(&order), answering);
    assert_eq!((&ran["acknowledged"], &ran["body"]["text"]), (&json!(true), &json!("on it")));
    assert_eq!(team.sandbox.rows("ephemerals", None)[0]["text"], "on it");
}

#[tokio::test]
async fn each_reason_ends_a_socket_after_saying_so() {
    let team = Team::start().await;
    for reason in ["link_disabled", "too_many_websockets", "refresh_requested", "warning"] {
        let (mut socket, _) = Socket::open(&team).await;
        let ended = team.deliver(&json!({ "kind": "disconnect", "reason": reason })).await;
        assert_eq!(ended["sockets"], 1, "{reason}");
        let frame = socket.text().await.unwrap();
        assert_eq!((&frame["type"], &frame["reason"]), (&json!("disconnect"), &json!(reason)));
        if matches!(reason, "link_disabled" | "too_many_websockets") {
            assert_eq!(socket.text().await, None, "{reason}");
        }
    }
}

#[tokio::test]
async fn a_socket_that_is_to_go_is_spared_while_there_is_another() {
    let team = Team::start().await;
    let (mut old, _) = Socket::open(&team).await;
    team.deliver(&json!({ "kind": "disconnect", "reason": "refresh_requested" })).await;
    assert_eq!(old.text().await.unwrap()["type"], "disconnect");
    team.sandbox.say("ops", &team.sandbox.user_id(), "to the old").unwrap();
    let envelope = old.text().await.unwrap();
    assert_eq!(envelope["payload"]["event"]["text"], "to the old");
    old.acknowledge(&envelope, None).await;
    let (mut new, _) = Socket::open(&team).await;
    for _ in 0..3 {
        team.sandbox.say("ops", &team.sandbox.user_id(), "to the new").unwrap();
        let envelope = new.text().await.unwrap();
        new.acknowledge(&envelope, None).await;
    }
}

#[tokio::test]
async fn an_eleventh_socket_is_one_too_many() {
    let team = Team::start().await;
    let mut sockets = Vec::new();
    for number in 1..=10 {
        let (socket, hello) = Socket::open(&team).await;
        assert_eq!(hello["num_connections"], number);
        sockets.push(socket);
    }
    let (mut extra, _) = Socket::open(&team).await;
    assert_eq!(extra.text().await.unwrap()["reason"], "too_many_websockets");
    assert_eq!(extra.text().await, None);
}

#[tokio::test]
async fn a_socket_is_warned_before_its_age_ends_it() {
    let team = Team::start().await;
    let (mut socket, hello) = Socket::open(&team).await;
    let lives = hello["debug_info"]["approximate_connection_time"].as_u64().unwrap();
    team.sandbox.advance(Duration::from_secs(lives - 9));
    assert_eq!(socket.text().await.unwrap()["reason"], "warning");
    team.sandbox.advance(Duration::from_secs(10));
    assert_eq!(socket.text().await.unwrap()["reason"], "refresh_requested");
}

#[tokio::test]
async fn a_half_open_socket_stays_and_is_silent_until_it_is_cut() {
    let team = Team::with(|builder| builder.limits(false).ping_every(Duration::from_millis(5))).await;
    let (mut socket, _) = Socket::open(&team).await;
    assert!(matches!(socket.0.next().await, Some(Ok(Message::Ping(_)))), "a healthy socket pings");
    team.deliver(&json!({ "kind": "half_open" })).await;
    socket.0.send(Message::Ping("anyone".into())).await.unwrap();
    let silence = tokio::time::timeout(Duration::from_millis(300), async {
        loop {
            if let Some(Ok(Message::Pong(_))) | None = socket.0.next().await {
                return;
            }
        }
    });
    assert!(silence.await.is_err(), "a half-open socket answered");
    assert_eq!(team.sandbox.sockets(), 1);
    team.deliver(&json!({ "kind": "reset" })).await;
    assert_eq!(socket.text().await, None);
}
