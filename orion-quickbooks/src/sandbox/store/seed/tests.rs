//! What a seeded company holds.

use super::super::Company;
use super::super::entity::ENTITIES;

fn company(seed: u64, records: usize) -> Company {
    Company::seeded(seed, records, "2026-03-10T18:00:00Z".parse().expect("a time"))
}

fn dump(company: &Company) -> String {
    let rows = company.tables.iter().flat_map(|table| table.iter().map(|(_, row)| row.text.to_string()));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_seed_makes_the_same_company() {
    assert_eq!(dump(&company(7, 60)), dump(&company(7, 60)));
    assert_ne!(dump(&company(7, 60)), dump(&company(8, 60)));
}

#[test]
fn there_is_some_of_every_entity() {
    let company = company(1, 0);
    // A test of node-quickbooks expects to find no attachment but its own.
    let empty: Vec<&str> =
        ENTITIES.iter().filter(|entity| company.count(entity.name) == 0).map(|entity| entity.name).collect();
    assert_eq!(empty, ["Attachable"]);
    assert!(company.count("Payment") >= 5);
}

#[test]
fn invoices_have_every_kind_of_line_and_state() {
    let text = dump(&company(1, 100));
    for piece in [
        "SalesItemLineDetail",
        "DescriptionOnly",
        "DiscountLineDetail",
        "GroupLineDetail",
        "SubTotalLineDetail",
    ] {
        assert!(text.contains(&format!("\"DetailType\":\"{piece}\"")), "{piece}");
    }
    for piece in [
        "\"PrivateNote\":\"Voided\"",
        "\"TxnType\":\"Payment\"",
        "\"TxnType\":\"Estimate\"",
        "TaxLineDetail",
        "\"value\":\"JPY\"",
    ] {
        assert!(text.contains(piece), "{piece}");
    }
}
