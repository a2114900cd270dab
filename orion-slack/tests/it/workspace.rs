//! The connector against the sandbox.

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};
use orion_core::{
    Adapter,
    auth::{MemoryTokenStore, TokenStore},
    http::{Http, retry::Policy},
};
use orion_slack::{
    Auth, Config, Message, Outgoing, Range, Slack, User,
    block::{Block, actions, button, section},
    sandbox::{Builder, FaultKind, Faults, Sandbox},
};
use url::Url;

async fn start(set: impl FnOnce(Builder) -> Builder) -> (Sandbox, Slack) {
    let sandbox = set(Sandbox::builder().records(60)).start().await.unwrap();
    let slack = connect(Config::sandbox(&sandbox));
    (sandbox, slack)
}

fn connect(config: Config) -> Slack {
    let quick =
        Policy::default().backoff(std::time::Duration::from_millis(2), std::time::Duration::from_millis(20));
    Slack::builder(config, Http::new().unwrap()).retry(quick).without_tiers().build().unwrap()
}

#[tokio::test]
async fn a_message_is_posted_changed_answered_marked_and_deleted() {
    let (sandbox, slack) = start(|builder| builder.limits(false)).await;
    assert_eq!(slack.check().await.unwrap().account, sandbox.team_id());
    let channel = sandbox.channel_id("general").unwrap();
    let blocks: Vec<Block> =
        vec![section("*Deploy*").into(), actions([button("yes", "Yes").value("v")]).into()];
    let sent = slack.post(&Outgoing::new(&channel, "Deploy").blocks(blocks)).await.unwrap();
    slack.reactions_add(&channel, &sent.ts, "eyes").await.unwrap();
    slack.reactions_add(&channel, &sent.ts, "eyes").await.unwrap();
    slack.post(&Outgoing::new(&channel, "done").in_thread(sent.ts.clone())).await.unwrap();
    slack.update(&sent.ts, &Outgoing::new(&channel, "Deployed")).await.unwrap();
    let thread: Vec<Message> =
        slack.conversations_replies(&channel, &sent.ts, &Range::all()).try_collect().await.unwrap();
    let texts: Vec<&str> = thread.iter().filter_map(|message| message.text.as_deref()).collect();
    assert_eq!(texts, ["Deployed", "done"]);
    assert!(thread[0].blocks.as_ref().is_none_or(Vec::is_empty) && thread[0].edited.is_some());
    let marked = slack.reactions_get(&channel, &sent.ts).await.unwrap();
    assert_eq!(marked.reactions.unwrap()[0].name.as_deref(), Some("eyes"));
    assert!(slack.chat_permalink(&channel, &sent.ts).await.unwrap().contains(&channel));
    slack.chat_delete(&channel, &sent.ts).await.unwrap();
}

#[tokio::test]
async fn everyone_is_listed_over_short_pages_and_found_by_address() {
    let (sandbox, slack) = start(|builder| builder.records(700).short_pages(true).limits(false)).await;
    let users: Vec<User> = slack.users_list().try_collect().await.unwrap();
    assert_eq!(users.len(), sandbox.rows("users", None).len());
    let email = |user: &User| user.profile.as_ref()?.email.clone().filter(|email| !email.is_empty());
    let (id, email) = users.iter().find_map(|user| Some((user.id.clone(), email(user)?))).unwrap();
    assert_eq!(slack.users_lookup_by_email(&email).await.unwrap().id, id);
    let missing = slack.users_lookup_by_email("nobody@nowhere.example").await.unwrap_err();
    assert_eq!(missing.kind(), orion_core::ErrorKind::NotFound);
}

#[tokio::test]
async fn posts_under_faults_are_visible_once_or_said_to_be_in_doubt() {
    let (sandbox, slack) = start(|builder| builder.limits(false)).await;
    let channel = sandbox.channel_id("general").unwrap();
    let kinds =
        [FaultKind::ServerError, FaultKind::DropAfterCommit, FaultKind::Truncate, FaultKind::Unavailable];
    sandbox.inject(Faults::rate(0.2, kinds, 7));
    let post = |number: u32| {
        let (slack, message) =
            (&slack, Outgoing::new(&channel, format!("n{number}")).id(format!("id-{number}")));
        async move { (number, slack.post(&message).await) }
    };
    let outcomes: Vec<_> = stream::iter(0..150).map(post).buffer_unordered(150).collect().await;
    sandbox.clear_faults();
    let mut visible: BTreeMap<String, usize> = BTreeMap::new();
    for row in sandbox.rows("messages", Some(&channel)) {
        *visible.entry(row["text"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let mut found = 0;
    for (number, outcome) in outcomes {
        let times = visible.get(&format!("n{number}")).copied().unwrap_or_default();
        match outcome {
            Ok(sent) => {
                found += u32::from(sent.found);
                assert_eq!(times, 1, "n{number}");
            }
            Err(error) => assert!(error.is_ambiguous() && times <= 1, "n{number} {times} times: {error:?}"),
        }
    }
    assert!(found > 0, "no answer was lost: {:?}", sandbox.injected());
}

#[tokio::test]
async fn an_app_is_installed_and_its_tokens_rotate() {
    let sandbox = Sandbox::builder().records(30).limits(false).start().await.unwrap();
    let auth: Auth = serde_json::from_value(serde_json::json!({
        "flow": "app", "client_id": sandbox.client_id(), "client_secret": sandbox.client_secret(),
        "redirect_url": sandbox.redirect_uri(), "scopes": ["chat:write", "users:read", "channels:read"],
    }))
    .unwrap();
    let token = Config::sandbox(&sandbox);
    let config = Config::new(auth).api_url(token.api_url).authorize_url(token.authorize_url);
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let slack = Slack::builder(config, Http::new().unwrap()).tokens(Arc::clone(&store)).without_tiers();
    let slack = slack.build().unwrap();

    let begun = slack.login().begin().unwrap();
    let installation =
        slack.login().complete(&begun.pending, &browse(&begun.authorize_url).await).await.unwrap();
    assert_eq!(installation.account(), sandbox.team_id());
    let bot = slack.account(installation.account()).unwrap();
    assert_eq!(bot.check().await.unwrap().account, sandbox.team_id());

    sandbox.expire_access_tokens();
    sandbox.clear_log();
    let calls = (0..50).map(|_| bot.team_info());
    assert!(
        futures::future::join_all(calls)
            .await
            .iter()
            .all(|team| !matches!(team, Err(error) if error.kind() == orion_core::ErrorKind::Auth))
    );
    let renewals = sandbox.log().iter().filter(|entry| entry.path.contains("oauth.v2.access")).count();
    assert_eq!((renewals, sandbox.reused_refresh_tokens()), (1, 0));
    bot.login().revoke().await.unwrap();
    assert_eq!(bot.check().await.unwrap_err().kind(), orion_core::ErrorKind::Auth);
}

/// The address a person's browser comes back to.
async fn browse(url: &Url) -> String {
    use orion_core::http::{Request, Transport};
    let request = Request::new(http::Method::GET, url.clone(), "browse");
    let answer = Http::new().unwrap().send(request).await.unwrap();
    answer.header("location").unwrap().to_owned()
}
