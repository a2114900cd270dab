//! What people get wrong: each gets a typed error that says what helps, and nothing is lost.

use std::time::Duration;

use futures::TryStreamExt;
use orion_core::{
    AdapterExt, CustomObject, Error, ErrorKind, Kind, Query, Record, Registry, UnifiedCustomer, WriteOptions,
    http::{Http, retry::Policy},
};
use orion_salesforce::{Auth, Config, NAME, Salesforce, sandbox::Sandbox};
use serde_json::{Value, json};

use crate::support::{Org, client_credentials, code, connected, customer};

fn registry() -> Registry {
    Registry::new().register(NAME, |config: Config| async move { Ok(Salesforce::new(config)?.connect()) })
}

/// The kind is this one, and the message says these things, in words and not in the vendor's alone.
fn assert_says(error: &Error, kind: ErrorKind, says: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    for part in says {
        assert!(error.to_string().contains(part), "{part:?} is not in: {error}");
    }
    assert!(!error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_configuration_that_is_wrong_is_refused_where_it_is_wrong() {
    let auth = r#""auth": {"flow": "client_credentials", "client_id": "id", "client_secret": "planted"}"#;
    let wrong: [(String, &[&str]); 9] = [
        (String::new(), &["line 1"]),
        ("{".into(), &["line 1"]),
        ("[]".into(), &["line 1"]),
        (format!("{{{auth}, \"login_url\": \"planted\"}}"), &["line 1 column"]),
        (format!("{{{auth}, \"api_verison\": \"62.0\"}}"), &["unknown field `api_verison`", "`api_version`"]),
        (r#"{"auth": {"flow": "planted"}}"#.into(), &["expected one of", "`client_credentials`"]),
        (r#"{"auth": {"flow": "client_credentials", "client_id": 7}}"#.into(), &["expected a string"]),
        (format!("{{{auth}, \"api_version\": \"57.0\"}}"), &["`api_version`", "58.0 or later"]),
        (
            format!("{{{auth}, \"login_url\": \"https://acme.lightning.force.com\"}}"),
            &["`login_url`", "https://NAME.my.salesforce.com"],
        ),
    ];
    for (config, says) in wrong {
        let error = registry().build(NAME, &config).await.unwrap_err();
        assert_says(&error, ErrorKind::Config, says);
        assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
    }
    let error = registry().build("salesforec", "{}").await.unwrap_err();
    assert_says(&error, ErrorKind::Config, &["`salesforec`", "salesforce"]);
    let key = r#"{"auth": {"flow": "jwt", "client_id": "id", "username": "joe", "private_key": "planted"}}"#;
    let error = registry().build(NAME, key).await.unwrap_err();
    assert_says(&error, ErrorKind::Config, &["RSA private key in PEM"]);
    assert!(!format!("{error:?}").contains("planted"));
    assert!(registry().build(NAME, &format!("{{{auth}}}")).await.is_ok());
}

#[tokio::test]
async fn an_unknown_object_or_field_is_named() {
    let org = Org::start().await;
    let query = Query::new().object("Acount");
    let error = org.salesforce.page::<UnifiedCustomer>(&query).await.unwrap_err();
    assert_says(&error, ErrorKind::Config, &["`Acount`", "Account, Contact, Lead"]);
    let query = Query::new().object("Nope__c");
    let error = org.salesforce.page::<CustomObject>(&query).await.unwrap_err();
    assert_says(&error, ErrorKind::NotFound, &["no object `Nope__c`"]);
    let query = Query::new().object("Nope__c FROM User");
    let error = org.salesforce.page::<CustomObject>(&query).await.unwrap_err();
    assert_says(&error, ErrorKind::Config, &["Nope__c FROM User", "is not the name"]);
    let connector = org.salesforce.clone().connect();
    let error = connector.page_json(Kind::new("ticket"), &Query::new()).await.unwrap_err();
    assert_says(&error, ErrorKind::Unsupported, &["ticket"]);

    let chosen = connected(client_credentials(&org.sandbox).fields("Account", ["Name", "Nmae"]));
    let error = chosen.page::<UnifiedCustomer>(&Query::new()).await.unwrap_err();
    assert_says(&error, ErrorKind::Config, &["Nmae", "INVALID_FIELD"]);
    let mut config = client_credentials(&org.sandbox);
    config = config.fields("Account", ["Name FROM User --"]);
    let error = Salesforce::new(config).unwrap_err();
    assert_says(&error, ErrorKind::Config, &["is not the name"]);
}

#[tokio::test]
async fn an_unknown_object_in_a_write_costs_one_question_and_the_others_are_written() {
    let org = Org::start().await;
    let of = |object: &str, at: usize| {
        let mut record = CustomObject::new(object);
        record.name = Some(format!("n{at}"));
        Record::new("", record)
    };
    let records: Vec<_> =
        (0..20).map(|at| of(if at % 2 == 0 { "Widget__c" } else { "Wdiget__c" }, at)).collect();
    let outcomes = org.write(&WriteOptions::create(), &records).await;
    for (at, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(_) => assert!(at % 2 == 0),
            Err(error) => {
                assert_eq!(at % 2, 1);
                assert!(matches!(error.kind(), ErrorKind::Config | ErrorKind::NotFound), "{error:?}");
                assert!(error.to_string().contains("Wdiget__c"), "{error}");
            }
        }
    }
    assert_eq!(org.rows("SELECT Id FROM Widget__c WHERE Name LIKE 'n%'").len(), 10);
    assert!(org.sandbox.log().len() < 8, "{:?}", org.sandbox.counts());
}

#[tokio::test]
async fn values_of_the_wrong_type_are_refused_by_field() {
    let org = Org::start().await;
    let wrong = [
        ("Unit_Price__c", json!("much"), ErrorKind::Config, "JSON_PARSER_ERROR"),
        ("In_Stock__c", json!("maybe"), ErrorKind::Config, "JSON_PARSER_ERROR"),
        ("Released_On__c", json!("soon"), ErrorKind::Config, "JSON_PARSER_ERROR"),
        ("Color__c", json!("Ultraviolet"), ErrorKind::Rejected, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Contact_Email__c", json!("nobody"), ErrorKind::Rejected, "INVALID_EMAIL_ADDRESS"),
        ("Account__c", json!("nonsense"), ErrorKind::Config, "MALFORMED_ID"),
        ("Batch_Code__c", json!("x".repeat(41)), ErrorKind::TooLarge, "STRING_TOO_LONG"),
    ];
    let records: Vec<_> = wrong
        .iter()
        .map(|(field, value, ..)| {
            let mut widget = CustomObject::new("Widget__c");
            widget.fields.insert(*field, value.clone());
            Record::new("", widget)
        })
        .collect();
    let outcomes = org.write(&WriteOptions::create(), &records).await;
    for (outcome, (field, _, kind, name)) in outcomes.iter().zip(&wrong) {
        let error = outcome.as_ref().unwrap_err();
        assert_eq!((error.kind(), code(error)), (*kind, *name), "{field}");
        let names_it = error.to_string().ends_with(field) || *name == "JSON_PARSER_ERROR";
        assert!(names_it && error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told_from_one_that_refuses() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = url::Url::parse(&format!("http://{closed}")).unwrap();
    let auth = Auth::ClientCredentials { client_id: "id".into(), client_secret: "planted-secret".into() };
    let policy = Policy::default().attempts(3).backoff(Duration::from_millis(1), Duration::from_millis(2));
    let build = |base: url::Url| {
        Salesforce::builder(Config::new(base, auth.clone()), Http::new().unwrap())
            .retry(policy)
            .build()
            .unwrap()
    };
    let error = orion_core::Adapter::check(&build(base)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("check the address and the network"), "{error}");
    assert!(!error.is_ambiguous());
    let outcomes =
        build(url::Url::parse(&format!("http://{closed}")).unwrap()).create(&[customer("x")]).await;
    let error = match outcomes {
        Err(error) => error,
        Ok(mut outcomes) => outcomes.remove(0).unwrap_err(),
    };
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_ambiguous(), "nothing left the machine: {error:?}");

    // A host that speaks something else, and one whose certificate nobody knows.
    let org = Org::start().await;
    let odd = org.sandbox.base_url().replace("http:", "https:");
    let stranger = org.sandbox.tls_base_url().to_owned();
    for base in [odd, stranger] {
        let error = orion_core::Adapter::check(&build(url::Url::parse(&base).unwrap())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
    }
    let trusted = Http::builder().ca_pem(org.sandbox.ca_pem()).build().unwrap();
    let mut config = client_credentials(&org.sandbox);
    config.login_url = url::Url::parse(org.sandbox.tls_base_url()).unwrap();
    let secure = Salesforce::builder(config, trusted).build().unwrap();
    assert_eq!(orion_core::Adapter::check(&secure).await.unwrap().account, org.sandbox.org_id());
}

#[tokio::test]
async fn malformed_queries_say_that_they_are() {
    let org = Org::start().await;
    for (soql, kind, says) in [
        ("", ErrorKind::Config, "MALFORMED_QUERY"),
        ("SELECT", ErrorKind::Config, "MALFORMED_QUERY"),
        ("DROP TABLE Account", ErrorKind::Config, "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'open", ErrorKind::Config, "MALFORMED_QUERY"),
        ("SELECT Id FROM Nope", ErrorKind::Config, "Nope"),
        ("SELECT Nope FROM Account", ErrorKind::Config, "Nope"),
        ("SELECT Id FROM Account LIMIT -1", ErrorKind::Config, "MALFORMED_QUERY"),
    ] {
        let error = org.salesforce.query::<Value>(soql).try_collect::<Vec<_>>().await.unwrap_err();
        assert_says(&error, kind, &[says]);
    }
}

#[tokio::test]
async fn a_query_too_long_for_salesforce_is_refused_before_it_is_sent() {
    use orion_salesforce::soql::{Soql, field};
    let org = Org::start().await;
    org.sandbox.clear_log();
    let ids = (0..9_000).map(|at| format!("001{at:012}AAA"));
    let error = Soql::select(["Id"]).from("Account").filter(field("Id").is_in(ids)).build().unwrap_err();
    assert_says(&error, ErrorKind::TooLarge, &["100000", "split"]);
    assert!(org.sandbox.log().is_empty());
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused_and_not_read_to_its_end() {
    use orion_core::testing::{Reply, Script};
    let base = url::Url::parse("https://acme.my.salesforce.test").unwrap();
    let auth = Auth::AccessToken { access_token: "t".into(), instance_url: base.clone() };
    let body = vec![b' '; (64 << 20) + 1];
    let script = Script::new().on(http::Method::GET, "/services/data/v62.0/query").then(Reply::body(
        200,
        "application/json",
        body,
    ));
    let config = Config::new(base, auth).fields("Account", ["Name"]);
    let salesforce = Salesforce::builder(config, script).build().unwrap();
    let error = salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap_err();
    assert_says(&error, ErrorKind::TooLarge, &["limit of 67108864 bytes"]);
}

#[tokio::test]
async fn a_sandbox_that_goes_away_in_the_middle_ends_the_read_with_an_error() {
    let sandbox = Sandbox::builder().records(500).page_size(50).start().await.unwrap();
    let salesforce = connected(client_credentials(&sandbox));
    let mut pages = salesforce.pages::<UnifiedCustomer>(Query::new());
    assert!(pages.try_next().await.unwrap().is_some());
    drop(sandbox);
    let error = pages.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_ambiguous(), "a read changes nothing");
}
