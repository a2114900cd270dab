//! Statements taken apart.

use super::{Condition, Operator, Query};

#[test]
fn a_statement_is_taken_apart() {
    let query = Query::parse(
        r"SELECT * FROM Customer WHERE DisplayName LIKE 'O\'B%' AND Active IN (true, false) ORDERBY Id DESC STARTPOSITION 11 MAXRESULTS 10",
    );
    let condition = |path: &str, operator, values: &[&str]| Condition {
        path: path.to_owned(),
        operator,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let expected = Query {
        entity: "Customer",
        count: false,
        conditions: vec![
            condition("DisplayName", Operator::Like, &["O'B%"]),
            condition("Active", Operator::In, &["true", "false"]),
        ],
        order: vec![("Id".to_owned(), true)],
        start: 11,
        max: Some(10),
    };
    assert_eq!(query, Ok(expected));
}
