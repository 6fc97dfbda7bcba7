//! Channels that processes of their own run: what comes in is there once and what goes out is sent once, whoever dies
//! meanwhile: the process, a hub, Redis.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::channels::outside::process::{self, Running};
use switchboard::config::Config;
use switchboard::secret::Secret;
use switchboard_protocol::model::Channel;
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
        let redis = Redis::start();
        let url = redis.url();
        let business = Business::tuned(setting, "sms", settings("good"), move |config, parts| {
            config.redis.url = Secret::new(url.clone());
            config.channels.outside = vec![Channel::Sms];
            parts.channel_lease = LEASE;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_and_comes_back_empty_costs_time_and_no_message() {
    let mut outside = Outside::open(Setting::Pair).await;
    outside.start(KEY);
    carries_all_while(&mut outside, async |outside| outside.redis.lock().restart()).await;
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
