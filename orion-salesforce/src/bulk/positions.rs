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
    fold(state ^ u64::from_le_bytes(last))
}

fn fold(word: u64) -> u64 {
    let wide = u128::from(word ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let (high, low) = ((wide >> 64) as u64, wide as u64);
    high ^ low
}

/// The hash of a key: the 15 characters that identify a record, of which Salesforce may write 18.
fn key_hash(column: &str, value: &[u8]) -> u64 {
    hash(0, if column == "Id" { value.get(..15).unwrap_or(value) } else { value })
}

/// What is kept of one row.
pub(crate) fn mark(row: u64, key: Option<(&str, &[u8])>) -> u64 {
    match key {
        Some((column, value)) => (key_hash(column, value) & KEY) | (row >> 32),
        None => row,
    }
}

const KEY: u64 = 0xffff_ffff_0000_0000;

/// Positions by mark, sorted; marks are spread evenly, so that their first bits lead close to each.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    rows: Vec<(u64, u64)>,
    /// Where the marks of each bucket begin, and the end of the last.
    buckets: Vec<u32>,
    /// By how much to shift a mark to get its bucket.
    shift: u32,
}

impl Positions {
    pub(crate) fn push(&mut self, mark: u64, index: u64) {
        self.rows.push((mark, index));
    }

    /// Completes the table.
    pub(crate) fn seal(&mut self) {
        self.rows.sort_unstable();
        self.rows.shrink_to_fit();
        // About four marks a bucket, and at least two buckets, since a shift by all bits is none.
        let bits = (self.rows.len() / 4).max(2).ilog2();
        self.shift = u64::BITS - bits;
        self.buckets = Vec::with_capacity((1 << bits) + 1);
        for at in 0..self.rows.len() {
            self.fill(at, self.rows[at].0 >> self.shift);
        }
        self.fill(self.rows.len(), 1 << bits);
    }

    /// Buckets up to `bucket` that have not begun begin at `at`.
    fn fill(&mut self, at: usize, bucket: u64) {
        // A job of more than four billion records would need 64 GiB here long before.
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        while self.buckets.len() as u64 <= bucket {
            self.buckets.push(at);
        }
    }

    /// Where the rows begin whose marks are `mark` in the bits of `mask`, the upper ones, and how many there are.
    fn alike(&self, mark: u64, mask: u64) -> (usize, usize) {
        let bucket = usize::try_from((mark & mask) >> self.shift).unwrap_or(usize::MAX);
        let Some(first) = self.buckets.get(bucket) else { return (0, 0) };
        let rows = &self.rows[*first as usize..];
        let before = rows.iter().take_while(|(have, _)| have & mask < mark & mask).count();
        let alike = rows[before..].iter().take_while(|(have, _)| have & mask == mark & mask).count();
        (*first as usize + before, alike)
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
        let found = match positions.alike(mark, u64::MAX) {
            (_, 0) if keyed => positions.alike(mark, KEY),
            found => found,
        };
        let (first, alike) = found;
        if alike < 2 {
            return (alike == 1).then(|| positions.rows[first].1);
        }
        let taken = self.taken.entry(first).or_default();
        let at = first + *taken;
        *taken += 1;
        (*taken <= alike).then(|| positions.rows[at].1)
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
        assert_eq!(matcher.take(&positions, u64::MAX, true), None);
    }

    #[test]
    fn few_rows_or_none_are_no_special_case() {
        assert_eq!(Matcher::default().take(&sealed(&[]), 7, true), None);
        assert_eq!(Matcher::default().take(&Positions::default(), 7, true), None);
        for mark in [0, 1, KEY, u64::MAX] {
            assert_eq!(Matcher::default().take(&sealed(&[mark]), mark, false), Some(0));
        }
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
        let id: &[u8] = b"001000000000001";
        let positions =
            sealed(&[mark(1 << 40, Some(("Id", id))), mark(2 << 40, Some(("Id", b"001000000000002")))]);
        let echoed = mark(77 << 40, Some(("Id", b"001000000000001AAA")));
        assert_eq!(Matcher::default().take(&positions, echoed, true), Some(0));
        assert_eq!(Matcher::default().take(&positions, echoed, false), None);
    }

    #[test]
    fn rows_of_one_key_are_told_apart_by_their_other_cells() {
        let key: Option<(&str, &[u8])> = Some(("Ext__c", b"x"));
        let positions = sealed(&[mark(1 << 40, key), mark(2 << 40, key)]);
        let mut matcher = Matcher::default();
        assert_eq!(matcher.take(&positions, mark(2 << 40, key), true), Some(1));
        assert_eq!(matcher.take(&positions, mark(1 << 40, key), true), Some(0));
    }
}
