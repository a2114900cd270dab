//! What customers are made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;
use crate::RecordId;

/// A number under which a tax office knows someone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct TaxId {
    /// The number as given.
    pub value: String,
    /// What kind of number, for instance `vat`, `ein`, `abn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Country of the tax office, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// When an invoice falls due.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct PaymentTerms {
    /// Id of the terms at the source (QuickBooks `SalesTermRef.value`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// Their name, for instance `Net 30`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Days from issue to due date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_days: Option<u32>,
}

open_enum! {
    /// A person or an organization.
    CustomerKind {
        /// A person.
        Individual = "individual",
        /// A company, household, public body or any other organization.
        Organization = "organization",
    }
}

open_enum! {
    /// What someone is to the business.
    CustomerRole {
        /// Buys, or is looked after as one who might.
        Customer = "customer",
        /// Sells to the business.
        Supplier = "supplier",
        /// Not yet qualified.
        Lead = "lead",
        /// A person to talk to at an organization.
        Contact = "contact",
        /// Belongs to a group, list or workspace.
        Member = "member",
    }
}

open_enum! {
    /// Whether business is done with someone now.
    CustomerStatus {
        /// It is.
        Active = "active",
        /// It is not, for now.
        Inactive = "inactive",
        /// Kept for the record only.
        Archived = "archived",
        /// Has asked to be erased.
        Erasure = "erasure",
    }
}
