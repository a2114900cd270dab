//! Installations and tokens that rotate.

use std::{collections::BTreeMap, sync::Arc};

use futures::future::join_all;
use orion_core::{
    ErrorKind, Fields,
    auth::{AccountKey, Begun, MemoryTokenStore, TokenSet, TokenStore},
    testing::{self, Script},
};
use orion_slack::{Auth, Config, Installation, Slack};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use crate::support::{calls, config, form, on};

fn app(secret: Option<&str>) -> Config {
    let auth: Auth = serde_json::from_value(json!({
        "flow": "app", "client_id": "1.2", "client_secret": secret, "redirect_url": "https://host.example/slack",
        "scopes": ["chat:write", "users:read"], "user_scopes": ["search:read"],
    }))
    .unwrap();
    config(Config::new(auth))
}

fn connect(script: &Script, config: Config) -> (Slack, Arc<dyn TokenStore>) {
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let slack = Slack::builder(config, script.clone()).clock(testing::clock()).tokens(Arc::clone(&store));
    (slack.build().unwrap(), store)
}

fn access(script: Script) -> Script {
    on(script, "oauth.v2.access")
}

fn parameters(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// The address a person who consented comes back to.
fn callback(begun: &Begun) -> String {
    let state = &parameters(&begun.authorize_url)["state"];
    format!("https://host.example/slack?code=c-planted&state={state}")
}

async fn install(slack: &Slack) -> orion_core::Result<Installation> {
    let begun = slack.login().begin()?;
    slack.login().complete(&begun.pending, &callback(&begun)).await
}

/// The token a call of this account is made with.
async fn bearer(slack: &Slack, script: &Script, account: &str) -> String {
    slack.account(account).unwrap().call::<Fields>("api.test", &json!({})).await.unwrap();
    let sent = calls(script, "api.test").pop().unwrap();
    sent.headers["authorization"].to_str().unwrap().to_owned()
}

/// As in the examples of the method's page.
fn granted() -> Value {
    json!({
        "ok": true, "access_token": "xoxb-planted-1", "token_type": "bot", "scope": "chat:write,users:read", "bot_user_id": "UBOT",
        "app_id": "A1", "team": {"name": "Acme", "id": "T1"}, "enterprise": null, "is_enterprise_install": false,
        "authed_user": {"id": "U1", "scope": "search:read", "access_token": "xoxp-planted-2", "token_type": "user"},
        "incoming_webhook": {"url": "https://hooks.slack.test/planted", "channel": "#ops", "channel_id": "C1"},
    })
}

#[tokio::test(start_paused = true)]
async fn a_person_is_sent_where_they_can_let_the_app_in() {
    let (slack, _) = connect(&Script::new(), app(Some("hush")));
    let begun = slack.login().begin().unwrap();
    assert!(begun.authorize_url.as_str().starts_with("https://slack.com/oauth/v2/authorize?"));
    let sent = parameters(&begun.authorize_url);
    assert_eq!((&*sent["scope"], &*sent["user_scope"]), ("chat:write,users:read", "search:read"));
    assert_eq!((&*sent["client_id"], &*sent["redirect_uri"]), ("1.2", "https://host.example/slack"));
    assert!(sent["state"].len() > 15 && !sent.contains_key("code_challenge"));

    let (public, _) = connect(&Script::new(), app(None));
    let sent = parameters(&public.login().begin().unwrap().authorize_url);
    assert_eq!((&*sent["code_challenge_method"], sent["code_challenge"].len()), ("S256", 43));
    let (fixed, _) = connect(&Script::new(), config(Config::token("x")));
    assert_eq!(fixed.login().begin().unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn the_bot_s_and_the_person_s_token_are_kept_apart() {
    let script = access(Script::new()).reply(200, granted());
    let script = on(script, "api.test").reply(200, json!({"ok": true})).times(2);
    let (slack, store) = connect(&script, app(Some("hush")));
    let installation = install(&slack).await.unwrap();
    assert_eq!((installation.account(), installation.user_account().as_deref()), ("T1", Some("T1/U1")));
    assert_eq!(installation.bot.as_ref().unwrap().scopes, ["chat:write", "users:read"]);
    let webhook = installation.webhook.as_ref().unwrap();
    assert_eq!(webhook.url.expose_secret(), "https://hooks.slack.test/planted");
    assert!(!format!("{installation:?}{slack:?}").contains("planted"));

    let sent = form(&calls(&script, "oauth.v2.access")[0]);
    assert_eq!((&*sent["code"], &*sent["client_secret"]), ("c-planted", "hush"));
    assert!(!sent.contains_key("code_verifier"));
    assert!(!calls(&script, "oauth.v2.access")[0].has_header("authorization"));

    assert_eq!(bearer(&slack, &script, "T1").await, "Bearer xoxb-planted-1");
    assert_eq!(bearer(&slack, &script, "T1/U1").await, "Bearer xoxp-planted-2");
    let stored = store.load(&AccountKey::new("slack", "T1")).await.unwrap().unwrap();
    assert_eq!((&*stored.tokens.extra["bot_user_id"], &*stored.tokens.extra["team_id"]), ("UBOT", "T1"));
}

#[tokio::test(start_paused = true)]
async fn installations_of_a_person_alone_and_of_an_organisation_are_kept() {
    let person = json!({"ok": true, "app_id": "A1", "authed_user": {"id": "U9", "scope": "search:read", "access_token": "xoxp-9"},
        "team": {"id": "T9"}, "enterprise": null, "is_enterprise_install": false});
    let organisation = json!({"ok": true, "access_token": "xoxb-e", "scope": "chat:write", "bot_user_id": "UBOT", "app_id": "A1",
        "team": null, "enterprise": {"id": "E1", "name": "Acme Group"}, "is_enterprise_install": true, "authed_user": {"id": "U1"}});
    let script = access(Script::new()).reply(200, person).reply(200, organisation);
    let script = on(script, "api.test").always(orion_core::testing::Reply::json(200, json!({"ok": true})));
    let (slack, _) = connect(&script, app(Some("hush")));
    let alone = install(&slack).await.unwrap();
    assert_eq!((alone.bot.is_none(), alone.user_account().as_deref()), (true, Some("T9/U9")));
    assert_eq!(bearer(&slack, &script, "T9/U9").await, "Bearer xoxp-9");
    let whole = install(&slack).await.unwrap();
    assert_eq!((whole.account(), whole.user_account()), ("E1", None));
    let login = slack.login();
    assert_eq!(login.installed(Some("T5"), Some("E1")).await.unwrap().as_deref(), Some("E1"));
    assert_eq!(login.installed(Some("T5"), None).await.unwrap(), None);
    assert_eq!(bearer(&slack, &script, "E1").await, "Bearer xoxb-e");
}

#[tokio::test(start_paused = true)]
async fn a_public_app_proves_itself_by_the_verifier() {
    let script = access(Script::new()).reply(200, granted());
    let (slack, _) = connect(&script, app(None));
    install(&slack).await.unwrap();
    let sent = form(&calls(&script, "oauth.v2.access")[0]);
    assert!(sent["code_verifier"].len() >= 43 && !sent.contains_key("client_secret"));
}

#[tokio::test(start_paused = true)]
async fn an_installation_that_fails_says_how() {
    let refusal = |code: &str| json!({"ok": false, "error": code});
    let script =
        access(Script::new()).reply(200, refusal("invalid_code")).reply(200, refusal("bad_client_secret"));
    let script = script.reply(200, json!({"ok": true, "team": {"id": "T1"}, "access_token": ""}));
    let (slack, _) = connect(&script, app(Some("hush")));
    let begun = slack.login().begin().unwrap();
    let state = &parameters(&begun.authorize_url)["state"];
    let complete = |query: String| {
        let (login, pending) = (slack.login(), &begun.pending);
        async move { login.complete(pending, &format!("https://host.example/slack?{query}")).await.unwrap_err() }
    };
    for (query, kind, code) in [
        ("code=c&state=another".to_owned(), ErrorKind::Auth, "state_mismatch"),
        ("code=c".to_owned(), ErrorKind::Auth, "state_mismatch"),
        (format!("error=access_denied&state={state}"), ErrorKind::Auth, "access_denied"),
        (format!("error=planted&state={state}"), ErrorKind::Auth, "refused"),
        (format!("code=c&state={state}"), ErrorKind::Auth, "invalid_code"),
        (format!("code=c&state={state}"), ErrorKind::Config, "bad_client_secret"),
        (format!("state={state}"), ErrorKind::Malformed, ""),
    ] {
        let error = complete(query).await;
        assert_eq!((error.kind(), error.fault().map_or("", |fault| &*fault.code)), (kind, code));
        assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
    }
}

/// A connection whose tokens rotate, and expire at this many seconds.
async fn rotating(script: &Script, expires: i64) -> (Slack, Arc<dyn TokenStore>) {
    let (slack, store) = connect(script, app(Some("hush")).account("T1"));
    let at = testing::START + chrono::TimeDelta::seconds(expires);
    let tokens =
        TokenSet::new("xoxe.xoxb-old").with_refresh("xoxe-1").expiring_at(at).with_extra("team_id", "T1");
    store.swap(&AccountKey::new("slack", "T1"), None, &tokens).await.unwrap();
    (slack, store)
}

fn renewed() -> Value {
    json!({"ok": true, "access_token": "xoxe.xoxb-new", "refresh_token": "xoxe-2", "expires_in": 43200, "token_type": "bot",
        "team": {"id": "T1"}, "app_id": "A1"})
}

#[tokio::test(start_paused = true)]
async fn two_hundred_calls_on_an_expired_token_cost_one_renewal() {
    let script = access(Script::new()).reply(200, renewed());
    let script = on(script, "users.info").reply(200, json!({"ok": true})).times(200);
    let (slack, store) = rotating(&script, -1).await;
    let user = json!({"user": "U1"});
    let all = (0..200).map(|_| slack.call::<Fields>("users.info", &user));
    assert!(join_all(all).await.iter().all(Result::is_ok));
    script.assert_done();
    let sent = form(&calls(&script, "oauth.v2.access")[0]);
    assert_eq!((&*sent["grant_type"], &*sent["refresh_token"]), ("refresh_token", "xoxe-1"));
    assert!(
        calls(&script, "users.info")
            .iter()
            .all(|seen| seen.headers["authorization"] == "Bearer xoxe.xoxb-new")
    );
    let stored = store.load(&AccountKey::new("slack", "T1")).await.unwrap().unwrap().tokens;
    assert_eq!(stored.refresh.unwrap().expose_secret(), "xoxe-2");
    assert_eq!((stored.extra["team_id"].as_str(), stored.expires_at.is_some()), ("T1", true));
}

#[tokio::test(start_paused = true)]
async fn a_token_refused_with_status_200_is_renewed_once_and_the_call_made_again() {
    let script = access(Script::new()).reply(200, renewed());
    let script = on(script, "chat.postMessage")
        .reply(200, json!({"ok": false, "error": "token_expired"}))
        .reply(200, json!({"ok": true}));
    let (slack, _) = rotating(&script, 43_200).await;
    slack.call::<Fields>("chat.postMessage", &json!({"channel": "C1", "text": "x"})).await.unwrap();
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_used_up_elsewhere_ends_in_a_clear_error() {
    let script = access(Script::new()).reply(200, json!({"ok": false, "error": "invalid_refresh_token"}));
    let (slack, _) = rotating(&script, -1).await;
    for _ in 0..5 {
        let error = slack.call::<Fields>("users.info", &json!({"user": "U1"})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().contains("install the app again"), "{error}");
        assert!(!error.is_retryable());
    }
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_is_forgotten_and_an_unknown_account_is_not_installed() {
    let script = on(Script::new(), "auth.revoke").reply(200, json!({"ok": true, "revoked": true}));
    let (slack, store) = rotating(&script, 43_200).await;
    slack.login().revoke().await.unwrap();
    assert_eq!(calls(&script, "auth.revoke")[0].headers["authorization"], "Bearer xoxe.xoxb-old");
    assert!(store.load(&AccountKey::new("slack", "T1")).await.unwrap().is_none());
    let error = slack.call::<Fields>("users.info", &json!({})).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Auth && error.to_string().contains("not installed"), "{error}");
    let (fixed, _) = connect(&script, config(Config::token("x")));
    assert_eq!(fixed.account("T2").unwrap_err().kind(), ErrorKind::Config);
}
