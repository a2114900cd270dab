//! Reports add up.

use rust_decimal::Decimal;
use serde_json::json;

use super::*;

fn report(company: &Company, name: &str) -> Json {
    read_back(&company.report(name, |_| None).expect("a report"))
}

/// The amount in a column of the row or summary with this title.
fn amount(report: &Json, title: &str, column: usize) -> Decimal {
    fn find(value: &Json, title: &str, column: usize) -> Option<Decimal> {
        if let Some(cells) = value.at("ColData").and_then(Json::as_list)
            && cells[0].at("value").and_then(Json::as_text) == Some(title)
        {
            let text = cells[column].at("value").and_then(Json::as_text).unwrap_or_default();
            return Some(if text.is_empty() { Decimal::ZERO } else { text.parse().expect("a number") });
        }
        match value {
            Json::Object(object) => object.iter().find_map(|(_, value)| find(value, title, column)),
            Json::List(items) => items.iter().find_map(|value| find(value, title, column)),
            _ => None,
        }
    }
    find(report, title, column).unwrap_or_else(|| panic!("{title} is not in {report}"))
}

fn dollars(text: &str) -> Decimal {
    text.parse().expect("a number")
}

#[test]
fn profit_and_balance_follow_the_transactions() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    pay(&mut company, "1", "60", &[(&id(&invoice), "60")]).expect("a payment");
    let line = json!({"Amount": 25, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "7"}}});
    save(&mut company, "Bill", json!({"VendorRef": {"value": "3"}, "Line": [line]}));
    let profit = report(&company, "ProfitAndLoss");
    assert_eq!(amount(&profit, "Total Income", 1), dollars("100"));
    assert_eq!(amount(&profit, "Advertising", 1), dollars("25"));
    assert_eq!(amount(&profit, "Net Income", 1), dollars("75"));
    let sheet = report(&company, "BalanceSheet");
    assert_eq!(amount(&sheet, "Accounts Receivable (A/R)", 1), dollars("40"));
    assert_eq!(amount(&sheet, "Undeposited Funds", 1), dollars("60"));
    assert_eq!(amount(&sheet, "Total ASSETS", 1), amount(&sheet, "TOTAL LIABILITIES AND EQUITY", 1));
    assert_eq!(amount(&report(&company, "AgedReceivables"), "Amy's Birds", 6), dollars("40"));
    assert_eq!(amount(&report(&company, "CustomerBalance"), "TOTAL", 1), dollars("40"));
    assert_eq!(amount(&report(&company, "VendorExpenses"), "Lumber Yard", 1), dollars("25"));
}

#[test]
fn a_seeded_company_balances() {
    let company = Company::seeded(3, 60, "2026-03-10T18:00:00Z".parse().expect("a time"));
    let sheet = report(&company, "BalanceSheet");
    assert_eq!(amount(&sheet, "Total ASSETS", 1), amount(&sheet, "TOTAL LIABILITIES AND EQUITY", 1));
    let trial = report(&company, "TrialBalance");
    let column = |column: usize| -> Decimal {
        let rows = trial.at("Rows.Row").and_then(Json::as_list).expect("rows");
        let cells = rows.iter().filter_map(|row| {
            row.at("ColData")?.as_list()?[column].at("value")?.as_text()?.parse::<Decimal>().ok()
        });
        cells.sum()
    };
    assert_eq!(column(1), column(2));
    assert!(column(1) > Decimal::ZERO);
}

#[test]
fn every_report_clients_ask_for_is_answered() {
    let company = Company::seeded(3, 40, "2026-03-10T18:00:00Z".parse().expect("a time"));
    for name in [
        "BalanceSheet",
        "ProfitAndLoss",
        "ProfitAndLossDetail",
        "TrialBalance",
        "CashFlow",
        "InventoryValuationSummary",
        "CustomerSales",
        "ItemSales",
        "CustomerIncome",
        "CustomerBalance",
        "CustomerBalanceDetail",
        "AgedReceivables",
        "AgedReceivableDetail",
        "VendorBalance",
        "VendorBalanceDetail",
        "AgedPayables",
        "AgedPayableDetail",
        "VendorExpenses",
        "TransactionList",
        "GeneralLedger",
        "DepartmentSales",
        "ClassSales",
    ] {
        let report = report(&company, name);
        assert_eq!(at(&report, "Header.ReportName"), format!("\"{name}\""));
        assert!(report.at("Rows.Row").and_then(Json::as_list).is_some_and(|rows| !rows.is_empty()), "{name}");
    }
    assert_eq!(company.report("Horoscope", |_| None).expect_err("a fault").code(), "500");
    assert_eq!(company.report("CashFlow", |_| Some("soon")).expect_err("a fault").code(), "2020");
}
