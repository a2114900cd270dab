//! Which input a row of the results was.
//!
//! Salesforce does not return rows in the order of the inputs, but it returns their cells. The hash of a row's cells leads back to its
//! position, for 16 bytes a record. Where the operation has a key column (`Id`, the external id), the upper half is the hash of that
//! cell alone: it finds the input even if Salesforce writes another cell in its own way.

use std::collections::HashMap;

/// A hash of `bytes` that begins from `seed`: 64-bit multiplication, high and low half folded together. Not against an adversary:
/// a collision swaps the positions of two records of one tenant.
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = seed ^ 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..tail.len()].copy_from_slice(tail);
    fold(fold(state ^ u64::from_le_bytes(last)))
}

fn fold(word: u64) -> u64 {
    let wide = u128::from(word ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let (high, low) = ((wide >> 64) as u64, wide as u64);
    high ^ low
}

/// The hash of a key: the 15 characters that identify a record, of which Salesforce may write 18.
fn key_hash(column: &str, value: &str) -> u64 {
    let value = if column == "Id" { value.get(..15).unwrap_or(value) } else { value };
    hash(0, value.as_bytes())
}

/// What is kept of one row.
pub(crate) fn mark(row: u64, key: Option<(&str, &str)>) -> u64 {
    match key {
        Some((column, value)) => (key_hash(column, value) & KEY) | (row >> 32),
        None => row,
    }
}

const KEY: u64 = 0xffff_ffff_0000_0000;

/// Positions by mark.
#[derive(Debug, Default)]
pub(crate) struct Positions(Vec<(u64, u64)>);

impl Positions {
    pub(crate) fn push(&mut self, mark: u64, index: u64) {
        self.0.push((mark, index));
    }

    /// Completes the table.
    pub(crate) fn seal(&mut self) {
        self.0.sort_unstable();
        self.0.shrink_to_fit();
    }
}

/// One reading of the results: rows that are alike get the positions of their inputs one after the other.
#[derive(Default)]
pub(crate) struct Matcher {
    taken: HashMap<usize, usize>,
}

impl Matcher {
    /// The position of the input with this mark; `keyed` marks match by their key if the rest differs.
    pub(crate) fn take(&mut self, positions: &Positions, mark: u64, keyed: bool) -> Option<u64> {
        let rows = &positions.0;
        let first = rows.partition_point(|(have, _)| *have < mark);
        let alike = rows[first..].iter().take_while(|(have, _)| *have == mark).count();
        if alike > 0 || !keyed {
            return self.next(rows, first, alike);
        }
        let first = rows.partition_point(|(have, _)| *have < mark & KEY);
        let alike = rows[first..].iter().take_while(|(have, _)| have & KEY == mark & KEY).count();
        self.next(rows, first, alike)
    }

    fn next(&mut self, rows: &[(u64, u64)], first: usize, alike: usize) -> Option<u64> {
        if alike < 2 {
            return (alike == 1).then(|| rows[first].1);
        }
        let taken = self.taken.entry(first).or_default();
        let at = first + *taken;
        *taken += 1;
        (*taken <= alike).then(|| rows[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(marks: &[u64]) -> Positions {
        let mut positions = Positions::default();
        (0..).zip(marks).for_each(|(index, mark)| positions.push(*mark, index));
        positions.seal();
        positions
    }

    #[test]
    fn each_row_finds_its_input() {
        let marks: Vec<u64> = (0..1000_u64).map(|n| hash(7, n.to_string().as_bytes())).collect();
        let positions = sealed(&marks);
        let mut matcher = Matcher::default();
        for (index, mark) in (0..).zip(&marks).collect::<Vec<_>>().into_iter().rev() {
            assert_eq!(matcher.take(&positions, *mark, false), Some(index));
        }
        assert_eq!(matcher.take(&positions, 12345, false), None);
    }

    #[test]
    fn rows_alike_share_their_positions_out() {
        let positions = sealed(&[5, 9, 5, 5]);
        let mut matcher = Matcher::default();
        let mut taken: Vec<_> = (0..4).map(|_| matcher.take(&positions, 5, false)).collect();
        taken.sort();
        assert_eq!(taken, [None, Some(0), Some(2), Some(3)]);
        assert_eq!(Matcher::default().take(&positions, 5, false), Some(0), "a second reading starts anew");
    }

    #[test]
    fn a_key_finds_its_row_when_another_cell_changed() {
        let id = "001000000000001";
        let positions =
            sealed(&[mark(1 << 40, Some(("Id", id))), mark(2 << 40, Some(("Id", "001000000000002")))]);
        let echoed = mark(77 << 40, Some(("Id", "001000000000001AAA")));
        assert_eq!(Matcher::default().take(&positions, echoed, true), Some(0));
        assert_eq!(Matcher::default().take(&positions, echoed, false), None);
    }

    #[test]
    fn rows_of_one_key_are_told_apart_by_their_other_cells() {
        let key = Some(("Ext__c", "x"));
        let positions = sealed(&[mark(1 << 40, key), mark(2 << 40, key)]);
        let mut matcher = Matcher::default();
        assert_eq!(matcher.take(&positions, mark(2 << 40, key), true), Some(1));
        assert_eq!(matcher.take(&positions, mark(1 << 40, key), true), Some(0));
    }
}
