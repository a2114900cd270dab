//! Ten thousand runs of processes that renew against each other, fail and die at every step, against a vendor that rotates refresh tokens
//! and revokes everything when a used one comes again.
//!
//! A process is a session with its own way to the store and the vendor; it dies by never getting an answer again. All of it follows from
//! the seed, on a paused clock.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fastrand::Rng;
use futures::{StreamExt, future::pending, stream::FuturesUnordered};
use orion_core::{
    Error, ErrorKind, Result,
    auth::{AccountKey, Leased, MemoryTokenStore, Session, Stored, Swap, TokenSet, TokenStore},
    http::{Client, Request, Response, Transport},
};
use secrecy::ExposeSecret;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use crate::vendor::{self, BASE, Fate, Vendor, clock, key};

/// What may happen in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum World {
    /// Nothing fails and nobody dies: no more is refreshed than has ended.
    Calm,
    /// The vendor lets the old refresh token work for a while: anything may fail and anybody die, at any step.
    Lenient,
    /// It does not: then nobody dies, and no answer is lost, between its answer and the store.
    Strict,
    /// It does not, and they do: the account may have to be authorised again, but nobody goes round in circles.
    Cruel,
}

/// A process, and how it fares.
struct Life {
    rng: Mutex<Rng>,
    world: World,
    /// Steps until it dies.
    left: Mutex<u32>,
    dead: AtomicBool,
    death: Notify,
    /// Until when its store cannot be reached.
    down: Mutex<Option<Instant>>,
    /// What a caller was told that nobody should be.
    told: Mutex<Option<String>>,
    /// It holds tokens that exist nowhere else.
    critical: AtomicBool,
    /// The run is over: nothing fails any more.
    calm: Arc<AtomicBool>,
}

impl Life {
    fn chance(&self, percent: u32) -> bool {
        let calm = self.world == World::Calm || self.calm.load(Ordering::Relaxed);
        !calm && self.rng.lock().unwrap().u32(0..100) < percent
    }

    /// Whether its store fails now: once, or as the start of an outage.
    fn store_fails(&self) -> bool {
        let mut down = self.down.lock().unwrap();
        if self.chance(2) {
            let outage = self.rng.lock().unwrap().u64(5_000..25_000);
            *down = Some(Instant::now() + Duration::from_millis(outage));
        }
        let outage = down.is_some_and(|until| until > Instant::now()) && !self.calm.load(Ordering::Relaxed);
        outage || self.chance(8)
    }

    /// One step: it takes a while, and may be the last.
    async fn step(&self) {
        let wait = Duration::from_millis(self.rng.lock().unwrap().u64(0..30));
        sleep(wait).await;
        let spared = self.calm.load(Ordering::Relaxed)
            || self.world == World::Strict && self.critical.load(Ordering::Relaxed);
        {
            let mut left = self.left.lock().unwrap();
            *left = left.saturating_sub(1);
            if *left == 0 && !spared {
                self.dead.store(true, Ordering::Relaxed);
                self.death.notify_one();
            }
        }
        if self.dead.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }
}

/// The way of one process to the store.
struct Store {
    life: Arc<Life>,
    store: Arc<MemoryTokenStore>,
}

impl Store {
    /// Does `work`, or fails before or after it.
    async fn fares<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let failed = || Error::new(ErrorKind::Storage, "the store failed");
        self.life.step().await;
        if self.life.store_fails() {
            return Err(failed());
        }
        let result = work.await;
        self.life.step().await;
        if self.life.chance(8) { Err(failed()) } else { result }
    }
}

#[async_trait]
impl TokenStore for Store {
    async fn load(&self, key: &AccountKey) -> Result<Option<Stored>> {
        self.fares(self.store.load(key)).await
    }

    async fn swap(&self, key: &AccountKey, seen: Option<u64>, tokens: &TokenSet) -> Result<Swap> {
        self.fares(async {
            let swap = self.store.swap(key, seen, tokens).await;
            self.life.critical.store(false, Ordering::Relaxed);
            swap
        })
        .await
    }

    async fn lease(&self, key: &AccountKey, holder: &str, ttl: Duration) -> Result<Leased> {
        self.fares(self.store.lease(key, holder, ttl)).await
    }

    async fn release(&self, key: &AccountKey, holder: &str) -> Result<()> {
        self.fares(self.store.release(key, holder)).await
    }

    async fn remove(&self, key: &AccountKey) -> Result<()> {
        self.fares(self.store.remove(key)).await
    }
}

/// The way of one process to the vendor.
struct Wire {
    life: Arc<Life>,
    vendor: Vendor,
}

impl Wire {
    fn fate(&self) -> Fate {
        match self.life.world {
            _ if !self.life.chance(20) => Fate::Answered,
            World::Strict if self.life.chance(50) => Fate::Lost,
            World::Lenient | World::Cruel if self.life.chance(50) => Fate::AnswerLost,
            _ => Fate::Unreachable,
        }
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<Response> {
        let refresh = request.url.path() == "/token";
        self.life.step().await;
        let fate = self.fate();
        if refresh && fate == Fate::Answered {
            // From here on nobody knows when the vendor acts.
            self.life.critical.store(true, Ordering::Relaxed);
        }
        let response = self.vendor.carry(request, fate).await;
        if refresh && response.as_ref().map_or(true, |response| !response.status.is_success()) {
            self.life.critical.store(false, Ordering::Relaxed);
        }
        self.life.step().await;
        response
    }
}

struct Process {
    life: Arc<Life>,
    session: Session,
    client: Client,
}

impl Process {
    fn start(run: &Run, rng: &mut Rng, steps: u32) -> Self {
        let life = Arc::new(Life {
            rng: Mutex::new(rng.fork()),
            world: run.world,
            left: Mutex::new(steps),
            dead: AtomicBool::new(false),
            death: Notify::new(),
            down: Mutex::default(),
            told: Mutex::default(),
            critical: AtomicBool::new(false),
            calm: Arc::clone(&run.calm),
        });
        let wire = || Wire { life: Arc::clone(&life), vendor: run.vendor.clone() };
        let store = Store { life: Arc::clone(&life), store: Arc::clone(&run.store) };
        let session = vendor::session(BASE, &clock(), wire()).store(Arc::new(store)).build();
        let client = vendor::client(&session, wire());
        Self { life, session, client }
    }

    async fn call(&self) -> Result<()> {
        self.client.get("/resource", "resource").send().await.map(drop)
    }

    /// Failures are part of the unrest, but only the cruel world refuses a grant.
    fn judge(&self, result: Result<()>) {
        let refused = |error: &Error| error.fault().is_some_and(|fault| &*fault.code == "invalid_grant");
        if let Some(error) = result.err().filter(refused)
            && self.life.world != World::Cruel
        {
            *self.life.told.lock().unwrap() = Some(error.to_string());
        }
    }

    /// Calls now and then, until it is done or dead.
    async fn live(&self, mut rng: Rng) {
        let callers = (0..rng.u32(1..3)).map(|_| {
            let mut rng = rng.fork();
            async move {
                for _ in 0..rng.u32(1..3) {
                    sleep(Duration::from_millis(rng.u64(0..3_000))).await;
                    self.judge(self.call().await);
                }
            }
        });
        tokio::select! {
            () = together(callers) => {}
            () = self.life.death.notified() => {}
        }
    }
}

/// Waits for all of them, and wakes only those that have something to do.
async fn together(futures: impl Iterator<Item = impl Future<Output = ()>>) {
    futures.collect::<FuturesUnordered<_>>().collect::<Vec<()>>().await;
}

struct Run {
    world: World,
    vendor: Vendor,
    store: Arc<MemoryTokenStore>,
    calm: Arc<AtomicBool>,
}

impl Run {
    async fn unrest(&self, rng: &mut Rng) -> std::result::Result<(), String> {
        let processes: Vec<Process> = (0..rng.u32(2..4))
            .map(|_| {
                let mortal = self.world != World::Calm && rng.bool();
                let steps = if mortal { rng.u32(1..60) } else { u32::MAX };
                Process::start(self, rng, steps)
            })
            .collect();
        let lives: Vec<Rng> = processes.iter().map(|_| rng.fork()).collect();
        let lives = processes.iter().zip(lives).map(|(process, rng)| process.live(rng));
        tokio::join!(together(lives), self.weather(rng.fork()));
        // Those still alive come to rest: what waits in their memory is saved with the next call.
        self.calm.store(true, Ordering::Relaxed);
        for process in processes.iter().filter(|process| !process.life.dead.load(Ordering::Relaxed)) {
            process.session.settled().await;
            process.judge(process.call().await);
        }
        let told = processes.iter().find_map(|process| process.life.told.lock().unwrap().take());
        told.map_or(Ok(()), |told| Err(format!("a caller was told: {told}")))
    }

    /// Access tokens end, and now and then a person consents again, without asking who renews.
    async fn weather(&self, mut rng: Rng) {
        for _ in 0..rng.u32(0..4) {
            sleep(Duration::from_millis(rng.u64(0..3_000))).await;
            if rng.u32(0..10) > 0 {
                self.vendor.expire();
                continue;
            }
            let tokens = self.vendor.consent();
            let mut seen = self.store.load(&key()).await.unwrap().map(|stored| stored.version);
            while let Swap::Lost(theirs) = self.store.swap(&key(), seen, &tokens).await.unwrap() {
                seen = theirs.map(|stored| stored.version);
            }
        }
    }

    async fn ends_well(&self, rng: &mut Rng) -> std::result::Result<(), String> {
        self.vendor.expire();
        // Leases of the dead have run out by then.
        sleep(Duration::from_secs(120)).await;
        let last = Process::start(self, rng, u32::MAX);
        let (result, revoked) = (last.call().await, self.vendor.model().revoked);
        let stored = self.store.load(&key()).await.unwrap().unwrap();
        let held = stored.tokens.refresh.unwrap().expose_secret().to_owned();
        let (good, asked, spent) = {
            let model = self.vendor.model();
            let good = format!("planted-refresh-{}-{}", model.family, model.generation);
            // The first one had ended before the run began.
            (good, model.asked, model.issued > model.ended + 1)
        };
        match (self.world, result) {
            _ if asked > 60 => Err(format!("asked {asked} times")),
            (World::Calm, _) if spent => Err(format!("asked {asked} times")),
            (World::Calm | World::Lenient | World::Strict, Ok(())) if !revoked && held == good => Ok(()),
            (World::Cruel, Ok(())) if held == good => Ok(()),
            (World::Cruel, Err(error)) if error.kind() == ErrorKind::Auth => {
                if !error.to_string().contains("authorise the account again") {
                    return Err(format!("unclear: {error}"));
                }
                drop(last.call().await);
                sleep(Duration::from_secs(3_600)).await;
                drop(last.call().await);
                let later = self.vendor.asked();
                if later == asked { Ok(()) } else { Err(format!("asked again: {later} for {asked}")) }
            }
            (_, result) => Err(format!("{result:?}, revoked: {revoked}, held {held}, good {good}")),
        }
    }
}

fn run(seed: u64, world: World) -> std::result::Result<(), String> {
    let mut rng = Rng::with_seed(seed);
    // The retry layer's jitter.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let vendor = Vendor::new();
        vendor.model().grace = world == World::Lenient;
        vendor.model().latency = Duration::from_millis(40);
        let run = Run { world, vendor, store: Arc::default(), calm: Arc::default() };
        run.store.swap(&key(), None, &run.vendor.stale_tokens()).await.unwrap();
        run.unrest(&mut rng).await?;
        run.ends_well(&mut rng).await
    })
}

fn all_end_well(world: World, seeds: std::ops::Range<u64>) {
    let failed: Vec<String> =
        seeds.filter_map(|seed| run(seed, world).err().map(|what| format!("seed {seed}: {what}"))).collect();
    assert!(failed.is_empty(), "{} runs ended badly, the first: {}", failed.len(), failed[0]);
}

#[test]
fn processes_refresh_no_more_than_has_ended() {
    all_end_well(World::Calm, 0..2_000);
}

#[test]
fn no_rotation_is_lost_where_the_old_token_works_on() {
    all_end_well(World::Lenient, 2_000..5_000);
}

#[test]
fn no_rotation_is_lost_where_it_reaches_a_process_that_lives() {
    all_end_well(World::Strict, 5_000..8_000);
}

#[test]
fn a_lost_rotation_ends_in_a_clear_error_and_no_loop() {
    all_end_well(World::Cruel, 8_000..10_000);
}
