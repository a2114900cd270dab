//! What an org is: its objects, versions, limits, and who is asking.

use orion_core::{Adapter, AdapterExt, ErrorKind, Query, UnifiedCustomer};
use orion_salesforce::Usage;

use crate::support::{Org, client_credentials, connect, connected};

#[tokio::test]
async fn an_object_is_described_once_until_it_is_forgotten() {
    let org = Org::start().await;
    let describe = org.salesforce.describe("Account").await.unwrap();
    assert_eq!(describe.name, "Account");
    let external = describe.fields.iter().find(|field| field.name == "External_Id__c").unwrap();
    assert!(external.external_id && external.custom && external.createable);
    let industry = describe.fields.iter().find(|field| field.name == "Industry").unwrap();
    assert!(industry.picklist_values.iter().any(|choice| choice.value == "Banking" && choice.active));
    let contacts = describe.child_relationships.iter().find(|child| child.child_object == "Contact").unwrap();
    assert_eq!(contacts.relationship_name.as_deref(), Some("Contacts"));
    let again = org.salesforce.describe("ACCOUNT").await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&describe, &again));
    let _ = org.read::<UnifiedCustomer>(Query::new()).await;
    assert_eq!(org.requests("describe").len(), 1);
    org.salesforce.forget_describes();
    org.salesforce.describe("Account").await.unwrap();
    assert_eq!(org.requests("describe").len(), 2);
}

#[tokio::test]
async fn objects_versions_and_the_user_are_listed() {
    let org = Org::start().await;
    let objects = org.salesforce.objects().await.unwrap();
    let widget = objects.iter().find(|object| object.name == "Widget__c").unwrap();
    assert!(widget.custom && widget.queryable && widget.key_prefix.as_deref() == Some("a00"));
    let versions = org.salesforce.versions().await.unwrap();
    assert!(versions.iter().any(|version| version == "62.0"), "{versions:?}");
    let who = org.salesforce.check().await.unwrap();
    assert_eq!(who.account, org.sandbox.org_id());
    assert_eq!(who.user.as_deref(), Some(org.sandbox.user_id()));
}

#[tokio::test]
async fn the_quota_is_read_from_every_answer_and_a_budget_holds() {
    let org = Org::with(|builder| builder.records(5).daily_limit(5_000)).await;
    assert_eq!(org.salesforce.usage(), None);
    let limits = org.salesforce.limits().await.unwrap();
    assert_eq!(limits["DailyApiRequests"].max, 5_000);
    let Usage { used, limit, .. } = org.salesforce.usage().unwrap();
    assert_eq!((used, limit), (1, 5_000));

    let frugal = connected(client_credentials(&org.sandbox).request_budget(4));
    let mut outcomes = Vec::new();
    for _ in 0..5 {
        outcomes.push(frugal.limits().await);
    }
    let error = outcomes[4].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.to_string().contains("request_budget") && !error.is_retryable(), "{error}");
    assert_eq!(frugal.usage().unwrap().used, 4, "the fifth did not leave");
}

#[tokio::test]
async fn a_used_up_day_is_an_error_at_once_and_says_so() {
    let org = Org::with(|builder| builder.records(5).daily_limit(1)).await;
    org.salesforce.limits().await.unwrap();
    let error = org.salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.to_string().contains("24 hours"), "{error}");
    assert!(!error.is_retryable());
    assert_eq!(org.requests("describe").len(), 1, "asking again would not help");
}

#[tokio::test]
async fn connections_to_two_orgs_stay_apart() {
    let (one, two) = (Org::start().await, Org::with(|builder| builder.records(3).seed(2)).await);
    let (a, b) = (connect(&one.sandbox), connect(&two.sandbox));
    assert_ne!(one.sandbox.row_count("Account"), two.sandbox.row_count("Account"));
    let query = Query::new();
    let (a, b) = (a.page::<UnifiedCustomer>(&query), b.page::<UnifiedCustomer>(&query));
    let (a, b) = futures::future::join(a, b).await;
    assert_eq!(a.unwrap().changes.len(), one.sandbox.row_count("Account"));
    assert_eq!(b.unwrap().changes.len(), two.sandbox.row_count("Account"));
}
