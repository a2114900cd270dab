//! Lists of objects in an object: links, lines of tax, lines of payments.

use std::sync::LazyLock;

use orion_core::{Allocation, AllocationKind, TaxLine};
use serde_json::{Map, value::RawValue};

use super::{Field, Left, Names, Scope, copied, implied, lookup};
use crate::{
    value::{Mismatch, Out, as_json},
    wire::Members,
};

/// Reads every object of a list. What has no place in the model is returned under the object's position.
pub(super) fn read<T: Default>(
    names: &Names<T>,
    items: &[&RawValue],
    into: &mut Vec<T>,
    scope: Scope<'_>,
) -> Result<Left, Mismatch> {
    let mut all = Map::new();
    for raw in items {
        let members = Members::parse(raw).ok_or(Mismatch("a list of objects"))?;
        let mut item = T::default();
        if let Some(left) = names.read(&mut item, &members, scope)? {
            all.insert(key(into.len()), left);
        }
        into.push(item);
    }
    Ok((!all.is_empty()).then_some(all.into()))
}

/// Writes every object of a list over what had no place in the model. No objects are no list.
pub(super) fn write<T>(
    fields: &[Field<T>],
    items: &[T],
    left: Option<&Out>,
    scope: Scope<'_>,
) -> Option<Vec<Out>> {
    let one = |(at, item): (usize, &T)| {
        let mut out = left.and_then(|left| left.get(&key(at))).cloned().unwrap_or(Out::EMPTY);
        fields.iter().for_each(|field| field.write(item, &mut out, scope));
        out
    };
    (!items.is_empty()).then(|| items.iter().enumerate().map(one).collect())
}

/// The name under which what is left of the object at a position is kept.
pub(super) fn key(at: usize) -> String {
    format!("#{at}")
}

/// `LinkedTxn`: what a document is settled by.
pub(super) const LINKS: &[Field<Allocation>] = &[
    Field::text("TxnId", |to| Some(to.document.id.as_str()), |to, id| to.document.id = id.into()),
    Field::text("TxnType", |to| to.document.object.as_deref().or(Some(object(to.kind.as_ref()?))), set_kind),
];

/// What QuickBooks calls a document of which only the kind is known.
fn object(kind: &AllocationKind) -> &str {
    match kind {
        AllocationKind::Payment => "Payment",
        AllocationKind::CreditNote => "CreditMemo",
        AllocationKind::Invoice => "Invoice",
        AllocationKind::Refund => "RefundReceipt",
        AllocationKind::Deposit => "Deposit",
        other => other.as_str(),
    }
}

fn set_kind(to: &mut Allocation, object: String) {
    to.kind = Some(match &*object {
        "Payment" | "BillPayment" | "BillPaymentCheck" | "BillPaymentCreditCard" => AllocationKind::Payment,
        "CreditMemo" | "VendorCredit" => AllocationKind::CreditNote,
        "Invoice" | "Bill" => AllocationKind::Invoice,
        "RefundReceipt" => AllocationKind::Refund,
        "Deposit" => AllocationKind::Deposit,
        other => AllocationKind::from(other),
    });
    to.document.object = Some(object.into());
}

pub(super) static LINK_NAMES: LazyLock<Names<Allocation>> = LazyLock::new(|| Names::new(LINKS));

/// `TxnTaxDetail.TaxLine`: the tax of one rate.
pub(super) const TAXES: &[Field<TaxLine>] = &[
    copied!(money "Amount", amount),
    Field::try_text("DetailType", |_| Some("TaxLineDetail".into()), |_, text| text == "TaxLineDetail"),
    lookup!("TaxLineDetail.TaxRateRef", rate),
    copied!(decimal "TaxLineDetail.TaxPercent", percent),
    implied(Field::bool("TaxLineDetail.PercentBased", |tax| Some(tax.percent.is_some()), |_, _| ())),
    copied!(money "TaxLineDetail.NetAmountTaxable", taxable),
];

pub(super) static TAX_NAMES: LazyLock<Names<TaxLine>> = LazyLock::new(|| Names::new(TAXES));

/// `Payment.Line`: a part of a payment and the one document it settles.
pub(super) const SETTLEMENTS: &[Field<Allocation>] = &[
    copied!(money "Amount", amount),
    Field::list(
        "LinkedTxn",
        |to, items, scope| {
            let [_] = items else {
                return Ok(Some(items.iter().map(|item| as_json(item)).collect()));
            };
            let mut links = Vec::new();
            let left = read(&LINK_NAMES, items, &mut links, scope)?;
            if let Some(link) = links.pop() {
                (to.document, to.kind) = (link.document, link.kind);
            }
            Ok(left)
        },
        |to, left, scope| {
            let linked = !to.document.id.is_empty();
            write(LINKS, std::slice::from_ref(to), left, scope).filter(|_| linked)
        },
    ),
];

pub(super) static SETTLEMENT_NAMES: LazyLock<Names<Allocation>> = LazyLock::new(|| Names::new(SETTLEMENTS));
