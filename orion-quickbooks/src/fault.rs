//! What QuickBooks says when it refuses.
//!
//! The service answers `{"Fault": {"Error": [{"Message", "Detail", "code", "element"}], "type"}}`, the gateway before it the same in lower
//! case inside a larger envelope, or as XML although JSON was asked for (recorded: throttling, wrong cluster); OAuth answers
//! `{"error", "error_description"}`, and what sits in front may answer HTML or nothing. A service fault can come with status 200.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use orion_core::{
    Error, ErrorKind, Fault, Retry,
    http::{ByStatus, Decode},
};
use serde::Deserialize;

/// The header that names a request to Intuit's support.
pub(crate) const TID: &str = "intuit_tid";

/// How long to stay away when throttled (Intuit docs, "API call limits and throttling").
const THROTTLED: Duration = Duration::from_secs(60);

/// Decodes refusals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(pub(crate) ByStatus);

/// One error of a fault.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Item {
    #[serde(alias = "Message")]
    message: Option<String>,
    #[serde(alias = "Detail")]
    detail: Option<String>,
    code: Option<Code>,
    element: Option<String>,
}

/// A code, which is text in every recording and a number in some SDKs' fixtures.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Code {
    Text(String),
    Number(u32),
}

/// A fault, of the service or the gateway.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Refusal {
    #[serde(alias = "Error", default)]
    error: Vec<Item>,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(alias = "fault", rename = "Fault")]
    fault: Option<Refusal>,
}

#[derive(Deserialize)]
struct OAuth {
    error: String,
    error_description: Option<String>,
}

impl Decode for Faults {
    fn decode(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        let error = self.0.decode(status, headers, body);
        let error = match refusal(body) {
            Some(refusal) => refusal.into_error(status.as_u16(), &error),
            None => by_status(error, body),
        };
        traced(error, headers)
    }
}

/// Names the request, whatever the refusal looked like.
pub(crate) fn traced(error: Error, headers: &HeaderMap) -> Error {
    let Some(tid) = headers.get(TID).and_then(|tid| tid.to_str().ok()) else { return error };
    let Some(fault) = error.fault().cloned() else { return error };
    error.with_fault(fault.with_request_id(tid))
}

/// The fault of a body, in whichever dialect.
fn refusal(body: &[u8]) -> Option<Refusal> {
    match body.trim_ascii_start().first()? {
        b'{' => serde_json::from_slice::<Envelope>(body).ok()?.fault.filter(|fault| !fault.error.is_empty()),
        b'<' => xml(std::str::from_utf8(body).ok()?),
        _ => None,
    }
}

/// `<IntuitResponse><Fault><Error code="3001"><Message>…</Message><Detail>…</Detail></Error></Fault></IntuitResponse>`.
fn xml(body: &str) -> Option<Refusal> {
    let document = roxmltree::Document::parse(body.trim()).ok()?;
    let errors = document.descendants().filter(|node| node.tag_name().name() == "Error");
    let child = |node: &roxmltree::Node<'_, '_>, name: &str| {
        let found = node.children().find(|child| child.tag_name().name() == name)?;
        found.text().map(str::to_owned)
    };
    let items = errors.map(|node| Item {
        message: child(&node, "Message"),
        detail: child(&node, "Detail"),
        code: node.attribute("code").map(|code| Code::Text(code.to_owned())),
        element: node.attribute("element").map(str::to_owned),
    });
    let error: Vec<Item> = items.collect();
    (!error.is_empty()).then_some(Refusal { error })
}

/// A refusal without a fault of QuickBooks'.
fn by_status(error: Error, body: &[u8]) -> Error {
    let retry = error.retry();
    let error = match retry {
        Retry::Now if error.kind() == ErrorKind::RateLimited => error.with_retry(Retry::After(THROTTLED)),
        _ => error,
    };
    match (serde_json::from_slice::<OAuth>(body), error.fault()) {
        (Ok(said), Some(fault)) => {
            let status = fault.status;
            let message = said.error_description.unwrap_or_default();
            error.with_fault(Fault::new(status, plain(&said.error), &message))
        }
        _ => error,
    }
}

/// A code, unless it is none: what else stands there could be anything, and a code is shown.
fn plain(code: &str) -> &str {
    let letters = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    if letters && (1..64).contains(&code.len()) { code } else { "unknown" }
}

impl Item {
    fn code(&self) -> String {
        match &self.code {
            Some(Code::Text(code)) => plain(code.trim_start_matches('0')).to_owned(),
            Some(Code::Number(code)) => code.to_string(),
            None => "unknown".to_owned(),
        }
    }
}

impl Refusal {
    /// The error of a fault: the first of its errors decides, and all of them are kept. `by_status` is what the status alone says.
    pub(crate) fn into_error(self, status: u16, by_status: &Error) -> Error {
        let code = self.error.first().map_or_else(|| "unknown".to_owned(), Item::code);
        let (kind, retry, say) = classify(&code, status, by_status);
        let mut text = String::new();
        for item in &self.error {
            for part in [&item.message, &item.detail].into_iter().flatten() {
                text.push_str(if text.is_empty() { "" } else { "; " });
                text.push_str(part);
            }
        }
        let elements = self.error.iter().filter_map(|item| item.element.as_deref());
        let named: Vec<&str> = elements.filter(|name| !name.is_empty() && plain(name) == *name).collect();
        let mut message = format!("{say} ({code})");
        if !named.is_empty() {
            message.push_str(": ");
            message.push_str(&named.join(", "));
        }
        let fault = Fault::new(status, code.as_str(), &text).with_fields(named);
        let error = Error::new(kind, message).with_retry(retry).with_fault(fault);
        if by_status.is_ambiguous() { error.with_ambiguous() } else { error }
    }

    /// The error of one item of a batch, or of a fault that came with a success.
    pub(crate) fn into_item_error(self, status: u16) -> Error {
        self.into_error(status, &Error::new(ErrorKind::Rejected, "QuickBooks refused the request"))
    }
}

fn classify(code: &str, status: u16, by_status: &Error) -> (ErrorKind, Retry, &'static str) {
    use ErrorKind as K;
    let never = Retry::Never;
    match code {
        // The gateway's 3200 and the service's 120 come with 401 for a token that expired, 120 with 403 for rights that lack (recorded).
        "3200" => (K::Auth, Retry::Now, "the access token was refused"),
        "120" if status == 401 => (K::Auth, Retry::Now, "the access token was refused"),
        "120" => (K::Forbidden, never, "the user or the company's edition may not do this"),
        // Threads have both for keys of one environment against the host of the other.
        "3100" => (
            K::Forbidden,
            never,
            "the app may not use this company; are the keys of the environment, sandbox or production, that the host is of?",
        ),
        "130" => {
            (K::Config, never, "the company is on another host; set `environment` to the one the keys are of")
        }
        "3001" => (K::RateLimited, throttled(by_status), "too many requests"),
        "610" => (K::NotFound, never, "there is no such object, or it is deleted or inactive"),
        "5010" => (K::Conflict, never, "the object has changed since it was read"),
        "6240" => (K::Conflict, never, "another customer, vendor or employee has the name"),
        "6140" => (K::Conflict, never, "the document number is taken"),
        "600" | "630" => (K::Conflict, never, "the request or object is a duplicate"),
        "1040" => (K::TooLarge, never, "the batch is too large"),
        "4000" | "4001" => (K::Config, never, "the query is not valid; the fault's message says where"),
        "4002" => (
            K::Rejected,
            never,
            "the query could not be processed; a stored value (an email address, say) may be invalid, so try narrower pages",
        ),
        "500" if status < 500 => (K::Config, never, "there is no such operation"),
        "2010" => (K::Rejected, never, "a property is unknown or cannot be used"),
        "2020" => (K::Rejected, never, "a required value is missing"),
        "2500" => (K::Rejected, never, "a reference is to nothing that exists"),
        "5020" | "5030" => (K::Forbidden, never, "the company's settings or edition do not allow this"),
        "6190" => (K::Forbidden, never, "the company's subscription has lapsed"),
        "800" | "620" => (K::Rejected, never, "other objects depend on it"),
        "6070" => (K::Rejected, never, "a line's amount is not its quantity times its unit price"),
        "6080" => (K::Rejected, never, "the name is missing"),
        _ => (by_status.kind(), by_status.retry(), "QuickBooks refused the request"),
    }
}

/// The wait the server asks for, or the one its documentation does.
fn throttled(by_status: &Error) -> Retry {
    match by_status.retry() {
        Retry::After(wait) => Retry::After(wait),
        _ => Retry::After(THROTTLED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(status: u16, body: &str) -> Error {
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static(TID), "1-abc".parse().unwrap())]);
        Faults::default().decode(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    /// Recorded (qbo_api cassettes) but for the values.
    const SERVICE: &str = r#"{"Fault":{"Error":[{"Message":"Duplicate Name Exists Error","Detail":"The name supplied already exists. : Planted",
        "code":"6240","element":""}],"type":"ValidationFault"},"time":"2020-09-29T05:58:07.300-07:00"}"#;
    const GATEWAY: &str = r#"{"warnings":null,"intuitObject":null,"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; statusCode=401","detail":"Token expired: planted","code":"3200","element":null}],"type":"AUTHENTICATION"},"report":null,
        "queryResponse":null,"batchItemResponse":[],"time":1601391072830,"status":null,"cdcresponse":[]}"#;
    const XML: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <IntuitResponse time="2016-04-29T14:23:41.341-07:00" xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE">
        <Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>
        <Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>"#;

    #[test]
    fn every_dialect_is_one_error_with_the_request_s_name() {
        for (status, body, kind, code) in [
            (400, SERVICE, ErrorKind::Conflict, "6240"),
            (401, GATEWAY, ErrorKind::Auth, "3200"),
            (429, XML, ErrorKind::RateLimited, "3001"),
            (429, &GATEWAY.replace("3200", "3001"), ErrorKind::RateLimited, "3001"),
            (429, "", ErrorKind::RateLimited, "429"),
            (502, "<html><body>bad gateway</body></html>", ErrorKind::Transport, "502"),
            (503, "<html><p>unclosed", ErrorKind::Transport, "503"),
            (401, "", ErrorKind::Auth, "401"),
            (400, r#"{"error":"invalid_grant"}"#, ErrorKind::Rejected, "invalid_grant"),
            (403, &GATEWAY.replace("3200", "003100"), ErrorKind::Forbidden, "3100"),
            (401, &XML.replace("3001", "130"), ErrorKind::Config, "130"),
            (400, &SERVICE.replace("6240", "A_CODE_OF_TOMORROW"), ErrorKind::Rejected, "A_CODE_OF_TOMORROW"),
            (400, &SERVICE.replace(r#""6240""#, "6240"), ErrorKind::Conflict, "6240"),
        ] {
            let error = decode(status, body);
            let fault = error.fault().unwrap();
            assert_eq!((error.kind(), &*fault.code, fault.status), (kind, code, status), "{body}");
            assert_eq!(fault.request_id.as_deref(), Some("1-abc"), "{body}");
            assert!(!format!("{error}{error:?}").to_lowercase().contains("planted"), "{error:?}");
        }
    }

    #[test]
    fn a_throttled_call_waits_a_minute_or_as_long_as_it_is_told() {
        for body in [XML, "", &GATEWAY.replace("3200", "3001"), &SERVICE.replace("6240", "3001")] {
            assert_eq!(decode(429, body).retry(), Retry::After(THROTTLED), "{body}");
        }
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, "7".parse().unwrap())]);
        let error = Faults::default().decode(StatusCode::TOO_MANY_REQUESTS, &headers, XML.as_bytes());
        assert_eq!(error.retry(), Retry::After(Duration::from_secs(7)));
    }

    #[test]
    fn a_refused_token_may_be_renewed_and_refused_rights_may_not() {
        assert_eq!(decode(401, GATEWAY).retry(), Retry::Now);
        let rights = decode(403, &SERVICE.replace("6240", "120"));
        assert_eq!((rights.kind(), rights.retry()), (ErrorKind::Forbidden, Retry::Never));
    }

    #[test]
    fn every_error_of_a_fault_is_kept_for_the_owner() {
        let body = r#"{"Fault":{"Error":[{"Message":"one","Detail":"first","code":"2020","element":"CustomerRef"},
            {"Message":"two","code":"2010","element":"Line[0].Planted value"}],"type":"ValidationFault"}}"#;
        let error = decode(400, body);
        assert_eq!(error.fault().unwrap().message(), "one; first; two");
        assert_eq!(error.to_string(), "a required value is missing (2020): CustomerRef");
    }
}
