//! Reports as tables.

use chrono::NaiveDate;
use http::Method;
use orion_core::{Currency, Decimal, Error, ErrorKind, Result, decimal};
use serde::Deserialize;

use crate::{NAME, QuickBooks, wire::answer};

/// A report: `ProfitAndLoss`, `BalanceSheet`, `AgedReceivables`, `CustomerBalance`, …
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Its name.
    pub name: String,
    /// The first day it covers.
    pub start: Option<NaiveDate>,
    /// The last day it covers.
    pub end: Option<NaiveDate>,
    /// The currency of its amounts.
    pub currency: Option<Currency>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows from top to bottom, those of sections under the section's own.
    pub rows: Vec<Row>,
}

/// A column of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Column {
    /// Its title.
    #[serde(rename = "ColTitle")]
    pub title: String,
    /// What it holds: `Account`, `Money`, …
    #[serde(rename = "ColType")]
    pub kind: String,
}

/// A row of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// In how many sections it is.
    pub depth: usize,
    /// The section's name for programs, `Income` say.
    pub group: Option<String>,
    /// Its cells, one for each column.
    pub cells: Vec<Cell>,
}

/// What a row of a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowKind {
    /// The head of a section.
    Section,
    /// Data.
    Data,
    /// The sum of a section.
    Summary,
}

/// A cell of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Cell {
    /// What it says.
    #[serde(rename = "value")]
    pub text: String,
    /// The object it is about, an account say.
    pub id: Option<String>,
}

impl Cell {
    /// The amount it says, digit for digit, if it says one.
    #[must_use]
    pub fn amount(&self) -> Option<Decimal> {
        decimal::parse(&self.text).ok()
    }
}

impl Report {
    /// The rows of data.
    pub fn data(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.kind == RowKind::Data)
    }

    /// The sum of a section by its name for programs, `NetIncome` say.
    #[must_use]
    pub fn summary(&self, group: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.kind == RowKind::Summary && row.group.as_deref() == Some(group))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    header: Head,
    #[serde(default)]
    columns: Columns,
    #[serde(default)]
    rows: Rows,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    report_name: String,
    start_period: Option<String>,
    end_period: Option<String>,
    currency: Option<String>,
}

#[derive(Default, Deserialize)]
struct Columns {
    #[serde(rename = "Column", default)]
    all: Vec<Column>,
}

#[derive(Default, Deserialize)]
struct Rows {
    #[serde(rename = "Row", default)]
    all: Vec<RowWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RowWire {
    header: Option<Cells>,
    rows: Option<Rows>,
    summary: Option<Cells>,
    col_data: Option<Vec<Cell>>,
    #[serde(rename = "group")]
    group: Option<String>,
}

#[derive(Deserialize)]
struct Cells {
    #[serde(rename = "ColData", default)]
    all: Vec<Cell>,
}

impl RowWire {
    fn flatten(self, depth: usize, rows: &mut Vec<Row>) {
        let group = self.group;
        let row = |kind, cells| Row { kind, depth, group: group.clone(), cells };
        rows.extend(self.header.map(|head| row(RowKind::Section, head.all)));
        rows.extend(self.col_data.map(|cells| row(RowKind::Data, cells)));
        for inner in self.rows.into_iter().flat_map(|rows| rows.all) {
            inner.flatten(depth + 1, rows);
        }
        rows.extend(self.summary.map(|sum| row(RowKind::Summary, sum.all)));
    }
}

impl QuickBooks {
    /// Makes a report. `parameters` are the vendor's: `start_date`, `end_date`, `accounting_method`, …
    ///
    /// # Errors
    /// `Config` for a name that is none, else what QuickBooks refuses.
    pub async fn report(&self, name: &str, parameters: &[(&str, &str)]) -> Result<Report> {
        const OPERATION: &str = "report";
        crate::ql::check(name)?;
        let call = self.call(Method::GET, &format!("reports/{name}"), OPERATION).await?;
        let call = parameters.iter().fold(call, |call, (name, value)| call.query(name, value));
        let answer = answer(call, OPERATION).await?;
        answer.members()?;
        let wire: Wire = serde_json::from_slice(&answer.body).map_err(|_| {
            Error::new(ErrorKind::Malformed, "the report has another shape than documented")
                .during(NAME, OPERATION)
        })?;
        let date = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let mut rows = Vec::new();
        wire.rows.all.into_iter().for_each(|row| row.flatten(0, &mut rows));
        Ok(Report {
            name: wire.header.report_name,
            start: date(wire.header.start_period),
            end: date(wire.header.end_period),
            currency: wire.header.currency.and_then(|code| Currency::new(&code).ok()),
            columns: wire.columns.all,
            rows,
        })
    }
}
