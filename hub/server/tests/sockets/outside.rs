//! Channels that processes of their own run: what comes in is there once and what goes out is sent once, whoever dies
//! meanwhile: the process, a hub, Redis.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::Parts;
use switchboard::channels::AT_ONCE;
use switchboard::channels::outside::process::{self, Running};
use switchboard::config::Config;
use switchboard::secret::Secret;
use switchboard_backplane::{Backplane, NodeId, RedisConfig};
use switchboard_protocol::model::Channel;
use switchboard_store::outbox;
use testkit::Redis;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::channels::{Business, KEY, delivery, replies};
use crate::provider::settings;
use crate::support::people::text;
use crate::support::{Setting, Socket, eventually};

/// Short, so that a test can wait for a dead holder's lease to run out.
const LEASE: Duration = Duration::from_secs(2);
/// Until all is settled: a few leases, and the silences after which somebody is taken for gone.
const PATIENCE: Duration = Duration::from_secs(90);
/// Messages that may be in hand when somebody dies: those of one hub, and those of the next.
const IN_HAND: usize = 8;
/// People who write, and people who are written to.
const PEOPLE: usize = 10;
/// Messages of each.
const EACH: usize = 10;

/// A business whose number processes beside the hubs talk with.
struct Outside {
    business: Business,
    redis: Mutex<Redis>,
    processes: Vec<Option<(Runtime, Running)>>,
}

impl Outside {
    async fn open(setting: Setting) -> Self {
        Self::tuned(setting, |_, _| {}).await
    }

    async fn tuned(setting: Setting, tune: impl Fn(&mut Config, &mut Parts) + Send + Sync + 'static) -> Self {
        let redis = Redis::start();
        let url = redis.url();
        let business = Business::tuned(setting, "sms", settings("good"), move |config, parts| {
            config.redis.url = Secret::new(url.clone());
            config.channels.outside = vec![Channel::Sms];
            parts.channel_lease = LEASE;
            tune(config, parts);
        })
        .await;
        Self { business, redis: Mutex::new(redis), processes: Vec::new() }
    }

    /// Starts a process in a runtime of its own, so that it can be killed.
    fn start(&mut self, key: &str) {
        let mut config = Config::defaults();
        config.redis.url = Secret::new(self.redis.lock().url());
        config.secrets.key = Secret::new(key.repeat(32));
        let parts = process::Parts {
            connect: Some(self.business.provider.connect()),
            lease: LEASE,
            ..process::Parts::default()
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let _inside = runtime.enter();
        let running = process::start(&config, vec![Channel::Sms], parts).expect("the process starts");
        self.processes.push(Some((runtime, running)));
    }

    /// As kill -9 does.
    fn kill(&mut self, process: usize) {
        let (runtime, running) = self.processes[process].take().expect("it runs");
        drop(running);
        runtime.shutdown_background();
    }

    /// As SIGTERM does.
    async fn stop(&mut self, process: usize) {
        let (runtime, running) = self.processes[process].take().expect("it runs");
        runtime.spawn(running.stop()).await.expect("it stops");
        runtime.shutdown_background();
    }

    async fn health(&self) -> Value {
        self.business.owner.get(&format!("/api/inboxes/{}/channel", self.business.inbox)).await["health"].clone()
    }

    async fn is(&self, state: &str) -> Value {
        let what = format!("the channel is {state}");
        eventually(&what, || async { Some(self.health().await).filter(|health| health["state"] == state) }).await
    }

    /// One person more writes by the channel, and the agent sees it.
    async fn written(&self, agent: &mut Socket, from: &str) -> String {
        self.business.provider.arrives(json!({ "id": format!("first-{from}"), "from": from, "text": "Hello?" }));
        text(&agent.event("conversation_created").await["conversation"]["id"])
    }

    /// All texts of customers, and of agents with what became of them.
    async fn everything(&self) -> (Vec<String>, BTreeMap<String, String>) {
        let (mut came, mut went) = (Vec::new(), BTreeMap::new());
        let all = self.business.owner.get("/api/conversations?limit=100").await;
        for row in all["rows"].as_array().expect("rows") {
            for message in self.business.messages(row["id"].as_str().expect("an id")).await {
                match message["author"]["kind"].as_str() {
                    Some("contact") => came.push(text(&message["text"])),
                    Some("agent") => {
                        went.insert(text(&message["text"]), text(&message["delivery"]));
                    }
                    _ => {}
                }
            }
        }
        (came, went)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        for process in 0..self.processes.len() {
            if self.processes[process].is_some() {
                self.kill(process);
            }
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_comes_in_and_an_answer_goes_out_by_a_process_of_its_own(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let mut outside = Outside::open(setting).await;
    outside.start(KEY);
    let mut agent = outside.business.owner.through(outside.business.world.other()).connects().await;
    let conversation = outside.written(&mut agent, "+31611111111").await;
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(outside.business.provider.handed(), [("+31611111111".into(), "On its way.".into())]);
    // The provider calls a hub, as it always does.
    let word = json!({ "id": "s1", "of": format!("sid-{}", text(&reply["message_id"])), "reached": "delivered" });
    assert!(outside.business.called(0, word).await.is_success());
    delivery(&mut agent, &reply, "delivered").await;
    outside.is("working").await;
    // What is larger than an entry of a stream passes beside it.
    let large = json!({ "id": "large", "from": "+31611111111", "text": "Look", "mib": 24 });
    outside.business.provider.arrives(large);
    let message = agent.wait_for("the file", |frame| {
        (frame["event"] == "message_created" && frame["message"]["text"] == "Look").then(|| frame["message"].clone())
    });
    assert_eq!(message.await["attachments"][0]["bytes"], 24 * 1024 * 1024);
    outside.stop(0).await;
    outside.is("away").await;
}

/// A hundred messages come in and a hundred answers go out while something happens to those who carry them. Afterwards all
/// that came is there once, and each answer was handed over once at most: all but a few that were in hand went out, and of
/// those it is said that nobody knows.
async fn carries_all_while(outside: &mut Outside, happens: impl AsyncFnOnce(&mut Outside)) {
    let address = outside.business.world.other();
    let mut agent = outside.business.owner.through(address).connects().await;
    let mut conversations = Vec::new();
    for person in 0..PEOPLE {
        conversations.push(outside.written(&mut agent, &format!("+3161000000{person}")).await);
    }
    let mut expected: Vec<String> = vec!["Hello?".into(); PEOPLE];
    for n in 0..PEOPLE * EACH {
        let (from, text) = (format!("+3162000000{}", n % PEOPLE), format!("in {n}"));
        outside.business.provider.arrives(json!({ "id": text, "from": from, "text": text }));
        expected.push(text);
    }
    let mut answers = Vec::new();
    for n in 0..EACH {
        for (person, conversation) in conversations.iter().enumerate() {
            let text = format!("out {person} {n}");
            replies(&mut agent, conversation, &text, 1 + n as i64).await;
            answers.push(text);
        }
    }
    eventually("some went out", || async { (outside.business.provider.handed().len() >= PEOPLE).then_some(()) }).await;
    happens(outside).await;
    outside.business.owner = outside.business.owner.through(outside.business.world.other());
    let since = Instant::now();
    let went = loop {
        let (came, went) = outside.everything().await;
        let settled = went.values().all(|state| state != "queued");
        if came.len() >= expected.len() && went.len() == answers.len() && settled {
            break went;
        }
        assert!(since.elapsed() < PATIENCE, "{} came in, and of what was to go out: {went:?}", came.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (mut came, _) = outside.everything().await;
    came.sort();
    expected.sort();
    assert_eq!(came, expected, "each once");
    let handed: Vec<String> = outside.business.provider.handed().into_iter().map(|(_, text)| text).collect();
    let mut once = BTreeMap::new();
    for text in &handed {
        *once.entry(text.clone()).or_insert(0) += 1;
    }
    assert!(once.values().all(|times| *times == 1), "{once:?}");
    let unknown: Vec<&String> = went.iter().filter(|(_, state)| *state == "uncertain").map(|(text, _)| text).collect();
    assert!(unknown.len() <= IN_HAND, "only what was in hand is in doubt: {unknown:?}");
    for (text, state) in &went {
        assert!(state == "uncertain" || state == "sent" && once.contains_key(text), "{text}: {state}");
    }
    assert_eq!(outside.business.provider.most_fetched(), 1, "one holder at a time");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_process_goes_on_where_one_was_killed(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let mut outside = Outside::open(setting).await;
    outside.start(KEY);
    outside.is("working").await;
    outside.start(KEY);
    carries_all_while(&mut outside, async |outside| outside.kill(0)).await;
}

/// More than is sent at once: what Redis answered too late to be heard lies there too.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_others_left_in_hand_the_next_process_goes_on() {
    let mut outside = Outside::open(Setting::Alone).await;
    let config = RedisConfig {
        url: outside.redis.lock().url(),
        prefix: Config::defaults().redis.prefix,
        node: NodeId::new("one-that-has-died"),
    };
    let dead = Backplane::redis(config).expect("a backplane");
    dead.connected().await;
    let jobs = dead.stream(&format!("outside4/jobs/{}", outside.business.inbox));
    for _ in 0..3 * AT_ONCE {
        jobs.append("no job".into()).await.expect("it is laid down");
    }
    let left = jobs.claim("one-that-has-died", 3 * AT_ONCE, Duration::ZERO).await.expect("they are taken");
    assert_eq!(left.len(), 3 * AT_ONCE);
    let mut agent = outside.business.owner.connects().await;
    outside.start(KEY);
    let conversation = outside.written(&mut agent, "+31611111111").await;
    let reply = replies(&mut agent, &conversation, "Here we are.", 1).await;
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(jobs.reclaim("whoever-looks", Duration::ZERO, 100).await.expect("it is looked"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_and_comes_back_empty_costs_time_and_no_message() {
    let mut outside = Outside::open(Setting::Pair).await;
    outside.start(KEY);
    carries_all_while(&mut outside, async |outside| outside.redis.lock().restart()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_redis_was_away_for_longer_than_a_lease_a_process_has_its_channel_again() {
    let mut outside = Outside::open(Setting::Alone).await;
    outside.start(KEY);
    let mut agent = outside.business.owner.connects().await;
    let conversation = outside.written(&mut agent, "+31611111111").await;
    outside.redis.lock().kill();
    tokio::time::sleep(2 * LEASE).await;
    outside.redis.lock().restart();
    let reply = replies(&mut agent, &conversation, "We are back.", 1).await;
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(outside.business.provider.handed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hub_could_not_hand_to_a_process_before_it_ended_goes_out_by_the_next() {
    let mut outside = Outside::open(Setting::Alone).await;
    outside.start(KEY);
    outside.is("working").await;
    let mut agent = outside.business.owner.connects().await;
    let conversation = outside.written(&mut agent, "+31611111111").await;
    outside.redis.lock().freeze();
    // Larger than what lies in an entry of a stream: Redis has to take it before anybody can be told of it.
    let reply = replies(&mut agent, &conversation, &"й".repeat(9_000), 1).await;
    let store = outside.business.app().store.clone();
    let inbox = outside.business.inbox.parse().expect("an inbox");
    eventually("the hub has it in hand", || async {
        let left = outbox::left(&store, inbox, "", 0, 1).await.expect("the store can be read");
        left.first().cloned()
    })
    .await;
    drop(store);
    outside.business.world.kill_hub(0);
    outside.redis.lock().thaw();
    outside.business.world.start_hub(0).await;
    outside.business.owner = outside.business.owner.through(outside.business.world.address(0));
    let state = eventually("what became of it is told", || async {
        let messages = outside.business.messages(&conversation).await;
        let told = messages.iter().find(|message| message["id"] == reply["message_id"])?["delivery"].clone();
        (told != "queued").then_some(told)
    })
    .await;
    assert_eq!(state, "sent");
    assert_eq!(outside.business.provider.handed().len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_killed_costs_no_message(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let mut outside = Outside::open(setting).await;
    outside.start(KEY);
    carries_all_while(&mut outside, async |outside| {
        for hub in 0..outside.business.world.hubs() {
            outside.business.world.kill_hub(hub);
            outside.business.world.start_hub(hub).await;
        }
    })
    .await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_has_to_say_of_a_message_is_heard_by_the_hub_that_comes_after(
    #[values("while no hub lived", "after the next hub had begun to ask")] said: &str,
) {
    let mut outside = Outside::open(Setting::Alone).await;
    outside.start(KEY);
    let mut agent = outside.business.owner.connects().await;
    let conversation = outside.written(&mut agent, "+31611111111").await;
    outside.business.provider.stands_still();
    replies(&mut agent, &conversation, "On its way.", 1).await;
    eventually("the provider has it", || async { outside.business.provider.handed().first().cloned() }).await;
    outside.business.world.kill_hub(0);
    if said == "while no hub lived" {
        outside.business.provider.goes_on();
        outside.business.world.start_hub(0).await;
    } else {
        outside.business.world.start_hub(0).await;
        outside.is("working").await;
        outside.business.provider.goes_on();
    }
    let since = Instant::now();
    loop {
        let (_, went) = outside.everything().await;
        match went["On its way."].as_str() {
            "sent" => break,
            "queued" => assert!(since.elapsed() < PATIENCE, "nobody has asked"),
            other => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(outside.business.provider.handed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_runs_a_channel_it_says_so_and_what_is_to_go_out_waits() {
    let mut outside = Outside::open(Setting::Alone).await;
    let conversation = outside.business.conversation("+31611111111").await;
    let mut agent = outside.business.owner.connects().await;
    let reply = replies(&mut agent, &conversation, "Later, then.", 1).await;
    let health = outside.is("away").await;
    assert!(health["trouble"].as_str().is_some_and(|why| why.contains("switchboard connector sms")), "{health}");
    outside.start(KEY);
    delivery(&mut agent, &reply, "sent").await;
    outside.is("working").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_answers_and_keeps_nothing_is_called_so() {
    // It is told by whoever holds the lease, when Redis has refused for five seconds, and soon nobody can.
    let longer = |_: &mut Config, parts: &mut Parts| parts.channel_lease = 5 * LEASE;
    let mut outside = Outside::tuned(Setting::Alone, longer).await;
    outside.start(KEY);
    // A Redis that was just started grants no lease for as long as one lasts.
    tokio::time::sleep(5 * LEASE).await;
    outside.is("working").await;
    outside.redis.lock().does("CONFIG SET maxmemory 1");
    let health = outside.is("away").await;
    assert!(health["trouble"].as_str().is_some_and(|why| why.contains("It may be full")), "{health}");
    outside.redis.lock().does("CONFIG SET maxmemory 0");
    outside.is("working").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_that_differ_about_a_channel_end_no_runner_of_it() {
    let hubs = AtomicUsize::new(0);
    let mut outside = Outside::tuned(Setting::Pair, move |config, _| {
        let hub = hubs.fetch_add(1, Ordering::Relaxed);
        config.public_url = format!("https://support{}.example.com", if hub == 0 { "" } else { "2" });
    })
    .await;
    outside.start(KEY);
    outside.is("working").await;
    let began = outside.business.provider.times_fetched();
    let since = Instant::now();
    // Each of the hubs has laid out its own form of it some times.
    while since.elapsed() < Duration::from_secs(4) {
        assert_eq!(outside.business.provider.times_fetched(), began, "it is fetched from anew");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // What is changed is heard of all the same.
    let path = format!("/api/inboxes/{}/channel", outside.business.inbox);
    outside.business.owner.put(&path, settings("good")).await;
    eventually("the new settings are in use", || async {
        (outside.business.provider.times_fetched() > began).then_some(())
    })
    .await;
    outside.is("working").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_with_another_key_says_so_and_leaves_the_channel_to_one_that_can() {
    let mut outside = Outside::open(Setting::Alone).await;
    outside.start("22");
    let health = outside.is("broken").await;
    assert!(health["trouble"].as_str().is_some_and(|why| why.contains("sealed with another key")), "{health}");
    outside.start(KEY);
    outside.is("working").await;
    let mut agent = outside.business.owner.connects().await;
    outside.written(&mut agent, "+31611111111").await;
}
