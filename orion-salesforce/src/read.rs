//! `Read<M>`: one query per object, resumable with and without its locator.

use chrono::{DateTime, Utc};
use orion_core::{
    Change, Currency, Cursor, Error, ErrorKind, Page, Query, Read, RecordId, Rejected, Result, http::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Salesforce,
    describe::{CURRENCY, Columns},
    object::{self, Children, Mapped, SObject},
    rows::{self, Layout, Rows, Selected},
    soql::{Condition, Select, Soql, field},
    value::Value,
};

/// Where a read stands: the vendor's locator, and the last row in time, from which a new query goes on when the locator is gone.
///
/// Locators live two days, ten of them per user, and end with the session in practice (unverified); rows are read in the order of
/// `SystemModstamp` and `Id`, so the last one is as good a position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Position {
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    locator: Option<Box<str>>,
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    after: Option<(DateTime<Utc>, RecordId)>,
}

impl Position {
    fn decode(cursor: &Cursor) -> Result<Self> {
        serde_json::from_str(cursor.as_str())
            .map_err(|_| Error::new(ErrorKind::Config, "the cursor was not made by this connector"))
    }

    fn encode(&self) -> Result<Cursor> {
        serde_json::to_string(self).map(Cursor::new).map_err(|source| {
            Error::new(ErrorKind::Malformed, "the position does not serialise").with_source(source)
        })
    }
}

impl<M: Mapped> Read<M> for Salesforce {
    async fn read(&self, query: &Query) -> Result<Page<M>> {
        let object = object::find::<M>(query.object.as_deref())?;
        let position = query.cursor.as_ref().map(Position::decode).transpose()?.unwrap_or_default();
        let (columns, layout) = self.layout(object).await?;
        let answer = self.answer(&columns, &layout, query, &position).await?;
        let as_of = date(&answer);
        let body = answer.bytes().await?;
        let rows = rows::parse(text(&body)?, &layout)?;
        Ok(self.page(&layout, rows, position).await?.with_as_of(as_of))
    }
}

impl Salesforce {
    /// How an object of the org becomes records.
    pub(crate) async fn layout<M: Mapped>(&self, mut object: SObject<M>) -> Result<(Columns, Layout<M>)> {
        let first: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
        let columns = self.columns(&object.name, &first).await?;
        if let Some(children) = object.children {
            object.child_columns = Some(self.child_columns(&object.name, children).await?);
        }
        let instance = self.instance().await?;
        let layout = Layout::new(object, &columns, self.inner().config.currency, &instance);
        Ok((columns, layout))
    }

    async fn answer<M: Mapped>(
        &self,
        columns: &Columns,
        layout: &Layout<M>,
        query: &Query,
        position: &Position,
    ) -> Result<Response> {
        if let Some(locator) = &position.locator {
            match self.next_rows(locator, query.page_size).await {
                // Two days have passed, or ten other queries were begun.
                Err(error) if error.kind() == ErrorKind::Expired && position.after.is_some() => {}
                answer => return answer,
            }
        }
        let soql = statement(&layout.object, columns, query, position.after.as_ref())?;
        self.first_rows(soql.as_str(), query.deletes, query.page_size).await
    }

    async fn page<M: Mapped>(
        &self,
        layout: &Layout<M>,
        rows: Rows<M>,
        position: Position,
    ) -> Result<Page<M>> {
        let Rows { total, next, mut changes, mut rejected, unfinished, last, .. } = rows;
        let mut misfits = Vec::new();
        for (at, _) in unfinished {
            let misfit = self.rest_of_lines(layout, &mut changes[at]).await?;
            misfits.extend(misfit.map(|misfit| (at, misfit)));
        }
        for (at, misfit) in misfits.into_iter().rev() {
            changes.remove(at);
            rejected.push(misfit);
        }
        let next = next.map(|locator| Position { locator: Some(locator), after: last.or(position.after) });
        let next = next.as_ref().map(Position::encode).transpose()?;
        Ok(Page::new(changes, next).with_rejected(rejected).with_total(total))
    }

    /// Reads the child rows that did not fit into the record's own page, in the order of their ids. They are asked for by a query of their
    /// own, which returns 2,000 at a time and has no locator that could expire. A row that does not fit is returned.
    async fn rest_of_lines<M: Mapped>(
        &self,
        layout: &Layout<M>,
        change: &mut Change<M>,
    ) -> Result<Option<Rejected>> {
        let (Some(children), Change::Upsert(record)) = (layout.object.children, change) else {
            return Ok(None);
        };
        let currency = record.extra.text(CURRENCY).and_then(|code| Currency::new(code).ok());
        let currency = currency.unwrap_or(self.inner().config.currency);
        loop {
            let lines = (children.lines)(&record.model);
            let (have, last) = (lines.len(), lines.last().and_then(|line| line.id.clone()));
            let last = last.map(|id| field("Id").gt(id.as_str()));
            let parent = field(children.parent).eq(record.id.as_str());
            let soql = child_rows(&layout.object, children).from(children.object).filter(parent);
            let soql = last.into_iter().fold(soql, Select::filter).build()?;
            let body = self.first_rows(soql.as_str(), false, None).await?.bytes().await?;
            let raw: &RawValue = serde_json::from_slice(&body)
                .map_err(|_| Error::new(ErrorKind::Malformed, "the page of child records is not JSON"))?;
            match rows::lines(children, &mut record.model, Value::from(raw), currency) {
                Ok(None) => return Ok(None),
                Ok(Some(_)) if (children.lines)(&record.model).len() > have => {}
                Ok(Some(_)) => {
                    let message =
                        "a page of child records is empty and not the last; the read would never end";
                    return Err(Error::new(ErrorKind::Malformed, message));
                }
                Err(source) => {
                    let message = format!("a record of `{}` does not fit", children.relationship);
                    let reason = Error::new(ErrorKind::Malformed, message).with_source(source);
                    return Ok(Some(Rejected::new(Some(record.id.clone()), raw.get(), reason)));
                }
            }
        }
    }
}

/// The source's clock when it answered.
fn date(answer: &Response) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(answer.header("date")?).ok().map(|at| at.to_utc())
}

fn text(body: &[u8]) -> Result<&str> {
    std::str::from_utf8(body)
        .map_err(|source| Error::new(ErrorKind::Malformed, "the page is not UTF-8").with_source(source))
}

/// The SELECT of child rows, in the order of their ids, so that the last one is a position. A `queryAll` would find deleted ones too.
fn child_rows<M>(object: &SObject<M>, children: &Children<M>) -> Select {
    let names = children.fields.iter().map(|field| field.name);
    let more = object.child_columns.iter().flat_map(|columns| columns.iter());
    let names = names.chain(more.map(|column| &*column.name));
    Soql::select(names).filter(field("IsDeleted").eq(false)).order_by(field("Id").asc())
}

/// The SELECT of a read: in the order of change, so that the last row is a position.
pub(crate) fn statement<M: 'static>(
    object: &SObject<M>,
    columns: &[Selected],
    query: &Query,
    after: Option<&(DateTime<Utc>, RecordId)>,
) -> Result<Soql> {
    let stamp = || field("SystemModstamp");
    let mut conditions: Vec<Condition> = Vec::new();
    conditions.extend(query.since.map(|since| stamp().ge(since)));
    conditions.extend(query.until.map(|until| stamp().lt(until)));
    conditions.extend(after.map(|(at, id)| {
        let same = stamp().eq(*at).and(field("Id").gt(id.as_str()));
        stamp().gt(*at).or(same)
    }));
    let mut select = Soql::select(columns.iter().map(|column| &*column.name)).from(&object.name);
    if let Some(children) = object.children {
        select = select.child(child_rows(object, children).from(children.relationship));
    }
    if let Some(condition) = Condition::all(conditions) {
        select = select.filter(condition);
    }
    select.order_by(stamp().asc()).order_by(field("Id").asc()).build()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use orion_core::UnifiedCustomer;

    use super::*;

    #[test]
    fn a_read_without_its_locator_goes_on_after_the_last_row() {
        let object = object::find::<UnifiedCustomer>(Some("lead")).unwrap();
        let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let columns =
            ["Id", "SystemModstamp"].map(|name| Selected { name: name.into(), cell: rows::CellForm::Text });
        let query = Query::new().since(at);
        let soql = statement(&object, &columns, &query, Some(&(at, "00Q1".into()))).unwrap();
        assert_eq!(
            soql.as_str(),
            "SELECT Id, SystemModstamp FROM Lead WHERE SystemModstamp >= 2026-01-02T03:04:05Z AND \
             (SystemModstamp > 2026-01-02T03:04:05Z OR (SystemModstamp = 2026-01-02T03:04:05Z AND Id > '00Q1')) \
             ORDER BY SystemModstamp, Id"
        );
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        assert_eq!(Position::decode(&Cursor::new("2")).unwrap_err().kind(), ErrorKind::Config);
    }
}
