//! Composite resources: collections, composite, batch, tree and graph.

mod batch;
mod collections;
mod graph;
mod references;
mod requests;
mod tree;

use http::Method;
use serde_json::{Value, json};

use super::call::Call;
use super::reply::{self, Reply};
use super::rest::{Ctx, Outcome};
use super::store::ApiError;

/// Records of one collection or tree (Salesforce docs, REST API guide).
const MAX_RECORDS: usize = 200;

/// Subrequests of one composite or batch (Salesforce docs).
const MAX_SUBREQUESTS: usize = 25;

/// Routes below `composite`.
pub(crate) fn serve(ctx: &mut Ctx<'_>, call: &Call, tail: &[&str]) -> Outcome {
    match (&call.method, tail) {
        (_, ["sobjects", rest @ ..]) => collections::serve(ctx, call, rest),
        (&Method::POST, []) => requests::serve(ctx, call),
        (&Method::POST, ["batch"]) => batch::serve(ctx, call),
        (&Method::POST, ["graph"]) => graph::serve(ctx, call),
        (&Method::POST, ["tree", object]) => tree::serve(ctx, call, object),
        (&Method::GET, []) => {
            let at = |name: &str| format!("/services/data/{}/composite/{name}", ctx.version);
            Ok(Reply::ok(&json!({
                "tree": at("tree"), "batch": at("batch"), "sobjects": at("sobjects"), "graph": at("graph"),
            })))
        }
        (_, [] | ["batch" | "graph"] | ["tree", _]) => Ok(reply::method_not_allowed(&call.method, "POST")),
        _ => Ok(reply::not_found()),
    }
}

/// What a subrequest gets whose work was undone, or that was not tried, because another one failed.
fn halted() -> Value {
    json!([{
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    }])
}

/// A request that breaks one of the limits. The code is unverified.
fn over_limit(message: String) -> ApiError {
    ApiError::new(400, "LIMIT_EXCEEDED", message)
}
