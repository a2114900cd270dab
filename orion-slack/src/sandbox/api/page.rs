//! Cursors: opaque, and pages that may be shorter than what was asked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::store::refusal::Refusal;
use super::Ask;

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Empty at the end.
    pub(crate) next: String,
}

impl<T> Page<T> {
    pub(crate) fn metadata(&self) -> Value {
        json!({ "next_cursor": self.next })
    }
}

impl Ask<'_> {
    /// The size of a page: `limit`, or `unless_set`.
    pub(crate) fn limit(&self, unless_set: usize, most: i64) -> Result<usize, Refusal> {
        match self.args.number("limit").map_err(|_| Refusal::from("invalid_limit"))? {
            None | Some(0) => Ok(unless_set),
            Some(limit) if (1..=most).contains(&limit) => Ok(usize::try_from(limit).unwrap_or(unless_set)),
            Some(_) => Err("invalid_limit".into()),
        }
    }

    /// The key that the cursor continues at.
    pub(crate) fn cursor(&self, list: &str) -> Result<Option<String>, Refusal> {
        let Some(cursor) = self.args.text("cursor") else { return Ok(None) };
        let key = || {
            let plain = String::from_utf8(STANDARD.decode(&cursor).ok()?).ok()?;
            plain.strip_prefix(list)?.strip_prefix(':').map(str::to_owned)
        };
        key().map(Some).ok_or_else(|| "invalid_cursor".into())
    }

    /// The page of a list in a fixed order, from the item whose key the cursor holds.
    pub(crate) fn page<T>(
        &self,
        list: &str,
        items: Vec<T>,
        limit: usize,
        key: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Refusal> {
        let from = self.cursor(list)?;
        let start = match &from {
            None => 0,
            Some(from) => items.iter().position(|item| key(item) == *from).ok_or("invalid_cursor")?,
        };
        // The vendor's pages may be short before the end; small ones are kept whole, so that a person can count them.
        let short = self.world.settings.short_pages && limit >= 10 && start / limit % 3 == 1;
        let size = if short { limit - limit / 10 } else { limit };
        let next = items.get(start + size).map(|item| next_cursor(list, &key(item))).unwrap_or_default();
        Ok(Page { items: items.into_iter().skip(start).take(size).collect(), next })
    }
}

/// A cursor that continues at `key`.
pub(crate) fn next_cursor(list: &str, key: &str) -> String {
    STANDARD.encode(format!("{list}:{key}"))
}
