//! The notifier against a workspace that loses answers, refuses and goes away.

use std::sync::Arc;

use orion_core::{
    Kind, StreamKey,
    rows::MemoryRows,
    testing::{self, Events, Memory},
};

use super::*;
use crate::poster::world::{Shown, World};

struct Bench {
    world: World,
    rows: MemoryRows,
    events: Events,
}

impl Bench {
    fn new() -> Self {
        Self { world: World::quiet(), rows: MemoryRows::new(), events: Events::new() }
    }

    fn builder(&self) -> Builder {
        let account: Arc<dyn Adapter> = Arc::new(Memory::new(testing::clock()));
        Builder::new(account, Arc::new(self.world.poster()), "C1".to_owned(), Arc::new(self.rows.clone()))
            .clock(testing::clock())
            .observers(self.events.observers())
    }

    async fn start(&self) -> Notifier {
        self.builder().start().await.unwrap()
    }

    fn roots(&self) -> Vec<Shown> {
        self.world.messages().into_iter().filter(|one| one.thread.is_none()).collect()
    }

    fn replies(&self) -> Vec<Shown> {
        self.world.messages().into_iter().filter(|one| one.thread.is_some()).collect()
    }

    fn outcomes(&self, outcome: &str) -> usize {
        self.events.named("notice").iter().filter(|event| event.operation == outcome).count()
    }
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn alert(key: &str) -> Notice {
    Notice::error_alert(key, Severity::Error, format!("{key} fails"), "<it> did not answer")
}

fn stream() -> StreamKey {
    StreamKey::new("acme", "a1", Kind::new("customer"), "Lead")
}

#[tokio::test(start_paused = true)]
async fn what_fails_again_is_counted_in_one_message() {
    let bench = Bench::new();
    let notifier = bench.start().await;
    for _ in 0..50 {
        notifier.report(alert("import"));
        wait(1).await;
    }
    wait(60).await;
    let [root] = &bench.roots()[..] else { panic!("one message: {:?}", bench.roots()) };
    assert!(root.shows("*import fails*") && root.shows("50 times") && root.shows("&lt;it&gt;"), "{root:?}");
    assert!((2..=4).contains(&root.contents.len()), "changed every 30 s: {}", root.contents.len());
    assert_eq!(bench.replies().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failed_sync_is_told_and_its_recovery_in_the_same_message() {
    let bench = Bench::new();
    let notifier = bench.start().await;
    let (stream, error) = (&stream(), &Error::new(ErrorKind::Auth, "the token is refused"));
    let elapsed = Duration::ZERO;
    notifier.event(&Event::StreamFinished { stream, error: None, elapsed });
    wait(100).await;
    assert!(bench.roots().is_empty(), "a success alone is no news");
    notifier.event(&Event::StreamFinished { stream, error: Some(error), elapsed });
    wait(10).await;
    assert!(bench.roots()[0].shows("the token is refused (auth)"));
    notifier.event(&Event::StreamFinished { stream, error: None, elapsed });
    wait(60).await;
    let [root] = &bench.roots()[..] else { panic!("one message") };
    assert!(root.shows("Resolved: *Sync of acme Lead fails*") && !root.shows("\"actions\""), "{root:?}");
    assert!(bench.replies()[0].shows("Resolved."));
}

#[tokio::test(start_paused = true)]
async fn a_threshold_keeps_quiet_until_it_is_reached() {
    let bench = Bench::new();
    let notifier = bench.builder().error_alerts(Rule::new("C1").after(3)).start().await.unwrap();
    notifier.report(alert("a"));
    notifier.report(alert("a"));
    wait(60).await;
    notifier.report(Notice::resolved("a"));
    wait(60).await;
    notifier.report(alert("a"));
    notifier.report(alert("a"));
    wait(60).await;
    assert!(bench.roots().is_empty());
    notifier.report(alert("a"));
    wait(60).await;
    assert_eq!(bench.roots().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_comes_and_goes_is_one_incident() {
    let bench = Bench::new();
    let notifier = bench.start().await;
    for _ in 0..10 {
        notifier.report(alert("flaps"));
        wait(15).await;
        notifier.report(Notice::resolved("flaps"));
        wait(15).await;
    }
    wait(60).await;
    notifier.report(alert("flaps"));
    wait(60).await;
    let [root] = &bench.roots()[..] else { panic!("one message") };
    let ends = root.contents.iter().filter(|content| content.text.contains("Resolved")).count();
    assert_eq!(ends, 1, "an end is told when it lasts");
    assert!(root.shows("came back 10 times") && bench.replies().last().unwrap().shows("It is back."));
}

#[tokio::test(start_paused = true)]
async fn a_status_is_one_message_that_is_always_the_newest() {
    let bench = Bench::new();
    let notifier = bench.start().await;
    for done in 0..100 {
        notifier.report(Notice::status("job", "Sync", format!("{done} of 100")));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    wait(3).await;
    let [root] = &bench.roots()[..] else { panic!("one message") };
    assert!(root.shows("99 of 100"));
    assert!(root.contents.len() <= 11, "at most one change in 1.2 s: {}", root.contents.len());
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_in_the_same_message() {
    let bench = Bench::new();
    let notifier = bench.start().await;
    notifier.report(alert("a"));
    wait(20).await;
    drop(notifier);
    let notifier = bench.start().await;
    notifier.report(alert("a"));
    wait(60).await;
    let [root] = &bench.roots()[..] else { panic!("one message") };
    assert!(root.shows("2 times"));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_second_message_also_after_a_restart() {
    for lost in [1, 3] {
        let bench = Bench::new();
        bench.world.lose_next(lost);
        let notifier = bench.start().await;
        notifier.report(alert("a"));
        wait(6).await;
        drop(notifier);
        let _notifier = bench.start().await;
        wait(200).await;
        let roots = bench.roots();
        assert_eq!(roots.len(), 1, "lost {lost}");
        assert_eq!(bench.outcomes("delivered"), 1);
        assert!(bench.outcomes("ambiguous") >= 1);
    }
}

#[tokio::test(start_paused = true)]
async fn under_faults_each_id_has_at_most_one_message_and_none_is_lost() {
    for seed in 1..=20 {
        let bench = Bench { world: World::troubled(seed, 20), ..Bench::new() };
        let mut notifier = bench.builder().storm(1_000).start().await.unwrap();
        for number in 0..40 {
            notifier.report(alert(&format!("job {number}")));
            wait(1).await;
            if number % 10 == 9 {
                drop(notifier);
                notifier = bench.builder().storm(1_000).start().await.unwrap();
            }
        }
        bench.world.calm();
        wait(900).await;
        let mut ids: Vec<String> = bench.world.messages().into_iter().map(|one| one.id).collect();
        ids.sort();
        let all = ids.len();
        ids.dedup();
        assert_eq!((all, ids.len()), (40, 40), "seed {seed}");
        drop(notifier);
    }
}

#[tokio::test(start_paused = true)]
async fn a_storm_is_told_in_one_digest() {
    let bench = Bench::new();
    let notifier = bench.builder().storm(5).start().await.unwrap();
    for number in 0..100 {
        notifier.report(alert(&format!("job {number}")));
    }
    wait(60).await;
    assert_eq!(bench.roots().len(), 6);
    let digest = bench.roots().into_iter().find(|one| one.shows("incidents at once")).unwrap();
    assert!(
        digest.shows("*95 incidents at once*, 95 of them open") && digest.shows("and 90 more"),
        "{digest:?}"
    );
    for number in 0..100 {
        notifier.report(Notice::resolved(format!("job {number}")));
    }
    wait(120).await;
    let digest = bench.roots().into_iter().find(|one| one.shows("incidents at once")).unwrap();
    assert!(digest.shows("Resolved: *95 incidents at once*"), "{digest:?}");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_acknowledges_is_escalated_and_what_somebody_does_is_not() {
    let bench = Bench::new();
    let rule =
        Rule::new("C1").mention(Duration::from_secs(300), "S9").escalate(Duration::from_secs(900), "U7");
    let notifier = bench.builder().error_alerts(rule).start().await.unwrap();
    notifier.report(alert("a"));
    notifier.report(alert("b"));
    wait(400).await;
    let mentions = bench.replies();
    assert!(mentions.len() == 2 && mentions.iter().all(|one| one.shows("<!subteam^S9>")), "{mentions:?}");
    let click = serde_json::json!({
        "type": "block_actions", "user": { "id": "U3" },
        "actions": [{ "action_id": render::ACKNOWLEDGE, "value": row(Topic::ErrorAlert, "b") }],
    });
    assert!(notifier.interaction(&click.to_string()) && !notifier.interaction("{}"));
    wait(1_000).await;
    let direct: Vec<Shown> = bench.roots().into_iter().filter(|one| one.channel == "U7").collect();
    assert!(direct.len() == 1 && direct[0].shows("a fails"), "{direct:?}");
    assert!(bench.roots().iter().any(|one| one.shows("acknowledged by <@U3>")));
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_refuses_is_left_alone_and_the_fallback_told() {
    let bench = Bench::new();
    let notifier = bench.builder().fallback("C2").start().await.unwrap();
    bench.world.refuse_in("C1", "is_archived");
    notifier.report(alert("a"));
    wait(20).await;
    notifier.report(alert("b"));
    wait(20).await;
    let roots = bench.roots();
    assert!(roots.len() == 2 && roots.iter().all(|one| one.channel == "C2"), "{roots:?}");
    assert!(roots[1].shows("not deliverable to C1"));
    assert_eq!(bench.outcomes("rerouted"), 1, "the second did not try");
    assert_eq!(bench.world.refusals(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_outage_blocks_nobody_and_what_has_no_room_is_said() {
    let bench = Bench::new();
    bench.world.down(true);
    let notifier = bench.builder().capacity(20).start().await.unwrap();
    let began = tokio::time::Instant::now();
    for number in 0..500 {
        notifier.report(alert(&format!("job {number}")));
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    wait(60).await;
    assert_eq!(bench.outcomes("dropped"), 480);
    let error = notifier.notify(&Message::new("C1", "hello").key("k")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::RateLimited && !error.is_ambiguous(), "the least severe goes first");
    bench.world.down(false);
    wait(900).await;
    assert!(bench.outcomes("deferred") > 0);
    let roots = bench.roots();
    assert_eq!(roots.len(), 11, "ten of the twenty that had room, and the digest of the others");
    assert!(roots.iter().any(|one| one.shows("*10 incidents at once*")), "{roots:?}");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_sent_now_is_sent_later() {
    let bench = Bench::new();
    bench.world.down(true);
    let notifier = bench.start().await;
    let error = notifier.notify(&Message::new("C1", "hello")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Timeout && error.is_ambiguous());
    bench.world.down(false);
    wait(900).await;
    assert!(bench.roots()[0].shows("hello"));
}

#[tokio::test(start_paused = true)]
async fn a_message_to_people_is_shown_and_replaced_under_its_key() {
    let bench = Bench::new();
    let notifier = bench.start().await;
    let first = notifier.notify(&Message::new("C5", "Deploy\nstarted").key("deploy")).await.unwrap();
    let second = notifier.notify(&Message::new("C5", "Deploy\ndone").key("deploy")).await.unwrap();
    assert_eq!(first, second);
    let [root] = &bench.roots()[..] else { panic!("one message") };
    assert!(root.channel == "C5" && root.shows("*Deploy*\\ndone"), "{root:?}");
    notifier.notify(&Message::new("C5", "Deploy")).await.unwrap();
    assert_eq!(bench.roots().len(), 2, "without a key each is its own");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_message_is_followed_by_another() {
    let bench = Bench::new();
    let notifier = bench.start().await;
    notifier.report(alert("a"));
    wait(10).await;
    bench.world.delete_all();
    notifier.report(alert("a"));
    wait(60).await;
    assert_eq!(bench.roots().len(), 1);
    assert!(bench.roots()[0].shows("2 times"));
}
