//! A vendor on loopback, for tests in any language:
//!
//! ```text
//! cargo run --example sandbox -- <salesforce|quickbooks|slack> [--port P] [--tls-port P] [--records N] [--seed S]
//!                                [--faults SPEC] [--latency-ms MS] [--ca PATH]
//! ```
//!
//! Prints one JSON line with where it listens and what logs in, and serves until Ctrl-C or SIGTERM. SPEC is a rate
//! such as `0.2`, or JSON such as `[{"kind": "429_after", "match": "query", "count": 2}]`. The QuickBooks sandbox also takes
//! `--limits none|all` instead of the limits that fit loopback, and Slack's `--limits none` for no rate limits.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::path::Path;

use serde_json::{Value, json};

#[path = "support/sandbox.rs"]
mod support;

use support::{Options, quickbooks, salesforce, slack};

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("sandbox: {error}");
        std::process::exit(2);
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (vendor, options) = {
        let mut arguments = std::env::args().skip(1);
        (arguments.next().unwrap_or_default(), Options::read(arguments)?)
    };
    let started = match vendor.as_str() {
        "salesforce" => salesforce(&options).await?,
        "quickbooks" => quickbooks(&options).await?,
        "slack" => slack(&options).await?,
        other => {
            return Err(
                format!("no sandbox named `{other}`; there are: salesforce, quickbooks, slack").into()
            );
        }
    };
    let temporary = || std::env::temp_dir().join(format!("orion-sandbox-ca-{}.pem", std::process::id()));
    let ca = options.ca.unwrap_or_else(temporary);
    std::fs::write(&ca, &started.ca_pem)?;
    println!("{}", described(started.facts, &vendor, &ca));
    stopped().await?;
    Ok(std::fs::remove_file(ca)?)
}

fn described(mut facts: Value, vendor: &str, ca: &Path) -> Value {
    facts["name"] = json!(vendor);
    facts["ca_pem"] = json!(ca);
    facts
}

async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
