//! Rate limits by method and by channel.

use std::time::Duration;

use orion_core::sandbox::{Fault, FaultKind};

use crate::support::Team;

#[tokio::test]
async fn a_method_is_limited_by_its_tier_and_no_other_with_it() {
    let team = Team::with(|builder| builder.limits(true)).await;
    for _ in 0..20 {
        team.ok("users.list", &[("limit", "1")]).await;
    }
    let refused = team.form("users.list", &[("limit", "1")]).await;
    assert_eq!((refused.status, &refused.json()["error"]), (429, &"ratelimited".into()));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    team.ok("users.info", &[("user", &team.sandbox.user_id())]).await;
    team.sandbox.advance(Duration::from_secs(wait));
    team.ok("users.list", &[("limit", "1")]).await;
}

#[tokio::test]
async fn posts_are_limited_by_channel() {
    let team = Team::with(|builder| builder.limits(true)).await;
    let (ops, random) = (team.channel("ops"), team.channel("random"));
    for _ in 0..5 {
        team.post(&ops, "burst").await;
    }
    let refused = team.form("chat.postMessage", &[("channel", &ops), ("text", "more")]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    team.post(&random, "another channel").await;
    team.sandbox.advance(Duration::from_secs(1));
    team.post(&ops, "after the wait").await;
}

#[tokio::test]
async fn a_limit_can_come_on_demand_with_or_without_the_time() {
    let team = Team::start().await;
    team.sandbox.inject(vec![
        Fault::new(FaultKind::TooManyRequestsAfter).on("auth.test").count(1).retry_after(7),
        Fault::new(FaultKind::TooManyRequests).on("auth.test").count(1),
    ]);
    let first = team.form("auth.test", &[]).await;
    assert_eq!((first.status, first.header("retry-after")), (429, "7"));
    let second = team.form("auth.test", &[]).await;
    assert_eq!((second.status, second.header("retry-after")), (429, ""));
    team.ok("auth.test", &[]).await;
}
