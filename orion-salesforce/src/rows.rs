//! A page of a query, read straight from its text into models.
//!
//! A page is 2,000 rows of some tens of fields, and reading it is most of what a sync costs. Rows come as Salesforce writes
//! them: no white space, fields in the order of the SELECT. [`scan`] reads just that form, each byte once; a page in any other form is
//! read by serde_json in [`general`], with the same result.

mod general;
mod row;
mod scan;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use orion_core::{Change, Currency, Error, ErrorKind, Model, RecordId, Rejected, Source};
use serde_json::value::RawValue;

pub(crate) use row::lines;

use crate::{object::SObject, value::Mismatch};

/// Where a column's value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Id,
    Created,
    Modified,
    Deleted,
    Currency,
    Field(usize),
    Extra,
}

struct Column {
    name: Arc<str>,
    /// The name as it stands in a row: `"Name":`.
    key: Box<str>,
    target: Target,
    cell: CellForm,
}

/// How a CSV file writes a column, next to how JSON does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellForm {
    /// The text without the quotes.
    Text,
    /// Alike: numbers and booleans.
    Bare,
    /// With `Z` where JSON has `+0000`.
    DateTime,
}

/// A column to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) name: Arc<str>,
    pub(crate) cell: CellForm,
}

/// How the rows of one query become records: made once per read, used for every row.
pub(crate) struct Layout<M: 'static> {
    pub(crate) object: SObject<M>,
    columns: Vec<Column>,
    /// How many columns have no place in the model.
    extras: usize,
    currency: Currency,
    source: Arc<Source>,
    /// Start of a record's address for people, up to the id.
    address: Box<str>,
}

impl<M: Model + Default> Layout<M> {
    /// Lays out rows that have these columns, in the order they were selected.
    pub(crate) fn new(object: SObject<M>, columns: &[Selected], currency: Currency, instance: &str) -> Self {
        let target = |name: &str| match name {
            "Id" => Target::Id,
            "CreatedDate" => Target::Created,
            "SystemModstamp" => Target::Modified,
            "IsDeleted" => Target::Deleted,
            "CurrencyIsoCode" => Target::Currency,
            _ => object
                .fields
                .iter()
                .position(|field| field.name.eq_ignore_ascii_case(name))
                .map_or(Target::Extra, Target::Field),
        };
        let column = |Selected { name, cell }: &Selected| Column {
            name: Arc::clone(name),
            key: format!("\"{name}\":").into(),
            target: target(name),
            cell: *cell,
        };
        let columns: Vec<Column> = columns.iter().map(column).collect();
        let extras = columns.iter().filter(|column| column.target == Target::Extra).count();
        let source = Source::new(crate::NAME, &object.name);
        let address = format!("{}/", instance.trim_end_matches('/')).into_boxed_str();
        Self { object, columns, extras, currency, source, address }
    }
}

/// A page of a query's answer.
pub(crate) struct Rows<M> {
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<Box<str>>,
    pub(crate) changes: Vec<Change<M>>,
    pub(crate) rejected: Vec<Rejected>,
    /// Records whose child rows go on elsewhere: position among the changes, and where.
    pub(crate) unfinished: Vec<(usize, Box<str>)>,
    /// Position of the last row in time: what a read without its locator goes on after.
    pub(crate) last: Option<(DateTime<Utc>, RecordId)>,
    /// Rows read so far.
    count: usize,
    misfits: Vec<Misfit>,
}

/// The most rows Salesforce puts into a page (REST API Developer Guide, "Query Options Header").
const PAGE: usize = 2_000;

impl<M> Rows<M> {
    /// Makes room for the rows of the page, once it is known how many there may be.
    fn expect(&mut self, total: u64) {
        self.total = Some(total);
        self.changes.reserve_exact(usize::try_from(total).unwrap_or(PAGE).min(PAGE));
    }
}

impl<M> Default for Rows<M> {
    fn default() -> Self {
        Self {
            total: None,
            next: None,
            changes: Vec::new(),
            rejected: Vec::new(),
            unfinished: Vec::new(),
            last: None,
            count: 0,
            misfits: Vec::new(),
        }
    }
}

/// A row that does not fit: its position, its id, and why.
struct Misfit {
    row: usize,
    id: Option<RecordId>,
    field: Box<str>,
    reason: Mismatch,
}

/// Reads a page. Rows that do not fit the model are among the rejected; only text that is no page at all is an error.
pub(crate) fn parse<M: Model + Default>(body: &str, layout: &Layout<M>) -> orion_core::Result<Rows<M>> {
    let mut rows = match scan::page(body, layout) {
        Some(rows) => rows,
        None => general::page(body, layout).map_err(|source| {
            // serde's message may quote a value.
            let at = format!(
                "the page is not a query's answer (line {}, column {})",
                source.line(),
                source.column()
            );
            Error::new(ErrorKind::Malformed, at)
        })?,
    };
    rows.last = rows.changes.last().and_then(|change| Some((change.at()?, change.id().clone())));
    if !rows.misfits.is_empty() {
        rows.rejected = reject(body, std::mem::take(&mut rows.misfits));
    }
    Ok(rows)
}

/// Reads the page once more for the text of the rows that do not fit. They are few.
fn reject(body: &str, misfits: Vec<Misfit>) -> Vec<Rejected> {
    #[derive(serde::Deserialize)]
    struct Raw<'a> {
        #[serde(borrow)]
        records: Vec<&'a RawValue>,
    }
    let raw: Vec<&RawValue> = serde_json::from_str(body).map(|raw: Raw<'_>| raw.records).unwrap_or_default();
    let texts = |row: usize| raw.get(row).map_or("", |raw| raw.get());
    let set_aside = |mut misfit: Misfit| {
        let (row, id) = (misfit.row, misfit.id.take());
        Rejected::new(id, texts(row), misfit.into_error())
    };
    misfits.into_iter().map(set_aside).collect()
}

impl Misfit {
    fn into_error(self) -> Error {
        let message = format!("field `{}` does not hold what its type promises", self.field);
        Error::new(ErrorKind::Malformed, message).with_source(self.reason)
    }
}

#[cfg(test)]
mod tests {
    use orion_core::UnifiedCustomer;
    use proptest::prelude::*;

    use super::*;

    fn layout(columns: &[&str]) -> Layout<UnifiedCustomer> {
        let object = crate::object::find::<UnifiedCustomer>(Some("Account")).unwrap();
        let columns: Vec<Selected> =
            columns.iter().map(|name| Selected { name: Arc::from(*name), cell: CellForm::Text }).collect();
        Layout::new(object, &columns, Currency::USD, "https://acme.my.salesforce.com/")
    }

    const COLUMNS: [&str; 8] =
        ["Id", "CreatedDate", "SystemModstamp", "IsDeleted", "Name", "AnnualRevenue", "Phone", "Tier__c"];

    fn page(rows: &str) -> String {
        format!(
            r#"{{"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v62.0/query/0r8-2","records":[{rows}]}}"#
        )
    }

    const ROW: &str = r#"{"attributes":{"type":"Account","url":"/x"},"Id":"001A","CreatedDate":"2024-06-11T17:02:44.000+0000","SystemModstamp":"2024-06-12T17:02:44.000+0000","IsDeleted":false,"Name":"Zo\u00eb \"&\" Söhne","AnnualRevenue":90071992547409.93,"Phone":null,"Tier__c":"gold"}"#;

    #[test]
    fn both_ways_of_reading_a_page_agree() {
        let layout = layout(&COLUMNS);
        let deleted = ROW.replace("\"IsDeleted\":false", "\"IsDeleted\":true").replace("001A", "001B");
        let misfit = ROW.replace("90071992547409.93", "\"much\"").replace("001A", "001C");
        let text = page(&[ROW, &deleted, &misfit].join(","));
        let fast = scan::page(&text, &layout).expect("the form Salesforce writes");
        let general = general::page(&text, &layout).unwrap();
        assert_eq!(fast.changes, general.changes);
        assert_eq!((fast.total, &fast.next), (general.total, &general.next));
        assert_eq!(fast.misfits.len(), general.misfits.len());
        let Change::Upsert(record) = &fast.changes[0] else { panic!("an upsert") };
        assert_eq!(record.model.display_name.as_deref(), Some("Zoë \"&\" Söhne"));
        assert_eq!(record.model.annual_revenue.unwrap().amount.to_string(), "90071992547409.93");
        assert_eq!(record.extra.text("Tier__c"), Some("gold"));
        assert_eq!(record.meta.url.as_deref(), Some("https://acme.my.salesforce.com/001A"));
        assert!(matches!(&fast.changes[1], Change::Delete { id, .. } if id.as_str() == "001B"));
    }

    #[test]
    fn a_row_that_does_not_fit_is_set_aside_with_its_text() {
        let misfit = ROW.replace("90071992547409.93", "\"much\"");
        let text = page(&[ROW, &misfit].join(","));
        let rows = parse(&text, &layout(&COLUMNS)).unwrap();
        assert_eq!((rows.changes.len(), rows.rejected.len()), (1, 1));
        assert_eq!(&*rows.rejected[0].raw, misfit);
        assert_eq!(rows.rejected[0].id.as_ref().map(RecordId::as_str), Some("001A"));
        assert!(rows.rejected[0].reason.to_string().contains("AnnualRevenue"));
    }

    #[test]
    fn another_form_of_the_same_page_gives_the_same_records() {
        let layout = layout(&COLUMNS);
        let text = page(ROW);
        let pretty =
            serde_json::to_string_pretty(&serde_json::from_str::<&RawValue>(&text).unwrap()).unwrap();
        let spaced = text.replace("\":", "\" : ").replace(",\"", " ,\n\"");
        for other in [pretty, spaced] {
            assert_eq!(parse(&other, &layout).unwrap().changes, parse(&text, &layout).unwrap().changes);
        }
    }

    #[test]
    fn text_that_is_no_page_is_an_error_and_quotes_nothing() {
        let layout = layout(&COLUMNS);
        for text in
            ["", "{", "[]", "<html>078-05-1120</html>", "{\"records\":[{\"Id\":\"078-05-1120\"}", "null"]
        {
            let error = parse(text, &layout).err().expect("no page");
            assert_eq!(error.kind(), ErrorKind::Malformed, "{text}");
            assert!(!format!("{error:?}").contains("078"), "{text}");
        }
        let half = page(ROW);
        for end in 0..half.len() {
            if let Some(half) = half.get(..end) {
                assert!(parse(half, &layout).is_err(), "{half}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike_both_ways(name in ".*", tier in any::<Option<String>>(), revenue in any::<i64>()) {
            let layout = layout(&COLUMNS);
            let row = serde_json::json!({"Id": "001A", "Name": name, "AnnualRevenue": revenue, "Tier__c": tier, "New__c": [1, {"a": name}]});
            let text = page(&row.to_string());
            let fast = scan::page(&text, &layout).expect("compact JSON");
            prop_assert_eq!(&fast.changes, &general::page(&text, &layout).unwrap().changes);
            let Change::Upsert(record) = &fast.changes[0] else { panic!("an upsert") };
            prop_assert_eq!(record.model.display_name.as_deref(), Some(&*name));
            prop_assert_eq!(record.extra.text("Tier__c"), tier.as_deref());
        }
    }
}
