//! The query language over rows.

use proptest::prelude::*;
use serde_json::json;

use super::super::query::Query;
use super::*;

fn fault(company: &mut Company, statement: &str) -> (&'static str, String) {
    let fault = company.query(statement).expect_err("a statement the company refuses");
    (fault.code(), fault.errors[0].detail.clone())
}

/// Five invoices of 10 to 50, one minute apart.
fn traded() -> Company {
    let mut company = company();
    for n in 1..=5 {
        later(&mut company, 60);
        let body = json!({"CustomerRef": {"value": if n == 5 { "2" } else { "1" }}, "DocNumber": format!("INV-{n}"),
            "TxnDate": format!("2026-02-0{n}"), "Line": [line(&format!("{n}0"))]});
        save(&mut company, "Invoice", body);
    }
    company
}

#[test]
fn lists_come_by_name_and_transactions_by_their_last_change() {
    let mut company = traded();
    assert_eq!(ids(&mut company, "select * from Customer"), ["1", "2"]);
    assert_eq!(ids(&mut company, "select * from Invoice"), ["5", "4", "3", "2", "1"]);
}

#[test]
fn conditions_compare_by_kind() {
    let mut company = traded();
    for (condition, found) in [
        ("Balance > '20'", "345"),
        ("Balance > 20.00", "345"),
        ("TotalAmt <= '20.0'", "12"),
        ("TxnDate >= '2026-02-04'", "45"),
        ("TxnDate = '2026-02-02'", "2"),
        ("Id in ('1', '9', '3')", "13"),
        ("CustomerRef = '2'", "5"),
        ("DocNumber like 'inv-%'", "12345"),
        ("DocNumber like '%-3'", "3"),
        ("DocNumber = 'inv-4'", "4"),
        ("DocNumber != 'INV-4'", "1235"),
        ("MetaData.LastUpdatedTime > '2026-03-10T11:03:00-07:00'", "45"),
        ("Metadata.CreateTime <= '2026-03-10T18:02:00Z' and Balance > '0'", "12"),
        ("metadata.createtime < '2026-03-10T11:02:00'", "1"),
        ("ShipDate = ''", "12345"),
    ] {
        let rows = ids(&mut company, &format!("select * from invoice where {condition} orderby Id"));
        assert_eq!(rows.concat(), found, "{condition}");
    }
}

#[test]
fn odd_spellings_of_real_clients_are_read() {
    let mut company = traded();
    for statement in [
        "SELECT * FROM Invoice ORDER BY Id MAXRESULTS 2",
        "select * from Invoice  orderby Id asc  maxresults 2 ",
        "select *, DocNumber from Invoice orderby Id maxresults 2",
        "select Id, DocNumber from Invoice ORDERBY Id STARTPOSITION 0 MAXRESULTS 2",
        "Select * From invoice OrderBy TotalAmt ASC, Id desc MaxResults 2 StartPosition 1",
    ] {
        assert_eq!(ids(&mut company, statement), ["1", "2"], "{statement}");
    }
    assert_eq!(
        query(&mut company, "select count(*) from Invoice startposition 1 maxresults 1000").to_string(),
        r#"{"totalCount":5}"#
    );
    assert_eq!(query(&mut company, "select * from Invoice startposition 6").to_string(), "{}");
    assert_eq!(query(&mut company, "select * from Invoice where Balance = '1'").to_string(), "{}");
    let page = query(&mut company, "select * from Invoice startposition 4 maxresults 3");
    assert_eq!((at(&page, "startPosition"), at(&page, "maxResults")), ("4".into(), "2".into()));
}

#[test]
fn a_backslash_escapes_what_follows() {
    let mut company = company();
    save(&mut company, "Customer", json!({"DisplayName": r"back\slash"}));
    assert_eq!(ids(&mut company, r"select * from Customer where DisplayName = 'Amy\'s Birds'"), ["1"]);
    assert_eq!(ids(&mut company, r"select * from Customer where DisplayName = 'back\\slash'"), ["4"]);
    assert_eq!(fault(&mut company, "select * from Customer where DisplayName = 'Amy's Birds'").0, "4000");
}

#[test]
fn what_the_language_lacks_is_refused_in_the_vendors_words() {
    let mut company = company();
    for (statement, code, part) in [
        ("select * from Custmoer", "4001", "QueryValidationError: invalid context declaration: Custmoer"),
        ("select * from Customer where Id = '1' or Id = '2'", "4001", "QueryValidationError"),
        ("select * from Customer where (Id = '1')", "4000", "QueryParserError: Encountered"),
        (
            "select * from Customer where Colour = 'red'",
            "4001",
            "Property Colour not found for Entity Customer",
        ),
        ("select * from Customer where Notes = 'x'", "4001", "Property Notes not found"),
        ("select * from Customer orderby Nothing", "4001", "Property Nothing not found"),
        ("select Nothing from Customer", "4001", "Property Nothing not found"),
        ("select * from Customer maxresults 1001", "4001", "Max allowed value is 1000"),
        ("select * from Customer maxresults x", "4000", "QueryParserError"),
        ("select * from Customer where Active like 't%'", "4001", "operator"),
        ("select * from Customer where Balance = 'x'", "4001", "value x"),
        ("select * from Customer group by Id", "4000", "\"maxresults\""),
        ("select * from Customer where DisplayName = 'open", "4000", "Lexical error at line 1"),
        (
            "select * from Customer where DisplayName = \u{2019}x\u{2019}",
            "4000",
            "Lexical error at line 1, column 44",
        ),
        ("select * from Customer where DisplayName = x", "4000", "QueryParserError"),
        ("delete from Customer", "4000", "\"select\""),
        ("", "4000", "<EOF>"),
    ] {
        let (found, detail) = fault(&mut company, statement);
        assert_eq!(found, code, "{statement}: {detail}");
        assert!(detail.contains(part), "{statement}: {detail}");
    }
}

#[test]
fn a_page_holds_a_hundred_unless_asked() {
    let mut company = company();
    for n in 0..105 {
        save(&mut company, "Class", json!({"Name": format!("c{n}")}));
    }
    assert_eq!(ids(&mut company, "select * from Class").len(), 100);
    assert_eq!(ids(&mut company, "select * from Class maxresults 1000").len(), 109);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_answered_or_refused(statement in "(select|SELECT|\\*|from|Invoice|where|and|in|like|[()=<>,%]|'[^']{0,4}'|[a-zA-Z0-9. ]|\\PC){0,20}") {
        // Whatever comes, it must not panic.
        if let Err(fault) = Query::parse(&statement) {
            prop_assert!(["4000", "4001"].contains(&fault.code()));
        }
    }

    #[test]
    fn an_escaped_value_comes_back_whole(value in "\\PC{1,30}") {
        let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
        let query = Query::parse(&format!("select * from Customer where DisplayName = '{escaped}'")).expect("a statement");
        prop_assert_eq!(&query.conditions[0].values, &[value]);
    }

    #[test]
    fn pages_of_any_size_make_up_the_whole(size in 1..8_usize) {
        let mut company = traded();
        let whole = ids(&mut company, "select * from Invoice orderby TotalAmt desc");
        let mut pages = Vec::new();
        loop {
            let page = ids(&mut company, &format!("select * from Invoice orderby TotalAmt desc startposition {} maxresults {size}", pages.len() + 1));
            if page.is_empty() {
                break;
            }
            pages.extend(page);
        }
        prop_assert_eq!(pages, whole);
    }
}
