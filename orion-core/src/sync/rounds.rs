//! Several changes to one record in one batch.

use crate::Change;

/// The changes in rounds, to be applied one after the other: each holds a record at most once and is sorted by id. Mostly there is
/// one round.
///
/// Sorted, because neighbours in an index are then written together and two runs lock rows in one order.
pub(super) fn rounds<M>(changes: &[Change<M>]) -> Vec<Vec<&Change<M>>> {
    let mut sorted: Vec<&Change<M>> = changes.iter().collect();
    sorted.sort_by(|a, b| a.id().as_str().cmp(b.id().as_str()));
    if sorted.windows(2).all(|pair| pair[0].id() != pair[1].id()) {
        return vec![sorted];
    }
    let mut rounds: Vec<Vec<&Change<M>>> = Vec::new();
    let mut nth = 0;
    for (at, change) in sorted.iter().enumerate() {
        nth = if at > 0 && sorted[at - 1].id() == change.id() { nth + 1 } else { 0 };
        if nth == rounds.len() {
            rounds.push(Vec::new());
        }
        rounds[nth].push(change);
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    #[test]
    fn each_round_is_sorted_and_has_a_record_once_in_the_order_of_its_changes() {
        let text = "c1 a1 b1 a2 c2 a3";
        let changes: Vec<Change<&str>> =
            text.split(' ').map(|change| Change::Upsert(Record::new(change.split_at(1).0, change))).collect();
        let told = rounds(&changes).into_iter().map(|round| {
            let models = round.into_iter().map(|change| match change {
                Change::Upsert(record) => record.model,
                Change::Delete { .. } => "",
            });
            models.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(told.collect::<Vec<_>>(), ["a1 b1 c1", "a2 c2", "a3"]);
        assert_eq!(rounds::<&str>(&[]), [Vec::<&Change<&str>>::new()]);
    }
}
