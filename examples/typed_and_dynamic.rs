//! One read, four ways: as a unified model, as a type of one's own, as JSON through an adapter known at run time only, and the table
//! of what that adapter can do.
//!
//! ```text
//! cargo run --example typed_and_dynamic
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;

use futures::TryStreamExt;
use orion::{
    AdapterExt, Change, Kind, Model, Query, Record, Registry, UnifiedCustomer,
    salesforce::{
        Config, Salesforce,
        sandbox::Sandbox,
        soql::{Soql, field},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What this program needs of an account. A host's own model is as good as one of Orion's: it can be synced, mapped and erased.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Company {
    name: Option<String>,
    industry: Option<String>,
}

impl Model for Company {
    const KIND: Kind = Kind::new("company");
}

/// A row in the vendor's own words.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    name: String,
    number_of_employees: Option<u32>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().records(200).start().await?;
    let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;

    println!("as a unified model, and from there as a model of one's own:");
    let page = salesforce.page::<UnifiedCustomer>(&Query::new().object("Account")).await?;
    let own =
        |customer: UnifiedCustomer| Company { name: customer.display_name, industry: customer.industry };
    let accounts = page.changes.into_iter().filter_map(Change::into_record);
    for Record { id, model, .. } in accounts.map(|record| record.map(own)).take(3) {
        println!("  {id} {} ({})", model.name.unwrap_or_default(), model.industry.unwrap_or_default());
    }

    println!("as a type of the caller's, by a query in the vendor's language:");
    let largest = Soql::select(["Name", "NumberOfEmployees"])
        .from("Account")
        .order_by(field("NumberOfEmployees").desc().nulls_last())
        .limit(3)
        .build()?;
    let rows: Vec<Row> = salesforce.query(largest.as_str()).try_collect().await?;
    for row in rows {
        println!("  {} employs {}", row.name, row.number_of_employees.unwrap_or_default());
    }

    let registry =
        Registry::new().register("salesforce", async |config: Config| Ok(Salesforce::new(config)?.connect()));
    let config = serde_json::json!({
        "login_url": sandbox.base_url(),
        "auth": {"flow": "client_credentials", "client_id": sandbox.client_id(), "client_secret": sandbox.client_secret()},
    });
    let connector = registry.build("salesforce", &config.to_string()).await?;

    println!("what the adapter behind a configuration can do:");
    for (kind, resource) in connector.offers().iter() {
        let can = resource.capabilities();
        let objects: Vec<&str> = resource.objects().iter().map(|object| &*object.name).collect();
        println!(
            "  {:<13} read {:<5} write {:<5} bulk {:<5} from {}",
            kind.as_str(),
            can.read,
            can.write,
            can.bulk,
            objects.join(", ")
        );
    }

    println!("as JSON, with nothing but a name:");
    let page = connector.page_json(Kind::new("customer"), &Query::new().object("Lead")).await?;
    if let Some(Change::Upsert(lead)) = page.changes.first() {
        println!("  {} {}", lead.id, lead.model);
    }

    println!("and typed again, through the same connector:");
    let page = connector.page::<UnifiedCustomer>(&Query::new().object("Contact")).await?;
    println!("  {} contacts", page.changes.len());
    Ok(())
}
