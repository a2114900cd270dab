//! Reports: what the rows add up to. Frames of ProfitAndLoss and GeneralLedger are recorded; the others follow Intuit's
//! pages on reports, and columns a request asks for are not honoured (unverified throughout).

mod accounts;
mod listings;
mod parties;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::json::{Json, Object};
use super::{Company, Fault, moment};

/// What a request asks of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) name: &'a str,
    pub(super) start: NaiveDate,
    pub(super) end: NaiveDate,
    /// Ids of a customer or vendor, if only theirs is wanted.
    pub(super) party: Option<&'a str>,
}

/// Columns and rows of a report.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) columns: Vec<(&'static str, &'static str)>,
    pub(super) rows: Vec<Json>,
}

impl Company {
    /// A report, by its name and the request's parameters.
    ///
    /// # Errors
    /// 500 for a report there is not, 2020 for a date that is none.
    pub(crate) fn report<'a>(
        &self,
        name: &'a str,
        parameter: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Json, Fault> {
        let today = moment::today(self.now);
        let day = |name: &str, or: NaiveDate| match parameter(name) {
            Some(text) => moment::date(text).ok_or_else(|| Fault::required(name)),
            None => Ok(or),
        };
        let first = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
        let (start, end) = (day("start_date", first)?, day("end_date", day("report_date", today)?)?);
        let asked = Asked { name, start, end, party: parameter("customer").or(parameter("vendor")) };
        let report = match name {
            "ProfitAndLoss" | "ProfitAndLossDetail" => self.profit_and_loss(asked),
            "BalanceSheet" => self.balance_sheet(asked),
            "TrialBalance" => self.trial_balance(asked),
            "CashFlow" => self.cash_flow(asked),
            "AgedReceivables" | "AgedPayables" => self.aged(asked),
            "CustomerBalance" | "VendorBalance" => self.open_balances(asked),
            "CustomerSales" | "CustomerIncome" | "VendorExpenses" | "DepartmentSales" | "ClassSales" => {
                self.turnover(asked)
            }
            "ItemSales" => self.item_sales(asked),
            "InventoryValuationSummary" => self.inventory(),
            "GeneralLedger" => self.general_ledger(asked),
            "TransactionList"
            | "CustomerBalanceDetail"
            | "VendorBalanceDetail"
            | "AgedReceivableDetail"
            | "AgedPayableDetail" => self.transaction_list(asked),
            _ => return Err(Fault::unsupported(format_args!("reports/{name}"))),
        };
        Ok(framed(asked, report, &moment::stamp(self.now)))
    }
}

fn framed(asked: Asked<'_>, report: Report, time: &str) -> Json {
    let option =
        |name: &str, value: &str| Json::Object(Object::new().with("Name", name).with("Value", value));
    let empty = if report.rows.is_empty() { "true" } else { "false" };
    let header = Object::new()
        .with("Time", time)
        .with("ReportName", asked.name)
        .with("ReportBasis", "Accrual")
        .with("StartPeriod", asked.start.to_string())
        .with("EndPeriod", asked.end.to_string())
        .with("SummarizeColumnsBy", "Total")
        .with("Currency", "USD")
        .with("Option", vec![option("AccountingStandard", "GAAP"), option("NoReportData", empty)]);
    let columns: Vec<Json> = report
        .columns
        .iter()
        .map(|(title, kind)| Json::Object(Object::new().with("ColTitle", *title).with("ColType", *kind)))
        .collect();
    Object::new()
        .with("Header", header)
        .with("Columns", Object::new().with("Column", columns))
        .with("Rows", Object::new().with("Row", report.rows))
        .into()
}

/// One cell.
pub(super) fn cell(value: impl Into<String>) -> Json {
    Object::new().with("value", value.into()).into()
}

/// A cell that names a row of the company.
pub(super) fn named(value: impl Into<String>, id: impl ToString + Copy) -> Json {
    Object::new().with("value", value.into()).with("id", id.to_string()).into()
}

/// An amount as reports write it: text with two places, empty for none.
pub(super) fn amount(amount: Decimal) -> Json {
    if amount.is_zero() {
        return cell("");
    }
    let mut amount = amount.round_dp(2);
    amount.rescale(2);
    cell(amount.to_string())
}

pub(super) fn data(cells: Vec<Json>) -> Json {
    Object::new().with("ColData", cells).with("type", "Data").into()
}

/// A summary on its own, as `Net Income`.
pub(super) fn summary(cells: Vec<Json>, group: &str) -> Json {
    let summary = Object::new().with("ColData", cells);
    Object::new().with("Summary", summary).with("type", "Section").with("group", group).into()
}

/// Rows under a header, and their sum.
pub(super) fn section(header: Vec<Json>, rows: Vec<Json>, sum: Vec<Json>, group: &str) -> Json {
    let mut section = Object::new().with("Header", Object::new().with("ColData", header));
    if !rows.is_empty() {
        section.set("Rows", Object::new().with("Row", rows));
    }
    section.set("Summary", Object::new().with("ColData", sum));
    section.set("type", "Section");
    if !group.is_empty() {
        section.set("group", group);
    }
    section.into()
}
