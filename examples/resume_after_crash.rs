//! A sync that is killed in the middle of its backfill, and goes on from there:
//!
//! ```text
//! cargo run --example resume_after_crash
//! ```
//!
//! The program starts itself as a child that syncs, kills the child (SIGKILL: nothing of it can clean up) once some pages are in the
//! database, syncs the rest itself, and compares what arrived with the source.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::{
    error::Error,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use orion::{
    UnifiedCustomer,
    observe::{Event, Observers},
    salesforce::{Auth, Config, Salesforce, sandbox::Sandbox},
    sync::{Engine, Filter, Plan, Report, SqlDestination},
};

const RECORDS: usize = 10_000;

/// Runs one pass; `told` is told of each commit how many records the pass has read.
async fn sync(
    config: Config,
    database: &str,
    told: impl Fn(u64) + Send + Sync + 'static,
) -> Result<Report, Box<dyn Error>> {
    let salesforce = Arc::new(Salesforce::new(config)?);
    let destination = SqlDestination::open(database).await?;
    let plan = Plan::<UnifiedCustomer, _>::new(salesforce, destination).object("Contact").page_size(500);
    let observers = Observers::one(move |event: &Event<'_>| {
        if let Event::Committed { read, .. } = event {
            told(*read);
        }
    });
    Ok(Engine::new().observers(observers).stream(plan).run().await)
}

fn config(arguments: &[String]) -> Result<Config, Box<dyn Error>> {
    let [url, client_id, secret] = arguments else { return Err("give url, client id and secret".into()) };
    let auth = Auth::ClientCredentials { client_id: client_id.clone(), client_secret: secret.clone().into() };
    Ok(Config::new(url.parse()?, auth))
}

/// Lets a child sync until it has committed a quarter of the records, then kills it.
fn killed(database: &Path, login: &[String]) -> Result<u64, Box<dyn Error>> {
    let mut child =
        Command::new(std::env::current_exe()?).arg(database).args(login).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("the child has no output")?;
    let mut committed = 0;
    for line in BufReader::new(output).lines() {
        committed = line?.parse()?;
        if committed as usize >= RECORDS / 4 {
            break;
        }
    }
    child.kill()?;
    child.wait()?;
    Ok(committed)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [database, login @ ..] = &*arguments {
        return sync(config(login)?, database, |read| println!("{read}")).await.map(drop);
    }
    let sandbox = Sandbox::builder().records(RECORDS).start().await?;
    let login = [sandbox.base_url(), sandbox.client_id(), sandbox.client_secret()].map(str::to_owned);
    let folder = std::env::temp_dir().join(format!("orion-resume-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database = folder.join("orion.db");

    let committed = tokio::task::block_in_place(|| killed(&database, &login))?;
    println!("killed after a commit of record {committed} of {RECORDS}");

    let path = database.to_string_lossy();
    let report = sync(config(&login)?, &path, |_| ()).await?;
    let arrived = SqlDestination::open(&*path).await?.count::<UnifiedCustomer>(&Filter::new()).await?;
    std::fs::remove_dir_all(&folder)?;
    println!("the second run read {} records; {arrived} are in the database", report.counts().read);
    println!("the source has {}", sandbox.row_count("Contact"));
    if !report.is_complete() || arrived != sandbox.row_count("Contact") as u64 {
        return Err("the copy is not what the source has".into());
    }
    Ok(())
}
