//! What is rendered, and that no value can become syntax.

use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};
use orion_core::ErrorKind;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

fn filtered(condition: Condition) -> String {
    let query = Soql::select(["Id"]).from("Account").filter(condition).build().unwrap().to_string();
    query.strip_prefix("SELECT Id FROM Account WHERE ").unwrap().to_owned()
}

/// What stands in a query: text outside literals, and the literals' values. Written from the SOQL reference alone.
#[derive(Debug, PartialEq)]
enum Token {
    Syntax(String),
    Literal(String),
}

fn lex(soql: &str) -> Vec<Token> {
    let (mut tokens, mut chars) = (Vec::new(), soql.chars());
    let mut syntax = String::new();
    while let Some(c) = chars.next() {
        if c != '\'' {
            syntax.push(c);
            continue;
        }
        tokens.push(Token::Syntax(std::mem::take(&mut syntax)));
        let mut value = String::new();
        loop {
            match chars.next().expect("a literal is closed") {
                '\'' => break,
                '\\' => value.push(match chars.next().expect("an escape is complete") {
                    'n' | 'N' => '\n',
                    'r' | 'R' => '\r',
                    't' | 'T' => '\t',
                    'f' | 'F' => '\u{c}',
                    c @ ('"' | '\'' | '\\') => c,
                    'u' => {
                        let digits: String = chars.by_ref().take(4).collect();
                        char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
                    }
                    other => panic!("\\{other} is no escape"),
                }),
                c => {
                    assert!(!c.is_ascii_control(), "a control character stands bare in a literal");
                    value.push(c);
                }
            }
        }
        tokens.push(Token::Literal(value));
    }
    tokens.push(Token::Syntax(syntax));
    tokens
}

#[test]
fn a_query_of_everything_is_rendered_in_order() {
    let query = Soql::select(["Id", "Owner.Name"])
        .column(to_label("Industry"))
        .child(Soql::select(["Id"]).from("Contacts").filter(field("Email").is_not_null()).order_by("Name"))
        .from("Account")
        .filter(field("Id").is_in_query(
            Soql::select(["AccountId"]).from("Contact").filter(field("Title").starts_with("C_O")),
        ))
        .order_by(field("Name").asc().nulls_first())
        .order_by(field("CreatedDate").desc())
        .limit(10)
        .offset(20)
        .build()
        .unwrap();
    assert_eq!(
        query.as_str(),
        "SELECT Id, Owner.Name, toLabel(Industry), (SELECT Id FROM Contacts WHERE Email != null ORDER BY Name) \
         FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Title LIKE 'C\\_O%') \
         ORDER BY Name NULLS FIRST, CreatedDate DESC LIMIT 10 OFFSET 20"
    );
}

#[test]
fn aggregates_group_and_filter() {
    let query = Soql::select(["Industry"])
        .columns([count("Id").alias("n"), sum("AnnualRevenue"), avg("AnnualRevenue"), max("Name")])
        .columns([min("Name"), count_distinct("OwnerId"), format("AnnualRevenue")])
        .from("Account")
        .group_by(["Industry"])
        .having(count("Id").gt(5))
        .build()
        .unwrap();
    assert_eq!(
        query.as_str(),
        "SELECT Industry, COUNT(Id) n, SUM(AnnualRevenue), AVG(AnnualRevenue), MAX(Name), MIN(Name), \
         COUNT_DISTINCT(OwnerId), FORMAT(AnnualRevenue) FROM Account GROUP BY Industry HAVING COUNT(Id) > 5"
    );
    assert_eq!(Soql::count().from("Lead").build().unwrap().as_str(), "SELECT COUNT() FROM Lead");
}

#[test]
fn each_type_of_value_has_its_literal() {
    let a = || field("A__c");
    let table = [
        (a().eq("x"), "A__c = 'x'"),
        (a().ne(true), "A__c != true"),
        (a().lt(-7), "A__c < -7"),
        (a().le(5_000_000_000_i64), "A__c <= 5000000000.0"),
        (a().gt(Decimal::new(-1050, 2)), "A__c > -10.50"),
        (a().gt(Decimal::from(7)), "A__c > 7"),
        (a().ge(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()), "A__c >= 2024-02-29"),
        (a().eq(Utc.with_ymd_and_hms(2024, 6, 11, 17, 2, 4).unwrap()), "A__c = 2024-06-11T17:02:04Z"),
        (
            a().eq(Utc.with_ymd_and_hms(2024, 6, 11, 17, 2, 4).unwrap() + TimeDelta::milliseconds(5)),
            "A__c = 2024-06-11T17:02:04.005Z",
        ),
        (a().is_null(), "A__c = null"),
        (a().eq(None::<&str>), "A__c = null"),
        (a().is_in(["x", "y"]), "A__c IN ('x', 'y')"),
        (a().not_in([1, 2]), "A__c NOT IN (1, 2)"),
        (a().not_in_query(Soql::select(["Id"]).from("B__c")), "A__c NOT IN (SELECT Id FROM B__c)"),
        (a().includes(["x;y", "z"]), "A__c INCLUDES ('x;y', 'z')"),
        (a().excludes(["x"]), "A__c EXCLUDES ('x')"),
        (a().like("%a_"), "A__c LIKE '%a_'"),
        (a().contains("50%\\"), r"A__c LIKE '%50\%\\%'"),
    ];
    for (condition, text) in table {
        assert_eq!(filtered(condition), text);
    }
}

#[test]
fn date_literals_are_spelt_as_the_reference_spells_them() {
    let table = [
        (DateLiteral::TODAY, "TODAY"),
        (DateLiteral::YESTERDAY, "YESTERDAY"),
        (DateLiteral::TOMORROW, "TOMORROW"),
        (DateLiteral::last_days(7), "LAST_N_DAYS:7"),
        (DateLiteral::next_days(1), "NEXT_N_DAYS:1"),
        (DateLiteral::Ago(Unit::Week, 3), "N_WEEKS_AGO:3"),
        (DateLiteral::This(Unit::FiscalQuarter), "THIS_FISCAL_QUARTER"),
        (DateLiteral::LastN(Unit::FiscalYear, 2), "LAST_N_FISCAL_YEARS:2"),
        (DateLiteral::Ago(Unit::FiscalQuarter, 4), "N_FISCAL_QUARTERS_AGO:4"),
        (DateLiteral::Next(Unit::Month), "NEXT_MONTH"),
        (DateLiteral::Last90Days, "LAST_90_DAYS"),
        (DateLiteral::Next90Days, "NEXT_90_DAYS"),
    ];
    for (literal, text) in table {
        assert_eq!(filtered(field("CreatedDate").eq(literal)), format!("CreatedDate = {text}"));
    }
}

#[test]
fn parentheses_stand_where_and_meets_or() {
    let [a, b, c] = ["A", "B", "C"].map(|name| field(name).eq(1));
    assert_eq!(filtered(a.clone().and(b.clone()).and(c.clone())), "A = 1 AND B = 1 AND C = 1");
    assert_eq!(filtered(a.clone().and(b.clone()).or(c.clone())), "(A = 1 AND B = 1) OR C = 1");
    assert_eq!(filtered(a.clone().and(b.clone().or(c.clone()))), "A = 1 AND (B = 1 OR C = 1)");
    assert_eq!(filtered(!a.clone()), "(NOT A = 1)");
    assert_eq!(filtered(!(a.clone().or(b.clone()))), "(NOT (A = 1 OR B = 1))");
    assert_eq!(
        filtered(Condition::any([a.clone(), b.clone()]).unwrap().and(c)),
        "(A = 1 OR B = 1) AND C = 1"
    );
    let twice = Soql::select(["Id"]).from("Account").filter(a.clone().or(b.clone())).filter(a);
    assert!(twice.build().unwrap().as_str().ends_with("WHERE (A = 1 OR B = 1) AND A = 1"));
}

#[test]
fn a_mistake_is_named() {
    let select = || Soql::select(["Id"]).from("Account");
    let table = [
        (Soql::select(["Id, Name"]).from("Account"), "Id, Name"),
        (Soql::select(["Id"]).from("Account WHERE x"), "Account WHERE x"),
        (Soql::select(["Id"]).from("A.B"), "A.B"),
        (Soql::select([count("Id").alias("n)")]).from("A"), "n)"),
        (select().filter(field("1a").eq(1)), "1a"),
        (select().filter(field("a..b").eq(1)), "a..b"),
        (select().filter(field("").eq(1)), "\"\""),
        (select().filter(field("Naïve").eq(1)), "Naïve"),
        (select().order_by("Name; DROP"), "Name; DROP"),
        (select().group_by(["x'"]), "x'"),
        (select().child(Soql::select(["Bad-Name"]).from("Contacts")), "Bad-Name"),
        (select().filter(field("Kind__c").is_in(Vec::<&str>::new())), "Kind__c"),
        (select().filter(field("D").eq(NaiveDate::from_ymd_opt(12024, 1, 1).unwrap())), "12024"),
        (Soql::select(Vec::<&str>::new()).from("Account"), "no fields"),
        (Soql::select(["Id"]), "no object"),
    ];
    for (query, part) in table {
        let error = query.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(part), "{error} should name {part}");
    }
}

#[test]
fn a_query_over_the_limit_is_refused() {
    let ids: Vec<String> = (0..6_000).map(|n| format!("0010000000{n:08}")).collect();
    let error = Soql::select(["Id"]).from("Account").filter(field("Id").is_in(&ids)).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn debug_shows_no_values() {
    let query = Soql::select(["Id"]).from("Contact").filter(field("Email").eq("planted@example.com"));
    let shown = format!("{query:?} {:?}", query.clone().build().unwrap());
    assert!(!shown.contains("planted"), "{shown}");
}

/// Values that end in a backslash or hold quotes let a naive builder's next value escape from its literal.
#[test]
fn defect_04_a_backslash_does_not_swallow_the_closing_quote() {
    let text = filtered(field("Name").eq("x\\").and(field("Site").eq(" OR Name != '")));
    assert_eq!(
        lex(&text),
        [
            Token::Syntax("Name = ".into()),
            Token::Literal("x\\".into()),
            Token::Syntax(" AND Site = ".into()),
            Token::Literal(" OR Name != '".into()),
            Token::Syntax(String::new()),
        ]
    );
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), r#"['"\\\n\r\t\x00-\x1f%_a😀\u{7f}é]{0,12}"#]
}

/// A pattern's meaning: characters that stand for themselves, and wildcards.
fn meaning(pattern: &str) -> Vec<(char, bool)> {
    let mut chars = pattern.chars().peekable();
    let mut out = Vec::new();
    while let Some(c) = chars.next() {
        match chars.next_if(|next| c == '\\' && "%_\\".contains(*next)) {
            Some(escaped) => out.push((escaped, false)),
            None => out.push((c, c == '%' || c == '_')),
        }
    }
    out
}

/// The meaning of a rendered LIKE literal, read by the reference's rules: `\%` and `\_` stand for themselves.
fn like_meaning(literal: &str) -> Vec<(char, bool)> {
    let mut out = Vec::new();
    let mut rest = literal;
    while let Some(c) = rest.chars().next() {
        let escaped = rest.get(..2).filter(|two| *two == "\\%" || *two == "\\_");
        if let Some(two) = escaped {
            out.push((two.chars().last().unwrap(), false));
            rest = rest.split_at(2).1;
            continue;
        }
        let len = match c {
            '\\' if rest.starts_with("\\u") => 6,
            '\\' => 2,
            c => c.len_utf8(),
        };
        let (one, after) = rest.split_at(len);
        let [_, Token::Literal(value), _] = &lex(&format!("'{one}'"))[..] else { panic!("{one}") };
        out.push((value.chars().next().unwrap(), len == 1 && (c == '%' || c == '_')));
        rest = after;
    }
    out
}

proptest! {
    #[test]
    fn any_text_reads_back_from_exactly_one_literal(first in hostile(), second in hostile()) {
        let text = filtered(field("A").eq(&first).or(field("B").is_in([second.as_str(), "z"])));
        let expected = [
            Token::Syntax("A = ".into()),
            Token::Literal(first),
            Token::Syntax(" OR B IN (".into()),
            Token::Literal(second),
            Token::Syntax(", ".into()),
            Token::Literal("z".into()),
            Token::Syntax(")".into()),
        ];
        prop_assert_eq!(lex(&text), expected);
    }

    #[test]
    fn any_pattern_keeps_its_meaning(pattern in hostile()) {
        let text = filtered(field("A").like(&pattern));
        let literal = text.strip_prefix("A LIKE '").unwrap().strip_suffix('\'').unwrap();
        prop_assert_eq!(like_meaning(literal), meaning(&pattern));
    }

    #[test]
    fn escaped_text_has_no_wildcards(text in hostile()) {
        let expected: Vec<_> = text.chars().map(|c| (c, false)).collect();
        prop_assert_eq!(meaning(&like_escape(&text)), expected);
    }

    #[test]
    fn any_name_is_an_identifier_or_refused(name in hostile()) {
        let sound = Soql::select([name.as_str()]).from("Account").build().is_ok();
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        prop_assert!(plain || !sound);
    }
}
