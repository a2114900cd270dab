//! A client that knows HTTP and nothing of QuickBooks.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use orion_core::sandbox::send;
use orion_quickbooks::sandbox::{Builder, Limits, Sandbox};
use serde_json::Value;
use url::form_urlencoded::Serializer;

/// One reply.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The status and the code of the service's envelope.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let code = self.json()["Fault"]["Error"][0]["code"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), code)
    }
}

/// A sandbox and a token for it.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) sandbox: Sandbox,
    pub(crate) token: String,
}

impl Books {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder.limits(Limits::NONE)).await
    }

    pub(crate) async fn with(set: impl FnOnce(Builder) -> Builder) -> Self {
        let sandbox = set(Sandbox::builder().records(40)).start().await.unwrap();
        let token = sandbox.access_token().to_owned();
        Self { sandbox, token }
    }

    /// A path of the API, below the company; an absolute path is taken as it is.
    pub(crate) fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let base = self.sandbox.base_url();
        let realm = self.sandbox.realm_id();
        let whole =
            if path.starts_with('/') { path.to_owned() } else { format!("/v3/company/{realm}/{path}") };
        Request::builder()
            .method(method)
            .uri(format!("{base}{whole}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("accept", "application/json")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        sent(self.request("GET", path), "").await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request("POST", path).header("content-type", "application/json");
        sent(request, body.to_string()).await.unwrap()
    }

    pub(crate) async fn query(&self, statement: &str) -> Value {
        let answer = self.get(&with_query("query", &[("query", statement)])).await;
        answer.json()["QueryResponse"].clone()
    }

    /// Posts a form with the app's credentials.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        use base64::Engine as _;
        let app = format!("{}:{}", self.sandbox.client_id(), self.sandbox.client_secret());
        let app = base64::engine::general_purpose::STANDARD.encode(app);
        let request = Request::post(format!("{}{path}", self.sandbox.base_url()))
            .header("authorization", format!("Basic {app}"))
            .header("content-type", "application/x-www-form-urlencoded");
        sent(request, Serializer::new(String::new()).extend_pairs(fields).finish()).await.unwrap()
    }
}

pub(crate) async fn sent(request: http::request::Builder, body: impl Into<Bytes>) -> std::io::Result<Answer> {
    let reply = send(request.body(body.into()).unwrap(), Duration::from_secs(30)).await?;
    let (head, bytes) = reply.into_parts();
    Ok(Answer { status: head.status, headers: head.headers, bytes })
}

pub(crate) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(parameters).finish())
}
