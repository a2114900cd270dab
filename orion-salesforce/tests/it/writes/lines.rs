//! Records with lines, and objects without a unified model.

use chrono::NaiveDate;
use orion_core::{
    CustomObject, ErrorKind, Money, Record, Ref, UnifiedInvoice, UnifiedLineItem, Write, WriteOptions,
};
use orion_salesforce::sandbox::{Fault, LOCK_ROW};
use serde_json::{Value, json};

use crate::support::Org;

fn usd(amount: &str) -> Money {
    Money::new(amount.parse().unwrap(), orion_core::Currency::USD)
}

/// A price book entry of the org.
fn entry(org: &Org) -> Value {
    org.rows("SELECT Id, Pricebook2Id, UnitPrice FROM PricebookEntry WHERE IsActive = true LIMIT 1").remove(0)
}

fn line(entry: &Value, quantity: i64) -> UnifiedLineItem {
    let mut line = UnifiedLineItem::default();
    line.item = Some(Ref::new(entry["Id"].as_str().unwrap()));
    line.quantity = Some(quantity.into());
    line.unit_price = Some(usd("12.50"));
    line
}

fn deal(org: &Org, name: &str, lines: Vec<UnifiedLineItem>) -> Record<UnifiedInvoice> {
    let mut deal = UnifiedInvoice::default();
    deal.title = Some(name.to_owned());
    deal.due_date = NaiveDate::from_ymd_opt(2027, 1, 31);
    deal.lines = lines;
    let mut record = Record::new("", deal);
    record.extra.insert("StageName", "Prospecting");
    record.extra.insert("Pricebook2Id", entry(org)["Pricebook2Id"].clone());
    record
}

fn quantities(org: &Org, deal: &str) -> Vec<Value> {
    let soql =
        format!("SELECT Quantity FROM OpportunityLineItem WHERE OpportunityId = '{deal}' ORDER BY Quantity");
    org.rows(&soql).into_iter().map(|row| row["Quantity"].clone()).collect()
}

#[tokio::test]
async fn a_deal_is_made_with_its_lines_changed_and_given_another() {
    let org = Org::start().await;
    let entry = entry(&org);
    let record = deal(&org, "Anvils", vec![line(&entry, 2), line(&entry, 3)]);
    let id = org.written(&WriteOptions::create(), &[record]).await[0].id.clone();
    assert_eq!(quantities(&org, id.as_str()), [json!(2.0), json!(3.0)]);

    let mut read = org.find::<UnifiedInvoice>("Opportunity", id.as_str()).await;
    assert_eq!(read.model.total, Some(usd("62.50")));
    assert_eq!(read.model.lines.len(), 2);
    let at = read.model.lines.iter().position(|line| line.quantity == Some(2.into())).unwrap();
    read.model.lines[at].quantity = Some(20.into());
    read.model.lines.push(line(&entry, 5));
    org.written(&WriteOptions::update(), &[read]).await;
    assert_eq!(quantities(&org, id.as_str()), [json!(3.0), json!(5.0), json!(20.0)]);
    let total = org.row(&format!("SELECT Amount FROM Opportunity WHERE Id = '{id}'"));
    assert_eq!(total["Amount"], json!(350.0));
}

#[tokio::test]
async fn the_lines_of_a_copied_deal_are_new_ones() {
    let org = Org::start().await;
    let entry = entry(&org);
    let first = org.written(&WriteOptions::create(), &[deal(&org, "Original", vec![line(&entry, 2)])]).await;
    let mut copy = org.find::<UnifiedInvoice>("Opportunity", first[0].id.as_str()).await;
    copy.model.lines[0].quantity = Some(9.into());
    copy.model.title = Some("Copy".to_owned());
    let second = org.written(&WriteOptions::create(), &[copy]).await;
    assert_eq!(quantities(&org, first[0].id.as_str()), [json!(2.0)], "the original is left alone");
    assert_eq!(quantities(&org, second[0].id.as_str()), [json!(9.0)]);
}

#[tokio::test]
async fn a_line_that_is_refused_says_that_its_record_was_written() {
    let org = Org::start().await;
    let entry = entry(&org);
    let mut bad = line(&entry, 1);
    bad.item = Some(Ref::new("01u000000000000AAA"));
    let records = [deal(&org, "Bad", vec![line(&entry, 1), bad]), deal(&org, "Good", vec![line(&entry, 4)])];
    let outcomes = org.write(&WriteOptions::create(), &records).await;
    let error = outcomes[0].as_ref().unwrap_err();
    let row = org.row("SELECT Id FROM Opportunity WHERE Name = 'Bad'");
    assert!(error.to_string().contains(row["Id"].as_str().unwrap()), "{error}");
    assert!(!error.is_retryable(), "writing it again would make it twice");
    assert!(error.fault().is_some());
    assert_eq!(quantities(&org, outcomes[1].as_ref().unwrap().id.as_str()), [json!(4.0)]);
}

#[tokio::test]
async fn locked_lines_are_sent_again_by_themselves() {
    let org = Org::start().await;
    let entry = entry(&org);
    org.sandbox.inject(Fault::new(LOCK_ROW).on("composite").skip(1).count(2));
    let record = deal(&org, "Locked lines", vec![line(&entry, 2), line(&entry, 3)]);
    let written = org.written(&WriteOptions::create(), &[record]).await;
    assert_eq!(quantities(&org, written[0].id.as_str()), [json!(2.0), json!(3.0)]);
    assert_eq!(org.rows("SELECT Id FROM Opportunity WHERE Name = 'Locked lines'").len(), 1);
}

#[tokio::test]
async fn lines_cannot_be_part_of_an_atomic_write() {
    let org = Org::start().await;
    let records = [deal(&org, "Atomic", vec![line(&entry(&org), 1)])];
    let error = org.salesforce.write(&WriteOptions::create().atomic(), &records).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("create_tree"), "{error}");
    assert!(org.rows("SELECT Id FROM Opportunity WHERE Name = 'Atomic'").is_empty());
}

#[tokio::test]
async fn an_amount_in_another_currency_is_refused_rather_than_relabelled() {
    let org = Org::start().await;
    let mut record = deal(&org, "Euros", Vec::new());
    record.model.total = Some(Money::new(10.into(), "EUR".parse().unwrap()));
    let mut priced = deal(&org, "Priced in euros", vec![line(&entry(&org), 1)]);
    priced.model.lines[0].unit_price = record.model.total;
    let outcomes = org.write(&WriteOptions::create(), &[record, priced]).await;
    for (outcome, field) in outcomes.into_iter().zip(["`Amount`", "`UnitPrice`"]) {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(field) && error.to_string().contains("EUR"), "{error}");
    }
}

#[tokio::test]
async fn objects_without_a_model_are_written_under_their_own_name() {
    let org = Org::start().await;
    let mut widget = CustomObject::new("Widget__c");
    widget.name = Some("Anvil".to_owned());
    widget.fields.insert("Color__c", "Red");
    widget.fields.insert("Features__c", json!(["Solar", "Wireless"]));
    widget.fields.insert("Unit_Price__c", json!("12345678901234.56"));
    let mut product = CustomObject::new("Product2");
    product.name = Some("Hammer".to_owned());
    product.fields.insert("ProductCode", "H-1");
    let records = [Record::new("", widget), Record::new("", product)];
    let written = org.written(&WriteOptions::create(), &records).await;
    assert!(written[0].id.as_str().starts_with("a00"), "{}", written[0].id);
    assert!(written[1].id.as_str().starts_with("01t"), "{}", written[1].id);
    let back = org.find::<CustomObject>("Widget__c", written[0].id.as_str()).await;
    assert_eq!((back.model.object.as_str(), back.model.name.as_deref()), ("Widget__c", Some("Anvil")));
    assert_eq!(back.model.fields.text("Features__c"), Some("Solar;Wireless"));
    assert_eq!(back.model.fields.text("Color__c"), Some("Red"));
    let back = org.find::<CustomObject>("Product2", written[1].id.as_str()).await;
    assert_eq!(back.model.fields.text("ProductCode"), Some("H-1"));
}
