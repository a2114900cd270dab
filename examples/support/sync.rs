//! What `sync` needs beside Orion: its arguments, what it talks to, a progress bar and the table at the end.

mod sources;

use std::{
    collections::HashMap,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use orion::{
    Error, ErrorKind, Fault, Model, Read, Result, Retry,
    observe::{Event, Observer},
    sync::{End, Plan, Report, SqlDestination},
};
use serde_json::json;

pub(crate) use sources::Sources;

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

/// What is read from where into what.
pub(crate) fn plan<M: Model, A: Read<M>>(from: &Arc<A>, to: &SqlDestination, object: &str) -> Plan<M, A> {
    Plan::new(Arc::clone(from), to.clone()).object(object)
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
        let bar = bars.entry(format!("{} {}", stream.adapter, stream.object)).or_insert_with(|| {
            let style = ProgressStyle::with_template("{prefix:>36} {bar:32} {pos}/{len} {per_sec}");
            self.all
                .add(ProgressBar::new(0))
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_prefix(format!("{} {} {phase}", stream.adapter, stream.object));
        bar.set_length(total.unwrap_or(*read));
        bar.set_position(*read);
    }
}

/// Prints what was done, as a table, or as one JSON object. An error is the first that ended a stream.
pub(crate) fn report(
    args: &Args,
    meter: &Meter,
    elapsed: Duration,
    passes: &[Report],
    loaded: u64,
) -> Result<()> {
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
        println!("{line}");
    } else {
        println!("{}", table(passes));
        #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
        let rate = (a.read + b.read) as f64
            / passes
                .iter()
                .flat_map(|pass| &pass.streams)
                .map(|s| s.elapsed.as_secs_f64())
                .fold(0.001, f64::max);
        println!(
            "{loaded} customers upserted in bulk, {calls} API calls, {seconds:.2} s, {rate:.0} records/s, peak memory {} MiB",
            peak >> 20
        );
        println!(
            "the records are in {}: try `sqlite3 {} 'select display_name, website from customers limit 5'`",
            args.db, args.db
        );
    }
    match passes.iter().flat_map(Report::errors).next() {
        Some((_, error)) => Err(error.clone()),
        None => Ok(()),
    }
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
            format!("{} {}", outcome.stream.adapter, outcome.stream.object),
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
