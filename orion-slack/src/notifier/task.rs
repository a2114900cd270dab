//! The work in the background.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use orion_core::{
    Clock, Error, ErrorKind, Result,
    observe::{Event, Observers},
    rows::{Rows, Swapped},
};
use tokio::{
    sync::{Notify, oneshot},
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    book::{Book, Order},
    inbox::Inbox,
    incident::{Action, Done, Incident},
};
use crate::{
    NAME,
    poster::{Post, Poster, is_passing},
};

const OPEN: &str = "open";

/// Messages under way at once.
const AT_ONCE: usize = 4;

/// How long to wait after the store failed.
const STUMBLED: TimeDelta = TimeDelta::seconds(5);

/// The longest to sleep, as a clock may be moved.
const NAP: Duration = Duration::from_secs(5);

/// What the notifier and its task share.
pub(super) struct Shared {
    pub(super) inbox: Inbox,
    pub(super) poke: Notify,
    pub(super) acknowledged: Mutex<Vec<(String, String)>>,
    pub(super) waiting: Mutex<HashMap<String, Vec<oneshot::Sender<Result<String>>>>>,
    pub(super) observers: Observers,
}

impl Shared {
    pub(super) fn tell(&self, key: &str, outcome: &str, error: Option<&Error>) {
        let error = error.map(Error::kind);
        self.observers.emit(&Event::Notice { adapter: NAME, key, outcome, error });
    }

    /// Says that there was no room.
    pub(super) fn dropped(&self, row: &str, key: &str) {
        self.tell(key, "dropped", None);
        let message = "there is no room for the message while others wait to be sent";
        self.answer(row, &Err(Error::new(ErrorKind::RateLimited, message).during(NAME, "notify")));
    }

    fn answer(&self, row: &str, result: &Result<String>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for waiter in waiting.remove(row).unwrap_or_default() {
            // Whoever asked may have gone.
            drop(waiter.send(result.clone()));
        }
    }
}

pub(super) struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) poster: Arc<dyn Poster>,
    pub(super) rows: Arc<dyn Rows>,
    pub(super) space: String,
    pub(super) clock: Clock,
    pub(super) book: Book,
    pub(super) versions: BTreeMap<String, u64>,
}

type Ended = (String, String, Result<Done, Error>);

impl Task {
    /// Takes up what earlier processes left.
    pub(super) async fn load(&mut self) -> Result<()> {
        let now = self.clock.now();
        for row in self.rows.list(&self.space, OPEN).await? {
            // A row of another version of the program is left alone.
            if let Ok(incident) = serde_json::from_str::<Incident>(&row.value) {
                self.versions.insert(row.key, row.version);
                self.book.adopt(incident, now);
            }
        }
        Ok(())
    }

    pub(super) async fn run(mut self) {
        let mut sending: JoinSet<Ended> = JoinSet::new();
        loop {
            self.take_in();
            let (ready, wake) = self.book.due(self.clock.now());
            for row in ready {
                if sending.len() < AT_ONCE
                    && let Some(order) = self.begin(&row).await
                {
                    let poster = Arc::clone(&self.poster);
                    sending.spawn(async move { send(&*poster, order).await });
                }
            }
            self.keep_all().await;
            let nap = wake.map_or(NAP, |at| (at - self.clock.now()).to_std().unwrap_or_default().min(NAP));
            let nap = nap.max(Duration::from_millis(10));
            tokio::select! {
                () = self.shared.poke.notified() => {}
                Some(ended) = sending.join_next() => {
                    if let Ok((row, key, result)) = ended {
                        self.end(&row, &key, &result);
                    }
                }
                () = sleep_until(Instant::now() + nap) => {}
            }
        }
    }

    fn take_in(&mut self) {
        let now = self.clock.now();
        for notice in self.shared.inbox.take() {
            if let Some((row, key)) = self.book.take(&notice, now) {
                self.shared.dropped(&row, &key);
            }
        }
        let mut acknowledged = self.shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        for (row, by) in acknowledged.drain(..) {
            self.book.acknowledge(&row, &by, now);
        }
    }

    /// Writes down what is about to be sent; if that fails, it is not sent now.
    async fn begin(&mut self, row: &str) -> Option<Order> {
        let now = self.clock.now();
        let order = self.book.begin(row, now)?;
        match self.keep(row).await {
            Ok(()) => Some(order),
            Err(error) => {
                self.shared.tell(&order.id, "deferred", Some(&error));
                self.book.unbegin(row, now + STUMBLED);
                None
            }
        }
    }

    async fn keep_all(&mut self) {
        for row in std::mem::take(&mut self.book.dirty) {
            if self.keep(&row).await.is_err() {
                self.book.dirty.insert(row);
            }
        }
    }

    async fn keep(&mut self, row: &str) -> Result<()> {
        let Some(incident) = self.book.get(row) else {
            self.versions.remove(row);
            return self.rows.remove(&self.space, row).await;
        };
        let value = serde_json::to_string(incident).map_err(|source| {
            Error::new(ErrorKind::Storage, "the incident cannot be written").with_source(source)
        })?;
        let seen = self.versions.get(row).copied();
        if let Swapped::Done(version) = self.rows.swap(&self.space, row, seen, OPEN, &value).await? {
            self.versions.insert(row.to_owned(), version);
            self.book.dirty.remove(row);
            return Ok(());
        }
        // The store has another version, for instance of a swap whose answer got lost. This process is the only writer of its space.
        match self.rows.get(&self.space, row).await? {
            Some(kept) => self.versions.insert(row.to_owned(), kept.version),
            None => self.versions.remove(row),
        };
        let message = "the incident changed in the store meanwhile";
        Err(Error::new(ErrorKind::Conflict, message))
    }

    fn end(&mut self, row: &str, key: &str, result: &Result<Done, Error>) {
        let now: DateTime<Utc> = self.clock.now();
        let rerouted = self.book.settle(row, result, now);
        match result {
            Ok(Done::Absent) => {}
            Ok(Done::At(_) | Done::Shown) => {
                self.shared.tell(key, "delivered", None);
                if self.book.is_told(row) {
                    let place = self.book.get(row).and_then(|one| one.place.as_ref());
                    let id = place.map(|place| format!("{}/{}", place.channel, place.ts));
                    self.shared.answer(row, &Ok(id.unwrap_or_default()));
                }
            }
            Err(error) if rerouted => self.shared.tell(key, "rerouted", Some(error)),
            Err(error) if error.is_ambiguous() => self.shared.tell(key, "ambiguous", Some(error)),
            Err(error) if is_passing(error) => self.shared.tell(key, "deferred", Some(error)),
            Err(error) => {
                self.shared.tell(key, "rejected", Some(error));
                self.shared.answer(row, &Err(error.clone()));
            }
        }
    }
}

async fn send(poster: &dyn Poster, order: Order) -> Ended {
    let result = deliver(poster, &order).await;
    (order.row, order.id, result)
}

async fn deliver(poster: &dyn Poster, order: &Order) -> Result<Done> {
    if let (Action::Update, Some(place)) = (order.sending.what, &order.place) {
        return poster.update(place, &order.id, &order.content).await.map(|()| Done::Shown);
    }
    let thread = order.thread.as_deref();
    if order.sending.doubt {
        let found = poster.find(&order.channel, thread, &order.id, order.sending.since).await?;
        return Ok(found.map_or(Done::Absent, Done::At));
    }
    let post = Post {
        id: &order.id,
        channel: &order.channel,
        thread,
        broadcast: order.broadcast,
        content: order.content.clone(),
    };
    poster.post(&post).await.map(Done::At)
}
