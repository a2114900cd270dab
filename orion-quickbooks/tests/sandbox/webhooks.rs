//! Webhooks, received by a server of the test's own.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use orion_core::sandbox::{Call, Common, Reply, Scope, Server, Settings, Vendor};
use ring::hmac;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::Books;

/// Hands each delivery to the test: its signature and its body. The first `failures` are answered 500.
struct Receiver {
    common: Common,
    failures: std::sync::atomic::AtomicI64,
    seen: mpsc::UnboundedSender<(String, String)>,
}

impl Vendor for Receiver {
    fn common(&self) -> &Common {
        &self.common
    }

    fn scope(&self, call: &Call) -> Scope {
        Scope::new(call, [])
    }

    fn serve(self: &Arc<Self>, call: &Call, _scope: &Scope) -> Reply {
        let signature = call.header("intuit-signature").unwrap_or_default().to_owned();
        self.seen.send((signature, String::from_utf8(call.body.to_vec()).unwrap())).unwrap();
        let fails = self.failures.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) > 0;
        Reply::empty(if fails { http::StatusCode::INTERNAL_SERVER_ERROR } else { http::StatusCode::OK })
    }

    fn failure(&self, status: http::StatusCode, _call: &Call) -> Reply {
        Reply::empty(status)
    }

    fn expire_tokens(&self) {}

    fn revoke_tokens(&self) {}
}

type Seen = mpsc::UnboundedReceiver<(String, String)>;

async fn receiver(failures: i64) -> (Server<Receiver>, Seen) {
    let (seen, received) = mpsc::unbounded_channel();
    let common = Common::new(Settings::default()).unwrap();
    let vendor = Receiver { common, failures: failures.into(), seen };
    (Server::start(Arc::new(vendor)).await.unwrap(), received)
}

/// The next delivery's body, its signature checked.
async fn next(books: &Books, seen: &mut Seen) -> Value {
    let (signature, body) = seen.recv().await.unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, books.sandbox.webhook_verifier().as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.decode(signature).unwrap();
    hmac::verify(&key, body.as_bytes(), &signature).unwrap();
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn classic_webhooks_tell_of_each_operation_in_order() {
    let books = Books::start().await;
    let (server, mut seen) = receiver(0).await;
    let hook = json!({ "kind": "classic", "url": format!("{}/hook", server.base_url()) });
    // Registering twice delivers once.
    assert_eq!(books.post("/_sandbox/deliver", &hook).await.status, 200);
    assert_eq!(books.post("/_sandbox/deliver", &hook).await.status, 200);
    let customer =
        books.post("customer", &json!({ "DisplayName": "Hooked" })).await.json()["Customer"].clone();
    let first = next(&books, &mut seen).await;
    assert_eq!(first["eventNotifications"][0]["realmId"], books.sandbox.realm_id());
    let entity = |body: &Value| body["eventNotifications"][0]["dataChangeEvent"]["entities"][0].clone();
    let told = entity(&first);
    assert_eq!(
        (&told["name"], &told["operation"], &told["id"]),
        (&json!("Customer"), &json!("Create"), &customer["Id"])
    );
    let change = json!({ "Id": customer["Id"], "SyncToken": "0", "sparse": true, "Notes": "n" });
    books.post("customer", &change).await;
    assert_eq!(entity(&next(&books, &mut seen).await)["operation"], "Update");
    assert!(seen.is_empty());
}

#[tokio::test]
async fn cloud_events_are_tried_again_on_the_sandboxs_clock() {
    let books = Books::start().await;
    let (server, mut seen) = receiver(2).await;
    books.sandbox.deliver_cloud_events(server.base_url());
    let id = books.sandbox.save("Customer", &json!({ "DisplayName": "Cloud" })).unwrap();
    let first = next(&books, &mut seen).await;
    let event = &first[0];
    assert_eq!((&event["type"], &event["intuitentityid"]), (&json!("qbo.customer.created.v1"), &json!(id)));
    assert_eq!((&event["specversion"], &event["data"]), (&json!("1.0"), &json!({})));
    let mut tries = 1;
    while tries < 3 {
        // The next try is due only once the sandbox has read the answer to the last.
        books.sandbox.advance(Duration::from_secs(20));
        if let Ok((_, body)) = seen.try_recv() {
            assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), first);
            tries += 1;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    books.sandbox.save("Customer", &json!({ "DisplayName": "Second" })).unwrap();
    assert_ne!(next(&books, &mut seen).await[0]["id"], first[0]["id"]);
}

#[tokio::test]
async fn a_delivery_that_makes_no_sense_is_refused() {
    let books = Books::start().await;
    for body in
        [json!({ "kind": "classic" }), json!({ "kind": "fax", "url": "http://127.0.0.1:9/" }), json!([])]
    {
        assert_eq!(books.post("/_sandbox/deliver", &body).await.status, 400, "{body}");
    }
}
