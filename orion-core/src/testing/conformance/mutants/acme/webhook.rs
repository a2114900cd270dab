//! What the vendor sends by itself.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::{
    Desk, Flaw, Ticket,
    wire::{TicketRow, change},
};
use crate::{Change, Delivery, Error, ErrorKind, Receive, Result, Source, testing::ListServer};

pub(super) const KEY: &str = "planted-webhook-key";
pub(super) const GOOD_FOR: Duration = Duration::from_secs(300);

const SIGNATURE: &str = "x-acme-signature";

/// A checksum under a key (FNV-1a). It stands for an HMAC, whose strength nothing here depends on.
fn sign(body: &[u8]) -> String {
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let sum = KEY.as_bytes().iter().chain(body).fold(0xcbf2_9ce4_8422_2325, mix);
    format!("{sum:016x}")
}

#[derive(Deserialize)]
struct Envelope {
    sent_at: DateTime<Utc>,
    ticket: TicketRow,
}

/// Changes a ticket twice, a second apart.
pub(super) fn deliveries(server: &ListServer, now: DateTime<Utc>) -> Vec<Delivery> {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let deliver = |seconds: i64| {
        let subject = format!("Changed {seconds} seconds ago");
        server.put("tickets", json!({ "id": "1", "subject": subject, "state": "open" }));
        let at = time(now - TimeDelta::seconds(seconds));
        let ticket = json!({ "id": "1", "subject": subject, "state": "open", "updated_at": at });
        let body = json!({ "sent_at": time(now), "ticket": ticket }).to_string();
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, HeaderValue::try_from(sign(body.as_bytes())).unwrap());
        Delivery::new(headers, body)
    };
    vec![deliver(2), deliver(1)]
}

impl Receive<Ticket> for Desk {
    async fn receive(&self, delivery: &Delivery) -> Result<Vec<Change<Ticket>>> {
        let read = serde_json::from_slice::<Envelope>(&delivery.body);
        if self.has(Flaw::WebhookReadsNothing) || (read.is_err() && self.has(Flaw::WebhookSkipsJunk)) {
            return Ok(Vec::new());
        }
        let signed = delivery.headers.get(SIGNATURE).is_some_and(|given| *given == sign(&delivery.body));
        if !signed && !self.has(Flaw::WebhookUnsigned) {
            return Err(Error::new(ErrorKind::Auth, "the delivery is not signed by acme"));
        }
        let Envelope { sent_at, ticket } =
            read.map_err(|_| Error::new(ErrorKind::Malformed, "the delivery is none of acme's"))?;
        let age = (self.clock.now() - sent_at).to_std().unwrap_or_default();
        if age > GOOD_FOR && !self.has(Flaw::WebhookNeverAges) {
            return Err(Error::new(ErrorKind::Auth, "the delivery is too old"));
        }
        let mut change = change(ticket, &Source::new("acme", "tickets"));
        if let Change::Upsert(record) = &mut change {
            if self.has(Flaw::WebhookChangesIds) {
                record.id = format!("{:x}", fastrand::u64(..)).into();
            }
            if self.has(Flaw::WebhookWithoutTimes) {
                record.meta.modified_at = None;
            }
        }
        Ok(vec![change])
    }
}
