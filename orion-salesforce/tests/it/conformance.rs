//! The suite every adapter has to pass, over the sandbox.

use std::{sync::Arc, time::Duration};

use orion_core::{
    AdapterExt, Clock, Connector, CustomObject, Kind, Record, Result, UnifiedCustomer, UnifiedEvent,
    UnifiedInvoice,
    http::{Http, Transport},
    testing::{
        self, Threaded,
        conformance::{self, Credentials, Env, Sample, Subject},
    },
};
use orion_salesforce::{Auth, Config, EXTERNAL_ID, Salesforce, sandbox::Sandbox};
use serde_json::{Map, json};
use tokio::runtime::Runtime;
use url::Url;

/// The org, served in real time from a thread of its own: the suite's clock is paused.
struct Org {
    sandbox: Sandbox,
    wire: Threaded<Http>,
}

impl Org {
    fn auth(&self, credentials: Credentials) -> Auth {
        let secret = if credentials == Credentials::Refused { "wrong" } else { self.sandbox.client_secret() };
        Auth::ClientCredentials { client_id: self.sandbox.client_id().into(), client_secret: secret.into() }
    }
}

impl Subject for Org {
    async fn connect(&self, env: Env) -> Result<Connector> {
        let config = Config::new(Url::parse(self.sandbox.base_url()).unwrap(), self.auth(env.credentials));
        let salesforce =
            Salesforce::builder(config, env.transport).observers(env.observers).clock(env.clock).build()?;
        Ok(salesforce.connect())
    }

    fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(Arc::new(self.wire.clone()))
    }

    fn clock(&self) -> Clock {
        Clock::following_tokio(self.sandbox.now())
    }

    fn page_size(&self) -> u32 {
        200
    }

    fn batch(&self) -> u64 {
        203
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.sandbox.client_secret().to_owned(), self.sandbox.password().to_owned()]
    }

    fn credentials(&self) -> Vec<Credentials> {
        vec![Credentials::Refused]
    }

    fn sample(&self, kind: Kind, object: &str, number: u64) -> Option<Sample> {
        let key = [(EXTERNAL_ID, format!("x-{object}-{number}"))];
        match kind.as_str() {
            "customer" => {
                let mut customer = UnifiedCustomer::default();
                let name = Some(format!("Zoë {number}"));
                match object {
                    "Account" => customer.display_name = name,
                    "Contact" => customer.last_name = name,
                    _ => (customer.last_name, customer.company_name) = (name.clone(), name),
                }
                Some(conformance::sample(Record::new("", customer).with_extra(key.into_iter().collect())))
            }
            "invoice" => {
                let mut deal = UnifiedInvoice::default();
                deal.title = Some(format!("Deal {number}"));
                deal.due_date = chrono::NaiveDate::from_ymd_opt(2027, 1, 31);
                let stage = [("StageName", "Prospecting".to_owned())];
                Some(conformance::sample(
                    Record::new("", deal).with_extra(key.into_iter().chain(stage).collect()),
                ))
            }
            "event" => {
                let mut task = UnifiedEvent::default();
                task.subject = Some(format!("Call {number}"));
                Some(conformance::sample(Record::new("", task)))
            }
            _ => {
                let mut product = CustomObject::new(object);
                product.name = Some(format!("Product {number}"));
                Some(conformance::sample(Record::new("", product)))
            }
        }
    }

    fn invalid(&self, kind: Kind, object: &str) -> Option<Sample> {
        let mut sample = self.sample(kind, object, 9_999)?;
        // Longer than any name may be.
        let name = match (kind.as_str(), object) {
            ("customer", "Account") => "display_name",
            ("customer", _) => "last_name",
            ("invoice", _) => "title",
            ("event", _) => "subject",
            _ => "name",
        };
        sample.model[name] = json!("x".repeat(300));
        Some(sample)
    }

    fn enumeration(&self, _: Kind, object: &str) -> Option<&'static str> {
        match object {
            "Account" => Some("Type"),
            "Lead" | "Task" | "Event" => Some("Status"),
            "Opportunity" => Some("StageName"),
            _ => None,
        }
    }

    async fn touch(&self, object: &str, id: &str) -> Option<()> {
        let fields = Map::from_iter([("Description".to_owned(), json!("touched"))]);
        self.sandbox.update(object, id, &fields).ok()
    }

    async fn remove(&self, object: &str, id: &str) -> Option<()> {
        self.sandbox.delete(object, id).ok()
    }

    async fn expire_tokens(&self) -> Option<()> {
        self.sandbox.expire_access_tokens();
        Some(())
    }
}

#[test]
fn the_connector_passes_the_conformance_suite() {
    let real_time = Runtime::new().unwrap();
    let sandbox = Sandbox::builder().records(24).page_size(5);
    let sandbox = real_time.block_on(sandbox.start()).unwrap();
    // All products come with the catalogue: change them one after the other.
    for product in sandbox.query("SELECT Id FROM Product2").unwrap() {
        sandbox.advance(Duration::from_secs(60));
        let fields = Map::from_iter([("Description".to_owned(), json!("revised"))]);
        sandbox.update("Product2", product["Id"].as_str().unwrap(), &fields).unwrap();
    }
    for number in 0..8 {
        sandbox.advance(Duration::from_secs(60));
        sandbox
            .insert("Task", &Map::from_iter([("Subject".to_owned(), json!(format!("Task {number}")))]))
            .unwrap();
    }
    let wire = Threaded::new(Http::new().unwrap()).unwrap();
    let org = Org { sandbox, wire };
    testing::run(async move {
        let report = conformance::run(&org).await;
        println!("{report}");
        report.assert_passed();
    });
}
