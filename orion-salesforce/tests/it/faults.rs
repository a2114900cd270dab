//! An org that fails one answer in five: everything arrives, nothing twice, and no harder hit than agreed.

use std::collections::BTreeSet;

use orion_core::{
    AdapterExt, CustomObject, ErrorKind, Query, Record, UnifiedCustomer,
    http::Http,
    testing::{Events, Summary},
};
use orion_salesforce::{
    Salesforce,
    sandbox::{Builder, EXPIRE_LOCATOR, Fault, FaultKind, Faults, LOCK_ROW, Sandbox},
};
use serde_json::Value;

use crate::{
    reads::distinct,
    support::{client_credentials, customer, quick, read},
};

/// What is drawn from, each with this chance: together one answer in five.
const KINDS: [FaultKind; 8] = [
    FaultKind::TooManyRequests,
    FaultKind::TooManyRequestsAfter,
    FaultKind::ServerError,
    FaultKind::Unavailable,
    FaultKind::Reset,
    FaultKind::Truncate,
    FaultKind::ExpireToken,
    EXPIRE_LOCATOR,
];
const CHANCE: f64 = 0.0275;

fn plan(more: &[FaultKind]) -> Faults {
    let rule = |kind: &FaultKind| Fault::new(kind.clone()).probability(CHANCE).retry_after(0);
    let mut plan = Faults::from(KINDS.iter().chain(more).map(rule).collect::<Vec<_>>());
    plan.seed = 7;
    plan
}

struct Faulty {
    sandbox: Sandbox,
    salesforce: Salesforce,
    events: Events,
}

impl Faulty {
    async fn start(set: impl FnOnce(Builder) -> Builder, plan: Faults) -> Self {
        let sandbox = set(Sandbox::builder()).faults(plan).start().await.unwrap();
        let events = Events::new();
        let builder = Salesforce::builder(client_credentials(&sandbox), Http::new().unwrap());
        let salesforce = builder.retry(quick()).observers(events.observers()).build().unwrap();
        Self { sandbox, salesforce, events }
    }

    fn injected(&self) -> u64 {
        self.sandbox.injected().values().sum()
    }

    /// No call took more attempts than the policy allows, and none failed in the end.
    fn assert_within_budget(&self) {
        let (calls, attempts) = (self.events.count("call"), self.events.count("attempt"));
        let failed: Vec<Summary> =
            self.events.named("call").into_iter().filter(|call| call.error.is_some()).collect();
        // A position that is lost is an answer: the read goes on from its last row.
        assert!(failed.iter().all(|call| call.error == Some(ErrorKind::Expired)), "{failed:?}");
        let retries = self.events.count("retry");
        let renewed = self.events.count("token");
        assert!(
            attempts <= calls + retries + 2 * renewed,
            "{attempts} attempts, {calls} calls, {retries} retries"
        );
        assert!(retries as u64 <= self.injected(), "{retries}");
    }
}

#[tokio::test]
async fn ten_thousand_records_are_read_through_faults() {
    let org = Faulty::start(|builder| builder.records(3_400).page_size(100), plan(&[])).await;
    let mut found = 0;
    for object in ["Account", "Contact", "Lead"] {
        let changes = read::<UnifiedCustomer>(&org.salesforce, Query::new().object(object)).await;
        assert_eq!(changes.len(), org.sandbox.row_count(object), "{object}: none lost, none twice");
        assert_eq!(distinct(&changes).len(), changes.len());
        found += changes.len();
    }
    assert!(found >= 10_000, "{found}");
    let requests = org.sandbox.log().len() as u64;
    assert!(org.injected() * 100 > requests * 12, "{} of {requests}", org.injected());
    assert_eq!(org.sandbox.injected().len(), KINDS.len(), "{:?}", org.sandbox.injected());
    org.assert_within_budget();
}

#[tokio::test]
async fn thousands_of_upserts_arrive_once_through_faults() {
    let more = [FaultKind::DropAfterCommit, LOCK_ROW];
    let org = Faulty::start(|builder| builder.records(5), plan(&more)).await;
    let mut records: Vec<Record<UnifiedCustomer>> =
        (0..4_000).map(|at| customer(&format!("n{at}"))).collect();
    for (at, record) in records.iter_mut().enumerate() {
        record.extra.insert("External_Id__c", format!("f-{at}"));
    }
    let mut written = Vec::new();
    for part in records.chunks(500) {
        written.extend(org.salesforce.upsert("External_Id__c", part).await.unwrap());
    }
    let rows = org
        .sandbox
        .query("SELECT Id, Name, External_Id__c FROM Account WHERE External_Id__c LIKE 'f-%'")
        .unwrap();
    assert_eq!(rows.len(), 4_000, "none twice");
    let by_id: std::collections::BTreeMap<&str, &Value> =
        rows.iter().map(|row| (row["Id"].as_str().unwrap(), row)).collect();
    for (at, outcome) in written.iter().enumerate() {
        let row = by_id[outcome.as_ref().unwrap().id.as_str()];
        assert_eq!(
            (&row["Name"], &row["External_Id__c"]),
            (&format!("n{at}").into(), &format!("f-{at}").into())
        );
    }
    assert!(org.sandbox.injected()[&LOCK_ROW] > 50);
    org.assert_within_budget_but_for_locks();
}

#[tokio::test]
async fn a_create_is_made_once_or_said_to_be_in_doubt() {
    let org = Faulty::start(|builder| builder.records(5), plan(&[FaultKind::DropAfterCommit])).await;
    let records: Vec<Record<CustomObject>> = (0..3_000)
        .map(|at| {
            let mut widget = CustomObject::new("Widget__c");
            widget.fields.insert("External_Id__c", format!("c-{at}"));
            Record::new("", widget)
        })
        .collect();
    let mut outcomes = Vec::new();
    for part in records.chunks(25) {
        outcomes.extend(org.salesforce.create(part).await.unwrap());
    }
    let made: BTreeSet<String> = org
        .sandbox
        .query("SELECT External_Id__c FROM Widget__c WHERE External_Id__c LIKE 'c-%'")
        .unwrap()
        .iter()
        .map(|row| row["External_Id__c"].as_str().unwrap().to_owned())
        .collect();
    let mut doubtful = 0;
    for (at, outcome) in outcomes.iter().enumerate() {
        let exists = made.contains(&format!("c-{at}"));
        match outcome {
            Ok(_) => assert!(exists, "{at}"),
            Err(error) if error.is_ambiguous() => doubtful += 1,
            // A second try of one that had been made would be refused as a duplicate.
            Err(error) => panic!("{error:?} of {at}, which exists: {exists}"),
        }
    }
    assert!(doubtful > 0 && doubtful < 1_500, "{doubtful}");
}

#[tokio::test]
async fn an_org_that_only_fails_is_not_hit_harder_and_harder() {
    let fault = Fault::new(FaultKind::ServerError).on("limits");
    let org = Faulty::start(|builder| builder.records(1), fault.into()).await;
    let calls = 60;
    for _ in 0..calls {
        let error = org.salesforce.limits().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
    }
    let attempts = org.sandbox.counts()["GET limits"];
    // A hundred retries for all calls together, and not five for each.
    assert!((calls + 90..=calls + 100).contains(&attempts), "{attempts}");
}

impl Faulty {
    /// Locked records are sent again by calls of their own, each noted as a retry.
    fn assert_within_budget_but_for_locks(&self) {
        let locks = self
            .events
            .named("retry")
            .into_iter()
            .filter(|retry| retry.error == Some(ErrorKind::Conflict))
            .count();
        assert!(locks > 0);
        self.assert_within_budget();
    }
}
