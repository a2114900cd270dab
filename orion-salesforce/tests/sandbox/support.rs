//! A client that knows HTTP and nothing of Salesforce.

use std::sync::Once;
use std::time::Duration;

use orion_salesforce::sandbox::{Builder, Sandbox};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use url::form_urlencoded::Serializer;

/// One reply.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
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

    /// The status and the code of the envelope.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()[0]["errorCode"].as_str().unwrap_or_default().to_owned())
    }
}

/// A sandbox and a client logged in to it.
#[derive(Debug)]
pub(crate) struct Org {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

/// A client that trusts `ca` only, if there is one.
pub(crate) fn http(ca: Option<&str>) -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        tokio_rustls::rustls::crypto::ring::default_provider().install_default().unwrap();
    });
    let roots = ca.map(|pem| reqwest::Certificate::from_pem(pem.as_bytes()).unwrap());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .no_proxy()
        .no_gzip()
        .tls_certs_only(roots)
        .build()
        .unwrap()
}

impl Org {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder.records(20)).await
    }

    pub(crate) async fn with(set: impl FnOnce(Builder) -> Builder) -> Self {
        let sandbox = set(Sandbox::builder()).start().await.unwrap();
        let token = sandbox.access_token().to_owned();
        Self { sandbox, http: http(None), token }
    }

    /// A request of the API, without the prefix; an absolute path is taken as it is.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let base = self.sandbox.base_url();
        let url = if path.starts_with('/') {
            format!("{base}{path}")
        } else {
            format!("{base}/services/data/v60.0/{path}")
        };
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.with_body(Method::POST, path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.with_body(Method::PATCH, path, body).await
    }

    async fn with_body(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json");
        send(request.body(body.to_string())).await
    }

    pub(crate) async fn query(&self, soql: &str) -> Answer {
        self.get(&with_query("query", &[("q", soql)])).await
    }

    /// Posts a form without a session.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.sandbox.base_url());
        send(self.http.post(url).form(fields)).await
    }

    /// A new account's id.
    pub(crate) async fn account(&self, name: &str) -> String {
        let answer = self.post("sobjects/Account", &serde_json::json!({ "Name": name })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }
}

/// A path with encoded parameters.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// A form as the body.
pub(crate) trait Form {
    fn form(self, pairs: &[(&str, &str)]) -> Self;
}

impl Form for reqwest::RequestBuilder {
    fn form(self, pairs: &[(&str, &str)]) -> Self {
        let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}
