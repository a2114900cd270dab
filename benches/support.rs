//! What the Rust clients of the comparisons share: the cost of one operation, and running each client in a process of its own.

#![allow(dead_code, reason = "each benchmark uses its own part of it")]

use std::{
    fs, io,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

/// CPU time of this process, user and system, in seconds: of threads that have ended too. The system counts it in hundredths.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, which is in parentheses, may hold spaces. utime and stime are the 14th and 15th field (proc(5)).
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    let hundredths: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    std::time::Duration::from_millis(hundredths * 10).as_secs_f64()
}

/// A field of this process's memory, in bytes: `VmRSS`, or the peak, `VmHWM`.
pub(crate) fn memory(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    kib.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Runs an operation that returns how many records it handled, and says what it cost.
pub(crate) async fn measure<F: Future<Output = usize>>(
    peer: &str,
    case: &str,
    records: usize,
    operation: F,
) -> Value {
    // The peak is the operation's own: reset it first.
    if let Err(error) = fs::write("/proc/self/clear_refs", "5") {
        return json!({"peer": peer, "error": format!("the peak memory cannot be reset: {error}")});
    }
    let (idle, cpu, began) = (memory("VmRSS"), cpu_seconds(), std::time::Instant::now());
    let found = operation.await;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    if found != records {
        return json!({"peer": peer, "error": format!("{found} records, wanted {records}")});
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let rate = (records as f64 / cpu).round();
    json!({
        "peer": peer,
        "case": case,
        "records": records,
        "seconds": round(seconds),
        "cpu_seconds": round(cpu),
        "records_per_cpu_second": rate,
        "idle_rss_bytes": idle,
        "peak_rss_bytes": memory("VmHWM"),
    })
}

fn round(seconds: f64) -> f64 {
    (seconds * 10_000.0).round() / 10_000.0
}

/// Runs a client and returns the JSON object on the last line it prints.
fn client(command: &mut Command) -> io::Result<Value> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    let figures: Value = serde_json::from_str(line).map_err(|_| {
        io::Error::other(format!("{command:?} ended with {:?} and printed {line:?}", output.status))
    })?;
    match figures.get("error") {
        Some(error) => Err(io::Error::other(format!("{command:?}: {error}"))),
        None => Ok(figures),
    }
}

/// Runs this executable again as the client called `name`.
fn own_client(name: &str, port: u16, records: usize) -> io::Result<Value> {
    let mut command = Command::new(std::env::current_exe()?);
    client(command.args(["--client", name, "--port", &port.to_string(), "--records", &records.to_string()]))
}

/// The client this process is to be, with the server's port, if it was started by [`own_client`].
pub(crate) fn wanted_client() -> Option<(String, u16)> {
    let argument = |name: &str| std::env::args().skip_while(|argument| argument != name).nth(1);
    Some((argument("--client")?, argument("--port")?.parse().ok()?))
}

/// Of several runs, the one in the middle by CPU time.
fn median(mut runs: Vec<Value>) -> Option<Value> {
    runs.sort_by(|a, b| cpu_of(a).total_cmp(&cpu_of(b)));
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}

fn cpu_of(run: &Value) -> f64 {
    run["cpu_seconds"].as_f64().unwrap_or(f64::INFINITY)
}

/// A client in another language: its name in the summary, and how it is run on the server at this port.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    program: &'static str,
    script: &'static str,
    case: Option<&'static str>,
}

/// simple-salesforce, by `case`: `query` or `bulk`.
pub(crate) const fn simple_salesforce(case: &'static str) -> Peer {
    let script = "benches/peers/simple_salesforce_bench.py";
    Peer { name: "simple-salesforce", program: PYTHON, script, case: Some(case) }
}

/// jsforce, by `case`: `query` or `bulk`.
pub(crate) const fn jsforce(case: &'static str) -> Peer {
    Peer { name: "jsforce", program: "node", script: "benches/peers/jsforce_bench.cjs", case: Some(case) }
}

/// python-quickbooks, which has no paging of its own: pages of a thousand, one after the other.
pub(crate) const fn python_quickbooks() -> Peer {
    let script = "benches/peers/python_quickbooks_bench.py";
    Peer { name: "python-quickbooks", program: PYTHON, script, case: None }
}

/// node-quickbooks, by its `fetchAll`.
pub(crate) const fn node_quickbooks() -> Peer {
    let script = "benches/peers/node_quickbooks_bench.cjs";
    Peer { name: "node-quickbooks", program: "node", script, case: None }
}

/// dlt's extract step.
pub(crate) const fn dlt() -> Peer {
    Peer { name: "dlt", program: PYTHON, script: "benches/peers/dlt_bench.py", case: None }
}

/// airbyte-cdk's declarative read.
pub(crate) const fn airbyte() -> Peer {
    Peer { name: "airbyte-cdk", program: PYTHON, script: "benches/peers/airbyte_bench.py", case: None }
}

const PYTHON: &str = "target/peers/venv/bin/python";

impl Peer {
    fn run(&self, port: u16, records: usize) -> io::Result<Value> {
        let mut command = Command::new(self.program);
        command.arg(self.script).arg(port.to_string()).args(self.case).arg(records.to_string());
        client(command.env("NODE_PATH", "target/peers/node/node_modules"))
    }
}

/// Runs this executable's clients and the peers three times, interleaved, prints every run, and sums up on the last line: the run in the
/// middle of each, and how many times as many records per CPU second the first client handles as each other.
pub(crate) fn compare(port: u16, records: usize, own: &[&str], peers: &[Peer]) -> io::Result<()> {
    use std::io::Write as _;
    let mut out = io::stdout().lock();
    let installed = std::path::Path::new(PYTHON).exists();
    if !installed {
        writeln!(out, "no peers: `benches/peers/setup` installs them; comparing with {own:?} only")?;
    }
    let peers = if installed { peers } else { &[] };
    let mut runs: std::collections::BTreeMap<&str, Vec<Value>> = std::collections::BTreeMap::new();
    for _ in 0..3 {
        for name in own {
            runs.entry(name).or_default().push(own_client(name, port, records)?);
        }
        for peer in peers {
            runs.entry(peer.name).or_default().push(peer.run(port, records)?);
        }
    }
    for run in runs.values().flatten() {
        writeln!(out, "{run}")?;
    }
    let middle: std::collections::BTreeMap<&str, Value> =
        runs.into_iter().filter_map(|(name, runs)| Some((name, median(runs)?))).collect();
    let rate = |name: &str| middle.get(name)?["records_per_cpu_second"].as_f64();
    let first = own.first().copied().unwrap_or_default();
    let mut summary = serde_json::Map::new();
    for (name, run) in &middle {
        summary.insert((*name).to_owned(), run["records_per_cpu_second"].clone());
        if let (true, Some(own), Some(other)) = (*name != first, rate(first), rate(name)) {
            summary.insert(format!("times_{name}"), json!((own / other * 100.0).round() / 100.0));
        }
    }
    let over = |name: &&str| {
        let run = middle.get(name)?;
        let (peak, idle) = run["peak_rss_bytes"].as_u64().zip(run["idle_rss_bytes"].as_u64())?;
        Some(((*name).to_owned(), json!(peak.saturating_sub(idle))))
    };
    summary.insert("over_idle_bytes".to_owned(), own.iter().filter_map(over).collect());
    writeln!(out, "{}", Value::Object(summary))
}
