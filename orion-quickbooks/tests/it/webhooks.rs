//! Webhooks: genuine, forged, again, out of order, of several companies.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method};
use orion_core::{
    Change, Delivery, ErrorKind, Receive, UnifiedCustomer, UnifiedInvoice,
    testing::{Reply, Script, Seen},
};
use orion_quickbooks::{Operation, SIGNATURE, Webhooks};
use ring::hmac;
use serde_json::{Value, json};

use crate::support::{REALM, builder, token};

const VERIFIER: &str = "planted-verifier";

fn signed(body: impl Into<Vec<u8>>) -> Delivery {
    signed_by(VERIFIER, body)
}

pub(crate) fn signed_by(verifier: &str, body: impl Into<Vec<u8>>) -> Delivery {
    let body = body.into();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, verifier.as_bytes()), &body);
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE, STANDARD.encode(tag.as_ref()).parse().unwrap());
    Delivery::new(headers, body)
}

pub(crate) fn classic(realm: &str, entities: &[(&str, &str, &str, &str)]) -> Value {
    let entities: Vec<Value> = entities
        .iter()
        .map(|(name, id, operation, at)| json!({ "name": name, "id": id, "operation": operation, "lastUpdated": at }))
        .collect();
    json!({ "realmId": realm, "dataChangeEvent": { "entities": entities } })
}

pub(crate) fn cloud(key: &str, realm: &str, kind: &str, id: &str, time: &str) -> Value {
    json!({
        "specversion": "1.0", "id": key, "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=", "type": kind,
        "datacontenttype": "application/json", "time": time, "intuitentityid": id, "intuitaccountid": realm, "data": {},
    })
}

/// Answers a query for ids with an invoice for each but those that end in 9, which are gone.
fn invoices(seen: &Seen) -> Reply {
    let query = seen.query("query").unwrap();
    let ids: Vec<&str> = query.split('\'').skip(1).step_by(2).collect();
    let there = ids.into_iter().filter(|id| !id.ends_with('9'));
    let rows: Vec<Value> =
        there.map(|id| json!({ "Id": id, "SyncToken": "1", "DocNumber": format!("D-{id}") })).collect();
    Reply::json(200, json!({ "QueryResponse": { "Invoice": rows, "startPosition": 1 } }))
}

fn company() -> Script {
    Script::new().on(Method::GET, &format!("/v3/company/{REALM}/query")).respond_with(invoices)
}

#[test]
fn both_forms_are_read_and_the_documented_times_with_them() {
    let webhooks = Webhooks::new(&VERIFIER.into());
    let body = json!({ "eventNotifications": [
        classic("1", &[("Customer", "1", "Create", "2015-10-05T14:42:19-0700"), ("Vendor", "2", "Merge", "2015-10-05T21:42:18.657Z")]),
        classic("2", &[("Invoice", "7", "Void", "2015-10-05T21:42:17Z")]),
    ]});
    let told = webhooks.open(&signed(body.to_string())).unwrap();
    let short: Vec<_> =
        told.iter().map(|n| (&*n.realm_id, &*n.entity, &*n.id, n.operation.clone())).collect();
    assert_eq!(
        short,
        [
            ("2", "Invoice", "7", Operation::Void),
            ("1", "Vendor", "2", Operation::Merge),
            ("1", "Customer", "1", Operation::Create),
        ]
    );
    let body = json!([
        cloud("u-1", "310687", "qbo.account.created.v1", "1234", "2025-09-10T21:31:25.179851517Z"),
        cloud("u-2", "310688", "qbo.invoice.voided.v1", "5", "2025-09-10T21:31:24.179851517Z"),
        cloud("u-3", "310688", "qbo.invoice.somethingnew.v1", "5", "2025-09-10T21:31:26Z"),
    ]);
    let told = webhooks.open(&signed(body.to_string())).unwrap();
    let short: Vec<_> = told.iter().map(|n| (&*n.realm_id, &*n.entity, n.operation.clone())).collect();
    assert_eq!(
        short,
        [
            ("310688", "invoice", Operation::Void),
            ("310687", "account", Operation::Create),
            ("310688", "invoice", Operation::Other("somethingnew".into())),
        ]
    );
}

#[test]
fn what_is_forged_cut_or_no_delivery_is_refused() {
    let webhooks = Webhooks::new(&VERIFIER.into());
    let body = json!({ "eventNotifications": [classic("1", &[("Customer", "1", "Create", "2015-10-05T14:42:19Z")])] }).to_string();
    let genuine = signed(body.clone());
    let mut cut = genuine.clone();
    cut.body = cut.body.slice(..cut.body.len() - 1);
    let mut bare = genuine.clone();
    bare.headers.clear();
    let mut odd = genuine.clone();
    odd.headers.insert(SIGNATURE, "not base64!".parse().unwrap());
    for forged in [signed_by("another", body.clone()), cut, bare, odd] {
        let error = webhooks.open(&forged).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(!format!("{error}{error:?}{webhooks:?}").contains("planted"));
    }
    assert_eq!(webhooks.open(&genuine).unwrap().len(), 1, "a forged copy does not use the genuine one up");
    for body in
        ["", "{}", "[1]", "null", r#"{"eventNotifications":[{}]}"#, r#"[{"type":"aws.s3.created.v1"}]"#]
    {
        assert_eq!(webhooks.open(&signed(body)).unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_becomes_the_objects_as_they_are_now() {
    let quickbooks = builder(token().webhook_verifier(VERIFIER), company()).build().unwrap();
    let body = json!({ "eventNotifications": [
        classic(REALM, &[
            ("Invoice", "3", "Update", "2026-01-01T00:00:05Z"),
            ("Invoice", "3", "Create", "2026-01-01T00:00:01Z"),
            ("Invoice", "4", "Delete", "2026-01-01T00:00:02Z"),
            ("Invoice", "19", "Update", "2026-01-01T00:00:03Z"),
            ("Estimate", "19", "Emailed", "2026-01-01T00:00:04Z"),
        ]),
        classic("999", &[("Invoice", "5", "Create", "2026-01-01T00:00:00Z")]),
    ]});
    let delivery = signed(body.to_string());
    let changes: Vec<Change<UnifiedInvoice>> = quickbooks.receive(&delivery).await.unwrap();
    let short: Vec<(&str, bool)> =
        changes.iter().map(|change| (change.id().as_str(), matches!(change, Change::Upsert(_)))).collect();
    assert_eq!(short, [("4", false), ("19", false), ("19", false), ("3", true)]);
    let again: Vec<Change<UnifiedInvoice>> = quickbooks.receive(&delivery).await.unwrap();
    assert!(again.is_empty());
    // Another model is told of the same delivery by itself.
    let others: Vec<Change<UnifiedCustomer>> = quickbooks.receive(&delivery).await.unwrap();
    assert!(others.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_delivery_whose_objects_cannot_be_fetched_is_taken_when_it_comes_again() {
    let script = Script::new()
        .on(Method::GET, &format!("/v3/company/{REALM}/query"))
        .reply(400, json!({ "Fault": { "Error": [{ "Message": "no", "code": "4002" }] } }))
        .respond_with(invoices);
    let quickbooks = builder(token().webhook_verifier(VERIFIER), script).build().unwrap();
    let body = json!([cloud("u-1", REALM, "qbo.invoice.created.v1", "3", "2026-01-01T00:00:00Z")]);
    let delivery = signed(body.to_string());
    assert!(Receive::<UnifiedInvoice>::receive(&quickbooks, &delivery).await.is_err());
    let changes: Vec<Change<UnifiedInvoice>> = quickbooks.receive(&delivery).await.unwrap();
    assert_eq!(changes.len(), 1);
}

/// Deliveries of which some are forged, cut, repeated or late.
struct Storm {
    random: fastrand::Rng,
    number: usize,
    /// The keys of genuine events, of deliveries that are kept back too.
    sent: BTreeSet<String>,
    kept: Vec<Delivery>,
    forged: usize,
    repeated: usize,
}

impl Storm {
    fn events(&mut self) -> (Vec<String>, String) {
        let many = self.random.usize(1..5);
        let keys: Vec<String> = (0..many).map(|at| format!("{}-{at}", self.number)).collect();
        let events: Vec<Value> = keys
            .iter()
            .map(|key| {
                let random = &mut self.random;
                let (minute, second, nanos) = (random.u8(..60), random.u8(..60), random.u32(..1_000_000_000));
                let time = format!("2026-01-01T00:{minute:02}:{second:02}.{nanos:09}Z");
                let realm = ["1", "2", "3"][random.usize(..3)];
                cloud(key, realm, "qbo.invoice.updated.v1", &random.u8(..).to_string(), &time)
            })
            .collect();
        (keys, json!(events).to_string())
    }

    fn next(&mut self) -> Delivery {
        self.number += 1;
        let roll = self.random.u8(..100);
        if roll < 20 && !self.kept.is_empty() {
            self.repeated += 1;
            return self.kept[self.random.usize(..self.kept.len())].clone();
        }
        let (keys, body) = self.events();
        if roll < 40 {
            self.forged += 1;
            let mut cut = signed(body.clone());
            cut.body = cut.body.slice(..self.random.usize(..body.len()));
            return if roll < 30 { signed_by("another", body) } else { cut };
        }
        self.sent.extend(keys);
        self.kept.push(signed(body));
        let at = self.random.usize(..self.kept.len());
        // Some are late: they come after those that were sent after them.
        if self.random.bool() { self.kept.swap_remove(at) } else { self.kept[self.kept.len() - 1].clone() }
    }
}

#[test]
fn of_ten_thousand_deliveries_every_true_change_is_told_once_and_no_forged_one() {
    let webhooks = Webhooks::new(&VERIFIER.into());
    let random = fastrand::Rng::with_seed(7);
    let (sent, kept) = (BTreeSet::new(), Vec::new());
    let mut storm = Storm { random, number: 0, sent, kept, forged: 0, repeated: 0 };
    let (mut told, mut realms) = (Vec::new(), BTreeSet::new());
    for _ in 0..10_000 {
        let Ok(notifications) = webhooks.open(&storm.next()) else { continue };
        assert!(notifications.is_sorted_by_key(|notification| notification.at));
        realms.extend(notifications.iter().map(|notification| notification.realm_id.clone()));
        told.extend(notifications.into_iter().map(|notification| notification.key));
    }
    // What was held back arrives at last.
    for delivery in storm.kept {
        told.extend(webhooks.open(&delivery).unwrap().into_iter().map(|notification| notification.key));
    }
    assert!(storm.forged > 1000 && storm.repeated > 1000 && realms.len() == 3);
    let once: BTreeSet<String> = told.iter().cloned().collect();
    assert_eq!(once.len(), told.len(), "a change is told twice");
    assert_eq!(once, storm.sent);
}
