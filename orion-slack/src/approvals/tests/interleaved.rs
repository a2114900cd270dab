//! Ten thousand histories (in an unoptimised build one in ten of them, for they take minutes there). Each is a seed: two processes over one store, deciders, strangers and double clicks, crashes at any await, answers
//! that get lost, time that passes. Whatever happens, the outcome is the policy's, once.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use orion_core::{Clock, observe::Observers, rows::MemoryRows, testing};

use crate::approvals::{
    Choice, Outcome, Policy, Reasons, Request,
    click::Click,
    engine::{Engine, OPEN, SPACE, read, write},
    policy::Need,
    prepare, render,
    state::{Next, State},
    take,
};
use crate::poster::world::{Ledger, Paused, World};
use orion_core::rows::Rows;

const HISTORIES: u64 = 10_000;
const STRIDE: usize = if cfg!(debug_assertions) { 10 } else { 1 };
const PEOPLE: [&str; 6] = ["U1", "U2", "U3", "U4", "U5", "U9"];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Process {
    engine: Arc<Engine>,
    /// The first is the step that is taken, the others are clicks.
    step: Option<Task>,
    clicks: Vec<Task>,
}

struct History {
    dice: Dice,
    world: World,
    rows: MemoryRows,
    clock: Clock,
    processes: Vec<Process>,
    crashes: u32,
}

fn request(dice: &mut Dice) -> Request {
    let policy = match dice.roll(5) {
        0 => Policy::any(["U1", "U2"]),
        1 => Policy::all(["U1", "U2", "U5"]),
        2 => Policy::at_least(2, ["U1", "U2", "U3", "U5"]),
        3 => Policy::any(["U1", "U2"]).then(Policy::all(["U2", "U3"])),
        _ => Policy::at_least(2, ["U1", "U2", "U3"]).then(Policy::any(["U4"])),
    };
    let expiry = *dice.pick(&[Outcome::Expired, Outcome::Expired, Outcome::Rejected, Outcome::Approved]);
    Request::new("C1", "write back", policy)
        .also_in("C2")
        .key("k")
        .requested_by("U5")
        .reasons(Reasons::Never)
        .expires_after(Duration::from_secs(300))
        .on_expiry(expiry)
        .then_run("ledger", "p")
}

impl History {
    fn new(seed: u64, clock: &Clock) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(7));
        let world = World::troubled(dice.roll(u64::from(u32::MAX)), 20).paused();
        let rows = MemoryRows::new();
        let mut history = Self { dice, world, rows, clock: clock.clone(), processes: Vec::new(), crashes: 0 };
        history.processes = (0..2).map(|_| history.process()).collect();
        history
    }

    fn process(&mut self) -> Process {
        let engine = Engine {
            rows: Arc::new(Paused(self.rows.clone())),
            poster: Arc::new(self.world.poster()),
            clock: self.clock.clone(),
            observers: Observers::none(),
            owner: format!("p{}", self.dice.roll(u64::MAX)),
            effects: vec![("ledger".to_owned(), Arc::new(Ledger(self.world.clone())))],
            effect_time: Duration::from_secs(600),
        };
        Process { engine: Arc::new(engine), step: None, clicks: Vec::new() }
    }

    fn step(&mut self, at: usize, id: &str) {
        let process = &mut self.processes[at];
        if process.step.is_none() {
            let (engine, id) = (Arc::clone(&process.engine), id.to_owned());
            process.step = Some(Box::pin(async move { drop(engine.advance(&id).await) }));
        }
    }

    fn click(&mut self, at: usize, state: &State) {
        let user = (*self.dice.pick(&PEOPLE)).to_owned();
        let choice = if self.dice.roll(3) == 0 { Choice::Reject } else { Choice::Approve };
        let token = if choice == Choice::Approve { &state.approve } else { &state.reject };
        let click = Click {
            user,
            choice,
            token: token.clone(),
            channel: Some("C1".to_owned()),
            trigger: None,
            reason: None,
            action_ts: Some(self.dice.roll(1_000).to_string()),
        };
        // One in three is delivered twice, perhaps to different processes.
        let twice = self.dice.roll(3) == 0;
        let other = usize::try_from(self.dice.roll(2)).unwrap();
        for at in std::iter::once(at).chain(twice.then_some(other)) {
            let (engine, click) = (Arc::clone(&self.processes[at].engine), click.clone());
            self.processes[at].clicks.push(Box::pin(async move { drop(take(&engine, click).await) }));
        }
    }

    fn poll(&mut self, at: usize) {
        let mut context = Context::from_waker(Waker::noop());
        let process = &mut self.processes[at];
        let which = usize::try_from(self.dice.roll(process.clicks.len() as u64 + 1)).unwrap();
        if which == process.clicks.len() {
            if process.step.as_mut().is_some_and(|step| step.as_mut().poll(&mut context).is_ready()) {
                process.step = None;
            }
        } else if process.clicks[which].as_mut().poll(&mut context).is_ready() {
            drop(process.clicks.swap_remove(which));
        }
    }

    async fn disturbed(&mut self, id: &str, asked: &State) {
        for _ in 0..150 {
            let at = usize::try_from(self.dice.roll(2)).unwrap();
            match self.dice.roll(40) {
                0 => {
                    self.processes[at] = self.process();
                    self.crashes += 1;
                }
                1 => {
                    let seconds = self.dice.roll(60);
                    tokio::time::advance(Duration::from_secs(seconds)).await;
                }
                2..5 => self.click(at, asked),
                5..12 => self.step(at, id),
                _ => self.poll(at),
            }
        }
    }

    /// The next process finds what is left, and nothing disturbs it.
    async fn settled(&mut self, id: &str) -> State {
        self.world.calm();
        self.processes = vec![self.process()];
        for _ in 0..200 {
            let engine = Arc::clone(&self.processes[0].engine);
            let mut step: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(engine.advance(id));
            let next = loop {
                let mut context = Context::from_waker(Waker::noop());
                if let std::task::Poll::Ready(next) = step.as_mut().poll(&mut context) {
                    break next.unwrap();
                }
            };
            match next {
                Next::Now(_) => {}
                Next::At(at) => {
                    let wait = (at - self.clock.now()).to_std().unwrap_or_default();
                    tokio::time::advance(wait + Duration::from_millis(1)).await;
                }
                Next::Nothing => break,
            }
        }
        read(&self.rows.get(SPACE, id).await.unwrap().unwrap()).unwrap()
    }
}

/// What the policy says to the votes that were counted, reckoned in the plainest way.
fn judged(state: &State) -> Outcome {
    let votes = state.audit.iter().filter(|entry| matches!(&*entry.what, "approve" | "reject"));
    let mut votes = votes.map(|entry| {
        assert!(entry.at < state.expires, "counted too late");
        (entry.user.clone().unwrap(), entry.what == "approve")
    });
    for stage in state.policy.stages() {
        let deciders: Vec<&String> = stage.deciders.iter().filter(|user| *user != "U5").collect();
        let mut said: BTreeMap<String, bool> = BTreeMap::new();
        loop {
            let Some((user, yes)) = votes.next() else { return state.on_expiry };
            assert!(deciders.contains(&&user), "counted for somebody who may not decide");
            assert_ne!(said.insert(user, yes), Some(yes), "the same vote counted twice");
            let ayes = said.values().filter(|yes| **yes).count();
            let nays = said.len() - ayes;
            let (passed, refused) = match stage.need {
                Need::Any => (ayes == 1, nays == 1),
                Need::All => (ayes == deciders.len(), nays == 1),
                Need::AtLeast(many) => (ayes >= many as usize, deciders.len() - nays < many as usize),
            };
            if refused {
                assert_eq!(votes.next(), None, "counted after the decision");
                return Outcome::Rejected;
            }
            if passed {
                break;
            }
        }
    }
    assert_eq!(votes.next(), None, "counted after the decision");
    Outcome::Approved
}

fn examine(seed: u64, history: &History, state: &State) {
    let outcome = state.decision.as_ref().unwrap().outcome;
    assert_eq!(outcome, judged(state), "seed {seed}");
    let (effects, runs) = history.world.effects();
    assert_eq!(effects.len(), usize::from(outcome == Outcome::Approved), "seed {seed}: one side effect");
    // The last process follows a crash too.
    assert!(runs <= history.crashes + 3, "seed {seed}");
    let told = |what: &str| state.audit.iter().filter(|entry| entry.what == what).count();
    assert_eq!(told("executed"), effects.len(), "seed {seed}: executed once as far as anybody can see");
    assert_eq!(told("decided"), 1, "seed {seed}");
    assert!(state.is_closed(), "seed {seed}: {state:?}");
    let last = render::content(state);
    let messages = history.world.messages();
    for copy in &state.copies {
        let shown: Vec<_> = messages.iter().filter(|one| one.id == copy.id).collect();
        assert_eq!(shown.len(), 1, "seed {seed}: one message per idempotency id");
        let contents = &shown[0].contents;
        assert_eq!(contents.last(), Some(&last), "seed {seed}");
        let first = contents.iter().position(|content| *content == last).unwrap();
        assert!(contents[first..].iter().all(|content| *content == last), "seed {seed}: one final rendering");
        assert!(!shown[0].shows("\"actions\""), "seed {seed}: no button is left");
    }
    assert_eq!(messages.len(), state.copies.len(), "seed {seed}");
}

#[test]
fn ten_thousand_interleavings_end_in_the_verdict_of_the_policy_once() {
    let mut outcomes: BTreeMap<String, u32> = BTreeMap::new();
    testing::run(async {
        let clock = testing::clock();
        for seed in (0..HISTORIES).step_by(STRIDE) {
            let mut history = History::new(seed, &clock);
            let asked = prepare(request(&mut history.dice), &clock).unwrap();
            let value = write(&asked).unwrap();
            history.rows.swap(SPACE, &asked.id, None, OPEN, &value).await.unwrap();
            history.disturbed(&asked.id, &asked).await;
            let state = history.settled(&asked.id).await;
            examine(seed, &history, &state);
            let outcome = state.decision.as_ref().unwrap().outcome;
            *outcomes.entry(format!("{outcome:?}")).or_default() += 1;
        }
    });
    assert!(outcomes.len() == 3 && outcomes.values().all(|many| *many > 50), "{outcomes:?}");
}
