//! The control API beside the vendor's: what tests in any language steer the sandbox with. It asks for no
//! login, takes no fault and is not logged.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::Faults;
use super::{Call, Common, Reply, Vendor};

/// Routes `/_sandbox/…`.
pub(crate) async fn serve<V: Vendor>(vendor: &Arc<V>, call: &Call) -> Reply {
    let common = vendor.common();
    let parts = call.parts();
    let done = || Reply::empty(StatusCode::NO_CONTENT);
    match (&call.method, parts.get(1..).unwrap_or_default()) {
        (&Method::GET, ["log"]) => Reply::ok(&json!({ "requests": common.log(), "counts": common.counts() })),
        (&Method::DELETE, ["log"]) => {
            common.clear_log();
            done()
        }
        (&Method::GET, ["faults"]) => Reply::ok(&common.shown()),
        (&Method::POST, ["faults"]) => faults(common, call).unwrap_or_else(|why| refused(&why)),
        (&Method::DELETE, ["faults"]) => {
            common.clear_faults();
            done()
        }
        (&Method::GET, ["clock"]) => Reply::ok(&json!({ "now": common.now() })),
        (&Method::POST, ["clock"]) => clock(common, call).unwrap_or_else(|why| refused(&why)),
        (&Method::POST, ["expire"]) => {
            vendor.expire_tokens();
            done()
        }
        (&Method::POST, ["revoke"]) => {
            vendor.revoke_tokens();
            done()
        }
        _ => vendor.control(call).await.unwrap_or_else(unknown),
    }
}

fn unknown() -> Reply {
    let error = json!({ "error": "no such control; see the sandbox's documentation" });
    Reply::json(StatusCode::NOT_FOUND, &error)
}

/// 400, as the control API words it.
pub(crate) fn refused(why: &str) -> Reply {
    Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": why }))
}

/// Adds to the plan in force; `DELETE` first to replace it.
fn faults(common: &Common, call: &Call) -> Result<Reply, String> {
    let value: Value = serde_json::from_slice(&call.body).map_err(|error| error.to_string())?;
    let shown = common.add_checked(Faults::from_json(value)?)?;
    Ok(Reply::ok(&shown))
}

fn clock(common: &Common, call: &Call) -> Result<Reply, String> {
    #[derive(Deserialize)]
    struct Advance {
        advance_seconds: f64,
    }
    let advance: Advance = serde_json::from_slice(&call.body).map_err(|error| error.to_string())?;
    let by = Duration::try_from_secs_f64(advance.advance_seconds).map_err(|error| error.to_string())?;
    common.advance(by);
    Ok(Reply::ok(&json!({ "now": common.now() })))
}
