//! `Debug` of the models: which fields are set, and not what they hold.
//!
//! What a model holds is the tenant's data, and `Debug` ends up where that does not belong: a log line with `{record:?}`, a panic, an
//! error report. [`Record`](crate::Record) and [`Change`](crate::Change) show none of it for the same reason. Whoever wants to see the
//! content asks for it: `serde_json::to_string_pretty(&customer)`.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{
    Allocation, Attachment, CustomObject, Dimension, Discount, Email, EventBody, LineTax, Participant,
    Payment, PaymentTerms, Phone, Ref, TaxId, TaxLine, UnifiedAddress, UnifiedCustomer, UnifiedEvent,
    UnifiedInvoice, UnifiedLineItem, UnifiedUser,
};

macro_rules! shown {
    ($($model:ident),+ $(,)?) => {
        $(
            /// Shows which fields are set, and not what they hold.
            impl fmt::Debug for $model {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fields(stringify!($model), self, f)
                }
            }
        )+
    };
}

shown! {
    Allocation, Attachment, CustomObject, Dimension, Discount, Email, EventBody, LineTax, Participant, Payment, PaymentTerms, Phone, Ref,
    TaxId, TaxLine, UnifiedAddress, UnifiedCustomer, UnifiedEvent, UnifiedInvoice, UnifiedLineItem, UnifiedUser,
}

/// Writes `Name {a, b[2]}`: the fields that are set, by the names they are serialised under, and how many a list holds.
fn fields(name: &str, model: &impl Serialize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(name)?;
    // What serialises to anything else than an object, or not at all, shows its name only.
    let Ok(Value::Object(fields)) = serde_json::to_value(model) else { return Ok(()) };
    f.write_str(" ")?;
    f.debug_set().entries(fields.iter().map(|(name, value)| Field(name, value))).finish()
}

struct Field<'a>(&'a str, &'a Value);

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Value::Array(items) => write!(f, "{}[{}]", self.0, items.len()),
            _ => f.write_str(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Currency, Money, Record};

    #[test]
    fn debug_shows_what_is_set_and_not_what_it_is() {
        let mut customer = UnifiedCustomer::default();
        assert_eq!(format!("{customer:?}"), "UnifiedCustomer {}");
        customer.display_name = Some("planted name".into());
        customer.emails = vec![Email::new("planted@example.com"), Email::new("planted.too@example.com")];
        customer.owner = Some(Ref::new("planted-id").with_name("planted owner"));
        customer.annual_revenue = Some(Money::new(4_711.into(), Currency::EUR));
        let shown = format!("{customer:?}");
        assert_eq!(shown, "UnifiedCustomer {annual_revenue, display_name, emails[2], owner}");
        let mut object = CustomObject::new("planted object");
        object.fields.insert("Ssn__c", "planted");
        let record = Record::new("r-1", customer.clone());
        let change = Change::Upsert(record.clone());
        let parts = format!("{:?} {:?} {object:?} {record:?} {change:?}", customer.emails, customer.owner);
        for secret in ["planted", "4711"] {
            assert!(!parts.contains(secret) && !shown.contains(secret), "{parts}");
        }
        assert_eq!(format!("{:#?}", Phone::new("planted")), "Phone {\n    number,\n}");
    }
}
