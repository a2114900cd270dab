//! `requestid`: the same id gets the answer of the first time, without a second effect (Intuit docs, "Request ID").
//!
//! Refused requests are not kept, so that a corrected one may reuse the id (unverified), and the body is not compared.

use std::collections::HashMap;

use orion_core::sandbox::Reply;

/// Bodies answered so far, by id.
pub(crate) type Replays = HashMap<String, bytes::Bytes>;

/// The longest id (Intuit docs).
pub(crate) const LONGEST: usize = 50;

/// The reply that was given to this id, or that of `answer`, which is kept if it is 200.
pub(crate) fn once(replays: &mut Replays, id: Option<&str>, answer: impl FnOnce() -> Reply) -> Reply {
    let Some(id) = id.filter(|id| !id.is_empty()) else { return answer() };
    if let Some(body) = replays.get(id) {
        return Reply::new(http::StatusCode::OK, Reply::JSON, body.clone());
    }
    let reply = answer();
    if reply.status == http::StatusCode::OK {
        replays.insert(id.to_owned(), reply.body.clone());
    }
    reply
}
