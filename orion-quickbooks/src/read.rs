//! `Read<M>`: pages in the order of ids, and change data capture for what changed lately.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use orion_core::{Change, Cursor, Error, ErrorKind, Page, Query, Read, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    NAME, QuickBooks,
    object::{self, Entity, Family, Mapped},
    ql::{PAGE, Select},
    query::id,
    rows::Layout,
};

/// For how long change data capture remembers (Intuit docs, "Change data capture"), less a margin for clocks.
pub(crate) const REMEMBERED: TimeDelta = TimeDelta::minutes(30 * 24 * 60 - 10);

/// Where a read stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Position {
    /// After the row of this id.
    #[serde(rename = "a")]
    After(Box<str>),
    /// All rows are read; what was deleted is next.
    #[serde(rename = "d")]
    Deleted,
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

impl<M: Mapped> Read<M> for QuickBooks {
    async fn read(&self, query: &Query) -> Result<Page<M>> {
        let entity = object::find::<M>(query.object.as_deref())?;
        match query.cursor.as_ref().map(Position::decode).transpose()? {
            None => match self.captured_since(&entity, query) {
                Some(since) => self.changes(entity, query, since).await,
                None => self.page(entity, query, None).await,
            },
            Some(Position::After(after)) => self.page(entity, query, Some(&after)).await,
            Some(Position::Deleted) => self.deleted(entity, query).await,
        }
    }
}

impl QuickBooks {
    /// From when on change data capture answers the whole query, if it does.
    fn captured_since<M>(&self, entity: &Entity<M>, query: &Query) -> Option<DateTime<Utc>> {
        query.since.filter(|_| query.deletes && query.until.is_none() && entity.family != Family::Other)
    }

    /// One page of rows.
    async fn page<M: Mapped>(
        &self,
        entity: Entity<M>,
        query: &Query,
        after: Option<&str>,
    ) -> Result<Page<M>> {
        let size = query.page_size.unwrap_or(PAGE).clamp(1, PAGE);
        let answer = self.rows(&select(&entity, query).after(after, size)?).await?;
        let rows = answer.rows()?.rows;
        let next = match rows.last() {
            Some(last) if rows.len() >= size as usize => Some(Position::After(id(last)?.into())),
            _ if query.deletes && entity.family == Family::Transaction => Some(Position::Deleted),
            _ => None,
        };
        let next = next.as_ref().map(Position::encode).transpose()?;
        Ok(self.changes_of(entity, &rows, query, next).with_as_of(answer.as_of()))
    }

    fn changes_of<M: Mapped>(
        &self,
        entity: Entity<M>,
        rows: &[&RawValue],
        query: &Query,
        next: Option<Cursor>,
    ) -> Page<M> {
        let read = Layout::new(entity, self.inner().config.currency).read(rows);
        let mut changes = read.changes;
        changes.retain(|change| wanted(change, query));
        Page::new(changes, next).with_rejected(read.rejected)
    }

    /// Everything that changed, in one answer.
    async fn changes<M: Mapped>(
        &self,
        entity: Entity<M>,
        query: &Query,
        since: DateTime<Utc>,
    ) -> Result<Page<M>> {
        let forgotten = |now: DateTime<Utc>| since < now - REMEMBERED;
        if forgotten(self.inner().clock.now()) {
            return self.beyond_capture(entity, query).await;
        }
        let captured = self.changes_since(&[&entity.name], since.trunc_subsecs(0)).await?;
        // Their clock counts, should ours be behind it.
        if captured.truncated || captured.as_of.is_some_and(forgotten) {
            return self.beyond_capture(entity, query).await;
        }
        let rows: Vec<&RawValue> =
            captured.entities.iter().flat_map(|kind| &kind.objects).map(|row| &**row).collect();
        Ok(self.changes_of(entity, &rows, query, None).with_as_of(captured.as_of))
    }

    /// What to do where change data capture does not tell all: it knows of thirty days, and of a thousand objects. What is inactive can be
    /// asked for at any time. What is deleted cannot, so that only a whole read finds out.
    async fn beyond_capture<M: Mapped>(&self, entity: Entity<M>, query: &Query) -> Result<Page<M>> {
        if entity.family == Family::Name {
            return self.page(entity, query, None).await;
        }
        let message =
            "more has changed, or longer ago, than QuickBooks tells of deletes; it needs a whole read";
        Err(Error::new(ErrorKind::Expired, message).during(NAME, "cdc"))
    }

    /// What was deleted, as far back as is known.
    async fn deleted<M: Mapped>(&self, entity: Entity<M>, query: &Query) -> Result<Page<M>> {
        let known = self.inner().clock.now() - REMEMBERED;
        let since = query.since.unwrap_or(known).max(known);
        let captured = self.changes_since(&[&entity.name], since.trunc_subsecs(0)).await?;
        let rows: Vec<&RawValue> =
            captured.entities.iter().flat_map(|kind| &kind.objects).map(|row| &**row).collect();
        let mut page = self.changes_of(entity, &rows, query, None);
        page.changes.retain(|change| matches!(change, Change::Delete { .. }));
        page.rejected.clear();
        Ok(page.with_as_of(captured.as_of))
    }
}

/// The query of a read. Times are compared to the second there, and exactly by [`wanted`].
fn select<M>(entity: &Entity<M>, query: &Query) -> Select {
    let mut select = Select::from(entity.name.as_ref());
    if query.deletes && entity.family == Family::Name {
        select = select.with_inactive();
    }
    select = query.since.into_iter().fold(select, |select, since| select.since(since.trunc_subsecs(0)));
    let until = query.until.map(|until| {
        let second = until.trunc_subsecs(0);
        if second == until { until } else { second + TimeDelta::seconds(1) }
    });
    until.into_iter().fold(select, Select::until)
}

fn wanted<M>(change: &Change<M>, query: &Query) -> bool {
    let Some(at) = change.at() else { return true };
    query.since.is_none_or(|since| at >= since) && query.until.is_none_or(|until| at < until)
}
