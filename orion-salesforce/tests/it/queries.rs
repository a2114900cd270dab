//! Queries with rows of the caller's own type, against rows of every kind.

use futures::TryStreamExt;
use orion_salesforce::{
    QueryResult,
    soql::{Condition, DateLiteral, Soql, Unit, avg, count, count_distinct, field, sum},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::Org;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contact {
    id: String,
    last_name: String,
    account: Option<Account>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    name: String,
    #[serde(default)]
    contacts: Option<QueryResult<Contact>>,
}

#[tokio::test]
async fn a_typed_query_streams_every_page() {
    let org = Org::with(|builder| builder.records(5_100)).await;
    let soql =
        Soql::select(["Id", "LastName", "Account.Name"]).from("Contact").order_by("Id").build().unwrap();
    let contacts: Vec<Contact> = org.salesforce.query(soql.as_str()).try_collect().await.unwrap();
    assert_eq!(contacts.len(), org.sandbox.row_count("Contact"));
    assert!(contacts.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert!(
        contacts
            .iter()
            .any(|contact| contact.account.as_ref().is_some_and(|account| !account.name.is_empty()))
    );
    assert!(contacts.iter().all(|contact| !contact.last_name.is_empty()));
    assert_eq!(org.requests("/query").len(), contacts.len().div_ceil(2_000));
}

#[tokio::test]
async fn children_parents_counts_and_groups_are_read() {
    let org = Org::with(|builder| builder.records(60)).await;
    let contacts = Soql::select(["Id", "LastName"]).from("Contacts");
    let soql = Soql::select(["Name"]).child(contacts).from("Account").build().unwrap();
    let accounts: Vec<Account> = org.salesforce.query(soql.as_str()).try_collect().await.unwrap();
    let children: usize = accounts
        .iter()
        .filter_map(|account| account.contacts.as_ref())
        .map(|contacts| contacts.records.len())
        .sum();
    assert_eq!(children, org.rows("SELECT Id FROM Contact WHERE AccountId != null").len());

    let all = Soql::count().from("Contact").build().unwrap();
    assert_eq!(org.salesforce.count(all.as_str()).await.unwrap() as usize, org.sandbox.row_count("Contact"));

    let grouped = Soql::select([
        field("Industry"),
        count("Id").alias("n"),
        avg("AnnualRevenue"),
        count_distinct("OwnerId"),
    ])
    .from("Account")
    .group_by(["Industry"])
    .having(count("Id").gt(1))
    .order_by(count("Id").desc())
    .build()
    .unwrap();
    let groups: Vec<Value> = org.salesforce.query(grouped.as_str()).try_collect().await.unwrap();
    assert!(!groups.is_empty());
    for group in &groups {
        assert!(group["n"].as_u64().unwrap() > 1, "{group}");
        let industry = group["Industry"].as_str().map_or("null".to_owned(), |name| format!("'{name}'"));
        let rows = org.rows(&format!("SELECT Id FROM Account WHERE Industry = {industry}"));
        assert_eq!(group["n"].as_u64().unwrap() as usize, rows.len());
        assert!(group.get("expr0").is_some() && group.get("expr1").is_some(), "{group}");
    }
    let total = Soql::select([sum("Amount").alias("total")]).from("Opportunity").build().unwrap();
    let total: Vec<Value> = org.salesforce.query(total.as_str()).try_collect().await.unwrap();
    assert_eq!(total.len(), 1);
}

#[tokio::test]
async fn deleted_rows_are_found_by_query_all_only() {
    let org = Org::start().await;
    let id = org.row("SELECT Id FROM Lead LIMIT 1")["Id"].as_str().unwrap().to_owned();
    org.sandbox.delete("Lead", &id).unwrap();
    let soql = format!("SELECT Id, IsDeleted FROM Lead WHERE Id = '{id}'");
    let live: Vec<Value> = org.salesforce.query(&soql).try_collect().await.unwrap();
    let all: Vec<Value> = org.salesforce.query_all(&soql).try_collect().await.unwrap();
    assert_eq!((live.len(), all.len()), (0, 1));
    assert_eq!(all[0]["IsDeleted"], true);
}

#[tokio::test]
async fn hostile_text_in_a_literal_is_only_text() {
    let org = Org::start().await;
    let hostile = [
        "O'Neil",
        "back\\slash",
        "ends in a backslash\\",
        "quote\" and 'quote'",
        "line\nfeed\ttab\rreturn",
        "' OR Name != '",
        "\\' OR Id != null OR Name = \\'",
        "100%_sure",
        "emoji \u{1F600} and 東京",
        "null\u{7f}byte",
    ];
    for name in hostile {
        org.sandbox
            .insert(
                "Widget__c",
                json!({"Name": "x", "Notes__c": "x", "Batch_Code__c": name}).as_object().unwrap(),
            )
            .unwrap();
    }
    for name in hostile {
        let stored = org.sandbox.query("SELECT Batch_Code__c FROM Widget__c").unwrap();
        let kept = stored.iter().filter(|row| row["Batch_Code__c"] == name).count();
        let equal = Soql::select(["Batch_Code__c"]).from("Widget__c").filter(field("Batch_Code__c").eq(name));
        let found: Vec<Value> =
            org.salesforce.query(equal.build().unwrap().as_str()).try_collect().await.unwrap();
        assert_eq!(found.len(), 1, "{name:?} kept {kept}");
        assert_eq!(found[0]["Batch_Code__c"], name);
        for condition in [
            field("Batch_Code__c").starts_with(name),
            field("Batch_Code__c").contains(name),
            field("Batch_Code__c").is_in([name]),
        ] {
            let soql = Soql::select(["Batch_Code__c"]).from("Widget__c").filter(condition).build().unwrap();
            let found: Vec<Value> = org.salesforce.query(soql.as_str()).try_collect().await.unwrap();
            assert_eq!(found.len(), 1, "{name:?}: {soql}");
        }
        // It does not change what stands beside it either.
        let none = Condition::all([field("Batch_Code__c").eq(name), field("Name").eq("nobody")]).unwrap();
        let soql = Soql::select(["Id"]).from("Widget__c").filter(none).build().unwrap();
        let found: Vec<Value> = org.salesforce.query(soql.as_str()).try_collect().await.unwrap();
        assert!(found.is_empty(), "{soql}");
    }
}

#[tokio::test]
async fn dates_are_compared_as_dates() {
    let org = Org::start().await;
    for condition in [
        field("CloseDate").ge(DateLiteral::This(Unit::Day)),
        field("CloseDate").lt(DateLiteral::This(Unit::Day)),
        field("CreatedDate").le(org.sandbox.now()),
        field("CloseDate").gt(chrono::NaiveDate::from_ymd_opt(2020, 2, 29).unwrap()),
    ] {
        let soql = Soql::select(["Id"]).from("Opportunity").filter(condition).build().unwrap();
        let found: Vec<Value> = org.salesforce.query(soql.as_str()).try_collect().await.unwrap();
        assert_eq!(found.len(), org.rows(soql.as_str()).len(), "{soql}");
    }
}

#[tokio::test]
async fn a_query_is_not_capped_and_asks_for_a_page_when_it_is_wanted() {
    use futures::StreamExt;
    let org = Org::with(|builder| builder.records(900).page_size(200)).await;
    let mut rows = org.salesforce.query::<Value>("SELECT Id FROM Account");
    for _ in 0..200 {
        rows.next().await.unwrap().unwrap();
    }
    assert_eq!(org.requests("/query").len(), 1, "the second page was not asked for yet");
    rows.next().await.unwrap().unwrap();
    assert_eq!(org.requests("/query").len(), 2);
}
