//! The vendor's dialects of refusal: the service's JSON, the gateway's JSON and XML, a proxy's HTML, and nothing.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orion_core::sandbox::{Call, Reply};
use serde_json::json;

use super::store::{Fault, Object, stamp_millis};

const XML: &str = "application/xml";

/// How the gateway writes a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Json,
    Xml,
}

impl Dialect {
    /// JSON unless only XML is accepted.
    pub(crate) fn of(call: &Call) -> Self {
        let accept = call.header("accept").unwrap_or_default();
        if accept.contains("xml") && !accept.contains("json") { Self::Xml } else { Self::Json }
    }
}

/// One refusal of the gateway's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal<'a> {
    pub(crate) status: StatusCode,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) detail: &'a str,
    pub(crate) kind: &'a str,
}

/// Recorded; the details other than `Token expired` are unverified.
pub(crate) fn unauthenticated(detail: &str) -> Refusal<'_> {
    let message = "message=AuthenticationFailed; errorCode=003200; statusCode=401";
    Refusal { status: StatusCode::UNAUTHORIZED, code: "3200", message, detail, kind: "AUTHENTICATION" }
}

/// The token is not for this company, or has not the accounting scope (as clients quote it).
pub(crate) const FORBIDDEN: Refusal<'_> = Refusal {
    status: StatusCode::FORBIDDEN,
    code: "3100",
    message: "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
    detail: "",
    kind: "SERVICE",
};

/// Recorded in 2016, as XML whatever was accepted; whether it still is XML is unverified.
pub(crate) const THROTTLED: Refusal<'_> = Refusal {
    status: StatusCode::TOO_MANY_REQUESTS,
    code: "3001",
    message: "message=ThrottleExceeded; errorCode=003001; statusCode=429",
    detail: "The request limit was reached.  Try again later",
    kind: "SERVICE",
};

/// A refusal of the gateway's.
pub(crate) fn gateway(refusal: Refusal<'_>, dialect: Dialect, now: DateTime<Utc>) -> Reply {
    let Refusal { status, code, message, detail, kind } = refusal;
    let reply = match dialect {
        Dialect::Json => {
            let error = json!({ "message": message, "detail": detail, "code": code, "element": null });
            Reply::json(
                status,
                &json!({
                    "warnings": null, "intuitObject": null,
                    "fault": { "error": [error], "type": kind },
                    "report": null, "queryResponse": null, "batchItemResponse": [], "attachableResponse": [],
                    "syncErrorResponse": null, "requestId": null, "time": now.timestamp_millis(),
                    "status": null, "cdcresponse": [],
                }),
            )
        }
        Dialect::Xml => {
            let time = stamp_millis(now);
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><IntuitResponse time=\"{time}\" \
                 xmlns=\"http://schema.intuit.com/finance/v3\"><Fault type=\"{kind}\"><Error code=\"{code}\">\
                 <Message>{message}</Message><Detail>{detail}</Detail></Error></Fault></IntuitResponse>"
            );
            Reply::new(status, XML, body)
        }
    };
    if status == StatusCode::UNAUTHORIZED {
        return reply.with("www-authenticate", "Bearer realm=\"Intuit\", error=\"invalid_token\"");
    }
    reply
}

/// A refusal of the service's.
pub(crate) fn service(fault: &Fault, now: DateTime<Utc>) -> Reply {
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = Object::new().with("Fault", fault.json()).with("time", stamp_millis(now));
    Reply::new(status, Reply::JSON, body.to_string())
}

/// 500 as Intuit's error list words code 10000; the rest of the envelope is unverified.
pub(crate) fn broken(now: DateTime<Utc>) -> Reply {
    let message = "An application error has occurred while processing your request";
    let mut fault = Fault::new("10000", message, "System Failure Error: an unexpected error");
    (fault.status, fault.kind) = (500, "SystemFault");
    service(&fault, now)
}

/// What a proxy in front of the service answers (seen for 502 and 503).
pub(crate) fn page(status: StatusCode) -> Reply {
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
    let html = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    Reply::new(status, "text/html", html)
}
