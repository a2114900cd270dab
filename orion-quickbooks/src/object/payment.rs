//! Payment: money from a customer, and the invoices it settles.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use orion_core::{Direction, EventBody, EventCategory, Payment, PaymentStatus, Record, UnifiedEvent};

use super::{
    Entity, Family, Field, derived,
    list::{self, SETTLEMENT_NAMES, SETTLEMENTS},
};

pub(super) const OBJECT: Entity<UnifiedEvent> =
    Entity::new("Payment", Family::Transaction, init, &[FIELDS]).finishing(finish);

fn init(event: &mut UnifiedEvent) {
    event.name = Some("accounting.payment.received".to_owned());
    event.category = Some(EventCategory::Payment);
    payment(event).direction = Some(Direction::Receivable);
}

fn payment(event: &mut UnifiedEvent) -> &mut Payment {
    event.payment.get_or_insert_default()
}

/// A field whose place is in the payment: `paid!(copy money "TotalAmt", amount)`, `paid!(reference "CustomerRef", party)`.
macro_rules! paid {
    (copy $kind:ident $path:literal, $place:ident) => {
        Field::$kind($path, |e| e.payment.as_ref()?.$place, |e, value| payment(e).$place = Some(value))
    };
    (reference $path:literal, $place:ident) => {
        Field::reference($path, |e| e.payment.as_ref()?.$place.as_ref(), |e, to| payment(e).$place = Some(to))
    };
    (text $path:literal, $place:ident) => {
        Field::text($path, |e| e.payment.as_ref()?.$place.as_deref(), |e, text| payment(e).$place = Some(text))
    };
}

const FIELDS: &[Field<UnifiedEvent>] = &[
    paid!(copy money "TotalAmt", amount),
    derived(paid!(copy money "UnappliedAmt", unapplied)),
    paid!(copy decimal "ExchangeRate", exchange_rate),
    paid!(reference "CustomerRef", party),
    paid!(reference "DepositToAccountRef", account),
    paid!(reference "PaymentMethodRef", method),
    paid!(text "PaymentRefNum", reference),
    Field::date(
        "TxnDate",
        |event| event.occurred_at.map(|at| at.date_naive()),
        |event, day| (event.occurred_at, event.all_day) = (Some(midnight(day)), Some(true)),
    ),
    Field::text("PrivateNote", |event| event.body.as_ref().map(|body| &*body.text), |event, text| {
        event.body.get_or_insert_with(EventBody::default).text = text;
    }),
    Field::list(
        "Line",
        |event, items, scope| list::read(&SETTLEMENT_NAMES, items, &mut payment(event).allocations, scope),
        |event, left, scope| list::write(SETTLEMENTS, &event.payment.as_ref()?.allocations, left, scope),
    ),
];

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// A voided payment is of nothing, with a note that says so (recorded).
fn finish(record: &mut Record<UnifiedEvent>) {
    let note = record.model.body.as_ref().is_some_and(|body| body.text.starts_with("Voided"));
    let paid = payment(&mut record.model);
    let nothing = paid.amount.is_some_and(|amount| amount.amount.is_zero());
    paid.status = Some(if note && nothing { PaymentStatus::Void } else { PaymentStatus::Completed });
}
