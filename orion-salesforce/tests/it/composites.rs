//! Composite and sObject Tree.

use http::Method;
use orion_core::ErrorKind;
use orion_salesforce::{
    Composite,
    sandbox::{Fault, FaultKind},
};
use serde_json::{Value, json};

use crate::support::{Org, code};

#[tokio::test]
async fn later_requests_use_the_answers_of_earlier_ones() {
    let org = Org::start().await;
    let composite = Composite::new()
        .create("Account", "account", &json!({"Name": "Composed"}))
        .create("Contact", "contact", &json!({"LastName": "Composed", "AccountId": "@{account.id}"}))
        .update("Account", "@{account.id}", "update", &json!({"Phone": "1"}))
        .query(
            "SELECT Id, Phone, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '@{account.id}'",
            "query",
        )
        .request::<()>(&Method::GET, "sobjects/Contact/@{contact.id}?fields=AccountId", "read", None)
        .delete("Contact", "@{contact.id}", "delete");
    let results = org.salesforce.composite(composite).await.unwrap();
    let references: Vec<&str> = results.iter().map(|result| result.reference.as_str()).collect();
    assert_eq!(references, ["account", "contact", "update", "query", "read", "delete"]);
    let bodies: Vec<Value> = results
        .iter()
        .map(|result| serde_json::from_str(result.outcome.as_ref().unwrap().get()).unwrap())
        .collect();
    assert_eq!(bodies[3]["records"][0]["Phone"], "1");
    assert_eq!(bodies[3]["records"][0]["Contacts"]["records"][0]["LastName"], "Composed");
    assert_eq!(bodies[4]["AccountId"], bodies[0]["id"]);
    assert_eq!(bodies[5], Value::Null);
    assert!(org.rows("SELECT Id FROM Contact WHERE LastName = 'Composed'").is_empty());
}

fn broken() -> Composite {
    Composite::new()
        .create("Account", "good", &json!({"Name": "Composed"}))
        .create("Account", "bad", &json!({"Phone": "1"}))
        .create("Contact", "dependent", &json!({"LastName": "x", "AccountId": "@{bad.id}"}))
}

#[tokio::test]
async fn a_failed_request_fails_what_depends_on_it_or_everything() {
    let org = Org::start().await;
    let results = org.salesforce.composite(broken()).await.unwrap();
    assert!(results[0].outcome.is_ok());
    let bad = results[1].outcome.as_ref().unwrap_err();
    assert_eq!((bad.kind(), code(bad)), (ErrorKind::Rejected, "REQUIRED_FIELD_MISSING"));
    assert_eq!(code(results[2].outcome.as_ref().unwrap_err()), "PROCESSING_HALTED");
    assert_eq!(org.rows("SELECT Id FROM Account WHERE Name = 'Composed'").len(), 1);

    let results = org.salesforce.composite(broken().all_or_none()).await.unwrap();
    let codes: Vec<&str> = results.iter().map(|result| code(result.outcome.as_ref().unwrap_err())).collect();
    assert_eq!(codes, ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]);
    assert_eq!(org.rows("SELECT Id FROM Account WHERE Name = 'Composed'").len(), 1, "undone");
}

#[tokio::test]
async fn what_a_composite_cannot_be_is_refused_before_it_is_sent() {
    let org = Org::start().await;
    org.sandbox.clear_log();
    let fields = json!({"Name": "x"});
    let many = |count: usize| {
        (0..count).fold(Composite::new(), |all, at| all.create("Account", &format!("r{at}"), &fields))
    };
    let queries = |count: usize| {
        (0..count)
            .fold(Composite::new(), |all, at| all.query("SELECT Id FROM Lead LIMIT 1", &format!("q{at}")))
    };
    let wrong = [
        (Composite::new(), "needs a request"),
        (many(26), "at most 25"),
        (queries(6), "at most 5 queries"),
        (many(1).create("Account", "r0", &fields), "stands once"),
        (many(1).create("Account", "not a name", &fields), "letters, digits"),
        (many(1).create("Account/describe", "x", &fields), "is not the name"),
        (many(1).request::<()>(&Method::HEAD, "limits", "x", None), "GET, POST"),
    ];
    for (composite, why) in wrong {
        let error = org.salesforce.composite(composite).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{why}");
        assert!(error.to_string().contains(why), "{error}");
    }
    assert!(org.sandbox.log().is_empty());
    assert_eq!(org.salesforce.composite(many(25)).await.unwrap().len(), 25);
    assert_eq!(org.salesforce.composite(queries(5)).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_composite_whose_answer_was_lost_is_not_sent_again() {
    let org = Org::start().await;
    org.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).on("composite").count(1));
    let composite = Composite::new().create("Account", "a", &json!({"Name": "Composed"}));
    let error = org.salesforce.composite(composite).await.unwrap_err();
    assert!(error.is_ambiguous());
    assert_eq!(org.rows("SELECT Id FROM Account WHERE Name = 'Composed'").len(), 1);
}

fn tree(last_name: Option<&str>) -> Value {
    let contact = json!({"attributes": {"type": "Contact", "referenceId": "contact"}, "LastName": last_name});
    json!({
        "attributes": {"type": "Account", "referenceId": "account"},
        "Name": "Planted",
        "Contacts": {"records": [contact]},
    })
}

#[tokio::test]
async fn a_tree_is_made_whole_or_not_at_all() {
    let org = Org::start().await;
    let made = org.salesforce.create_tree("Account", &[tree(Some("Planted"))]).await.unwrap();
    let references: Vec<&str> = made.iter().map(|(reference, _)| reference.as_str()).collect();
    assert_eq!(references, ["account", "contact"]);
    let contact = org.row(&format!("SELECT AccountId FROM Contact WHERE Id = '{}'", made[1].1));
    assert_eq!(contact["AccountId"], made[0].1.as_str());

    let error = org.salesforce.create_tree("Account", &[tree(None)]).await.unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::Rejected, "REQUIRED_FIELD_MISSING"));
    assert!(error.to_string().ends_with(": LastName"), "{error}");
    assert_eq!(org.rows("SELECT Id FROM Account WHERE Name = 'Planted'").len(), 1);

    let many: Vec<Value> = (0..201).map(|_| tree(Some("x"))).collect();
    let error = org.salesforce.create_tree("Account", &many).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
