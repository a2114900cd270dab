use chrono::NaiveDate;

use super::super::ast::{Aggregate, Condition, Expression, Item, Operator, Query, ValueKind};
use super::super::error::Fault;
use super::parse;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 6, 11).unwrap()
}

fn parsed(query: &str) -> Query {
    parse(query, today()).unwrap_or_else(|fault| panic!("{query}: {fault:?}"))
}

fn fault(query: &str) -> Fault {
    parse(query, today()).unwrap_err()
}

#[test]
fn every_clause_is_read() {
    let query = parsed(
        "select Id, a.Owner.Name from Account as a using scope mine where Name like 'A%' and (not IsDeleted = true) \
         with security_enforced order by Name desc nulls last, Id limit 10 offset 5 for view all rows",
    );
    assert_eq!((query.from.text.as_str(), query.alias.as_deref()), ("Account", Some("a")));
    assert_eq!((query.limit, query.offset, query.all_rows), (Some(10), Some(5), true));
    assert_eq!(
        (query.order.len(), query.order[0].descending, query.order[0].nulls_first),
        (2, true, Some(false))
    );
    let Some(Condition::And(terms)) = query.filter else { panic!() };
    assert!(matches!(&terms[0], Condition::Compare { operator: Operator::Like, .. }));
    assert!(matches!(&terms[1], Condition::Not(_)));
}

#[test]
fn aggregates_groups_and_aliases_are_read() {
    let query = parsed(
        "SELECT Industry i, COUNT(Id) c, AVG(AnnualRevenue), CALENDAR_YEAR(CreatedDate) FROM Account \
         GROUP BY Industry, CALENDAR_YEAR(CreatedDate) HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC",
    );
    assert_eq!((query.items.len(), query.group.len()), (4, 2));
    let Item::Value { expression: Expression::Aggregate(Aggregate::Count, path), alias } = &query.items[1]
    else {
        panic!()
    };
    assert_eq!((path.parts.as_slice(), alias.as_deref()), (&["Id".to_owned()][..], Some("c")));
    assert!(query.having.is_some());
    assert_eq!(parsed("SELECT count() FROM Account").items, [Item::CountRows]);
    let query =
        parsed("SELECT toLabel(Status), FORMAT(convertCurrency(Amount)) amt, FIELDS(ALL) FROM Lead LIMIT 1");
    assert!(matches!(&query.items[1], Item::Value { expression: Expression::Field(_), alias: Some(_) }));
}

#[test]
fn subqueries_lists_and_typeof_are_read() {
    let query = parsed(
        "SELECT Id, (SELECT Id FROM Contacts WHERE Email != null LIMIT 2), TYPEOF What WHEN Account THEN Phone, Name ELSE Id END \
         FROM Task WHERE WhatId IN (SELECT Id FROM Account) AND Status NOT IN ('a', 'b') AND F__c INCLUDES ('x;y', 'z')",
    );
    assert!(matches!(&query.items[1], Item::Children(_)) && matches!(&query.items[2], Item::TypeOf { .. }));
    let Some(Condition::And(terms)) = query.filter else { panic!() };
    assert!(matches!(&terms[0], Condition::InQuery { negated: false, .. }));
    assert!(matches!(&terms[1], Condition::In { negated: true, list, .. } if list.len() == 2));
    assert!(matches!(&terms[2], Condition::Includes { negated: false, .. }));
}

#[test]
fn values_of_every_type_are_read() {
    let query = parsed(
        "SELECT Id FROM A WHERE a = null AND b = TRUE AND c = -1.5 AND d = 2024-01-01 AND e > 2024-01-01T00:00:00Z \
         AND f = LAST_N_DAYS:7 AND g <> 'x' AND h = today",
    );
    let Some(Condition::And(terms)) = query.filter else { panic!() };
    let kinds: Vec<&ValueKind> = terms
        .iter()
        .map(|term| match term {
            Condition::Compare { value, .. } => &value.kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(
        kinds.as_slice(),
        [
            ValueKind::Null,
            ValueKind::Boolean(true),
            ValueKind::Number(_),
            ValueKind::Date(_),
            ValueKind::DateTime(_),
            ValueKind::Days(_),
            ValueKind::Text(_),
            ValueKind::Days(_)
        ]
    ));
}

#[test]
fn mistakes_are_pointed_at() {
    for (query, token) in [
        ("SELECT Id FROM Account WHERE", "<EOF>"),
        ("SELECT Id FROM Account WHERE Name =", "<EOF>"),
        ("SELECT Id, FROM Account", "FROM"),
        ("SELECT Id Name Phone FROM Account", "Phone"),
        ("SELECT Id FROM Account WHERE Name IS NULL", "IS"),
        ("SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3", "OR"),
        ("SELECT Id FROM Account LIMIT ten", "ten"),
        ("SELECT Id FROM Account WHERE Name = Acme", "Acme"),
        ("SELECT Id FROM Account GROUP Name", "Name"),
        ("SELECT Id FROM Account WHERE Name = :name", ":"),
        ("SELECT (Id) FROM Account", "Id"),
        ("q=SELECT Id FROM Account", "q"),
        ("SELECT Id FROM Account)", ")"),
        ("", "<EOF>"),
    ] {
        let fault = fault(query);
        assert_eq!(fault.code, "MALFORMED_QUERY", "{query}");
        assert_eq!(fault.message, format!("unexpected token: '{token}'"), "{query}");
    }
}

#[test]
fn deep_nesting_is_refused_not_recursed() {
    let query = format!("SELECT Id FROM A WHERE {}x = 1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(fault(&query).code, "MALFORMED_QUERY");
}
