//! Email addresses and telephone numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open_enum::open_enum;

/// An email address and what it is for.
///
/// ```
/// use orion_core::{Email, EmailKind};
///
/// let email = Email::new("ada@example.com").with_kind(EmailKind::Work);
/// assert_eq!(email.address, "ada@example.com");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Email {
    /// The address as the source spells it, without case folding.
    pub address: String,
    /// What it is for; none when the source has a single address and does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<EmailKind>,
}

impl Email {
    /// An address of no particular kind.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), kind: None }
    }

    /// Says what it is for.
    #[must_use]
    pub fn with_kind(mut self, kind: EmailKind) -> Self {
        self.kind = Some(kind);
        self
    }
}

/// A telephone number and what it is for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Phone {
    /// The number as the source spells it, for instance `(415) 555-0100` or `+14155550100`.
    pub number: String,
    /// What it is for; none when the source has a single number and does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<PhoneKind>,
}

impl Phone {
    /// A number of no particular kind.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: number.into(), kind: None }
    }

    /// Says what it is for.
    #[must_use]
    pub fn with_kind(mut self, kind: PhoneKind) -> Self {
        self.kind = Some(kind);
        self
    }
}

open_enum! {
    /// What an email address is for.
    EmailKind {
        /// The one to use first.
        Primary = "primary",
        /// At work.
        Work = "work",
        /// Private.
        Personal = "personal",
        /// For invoices and statements.
        Billing = "billing",
    }
}

open_enum! {
    /// What a telephone number is for.
    PhoneKind {
        /// The one to use first.
        Primary = "primary",
        /// At work.
        Work = "work",
        /// A mobile phone.
        Mobile = "mobile",
        /// At home.
        Home = "home",
        /// A fax machine.
        Fax = "fax",
        /// The assistant's.
        Assistant = "assistant",
        /// A further number without a more particular meaning.
        Alternate = "alternate",
    }
}
