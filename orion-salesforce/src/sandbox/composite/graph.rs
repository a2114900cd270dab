//! `composite/graph`: several composites, each all or none.

use serde::Deserialize;
use serde_json::{Value, json};

use super::requests::{Answer, Sub, checked, run};
use super::{halted, over_limit};
use crate::sandbox::call::{self, Call};
use crate::sandbox::reply::Reply;
use crate::sandbox::rest::{Ctx, Outcome};

/// Limits of one payload (Salesforce docs, composite graph).
const MAX_GRAPHS: usize = 75;
const MAX_NODES: usize = 500;

/// After this many failed graphs the rest are not tried.
const MAX_FAILED: usize = 14;

#[derive(Deserialize)]
struct Graphs {
    graphs: Vec<Graph>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Graph {
    graph_id: String,
    composite_request: Vec<Sub>,
}

/// `POST composite/graph`.
pub(super) fn serve(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    let body: Graphs = call::json(call)?;
    let nodes: usize = body.graphs.iter().map(|graph| graph.composite_request.len()).sum();
    if body.graphs.len() > MAX_GRAPHS || nodes > MAX_NODES {
        return Err(over_limit(format!("at most {MAX_GRAPHS} graphs with {MAX_NODES} nodes can be sent")));
    }
    for graph in &body.graphs {
        checked(&graph.composite_request)?;
    }
    let (mut failed, mut shown) = (0, Vec::with_capacity(body.graphs.len()));
    for graph in &body.graphs {
        if failed >= MAX_FAILED {
            shown.push(answered(graph, false, &[halted()]));
            continue;
        }
        let answers: Vec<Value> =
            run(ctx, call, &graph.composite_request, true).iter().map(Answer::shown).collect();
        let good =
            answers.iter().all(|answer| answer["httpStatusCode"].as_u64().is_some_and(|code| code < 400));
        failed += usize::from(!good);
        shown.push(answered(graph, good, &answers));
    }
    Ok(Reply::ok(&json!({ "graphs": shown })))
}

fn answered(graph: &Graph, good: bool, answers: &[Value]) -> Value {
    json!({
        "graphId": graph.graph_id,
        "graphResponse": { "compositeResponse": answers },
        "isSuccessful": good,
    })
}
