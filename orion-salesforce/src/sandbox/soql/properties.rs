//! What holds for any input, not only for the queries someone thought of.

use chrono::NaiveDate;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::parser::parse;
use crate::sandbox::store::Org;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 6, 11).unwrap()
}

fn empty() -> Org {
    Org::seeded(1, 0, "2024-06-11T17:02:44Z".parse().unwrap())
}

/// A string literal as a careful client writes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r"))
}

/// A LIKE pattern that matches a text and nothing else.
fn literally(text: &str) -> String {
    quoted(text).replace('%', "\\%").replace('_', "\\_")
}

fn count(org: &Org, condition: &str) -> usize {
    org.query(&format!("SELECT COUNT() FROM Account WHERE {condition}"), false).unwrap().total_size()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        drop(parse(&text, today()));
        drop(parse(&format!("SELECT Id FROM Account WHERE {text}"), today()));
        let refused = empty().query(&text, false);
        prop_assert!(refused.is_err_and(|error| error.status == 400));
    }

    #[test]
    fn any_clause_soup_is_parsed_or_refused(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "SELECT", "Id", "FROM", "Account", "WHERE", "(", ")", ",", "AND", "OR", "NOT", "=", "!=", "<", "LIKE", "IN",
            "'a'", "5", "null", "TODAY", "LAST_N_DAYS", ":", "ORDER", "BY", "Name", "DESC", "NULLS", "LIMIT", "GROUP",
            "COUNT", "(SELECT", "Contacts", ".", "FIELDS", "TYPEOF", "END", "2024-01-01", "INCLUDES", "HAVING", "OFFSET",
        ]), 1..24,
    )) {
        let text = format!("SELECT Id {}", words.join(" "));
        drop(empty().query(&text, false));
    }

    #[test]
    fn a_stored_text_is_found_by_its_literal(text in "[^\\p{C}]{1,40}") {
        let mut org = empty();
        let fields = json!({ "Name": text });
        let Ok(id) = org.insert("Account", fields.as_object().unwrap()) else { return Ok(()) };
        let name = org.get("v60.0", "Account", &id, None).unwrap()["Name"].as_str().unwrap().to_owned();
        prop_assert_eq!(&name, text.trim());
        let (exact, like) = (quoted(&name), literally(&name));
        prop_assert_eq!(count(&org, &format!("Name = {exact}")), 1, "= {}", exact);
        prop_assert_eq!(count(&org, &format!("Name IN ({exact})")), 1, "IN {}", exact);
        prop_assert_eq!(count(&org, &format!("Name LIKE {like}")), 1, "LIKE {}", like);
        prop_assert_eq!(count(&org, &format!("Name != {exact}")), 0);
        prop_assert_eq!(count(&org, &format!("Name >= {exact} AND Name <= {exact}")), 1);
    }

    #[test]
    fn money_comes_back_to_the_cent(cents in -999_999_999_999_999_i64..=999_999_999_999_999) {
        let mut org = empty();
        let text = format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100);
        let fields = json!({ "Name": "x", "Credit_Limit__c": text });
        let id = org.insert("Account", fields.as_object().unwrap()).unwrap();
        let shown = org.get_json("v60.0", "Account", &id, Some(&["Credit_Limit__c".to_owned()])).unwrap();
        let (_, number) = shown.rsplit_once(':').unwrap();
        let number = number.trim_end_matches('}');
        let decimal = rust_decimal::Decimal::from_scientific(number).or_else(|_| number.parse()).unwrap();
        prop_assert_eq!(decimal, rust_decimal::Decimal::new(cents, 2));
        prop_assert_eq!(count(&org, &format!("Credit_Limit__c = {text}")), 1);
        prop_assert!(serde_json::from_str::<Value>(&shown).is_ok());
    }
}
