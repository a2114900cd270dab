//! The views over the records, and what they must not disturb.

use std::sync::Arc;

use chrono::DateTime;
use orion_core::{
    Change, ErrorKind, Kind, Money, Record, StreamKey, UnifiedCustomer,
    sync::{Batch, Checkpoint, Destination, SqlDestination, SqlOptions},
};

use super::place::Place;

fn stream() -> StreamKey {
    StreamKey::new("vendor", "tenant-1", Kind::new("customer"), "Account")
}

async fn open(destination: &SqlDestination) -> Result<(), orion_core::Error> {
    Destination::<UnifiedCustomer>::open(destination, &stream()).await.map(drop)
}

#[tokio::test]
async fn a_view_shows_the_live_records_with_the_fields_of_the_model() {
    for place in Place::all().await {
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        open(&destination).await.unwrap();
        let mut customer = UnifiedCustomer::default();
        customer.display_name = Some("O'Neil".to_owned());
        customer.employees = Some(12);
        customer.birth_date = Some("1815-12-10".parse().unwrap());
        customer.balance =
            Some(serde_json::from_str::<Money>(r#"{"amount":"12.30","currency":"EUR"}"#).unwrap());
        let mut meta = orion_core::Meta::default();
        meta.modified_at = DateTime::from_timestamp_millis(1_700_000_000_123);
        let record = Record::new("001", customer).with_meta(meta);
        let changes = vec![Change::Upsert(record), Change::Delete { id: "002".into(), at: None }];
        let mut checkpoint = Checkpoint::new(false);
        checkpoint.revision = 1;
        let batch = Batch::new(stream(), changes, checkpoint, DateTime::UNIX_EPOCH);
        destination.apply(Arc::new(batch)).await.unwrap();

        let text = "CAST(count(*) AS TEXT) || min(object || display_name || employees || balance_amount || balance_currency)";
        assert_eq!(
            place.text(&format!("SELECT {text} FROM customers")).await.unwrap(),
            "1AccountO'Neil1212.30EUR"
        );
        let typed = if place.is_postgres() {
            "SELECT (birth_date + 1)::text || (employees + 1) || (modified_at AT TIME ZONE 'UTC')::text FROM customers"
        } else {
            "SELECT date(birth_date, '+1 day') || (employees + 1) || modified_at FROM customers"
        };
        let shown = place.text(typed).await.unwrap();
        let expected = if place.is_postgres() {
            "1815-12-11132023-11-14 22:13:20.123"
        } else {
            "1815-12-11132023-11-14T22:13:20.123Z"
        };
        assert_eq!(shown, expected);
        place.clear().await;
    }
}

#[tokio::test]
async fn a_table_of_the_hosts_own_is_left_alone() {
    for place in Place::all().await {
        place.execute("CREATE TABLE customers (mine TEXT)").await;
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        let error = open(&destination).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("view prefix"), "{error}");

        let options = SqlOptions::new(place.url.clone()).table_prefix("crm_").view_prefix("live_");
        open(&options.open().await.unwrap()).await.unwrap();
        assert_eq!(place.text("SELECT min(id) FROM live_customers").await, None);
        let options = SqlOptions::new(place.url.clone()).without_views();
        open(&options.open().await.unwrap()).await.unwrap();
        place.clear().await;
    }
}

#[tokio::test]
async fn a_view_that_was_dropped_or_is_of_an_older_model_is_made_again() {
    for place in Place::all().await {
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        open(&destination).await.unwrap();
        place.execute("DROP VIEW customers").await;
        open(&destination).await.unwrap();
        place.execute("DROP VIEW customers").await;
        place.execute("CREATE VIEW customers AS SELECT 1 AS id").await;
        place.execute("UPDATE orion_views SET definition = 'SELECT 1 AS id'").await;
        open(&destination).await.unwrap();
        assert_eq!(place.text("SELECT min(display_name) FROM customers").await, None);
        place.clear().await;
    }
}
