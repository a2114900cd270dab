//! Item: a product or service of the catalogue. The record's own id is the item's.

use orion_core::{LineKind, Ref, UnifiedLineItem};

use super::{Entity, Family, Field, copied, lookup, text};

pub(super) const OBJECT: Entity<UnifiedLineItem> =
    Entity::new("Item", Family::Name, |_| (), &[FIELDS]).with_key("Name");

const FIELDS: &[Field<UnifiedLineItem>] = &[
    Field::text(
        "Name",
        |item| item.item.as_ref()?.name.as_deref(),
        |item, name| item.item = Some(Ref::default().with_name(name)),
    ),
    text!("Sku", sku),
    text!("Description", description),
    Field::text("Type", |item| item.kind.as_ref().map(kind), set_kind),
    copied!(money "UnitPrice", unit_price),
    copied!(decimal "QtyOnHand", quantity),
    lookup!("IncomeAccountRef", account),
];

fn kind(kind: &LineKind) -> &str {
    match kind {
        LineKind::Service => "Service",
        LineKind::Item => "NonInventory",
        LineKind::Group => "Group",
        other => other.as_str(),
    }
}

/// Items that are counted keep the vendor's word, which asks for accounts and quantities that others have not.
fn set_kind(item: &mut UnifiedLineItem, text: String) {
    item.kind = Some(match &*text {
        "Service" => LineKind::Service,
        "NonInventory" => LineKind::Item,
        "Group" => LineKind::Group,
        _ => LineKind::Other(text.into()),
    });
}
