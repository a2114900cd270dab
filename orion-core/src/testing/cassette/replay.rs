//! Replaying.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderName, header};

use super::{
    Redact,
    compare::{differences, same},
    format::{Answered, Asked, Interaction},
};
use crate::{
    Error, ErrorKind, Result,
    http::{Request, Response, Transport},
    testing::Seen,
};

/// A transport that answers from a cassette and opens no connection. A clone is the same replay.
///
/// A request takes the first exchange with its path that was not used yet, and has to be the request recorded there. If it is not, it fails,
/// saying where it differs, the exchange stays unused, and [`assert_done`](Self::assert_done) fails too.
#[derive(Clone)]
pub struct Replay(Arc<Mutex<State>>);

struct State {
    interactions: Vec<(Interaction, bool)>,
    headers: BTreeSet<String>,
    problems: Vec<String>,
}

impl Replay {
    pub(super) fn new(interactions: Vec<Interaction>) -> Self {
        let interactions = interactions.into_iter().map(|interaction| (interaction, false)).collect();
        let headers = BTreeSet::from([header::CONTENT_TYPE.as_str().to_owned()]);
        Self(Arc::new(Mutex::new(State { interactions, headers, problems: Vec::new() })))
    }

    /// Compares this header of each request too, beside `Content-Type`: one that the recording lacks has to be absent.
    #[must_use]
    pub fn header(self, name: &HeaderName) -> Self {
        self.lock().headers.insert(name.as_str().to_owned());
        self
    }

    /// The exchanges that nobody asked for, each as its place in the file, method and path.
    #[must_use]
    pub fn unused(&self) -> Vec<String> {
        let state = self.lock();
        let unused = state.interactions.iter().enumerate().filter(|(_, (_, used))| !used);
        unused.map(|(at, (interaction, _))| format!("{}: {interaction:?}", at + 1)).collect()
    }

    /// Asserts that every request was the one recorded and that every exchange was used.
    ///
    /// # Panics
    /// If not, saying where it differs.
    #[track_caller]
    pub fn assert_done(&self) {
        let problems = self.lock().problems.join("\n");
        assert!(problems.is_empty(), "requests that were not recorded:\n{problems}");
        let unused = self.unused();
        assert!(unused.is_empty(), "exchanges that nobody asked for:\n{}", unused.join("\n"));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, sent: &Asked, shown: &Asked) -> Result<Answered, String> {
        let name = format!("{} {}", shown.method, shown.path);
        let mut on_path = (self.interactions.iter_mut().enumerate())
            .filter(|(_, (interaction, _))| same(&interaction.request.path, &sent.path));
        let Some((at, (interaction, used))) = on_path.find(|(_, (_, used))| !used) else {
            let times =
                self.interactions.iter().filter(|(known, _)| same(&known.request.path, &sent.path)).count();
            return Err(match times {
                0 => format!("{name}: no exchange has this path"),
                times => format!("{name}: all {times} exchanges with this path are used"),
            });
        };
        if differences(&interaction.request, sent, &self.headers).is_empty() {
            *used = true;
            return Ok(interaction.response.clone());
        }
        let found = differences(&interaction.request, shown, &self.headers);
        let found: Vec<String> = found.iter().map(|difference| format!("  {difference}")).collect();
        Err(format!("{name} differs from exchange {}:\n{}", at + 1, found.join("\n")))
    }
}

/// The request as a recording would hold it, for messages, which show no secret.
fn redacted(request: Asked) -> Option<Asked> {
    let response = Answered { status: 0, headers: BTreeMap::new(), body: None };
    let clean = Redact::new().apply(vec![Interaction { request, response }]);
    clean.into_iter().next().map(|interaction| interaction.request)
}

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Response> {
        let sent = Asked::of(&Seen::whole(request, Duration::ZERO).await?);
        let shown = redacted(sent.clone()).unwrap_or_else(|| sent.clone());
        let answer = {
            let mut state = self.lock();
            state.answer(&sent, &shown).inspect_err(|problem| state.problems.push(problem.clone()))
        };
        answer.map_err(|problem| Error::new(ErrorKind::Config, problem))?.play()
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").field("unused", &self.unused()).finish_non_exhaustive()
    }
}
