//! Payments of customers and to vendors.

use rust_decimal::Decimal;

use super::super::entity::Entity;
use super::super::json::{Json, Object};
use super::super::links::Link;
use super::super::{Company, Fault, money};

impl Company {
    pub(super) fn complete_payment(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        let is_customer = entity.name == "Payment";
        let places = money::places_of(object);
        let before = old.map(|old| self.links(entity, old)).unwrap_or_default();
        let after = self.links(entity, object);
        let net = net(&after);
        if !object.has("TotalAmt") {
            // A payment that says only what it is applied to amounts to that (unverified).
            object.set("TotalAmt", money::amount(net.max(Decimal::ZERO), places));
        }
        let total = object.number("TotalAmt");
        if total < Decimal::ZERO {
            return Err(Fault::business("Transaction amount must be zero or greater."));
        }
        if net > total {
            return Err(Fault::business(
                "The amount applied to transactions is more than the amount of the payment.",
            ));
        }
        let party = if is_customer { "CustomerRef" } else { "VendorRef" };
        self.check_links(party, object, &before, &after)?;
        self.payment_lines(object, places);
        object.set("TotalAmt", money::amount(total, places));
        if is_customer {
            object.set("UnappliedAmt", money::amount(total - net, places));
            object.set_default("ProcessPayment", false);
            let undeposited = self.account("Undeposited Funds");
            object.set_default("DepositToAccountRef", undeposited);
        } else {
            self.number(entity, object, old, "BillPayment");
            let payable = self.account("Accounts Payable (A/P)");
            object.set_default("APAccountRef", payable);
        }
        Ok(())
    }

    /// Lines carry what the linked transaction was when they were written (recorded: LineEx).
    fn payment_lines(&self, object: &mut Object, places: u32) {
        let mut lines = match object.remove("Line") {
            Some(Json::List(lines)) => lines,
            _ => Vec::new(),
        };
        for line in lines.iter_mut() {
            let Json::Object(line) = line else { continue };
            let amount = line.number("Amount");
            line.set("Amount", money::amount(amount, places));
            line.remove("Id");
            line.remove("LineNum");
        }
        object.set("Line", lines);
    }
}

/// What applications take from a payment: charges less credits.
fn net(links: &[Link]) -> Decimal {
    let signed = |link: &Link| match link.target.name {
        "CreditMemo" | "VendorCredit" => -link.amount,
        _ => link.amount,
    };
    links.iter().map(signed).sum()
}

/// Sets what a payment has left over.
pub(in super::super) fn unapplied(payment: &mut Object, links: &[Link]) {
    if payment.has("UnappliedAmt") {
        let places = money::places_of(payment);
        let left = payment.number("TotalAmt") - net(links);
        payment.set("UnappliedAmt", money::amount(left, places));
    }
}
