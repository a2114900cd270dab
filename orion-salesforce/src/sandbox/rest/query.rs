//! `query`, `queryAll`, their further pages, and `explain`.

use std::sync::Arc;

use serde_json::json;

use super::{Ctx, Outcome, reads};
use crate::sandbox::call::Call;
use crate::sandbox::cursors::Selected;
use crate::sandbox::reply::{self, Reply};
use crate::sandbox::soql::Cursor;
use crate::sandbox::store::ApiError;

/// The page sizes `Sforce-Query-Options: batchSize` may ask for (Salesforce docs, REST API guide).
const BATCH: std::ops::RangeInclusive<usize> = 200..=2_000;

/// Whether rows in the recycle bin are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bin {
    Live,
    Included,
}

/// The first page, or the plan if the call has `explain`.
pub(crate) fn first(ctx: &Ctx<'_>, call: &Call, bin: Bin) -> Outcome {
    if !reads(call) {
        return Ok(reply::method_not_allowed(&call.method, "GET,HEAD"));
    }
    if let Some(soql) = call.param("explain") {
        return explain(ctx, soql);
    }
    let Some(soql) = call.param("q").filter(|soql| !soql.trim().is_empty()) else {
        return Err(ApiError::new(400, "MALFORMED_QUERY", "A query string has to be specified"));
    };
    selected(ctx, call, soql, bin)
}

/// The first page of a query.
pub(crate) fn selected(ctx: &Ctx<'_>, call: &Call, soql: &str, bin: Bin) -> Outcome {
    let cursor = ctx.org.query(soql, bin == Bin::Included)?;
    let size = asked_size(ctx, call).unwrap_or(ctx.world.settings.page_size);
    let selected = Arc::new(Selected { cursor, size, child: false });
    let next = (selected.cursor.rows() > size).then(|| {
        let locator = ctx.world.cursors().open(Arc::clone(&selected), ctx.org.now());
        url(ctx, &locator, size)
    });
    Ok(page(ctx, &selected, 0, size, next.as_deref()))
}

/// A further page: `query/<locator>-<offset>`.
pub(crate) fn more(ctx: &Ctx<'_>, call: &Call, segment: &str) -> Outcome {
    if !reads(call) {
        return Ok(reply::method_not_allowed(&call.method, "GET,HEAD"));
    }
    let invalid = || ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    let (locator, offset) = segment.split_once('-').ok_or_else(invalid)?;
    let offset: usize = offset.parse().map_err(|_| invalid())?;
    let selected = ctx.world.cursors().get(locator, ctx.org.now()).ok_or_else(invalid)?;
    let (rows, size) = (selected.cursor.rows(), asked_size(ctx, call).unwrap_or(selected.size));
    if offset >= rows {
        return Err(invalid());
    }
    let end = offset.saturating_add(size);
    let next = (end < rows).then(|| url(ctx, locator, end));
    if next.is_none() {
        ctx.world.cursors().finish(locator);
    }
    Ok(page(ctx, &selected, offset, size, next.as_deref()))
}

/// One page; a child result that is longer than a page gets a locator of its own.
fn page(ctx: &Ctx<'_>, all: &Selected, offset: usize, size: usize, next: Option<&str>) -> Reply {
    let mut more = |cursor: Cursor, shown: usize| {
        let child = Arc::new(Selected { cursor, size: shown.max(1), child: true });
        let locator = ctx.world.cursors().open(child, ctx.org.now());
        url(ctx, &locator, shown)
    };
    let records = all.cursor.page_json(ctx.org, ctx.version, offset, size, &mut more);
    envelope(all.cursor.total_size(), next, &records)
}

fn envelope(total: usize, next: Option<&str>, records: &str) -> Reply {
    let mut body = String::with_capacity(records.len() + 160);
    body.push_str(&format!("{{\"totalSize\":{total},\"done\":{}", next.is_none()));
    if let Some(next) = next {
        body.push_str(&format!(",\"nextRecordsUrl\":\"{next}\""));
    }
    body.push_str(",\"records\":");
    body.push_str(records);
    body.push('}');
    Reply::new(http::StatusCode::OK, Reply::JSON, body)
}

fn url(ctx: &Ctx<'_>, locator: &str, offset: usize) -> String {
    format!("/services/data/{}/query/{locator}-{offset}", ctx.version)
}

/// The page size the request asks for; never above the sandbox's own.
fn asked_size(ctx: &Ctx<'_>, call: &Call) -> Option<usize> {
    let options = call.header("sforce-query-options")?;
    let asked = options.split(',').find_map(|option| option.trim().strip_prefix("batchSize="))?;
    let asked: usize = asked.trim().parse().ok()?;
    Some(asked.clamp(*BATCH.start(), *BATCH.end()).min(ctx.world.settings.page_size))
}

/// A plan that says the table is scanned, which is what the sandbox does.
fn explain(ctx: &Ctx<'_>, soql: &str) -> Outcome {
    let cursor = ctx.org.query(soql, false)?;
    let whole = ctx.org.query(&format!("SELECT Id FROM {}", cursor.object()), false)?;
    Ok(Reply::ok(&json!({
        "plans": [{
            "cardinality": cursor.total_size(),
            "fields": [],
            "leadingOperationType": "TableScan",
            "notes": [],
            "relativeCost": 1.0,
            "sobjectCardinality": whole.total_size(),
            "sobjectType": cursor.object(),
        }],
        "sourceQuery": soql,
    })))
}
