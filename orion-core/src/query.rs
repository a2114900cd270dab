//! What to read, and where a read stands.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Change, Error, ErrorKind, Rejected, Result};

/// A position in a read. Opaque: only the adapter that made it understands it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(Box<str>);

impl Cursor {
    /// Wraps an adapter's position.
    #[must_use]
    pub fn new(position: impl Into<Box<str>>) -> Self {
        Self(position.into())
    }

    /// The adapter's own text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What to read. The default reads every live record of the model's first object.
///
/// ```
/// use chrono::{TimeZone, Utc};
/// use orion_core::Query;
///
/// let changes = Query::new()
///     .object("Lead")
///     .since(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap())
///     .with_deletes()
///     .page_size(500);
/// assert_eq!(changes.object.as_deref(), Some("Lead"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// The vendor's object, for instance `Lead`; the model's first one if unset.
    pub object: Option<Box<str>>,
    /// Only what changed at or after this instant.
    pub since: Option<DateTime<Utc>>,
    /// Only what changed before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Whether deleted records are reported (as [`Change::Delete`]).
    pub deletes: bool,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// How many records a page should hold. Advisory: a page may be shorter, and only a missing cursor ends a read.
    pub page_size: Option<u32>,
}

impl Query {
    /// Reads everything that is live.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one of the vendor's objects.
    #[must_use]
    pub fn object(mut self, object: impl Into<Box<str>>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Reads only what changed at or after `since`.
    #[must_use]
    pub fn since(mut self, since: DateTime<Utc>) -> Self {
        self.since = Some(since);
        self
    }

    /// Reads only what changed before `until`.
    #[must_use]
    pub fn until(mut self, until: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self
    }

    /// Reports deleted records too.
    #[must_use]
    pub fn with_deletes(mut self) -> Self {
        self.deletes = true;
        self
    }

    /// Goes on where an earlier page ended.
    #[must_use]
    pub fn cursor(mut self, cursor: Option<Cursor>) -> Self {
        self.cursor = cursor;
        self
    }

    /// Refuses a query for any object but this one: for a model that comes from a single object.
    ///
    /// # Errors
    /// `Config` if the query names another object.
    pub fn only(&self, object: &str) -> Result<()> {
        match self.object.as_deref() {
            Some(other) if other != object => Err(Error::new(
                ErrorKind::Config,
                format!("there is no object `{other}` of this kind; there is `{object}`"),
            )),
            _ => Ok(()),
        }
    }

    /// Asks for pages of this many records.
    #[must_use]
    pub fn page_size(mut self, records: u32) -> Self {
        self.page_size = Some(records);
        self
    }
}

/// One page of changes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<M> {
    /// The changes, in the source's order.
    pub changes: Vec<Change<M>>,
    /// Records that could not be read as the model.
    pub rejected: Vec<Rejected>,
    /// Where the next page starts; `None` ends the read.
    pub next: Option<Cursor>,
    /// How many records the whole read holds, if the source says so.
    pub total: Option<u64>,
    /// The source's clock when it answered (its `Date` header, say). A sync remembers this rather than its own clock.
    pub as_of: Option<DateTime<Utc>>,
}

impl<M> Page<M> {
    /// Builds a page. An empty cursor counts as none.
    #[must_use]
    pub fn new(changes: Vec<Change<M>>, next: Option<Cursor>) -> Self {
        Self {
            changes,
            rejected: Vec::new(),
            next: next.filter(|next| !next.as_str().is_empty()),
            total: None,
            as_of: None,
        }
    }

    /// Builds a page from a source's rows: what deserialises as `R` is what `read` makes of it, and what does not is set aside
    /// while the others go on.
    ///
    /// ```
    /// # use orion_core::{Change, CustomObject, Page, Record};
    /// let rows: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(r#"["ink", 7]"#)?;
    /// let page = Page::of_rows(&rows, None, |name: String| Ok(Change::Upsert(Record::new(name, CustomObject::default()))));
    /// assert_eq!((page.changes.len(), &*page.rejected[0].raw), (1, "7"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn of_rows<'r, R: Deserialize<'r>>(
        rows: impl IntoIterator<Item = &'r Box<RawValue>>,
        next: Option<Cursor>,
        mut read: impl FnMut(R) -> Result<Change<M>>,
    ) -> Self {
        let mut page = Self::new(Vec::new(), next);
        for row in rows {
            // serde's own message may quote a value.
            let read = serde_json::from_str(row.get())
                .map_err(|_| Error::new(ErrorKind::Malformed, "the row has another shape than documented"))
                .and_then(&mut read);
            match read {
                Ok(change) => page.changes.push(change),
                Err(reason) => page.rejected.push(Rejected::new(None, row.get(), reason)),
            }
        }
        page
    }

    /// Adds the records that could not be read.
    #[must_use]
    pub fn with_rejected(mut self, rejected: Vec<Rejected>) -> Self {
        self.rejected = rejected;
        self
    }

    /// Says how many records the whole read holds.
    #[must_use]
    pub fn with_total(mut self, total: Option<u64>) -> Self {
        self.total = total;
        self
    }

    /// Says what the source's clock showed when it answered.
    #[must_use]
    pub fn with_as_of(mut self, as_of: Option<DateTime<Utc>>) -> Self {
        self.as_of = as_of;
        self
    }
}
