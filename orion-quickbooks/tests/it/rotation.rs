//! Refresh tokens that rotate with every use, where one used twice ends the login.

use std::sync::Arc;

use futures::future::join_all;
use orion_core::{
    Adapter,
    auth::{MemoryTokenStore, TokenStore},
    http::Http,
};
use orion_quickbooks::{
    Config, QuickBooks, Throttle, TokenProblem,
    sandbox::{Limits, Sandbox},
};

fn worker(sandbox: &Sandbox, store: &Arc<dyn TokenStore>) -> QuickBooks {
    let builder = QuickBooks::builder(Config::sandbox(sandbox), Http::new().unwrap());
    builder.throttle(Throttle::none()).tokens(Arc::clone(store)).build().unwrap()
}

async fn strict() -> Sandbox {
    let builder = Sandbox::builder().records(5).limits(Limits::NONE);
    builder.rotate_refresh_tokens(true).replay_revokes(true).start().await.unwrap()
}

fn renewals(sandbox: &Sandbox) -> usize {
    sandbox.log().iter().filter(|entry| entry.path.ends_with("/tokens/bearer")).count()
}

#[tokio::test]
async fn every_expiry_costs_one_renewal_among_two_workers_and_a_thousand_calls() {
    let (sandbox, store) = (strict().await, Arc::new(MemoryTokenStore::new()) as Arc<dyn TokenStore>);
    let (one, other) = (worker(&sandbox, &store), worker(&sandbox, &store));
    for expiry in 1..=5 {
        for chunk in 0..4 {
            let calls =
                (0..50).map(|number| if (number + chunk) % 2 == 0 { one.check() } else { other.check() });
            for result in join_all(calls).await {
                result.unwrap();
            }
        }
        assert_eq!(renewals(&sandbox), expiry, "after {expiry} expiries");
        sandbox.expire_access_tokens();
    }
}

#[tokio::test]
async fn a_worker_that_restarts_goes_on_with_the_token_that_was_kept() {
    let (sandbox, store) = (strict().await, Arc::new(MemoryTokenStore::new()) as Arc<dyn TokenStore>);
    for _ in 0..4 {
        worker(&sandbox, &store).check().await.unwrap();
        sandbox.expire_access_tokens();
    }
    // One that keeps no tokens uses the first one again, which ends the login for all.
    let forgetful: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let error = worker(&sandbox, &forgetful).check().await.unwrap_err();
    assert_eq!(TokenProblem::of(&error), Some(TokenProblem::Revoked));
}
