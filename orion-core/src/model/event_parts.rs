//! What events are made of.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Allocation, Direction, Ref, open_enum::open_enum};
use crate::{Money, RecordId};

/// The text of an event.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct EventBody {
    /// The text as the source gives it.
    pub text: String,
    /// How it is marked up; none for plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<BodyFormat>,
}

/// Someone who takes part in an event.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Participant {
    /// Their record at the source: a user, contact or lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Ref>,
    /// Their email address, for those who have no record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they do in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<ParticipantRole>,
}

/// A file that belongs to an event.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Attachment {
    /// Its id at the source (Slack file `id`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// File name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Media type, for instance `image/png`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Where to fetch it; may need the source's authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Money that changed hands, and the documents it settles.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Payment {
    /// Who paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// How much (QuickBooks `TotalAmt`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The part that settles no document yet (QuickBooks `UnappliedAmt`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unapplied: Option<Money>,
    /// What the payment itself cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// Units of the home currency for one of the payment's (QuickBooks `ExchangeRate`).
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub exchange_rate: Option<Decimal>,
    /// Who paid or was paid: a customer or supplier (QuickBooks `CustomerRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<Ref>,
    /// The ledger account the money is in (QuickBooks `DepositToAccountRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Ref>,
    /// How it was paid, for instance cheque or card (QuickBooks `PaymentMethodRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Ref>,
    /// Cheque number or the like (QuickBooks `PaymentRefNum`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PaymentStatus>,
    /// When it arrived at the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<DateTime<Utc>>,
    /// The documents it settles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<Allocation>,
}

open_enum! {
    /// How a text is marked up.
    BodyFormat {
        /// Not at all.
        Plain = "plain",
        /// Markdown.
        Markdown = "markdown",
        /// Slack's own, `mrkdwn`.
        Mrkdwn = "mrkdwn",
        /// HTML.
        Html = "html",
    }
}

open_enum! {
    /// What someone does in an event.
    ParticipantRole {
        /// Called for it.
        Organizer = "organizer",
        /// Takes part.
        Attendee = "attendee",
        /// Wrote it.
        Sender = "sender",
        /// Got it.
        Recipient = "recipient",
        /// Is named in it.
        Mentioned = "mentioned",
        /// Is who it is about (Salesforce `WhoId`).
        Subject = "subject",
    }
}

open_enum! {
    /// Where a payment stands.
    PaymentStatus {
        /// On its way.
        Pending = "pending",
        /// Done.
        Completed = "completed",
        /// Did not go through.
        Failed = "failed",
        /// Given back.
        Refunded = "refunded",
        /// Cancelled; counts as nothing.
        Void = "void",
    }
}
