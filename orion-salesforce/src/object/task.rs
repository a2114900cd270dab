//! Task: something to do, or done, for a person or a deal.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use orion_core::{EventBody, EventCategory, Participant, Ref, UnifiedEvent};

use super::{Field, SObject, lookup, text};

pub(super) const OBJECT: SObject<UnifiedEvent> = SObject::new("Task", init, FIELDS).without_key();

fn init(event: &mut UnifiedEvent) {
    event.category = Some(EventCategory::Activity);
}

const FIELDS: &[Field<UnifiedEvent>] = &[
    text!("Subject", subject),
    Field::text(
        "Description",
        |event| event.body.as_ref().map(|body| &*body.text),
        |event, text| {
            let mut body = EventBody::default();
            body.text = text;
            event.body = Some(body);
        },
    ),
    // A day without a time.
    Field::date(
        "ActivityDate",
        |event| event.occurred_at.map(|at| at.date_naive()),
        |event, day| {
            event.occurred_at = Some(midnight(day));
            event.all_day = Some(true);
        },
    ),
    text!("Status", status),
    Field::text(
        "WhoId",
        |event| event.participants.first()?.who.as_ref().map(|who| who.id.as_str()),
        |event, id| {
            let mut participant = Participant::default();
            participant.who = Some(Ref::new(id));
            event.participants.push(participant);
        },
    ),
    Field::text(
        "WhatId",
        |event| event.objects.first().map(|object| object.id.as_str()),
        |event, id| event.objects.push(Ref::new(id)),
    ),
    lookup!("OwnerId", actor),
];

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
