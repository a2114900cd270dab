//! What transactions do to each other: a payment to its invoices, a bill payment to its bills, an invoice to its
//! estimate.

use rust_decimal::Decimal;

use super::entity::Entity;
use super::journal::Operation;
use super::json::{Json, Object};
use super::{Company, Fault, entity, money};

/// One application of a transaction to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) target: &'static Entity,
    pub(super) id: u64,
    pub(super) amount: Decimal,
}

/// Targets whose open balance an application lowers.
const OPEN: [&str; 4] = ["Invoice", "Bill", "CreditMemo", "VendorCredit"];

/// What an entity may be applied to or made of.
fn targets(entity: &Entity) -> &'static [&'static str] {
    match entity.name {
        "Payment" => &["Invoice", "CreditMemo"],
        "BillPayment" => &["Bill", "VendorCredit"],
        "Deposit" => &["Payment", "SalesReceipt"],
        "Invoice" => &["Estimate"],
        "Bill" => &["PurchaseOrder"],
        _ => &[],
    }
}

/// Links the server keeps on a row; a client's own copy of them is ignored.
const KEPT: [&str; 6] =
    ["Payment", "BillPaymentCheck", "BillPaymentCreditCard", "Deposit", "Invoice", "Bill"];

/// The row's links: the server's own from before, and the client's to what the row is made of.
pub(super) fn keep(object: &mut Object, old: Option<&Object>) {
    let is_kept =
        |link: &&Json| link.at("TxnType").and_then(Json::as_text).is_some_and(|kind| KEPT.contains(&kind));
    let own = object.list("LinkedTxn").iter().filter(|link| !is_kept(link));
    let before = old.map(|old| old.list("LinkedTxn")).unwrap_or_default().iter().filter(is_kept);
    let links: Vec<Json> = before.chain(own).cloned().collect();
    if !links.is_empty() || object.has("LinkedTxn") {
        object.set("LinkedTxn", links);
    }
}

impl Company {
    /// The applications a row and its lines name.
    pub(super) fn links(&self, entity: &'static Entity, object: &Object) -> Vec<Link> {
        let allowed = targets(entity);
        let mut links: Vec<Link> = Vec::new();
        if allowed.is_empty() {
            return links;
        }
        let lines =
            object.list("Line").iter().filter_map(Json::as_object).map(|line| (line, line.number("Amount")));
        for (from, amount) in lines.chain([(object, Decimal::ZERO)]) {
            for linked in from.list("LinkedTxn").iter().filter_map(Json::as_object) {
                let target =
                    linked.text("TxnType").filter(|name| allowed.contains(name)).and_then(entity_named);
                let id = linked.text("TxnId").and_then(|id| id.parse().ok());
                let Some((target, id)) = target.zip(id) else { continue };
                match links.iter_mut().find(|link| link.id == id && link.target.index == target.index) {
                    Some(link) => link.amount += amount,
                    None => links.push(Link { target, id, amount }),
                }
            }
        }
        links
    }

    /// Refuses applications to what is not there, to another party's, or beyond what is open.
    pub(super) fn check_links(
        &self,
        party: &str,
        object: &Object,
        before: &[Link],
        after: &[Link],
    ) -> Result<(), Fault> {
        for link in after {
            let target = self.object(link.target, link.id).ok_or_else(Fault::not_found)?;
            if !party.is_empty() && target.reference(party) != object.reference(party) {
                return Err(Fault::business(format_args!(
                    "{} {} belongs to somebody else.",
                    link.target.name, link.id
                )));
            }
            let same = |other: &&Link| other.id == link.id && other.target.index == link.target.index;
            let held = before.iter().find(same).map_or(Decimal::ZERO, |link| link.amount);
            if !OPEN.contains(&link.target.name) {
                continue;
            }
            if link.amount < Decimal::ZERO || link.amount > target.number("Balance") + held {
                return Err(Fault::business(
                    "The amount applied is more than the open balance of the linked transaction.",
                ));
            }
        }
        Ok(())
    }

    /// Takes back one set of applications and makes another.
    pub(super) fn relink(&mut self, entity: &'static Entity, id: u64, before: &[Link], after: &[Link]) {
        let mut changed: Vec<Link> =
            before.iter().map(|link| Link { amount: -link.amount, ..*link }).collect();
        for link in after {
            match changed
                .iter_mut()
                .find(|other| other.id == link.id && other.target.index == link.target.index)
            {
                Some(other) => other.amount += link.amount,
                None => changed.push(*link),
            }
        }
        for link in changed {
            let stays =
                after.iter().any(|other| other.id == link.id && other.target.index == link.target.index);
            self.apply(entity, id, link, stays);
        }
    }

    /// Moves a target's balance by an application, and keeps its list of links.
    fn apply(&mut self, entity: &'static Entity, id: u64, link: Link, stays: bool) {
        let Some(mut target) = self.object(link.target, link.id) else { return };
        let was = target.clone();
        let places = money::places_of(&target);
        if OPEN.contains(&link.target.name) {
            let balance = money::amount(target.number("Balance") - link.amount, places);
            if target.has("RemainingCredit") {
                target.set("RemainingCredit", balance.clone());
            }
            target.set("Balance", balance);
            super::sales::home_amounts(&mut target);
        }
        match link.target.name {
            // What a transaction was made of is done with (recorded for an estimate: `Closed`).
            "Estimate" => target.set("TxnStatus", if stays { "Closed" } else { "Pending" }),
            "PurchaseOrder" => target.set("POStatus", if stays { "Closed" } else { "Open" }),
            _ => {}
        }
        set_link(&mut target, entity.name, id, stays);
        if target != was {
            // Unverified: whether an application moves the target's SyncToken. Its time of change moves.
            self.stamp(&mut target, true);
            self.finish(link.target, link.id, &mut target);
            self.journal.note(link.target.name, link.id, Operation::Update, self.now);
        }
    }

    /// What is in a deposit cannot be changed before it is taken out of it (6540, Intuit docs).
    pub(super) fn check_deposited(&self, object: &Object) -> Result<(), Fault> {
        let deposited = |link: &Json| link.at("TxnType").and_then(Json::as_text) == Some("Deposit");
        if !object.list("LinkedTxn").iter().any(deposited) {
            return Ok(());
        }
        let detail = "This transaction has been deposited. If you want to change or delete it, you must first edit the \
                      deposit it appears on and remove it.";
        Err(Fault::new("6540", "Deposited Transaction cannot be changed", detail).on(""))
    }

    /// Before a delete: its own applications end, and nothing may hang on it.
    pub(super) fn unlink_for_delete(
        &mut self,
        entity: &'static Entity,
        id: u64,
        object: &Object,
    ) -> Result<(), Fault> {
        let payers = self.payers(entity, id, object);
        if !payers.is_empty() {
            return Err(Fault::business(
                "The transaction cannot be deleted because other transactions are linked to it. Unlink them first.",
            ));
        }
        let links = self.links(entity, object);
        self.relink(entity, id, &links, &[]);
        Ok(())
    }

    /// Before a void: its own applications end, and payments on it become unapplied.
    pub(super) fn unlink_for_void(&mut self, entity: &'static Entity, id: u64, object: &Object) {
        let links = self.links(entity, object);
        self.relink(entity, id, &links, &[]);
        for (payer, payer_id) in self.payers(entity, id, object) {
            let Some(mut payment) = self.object(payer, payer_id) else { continue };
            let before = self.links(payer, &payment);
            let target = (entity.name, id.to_string());
            let rest: Vec<Json> =
                payment.list("Line").iter().filter(|line| !names(line, &target)).cloned().collect();
            payment.set("Line", rest);
            let after = self.links(payer, &payment);
            super::sales::unapplied(&mut payment, &after);
            self.stamp(&mut payment, true);
            self.finish(payer, payer_id, &mut payment);
            self.relink(payer, payer_id, &before, &after);
            self.journal.note(payer.name, payer_id, Operation::Update, self.now);
        }
    }

    /// The payments that are applied to a row.
    fn payers(&self, entity: &Entity, id: u64, object: &Object) -> Vec<(&'static Entity, u64)> {
        let linked = object.list("LinkedTxn").iter().filter_map(Json::as_object);
        linked
            .filter_map(|link| {
                let payer = entity_named(link.text("TxnType")?)?;
                if !matches!(payer.name, "Payment" | "BillPayment") {
                    return None;
                }
                let payer_id = link.text("TxnId")?.parse().ok()?;
                let payment = self.object(payer, payer_id)?;
                let applied = self.links(payer, &payment);
                let applies = applied.iter().any(|link| link.id == id && link.target.index == entity.index);
                applies.then_some((payer, payer_id))
            })
            .collect()
    }
}

fn entity_named(name: &str) -> Option<&'static Entity> {
    entity(if name == "BillPaymentCheck" || name == "BillPaymentCreditCard" { "BillPayment" } else { name })
}

/// Whether a line is linked to a transaction.
fn names(line: &Json, target: &(&str, String)) -> bool {
    let linked = line.as_object().map(|line| line.list("LinkedTxn")).unwrap_or_default();
    linked
        .iter()
        .filter_map(Json::as_object)
        .any(|link| link.text("TxnType") == Some(target.0) && link.text("TxnId") == Some(target.1.as_str()))
}

/// Adds or removes a link in a row's list.
fn set_link(object: &mut Object, kind: &str, id: u64, present: bool) {
    // The vendor names a bill's payment by how it was paid (Intuit docs, Bill).
    let kind = if kind == "BillPayment" { "BillPaymentCheck" } else { kind };
    let id = id.to_string();
    let is = |link: &Json| {
        link.at("TxnId").and_then(Json::as_text) == Some(&*id)
            && link.at("TxnType").and_then(Json::as_text) == Some(kind)
    };
    if object.list("LinkedTxn").iter().any(is) == present {
        return;
    }
    let mut links: Vec<Json> = object.list("LinkedTxn").iter().filter(|link| !is(link)).cloned().collect();
    if present {
        links.push(Object::new().with("TxnId", id.as_str()).with("TxnType", kind).into());
    }
    object.set("LinkedTxn", links);
}
