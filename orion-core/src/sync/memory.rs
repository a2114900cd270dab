//! Checkpoints and links in memory.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{Checkpoint, CheckpointStore, Commit, DeadLetter, Link, Links, moved};
use crate::{RecordId, Result, StreamKey};

/// Keeps checkpoints, dead letters and links as long as the process lives. Cloning shares them.
#[derive(Clone, Default)]
pub struct MemoryCheckpoints(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    checkpoints: BTreeMap<StreamKey, Checkpoint>,
    dead_letters: Vec<DeadLetter>,
    links: BTreeMap<(StreamKey, RecordId), Link>,
}

impl MemoryCheckpoints {
    /// Keeps nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The dead letters so far, oldest first.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.kept(|kept| kept.dead_letters.clone())
    }

    fn kept<T>(&self, with: impl FnOnce(&mut Kept) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for MemoryCheckpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kept(|kept| f.debug_set().entries(kept.checkpoints.keys()).finish())
    }
}

#[async_trait]
impl CheckpointStore for MemoryCheckpoints {
    async fn load(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        Ok(self.kept(|kept| kept.checkpoints.get(stream).cloned()))
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<()> {
        self.kept(|kept| {
            let stored = kept.checkpoints.get(commit.stream).map_or(0, |checkpoint| checkpoint.revision);
            if stored != commit.expected {
                return Err(moved(commit.stream));
            }
            kept.checkpoints.insert(commit.stream.clone(), commit.checkpoint.clone());
            let again = |id: &RecordId| {
                commit.settled.contains(&id)
                    || commit.rejected.iter().any(|letter| letter.id.as_ref() == Some(id))
            };
            kept.dead_letters
                .retain(|letter| letter.stream != *commit.stream || !letter.id.as_ref().is_some_and(again));
            let letters =
                commit.rejected.iter().map(|letter| DeadLetter::new(commit.stream, letter, commit.at));
            kept.dead_letters.extend(letters);
            Ok(())
        })
    }
}

#[async_trait]
impl Links for MemoryCheckpoints {
    async fn link(&self, stream: &StreamKey, links: &[(RecordId, Link)]) -> Result<()> {
        let links = links.iter().map(|(id, link)| ((stream.clone(), id.clone()), link.clone()));
        self.kept(|kept| kept.links.extend(links));
        Ok(())
    }

    async fn linked(&self, stream: &StreamKey, ids: &[RecordId]) -> Result<Vec<Option<Link>>> {
        let found = |kept: &Kept, id: &RecordId| kept.links.get(&(stream.clone(), id.clone())).cloned();
        Ok(self.kept(|kept| ids.iter().map(|id| found(kept, id)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{Error, ErrorKind, Kind, Rejected};

    #[tokio::test]
    async fn a_commit_replaces_only_the_revision_it_expects() {
        let store = MemoryCheckpoints::new();
        let stream = StreamKey::new("acme", "a1", Kind::new("customer"), "Lead");
        let mut checkpoint = Checkpoint::new(false);
        checkpoint.revision = 1;
        let letter = Rejected::new(None, "{}", Error::new(ErrorKind::Malformed, "no id"));
        let at = DateTime::UNIX_EPOCH;
        let rejected = [&letter];
        let commit = Commit::new(&stream, &checkpoint, 0, at).with_rejected(&rejected);
        store.commit(commit).await.unwrap();
        assert_eq!(store.commit(commit).await.unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(store.load(&stream).await.unwrap(), Some(checkpoint));
        assert_eq!(store.dead_letters().len(), 1, "the loser leaves nothing");
    }
}
