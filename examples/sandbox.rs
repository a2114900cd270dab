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

use std::any::Any;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use orion::sandbox::Faults;
use orion::{quickbooks, salesforce, slack};
use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("sandbox: {error}");
        std::process::exit(2);
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let vendor = arguments.next().unwrap_or_default();
    let options = Options::read(arguments)?;
    let started = match vendor.as_str() {
        "salesforce" => salesforce(&options).await?,
        "quickbooks" => quickbooks(&options).await?,
        "slack" => slack(&options).await?,
        other => return Err(format!("no sandbox named `{other}`; there are: salesforce, quickbooks, slack").into()),
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

/// What runs, and what to tell of it.
struct Started {
    facts: Value,
    ca_pem: String,
    /// Serves until it is dropped.
    _sandbox: Box<dyn Any>,
}

struct Options {
    port: u16,
    tls_port: u16,
    records: usize,
    seed: u64,
    faults: Faults,
    latency: Duration,
    limits: quickbooks::sandbox::Limits,
    limited: bool,
    ca: Option<PathBuf>,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            port: 0,
            tls_port: 0,
            records: 1_000,
            seed: 1,
            faults: Faults::default(),
            latency: Duration::ZERO,
            limits: quickbooks::sandbox::Limits::default(),
            limited: true,
            ca: None,
        };
        while let Some(flag) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{flag} needs a value"))?;
            match flag.as_str() {
                "--port" => options.port = value.parse()?,
                "--tls-port" => options.tls_port = value.parse()?,
                "--records" => options.records = value.parse()?,
                "--seed" => options.seed = value.parse()?,
                "--faults" => options.faults = value.parse::<Faults>()?,
                "--latency-ms" => options.latency = Duration::from_millis(value.parse()?),
                "--limits" => {
                    options.limits = limits(&value)?;
                    options.limited = value != "none";
                }
                "--ca" => options.ca = Some(PathBuf::from(value)),
                other => return Err(format!("unknown option {other}").into()),
            }
        }
        Ok(options)
    }
}

fn limits(word: &str) -> Result<quickbooks::sandbox::Limits, String> {
    match word {
        "none" => Ok(quickbooks::sandbox::Limits::NONE),
        "all" => Ok(quickbooks::sandbox::Limits::ALL),
        other => Err(format!("--limits is none or all, not {other}")),
    }
}

async fn salesforce(options: &Options) -> Result<Started, Box<dyn Error>> {
    let sandbox = salesforce::sandbox::Sandbox::builder()
        .port(options.port)
        .tls_port(options.tls_port)
        .records(options.records)
        .seed(options.seed)
        .faults(options.faults.clone())
        .latency(options.latency)
        .start()
        .await?;
    let facts = json!({
        "base_url": sandbox.base_url(),
        "tls_base_url": sandbox.tls_base_url(),
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
        "username": sandbox.username(),
        "password": sandbox.password(),
        "security_token": sandbox.security_token(),
        "access_token": sandbox.access_token(),
        "refresh_token": sandbox.refresh_token(),
        "api_version": sandbox.api_version(),
        "org_id": sandbox.org_id(),
        "redirect_uri": sandbox.redirect_uri(),
    });
    Ok(Started { facts, ca_pem: sandbox.ca_pem().to_owned(), _sandbox: Box::new(sandbox) })
}

async fn quickbooks(options: &Options) -> Result<Started, Box<dyn Error>> {
    let sandbox = quickbooks::sandbox::Sandbox::builder()
        .port(options.port)
        .tls_port(options.tls_port)
        .records(options.records)
        .seed(options.seed)
        .faults(options.faults.clone())
        .latency(options.latency)
        .limits(options.limits)
        .start()
        .await?;
    let facts = json!({
        "base_url": sandbox.base_url(),
        "tls_base_url": sandbox.tls_base_url(),
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
        "realm_id": sandbox.realm_id(),
        "access_token": sandbox.access_token(),
        "refresh_token": sandbox.refresh_token(),
        "webhook_verifier": sandbox.webhook_verifier(),
        "redirect_uri": sandbox.redirect_uri(),
    });
    Ok(Started { facts, ca_pem: sandbox.ca_pem().to_owned(), _sandbox: Box::new(sandbox) })
}

async fn slack(options: &Options) -> Result<Started, Box<dyn Error>> {
    let sandbox = slack::sandbox::Sandbox::builder()
        .port(options.port)
        .tls_port(options.tls_port)
        .records(options.records)
        .seed(options.seed)
        .faults(options.faults.clone())
        .latency(options.latency)
        .limits(options.limited)
        .start()
        .await?;
    let facts = json!({
        "base_url": sandbox.base_url(),
        "tls_base_url": sandbox.tls_base_url(),
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
        "signing_secret": sandbox.signing_secret(),
        "bot_token": sandbox.bot_token(),
        "app_token": sandbox.app_token(),
        "user_token": sandbox.user_token(),
        "team_id": sandbox.team_id(),
        "app_id": sandbox.app_id(),
        "bot_user_id": sandbox.bot_user_id(),
        "user_id": sandbox.user_id(),
        "redirect_uri": sandbox.redirect_uri(),
    });
    Ok(Started { facts, ca_pem: sandbox.ca_pem().to_owned(), _sandbox: Box::new(sandbox) })
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
