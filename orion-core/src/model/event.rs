//! Events: messages, activities, meetings, payments, changes.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Attachment, EventBody, Model, Participant, Payment, Ref, open_enum::open_enum};
use crate::{Fields, Kind};

/// Something that happened or will happen: a chat message, a call, a meeting, a payment, a change to a record.
///
/// ```
/// use orion_core::{EventCategory, UnifiedEvent};
///
/// let mut event = UnifiedEvent::default();
/// event.name = Some("chat.message.posted".to_owned());
/// event.category = Some(EventCategory::Message);
/// assert_eq!(serde_json::to_string(&event)?, r#"{"name":"chat.message.posted","category":"message"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct UnifiedEvent {
    /// What happened, from the general to the particular: `chat.message.posted`, `crm.contact.updated`,
    /// `accounting.payment.received`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What sort of thing it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<EventCategory>,
    /// One line on it (Salesforce `Subject`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Its text (Slack `text`, Salesforce `Description`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<EventBody>,
    /// When it happened or begins. For an accounting date, midnight UTC with `all_day` set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<DateTime<Utc>>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether the times are days rather than instants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all_day: Option<bool>,
    /// Where it takes place, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Who did it (Slack `user`, Salesforce `OwnerId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Ref>,
    /// Who else takes part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Participant>,
    /// The channel or conversation it was posted in (Slack `channel`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Ref>,
    /// The message it answers (Slack `thread_ts`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Ref>,
    /// The records it is about (Salesforce `WhatId`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Ref>,
    /// For a change: the fields as they were, under the source's names.
    #[serde(skip_serializing_if = "Fields::is_empty")]
    pub before: Fields,
    /// For a change: the fields as they are now, under the source's names.
    #[serde(skip_serializing_if = "Fields::is_empty")]
    pub after: Fields,
    /// For a payment: the money and what it settles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<Box<Payment>>,
    /// Files that belong to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Where it stands, in the vendor's words (Salesforce Task `Status`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its place in the source's order of events (Salesforce replay id, Slack `event_ts`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// Id of the delivery that brought it, the same when it is delivered again (Slack `event_id`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<String>,
}

impl Model for UnifiedEvent {
    const KIND: Kind = Kind::new("event");
}

open_enum! {
    /// What sort of thing an event is.
    EventCategory {
        /// A record changed.
        Change = "change",
        /// Someone wrote something.
        Message = "message",
        /// Someone reacted to a message.
        Reaction = "reaction",
        /// Something was done or is to be done: a call, a task.
        Activity = "activity",
        /// People meet.
        Meeting = "meeting",
        /// Money changed hands.
        Payment = "payment",
        /// The system says something about itself.
        System = "system",
    }
}
