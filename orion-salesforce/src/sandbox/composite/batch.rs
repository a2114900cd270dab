//! `composite/batch`: independent subrequests.

use serde::Deserialize;
use serde_json::{Value, json};

use super::requests::send;
use super::{MAX_SUBREQUESTS, over_limit};
use crate::sandbox::call::{self, Call};
use crate::sandbox::reply::Reply;
use crate::sandbox::rest::{Ctx, Outcome};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    #[serde(default)]
    halt_on_error: bool,
    batch_requests: Vec<Sub>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sub {
    method: String,
    url: String,
    #[serde(default)]
    rich_input: Value,
}

/// `POST composite/batch`. After a failure with `haltOnError` the rest get 412 (Salesforce docs, batch).
pub(super) fn serve(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    let batch: Batch = call::json(call)?;
    if batch.batch_requests.len() > MAX_SUBREQUESTS {
        return Err(over_limit(format!("at most {MAX_SUBREQUESTS} subrequests can be sent")));
    }
    let (mut failed, mut results) = (false, Vec::with_capacity(batch.batch_requests.len()));
    for sub in &batch.batch_requests {
        if failed && batch.halt_on_error {
            let message = "Batch processing halted per request";
            let result = json!([{ "errorCode": "BATCH_PROCESSING_HALTED", "message": message }]);
            results.push(json!({ "statusCode": 412, "result": result }));
            continue;
        }
        let reply = send(ctx, call, &sub.method, &sub.url, &sub.rich_input);
        failed |= reply.status.as_u16() >= 400;
        results.push(json!({ "statusCode": reply.status.as_u16(), "result": reply.body_json() }));
    }
    Ok(Reply::ok(&json!({ "hasErrors": failed, "results": results })))
}
