//! What `sandbox` needs: its options, and each vendor started with them.

use std::any::Any;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use orion::sandbox::Faults;
use orion::{quickbooks, salesforce, slack};
use serde_json::{Value, json};

/// What runs, and what to tell of it.
pub(crate) struct Started {
    pub(crate) facts: Value,
    pub(crate) ca_pem: String,
    /// Serves until it is dropped.
    _sandbox: Box<dyn Any + Send>,
}

/// What can be set.
pub(crate) struct Options {
    port: u16,
    tls_port: u16,
    records: usize,
    seed: u64,
    faults: Faults,
    latency: Duration,
    limits: quickbooks::sandbox::Limits,
    limited: bool,
    pub(crate) ca: Option<PathBuf>,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
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
                "--port" => options.port = number(&flag, &value)?,
                "--tls-port" => options.tls_port = number(&flag, &value)?,
                "--records" => options.records = number(&flag, &value)?,
                "--seed" => options.seed = number(&flag, &value)?,
                "--faults" => options.faults = value.parse::<Faults>()?,
                "--latency-ms" => options.latency = Duration::from_millis(number(&flag, &value)?),
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

fn number<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{flag} needs a number, not `{value}`"))
}

fn limits(word: &str) -> Result<quickbooks::sandbox::Limits, String> {
    match word {
        "none" => Ok(quickbooks::sandbox::Limits::NONE),
        "all" => Ok(quickbooks::sandbox::Limits::ALL),
        other => Err(format!("--limits is none or all, not {other}")),
    }
}

pub(crate) async fn salesforce(options: &Options) -> Result<Started, Box<dyn Error>> {
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

pub(crate) async fn quickbooks(options: &Options) -> Result<Started, Box<dyn Error>> {
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

pub(crate) async fn slack(options: &Options) -> Result<Started, Box<dyn Error>> {
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
