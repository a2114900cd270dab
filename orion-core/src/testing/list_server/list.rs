//! One list of the small vendor.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::{
    Fields,
    testing::{Reply, Seen},
};

/// A request the vendor turns down.
pub(super) struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, body: json!({ "error": { "code": code, "message": message } }) }
    }

    fn field(mut self, field: &str) -> Self {
        self.body["error"]["field"] = field.into();
        self
    }

    pub(super) fn body(self) -> Value {
        self.body
    }

    pub(super) fn reply(self) -> Reply {
        Reply::json(self.status, self.body)
    }
}

/// What a page is asked for with.
pub(super) struct Filter {
    limit: usize,
    after: Option<(DateTime<Utc>, String)>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    deleted: bool,
}

impl Filter {
    pub(super) fn of(seen: &Seen) -> Result<Self, Refusal> {
        let time = |name: &str| {
            let bad = |_| Refusal::new(400, "invalid", "not a time").field(name);
            let parse = |text: String| DateTime::parse_from_rfc3339(&text).map(|at| at.to_utc()).map_err(bad);
            seen.query(name).map(parse).transpose()
        };
        let bad_cursor = || Refusal::new(400, "invalid_cursor", "the cursor is none of this list");
        Ok(Self {
            limit: seen.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(100).clamp(1, 100),
            after: seen.query("after").map(|text| position(&text).ok_or_else(bad_cursor)).transpose()?,
            since: time("updated_since")?,
            until: time("updated_before")?,
            deleted: seen.query("deleted").as_deref() == Some("true"),
        })
    }

    fn wants(&self, at: DateTime<Utc>, row: &Row) -> bool {
        self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at < until)
            && (self.deleted || row.fields.is_some())
    }
}

fn position(cursor: &str) -> Option<(DateTime<Utc>, String)> {
    let (micros, id) = cursor.split_once('-')?;
    Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.to_owned()))
}

pub(super) struct List {
    required: &'static [&'static str],
    rows: BTreeMap<String, Row>,
    order: BTreeSet<(DateTime<Utc>, String)>,
    made: u64,
}

struct Row {
    created: DateTime<Utc>,
    updated: DateTime<Utc>,
    version: u64,
    /// `None` once deleted.
    fields: Option<Fields>,
}

impl List {
    pub(super) fn new(required: &'static [&'static str]) -> Self {
        Self { required, rows: BTreeMap::new(), order: BTreeSet::new(), made: 0 }
    }

    pub(super) fn live(&self) -> Vec<Fields> {
        let live = self.rows.iter().filter(|(_, row)| row.fields.is_some());
        live.map(|(id, row)| row.shown(id)).collect()
    }

    pub(super) fn page(&self, filter: &Filter) -> Result<Reply, Refusal> {
        let start = filter.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let mut found = self.order.range((start, Bound::Unbounded)).filter_map(|(at, id)| {
            let row = self.rows.get(id).filter(|row| filter.wants(*at, row))?;
            Some((format!("{}-{id}", at.timestamp_micros()), row.shown(id)))
        });
        let page: Vec<(String, Fields)> = found.by_ref().take(filter.limit).collect();
        let more = found.next().is_some();
        let next = page.last().map(|(cursor, _)| cursor.clone()).filter(|_| more);
        let data: Vec<Fields> = page.into_iter().map(|(_, row)| row).collect();
        Ok(match next {
            Some(next) => Reply::json(200, json!({ "data": data, "next": next })),
            None => Reply::json(200, json!({ "data": data })),
        })
    }

    pub(super) fn get(&self, id: &str) -> Result<Fields, Refusal> {
        self.found(id, None)?;
        Ok(self.rows.get(id).map(|row| row.shown(id)).unwrap_or_default())
    }

    /// Makes or replaces a row, whatever is in it.
    pub(super) fn put(&mut self, fields: Fields, at: DateTime<Utc>) -> String {
        let id = fields.text("id").map(str::to_owned).unwrap_or_else(|| {
            self.made += 1;
            self.made.to_string()
        });
        self.set(&id, Some(fields), at);
        id
    }

    pub(super) fn create(&mut self, mut fields: Fields, now: DateTime<Utc>) -> Result<Fields, Refusal> {
        self.check(&fields)?;
        fields.remove("id");
        let id = self.put(fields, now);
        self.get(&id)
    }

    pub(super) fn change(
        &mut self,
        id: &str,
        changes: Fields,
        version: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Fields, Refusal> {
        let mut fields = self.found(id, version)?.clone();
        for (name, value) in changes {
            fields.insert(name, value);
        }
        self.check(&fields)?;
        self.set(id, Some(fields), now);
        self.get(id)
    }

    pub(super) fn delete(
        &mut self,
        id: &str,
        version: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.found(id, version)?;
        self.set(id, None, now);
        Ok(())
    }

    fn check(&self, fields: &Fields) -> Result<(), Refusal> {
        let missing = self.required.iter().find(|name| fields.text(name).is_none_or(str::is_empty));
        match missing {
            Some(name) => Err(Refusal::new(422, "invalid", "a required field is missing").field(name)),
            None => Ok(()),
        }
    }

    fn found(&self, id: &str, version: Option<&str>) -> Result<&Fields, Refusal> {
        let row = self.rows.get(id).and_then(|row| Some((row, row.fields.as_ref()?)));
        let (row, fields) = row.ok_or_else(|| Refusal::new(404, "not_found", "there is no such row"))?;
        match version {
            Some(version) if version != row.version.to_string() => {
                Err(Refusal::new(409, "stale", "the row has changed since"))
            }
            _ => Ok(fields),
        }
    }

    fn set(&mut self, id: &str, fields: Option<Fields>, at: DateTime<Utc>) {
        let before = self.rows.get(id);
        let (created, version) = before.map_or((at, 1), |row| (row.created, row.version + 1));
        let row = Row { created, updated: at, version, fields };
        if let Some(old) = self.rows.insert(id.to_owned(), row) {
            self.order.remove(&(old.updated, id.to_owned()));
        }
        self.order.insert((at, id.to_owned()));
    }
}

impl Row {
    fn shown(&self, id: &str) -> Fields {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let mut fields = self.fields.clone().unwrap_or_default();
        fields.insert("id", id);
        fields.insert("updated_at", time(self.updated));
        if self.fields.is_some() {
            fields.insert("created_at", time(self.created));
            fields.insert("version", self.version.to_string());
        } else {
            fields.insert("deleted", true);
        }
        fields
    }
}
