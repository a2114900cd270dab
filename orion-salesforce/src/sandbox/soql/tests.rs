//! The evaluator, on a few rows made by hand.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::Cursor;
use crate::sandbox::store::{ApiError, Org};

fn now() -> DateTime<Utc> {
    "2024-06-11T17:02:44Z".parse().unwrap()
}

fn short(id: &str) -> &str {
    id.get(..15).unwrap()
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with `json!` as the argument")]
fn insert(org: &mut Org, object: &str, fields: Value) -> String {
    org.insert(object, &map(&fields)).unwrap()
}

/// Four accounts a week apart, with contacts and deals.
fn org() -> Org {
    let mut org = Org::seeded(7, 0, now());
    let rows = [
        ("Acme", Some("Energy"), Some("1000.55"), Some("2024-06-01")),
        ("böhm & Söhne", Some("Banking"), None, Some("2024-06-11")),
        ("Zeta 100%", None, Some("-5"), None),
        ("apple", Some("energy"), Some("2000"), Some("2025-01-01")),
    ];
    for (week, (name, industry, limit, renewal)) in rows.into_iter().enumerate() {
        org.set_now(now() - TimeDelta::weeks(3 - week as i64));
        let fields = json!({
            "Name": name, "Industry": industry, "Credit_Limit__c": limit, "Renewal_Date__c": renewal,
            "External_Id__c": format!("A-{week}"),
        });
        let account = insert(&mut org, "Account", fields);
        for n in 0..week {
            let last = format!("Person {n}");
            let contact =
                json!({"LastName": last, "AccountId": account, "Email": format!("p{n}@example.com")});
            insert(&mut org, "Contact", contact);
        }
    }
    org.set_now(now());
    org
}

fn cursor(org: &Org, soql: &str) -> Cursor {
    org.query(soql, false).unwrap_or_else(|error| panic!("{soql}: {}", error.message))
}

fn rows(org: &Org, soql: &str) -> Vec<Value> {
    let cursor = cursor(org, soql);
    cursor.page(org, "v60.0", 0, cursor.rows(), &mut |_, _| panic!("no page should be cut here"))
}

/// The `Name`s (or, failing that, the first other member) of a query's rows.
fn names(org: &Org, soql: &str) -> Vec<String> {
    let text =
        |row: Value| row["Name"].as_str().map(str::to_owned).unwrap_or_else(|| row["LastName"].to_string());
    rows(org, soql).into_iter().map(text).collect()
}

fn chosen(org: &Org, condition: &str) -> Vec<String> {
    names(org, &format!("SELECT Name FROM Account WHERE {condition}"))
}

fn refusal(org: &Org, soql: &str) -> ApiError {
    match org.query(soql, false) {
        Err(error) => error,
        Ok(_) => panic!("{soql} should be refused"),
    }
}

const ALL: [&str; 4] = ["Acme", "böhm & Söhne", "Zeta 100%", "apple"];

#[test]
fn conditions_choose_rows_as_salesforce_does() {
    let org = org();
    let [acme, boehm, zeta, apple] = ALL;
    let table: [(&str, &[&str]); 40] = [
        ("Name = 'ACME'", &[acme]),
        ("Name != 'acme'", &[boehm, zeta, apple]),
        ("Name LIKE 'a%'", &[acme, apple]),
        ("Name LIKE '%SÖHNE'", &[boehm]),
        (r"Name LIKE '%\%'", &[zeta]),
        ("NOT Name LIKE 'a%'", &[boehm, zeta]),
        ("Name > 'b'", &[boehm, zeta]),
        ("Industry = 'Energy'", &[acme, apple]),
        ("Industry != 'Energy'", &[boehm, zeta]),
        ("(NOT Industry = 'Energy')", &[boehm, zeta]),
        ("Industry = null", &[zeta]),
        ("Industry = ''", &[zeta]),
        ("Industry != NULL", &[acme, boehm, apple]),
        ("Industry IN ('banking', 'x')", &[boehm]),
        ("Industry IN ('banking', null)", &[boehm, zeta]),
        ("Industry NOT IN ('Energy')", &[boehm, zeta]),
        ("Credit_Limit__c = 1000.55", &[acme]),
        ("Credit_Limit__c = 1000.551", &[]),
        ("Credit_Limit__c > 1000.549", &[acme, apple]),
        ("Credit_Limit__c >= 1000.551", &[apple]),
        ("Credit_Limit__c < 0", &[zeta]),
        ("Credit_Limit__c != 2000", &[acme, boehm, zeta]),
        ("Credit_Limit__c < 1e30", &[acme, zeta, apple]),
        ("Credit_Limit__c IN (2e3, -5)", &[zeta, apple]),
        ("Renewal_Date__c = 2024-06-01", &[acme]),
        ("Renewal_Date__c = TODAY", &[boehm]),
        ("Renewal_Date__c > TODAY", &[apple]),
        ("Renewal_Date__c <= TODAY", &[acme, boehm]),
        ("Renewal_Date__c = THIS_MONTH", &[acme, boehm]),
        ("Renewal_Date__c != THIS_MONTH", &[zeta, apple]),
        ("Renewal_Date__c IN (TODAY, NEXT_YEAR)", &[boehm, apple]),
        ("CreatedDate = TODAY", &[apple]),
        ("CreatedDate < LAST_N_DAYS:7", &[acme, boehm]),
        ("CreatedDate >= 2024-06-04T17:02:44Z", &[zeta, apple]),
        ("CreatedDate > 2024-06-04T19:02:44+02:00", &[apple]),
        ("CALENDAR_MONTH(Renewal_Date__c) = 6", &[acme, boehm]),
        ("DAY_ONLY(CreatedDate) = 2024-06-04", &[zeta]),
        ("IsDeleted = false AND (Name = 'Acme' OR Name = 'apple')", &[acme, apple]),
        ("Parent.IsDeleted = true", &[]),
        ("External_Id__c IN ('a-0', 'A-3')", &[acme, apple]),
    ];
    for (condition, expected) in table {
        assert_eq!(chosen(&org, condition), expected, "{condition}");
    }
}

#[test]
fn ids_match_in_either_form_and_order_as_they_were_given_out() {
    let org = org();
    let id = rows(&org, "SELECT Id FROM Account WHERE Name = 'Acme'")[0]["Id"].as_str().unwrap().to_owned();
    assert_eq!(chosen(&org, &format!("Id = '{}'", short(&id))), ["Acme"]);
    assert_eq!(chosen(&org, &format!("Id > '{id}'")), ALL[1..]);
    assert_eq!(chosen(&org, "Id > '000000000000000'"), ALL);
    assert_eq!(chosen(&org, "Id > '001000000000000AAA'"), ALL);
    assert!(chosen(&org, "Id = '001000000000001'").is_empty());
    assert_eq!(refusal(&org, "SELECT Id FROM Account WHERE Id = 'x'").code, "INVALID_QUERY_FILTER_OPERATOR");
}

#[test]
fn nulls_sort_first_ascending_and_last_descending_unless_told() {
    let org = org();
    let sorted = |order: &str| names(&org, &format!("SELECT Name FROM Account ORDER BY {order}"));
    let [acme, boehm, zeta, apple] = ALL;
    assert_eq!(sorted("Name"), [acme, apple, boehm, zeta]);
    assert_eq!(sorted("Credit_Limit__c"), [boehm, zeta, acme, apple]);
    assert_eq!(sorted("Credit_Limit__c DESC"), [apple, acme, zeta, boehm]);
    assert_eq!(sorted("Credit_Limit__c ASC NULLS LAST"), [zeta, acme, apple, boehm]);
    assert_eq!(sorted("Industry DESC NULLS FIRST, Name DESC"), [zeta, apple, acme, boehm]);
    assert_eq!(sorted("CreatedDate DESC LIMIT 2 OFFSET 1"), [zeta, boehm]);
}

#[test]
fn parents_nest_and_are_null_when_there_is_none() {
    let org = org();
    let row = &rows(
        &org,
        "SELECT Id, c.account.name, Account.Owner.Name, ReportsTo.Email FROM Contact c WHERE Account.Name = 'Zeta 100%' LIMIT 1",
    )[0];
    assert_eq!(row["Account"]["Name"], "Zeta 100%");
    assert_eq!(row["Account"]["attributes"]["type"], "Account");
    assert_eq!(row["Account"]["Owner"]["attributes"]["type"], "User");
    assert_eq!(row["Account"]["Owner"]["Name"], org.user_name());
    assert_eq!(row["ReportsTo"], Value::Null);
    let text =
        cursor(&org, "SELECT Name, Id FROM Account LIMIT 1")
            .page_json(&org, "v60.0", 0, 1, &mut |_, _| String::new());
    assert!(text.starts_with(
        "[{\"attributes\":{\"type\":\"Account\",\"url\":\"/services/data/v60.0/sobjects/Account/001"
    ));
    assert!(text.find("\"Name\"").unwrap() < text.find("\"Id\"").unwrap());
}

#[test]
fn polymorphic_parents_show_as_names() {
    let mut org = org();
    let id = rows(&org, "SELECT Id FROM Account WHERE Name = 'Acme'")[0]["Id"].clone();
    insert(&mut org, "Task", json!({"Subject": "Call", "WhatId": id}));
    let query = "SELECT What.Name, What.Type, TYPEOF What WHEN Account THEN External_Id__c ELSE Name END FROM Task WHERE What.Type = 'Account'";
    let text = cursor(&org, query).page_json(&org, "v60.0", 0, 1, &mut |_, _| String::new());
    assert!(text.contains(
        "\"What\":{\"attributes\":{\"type\":\"Name\",\"url\":\"/services/data/v60.0/sobjects/Account/"
    ));
    assert!(text.contains("\"Type\":\"Account\"") && text.contains("\"External_Id__c\":\"A-0\""));
    assert_eq!(refusal(&org, "SELECT What.Nope FROM Task").code, "INVALID_FIELD");
}

#[test]
fn children_come_with_their_parent_or_as_null() {
    let org = org();
    let query = "SELECT Name, (SELECT LastName FROM Contacts WHERE Email != 'p0@example.com' ORDER BY LastName DESC LIMIT 5) FROM Account";
    let rows = rows(&org, query);
    assert_eq!((&rows[0]["Contacts"], &rows[1]["Contacts"]), (&Value::Null, &Value::Null));
    assert_eq!(rows[3]["Contacts"]["totalSize"], 2);
    assert_eq!(rows[3]["Contacts"]["records"][0]["LastName"], "Person 2");
    assert_eq!(rows[3]["Contacts"]["done"], true);
}

#[test]
fn many_children_are_left_to_a_locator() {
    let mut org = Org::seeded(7, 0, now());
    let account = insert(&mut org, "Account", json!({"Name": "Big"}));
    for n in 0..250 {
        insert(&mut org, "Contact", json!({"LastName": format!("{n:03}"), "AccountId": account}));
    }
    let mut left = None;
    let found = cursor(&org, "SELECT Id, (SELECT LastName FROM Contacts) FROM Account");
    let page = found.page(&org, "v60.0", 0, 1, &mut |cursor, at| {
        left = Some((cursor, at));
        "/services/data/v60.0/query/0r8x-200".to_owned()
    });
    let children = &page[0]["Contacts"];
    assert_eq!((&children["totalSize"], &children["done"]), (&json!(250), &json!(false)));
    assert_eq!(children["nextRecordsUrl"], "/services/data/v60.0/query/0r8x-200");
    assert_eq!(children["records"].as_array().unwrap().len(), 200);
    let (cursor, at) = left.unwrap();
    let rest = cursor.page(&org, "v60.0", at, 2000, &mut |_, _| String::new());
    assert_eq!((rest.len(), &rest[0]["LastName"]), (50, &json!("200")));
}

#[test]
fn aggregates_group_filter_and_order() {
    let org = org();
    assert_eq!(cursor(&org, "SELECT COUNT() FROM Account WHERE Industry != null").total_size(), 3);
    let rows = rows(
        &org,
        "SELECT Industry, COUNT(Id) n, SUM(Credit_Limit__c), AVG(Credit_Limit__c) mean, MIN(Name), MAX(Renewal_Date__c), COUNT(Credit_Limit__c) \
         FROM Account GROUP BY Industry HAVING COUNT(Id) > 1 OR Industry = null ORDER BY COUNT(Id) DESC, Industry",
    );
    assert_eq!(
        rows,
        [
            json!({"attributes": {"type": "AggregateResult"}, "Industry": "Energy", "n": 2, "expr0": 3000.55,
                "mean": 1500.275, "expr1": "Acme", "expr2": "2025-01-01", "expr3": 2}),
            json!({"attributes": {"type": "AggregateResult"}, "Industry": null, "n": 1, "expr0": -5.0,
                "mean": -5.0, "expr1": "Zeta 100%", "expr2": null, "expr3": 1}),
        ]
    );
}

#[test]
fn aggregates_without_groups_answer_one_row() {
    let org = org();
    let one = rows(&org, "SELECT COUNT(Id), MAX(CreatedDate) FROM Account WHERE Name = 'nobody'");
    assert_eq!(one, [json!({"attributes": {"type": "AggregateResult"}, "expr0": 0, "expr1": null})]);
    let dates = rows(
        &org,
        "SELECT CALENDAR_YEAR(CreatedDate), COUNT_DISTINCT(Industry) FROM Account GROUP BY CALENDAR_YEAR(CreatedDate)",
    );
    assert_eq!((&dates[0]["expr0"], &dates[0]["expr1"]), (&json!(2024), &json!(2)));
    let parents = rows(&org, "SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name");
    assert_eq!((&parents[0]["Name"], &parents[0]["expr0"]), (&json!("apple"), &json!(3)));
    let page = cursor(&org, "SELECT COUNT() FROM Account LIMIT 2");
    assert_eq!((page.total_size(), page.rows()), (2, 0));
}

#[test]
fn semi_joins_choose_by_the_inner_query() {
    let org = org();
    assert_eq!(
        chosen(&org, "Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Person 1')"),
        ["Zeta 100%", "apple"]
    );
    assert_eq!(chosen(&org, "Id NOT IN (SELECT AccountId FROM Contact)"), ["Acme"]);
    let query = "SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)";
    assert!(
        refusal(&org, query)
            .message
            .ends_with("semi join sub-selects can only query id fields, cannot use: 'Name'")
    );
}

#[test]
fn the_recycle_bin_is_seen_only_on_request() {
    let mut org = org();
    let id = rows(&org, "SELECT Id FROM Account WHERE Name = 'apple'")[0]["Id"].as_str().unwrap().to_owned();
    org.set_now(now() + TimeDelta::seconds(5));
    org.delete("Account", &id).unwrap();
    assert_eq!(chosen(&org, "Name = 'apple'").len(), 0);
    let all =
        org.query("SELECT Id, IsDeleted, SystemModstamp FROM Account WHERE IsDeleted = true", true).unwrap();
    let page = all.page(&org, "v60.0", 0, 10, &mut |_, _| String::new());
    assert_eq!((page.len(), &page[0]["SystemModstamp"]), (1, &json!("2024-06-11T17:02:49.000+0000")));
    assert_eq!(cursor(&org, "SELECT Id FROM Contact WHERE Account.Name = 'apple' ALL ROWS").rows(), 3);
    let acme = rows(&org, "SELECT Id FROM Account WHERE Name = 'Acme'");
    org.hard_delete("Account", acme[0]["Id"].as_str().unwrap()).unwrap();
    assert_eq!(org.query("SELECT Id FROM Account", true).unwrap().rows(), 3);
}

#[test]
fn fields_functions_expand_in_describe_order() {
    let org = org();
    let row = &rows(&org, "SELECT FIELDS(ALL) FROM Account LIMIT 1")[0];
    assert!(row.get("BillingAddress").is_some() && row.get("Loyalty_Tier__c").is_some());
    let row = &rows(&org, "SELECT FIELDS(STANDARD) FROM Account LIMIT 1")[0];
    assert!(row.get("PhotoUrl").is_some() && row.get("Loyalty_Tier__c").is_none());
    for query in ["SELECT FIELDS(ALL) FROM Account", "SELECT FIELDS(CUSTOM) FROM Account LIMIT 201"] {
        assert_eq!(refusal(&org, query).message, "The SOQL FIELDS function must have a LIMIT of at most 200");
    }
}

#[test]
fn picklists_of_several_values_are_searched_by_combination() {
    let mut org = org();
    insert(&mut org, "Widget__c", json!({"Name": "W", "Features__c": "Solar;Wireless", "Weight_Kg__c": 0.5}));
    let count = |condition: &str| cursor(&org, &format!("SELECT Id FROM Widget__c WHERE {condition}")).rows();
    assert_eq!(count("Features__c INCLUDES ('Wireless;Solar', 'Foldable')"), 1);
    assert_eq!(count("Features__c INCLUDES ('Wireless;Foldable')"), 0);
    assert_eq!(count("Features__c EXCLUDES ('Solar')"), 0);
    assert_eq!(count("Features__c EXCLUDES ('Foldable') AND Weight_Kg__c = 0.5"), 1);
}

#[test]
fn csv_has_the_columns_selected() {
    let org = org();
    let found =
        cursor(&org, "SELECT id, name, account.owner.name, CreatedDate, ReportsTo.Name FROM Contact LIMIT 1");
    assert_eq!(found.columns(), ["Id", "Name", "Account.Owner.Name", "CreatedDate", "ReportsTo.Name"]);
    let cells = &found.csv_rows(&org, 0, 5)[0];
    assert_eq!(&cells[1..], ["Person 0", org.user_name(), "2024-05-28T17:02:44.000Z", ""]);
    for (query, refused) in [
        ("SELECT COUNT(Id) FROM Account", true),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", true),
        ("SELECT BillingAddress FROM Account", true),
        ("SELECT Id FROM Account OFFSET 5", true),
        ("SELECT Id, BillingCity FROM Account", false),
    ] {
        assert_eq!(cursor(&org, query).bulk_refusal().is_some(), refused, "{query}");
    }
}

#[test]
fn refusals_point_at_the_place() {
    let org = org();
    let error = refusal(&org, "SELECT Nmae FROM Account");
    assert_eq!(error.code, "INVALID_FIELD");
    assert!(error.message.starts_with("\nSELECT Nmae FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Nmae' on entity 'Account'. If you"));
    let error = refusal(&org, "SELECT Id FROM Nope");
    assert_eq!(
        error.message,
        "\nSELECT Id FROM Nope\n               ^\nERROR at Row:1:Column:16\nsObject type 'Nope' is not supported."
    );
}

/// Query, code, and part of the message.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("SELECT Id FROM Nope__c", "INVALID_TYPE", "be sure to append the '__c'"),
    ("SELECT Foo.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Foo' in field path."),
    (
        "SELECT Id, (SELECT Id FROM Foos) FROM Account",
        "INVALID_TYPE",
        "Didn't understand relationship 'Foos' in FROM part",
    ),
    (
        "SELECT Id FROM Account WHERE Description = 'x'",
        "INVALID_FIELD",
        "field 'Description' can not be filtered in a query call",
    ),
    ("SELECT Id FROM Account ORDER BY Description", "MALFORMED_QUERY", "can not be sorted"),
    (
        "SELECT Id FROM Account WHERE AnnualRevenue > '5'",
        "INVALID_FIELD",
        "must be of type double and should not be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account WHERE Name = 5",
        "INVALID_FIELD",
        "must be of type string and should be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account WHERE CreatedDate > 2024-01-01",
        "INVALID_FIELD",
        "must be of type dateTime and should not",
    ),
    (
        "SELECT Id FROM Account WHERE CreatedDate > '2024-01-01T00:00:00Z'",
        "INVALID_FIELD",
        "must be of type dateTime and should not",
    ),
    ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
    (
        "SELECT SUM(Name) FROM Account",
        "MALFORMED_QUERY",
        "field Name does not support aggregate operator SUM",
    ),
    (
        "SELECT COUNT(Id) FROM Account GROUP BY AnnualRevenue",
        "INVALID_FIELD",
        "can not be grouped in a query call",
    ),
    ("SELECT Id, Name, id FROM Account", "MALFORMED_QUERY", "duplicate field selected: Id"),
    (
        "SELECT Id FROM Account OFFSET 2001",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Maximum SOQL offset allowed is 2000",
    ),
    (
        "SELECT Id FROM Account WHERE Name = 'x",
        "MALFORMED_QUERY",
        "mismatched character '<EOF>' expecting '''",
    ),
    ("SELECT Id FROM Account WHERE Name INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "multipicklist"),
    ("SELECT Id FROM Account WHERE IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "boolean"),
];

#[test]
fn refusals_carry_code_and_wording() {
    let org = org();
    for (query, code, wording) in REFUSALS.iter().copied() {
        let error = refusal(&org, query);
        assert_eq!((error.status, error.code), (400, code), "{query}");
        assert!(error.message.contains(wording), "{query}: {}", error.message);
    }
}

#[test]
fn a_cursor_outlives_its_query_and_shows_rows_as_they_are() {
    let mut org = org();
    let found = cursor(&org, "SELECT Id, Name FROM Account ORDER BY Name");
    fn is_send<T: Send>(_: &T) {}
    is_send(&found);
    let id = rows(&org, "SELECT Id FROM Account WHERE Name = 'Acme'")[0]["Id"].as_str().unwrap().to_owned();
    org.update("Account", &id, &map(&json!({"Name": "Zzz"}))).unwrap();
    let page = found.page(&org, "v60.0", 0, 1, &mut |_, _| String::new());
    assert_eq!(page[0]["Name"], "Zzz");
}
