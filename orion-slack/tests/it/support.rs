//! A scripted Slack.

use std::collections::BTreeMap;

use http::Method;
use orion_core::testing::{self, Script, Seen};
use orion_slack::{Config, Slack};
use url::Url;

pub(crate) const BASE: &str = "https://slack.test/api/";

/// A script that waits for calls of this method.
pub(crate) fn on(script: Script, method: &str) -> Script {
    script.on(Method::POST, &format!("/api/{method}"))
}

pub(crate) fn config(config: Config) -> Config {
    config.api_url(Url::parse(BASE).unwrap())
}

/// A connection with a token.
pub(crate) fn connect(script: &Script) -> Slack {
    let config = config(Config::token("xoxb-planted"));
    Slack::builder(config, script.clone()).clock(testing::clock()).build().unwrap()
}

/// The arguments of a call.
pub(crate) fn form(seen: &Seen) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&seen.body).into_owned().collect()
}

/// The calls of a method.
pub(crate) fn calls(script: &Script, method: &str) -> Vec<Seen> {
    let path = format!("/api/{method}");
    script.requests().into_iter().filter(|seen| seen.path() == path).collect()
}
