//! An app's HTTP endpoint that notes what it gets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, StatusCode};
use orion_core::sandbox::{Call, Common, Reply, Scope, Server, Settings, Vendor};
use serde_json::Value;

/// One request that came.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A field of the form.
    pub(crate) fn field(&self, name: &str) -> String {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    pub(crate) fn payload(&self) -> Value {
        serde_json::from_str(&self.field("payload")).unwrap()
    }
}

#[derive(Debug)]
pub(crate) struct Inbox {
    common: Common,
    arrived: Mutex<Vec<Arrived>>,
    /// Answers to come; without one it is 200, and a challenge is echoed.
    answers: Mutex<VecDeque<Reply>>,
    came: tokio::sync::Notify,
}

impl Vendor for Inbox {
    fn common(&self) -> &Common {
        &self.common
    }

    fn serve(self: &Arc<Self>, call: &Call, _scope: &Scope) -> Reply {
        let body = String::from_utf8(call.body.to_vec()).unwrap();
        let challenge = serde_json::from_str::<Value>(&body)
            .ok()
            .and_then(|body| body["challenge"].as_str().map(str::to_owned));
        self.arrived.lock().unwrap().push(Arrived { headers: call.headers.clone(), body });
        self.came.notify_waiters();
        let planned = self.answers.lock().unwrap().pop_front();
        planned.unwrap_or_else(|| Reply::new(StatusCode::OK, "text/plain", challenge.unwrap_or_default()))
    }

    fn scope(&self, call: &Call) -> Scope {
        Scope::new(call, ["api"])
    }

    fn failure(&self, status: StatusCode, _call: &Call) -> Reply {
        Reply::empty(status)
    }

    fn expire_tokens(&self) {}

    fn revoke_tokens(&self) {}
}

/// The endpoint while it listens.
#[derive(Debug)]
pub(crate) struct Receiver(Server<Inbox>);

impl Receiver {
    pub(crate) async fn start() -> Self {
        let inbox = Inbox {
            common: Common::new(Settings::default()).unwrap(),
            arrived: Mutex::default(),
            answers: Mutex::default(),
            came: tokio::sync::Notify::new(),
        };
        Self(Server::start(Arc::new(inbox)).await.unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/slack/events", self.0.base_url())
    }

    /// The next requests are answered so.
    pub(crate) fn answer(&self, reply: Reply) {
        self.0.vendor().answers.lock().unwrap().push_back(reply);
    }

    pub(crate) fn clear(&self) {
        self.0.vendor().arrived.lock().unwrap().clear();
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.0.vendor().arrived.lock().unwrap().clone()
    }

    /// Waits until so many requests came.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Arrived> {
        loop {
            let came = self.0.vendor().came.notified();
            let arrived = self.arrived();
            if arrived.len() >= count {
                return arrived;
            }
            came.await;
        }
    }
}
