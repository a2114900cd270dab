use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::{Change, Currency, Money, Record};

const CUSTOMER: &str = r#"{
  "kind": "individual", "role": "contact", "display_name": "Dr. Ada K. Lovelace, FRS", "company_name": "Analytical Engines",
  "honorific": "Dr.", "first_name": "Ada", "middle_name": "K.", "last_name": "Lovelace", "suffix": "FRS",
  "job_title": "Programmer",
  "emails": [{"address": "Ada@Example.com", "kind": "work"}], "phones": [{"number": "(415) 555-0100", "kind": "pager"}],
  "addresses": [{"kind": "billing", "street": "12 St James's Square\n2nd floor", "city": "London"}],
  "website": "example.com", "owner": {"id": "005xx", "name": "Charles"}, "parent": {"id": "001a"},
  "account": {"id": "001b", "object": "Account"},
  "tax_ids": [{"value": "GB123456789", "scheme": "vat", "country": "GB"}], "taxable": true, "currency": "GBP",
  "payment_terms": {"id": "3", "name": "Net 30", "due_days": 30},
  "balance": {"amount": "-0.10", "currency": "GBP"}, "credit_limit": {"amount": "1000", "currency": "GBP"},
  "status": "active", "lifecycle_stage": "customer", "industry": "Machinery", "employees": 12,
  "annual_revenue": {"amount": "9007199254740993.01", "currency": "GBP"}, "language": "en-GB", "birth_date": "1815-12-10",
  "tags": ["vip"], "notes": "Wrote the first program.", "last_activity_at": "2024-02-29T23:59:59.123Z",
  "email_opt_out": false, "call_opt_out": true
}"#;

const ADDRESS: &str = r#"{
  "id": "94", "kind": "shipping", "label": "Dock", "street": "1 Market St", "city": "San Francisco",
  "district": "San Francisco County", "region": "California", "region_code": "CA", "postal_code": "94105",
  "country": "United States", "country_code": "US", "formatted": "1 Market St, San Francisco",
  "latitude": "37.793929", "longitude": "-122.395000", "contact_name": "Grace", "phone": "+14155550100"
}"#;

const LINE_ITEM: &str = r#"{
  "id": "1", "document": {"id": "130", "object": "Invoice"}, "parent_line": "0", "line_number": 1, "kind": "service",
  "item": {"id": "5", "name": "Rock Fountain"}, "sku": "RF-1", "description": "Fountain", "quantity": "2.500",
  "unit": "hour", "unit_price": {"amount": "33.33333", "currency": "USD"},
  "discount": {"percent": "10", "amount": {"amount": "8.33", "currency": "USD"}},
  "tax": {"code": {"id": "TAX"}, "percent": "8.25", "amount": {"amount": "6.19", "currency": "USD"}},
  "amount": {"amount": "75.00", "currency": "USD"}, "amount_with_tax": {"amount": "81.19", "currency": "USD"},
  "account": {"id": "79"}, "dimensions": [{"kind": "class", "value": {"id": "2"}}], "service_date": "2024-02-29",
  "billable": true, "extra": {"Colour__c": "red"}
}"#;

const INVOICE: &str = r#"{
  "kind": "invoice", "direction": "receivable", "status": "partially_paid", "number": "1037", "title": "Fountain",
  "po_number": "PO-1", "reference": "R-1", "customer": {"id": "24", "name": "Sonnenschein"},
  "customer_email": "family@example.com", "owner": {"id": "005"}, "issue_date": "2024-01-31", "due_date": "2024-03-01",
  "paid_date": "2024-02-01", "sent_at": "2024-01-31T08:00:00Z", "currency": "EUR", "home_currency": "USD",
  "exchange_rate": "1.0837", "tax_mode": "exclusive", "subtotal": {"amount": "100", "currency": "EUR"},
  "discount": {"percent": "10"}, "shipping": {"amount": "5", "currency": "EUR"},
  "total_tax": {"amount": "8.10", "currency": "EUR"},
  "tax_lines": [{"rate": {"id": "3"}, "percent": "9", "taxable": {"amount": "90", "currency": "EUR"},
                 "amount": {"amount": "8.10", "currency": "EUR"}}],
  "total": {"amount": "103.10", "currency": "EUR"}, "balance": {"amount": "3.10", "currency": "EUR"},
  "deposit": {"amount": "0", "currency": "EUR"}, "lines": [{"amount": {"amount": "100", "currency": "EUR"}}],
  "allocations": [{"document": {"id": "146"}, "kind": "payment", "amount": {"amount": "100", "currency": "EUR"},
                   "date": "2024-02-01"}],
  "billing_address": {"city": "Berlin"}, "shipping_address": {"city": "Hamburg"}, "payment_terms": {"name": "Net 30"},
  "memo": "m", "customer_memo": "Thank you", "dimensions": [{"kind": "department", "value": {"id": "1"}}]
}"#;

const EVENT: &str = r#"{
  "name": "accounting.payment.received", "category": "payment", "subject": "Payment", "body": {"text": "*hi*", "format": "mrkdwn"},
  "occurred_at": "2024-02-01T00:00:00Z", "ends_at": "2024-02-02T00:00:00Z", "all_day": true, "location": "Room 1",
  "actor": {"id": "U1"}, "participants": [{"who": {"id": "003"}, "email": "a@example.com", "role": "subject"}],
  "channel": {"id": "C1"}, "thread": {"id": "1503435956.000247"}, "objects": [{"id": "006", "object": "Opportunity"}],
  "before": {"StageName": "Prospecting"}, "after": {"StageName": "Closed Won"},
  "payment": {"direction": "receivable", "amount": {"amount": "100", "currency": "EUR"},
    "unapplied": {"amount": "0", "currency": "EUR"}, "fee": {"amount": "0.35", "currency": "EUR"}, "exchange_rate": "1.1",
    "party": {"id": "24"}, "account": {"id": "4"}, "method": {"id": "2", "name": "Check"}, "reference": "5001",
    "status": "completed", "settled_at": "2024-02-03T00:00:00Z",
    "allocations": [{"document": {"id": "130"}, "kind": "invoice"}]},
  "attachments": [{"id": "F1", "name": "a.png", "media_type": "image/png", "size": 4096, "url": "https://files.example.com/F1"}],
  "status": "done", "sequence": "1503435956.000247", "delivery_id": "Ev1"
}"#;

const USER: &str = r#"{
  "kind": "guest", "username": "ada", "display_name": "Ada", "full_name": "Ada Lovelace", "first_name": "Ada",
  "last_name": "Lovelace", "email": "ada@example.com", "phones": [{"number": "1"}], "status": "invited", "roles": ["owner"],
  "admin": false, "job_title": "Programmer", "department": "R&D", "manager": {"id": "U2"}, "team": {"id": "T1"},
  "language": "en-GB", "timezone": "Europe/London", "avatar_url": "https://example.com/a.png",
  "last_login_at": "2024-02-29T00:00:00Z"
}"#;

const CUSTOM: &str =
    r#"{"object": "Product2", "name": "GenWatt", "fields": {"Family": null, "Codes": ["GC1040"]}}"#;

/// The sample has every field of the model, and comes back from it unchanged.
fn round_trips<M: Model + Default + PartialEq>(sample: &str) {
    let model: M = serde_json::from_str(sample).unwrap();
    let given: Value = serde_json::from_str(sample).unwrap();
    assert_eq!(serde_json::to_value(&model).unwrap(), given);

    let schema = schemars::schema_for!(M);
    let declared: BTreeSet<&String> = schema.get("properties").unwrap().as_object().unwrap().keys().collect();
    assert_eq!(given.as_object().unwrap().keys().collect::<BTreeSet<_>>(), declared, "{}", M::KIND);

    let change = Change::Upsert(Record::new("1", model));
    let stored = serde_json::to_string(&change).unwrap();
    assert_eq!(serde_json::from_str::<Change<M>>(&stored).unwrap(), change);
    assert_eq!(serde_json::from_str::<M>("{}").unwrap(), M::default());
}

#[test]
fn every_field_of_every_model_round_trips() {
    round_trips::<UnifiedCustomer>(CUSTOMER);
    round_trips::<UnifiedAddress>(ADDRESS);
    round_trips::<UnifiedLineItem>(LINE_ITEM);
    round_trips::<UnifiedInvoice>(INVOICE);
    round_trips::<UnifiedEvent>(EVENT);
    round_trips::<UnifiedUser>(USER);
    round_trips::<CustomObject>(CUSTOM);
}

#[test]
fn a_default_model_is_an_empty_object() {
    assert_eq!(serde_json::to_string(&UnifiedCustomer::default()).unwrap(), "{}");
    assert_eq!(serde_json::to_string(&UnifiedInvoice::default()).unwrap(), "{}");
    assert_eq!(serde_json::to_string(&UnifiedEvent::default()).unwrap(), "{}");
    assert_eq!(serde_json::to_string(&UnifiedUser::default()).unwrap(), "{}");
    assert_eq!(serde_json::to_string(&UnifiedLineItem::default()).unwrap(), "{}");
    assert_eq!(serde_json::to_string(&UnifiedAddress::default()).unwrap(), "{}");
}

#[test]
fn null_reads_as_not_given() {
    let read: UnifiedInvoice =
        serde_json::from_str(r#"{"total":null,"exchange_rate":null,"status":null}"#).unwrap();
    assert_eq!(read, UnifiedInvoice::default());
}

#[test]
fn a_model_can_be_flattened_into_a_type_of_the_host() {
    #[derive(Deserialize)]
    struct Row {
        tenant: String,
        #[serde(flatten)]
        invoice: UnifiedInvoice,
    }
    let json = format!("{{\"tenant\":\"t1\",{}", INVOICE.strip_prefix('{').unwrap());
    let row: Row = serde_json::from_str(&json).unwrap();
    assert_eq!(row.tenant, "t1");
    assert_eq!(row.invoice, serde_json::from_str(INVOICE).unwrap());
}

#[test]
fn amounts_given_as_numbers_are_read_exactly() {
    let json = r#"{"total":{"amount":9007199254740993.10,"currency":"usd"},"exchange_rate":1.5E-3}"#;
    let read: UnifiedInvoice = serde_json::from_str(json).unwrap();
    assert_eq!(read.total, Some(Money::parse("9007199254740993.10", Currency::USD).unwrap()));
    assert_eq!(read.exchange_rate.unwrap().to_string(), "0.0015");
}

#[test]
fn unknown_values_survive_and_known_ones_are_found() {
    let read: InvoiceStatus = serde_json::from_str(r#""Needs Analysis""#).unwrap();
    assert_eq!(read, InvoiceStatus::Other("Needs Analysis".into()));
    assert_eq!(serde_json::to_string(&read).unwrap(), r#""Needs Analysis""#);
    for known in InvoiceStatus::KNOWN {
        let read: InvoiceStatus = serde_json::from_value(Value::from(*known)).unwrap();
        assert!(!matches!(read, InvoiceStatus::Other(_)), "{known}");
        assert_eq!(read, InvoiceStatus::from((*known).to_owned()));
        assert_eq!(read.to_string(), *known);
    }
    assert!(serde_json::from_str::<InvoiceStatus>("7").is_err());
}

/// What `node` says of itself, or what the definition it points to says.
fn described(node: &Value, root: &Value) -> bool {
    if node.get("description").is_some_and(|text| !text.as_str().unwrap_or_default().trim().is_empty()) {
        return true;
    }
    let target =
        node.get("$ref").and_then(Value::as_str).and_then(|at| root.pointer(at.trim_start_matches('#')));
    target.is_some_and(|target| described(target, root))
}

fn check_properties(name: &str, node: &Value, root: &Value) {
    for (field, property) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        assert!(described(property, root), "{name}.{field} has no description");
    }
}

fn check_schema<M: Model>() {
    let root = schemars::schema_for!(M).to_value();
    assert!(described(&root, &root), "{} has no description", M::KIND);
    check_properties(M::KIND.as_str(), &root, &root);
    for (name, definition) in root.get("$defs").and_then(Value::as_object).into_iter().flatten() {
        assert!(described(definition, &root), "{name} has no description");
        check_properties(name, definition, &root);
    }
    assert_eq!(root.get("required").filter(|_| M::KIND.as_str() != "custom_object"), None, "{}", M::KIND);
}

#[test]
fn every_schema_describes_every_field() {
    check_schema::<UnifiedCustomer>();
    check_schema::<UnifiedAddress>();
    check_schema::<UnifiedLineItem>();
    check_schema::<UnifiedInvoice>();
    check_schema::<UnifiedEvent>();
    check_schema::<UnifiedUser>();
    check_schema::<CustomObject>();
}

#[test]
fn an_open_enumeration_is_any_string_with_examples() {
    let schema = schemars::schema_for!(LineKind).to_value();
    assert_eq!(schema["type"], "string");
    assert_eq!(schema["examples"], serde_json::json!(LineKind::KNOWN));
    assert_eq!(schema.get("enum"), None);
}

#[test]
fn kinds_are_distinct() {
    let kinds: BTreeSet<Kind> = [
        UnifiedCustomer::KIND,
        UnifiedAddress::KIND,
        UnifiedLineItem::KIND,
        UnifiedInvoice::KIND,
        UnifiedEvent::KIND,
        UnifiedUser::KIND,
        CustomObject::KIND,
    ]
    .into();
    assert_eq!(kinds.len(), 7);
}

#[test]
fn a_blank_address_is_one_with_nothing_but_its_kind() {
    let mut address = UnifiedAddress::of_kind(AddressKind::Billing);
    assert!(address.is_blank());
    address.street = Some("1 Main St\r\n\nSuite 5".to_owned());
    assert!(!address.is_blank());
    assert_eq!(address.street_lines().collect::<Vec<_>>(), ["1 Main St", "Suite 5"]);
}

/// Pages of records are moved about; a field that makes a model much larger belongs in a `Box`.
#[test]
fn the_structs_stay_small() {
    let sizes = [
        ("UnifiedCustomer", size_of::<UnifiedCustomer>(), 768),
        ("UnifiedInvoice", size_of::<UnifiedInvoice>(), 768),
        ("UnifiedLineItem", size_of::<UnifiedLineItem>(), 576),
        ("UnifiedEvent", size_of::<UnifiedEvent>(), 576),
        ("UnifiedUser", size_of::<UnifiedUser>(), 512),
        ("UnifiedAddress", size_of::<UnifiedAddress>(), 384),
    ];
    for (name, size, limit) in sizes {
        assert!(size <= limit, "{name} has {size} bytes, more than {limit}");
    }
}
