//! A read that fetches the whole list at its first page, and hands it out from memory.

use std::{collections::BTreeMap, sync::Mutex};

use bytes::Bytes;
use serde_json::Value;

use super::{Desk, Row, wire::List};
use crate::{Cursor, Error, ErrorKind, Page, Query, Result};

/// Answers by list and cursor.
pub(super) type Hoard = Mutex<BTreeMap<(String, String), Bytes>>;

impl Desk {
    pub(super) async fn hoarded<R: Row>(&self, list: &str, query: &Query) -> Result<Page<R::Model>> {
        let key = |cursor: Option<&str>| (list.to_owned(), cursor.unwrap_or_default().to_owned());
        let wanted = key(query.cursor.as_ref().map(Cursor::as_str));
        let mut after = query.cursor.as_ref().map(|cursor| cursor.as_str().to_owned());
        let size = query.page_size.map(|size| size.to_string());
        while !self.hoard.lock().unwrap().contains_key(&key(after.as_deref())) {
            let call = self.client.get(&format!("/{list}"), "list").query_opt("after", after.as_deref());
            let body = call.query_opt("limit", size.as_deref()).bytes().await?;
            let next = serde_json::from_slice::<Value>(&body).ok();
            let next = next.and_then(|page| page.get("next")?.as_str().map(str::to_owned));
            self.hoard.lock().unwrap().insert(key(after.as_deref()), body);
            let Some(next) = next else { break };
            after = Some(next);
        }
        let bad = |_| Error::new(ErrorKind::Malformed, "not the JSON expected");
        let body = self.hoard.lock().unwrap().get(&wanted).cloned().unwrap_or_default();
        serde_json::from_slice::<List<R>>(&body).map_err(bad)?.into_page(list)
    }
}
