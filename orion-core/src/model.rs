//! The unified models: one shape for what every system calls something else.
//!
//! Every field is optional, because no source fills them all and a read may select only some. What a model has
//! no field for stays in [`Record::extra`](crate::Record), so nothing is lost. The JSON Schema of a model is what
//! mappings and generated connectors aim at; the field docs are its descriptions.
//!
//! `Debug` shows which fields of a model are set, and not what they hold, so that a tenant's data does not end up in logs; serialise a model
//! to look at it.
//!
//! The structs are `#[non_exhaustive]`: make one with `Default` and set its fields.

mod address;
mod contact;
mod custom_object;
mod customer;
mod customer_parts;
mod event;
mod event_parts;
mod invoice;
mod invoice_check;
mod invoice_parts;
mod line_item;
mod open_enum;
mod reference;
mod shown;
#[cfg(test)]
mod tests;
mod user;

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::Kind;

pub use address::{AddressKind, UnifiedAddress};
pub use contact::{Email, EmailKind, Phone, PhoneKind};
pub use custom_object::CustomObject;
pub use customer::UnifiedCustomer;
pub use customer_parts::{CustomerKind, CustomerRole, CustomerStatus, PaymentTerms, TaxId};
pub use event::{EventCategory, UnifiedEvent};
pub use event_parts::{
    Attachment, BodyFormat, EventBody, Participant, ParticipantRole, Payment, PaymentStatus,
};
pub use invoice::UnifiedInvoice;
pub use invoice_check::InvoiceFinding;
pub use invoice_parts::{
    Allocation, AllocationKind, Dimension, Direction, Discount, InvoiceKind, InvoiceStatus, TaxLine, TaxMode,
};
pub use line_item::{LineKind, LineTax, UnifiedLineItem};
pub use reference::Ref;
pub use user::{UnifiedUser, UserKind, UserStatus};

/// A record shape that adapters read and write.
///
/// A host's own type is as good as one of Orion's: derive serde and [`JsonSchema`] and name its kind.
///
/// ```
/// use orion_core::{Kind, Model};
///
/// #[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
/// struct Ticket {
///     subject: String,
/// }
///
/// impl Model for Ticket {
///     const KIND: Kind = Kind::new("ticket");
/// }
/// ```
pub trait Model: Clone + Debug + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The model's name.
    const KIND: Kind;
}
