//! A workspace that can be disturbed, and a store that lets others in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use orion_core::{
    Error, ErrorKind, Fault, Result, Retry,
    rows::{MemoryRows, Row, Rows, Swapped},
};
use serde_json::Value;

use tokio::time::Instant;

use crate::{
    approvals::Effect,
    poster::{Content, Place, Post, Poster},
};

/// When the client gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A message with everything it ever showed.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) channel: String,
    pub(crate) ts: String,
    pub(crate) id: String,
    pub(crate) thread: Option<String>,
    pub(crate) contents: Vec<Content>,
}

impl Shown {
    pub(crate) fn shows(&self, text: &str) -> bool {
        let last = self.contents.last().unwrap();
        format!("{} {}", last.text, Value::from(last.blocks.clone())).contains(text)
    }
}

#[derive(Default)]
struct Inner {
    messages: Vec<Shown>,
    whispers: Vec<String>,
    modals: Vec<Value>,
    groups: BTreeMap<String, Vec<String>>,
    /// The code with which a channel, or each, refuses.
    refuse: Option<(Option<&'static str>, &'static str)>,
    refusals: u32,
    down: bool,
    lose: u32,
    posts: u32,
    effects: BTreeSet<String>,
    runs: u32,
    /// In percent of the calls.
    trouble: u32,
    random: u64,
    paused: bool,
}

/// The workspace. A clone is the same one.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<Inner>>);

impl World {
    pub(crate) fn quiet() -> Self {
        Self::default()
    }

    /// With so many percent of the calls failing in one way or another.
    pub(crate) fn troubled(seed: u64, trouble: u32) -> Self {
        Self(Arc::new(Mutex::new(Inner { trouble, random: seed | 1, ..Inner::default() })))
    }

    /// Polled by hand, every call lets others run.
    pub(crate) fn paused(self) -> Self {
        self.0.lock().unwrap().paused = true;
        self
    }

    pub(crate) fn poster(&self) -> Scripted {
        Scripted(self.clone())
    }

    pub(crate) fn messages(&self) -> Vec<Shown> {
        self.0.lock().unwrap().messages.clone()
    }

    pub(crate) fn whispers(&self) -> Vec<String> {
        self.0.lock().unwrap().whispers.clone()
    }

    pub(crate) fn modals(&self) -> Vec<Value> {
        self.0.lock().unwrap().modals.clone()
    }

    pub(crate) fn group(&self, group: &str, members: &[&str]) {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        self.0.lock().unwrap().groups.insert(group.to_owned(), members);
    }

    pub(crate) fn refuse(&self, code: Option<&'static str>) {
        self.0.lock().unwrap().refuse = code.map(|code| (None, code));
    }

    pub(crate) fn refuse_in(&self, channel: &'static str, code: &'static str) {
        self.0.lock().unwrap().refuse = Some((Some(channel), code));
    }

    pub(crate) fn refusals(&self) -> u32 {
        self.0.lock().unwrap().refusals
    }

    /// Nothing reaches Slack.
    pub(crate) fn down(&self, down: bool) {
        self.0.lock().unwrap().down = down;
    }

    pub(crate) fn delete_all(&self) {
        self.0.lock().unwrap().messages.clear();
    }

    /// Loses the answers of the next posts, which are made.
    pub(crate) fn lose_next(&self, many: u32) {
        self.0.lock().unwrap().lose = many;
    }

    pub(crate) fn calm(&self) {
        self.0.lock().unwrap().trouble = 0;
    }

    /// What was done, and how often it was run.
    pub(crate) fn effects(&self) -> (BTreeSet<String>, u32) {
        let inner = self.0.lock().unwrap();
        (inner.effects.clone(), inner.runs)
    }
}

impl Inner {
    fn roll(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below.max(1)
    }

    /// Whether to do it, and whether to say so.
    fn fate(&mut self) -> (bool, bool) {
        if self.lose > 0 {
            self.lose -= 1;
            return (true, false);
        }
        if self.random == 0 || self.roll(100) >= u64::from(self.trouble) {
            return (true, true);
        }
        match self.roll(2) {
            0 => (true, false),
            _ => (false, false),
        }
    }
}

/// Lets others run.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(
        |_| {
            if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
}

fn ambiguous() -> Error {
    Error::new(ErrorKind::Timeout, "no answer").with_retry(Retry::Never).with_ambiguous()
}

pub(crate) struct Scripted(World);

impl Scripted {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.0.lock().unwrap()
    }

    /// Lets others run where a test polls by hand; a runtime would wait for ever.
    async fn around(&self) {
        let paused = self.inner().paused;
        if paused {
            pause().await;
        }
    }
}

#[async_trait]
impl Poster for Scripted {
    async fn post(&self, post: &Post<'_>) -> Result<Place> {
        let began = Instant::now();
        self.around().await;
        if began.elapsed() >= PATIENCE {
            return Err(ambiguous());
        }
        let place = {
            let mut inner = self.inner();
            if inner.down {
                return Err(Error::new(ErrorKind::Transport, "no connection").with_retry(Retry::Exhausted));
            }
            if let Some((channel, code)) = inner.refuse
                && channel.is_none_or(|channel| channel == post.channel)
            {
                inner.refusals += 1;
                let fault = Fault::new(404, code, "");
                return Err(Error::new(ErrorKind::NotFound, "refused").with_fault(fault));
            }
            let (done, said) = inner.fate();
            inner.posts += 1;
            let ts = format!("{}.000000", inner.posts);
            let place = Place { channel: post.channel.to_owned(), ts: ts.clone() };
            if done {
                inner.messages.push(Shown {
                    channel: post.channel.to_owned(),
                    ts,
                    id: post.id.to_owned(),
                    thread: post.thread.map(str::to_owned),
                    contents: vec![post.content.clone()],
                });
            }
            if !said {
                return Err(ambiguous());
            }
            place
        };
        self.around().await;
        Ok(place)
    }

    async fn update(&self, place: &Place, _: &str, content: &Content) -> Result<()> {
        self.around().await;
        {
            let mut inner = self.inner();
            let (done, said) = inner.fate();
            let Some(message) = inner.messages.iter_mut().find(|one| one.ts == place.ts) else {
                let fault = Fault::new(404, "message_not_found", "");
                return Err(Error::new(ErrorKind::NotFound, "not there").with_fault(fault));
            };
            if done {
                message.contents.push(content.clone());
            }
            if !said {
                return Err(ambiguous());
            }
        }
        self.around().await;
        Ok(())
    }

    async fn find(
        &self,
        channel: &str,
        _: Option<&str>,
        id: &str,
        _: DateTime<Utc>,
    ) -> Result<Option<Place>> {
        self.around().await;
        let mut inner = self.inner();
        if !inner.fate().1 {
            return Err(ambiguous());
        }
        let found = inner.messages.iter().find(|one| one.id == id && one.channel == channel);
        Ok(found.map(|one| Place { channel: channel.to_owned(), ts: one.ts.clone() }))
    }

    async fn whisper(&self, _: &str, user: &str, text: &str) -> Result<()> {
        self.around().await;
        self.inner().whispers.push(format!("{user}: {text}"));
        Ok(())
    }

    async fn open_modal(&self, _: &str, view: &Value) -> Result<()> {
        self.inner().modals.push(view.clone());
        Ok(())
    }

    async fn members(&self, group: &str) -> Result<Vec<String>> {
        Ok(self.inner().groups.get(group).cloned().unwrap_or_default())
    }
}

/// An effect that is told apart by its key.
pub(crate) struct Ledger(pub(crate) World);

#[async_trait]
impl Effect for Ledger {
    async fn run(&self, key: &str, _: &str) -> Result<()> {
        pause().await;
        {
            let mut inner = self.0.0.lock().unwrap();
            inner.effects.insert(key.to_owned());
            inner.runs += 1;
        }
        pause().await;
        Ok(())
    }
}

/// A store that lets others run before and after each access.
pub(crate) struct Paused(pub(crate) MemoryRows);

#[async_trait]
impl Rows for Paused {
    async fn get(&self, space: &str, key: &str) -> Result<Option<Row>> {
        pause().await;
        self.0.get(space, key).await
    }

    async fn list(&self, space: &str, tag: &str) -> Result<Vec<Row>> {
        self.0.list(space, tag).await
    }

    async fn swap(
        &self,
        space: &str,
        key: &str,
        seen: Option<u64>,
        tag: &str,
        value: &str,
    ) -> Result<Swapped> {
        pause().await;
        let swapped = self.0.swap(space, key, seen, tag, value).await;
        pause().await;
        swapped
    }

    async fn remove(&self, space: &str, key: &str) -> Result<()> {
        self.0.remove(space, key).await
    }
}
