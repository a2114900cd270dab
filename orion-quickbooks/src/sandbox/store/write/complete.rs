//! What the server adds to a row before it is stored.

use rust_decimal::Decimal;

use super::super::entity::{Entity, Kind};
use super::super::json::{Json, Object};
use super::super::{Company, Fault};

impl Company {
    /// Checks a row and fills in what the server derives. Nothing is stored yet.
    pub(in super::super) fn complete(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        if entity.name == "Attachable" {
            return self.check_attached(object);
        }
        self.resolve(entity, object, old.is_some())?;
        match entity.kind {
            Kind::Name => self.complete_name(entity, object, old),
            Kind::List => self.complete_list(entity, object, old),
            Kind::Transaction => self.complete_transaction(entity, object, old),
            Kind::Document | Kind::Fixed => Ok(()),
        }
    }
}

/// Recorded: amounts of the row and of its lines become zero, lines and DocNumber stay, and the note says so.
pub(super) fn void(object: &mut Object) {
    for name in ["TotalAmt", "Balance", "UnappliedAmt", "HomeTotalAmt", "HomeBalance"] {
        if object.has(name) {
            object.set(name, Decimal::ZERO);
        }
    }
    if object.has("UnappliedAmt") || object.has("PayType") {
        object.set("Line", Vec::new());
    }
    if let Some(Json::List(lines)) = object.get_mut("Line") {
        lines.iter_mut().for_each(void_line);
    }
    if object.has("TxnTaxDetail") {
        object.set("TxnTaxDetail", Object::new().with("TotalTax", Decimal::ZERO));
    }
    object.set("PrivateNote", "Voided");
}

fn void_line(line: &mut Json) {
    let Json::Object(line) = line else { return };
    if line.has("Amount") {
        line.set("Amount", Decimal::ZERO);
    }
    let inner = line.get_mut("GroupLineDetail").and_then(|detail| match detail {
        Json::Object(detail) => detail.get_mut("Line"),
        _ => None,
    });
    if let Some(Json::List(lines)) = inner {
        lines.iter_mut().for_each(void_line);
    }
}
