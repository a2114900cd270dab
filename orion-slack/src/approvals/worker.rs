//! Keeps every open request moving.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use orion_core::Result;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    engine::{Engine, OPEN, SPACE, read},
    state::Next,
};

/// How often to look for what other processes did.
const POLL: Duration = Duration::from_secs(5);

/// How long to leave a request alone after the store failed.
const STUMBLED: Duration = Duration::from_secs(5);

pub(crate) struct Worker {
    pub(crate) engine: Arc<Engine>,
    pub(crate) poke: Arc<Notify>,
    /// Counts up whenever a request may have been decided.
    pub(crate) tick: watch::Sender<u64>,
}

impl Worker {
    pub(crate) async fn run(self) {
        let mut driven: JoinSet<(String, Instant)> = JoinSet::new();
        // When each request is to be looked at again; one that is being driven has no time.
        let mut due: HashMap<String, Option<Instant>> = HashMap::new();
        let mut poll = Instant::now();
        loop {
            let now = Instant::now();
            if now >= poll {
                let known = self.open().await.unwrap_or_default();
                due.retain(|id, at| at.is_none() || known.contains_key(id));
                for (id, at) in known {
                    due.entry(id).or_insert(Some(at));
                }
                poll = now + POLL;
                self.tick.send_modify(|tick| *tick += 1);
            }
            for (id, at) in due.iter_mut().filter(|(_, at)| at.is_some_and(|at| at <= now)) {
                *at = None;
                driven.spawn(drive(Arc::clone(&self.engine), id.clone()));
            }
            let wake = due.values().flatten().min().map_or(poll, |at| poll.min(*at));
            tokio::select! {
                () = self.poke.notified() => {
                    poll = Instant::now();
                    due.retain(|_, at| at.is_none());
                }
                Some(end) = driven.join_next() => {
                    if let Ok((id, next)) = end {
                        due.insert(id, Some(next));
                    }
                    self.tick.send_modify(|tick| *tick += 1);
                }
                () = sleep_until(wake) => {}
            }
        }
    }

    /// The open requests, and when each has something to do.
    async fn open(&self) -> Result<BTreeMap<String, Instant>> {
        let rows = self.engine.rows.list(SPACE, OPEN).await?;
        let now = self.engine.clock.now();
        let next = |row: &orion_core::rows::Row| {
            let next = read(row).ok()?.next(now);
            Some((row.key.clone(), at(next, now)))
        };
        Ok(rows.iter().filter_map(next).collect())
    }
}

/// Takes steps until none is due.
async fn drive(engine: Arc<Engine>, id: String) -> (String, Instant) {
    loop {
        match engine.advance(&id).await {
            Ok(Next::Now(_)) => {}
            Ok(next) => {
                let now = engine.clock.now();
                return (id, at(next, now));
            }
            Err(_) => return (id, Instant::now() + STUMBLED),
        }
    }
}

fn at(next: Next, now: DateTime<Utc>) -> Instant {
    let wait = match next {
        Next::Now(_) => Duration::ZERO,
        Next::At(at) => (at - now).to_std().unwrap_or_default(),
        Next::Nothing => POLL,
    };
    // Further than a poll away is looked at again then, as a clock may be moved.
    Instant::now() + wait.min(POLL)
}
