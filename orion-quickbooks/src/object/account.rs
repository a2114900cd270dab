//! Account, and every object without a file of its own: a name and fields.

use std::borrow::Cow;

use orion_core::CustomObject;

use super::{Entity, Family, Field, text};

pub(super) const OBJECT: Entity<CustomObject> = named("Account");

const FIELDS: &[Field<CustomObject>] = &[text!("Name", name)];

/// An object of the list of names.
pub(super) const fn named(name: &'static str) -> Entity<CustomObject> {
    of(Cow::Borrowed(name), Family::Name)
}

/// Any object.
pub(super) fn any(name: &str) -> Entity<CustomObject> {
    let family = match &*name.to_ascii_lowercase() {
        "customer" | "vendor" | "employee" | "item" | "paymentmethod" | "taxagency" => Family::Name,
        "billpayment" | "creditcardpayment" | "deposit" | "journalentry" | "purchase" | "purchaseorder"
        | "refundreceipt" | "transfer" | "vendorcredit" | "invoice" | "estimate" | "payment" | "bill"
        | "salesreceipt" | "creditmemo" => Family::Transaction,
        _ => Family::Other,
    };
    of(Cow::Owned(name.to_owned()), family)
}

const fn of(name: Cow<'static, str>, family: Family) -> Entity<CustomObject> {
    Entity {
        name,
        family,
        init: |_| (),
        fields: &[FIELDS],
        finish: |_| (),
        rest: |record, fields| {
            record.model.object = record.meta.source.object.to_string();
            record.model.fields = fields;
        },
        loose: |object| Some(&object.fields),
        key: None,
    }
}
