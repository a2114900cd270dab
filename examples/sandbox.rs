//! A vendor on loopback, for tests in any language:
//!
//! ```text
//! cargo run --example sandbox -- salesforce [--port P] [--tls-port P] [--records N] [--seed S] [--faults SPEC]
//!                                           [--latency-ms MS] [--ca PATH]
//! ```
//!
//! Prints one JSON line with where it listens and what logs in, and serves until Ctrl-C or SIGTERM. SPEC is a rate
//! such as `0.2`, or JSON such as `[{"kind": "429_after", "match": "query", "count": 2}]`.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use orion_salesforce::sandbox::{Builder, Sandbox};
use serde_json::json;

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("sandbox: {error}");
        std::process::exit(2);
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).collect::<Vec<_>>().into_iter();
    match arguments.next().as_deref() {
        Some("salesforce") => {}
        Some(other) => return Err(format!("no sandbox named {other}; there is: salesforce").into()),
        None => return Err("say which sandbox: salesforce".into()),
    }
    let (builder, ca) = salesforce(arguments)?;
    let sandbox = builder.start().await?;
    let ca = ca
        .unwrap_or_else(|| std::env::temp_dir().join(format!("orion-sandbox-ca-{}.pem", std::process::id())));
    std::fs::write(&ca, sandbox.ca_pem())?;
    println!("{}", described(&sandbox, &ca));
    stopped().await?;
    Ok(std::fs::remove_file(ca)?)
}

fn salesforce(
    mut arguments: impl Iterator<Item = String>,
) -> Result<(Builder, Option<PathBuf>), Box<dyn Error>> {
    let (mut builder, mut ca) = (Sandbox::builder(), None);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{flag} needs a value"))?;
        builder = match flag.as_str() {
            "--port" => builder.port(value.parse()?),
            "--tls-port" => builder.tls_port(value.parse()?),
            "--records" => builder.records(value.parse()?),
            "--seed" => builder.seed(value.parse()?),
            "--faults" => builder.faults(value.parse::<orion_salesforce::sandbox::Faults>()?),
            "--latency-ms" => builder.latency(Duration::from_millis(value.parse()?)),
            "--ca" => {
                ca = Some(PathBuf::from(value));
                builder
            }
            other => return Err(format!("unknown option {other}").into()),
        };
    }
    Ok((builder, ca))
}

fn described(sandbox: &Sandbox, ca: &std::path::Path) -> serde_json::Value {
    json!({
        "name": "salesforce",
        "base_url": sandbox.base_url(),
        "tls_base_url": sandbox.tls_base_url(),
        "ca_pem": ca,
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
    })
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
