use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::Org;

fn now() -> DateTime<Utc> {
    "2024-06-11T17:02:44Z".parse().unwrap()
}

fn all(org: &Org, soql: &str) -> Vec<Value> {
    let cursor = org.query(soql, false).unwrap();
    cursor.page(org, "v60.0", 0, usize::MAX, &mut |_, _| String::new())
}

fn count(org: &Org, rest: &str) -> usize {
    org.query(&format!("SELECT COUNT() FROM {rest}"), false).unwrap().total_size()
}

#[test]
fn the_counts_are_those_asked_for() {
    let org = Org::seeded(1, 400, now());
    for (object, expected) in [
        ("Account", 400),
        ("Contact", 400),
        ("Lead", 400),
        ("Opportunity", 200),
        ("Product2", 40),
        ("PricebookEntry", 40),
        ("Pricebook2", 1),
        ("User", 5),
        ("Widget__c", 0),
    ] {
        assert_eq!(count(&org, object), expected, "{object}");
    }
    let lines = count(&org, "OpportunityLineItem");
    assert!((200..=600).contains(&lines), "{lines}");
    assert_eq!(count(&Org::seeded(1, 0, now()), "Account"), 0);
}

#[test]
fn one_seed_makes_one_org_and_another_makes_another() {
    let text = |seed: u64| {
        let org = Org::seeded(seed, 60, now());
        let mut out = String::new();
        for object in ["Account", "Contact", "Lead", "Opportunity", "OpportunityLineItem", "User"] {
            let cursor = org.query(&format!("SELECT FIELDS(STANDARD) FROM {object}"), false).unwrap();
            out.push_str(&cursor.page_json(&org, "v60.0", 0, usize::MAX, &mut |_, _| String::new()));
        }
        out
    };
    assert_eq!(text(42), text(42));
    assert_ne!(text(42), text(43));
}

#[test]
fn stamps_spread_over_two_years_and_never_run_ahead() {
    let org = Org::seeded(1, 300, now());
    let first = all(&org, "SELECT MIN(CreatedDate) low, MAX(SystemModstamp) high FROM Account");
    assert!(first[0]["low"].as_str().unwrap() < "2022-06-20");
    assert!(first[0]["high"].as_str().unwrap() < "2024-06-11T17:00");
    for row in all(&org, "SELECT CreatedDate, LastModifiedDate, SystemModstamp FROM Contact") {
        assert!(row["CreatedDate"].as_str() <= row["SystemModstamp"].as_str());
        assert_eq!(row["LastModifiedDate"], row["SystemModstamp"]);
    }
    let months = all(
        &org,
        "SELECT CALENDAR_MONTH(CreatedDate), COUNT(Id) FROM Lead GROUP BY CALENDAR_MONTH(CreatedDate)",
    );
    assert_eq!(months.len(), 12);
}

#[test]
fn values_are_as_mixed_as_real_ones() {
    let org = Org::seeded(1, 500, now());
    let rows = all(&org, "SELECT FIELDS(ALL) FROM Account LIMIT 200");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["Name"].as_str()).collect();
    assert!(names.iter().any(|name| !name.is_ascii()));
    let texts: Vec<&str> = rows.iter().filter_map(|row| row["Description"].as_str()).collect();
    for wanted in ["\n", "\"", ",", "🚀", "\\"] {
        assert!(texts.iter().any(|text| text.contains(wanted)), "{wanted}");
    }
    let empty = rows.iter().filter(|row| row["Industry"] == Value::Null).count();
    assert!((15..80).contains(&empty), "{empty}");
    let cents =
        rows.iter().filter_map(|row| row["Credit_Limit__c"].as_f64()).filter(|limit| limit.fract() != 0.0);
    assert!(cents.count() > 50);
    assert_eq!(count(&org, "Contact WHERE Email != null AND (NOT Email LIKE '%@%.example.%')"), 0);
    assert!(count(&org, "Account WHERE ParentId != null") > 5);
    assert!(count(&org, "Lead WHERE IsConverted = true AND ConvertedAccount.Name != null") > 5);
    assert_eq!(count(&org, "Contact WHERE AccountId != null AND Account.Name = null"), 0);
    assert!(count(&org, "Contact WHERE AccountId = null") > 5);
}

#[test]
fn deals_add_up() {
    let org = Org::seeded(1, 100, now());
    let rows = all(
        &org,
        "SELECT Amount, ExpectedRevenue, Probability, StageName, IsWon, (SELECT Quantity, UnitPrice, TotalPrice FROM OpportunityLineItems) FROM Opportunity",
    );
    assert_eq!(rows.len(), 50);
    let cents = |value: &Value| (value.as_f64().unwrap() * 100.0).round() as i64;
    for row in rows {
        let lines = row["OpportunityLineItems"]["records"].as_array().unwrap();
        let total: i64 = lines.iter().map(|line| cents(&line["TotalPrice"])).sum();
        assert_eq!(cents(&row["Amount"]), total);
        for line in lines {
            let product = cents(&line["Quantity"]) * cents(&line["UnitPrice"]) / 100;
            assert_eq!(cents(&line["TotalPrice"]), product);
        }
        assert_eq!(row["IsWon"], json!(row["StageName"] == "Closed Won"));
    }
}

#[test]
fn one_account_has_more_children_than_one_answer_carries() {
    let org = Org::seeded(1, 2000, now());
    let rows = all(
        &org,
        "SELECT Account.Id, COUNT(Id) n FROM Contact WHERE AccountId != null GROUP BY Account.Id ORDER BY COUNT(Id) DESC LIMIT 1",
    );
    assert!(rows[0]["n"].as_u64().unwrap() > 400, "{rows:?}");
}

#[test]
fn orgs_of_different_seeds_have_different_ids() {
    let id = |seed| {
        let org = Org::seeded(seed, 1, now());
        let rows = org.query("SELECT Id FROM Organization", false).unwrap();
        assert_eq!(rows.rows(), 1);
        org.org_id().to_owned()
    };
    assert_eq!(id(7), id(7));
    assert_ne!(id(7), id(8));
    assert!(id(8).starts_with("00D") && id(8).len() == 18);
}
