//! What records hold: names, addresses, numbers, in reads, writes and everything that can go wrong with them.

use futures::{StreamExt, TryStreamExt, stream};
use http::Method;
use orion_core::{
    AdapterExt, Change, CustomObject, Email, Phone, Query, Record, UnifiedAddress, UnifiedCustomer,
    UnifiedInvoice, WriteOptions,
};
use orion_salesforce::{
    Composite, QueryResult, Salesforce,
    sandbox::{Fault, FaultKind, REQUEST_LIMIT, Sandbox},
    soql::{Soql, field},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shown;
use crate::support::client_credentials;

const NAME: &str = "Planted Person";
const EMAIL: &str = "planted.person@example.com";
const SSN: &str = "078-05-1120";
const STREET: &str = "12 Planted Lane";
const PHONE: &str = "+1 555 0142 7788";
const PLANTED: [&str; 5] = [NAME, EMAIL, SSN, STREET, PHONE];

fn person() -> Record<UnifiedCustomer> {
    let mut person = UnifiedCustomer::default();
    person.display_name = Some(NAME.into());
    person.emails.push(Email::new(EMAIL));
    person.phones.push(Phone::new(PHONE).with_kind(orion_core::PhoneKind::Work));
    let mut address = UnifiedAddress::of_kind(orion_core::AddressKind::Mailing);
    address.street = Some(STREET.into());
    person.addresses.push(address);
    let mut record = Record::new("", person);
    record.extra.insert("External_Id__c", SSN);
    record
}

fn widget(fields: &[(&str, Value)]) -> Record<CustomObject> {
    let mut widget = CustomObject::new("Widget__c");
    widget.name = Some(NAME.into());
    widget.fields.insert("External_Id__c", SSN);
    for (name, value) in fields {
        widget.fields.insert(*name, value.clone());
    }
    Record::new("", widget)
}

async fn start() -> (Shown, Sandbox, Salesforce, tracing::subscriber::DefaultGuard) {
    let (shown, guard) = Shown::listening();
    let sandbox = Sandbox::builder().records(3).start().await.unwrap();
    let salesforce = shown.connect(client_credentials(&sandbox), None);
    (shown, sandbox, salesforce, guard)
}

fn planted() -> Vec<String> {
    let escaped = PLANTED.map(|text| text.replace(' ', "%20"));
    let plus = PLANTED.map(|text| text.replace(' ', "+"));
    PLANTED.map(str::to_owned).into_iter().chain(escaped).chain(plus).collect()
}

#[tokio::test]
async fn no_content_is_shown_by_what_is_read_and_written() {
    let (shown, _sandbox, salesforce, _guard) = start().await;
    let records = [person()];
    shown.debug(&records);
    let outcomes = salesforce.write_contacts(&WriteOptions::create(), &records).await;
    shown.outcomes(&outcomes);
    let page = salesforce.page::<UnifiedCustomer>(&Query::new().object("Contact")).await.unwrap();
    let found = page.changes.iter().any(|change| match change {
        Change::Upsert(record) => record.model.emails.iter().any(|email| email.address == EMAIL),
        Change::Delete { .. } => false,
    });
    assert!(found, "the person is there to be shown");
    shown.debug(&page);
    page.changes.iter().for_each(|change| shown.debug(change));
    shown.debug(&salesforce.page::<UnifiedInvoice>(&Query::new()).await.unwrap());

    let soql = Soql::select(["Id", "Name"])
        .from("Contact")
        .filter(field("Email").eq(EMAIL).and(field("Name").ne(SSN)));
    shown.debug(&soql);
    shown.debug(&field("Email").eq(EMAIL));
    let soql = soql.build().unwrap();
    shown.debug(&soql);
    let answer = json!({"totalSize": 1, "done": true, "records": [{"Name": NAME}]});
    shown.debug(&serde_json::from_value::<QueryResult<Value>>(answer).unwrap());
    shown.debug(&salesforce.sobject("Contact"));
    let composite =
        Composite::new().create("Contact", "a", &json!({"LastName": NAME})).query(soql.as_str(), "b");
    shown.debug(&composite);
    let results = salesforce.composite(composite).await.unwrap();
    assert!(results[1].outcome.as_ref().unwrap().get().contains(NAME));
    shown.debug(&results);

    let query = salesforce.bulk_query(&soql).await.unwrap();
    let page = salesforce.bulk_page(&query, None, 100).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    shown.debug(&page);
    shown.debug(&salesforce.describe("Contact").await.unwrap());
    shown.assert_none(&planted());
}

#[tokio::test]
async fn no_content_is_shown_by_what_is_refused() {
    let (shown, sandbox, salesforce, _guard) = start().await;
    // Salesforce quotes values in its refusals.
    let long = format!("{NAME} {}", SSN.repeat(40));
    let wrong = [
        widget(&[("Contact_Email__c", json!(format!("{NAME} is no address")))]),
        widget(&[("Color__c", json!(SSN))]),
        widget(&[("Batch_Code__c", json!(long))]),
        widget(&[("Released_On__c", json!(SSN))]),
        widget(&[("Unit_Price__c", json!(SSN))]),
        widget(&[("Account__c", json!(SSN))]),
        widget(&[("Account__r", json!({"External_Id__c": SSN}))]),
        widget(&[]),
        widget(&[]),
    ];
    let outcomes = salesforce.create(&wrong).await.unwrap();
    assert!(outcomes.iter().filter(|outcome| outcome.is_err()).count() >= 7, "{outcomes:?}");
    let quoted = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()?.fault());
    assert!(quoted.filter(|fault| PLANTED.iter().any(|text| fault.message().contains(text))).count() >= 2);
    shown.outcomes(&outcomes);
    let job = salesforce
        .bulk_submit(&WriteOptions::create().object("Widget__c"), stream::iter(wrong))
        .await
        .unwrap();
    shown.debug(&job);
    let rows: Vec<_> = salesforce.bulk_outcomes::<CustomObject>(&job).collect().await;
    shown.debug(&rows);
    rows.iter()
        .filter_map(|row| row.as_ref().ok()?.outcome.as_ref().err())
        .for_each(|error| shown.error(error));

    for soql in [
        format!("SELECT Id FROM Contact WHERE Emial = '{EMAIL}'"),
        format!("SELECT Id FROM Contact WHERE Email = '{EMAIL}' AND"),
        format!("SELECT Id FROM Contact WHERE Birthdate = '{SSN}'"),
        format!("SELECT Id FROM Planted WHERE Name = '{NAME}'"),
    ] {
        shown.failed(salesforce.query::<Value>(&soql).try_collect::<Vec<_>>().await);
        shown.failed(salesforce.count(&soql).await);
    }
    let contacts = salesforce.sobject("Contact");
    shown.failed(contacts.create(&json!({"LastName": NAME, "Email": SSN})).await);
    shown.failed(contacts.upsert("External_Id__c", SSN, &json!({"LastName": NAME, "Nope": SSN})).await);
    shown.failed(contacts.retrieve_by::<Value>("External_Id__c", SSN).await);
    shown.failed(
        salesforce
            .create_tree(
                "Contact",
                &[json!({"attributes": {"type": "Contact", "referenceId": "a"}, "LastName": long})],
            )
            .await,
    );
    shown.assert_none(&planted());
    drop(sandbox);
}

#[derive(Debug, Deserialize)]
struct Wrong {
    #[serde(rename = "LastName")]
    _name: bool,
}

#[tokio::test]
async fn no_content_is_shown_by_answers_that_are_wrong_or_lost() {
    let (shown, sandbox, salesforce, _guard) = start().await;
    let records = [person()];
    let made = salesforce.write_contacts(&WriteOptions::upsert("External_Id__c"), &records).await;
    shown.outcomes(&made);
    let soql = format!("SELECT LastName FROM Contact WHERE Email = '{EMAIL}'");
    shown.failed(salesforce.query::<Wrong>(&soql).try_collect::<Vec<_>>().await);
    shown.failed(salesforce.sobject("Contact").retrieve_by::<Wrong>("External_Id__c", SSN).await);
    for kind in [
        FaultKind::TooManyRequests,
        FaultKind::ServerError,
        FaultKind::BadGateway,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::MalformedJson,
        FaultKind::WrongContentType,
        REQUEST_LIMIT,
        FaultKind::DropAfterCommit,
    ] {
        sandbox.clear_faults();
        sandbox.inject(Fault::new(kind.clone()));
        let outcomes = salesforce.write_contacts(&WriteOptions::create(), &records).await;
        shown.outcomes(&outcomes);
        if kind != FaultKind::DropAfterCommit {
            shown.failed(salesforce.query::<Value>(&soql).try_collect::<Vec<_>>().await);
            shown.failed(
                salesforce.page::<UnifiedCustomer>(&Query::new().object("Contact")).await.map(|_| ()),
            );
        }
        let composite = Composite::new().request(
            &Method::POST,
            "sobjects/Contact",
            "a",
            Some(&json!({"LastName": NAME})),
        );
        shown.failed(salesforce.composite(composite).await);
    }
    sandbox.clear_faults();
    shown.assert_none(&planted());
}

trait WriteContacts {
    async fn write_contacts(
        &self,
        options: &WriteOptions,
        records: &[Record<UnifiedCustomer>],
    ) -> Vec<orion_core::Outcome>;
}

impl WriteContacts for Salesforce {
    async fn write_contacts(
        &self,
        options: &WriteOptions,
        records: &[Record<UnifiedCustomer>],
    ) -> Vec<orion_core::Outcome> {
        orion_core::Write::write(self, &options.clone().object("Contact"), records).await.unwrap()
    }
}
