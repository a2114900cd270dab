//! The suite every adapter has to pass, over the sandbox.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use orion_core::{
    AdapterExt, Clock, Connector, CustomObject, Delivery, Kind, LineKind, Model, Payment, Record, Ref,
    Result, UnifiedCustomer, UnifiedEvent, UnifiedInvoice, UnifiedLineItem,
    http::{Http, Transport},
    testing::{
        self, Seen, Threaded,
        conformance::{self, Credentials, Env, Sample, Subject},
    },
};
use orion_quickbooks::{
    Auth, Config, QuickBooks, Throttle,
    sandbox::{Limits, Sandbox},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    company::usd,
    webhooks::{classic, cloud, signed_by},
};

/// The company, served in real time from a thread of its own: the suite's clock is paused.
struct Company {
    sandbox: Sandbox,
    wire: Threaded<Http>,
}

impl Company {
    fn first(&self, entity: &str) -> String {
        let row = self.sandbox.query(&format!("select * from {entity} maxresults 1")).unwrap().remove(0);
        serde_json::from_str::<Value>(&row).unwrap()["Id"].as_str().unwrap().to_owned()
    }

    /// A customer who is invoiced in US dollars.
    fn customer(&self) -> Ref {
        let rows = self.sandbox.query("select * from Customer maxresults 1000").unwrap();
        let mut rows = rows.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
        Ref::new(rows.find(|row| row["CurrencyRef"]["value"] == "USD").unwrap()["Id"].as_str().unwrap())
    }

    fn account(&self, kind: &str) -> Ref {
        let rows =
            self.sandbox.query(&format!("select * from Account where AccountType = '{kind}'")).unwrap();
        Ref::new(serde_json::from_str::<Value>(&rows[0]).unwrap()["Id"].as_str().unwrap())
    }

    fn document(&self, object: &str, number: u64) -> UnifiedInvoice {
        let mut invoice = UnifiedInvoice::default();
        let mut line = UnifiedLineItem::default();
        line.description = Some(format!("Line {number}"));
        line.amount = Some(usd(&format!("{number}.50")));
        if object == "Bill" {
            invoice.customer = Some(Ref::new(self.first("Vendor")));
            line.account = Some(self.account("Expense"));
        } else {
            invoice.customer = Some(self.customer());
            line.item = Some(Ref::new(self.first("Item")));
        }
        invoice.memo = Some(format!("{object} {number}"));
        invoice.number = Some(format!("Z-{number}"));
        invoice.lines.push(line);
        invoice
    }
}

fn sample<M: Model>(model: M) -> Sample {
    conformance::sample(Record::new("", model))
}

impl Subject for Company {
    async fn connect(&self, env: Env) -> Result<Connector> {
        let mut config = Config::sandbox(&self.sandbox);
        if env.credentials == Credentials::Refused {
            config.auth = Auth::AccessToken { access_token: "wrong".into() };
        }
        let builder = QuickBooks::builder(config, env.transport).throttle(Throttle::none());
        Ok(builder.observers(env.observers).clock(env.clock).build()?.connect())
    }

    fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(Arc::new(self.wire.clone()))
    }

    fn clock(&self) -> Clock {
        Clock::following_tokio(self.sandbox.now())
    }

    fn batch(&self) -> u64 {
        33
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.sandbox.client_secret().to_owned(), self.sandbox.webhook_verifier().to_owned()]
    }

    fn credentials(&self) -> Vec<Credentials> {
        vec![Credentials::Refused]
    }

    fn sample(&self, kind: Kind, object: &str, number: u64) -> Option<Sample> {
        let name = format!("{object} Zoë {number}");
        Some(match kind.as_str() {
            "customer" => sample(UnifiedCustomer::named(name)),
            "invoice" => sample(self.document(object, number)),
            "event" => {
                let mut payment = Payment::default();
                payment.amount = Some(usd(&format!("{number}.25")));
                payment.party = Some(self.customer());
                let mut event = UnifiedEvent::default();
                event.payment = Some(Box::new(payment));
                sample(event)
            }
            "line_item" => {
                let mut item = UnifiedLineItem::default();
                item.item = Some(Ref::default().with_name(name));
                item.kind = Some(LineKind::Service);
                item.account = Some(self.account("Income"));
                sample(item)
            }
            _ => {
                let mut custom = CustomObject::new(object);
                custom.name = Some(name);
                match object {
                    "Account" => drop(custom.fields.insert("AccountType", "Expense")),
                    "Term" => drop(custom.fields.insert("DueDays", 30)),
                    _ => {}
                }
                sample(custom)
            }
        })
    }

    fn invalid(&self, kind: Kind, object: &str) -> Option<Sample> {
        let mut sample = self.sample(kind, object, 9_999)?;
        match kind.as_str() {
            "customer" => sample.model["display_name"] = json!("x".repeat(600)),
            "invoice" => sample.model["number"] = json!("x".repeat(600)),
            "event" => drop(sample.model["payment"].as_object_mut()?.remove("party")),
            "line_item" => sample.model["item"]["name"] = json!("x".repeat(600)),
            _ => sample.model["name"] = json!("x".repeat(600)),
        }
        Some(sample)
    }

    async fn touch(&self, object: &str, id: &str) -> Option<()> {
        let row: Value = serde_json::from_str(&self.sandbox.row(object, id).ok()?).ok()?;
        let mut change = json!({ "Id": id, "SyncToken": row["SyncToken"], "sparse": true });
        let field = match object {
            "Customer" => "Notes",
            "Vendor" => "PrintOnCheckName",
            "Item" | "Account" => "Description",
            "Class" | "Department" | "Term" => "Name",
            _ => "PrivateNote",
        };
        change[field] = json!(format!("touched {} {id}", row["SyncToken"].as_str()?));
        self.sandbox.save(object, &change).ok().map(drop)
    }

    async fn remove(&self, object: &str, id: &str) -> Option<()> {
        if !matches!(object, "Customer" | "Vendor" | "Item" | "Account" | "Class" | "Department" | "Term") {
            return self.sandbox.delete(object, id).ok();
        }
        let row: Value = serde_json::from_str(&self.sandbox.row(object, id).ok()?).ok()?;
        let change = json!({ "Id": id, "SyncToken": row["SyncToken"], "sparse": true, "Active": false });
        self.sandbox.save(object, &change).ok().map(drop)
    }

    async fn deliveries(&self, kind: Kind, _: DateTime<Utc>) -> Option<Vec<Delivery>> {
        let object = match kind.as_str() {
            "customer" => "Customer",
            "invoice" => "Invoice",
            "event" => "Payment",
            "line_item" => "Item",
            _ => "Account",
        };
        let (id, realm) = (self.first(object), self.sandbox.realm_id());
        let mut times = Vec::new();
        for _ in 0..2 {
            self.sandbox.advance(Duration::from_secs(1));
            self.touch(object, &id).await?;
            let row: Value = serde_json::from_str(&self.sandbox.row(object, &id).ok()?).ok()?;
            times.push(row["MetaData"]["LastUpdatedTime"].as_str()?.to_owned());
        }
        let older = json!({ "eventNotifications": [classic(realm, &[(object, &id, "Update", &times[0])])] });
        let newer = format!("qbo.{}.updated.v1", object.to_lowercase());
        let newer = json!([cloud(&format!("{object}-{id}-{}", times[1]), realm, &newer, &id, &times[1])]);
        let signed = |body: Value| signed_by(self.sandbox.webhook_verifier(), body.to_string());
        Some(vec![signed(older), signed(newer)])
    }

    fn is_token_request(seen: &Seen) -> bool {
        seen.path().ends_with("/tokens/bearer")
    }

    async fn expire_tokens(&self) -> Option<()> {
        self.sandbox.expire_access_tokens();
        Some(())
    }
}

#[test]
fn the_connector_passes_the_conformance_suite() {
    let real_time = Runtime::new().unwrap();
    let sandbox = Sandbox::builder().records(24).limits(Limits::NONE);
    let sandbox = real_time.block_on(sandbox.start()).unwrap();
    let wire = Threaded::new(Http::new().unwrap()).unwrap();
    let company = Company { sandbox, wire };
    for object in ["Account", "Class", "Department", "Term", "Item", "Vendor"] {
        for row in company.sandbox.query(&format!("select * from {object} maxresults 8")).unwrap() {
            company.sandbox.advance(Duration::from_secs(60));
            let id = serde_json::from_str::<Value>(&row).unwrap()["Id"].as_str().unwrap().to_owned();
            real_time.block_on(company.touch(object, &id));
        }
    }
    testing::run(async move {
        let report = conformance::run(&company).await;
        println!("{report}");
        report.assert_passed();
    });
}
