//! What `sync` needs beside Orion: its arguments, the org it talks to, a progress bar and the table at the end.

use std::{
    collections::HashMap,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use orion::{
    Error, ErrorKind, Fault, Result, Retry,
    http::Http,
    observe::{Event, Observer, Observers},
    salesforce::{Auth, Config, Salesforce, sandbox::Sandbox},
    sync::{End, Report},
};
use serde_json::{Map, json};

/// What the command line asks for.
pub(crate) struct Args {
    pub(crate) records: usize,
    pub(crate) db: String,
    pub(crate) json: bool,
    pub(crate) live: bool,
}

impl Args {
    pub(crate) fn parse() -> Result<Self> {
        let mut args = Self { records: 10_000, db: "orion.db".to_owned(), json: false, live: false };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| usage(&format!("{word} needs a value")));
            match word.as_str() {
                "--records" => {
                    args.records = value()?.parse().map_err(|_| usage("--records needs a number"))?
                }
                "--db" => args.db = value()?,
                "--json" => args.json = true,
                "--live" => args.live = true,
                _ => return Err(usage(&format!("{word} is not known"))),
            }
        }
        Ok(args)
    }
}

fn usage(problem: &str) -> Error {
    let message = format!("{problem}; usage: sync [--records N] [--db PATH|postgres://…] [--json] [--live]");
    Error::new(ErrorKind::Config, message)
}

/// The org: simulated in process, or a real one.
pub(crate) enum Org {
    Sandbox(Box<Sandbox>),
    Live,
}

impl Org {
    pub(crate) async fn start(args: &Args) -> Result<Self> {
        if args.live {
            return Ok(Self::Live);
        }
        let sandbox = Sandbox::builder().records(args.records).start().await.map_err(|source| {
            Error::new(ErrorKind::Transport, "the sandbox cannot listen on 127.0.0.1").with_source(source)
        })?;
        Ok(Self::Sandbox(Box::new(sandbox)))
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Sandbox(sandbox) => sandbox.base_url(),
            Self::Live => "the org",
        }
    }

    pub(crate) fn connect(&self, observers: Observers) -> Result<Salesforce> {
        let (login_url, client_id, client_secret) = match self {
            Self::Sandbox(sandbox) => (
                sandbox.base_url().to_owned(),
                sandbox.client_id().to_owned(),
                sandbox.client_secret().to_owned(),
            ),
            Self::Live => (env("SF_LOGIN_URL")?, env("SF_CLIENT_ID")?, env("SF_CLIENT_SECRET")?),
        };
        let login_url = url::Url::parse(&login_url).map_err(|source| {
            Error::new(ErrorKind::Config, "the login address is no URL").with_source(source)
        })?;
        let auth = Auth::ClientCredentials { client_id, client_secret: client_secret.into() };
        Salesforce::builder(Config::new(login_url, auth), Http::new()?).observers(observers).build()
    }

    pub(crate) fn may_write(&self) -> bool {
        matches!(self, Self::Sandbox(_)) || env("SF_WRITE").is_ok_and(|value| value == "1")
    }

    /// Somebody else changes one account and deletes one lead in a hundred. A real org's people do that themselves.
    pub(crate) fn change_some(&self) -> Result<()> {
        let Self::Sandbox(sandbox) = self else { return Ok(()) };
        let refused =
            |refusal| Error::new(ErrorKind::Rejected, format!("the sandbox refused a change: {refusal:?}"));
        let ids = |object: &str| -> Result<Vec<String>> {
            let rows = sandbox.query(&format!("SELECT Id FROM {object}")).map_err(refused)?;
            Ok(rows.iter().filter_map(|row| row["Id"].as_str().map(str::to_owned)).collect())
        };
        // Others than last time, if this is not the first run.
        let since_1970 = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let turn = usize::try_from(since_1970.as_millis() % 100).unwrap_or(0);
        for id in ids("Account")?.iter().skip(turn).step_by(100) {
            let fields = Map::from_iter([("Description".to_owned(), json!("changed at the source"))]);
            sandbox.update("Account", id, &fields).map_err(refused)?;
        }
        for id in ids("Lead")?.iter().skip(turn).step_by(100) {
            sandbox.delete("Lead", id).map_err(refused)?;
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "an example is the host, which may read its environment")]
fn env(name: &str) -> Result<String> {
    std::env::var(name)
        .map_err(|_| Error::new(ErrorKind::Config, format!("--live needs {name} in the environment")))
}

/// Tells of an error in a sentence, with what led to it and what to do about it, and says so to the shell.
pub(crate) fn exit(result: Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    let mut sentence = format!("error: {error}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        sentence.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    if let Some(message) = error.fault().map(Fault::message).filter(|message| !message.is_empty()) {
        sentence.push_str(&format!(" (the vendor says: {message})"));
    }
    eprintln!("{sentence}\n{}", remedy(&error));
    ExitCode::FAILURE
}

/// What `docs/errors.md` advises, in this program's words.
fn remedy(error: &Error) -> &'static str {
    match (error.kind(), error.retry()) {
        (ErrorKind::Auth, _) => "check the client id and secret, and that the app may use this flow",
        (ErrorKind::Forbidden, _) => "grant the user or the app what it lacks, then run this again",
        (ErrorKind::Config | ErrorKind::Unsupported, _) => "correct it and run this again",
        (ErrorKind::Storage, _) => {
            "see to the database, or name another with --db; what was committed is kept"
        }
        (ErrorKind::Transport | ErrorKind::Timeout, _) => {
            "check the address and the network; the next run goes on where this one stopped"
        }
        (_, Retry::Never) => "look into it; the next run goes on where this one stopped",
        _ => "run this again later: it goes on where it stopped",
    }
}

/// Ctrl-C: the run stops after the batch it is at, and the next one goes on there.
pub(crate) async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Counts API calls.
#[derive(Default)]
pub(crate) struct Meter {
    calls: AtomicU64,
}

impl Observer for Meter {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Attempt { .. }) {
            self.calls.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// One bar per stream, on a terminal.
pub(crate) struct Progress {
    all: MultiProgress,
    bars: Mutex<HashMap<String, ProgressBar>>,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        Self { all: MultiProgress::with_draw_target(target), bars: Mutex::default() }
    }

    pub(crate) fn say(&self, text: &str) {
        // Nobody is left to tell when the terminal is gone.
        drop(self.all.println(text));
    }

    pub(crate) fn clear(&self) {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner).clear();
        drop(self.all.clear());
    }
}

impl Observer for Progress {
    fn event(&self, event: &Event<'_>) {
        let Event::Committed { stream, phase, read, total, .. } = event else { return };
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(stream.object.to_string()).or_insert_with(|| {
            let style = ProgressStyle::with_template("{prefix:>24} {bar:32} {pos}/{len} {per_sec}");
            self.all
                .add(ProgressBar::new(0))
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_prefix(format!("{} {phase}", stream.object));
        bar.set_length(total.unwrap_or(*read));
        bar.set_position(*read);
    }
}

/// Prints what was done, as a table, or as one JSON object.
pub(crate) fn report(args: &Args, meter: &Meter, elapsed: Duration, passes: &[Report], loaded: u64) {
    let (seconds, calls) = (elapsed.as_secs_f64(), meter.calls.load(Ordering::Relaxed));
    let counts = |pass: usize| passes.get(pass).map(Report::counts).unwrap_or_default();
    let (a, b) = (counts(0), counts(1));
    let (peak, cpu) = (peak_rss(), cpu_seconds());
    let dead = a.rejected + b.rejected;
    for (stream, error) in passes.iter().flat_map(Report::errors) {
        eprintln!("{stream}: {error}");
    }
    if args.json {
        let line = json!({
            "records": a.read, "changes": b.upserts, "deletes": b.deletes, "dead_letters": dead, "loaded": loaded,
            "api_calls": calls, "seconds": seconds, "cpu_seconds": cpu, "peak_rss_bytes": peak,
        });
        return println!("{line}");
    }
    println!("{}", table(passes));
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let rate = (a.read + b.read) as f64
        / passes.iter().flat_map(|pass| &pass.streams).map(|s| s.elapsed.as_secs_f64()).fold(0.001, f64::max);
    println!(
        "{loaded} customers upserted in bulk, {calls} API calls, {seconds:.2} s, {rate:.0} records/s, peak memory {} MiB",
        peak >> 20
    );
    println!(
        "the records are in {}: try `sqlite3 {} 'select display_name, website from customers limit 5'`",
        args.db, args.db
    );
}

/// A row per stream and pass.
fn table(passes: &[Report]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header([
        "stream",
        "pass",
        "read",
        "changes",
        "deletes",
        "dead letters",
        "seconds",
        "",
    ]);
    for outcome in passes.iter().flat_map(|pass| &pass.streams) {
        let counts = outcome.counts;
        let end = match &outcome.end {
            End::Complete => "",
            End::Stopped => "stopped: run again to go on",
            End::Failed(_) => "failed",
        };
        table.add_row([
            outcome.stream.object.to_string(),
            outcome.phase.to_owned(),
            counts.read.to_string(),
            counts.upserts.to_string(),
            counts.deletes.to_string(),
            counts.rejected.to_string(),
            format!("{:.2}", outcome.elapsed.as_secs_f64()),
            end.to_owned(),
        ]);
    }
    table.column_iter_mut().skip(2).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    table
}

/// The most memory this process has used, in bytes; 0 where the system does not say.
fn peak_rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// CPU time of this process, the simulated org's included; 0 where the system does not say.
fn cpu_seconds() -> f64 {
    // User and system time, in hundredths of a second, are the 14th and 15th field (proc(5)); the second is a name in parentheses.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    let hundredths: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(hundredths * 10).as_secs_f64()
}
