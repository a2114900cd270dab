//! Group 14: webhooks.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use super::{
    Report, Subject,
    bench::{Bench, Stop, Verdict, ensure, failed, not_declared, snapshot},
};
use crate::{Change, Delivery, ErrorKind, Kind};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    let kinds: BTreeSet<Kind> =
        bench.streams.iter().filter(|stream| stream.can.receive).map(|stream| stream.kind).collect();
    for kind in kinds {
        let on = kind.to_string();
        report.add("webhooks.a_genuine_delivery_is_read", &on, genuine(bench, kind)).await;
        report.add("webhooks.a_forged_delivery_is_refused", &on, forged(bench, kind)).await;
        report.add("webhooks.a_truncated_delivery_is_refused", &on, truncated(bench, kind)).await;
        report.add("webhooks.an_old_delivery_is_refused", &on, old(bench, kind)).await;
        report.add("webhooks.a_repeated_delivery_says_the_same", &on, repeated(bench, kind)).await;
        report.add("webhooks.order_changes_nothing", &on, reordered(bench, kind)).await;
    }
}

async fn deliveries<S: Subject>(bench: &Bench<'_, S>, kind: Kind) -> Verdict<Vec<Delivery>> {
    match bench.subject.deliveries(kind, bench.clock.now()).await {
        Some(deliveries) if !deliveries.is_empty() => Ok(deliveries),
        _ => failed("webhooks are declared, and the subject has no `deliveries` of this kind"),
    }
}

async fn genuine<S: Subject>(bench: &Bench<'_, S>, kind: Kind) -> Verdict {
    let line = bench.line().await?;
    for delivery in deliveries(bench, kind).await? {
        let changes = line.receive(kind, &delivery).await?;
        ensure!(!changes.is_empty(), "nothing is made of a delivery about a record of this kind");
        ensure!(changes.iter().all(|change| !change.id().is_empty()), "a change has no id");
        let foreign = changes.into_iter().filter_map(Change::into_record);
        let foreign = foreign.filter(|record| *record.meta.source.adapter != *bench.id.name).count();
        ensure!(foreign == 0, "{foreign} records do not name their source");
    }
    Ok(())
}

async fn refused<S: Subject>(
    bench: &Bench<'_, S>,
    kind: Kind,
    what: &str,
    delivery: &Delivery,
    kinds: &[ErrorKind],
) -> Verdict {
    match bench.line().await?.receive(kind, delivery).await {
        Ok(changes) => failed(format!("a delivery {what} is taken for {} changes", changes.len())),
        Err(error) if kinds.contains(&error.kind()) => Ok(()),
        Err(error) => failed(format!("a delivery {what} is refused as {:?}", error.kind())),
    }
}

/// Only what the vendor signed may be looked at: a changed byte anywhere, no signature, or another one.
async fn forged<S: Subject>(bench: &Bench<'_, S>, kind: Kind) -> Verdict {
    for delivery in deliveries(bench, kind).await? {
        let length = delivery.body.len();
        for at in [0, length / 2, length.saturating_sub(1)] {
            let mut body = delivery.body.to_vec();
            body.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
            let changed = Delivery::new(delivery.headers.clone(), body);
            refused(bench, kind, "with a changed byte", &changed, &[ErrorKind::Auth]).await?;
        }
        let bare = Delivery::new(HeaderMap::new(), delivery.body.clone());
        refused(bench, kind, "without a signature", &bare, &[ErrorKind::Auth]).await?;
        let mut headers = delivery.headers.clone();
        headers.iter_mut().filter(|(name, _)| *name != header::CONTENT_TYPE).for_each(|(_, value)| {
            let mut bytes = value.as_bytes().to_vec();
            bytes.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
            *value = HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| HeaderValue::from_static("0"));
        });
        let other = Delivery::new(headers, delivery.body.clone());
        refused(bench, kind, "with another signature", &other, &[ErrorKind::Auth]).await?;
    }
    Ok(())
}

async fn truncated<S: Subject>(bench: &Bench<'_, S>, kind: Kind) -> Verdict {
    for delivery in deliveries(bench, kind).await? {
        let length = delivery.body.len();
        for end in [0, length / 2, length.saturating_sub(1)] {
            let cut = Delivery::new(delivery.headers.clone(), delivery.body.slice(..end));
            let kinds = [ErrorKind::Auth, ErrorKind::Malformed];
            refused(bench, kind, "that breaks off", &cut, &kinds).await?;
        }
    }
    Ok(())
}

async fn old<S: Subject>(bench: &Bench<'_, S>, kind: Kind) -> Verdict {
    let Some(good_for) = bench.subject.signatures_last() else {
        return not_declared("the vendor signs no time");
    };
    let deliveries = deliveries(bench, kind).await?;
    tokio::time::sleep(good_for * 2).await;
    for delivery in deliveries {
        refused(bench, kind, "from long ago", &delivery, &[ErrorKind::Auth]).await?;
    }
    Ok(())
}

/// A vendor sends again what it is not sure has arrived: the second time brings the same, or nothing.
async fn repeated<S: Subject>(bench: &Bench<'_, S>, kind: Kind) -> Verdict {
    let line = bench.line().await?;
    for delivery in deliveries(bench, kind).await? {
        let first = snapshot(&line.receive(kind, &delivery).await?);
        let again = snapshot(&line.receive(kind, &delivery).await?);
        ensure!(again.is_empty() || again == first, "the second time it is another change");
        let elsewhere = snapshot(&bench.line().await?.receive(kind, &delivery).await?);
        ensure!(elsewhere == first, "another process makes another change of it");
    }
    Ok(())
}

/// What is left of changes when the newest of each record counts, and of equally new ones the last.
fn newest(changes: Vec<Change<Value>>) -> BTreeMap<String, Value> {
    let mut newest: BTreeMap<String, Change<Value>> = BTreeMap::new();
    for change in changes {
        let id = change.id().to_string();
        if newest.get(&id).is_none_or(|known| change.at() >= known.at()) {
            newest.insert(id, change);
        }
    }
    let model = |change: Change<Value>| change.into_record().map_or(Value::Null, |record| record.model);
    newest.into_iter().map(|(id, change)| (id, model(change))).collect()
}

async fn reordered<S: Subject>(bench: &Bench<'_, S>, kind: Kind) -> Verdict {
    let mut deliveries = deliveries(bench, kind).await?;
    let (mut as_sent, mut backwards, mut seen, mut again) = (Vec::new(), Vec::new(), BTreeSet::new(), false);
    let line = bench.line().await?;
    for delivery in &deliveries {
        let changes = line.receive(kind, delivery).await?;
        let ids: BTreeSet<_> = changes.iter().map(|change| change.id().to_string()).collect();
        again |= !ids.is_disjoint(&seen);
        seen.extend(ids);
        as_sent.extend(changes);
    }
    if !again {
        return Err(Stop::NotDeclared("no two deliveries are about one record".to_owned()));
    }
    deliveries.reverse();
    let line = bench.line().await?;
    for delivery in &deliveries {
        backwards.extend(line.receive(kind, delivery).await?);
    }
    ensure!(
        newest(as_sent) == newest(backwards),
        "deliveries in another order leave another state: the changes do not say when they were made"
    );
    Ok(())
}
