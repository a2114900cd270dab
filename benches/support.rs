//! What the Rust clients of the comparisons share: the cost of one operation, and running each client in a process of its own.

use std::{
    fs, io,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

/// CPU time of every thread of this process, in seconds, to the nanosecond.
pub(crate) fn cpu_seconds() -> f64 {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos: u64 = threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    std::time::Duration::from_nanos(nanos).as_secs_f64()
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
pub(crate) fn client(command: &mut Command) -> io::Result<Value> {
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
pub(crate) fn own_client(name: &str, port: u16, records: usize) -> io::Result<Value> {
    let mut command = Command::new(std::env::current_exe()?);
    client(command.args(["--client", name, "--port", &port.to_string(), "--records", &records.to_string()]))
}

/// The client this process is to be, with the server's port, if it was started by [`own_client`].
pub(crate) fn wanted_client() -> Option<(String, u16)> {
    let argument = |name: &str| std::env::args().skip_while(|argument| argument != name).nth(1);
    Some((argument("--client")?, argument("--port")?.parse().ok()?))
}

/// Of several runs, the one in the middle by CPU time.
pub(crate) fn median(mut runs: Vec<Value>) -> Option<Value> {
    runs.sort_by(|a, b| cpu_of(a).total_cmp(&cpu_of(b)));
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}

fn cpu_of(run: &Value) -> f64 {
    run["cpu_seconds"].as_f64().unwrap_or(f64::INFINITY)
}
