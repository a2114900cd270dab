//! Approvals: people decide by a button, and the program waits for it, or goes on after a restart.
//!
//! A request is kept before it is posted, and so is each vote before anything follows from it: whatever stops the process, the next one goes on
//! where it was. Who may decide is looked up by the member's id in a payload whose signature was verified; what a button carries is a random
//! token and says nothing.
//!
//! - [`Policy`] says who has to agree. [`Request`] says what is asked, until when, and what follows.
//! - [`Approvals::request`] asks and waits. The same request with the same [`key`](Request::key) is asked once, however often it is made.
//! - [`Approvals::interaction`] takes clicks. A click that comes too late or from somebody else is answered, seen by them alone.
//! - What [`Request::then_run`] names is run once it is approved, and the message shows that it was.

mod click;
mod engine;
mod policy;
mod render;
mod request;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod worker;

use std::{fmt, sync::Arc, time::Duration};

use chrono::TimeDelta;
use orion_core::{
    Clock, Error, ErrorKind, Result,
    observe::Observers,
    rows::{Rows, Swapped},
};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

pub use engine::Effect;
pub use policy::{Choice, Policy};
pub use request::{Audit, Decision, Outcome, Reasons, Request, Vote};

use click::Click;
use engine::{Engine, OPEN, SPACE, write};
pub(crate) use steps::backoff;

use state::{Ballot, Copied, Run, State};
use worker::Worker;

use crate::{NAME, Slack, poster::Poster};

/// Asks people for approval in Slack. Cloning shares it; with the last clone its work in the background ends, to go on when another is made
/// over the same store.
#[derive(Clone)]
pub struct Approvals(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    poke: Arc<Notify>,
    tick: watch::Receiver<u64>,
    worker: JoinHandle<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl Approvals {
    /// Keeps requests in `rows`, and asks through `slack`.
    ///
    /// The bot needs `chat:write`; `channels:history` (or that of the channel's kind) to tell whether a message whose answer got lost was posted;
    /// `usergroups:read` for groups among the deciders, `im:write` for requests to members.
    pub fn builder(slack: Slack, rows: Arc<dyn Rows>) -> Builder {
        Builder::new(Arc::new(slack), rows)
    }

    /// Asks, and waits for the decision.
    ///
    /// # Errors
    /// `Config` for a policy that nobody can fulfil, `Conflict` if another request has the same key, `NotFound` or `Forbidden` if it can be shown
    /// nowhere, `Storage` if the store fails.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the request stands: made again with the same key, it is waited for again.
    pub async fn request(&self, request: Request) -> Result<Decision> {
        let id = self.open(request).await?;
        self.decision(&id).await
    }

    /// Asks, and returns the request's id without waiting.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn open(&self, request: Request) -> Result<String> {
        let engine = &self.0.engine;
        let state = prepare(request, &engine.clock)?;
        let (id, value) = (state.id.clone(), write(&state)?);
        let mut seen = None;
        loop {
            if let Swapped::Done(_) = engine.rows.swap(SPACE, &id, seen, OPEN, &value).await? {
                self.0.poke.notify_one();
                return Ok(id);
            }
            let Some(row) = engine.rows.get(SPACE, &id).await? else {
                seen = None;
                continue;
            };
            let there = engine::read(&row)?;
            if there.payload != state.payload {
                let message = "another request has this key; give each its own";
                return Err(Error::new(ErrorKind::Conflict, message).during(NAME, "approvals.request"));
            }
            if there.undeliverable().is_none() {
                return Ok(id);
            }
            // It could be shown nowhere. Asked again, it is tried again.
            seen = Some(row.version);
        }
    }

    /// Waits for the decision on a request.
    ///
    /// # Errors
    /// `NotFound` for a request that is not known, or that can be shown nowhere; `Storage` if the store fails.
    pub async fn decision(&self, id: &str) -> Result<Decision> {
        let mut tick = self.0.tick.clone();
        loop {
            tick.mark_unchanged();
            let state = self.known(id).await?;
            if let Some(code) = state.undeliverable() {
                let message = format!("the request can be shown nowhere ({code})");
                return Err(Error::new(ErrorKind::NotFound, message).during(NAME, "approvals.request"));
            }
            if let Some(decision) = state.decision {
                return Ok(decision);
            }
            if tick.changed().await.is_err() {
                let message = "the approvals were stopped";
                return Err(Error::new(ErrorKind::Cancelled, message).during(NAME, "approvals.request"));
            }
        }
    }

    /// What happened to a request, in order.
    ///
    /// # Errors
    /// `NotFound` for a request that is not known, `Storage` if the store fails.
    pub async fn audit(&self, id: &str) -> Result<Vec<Audit>> {
        Ok(self.known(id).await?.audit)
    }

    async fn known(&self, id: &str) -> Result<State> {
        let known = self.0.engine.get(id).await?;
        known.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "there is no such request").during(NAME, "approvals")
        })
    }

    /// Takes an interaction: the JSON of a payload whose signature was verified, or that came over a socket. Returns whether it was about a request.
    ///
    /// Slack wants its answer, an empty one, within three seconds; give it first.
    ///
    /// # Errors
    /// `Storage` if the store fails; what Slack refuses, if who may decide could not be looked up or the modal not be opened.
    pub async fn interaction(&self, payload: &str) -> Result<bool> {
        let Some(click) = Click::read(payload) else { return Ok(false) };
        let handled = take(&self.0.engine, click).await?;
        self.0.poke.notify_one();
        Ok(handled)
    }
}

/// Handles one click.
async fn take(engine: &Engine, click: Click) -> Result<bool> {
    let Some(id) = click.token.get(..ID) else { return Ok(false) };
    let Some(state) = engine.get(id).await? else { return Ok(false) };
    let expected = match click.choice {
        Choice::Approve => &state.approve,
        Choice::Reject => &state.reject,
    };
    if !same(expected, &click.token) {
        return Ok(false);
    }
    let asks = click.choice == Choice::Reject && state.reasons != Reasons::Never;
    let open = state.decision.is_none() && engine.clock.now() < state.expires;
    if let Some(trigger) = click.trigger.as_deref().filter(|_| asks && open) {
        let view = render::modal(&state, click.channel.as_deref().unwrap_or_default());
        engine.poster.open_modal(trigger, &view).await?;
        return Ok(true);
    }
    let Click { user, choice, reason, action_ts, channel, .. } = click;
    let ballot = Ballot { user, choice, reason, action_ts };
    let Some((_, reply)) = engine.vote(id, &ballot).await? else { return Ok(false) };
    if let (Some(text), Some(channel)) = (render::answer(&reply), channel) {
        // The vote stands as it is, whether or not this arrives.
        drop(engine.poster.whisper(&channel, &ballot.user, &text).await);
    }
    Ok(true)
}

/// Compares in a time that does not depend on where they differ.
fn same(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    a.len() == b.len() && differ == 0
}

/// Length of an id: 128 bits in hexadecimal.
const ID: usize = 32;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn random() -> Result<String> {
    let mut bytes = [0; ID / 2];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        Error::new(ErrorKind::Storage, "the system gives no random numbers").during(NAME, "approvals")
    })?;
    Ok(hex(&bytes))
}

pub(crate) fn hash(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(&format!("{}:{part}", part.len()));
    }
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn prepare(request: Request, clock: &Clock) -> Result<State> {
    let excluded = request.requester.as_deref().filter(|_| !request.self_approval);
    request.policy.check(excluded)?;
    let id = match &request.key {
        Some(key) => hash(&["key", key]).chars().take(ID).collect(),
        None => random()?,
    };
    let mut parts = vec![request.subject.as_str()];
    parts.extend(request.details.iter().flat_map(|(label, value)| [label.as_str(), value.as_str()]));
    parts.extend(request.effect.iter().flat_map(|(name, payload)| [name.as_str(), payload.as_str()]));
    let payload = hash(&parts);
    let copy = |(at, channel): (usize, String)| Copied {
        channel,
        id: format!("{id}.c{at}"),
        place: None,
        shown: 0,
        failures: 0,
        retry_at: None,
        lost: None,
    };
    let copies = request.channels.into_iter().enumerate().map(copy).collect();
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let now = clock.now();
    let wait = TimeDelta::from_std(request.expires).unwrap_or(TimeDelta::days(36_500));
    let mut state = State {
        payload,
        subject: request.subject,
        details: request.details,
        policy: request.policy,
        requester: request.requester,
        self_approval: request.self_approval,
        reasons: request.reasons,
        created: now,
        expires: now.checked_add_signed(wait).unwrap_or(now + TimeDelta::days(36_500)),
        on_expiry: request.on_expiry,
        remind_every: request.reminders.map(seconds),
        approve: format!("{id}{}", random()?),
        reject: format!("{id}{}", random()?),
        stage: 0,
        votes: Vec::new(),
        decision: None,
        effect: request.effect.map(|(name, payload)| state::Effect { name, payload, state: Run::Waiting }),
        copies,
        view: 1,
        reminders: 0,
        claim: None,
        audit: Vec::new(),
        id,
    };
    state.note(now, state.requester.clone().as_deref(), "requested", None, None);
    Ok(state)
}

impl fmt::Debug for Approvals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Approvals").finish_non_exhaustive()
    }
}

/// Assembles [`Approvals`].
#[must_use = "a builder does nothing until it starts"]
pub struct Builder {
    poster: Arc<dyn Poster>,
    rows: Arc<dyn Rows>,
    clock: Clock,
    observers: Observers,
    effects: Vec<(String, Arc<dyn Effect>)>,
    effect_time: Duration,
}

impl Builder {
    fn new(poster: Arc<dyn Poster>, rows: Arc<dyn Rows>) -> Self {
        Self {
            poster,
            rows,
            clock: Clock::system(),
            observers: Observers::none(),
            effects: Vec::new(),
            effect_time: Duration::from_secs(600),
        }
    }

    /// Sets where the time comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets who observes.
    pub fn observers(mut self, observers: Observers) -> Self {
        self.observers = observers;
        self
    }

    /// Gives what requests may name to be run. Every process that works on the same store needs all of them.
    pub fn effect(mut self, name: impl Into<String>, effect: impl Effect) -> Self {
        self.effects.push((name.into(), Arc::new(effect)));
        self
    }

    /// Sets the longest an effect may take. Default: ten minutes.
    pub fn effect_time(mut self, time: Duration) -> Self {
        self.effect_time = time;
        self
    }

    /// Starts, and goes on with what earlier processes left open. It has to be called inside a tokio runtime.
    ///
    /// # Errors
    /// `Storage` if the system gives no random numbers.
    pub fn start(self) -> Result<Approvals> {
        let engine = Arc::new(Engine {
            rows: self.rows,
            poster: self.poster,
            clock: self.clock,
            observers: self.observers,
            owner: random()?,
            effects: self.effects,
            effect_time: self.effect_time,
        });
        let poke = Arc::new(Notify::new());
        let (sender, tick) = watch::channel(0);
        let worker = Worker { engine: Arc::clone(&engine), poke: Arc::clone(&poke), tick: sender };
        let worker = tokio::spawn(worker.run());
        Ok(Approvals(Arc::new(Inner { engine, poke, tick, worker })))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").finish_non_exhaustive()
    }
}
