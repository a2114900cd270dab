//! A client that knows HTTP and nothing of Slack.

use std::sync::Once;
use std::time::Duration;

use orion_slack::sandbox::{Builder, Sandbox};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

/// One reply.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A sandbox and a client with its bot token.
#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

impl Team {
    /// A small workspace without rate limits.
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder.limits(false)).await
    }

    pub(crate) async fn with(set: impl FnOnce(Builder) -> Builder) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        let sandbox = set(Sandbox::builder().records(60)).start().await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .no_gzip()
            .tls_certs_only([])
            .build()
            .unwrap();
        let token = sandbox.bot_token().to_owned();
        Self { sandbox, http, token }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    pub(crate) fn channel(&self, name: &str) -> String {
        self.sandbox.channel_id(name).unwrap()
    }

    /// A call as a form, with the bot token.
    pub(crate) async fn form(&self, method: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_as(&self.token, method, fields).await
    }

    pub(crate) async fn form_as(&self, token: &str, method: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.http.post(self.url(&format!("/api/{method}"))).bearer_auth(token);
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
    }

    /// A call as JSON, with the bot token.
    pub(crate) async fn json(&self, method: &str, body: &Value) -> Answer {
        let request = self.http.post(self.url(&format!("/api/{method}"))).bearer_auth(&self.token);
        send(request.header("content-type", "application/json; charset=utf-8").body(body.to_string())).await
    }

    /// A call that has to succeed.
    pub(crate) async fn ok(&self, method: &str, fields: &[(&str, &str)]) -> Value {
        let answer = self.form(method, fields).await.json();
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer
    }

    /// A call that has to fail with this code.
    pub(crate) async fn refused(&self, method: &str, fields: &[(&str, &str)], code: &str) -> Value {
        let answer = self.form(method, fields).await.json();
        assert_eq!(
            (&answer["ok"], &answer["error"]),
            (&json!(false), &json!(code)),
            "{method} {fields:?}: {answer}"
        );
        answer
    }

    /// Posts text; answers its timestamp.
    pub(crate) async fn post(&self, channel: &str, text: &str) -> String {
        let answer = self.ok("chat.postMessage", &[("channel", channel), ("text", text)]).await;
        answer["ts"].as_str().unwrap().to_owned()
    }

    /// A request past the API.
    pub(crate) fn plain(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) async fn deliver(&self, order: &Value) -> Value {
        let request = self.plain(Method::POST, "/_sandbox/deliver").body(order.to_string());
        let answer = send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

/// The texts of one field, for comparisons.
pub(crate) fn texts(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}
