//! Customers: the people and organizations one does business with.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CustomerKind, CustomerRole, CustomerStatus, Email, Model, PaymentTerms, Phone, Ref, TaxId, UnifiedAddress,
};
use crate::{Currency, Kind, Money};

/// A person or organization one does business with: an account, contact, lead, customer, supplier or member.
///
/// ```
/// use orion_core::{CustomerKind, Email, UnifiedCustomer};
///
/// let mut customer = UnifiedCustomer::default();
/// customer.kind = Some(CustomerKind::Individual);
/// customer.display_name = Some("Ada Lovelace".to_owned());
/// customer.emails.push(Email::new("ada@example.com"));
///
/// let json = serde_json::to_string(&customer)?;
/// assert_eq!(json, r#"{"kind":"individual","display_name":"Ada Lovelace","emails":[{"address":"ada@example.com"}]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct UnifiedCustomer {
    /// A person or an organization (Salesforce: Contact and Lead are persons, Account an organization).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<CustomerKind>,
    /// What it is to the business, first of all (Salesforce Lead: `lead`; QuickBooks Vendor: `supplier`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<CustomerRole>,
    /// The name to show (Salesforce `Name`, QuickBooks `DisplayName`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Name of the organization; for a person, the one they belong to (Lead `Company`, QuickBooks `CompanyName`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Form of address before the name, for instance `Dr.` (Salesforce `Salutation`, QuickBooks `Title`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific: Option<String>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Middle name or initial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// What follows the name, for instance `Jr.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// The person's position (Salesforce `Title`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// Email addresses, the one to use first in front.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Telephone numbers, the one to use first in front.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// Postal addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<UnifiedAddress>,
    /// Web site, as the source spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// The user who looks after it (Salesforce `OwnerId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Ref>,
    /// The organization this one is a part of (Salesforce Account `ParentId`, QuickBooks `ParentRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Ref>,
    /// The organization this person belongs to (Salesforce Contact `AccountId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Ref>,
    /// Numbers under which tax offices know it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tax_ids: Vec<TaxId>,
    /// Whether sales to it are taxed (QuickBooks `Taxable`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxable: Option<bool>,
    /// The currency it is invoiced in, ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// When its invoices fall due unless they say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<Box<PaymentTerms>>,
    /// What it owes; negative when it is owed (QuickBooks `Balance`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// How much it may owe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Money>,
    /// Whether business is done with it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CustomerStatus>,
    /// Where it stands in the sales process, in the vendor's words (Lead `Status`, HubSpot `lifecyclestage`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle_stage: Option<String>,
    /// Line of business, in the vendor's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// Number of people it employs (Salesforce `NumberOfEmployees`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employees: Option<u32>,
    /// What it earns in a year (Salesforce `AnnualRevenue`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_revenue: Option<Money>,
    /// Language it prefers, BCP 47 where the source has that, for instance `en-GB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The person's date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Labels people put on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Free text about it (Salesforce `Description`, QuickBooks `Notes`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// When someone last dealt with it (Salesforce `LastActivityDate`, as midnight UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity_at: Option<DateTime<Utc>>,
    /// Whether it asked for no email (Salesforce `HasOptedOutOfEmail`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_opt_out: Option<bool>,
    /// Whether it asked for no calls (Salesforce `DoNotCall`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_opt_out: Option<bool>,
}

impl UnifiedCustomer {
    /// A customer of whom only the name to show is known.
    #[must_use]
    pub fn named(display_name: impl Into<String>) -> Self {
        Self { display_name: Some(display_name.into()), ..Self::default() }
    }
}

impl Model for UnifiedCustomer {
    const KIND: Kind = Kind::new("customer");
}
