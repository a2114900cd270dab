//! The data a company starts with.

use chrono::{DateTime, Utc};

use super::Company;
use super::json::Json;

impl Company {
    /// A company of `records` customers and invoices. The same arguments make the same company.
    pub(crate) fn seeded(_seed: u64, records: usize, now: DateTime<Utc>) -> Self {
        let mut company = Self::empty(now);
        let mut save = |name: &str, body: &str| {
            let body = Json::parse(body).unwrap_or_default();
            company.save(name, &body).map_err(|fault| format!("{name}: {fault:?}"))
        };
        save("Account", r#"{"Name":"Undeposited Funds","AccountType":"Other Current Asset"}"#).ok();
        save("Item", r#"{"Name":"Services","Type":"Service","IncomeAccountRef":{"value":"1"}}"#).ok();
        for n in 1..=records {
            save("Customer", &format!(r#"{{"DisplayName":"Customer {n}"}}"#)).ok();
            save("Invoice", &format!(r#"{{"CustomerRef":{{"value":"{n}"}},"Line":[{{"Amount":{n}.10,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{{"ItemRef":{{"value":"1"}}}}}}]}}"#)).ok();
        }
        company.journal.clear();
        company
    }
}
