//! Does what a request calls for, one claimed step at a time.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use orion_core::{
    Clock, Error, ErrorKind, Result,
    observe::{Event, Observers},
    rows::{Row, Rows, Swapped},
};

use super::{
    policy::is_group,
    render,
    state::{Ballot, Claim, Next, Reply, State, Step},
    steps::{Done, PROMPT},
};
use crate::{
    NAME,
    poster::{Post, Poster},
};

/// The space of the requests in the store.
pub(crate) const SPACE: &str = "slack.approvals";
pub(crate) const OPEN: &str = "open";
const CLOSED: &str = "closed";

/// What runs once a request is approved.
///
/// Dyn because requests name their effect, and a host has several.
#[async_trait]
pub trait Effect: Send + Sync + 'static {
    /// Does it. `key` is the request's: after a crash in the middle it is run again with the same key, by which what must not happen twice is told
    /// apart (an upsert by it, an idempotency key).
    ///
    /// # Errors
    /// Whatever fails. The request shows that it failed; it is not run again.
    async fn run(&self, key: &str, payload: &str) -> Result<()>;
}

pub(crate) struct Engine {
    pub(crate) rows: Arc<dyn Rows>,
    pub(crate) poster: Arc<dyn Poster>,
    pub(crate) clock: Clock,
    pub(crate) observers: Observers,
    /// Of this process alone.
    pub(crate) owner: String,
    pub(crate) effects: Vec<(String, Arc<dyn Effect>)>,
    /// The longest an effect may take.
    pub(crate) effect_time: Duration,
}

pub(crate) fn read(row: &Row) -> Result<State> {
    serde_json::from_str(&row.value).map_err(|_| {
        Error::new(ErrorKind::Storage, "the row of an approval is damaged").during(NAME, "approvals")
    })
}

pub(crate) fn write(state: &State) -> Result<String> {
    serde_json::to_string(state).map_err(|source| {
        let message = "the approval cannot be written as JSON";
        Error::new(ErrorKind::Storage, message).with_source(source).during(NAME, "approvals")
    })
}

impl Engine {
    pub(crate) async fn get(&self, id: &str) -> Result<Option<State>> {
        self.rows.get(SPACE, id).await?.as_ref().map(read).transpose()
    }

    /// Changes a request as it is now, and keeps the change if nobody else made one meanwhile; otherwise once more.
    async fn change<T>(
        &self,
        id: &str,
        change: impl Fn(&mut State) -> T + Send + Sync,
    ) -> Result<Option<(State, T)>> {
        loop {
            let Some(row) = self.rows.get(SPACE, id).await? else { return Ok(None) };
            let before = read(&row)?;
            let mut state = before.clone();
            let said = change(&mut state);
            if state == before {
                return Ok(Some((state, said)));
            }
            let tag = if state.is_closed() { CLOSED } else { OPEN };
            let value = write(&state)?;
            if let Swapped::Done(_) = self.rows.swap(SPACE, id, Some(row.version), tag, &value).await? {
                return Ok(Some((state, said)));
            }
        }
    }

    /// Counts a click on a button that carries `token`.
    pub(crate) async fn vote(&self, id: &str, ballot: &Ballot) -> Result<Option<(State, Reply)>> {
        let Some(mut seen) = self.get(id).await? else { return Ok(None) };
        loop {
            let stage = seen.stage;
            let members = self.members(&seen).await?;
            let now = self.clock.now();
            let count = |state: &mut State| {
                let moved = state.stage != stage && state.decision.is_none();
                (!moved).then(|| state.vote(ballot.clone(), &members, now))
            };
            match self.change(id, count).await? {
                None => return Ok(None),
                Some((state, Some(reply))) => return Ok(Some((state, reply))),
                // The stage passed meanwhile, so others may vote now.
                Some((state, None)) => seen = state,
            }
        }
    }

    /// Who may vote in the current stage.
    async fn members(&self, state: &State) -> Result<BTreeSet<String>> {
        let mut members = BTreeSet::new();
        for decider in state.current().iter().flat_map(|stage| &stage.deciders) {
            if is_group(decider) {
                members.extend(self.poster.members(decider).await?);
            } else {
                members.insert(decider.clone());
            }
        }
        Ok(members)
    }

    /// Does the next step, if one is due, and says what is next after it.
    pub(crate) async fn advance(&self, id: &str) -> Result<Next> {
        let now = self.clock.now();
        let lease = TimeDelta::from_std(self.effect_time).unwrap_or(TimeDelta::MAX) + TimeDelta::minutes(1);
        let claim = |state: &mut State| {
            state.tick(now);
            match state.next(now) {
                Next::Now(step) => state.take(step, &self.owner, lease, now),
                Next::At(_) | Next::Nothing => None,
            }
        };
        let Some((state, claim)) = self.change(id, claim).await? else { return Ok(Next::Nothing) };
        let Some(claim) = claim else { return Ok(state.next(now)) };
        let prompt = self.clock.now() - now < PROMPT;
        let done = if prompt { self.perform(&state, &claim).await } else { Done::Stale };
        self.tell(&state, &done);
        let now = self.clock.now();
        let settled = self.change(id, |state| state.settle(&self.owner, &done, now)).await?;
        Ok(settled.map_or(Next::Nothing, |(state, ())| state.next(now)))
    }

    async fn perform(&self, state: &State, claim: &Claim) -> Done {
        let result = match claim.step {
            Step::Post(at) => self.post(state, claim, at).await,
            Step::Update(at) => self.update(state, at).await,
            Step::Remind(due) => self.remind(state, claim, due).await,
            Step::Execute => Ok(Done::Executed(self.execute(state).await)),
        };
        result.unwrap_or_else(Done::Failed)
    }

    async fn post(&self, state: &State, claim: &Claim, at: usize) -> Result<Done> {
        let Some(copy) = state.copies.get(at) else { return Ok(Done::Absent) };
        if claim.doubt {
            let found = self.poster.find(&copy.channel, None, &copy.id, claim.since).await?;
            return Ok(found.map_or(Done::Absent, Done::At));
        }
        let content = render::content(state);
        let (id, channel) = (&*copy.id, &*copy.channel);
        let post = Post { id, channel, thread: None, broadcast: false, content };
        self.poster.post(&post).await.map(Done::At)
    }

    async fn update(&self, state: &State, at: usize) -> Result<Done> {
        if let Some(copy) = state.copies.get(at)
            && let Some(place) = &copy.place
        {
            self.poster.update(place, &copy.id, &render::content(state)).await?;
        }
        Ok(Done::Shown)
    }

    /// A reminder is sent once or not at all: what may have been sent is not sent again.
    async fn remind(&self, state: &State, claim: &Claim, due: i64) -> Result<Done> {
        let first = state.copies.iter().find_map(|copy| copy.place.as_ref().map(|place| (copy, place)));
        let Some((copy, place)) = first.filter(|_| !claim.doubt) else { return Ok(Done::Reminded) };
        let id = format!("{}.{due}", copy.id);
        let content = render::reminder(state);
        let thread = Some(&*place.ts);
        let post = Post { id: &id, channel: &place.channel, thread, broadcast: true, content };
        self.poster.post(&post).await.map(|_| Done::Reminded)
    }

    async fn execute(&self, state: &State) -> Result<(), String> {
        let Some(effect) = &state.effect else { return Ok(()) };
        let known = self.effects.iter().find(|(name, _)| *name == effect.name);
        let Some((_, run)) = known else { return Err(format!("no effect `{}` is known here", effect.name)) };
        match tokio::time::timeout(self.effect_time, run.run(&state.id, &effect.payload)).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err("it took too long; it may have been done".to_owned()),
        }
    }

    fn tell(&self, state: &State, done: &Done) {
        let (outcome, error) = match done {
            Done::At(_) => ("delivered", None),
            Done::Failed(error) if error.is_ambiguous() => ("ambiguous", Some(error.kind())),
            Done::Failed(error) if crate::poster::is_passing(error) => ("deferred", Some(error.kind())),
            Done::Failed(error) => ("rejected", Some(error.kind())),
            Done::Shown | Done::Reminded | Done::Executed(_) | Done::Absent | Done::Stale => return,
        };
        self.observers.emit(&Event::Notice { adapter: NAME, key: &state.id, outcome, error });
    }
}
