//! The resource list, limits and recently viewed rows.

use serde_json::{Map, Value, json};

use super::{Ctx, Outcome, reads};
use crate::sandbox::call::Call;
use crate::sandbox::reply::{self, Reply};

/// `GET /services/data/vNN.N`.
pub(crate) fn resources(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    if !reads(call) {
        return Ok(reply::method_not_allowed(&call.method, "GET,HEAD"));
    }
    let mut all = Map::new();
    for name in [
        "composite",
        "jobs",
        "limits",
        "parameterizedSearch",
        "query",
        "queryAll",
        "recent",
        "search",
        "sobjects",
    ] {
        all.insert(name.to_owned(), json!(format!("/services/data/{}/{name}", ctx.version)));
    }
    let who = &ctx.world.identity;
    all.insert("identity".to_owned(), json!(format!("{}/id/{}/{}", call.base, who.org_id, who.user_id)));
    Ok(Reply::ok(&all))
}

/// `GET limits`: the daily request limit counts; the others stand still.
pub(crate) fn limits(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    if !reads(call) {
        return Ok(reply::method_not_allowed(&call.method, "GET,HEAD"));
    }
    let max = ctx.world.settings.daily_limit;
    let still = |max: u64| json!({ "Max": max, "Remaining": max });
    Ok(Reply::ok(&json!({
        "ConcurrentAsyncGetReportInstances": still(200),
        "DailyApiRequests": { "Max": max, "Remaining": max.saturating_sub(ctx.world.used()) },
        "DailyAsyncApexExecutions": still(250_000),
        "DailyBulkApiBatches": still(15_000),
        "DailyBulkV2QueryFileStorageMB": still(976_562),
        "DailyBulkV2QueryJobs": still(10_000),
        "DailyGenericStreamingApiEvents": still(10_000),
        "DailyStreamingApiEvents": still(10_000),
        "DailyWorkflowEmails": still(1_000),
        "DataStorageMB": still(1_024),
        "DurableStreamingApiConcurrentClients": still(20),
        "FileStorageMB": still(1_024),
        "HourlyAsyncReportRuns": still(1_200),
        "HourlySyncReportRuns": still(500),
        "MassEmail": still(10),
        "SingleEmail": still(15),
        "StreamingApiConcurrentClients": still(20),
    })))
}

/// `GET recent?limit=n`.
pub(crate) fn recent(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    if !reads(call) {
        return Ok(reply::method_not_allowed(&call.method, "GET,HEAD"));
    }
    let limit = call.param("limit").and_then(|text| text.parse().ok()).unwrap_or(200);
    Ok(Reply::ok(&viewed(ctx, None, limit)))
}

/// Rows viewed last, of one object or of all; a deleted one is left out.
pub(crate) fn viewed(ctx: &Ctx<'_>, object: Option<&str>, limit: usize) -> Vec<Value> {
    ctx.world
        .recent()
        .iter()
        .filter(|(of, _)| object.is_none_or(|object| object == of))
        .filter_map(|(of, id)| {
            let fields: Vec<String> = ["Id", "Name"]
                .iter()
                .filter_map(|field| ctx.org.field_name(of, field))
                .map(str::to_owned)
                .collect();
            ctx.org.get(ctx.version, of, id, Some(&fields)).ok()
        })
        .take(limit)
        .collect()
}
