//! Reports add up, and agree with each other.

use serde_json::Value;

use crate::support::Books;

const ALWAYS: &str = "start_date=2000-01-01&end_date=2100-01-01";

/// Cents of an amount as a report prints it.
fn cents(cell: &Value) -> i64 {
    let text = cell["value"].as_str().unwrap();
    text.replace('.', "").parse().unwrap_or_else(|_| if text.is_empty() { 0 } else { panic!("{text}") })
}

async fn report(books: &Books, name: &str) -> Value {
    let answer = books.get(&format!("reports/{name}?{ALWAYS}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The rows of a report and of all its sections.
fn rows(report: &Value) -> Vec<&Value> {
    let mut found: Vec<&Value> = report["Rows"]["Row"].as_array().unwrap().iter().collect();
    let mut next = 0;
    while let Some(row) = found.get(next).copied() {
        found.extend(row["Rows"]["Row"].as_array().into_iter().flatten());
        next += 1;
    }
    found
}

/// The sum in the last column of the section of a group.
fn total(report: &Value, group: &str) -> Option<i64> {
    let section = rows(report).into_iter().find(|row| row["group"] == group)?;
    section["Summary"]["ColData"].as_array()?.last().map(cents)
}

/// The amount of an account.
fn account(report: &Value, name: &str) -> Option<i64> {
    let row = rows(report).into_iter().find(|row| row["ColData"][0]["value"] == name)?;
    row["ColData"].as_array()?.last().map(cents)
}

#[tokio::test]
async fn sections_are_the_sum_of_their_rows() {
    let books = Books::start().await;
    for name in ["ProfitAndLoss", "BalanceSheet"] {
        let report = report(&books, name).await;
        let mut sections: Vec<&Value> = report["Rows"]["Row"].as_array().unwrap().iter().collect();
        let mut checked = 0;
        while let Some(section) = sections.pop() {
            let Some(rows) = section["Rows"]["Row"].as_array() else { continue };
            let amount = |row: &Value| {
                let cells = if row["type"] == "Data" { &row["ColData"] } else { &row["Summary"]["ColData"] };
                cents(&cells[1])
            };
            assert_eq!(rows.iter().map(amount).sum::<i64>(), amount(section), "{}", section["group"]);
            checked += 1;
            sections.extend(rows);
        }
        assert!(checked >= 2, "{name}");
    }
}

#[tokio::test]
async fn the_balance_sheet_balances_and_holds_the_profit() {
    let books = Books::start().await;
    let sheet = report(&books, "BalanceSheet").await;
    assert_eq!(total(&sheet, "TotalAssets"), total(&sheet, "TotalLiabilitiesAndEquity"));
    assert!(total(&sheet, "TotalAssets").unwrap() > 0);
    let profit = report(&books, "ProfitAndLoss").await;
    let income = total(&profit, "NetIncome").unwrap();
    let text = sheet.to_string();
    let shown =
        format!("{}{}.{:02}", if income < 0 { "-" } else { "" }, income.abs() / 100, income.abs() % 100);
    assert!(
        text.contains(&format!("[{{\"value\":\"Net Income\"}},{{\"value\":\"{shown}\"}}]")),
        "{shown} in {text}"
    );
}

#[tokio::test]
async fn what_customers_owe_is_the_same_in_each_report() {
    let books = Books::start().await;
    let aged = total(&report(&books, "AgedReceivables").await, "GrandTotal");
    let owed = total(&report(&books, "CustomerBalance").await, "GrandTotal");
    assert!(aged.unwrap() > 0);
    assert_eq!(aged, owed);
    assert_eq!(account(&report(&books, "BalanceSheet").await, "Accounts Receivable (A/R)"), owed);
}

#[tokio::test]
async fn the_transaction_list_names_every_transaction_of_its_days() {
    let books = Books::start().await;
    let list = report(&books, "TransactionList").await;
    let rows = list["Rows"]["Row"].as_array().unwrap();
    let invoices = rows.iter().filter(|row| row["ColData"][1]["value"] == "Invoice").count();
    assert_eq!(invoices, books.sandbox.row_count("Invoice"));
    let dates: Vec<&str> = rows.iter().map(|row| row["ColData"][0]["value"].as_str().unwrap()).collect();
    assert!(dates.is_sorted());
    let none = books.get("reports/TransactionList?start_date=1999-01-01&end_date=1999-12-31").await.json();
    assert_eq!(none["Rows"]["Row"], Value::Array(Vec::new()));
    assert_eq!(none["Header"]["Option"][1]["Value"], "true");
    assert_eq!(books.get("reports/TransactionList?start_date=soon").await.status, 400);
}
