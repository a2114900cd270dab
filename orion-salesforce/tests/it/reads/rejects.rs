//! Rows that do not fit: set aside as they came, and the read goes on.

use http::Method;
use orion_core::{
    AdapterExt, ErrorKind, Query, UnifiedCustomer, UnifiedInvoice,
    testing::{Reply, Script},
};
use orion_salesforce::{Auth, Config, Salesforce};
use serde_json::{Value, json};

const QUERY: &str = "/services/data/v62.0/query";

fn scripted(script: &Script, object: &str, fields: &[&str]) -> Salesforce {
    let base = url::Url::parse("https://acme.my.salesforce.test").unwrap();
    let auth = Auth::AccessToken { access_token: "t".into(), instance_url: base.clone() };
    let config = Config::new(base, auth).fields(object, fields.iter().copied());
    Salesforce::builder(config, script.clone()).build().unwrap()
}

fn page(records: &str) -> Reply {
    Reply::body(200, "application/json", format!(r#"{{"totalSize":9,"done":true,"records":[{records}]}}"#))
}

fn row(id: &str, more: &str) -> String {
    format!(
        r#"{{"attributes":{{"type":"Account","url":"/x"}},"Id":"{id}","CreatedDate":"2024-01-01T00:00:00.000+0000","SystemModstamp":"2024-01-01T00:00:00.000+0000","IsDeleted":false{more}}}"#
    )
}

#[tokio::test]
async fn a_row_of_wrong_types_is_set_aside_with_its_text_and_the_others_are_read() {
    let bad = [
        row("001B", r#","Name":5"#),
        row("001C", r#","AnnualRevenue":"much""#),
        row("001D", r#","AnnualRevenue":123456789012345678901234567890.5"#),
        r#"{"Id":"001E","SystemModstamp":"yesterday","Name":"x"}"#.to_owned(),
        r#"{"Id":7,"Name":"x"}"#.to_owned(),
        r#"{"Name":"no id at all"}"#.to_owned(),
        r#"{"Id":"001F","IsDeleted":"no"}"#.to_owned(),
    ];
    let mut rows = vec![row("001A", r#","Name":"Good","AnnualRevenue":1.10,"Custom__c":{"deep":[1,null]}"#)];
    rows.extend(bad.iter().cloned());
    rows.push(row("001Z", r#","Name":"Good too""#));
    let script = Script::new().on(Method::GET, QUERY).then(page(&rows.join(",")));
    let salesforce = scripted(&script, "Account", &["Name", "AnnualRevenue"]);
    let page = salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
    let ids: Vec<&str> = page.changes.iter().map(|change| change.id().as_str()).collect();
    assert_eq!(ids, ["001A", "001Z"]);
    let raws: Vec<&str> = page.rejected.iter().map(|rejected| &*rejected.raw).collect();
    assert_eq!(raws, bad.iter().map(String::as_str).collect::<Vec<_>>());
    let named = ["Name", "AnnualRevenue", "AnnualRevenue", "SystemModstamp", "Id", "Id", "IsDeleted"];
    for (rejected, field) in page.rejected.iter().zip(named) {
        assert_eq!(rejected.reason.kind(), ErrorKind::Malformed);
        assert!(rejected.reason.to_string().contains(&format!("`{field}`")), "{}", rejected.reason);
    }
    assert_eq!(page.rejected[0].id.as_ref().map(|id| id.as_str()), Some("001B"));
    assert_eq!(page.rejected[5].id, None);
    // What the SELECT did not ask for is kept all the same.
    let record = page.changes[0].clone().into_record().unwrap();
    assert_eq!(record.extra.get("Custom__c"), Some(&json!({"deep": [1, null]})));
    assert_eq!(record.model.annual_revenue.unwrap().amount.to_string(), "1.10");
}

#[tokio::test]
async fn a_bad_line_sets_its_record_aside_wherever_it_stands() {
    let line = |id: &str, quantity: &str| format!(r#"{{"Id":"{id}","Quantity":{quantity}}}"#);
    let deal = |id: &str, next: &str, lines: &[String]| {
        let lines = lines.join(",");
        row(
            id,
            &format!(r#","OpportunityLineItems":{{"totalSize":2,"done":false{next},"records":[{lines}]}}"#),
        )
    };
    let more = r#","nextRecordsUrl":"/services/data/v62.0/query/0r8-1""#;
    let rows = [
        deal("006A", "", &[line("00kA", "1")]),
        deal("006B", "", &[line("00kB", "\"one\"")]),
        deal("006C", more, &[line("00kC", "1")]),
        deal("006D", "", &[line("00kD", "4")]),
        deal("006E", more, &[line("00kE", "5")]),
    ];
    let script = Script::new()
        .on(Method::GET, QUERY)
        .then(page(&rows.join(",")))
        .then(page(&line("00kX", "\"many\"")))
        .then(page(&line("00kY", "6")));
    let salesforce = scripted(&script, "Opportunity", &["Name"]);
    let page = salesforce.page::<UnifiedInvoice>(&Query::new()).await.unwrap();
    let found: Vec<(&str, usize)> = page
        .changes
        .iter()
        .map(|change| match change {
            orion_core::Change::Upsert(record) => (record.id.as_str(), record.model.lines.len()),
            orion_core::Change::Delete { id, .. } => (id.as_str(), 0),
        })
        .collect();
    assert_eq!(found, [("006A", 1), ("006D", 1), ("006E", 2)]);
    let rejected: Vec<&str> = page.rejected.iter().map(|r| r.id.as_ref().unwrap().as_str()).collect();
    assert_eq!(rejected, ["006B", "006C"]);
    assert!(page.rejected[1].raw.contains("many"));
    script.assert_done();
    let asked = script.requests()[1].query("q").unwrap();
    assert!(
        asked.contains("WHERE IsDeleted = false AND OpportunityId = '006C' AND Id > '00kC' ORDER BY Id"),
        "{asked}"
    );
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_an_error_without_its_text() {
    let bodies = [
        "<html>planted</html>",
        "[\"planted\"]",
        r#"{"records":"planted"}"#,
        r#"{"records":[{"Id":"planted"#,
        "\u{feff}",
    ];
    for body in bodies {
        let script = Script::new().on(Method::GET, QUERY).then(Reply::body(200, "text/html", body));
        let salesforce = scripted(&script, "Account", &["Name"]);
        let error = salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}");
        assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
    }
}

#[tokio::test]
async fn a_page_that_names_itself_as_the_next_ends_the_read() {
    use futures::StreamExt;
    let looping = json!({"totalSize": 9, "done": false, "nextRecordsUrl": format!("{QUERY}/0r8-1"), "records": [{"Id": "001A"}]});
    let script = Script::new()
        .on(Method::GET, QUERY)
        .always(Reply::json(200, &looping))
        .on(Method::GET, &format!("{QUERY}/0r8-1"))
        .always(Reply::json(200, &looping));
    let salesforce = scripted(&script, "Account", &["Name"]);
    let typed: Vec<_> = salesforce.query::<Value>("SELECT Id FROM Account").collect().await;
    let error = typed.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    let pages: Vec<_> = salesforce.pages::<UnifiedCustomer>(Query::new()).collect().await;
    assert_eq!(pages.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Malformed);
    assert!(script.requests().len() < 10);
}

#[tokio::test]
async fn a_page_address_on_another_host_gets_no_token() {
    use futures::StreamExt;
    let page = json!({"totalSize": 2, "done": false, "nextRecordsUrl": "https://evil.test/services/data/v62.0/query/x", "records": [{"Id": "001A"}]});
    let script = Script::new().on(Method::GET, QUERY).always(Reply::json(200, &page));
    let salesforce = scripted(&script, "Account", &["Name"]);
    let rows: Vec<_> = salesforce.query::<Value>("SELECT Id FROM Account").collect().await;
    assert_eq!(rows.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(script.requests().len(), 1, "nothing went there");
}
