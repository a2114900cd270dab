//! Group 2: who am I, and what goes wrong when it cannot be said.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Credentials, Report, Subject,
    bench::{Bench, Verdict, ensure, failed, not_declared},
    wire::Act,
};
use crate::{Error, ErrorKind, Result, testing::Injection};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report.add("check.names_the_account", "", names_the_account(bench)).await;
    report.add("check.refused_credentials_are_told", "", refused_credentials(bench)).await;
    report.add("check.missing_scope_is_forbidden", "", missing_scope(bench)).await;
    report.add("check.unreachable_is_transport", "", unreachable(bench)).await;
    report.add("check.silence_times_out", "", silence(bench)).await;
}

async fn names_the_account<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = bench.line().await?;
    let (first, again) = (line.check().await?, line.check().await?);
    ensure!(!first.account.is_empty(), "the account has no name");
    ensure!(first == again, "two checks name two accounts");
    Ok(())
}

/// Connects and checks; a connector that is refused at once counts too.
async fn attempt<S: Subject>(bench: &Bench<'_, S>, credentials: Credentials, act: fn() -> Act) -> Result<()> {
    let plan = |wire: &super::wire::Wire| {
        wire.plan(move |_| act());
        wire.plan_tokens(move |_| act());
    };
    let line = bench.line_as(credentials, plan).await?;
    line.check().await.map(|_| ())
}

fn is(result: &Result<()>, kinds: &[ErrorKind]) -> Verdict {
    match result.as_ref().map_err(Error::kind) {
        Ok(()) => failed("the check succeeds"),
        Err(kind) if kinds.contains(&kind) => Ok(()),
        Err(kind) => failed(format!("{kind:?} instead of {kinds:?}")),
    }
}

async fn refused_credentials<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    if !bench.subject.credentials().contains(&Credentials::Refused) {
        return not_declared("the subject has no refused credentials");
    }
    // A person's authorisation that ended is `Auth`; a client's own id and secret that are wrong are a mistake of the configuration.
    is(&attempt(bench, Credentials::Refused, || Act::Pass).await, &[ErrorKind::Auth, ErrorKind::Config])
}

async fn missing_scope<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    if !bench.subject.credentials().contains(&Credentials::Narrow) {
        return not_declared("the subject has no narrow credentials");
    }
    let line = bench.line_as(Credentials::Narrow, |_| ()).await?;
    let refusal = match line.check().await {
        // Asking who one is may be allowed to everybody.
        Ok(_) => line.probe(bench).await,
        Err(error) => Err(error),
    };
    is(&refusal, &[ErrorKind::Forbidden])
}

async fn unreachable<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let result = attempt(bench, Credentials::Good, || Act::Inject(Injection::Refused)).await;
    is(&result, &[ErrorKind::Transport, ErrorKind::Timeout])
}

async fn silence<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let started = Instant::now();
    let result = attempt(bench, Credentials::Good, || Act::Hang).await;
    is(&result, &[ErrorKind::Timeout])?;
    let waited = started.elapsed();
    ensure!(waited <= Duration::from_secs(3600), "it took {waited:?} to notice");
    Ok(())
}
