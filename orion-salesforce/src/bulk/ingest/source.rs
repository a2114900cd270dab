//! The records still to be sent, one row ahead.

use futures::{StreamExt, stream::BoxStream};
use orion_core::{Refused, Result};

use crate::{
    bulk::{
        csv::Row,
        positions::{Positions, mark},
    },
    wire::FieldSink,
};

/// Writes a record's fields.
pub(crate) trait Map<T>: Fn(&T, &mut dyn FieldSink) -> Result<()> {}

impl<T, F: Fn(&T, &mut dyn FieldSink) -> Result<()>> Map<T> for F {}

/// Turns records into rows, one at a time; a row waits here until a part has taken it.
pub(super) struct Source<'a, T, F> {
    records: BoxStream<'a, T>,
    map: F,
    key: Option<&'a str>,
    /// Whether a row has to have a value for the key.
    keyed: bool,
    pub(super) row: Row,
    waiting: bool,
    /// Records taken from the stream.
    taken: u64,
    refused: Vec<Refused>,
    positions: Positions,
}

impl<'a, T, F: Map<T>> Source<'a, T, F> {
    pub(super) fn new(records: BoxStream<'a, T>, map: F, key: Option<&'a str>, keyed: bool) -> Self {
        Self {
            keyed,
            records,
            map,
            key,
            row: Row::default(),
            waiting: false,
            taken: 0,
            refused: Vec::new(),
            positions: Positions::default(),
        }
    }

    /// Makes the next row wait, if none does. `false` at the end of the records.
    pub(super) async fn ready(&mut self) -> bool {
        while !self.waiting {
            let Some(record) = self.records.next().await else { return false };
            let index = self.taken;
            self.taken += 1;
            self.row.begin();
            match (self.map)(&record, &mut self.row)
                .and_then(|()| self.row.check(self.key.filter(|_| self.keyed)))
            {
                Ok(()) => self.waiting = true,
                Err(error) => self.refused.push(Refused::new(index, &error)),
            }
        }
        true
    }

    /// A part has taken the waiting row.
    pub(super) fn sent(&mut self) {
        self.waiting = false;
        let key = self.key.map(|key| (key, self.row.cell_named(key)));
        self.positions.push(mark(self.row.hash(), key), self.taken - 1);
    }

    /// The waiting row does not fit into any part.
    pub(super) fn refuse(&mut self, error: &orion_core::Error) {
        self.waiting = false;
        self.refused.push(Refused::new(self.taken - 1, error));
    }

    pub(super) fn finish(mut self) -> (Vec<Refused>, Positions) {
        self.positions.seal();
        (self.refused, self.positions)
    }
}
