//! Several changes to one record in one batch.

use std::cmp::Ordering;

use crate::Change;

/// The changes that count, sorted by id: of several to one record the one that wins.
///
/// Sorted, because neighbours in the index are then written together and two runs lock rows in one order.
pub(super) fn winners<M>(changes: &[Change<M>]) -> Vec<&Change<M>> {
    let mut sorted: Vec<&Change<M>> = changes.iter().collect();
    sorted.sort_by(|a, b| a.id().as_str().cmp(b.id().as_str()));
    sorted.dedup_by(|later, kept| {
        let same = later.id() == kept.id();
        if same && replaces(kept, later) {
            std::mem::swap(kept, later);
        }
        same
    });
    sorted
}

/// Whether `later` replaces `kept`, which came before it: unless it is older; a delete wins ties. Without a time the order decides.
fn replaces<M>(kept: &Change<M>, later: &Change<M>) -> bool {
    let (Some(before), Some(after)) = (micro(kept), micro(later)) else { return true };
    match after.cmp(&before) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => matches!((kept, later), (Change::Upsert(_), _) | (_, Change::Delete { .. })),
    }
}

fn micro<M>(change: &Change<M>) -> Option<i64> {
    change.at().map(|at| at.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{Meta, Record};

    fn upsert(id: &str, at: i64) -> Change<&'static str> {
        let modified_at = DateTime::from_timestamp(at, 0).filter(|_| at > 0);
        let meta = Meta { modified_at, ..Meta::default() };
        Change::Upsert(Record::new(id, "upsert").with_meta(meta))
    }

    fn delete(id: &str, at: i64) -> Change<&'static str> {
        Change::Delete { id: id.into(), at: DateTime::from_timestamp(at, 0).filter(|_| at > 0) }
    }

    #[test]
    fn of_several_changes_to_a_record_the_newest_wins_and_a_delete_wins_ties() {
        let table = [
            (vec![upsert("a", 1), upsert("a", 2)], upsert("a", 2)),
            (vec![upsert("a", 2), upsert("a", 1)], upsert("a", 2)),
            (vec![upsert("a", 2), delete("a", 2)], delete("a", 2)),
            (vec![delete("a", 2), upsert("a", 2)], delete("a", 2)),
            (vec![delete("a", 2), upsert("a", 3)], upsert("a", 3)),
            (vec![upsert("a", 3), delete("a", 2)], upsert("a", 3)),
            (vec![upsert("a", 3), delete("a", 0)], delete("a", 0)),
            (vec![delete("a", 0), upsert("a", 3)], upsert("a", 3)),
            (vec![upsert("a", 5), delete("a", 6), upsert("a", 5)], delete("a", 6)),
        ];
        for (changes, winner) in table {
            assert_eq!(winners(&changes), [&winner], "{changes:?}");
        }
    }

    #[test]
    fn winners_are_sorted_by_id() {
        let changes = [upsert("b", 1), delete("a", 1), upsert("c", 1), upsert("a", 2)];
        let ids: Vec<&str> = winners(&changes).iter().map(|change| change.id().as_str()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
    }
}
