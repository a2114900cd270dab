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
    let query = query.expect("a statement");
    assert_eq!((query.entity.name, query.count, query.start, query.max), ("Customer", false, 11, Some(10)));
    assert_eq!(query.order, [("Id".to_owned(), true)]);
    assert_eq!(
        query.conditions,
        [
            condition("DisplayName", Operator::Like, &["O'B%"]),
            condition("Active", Operator::In, &["true", "false"]),
        ]
    );
}
