use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Call, Common, Fault, FaultKind, Reply, Scope, Server, Settings, Vendor, send};

const SPELL: FaultKind = FaultKind::vendor("spell");

/// Echoes lines on an upgraded connection, and counts who is inside.
struct Echo {
    common: Common,
    inside: AtomicUsize,
    most: usize,
    ended: Mutex<Vec<&'static str>>,
}

impl Vendor for Echo {
    fn common(&self) -> &Common {
        &self.common
    }

    fn scope(&self, call: &Call) -> Scope {
        Scope::new(call, ["api"]).with_kind("spell")
    }

    fn serve(self: &Arc<Self>, call: &Call, _scope: &Scope) -> Reply {
        if call.header("upgrade").is_none() {
            return Reply::ok(&json!({ "path": call.path, "inside": self.inside.load(Ordering::SeqCst) }));
        }
        Reply::upgraded("echo", |mut stream| async move {
            let mut line = [0; 5];
            if stream.read_exact(&mut line).await.is_ok() {
                let _sent = stream.write_all(&line).await;
            }
        })
    }

    fn failure(&self, status: StatusCode, _call: &Call) -> Reply {
        Reply::json(status, &json!({ "failed": status.as_u16() }))
    }

    fn expire_tokens(&self) {
        self.ended.lock().unwrap().push("expired");
    }

    fn revoke_tokens(&self) {
        self.ended.lock().unwrap().push("revoked");
    }

    fn admit(&self, call: &Call) -> Option<Reply> {
        if self.inside.load(Ordering::SeqCst) >= self.most {
            return Some(self.failure(StatusCode::TOO_MANY_REQUESTS, call));
        }
        self.inside.fetch_add(1, Ordering::SeqCst);
        None
    }

    fn release(&self, _call: &Call) {
        self.inside.fetch_sub(1, Ordering::SeqCst);
    }

    fn inject(&self, kind: &FaultKind, _call: &Call) -> Option<Reply> {
        (*kind == SPELL).then(|| Reply::empty(StatusCode::IM_A_TEAPOT))
    }

    async fn control(self: &Arc<Self>, call: &Call) -> Option<Reply> {
        (call.path == "/_sandbox/deliver").then(|| Reply::ok(&json!({ "delivered": true })))
    }
}

async fn echo(most: usize) -> Server<Echo> {
    let settings = Settings { kinds: &["spell"], ..Settings::default() };
    let common = Common::new(settings).unwrap();
    let vendor = Echo { common, inside: AtomicUsize::new(0), most, ended: Mutex::default() };
    Server::start(Arc::new(vendor)).await.unwrap()
}

async fn call(
    server: &Server<Echo>,
    method: &str,
    path: &str,
    body: &Value,
) -> std::io::Result<Response<Bytes>> {
    let request = Request::builder().method(method).uri(format!("{}{path}", server.base_url()));
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    send(request.body(body).unwrap(), Duration::from_secs(20)).await
}

fn json(reply: &Response<Bytes>) -> Value {
    serde_json::from_slice(reply.body()).unwrap()
}

#[tokio::test]
async fn an_upgraded_connection_is_handed_over() {
    let server = echo(9).await;
    let address = server.base_url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!("GET /ws HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    let text = String::from_utf8(all).unwrap();
    assert!(text.starts_with("HTTP/1.1 101"), "{text}");
    assert!(text.ends_with("\r\n\r\nhello"), "{text}");
    assert_eq!(server.vendor().common().log()[0].status, Some(101));
}

#[tokio::test]
async fn a_request_that_is_slow_or_cut_counts_until_its_end() {
    let server = echo(1).await;
    let slow = Fault::new(FaultKind::Timeout).on("/slow").delay_ms(60);
    server.vendor().common().inject(slow);
    let (cut, refused) = tokio::join!(call(&server, "GET", "/slow", &Value::Null), async {
        while server.vendor().inside.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        call(&server, "GET", "/other", &Value::Null).await.unwrap()
    });
    assert!(cut.is_err());
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let after = call(&server, "GET", "/other", &Value::Null).await.unwrap();
    assert_eq!(json(&after), json!({ "path": "/other", "inside": 1 }));
    assert_eq!(server.vendor().inside.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_vendors_own_fault_and_control_are_reached() {
    let server = echo(9).await;
    let rule = json!({ "kind": "spell", "count": 1 });
    let shown = call(&server, "POST", "/_sandbox/faults", &rule).await.unwrap();
    assert_eq!(json(&shown)["rules"][0]["rule"]["kind"], "spell");
    assert_eq!(call(&server, "GET", "/x", &Value::Null).await.unwrap().status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(server.vendor().common().injected()[&SPELL], 1);
    let unknown = call(&server, "POST", "/_sandbox/faults", &json!({ "kind": "curse" })).await.unwrap();
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    let delivered = call(&server, "POST", "/_sandbox/deliver", &json!({})).await.unwrap();
    assert_eq!(json(&delivered)["delivered"], true);
    assert_eq!(call(&server, "POST", "/_sandbox/nothing", &json!({})).await.unwrap().status(), 404);
    for control in ["expire", "revoke"] {
        assert_eq!(
            call(&server, "POST", &format!("/_sandbox/{control}"), &json!({})).await.unwrap().status(),
            204
        );
    }
    assert_eq!(*server.vendor().ended.lock().unwrap(), ["expired", "revoked"]);
}

#[tokio::test]
async fn a_plan_with_a_kind_the_vendor_lacks_does_not_start() {
    let faults = Fault::new(FaultKind::vendor("curse")).into();
    let refused = Common::new(Settings { faults, kinds: &["spell"], ..Settings::default() });
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_delivery_goes_to_plain_http_only() {
    let request = |uri: &str| Request::post(uri).body(Bytes::new()).unwrap();
    for uri in ["https://127.0.0.1:1/x", "/relative"] {
        let error = send(request(uri), Duration::from_secs(1)).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{uri}");
    }
    assert!(send(request("http://127.0.0.1:1/x"), Duration::from_secs(1)).await.is_err());
}
