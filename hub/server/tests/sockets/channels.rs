//! Channels other than web chat: what comes in is committed once and shown live, what goes out is handed over once, and
//! what is told of it is true. One hub, and two.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::config::Config;
use switchboard::secret::Secret;
use switchboard::{App, Parts};
use switchboard_connector::{ASK_FIRST, SendError};

use crate::provider::{Provider, gateway, settings};
use crate::support::people::text;
use crate::support::{Person, Setting, Socket, World, eventually};

/// Short, so that a test can wait for a dead hub's lease to run out.
const LEASE: Duration = Duration::from_secs(3);

/// The key of its secrets, of which each byte is so.
pub const KEY: &str = "11";

/// A business with a number.
pub struct Business {
    pub world: World,
    pub provider: Provider,
    pub owner: Person,
    pub inbox: String,
    /// The path at which the provider calls.
    hook: String,
    http: reqwest::Client,
}

impl Business {
    pub async fn open(setting: Setting) -> Self {
        Self::open_on(setting, "sms", settings("good")).await
    }

    pub async fn open_on(setting: Setting, channel: &str, settings: Value) -> Self {
        Self::open_tuned(setting, channel, settings, |_| {}).await
    }

    pub async fn open_tuned(
        setting: Setting,
        channel: &str,
        settings: Value,
        tune: impl Fn(&mut Config) + Send + Sync + 'static,
    ) -> Self {
        Self::tuned(setting, channel, settings, move |config, parts| {
            tune(config);
            parts.channel_lease = LEASE;
        })
        .await
    }

    /// With what else a story wants.
    pub async fn tuned(
        setting: Setting,
        channel: &str,
        settings: Value,
        tune: impl Fn(&mut Config, &mut Parts) + Send + Sync + 'static,
    ) -> Self {
        let provider = Provider::new();
        let connect = provider.connect();
        let world = World::tuned(setting, move |config, parts| {
            config.public_url = "https://support.example.com".into();
            config.secrets.key = Secret::new(KEY.repeat(32));
            parts.connect = Some(connect.clone());
            tune(config, parts);
        })
        .await;
        let owner = world.owner().await;
        let body = json!({ "name": "Shop", "channel": channel, "case_prefix": "SB-" });
        let inbox = text(&owner.post("/api/inboxes", body).await["id"]);
        let saved = owner.put(&format!("/api/inboxes/{inbox}/channel"), settings).await;
        let address = text(&saved["webhook"]);
        let hook = address.strip_prefix("https://support.example.com").expect("the hub's own address").to_owned();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { world, provider, owner, inbox, hook, http }
    }

    pub fn app(&self) -> &App {
        self.world.app(0)
    }

    /// The provider calls a hub.
    pub async fn called(&self, hub: usize, body: Value) -> StatusCode {
        let address = format!("http://{}{}", self.world.address(hub), self.hook);
        self.http.post(address).json(&body).send().await.expect("an answer").status()
    }

    async fn writes(&self, id: &str, from: &str, message: &str) {
        assert_eq!(self.called(0, json!({ "id": id, "from": from, "text": message })).await, StatusCode::OK);
    }

    /// A conversation that a customer has begun.
    pub async fn conversation(&self, from: &str) -> String {
        self.writes(&format!("first-{from}"), from, "Hello?").await;
        let all = self.owner.get("/api/conversations").await;
        let rows = all["rows"].as_array().expect("rows");
        let theirs = rows.iter().find(|row| row["last_in_number"] == 1 && row["inbox_id"] == self.inbox.as_str());
        text(&theirs.expect("the customer's conversation")["id"])
    }

    pub async fn messages(&self, conversation: &str) -> Vec<Value> {
        self.owner.detail(conversation).await["messages"].as_array().expect("messages").clone()
    }
}

pub async fn replies(socket: &mut Socket, conversation: &str, text: &str, seen: i64) -> Value {
    let reply =
        socket.does(json!({ "do": "reply", "conversation_id": conversation, "text": text, "seen": seen })).await;
    assert_eq!(reply["ok"], "yes", "{reply}");
    reply
}

/// Waits for the channel's word on a message.
pub async fn delivery(socket: &mut Socket, message: &Value, wanted: &str) -> Value {
    let id = message["message_id"].clone();
    socket
        .wait_for(&format!("{wanted} of {id}"), move |frame| {
            let fits = frame["event"] == "delivery_changed" && frame["message_id"] == id && frame["delivery"] == wanted;
            fits.then(|| frame.clone())
        })
        .await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_five_times_is_there_once_and_a_persons_first_messages_make_one_conversation(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    const PEOPLE: usize = 20;
    const EACH: usize = 5;
    let business = Business::open(setting).await;
    let hubs = business.world.hubs();
    let mut calls = tokio::task::JoinSet::new();
    for person in 0..PEOPLE {
        for n in 0..EACH {
            for time in 0..5 {
                let address = format!("http://{}{}", business.world.address((n + time) % hubs), business.hook);
                let body = json!({ "id": format!("{person}-{n}"), "from": format!("+3160000{person}"), "text": n.to_string() });
                let call = business.http.post(address).json(&body).send();
                calls.spawn(async move { call.await.expect("an answer").status() });
            }
        }
    }
    while let Some(status) = calls.join_next().await {
        assert_eq!(status.expect("the call ends"), StatusCode::OK);
    }
    let all = business.owner.get("/api/conversations?limit=100").await;
    let rows = all["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), PEOPLE);
    for row in rows {
        let mut texts = BTreeMap::new();
        for message in business.messages(row["id"].as_str().expect("an id")).await {
            *texts.entry(text(&message["text"])).or_insert(0) += 1;
        }
        assert_eq!(texts, (0..EACH).map(|n| (n.to_string(), 1)).collect());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_out_once_and_its_states_are_the_channels_own_words(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let business = Business::open(setting).await;
    let mut agent = business.owner.through(business.world.other()).connects().await;
    let conversation = business.conversation("+31611111111").await;
    agent.event("conversation_created").await;
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(business.provider.handed(), [("+31611111111".into(), "On its way.".into())]);
    let reference = format!("sid-{}", text(&reply["message_id"]));
    let word = json!({ "id": "s1", "of": reference, "reached": "delivered" });
    assert_eq!(business.called(0, word).await, StatusCode::OK);
    delivery(&mut agent, &reply, "delivered").await;
    let messages = business.messages(&conversation).await;
    assert_eq!((&messages[1]["delivery"], messages.len()), (&json!("delivered"), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_certainly_did_not_go_out_is_tried_again_and_what_never_will_is_said() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    let busy = SendError::Later { why: "The provider is busy.".into(), after: Some(Duration::ZERO), all: false };
    business.provider.answers_next(busy);
    let reply = replies(&mut agent, &conversation, "first", 1).await;
    delivery(&mut agent, &reply, "sent").await;

    business.provider.answers_next(SendError::Refused { why: "No such number.".into() });
    let refused = replies(&mut agent, &conversation, "second", 2).await;
    assert_eq!(delivery(&mut agent, &refused, "failed").await["note"], "No such number.");
    let next = replies(&mut agent, &conversation, "third", 3).await;
    delivery(&mut agent, &next, "sent").await;
    let texts: Vec<String> = business.provider.handed().into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["first", "third"]);

    let again = format!("/api/messages/{}/send-again", text(&refused["message_id"]));
    assert_eq!(business.owner.call(Method::POST, &again, None).await.0, StatusCode::NO_CONTENT);
    delivery(&mut agent, &refused, "sent").await;
    assert_eq!(business.owner.call(Method::POST, &again, None).await.0, StatusCode::CONFLICT);
    let health = business.owner.get(&format!("/api/inboxes/{}/channel", business.inbox)).await["health"].clone();
    assert_eq!((&health["waiting"], &health["failed"], &health["state"]), (&json!(0), &json!(0), &json!("working")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_reports_by_our_id_ends_the_doubt_about_what_it_was_handed() {
    let business = Business::open_on(Setting::Alone, "gateway", gateway()).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    business.provider.answers_next(SendError::Uncertain { why: "The answer was cut.".into() });
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    let note = delivery(&mut agent, &reply, "uncertain").await["note"].clone();
    assert_eq!(note, format!("The answer was cut. {ASK_FIRST}"));
    let word = json!({ "id": "s1", "of": text(&reply["message_id"]), "reached": "delivered" });
    assert_eq!(business.called(0, word).await, StatusCode::OK);
    delivery(&mut agent, &reply, "delivered").await;
    let health = business.owner.get(&format!("/api/inboxes/{}/channel", business.inbox)).await["health"].clone();
    assert_eq!((&health["waiting"], &health["failed"]), (&json!(0), &json!(0)), "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_when_the_settings_are_mended_and_fails_when_its_inbox_is_removed() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    let hour = Duration::from_secs(3_600);
    let away = || SendError::Later { why: "The provider is away.".into(), after: Some(hour), all: true };
    business.provider.answers_next(away());
    let reply = replies(&mut agent, &conversation, "first", 1).await;
    assert_eq!(delivery(&mut agent, &reply, "queued").await["note"], "The provider is away.");
    let path = format!("/api/inboxes/{}", business.inbox);
    business.owner.put(&format!("{path}/channel"), settings("good")).await;
    delivery(&mut agent, &reply, "sent").await;

    business.provider.answers_next(away());
    let reply = replies(&mut agent, &conversation, "second", 2).await;
    delivery(&mut agent, &reply, "queued").await;
    assert_eq!(business.owner.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    let failed = delivery(&mut agent, &reply, "failed").await;
    assert_eq!(failed["note"], "This inbox was removed before the message went out.");
    // What is said after it would wait for ever.
    let more = json!({ "do": "reply", "conversation_id": conversation, "text": "third", "seen": 9 });
    assert_eq!(agent.does(more).await["error"]["code"], "conversation_closed");
    let note = json!({ "do": "note", "conversation_id": conversation, "text": "they are told by telephone" });
    assert_eq!(agent.does(note).await["ok"], "yes");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_hub_had_in_hand_when_it_was_killed_is_uncertain_and_not_sent_again_by_itself(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let mut business = Business::open(setting).await;
    let conversation = business.conversation("+31611111111").await;
    let mut agent = business.owner.connects().await;
    business.provider.stands_still();
    let reply = replies(&mut agent, &conversation, "in hand", 1).await;
    eventually("it is handed over", || async { (business.provider.handed().len() == 1).then_some(()) }).await;
    // Whichever of them holds the number: both die, and come back.
    for hub in 0..business.world.hubs() {
        business.world.kill_hub(hub);
    }
    for hub in 0..business.world.hubs() {
        business.world.start_hub(hub).await;
    }
    business.provider.goes_on();
    let state = eventually("what became of it is told", || async {
        let messages = business.messages(&conversation).await;
        (messages[1]["delivery"] != "queued").then(|| messages[1]["delivery"].clone())
    })
    .await;
    assert_eq!(state, "uncertain");
    assert_eq!(business.provider.handed().len(), 1);
    let mut agent = business.owner.connects().await;
    let again = format!("/api/messages/{}/send-again", text(&reply["message_id"]));
    assert_eq!(business.owner.call(Method::POST, &again, None).await.0, StatusCode::NO_CONTENT);
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(business.provider.handed().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_said_stop_is_not_written_to_until_they_say_start() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    let says = |id: &str, word: &str| json!({ "id": id, "from": "+31611111111", "text": word, "consent": word });
    assert_eq!(business.called(0, says("c1", "stop")).await, StatusCode::OK);
    // Told before anybody writes in vain.
    let card = agent.event("contact_changed").await["contact"].clone();
    assert!(card["identities"][0]["stopped_at"].is_i64(), "{card}");
    let reply = replies(&mut agent, &conversation, "Buy more", 2).await;
    let failed = delivery(&mut agent, &reply, "failed").await;
    assert_eq!(failed["note"], "This customer has asked not to be written to (STOP).");
    assert_eq!(business.called(0, says("c2", "start")).await, StatusCode::OK);
    let card = agent.event("contact_changed").await["contact"].clone();
    assert_eq!(card["identities"][0]["stopped_at"], Value::Null, "{card}");
    let reply = replies(&mut agent, &conversation, "Welcome back", 4).await;
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(business.provider.handed().len(), 1);
}

/// A provider's list of what was missed is read later than its calls come.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_being_written_to_is_told_by_when_it_was_said() {
    let business = Business::open(Setting::Alone).await;
    let conversation = business.conversation("+31611111111").await;
    let says = |word: &str, at: i64| json!({ "id": format!("{word}{at}"), "from": "+31611111111", "text": word, "consent": word, "at": at });
    let stopped = async || {
        let card = business.owner.get(&format!("/api/conversations/{conversation}")).await["contact"].clone();
        card["identities"][0]["stopped_at"].clone()
    };
    for (word, at, since) in [
        ("stop", 3_000, json!(3_000)),
        ("start", 2_000, json!(3_000)),
        ("stop", 5_000, json!(5_000)),
        ("start", 4_000, json!(5_000)),
        ("start", 6_000, Value::Null),
        ("stop", 5_500, Value::Null),
        ("stop", 7_000, json!(7_000)),
    ] {
        assert_eq!(business.called(0, says(word, at)).await, StatusCode::OK);
        assert_eq!(stopped().await, since, "{word} of {at}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_channel_itself_shows_the_customer_that_an_answer_is_written_and_never_a_note(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let business = Business::open(setting).await;
    let mut agent = business.owner.through(business.world.other()).connects().await;
    let noted = business.conversation("+31611111111").await;
    let answered = business.conversation("+31622222222").await;
    let keys = |conversation: &str, note: bool| json!({ "do": "typing", "conversation_id": conversation, "on": true, "note": note });
    // A hub hears of a channel that another one has set up in a moment.
    loop {
        assert_eq!(agent.does(keys(&noted, true)).await["ok"], "yes");
        assert_eq!(agent.does(keys(&answered, false)).await["ok"], "yes");
        if !business.provider.typed().is_empty() {
            break;
        }
    }
    // However often it is said, a customer is told once in a while.
    for _ in 0..20 {
        assert_eq!(agent.does(keys(&answered, false)).await["ok"], "yes");
    }
    let typed = business.provider.typed();
    assert!(typed.len() < 10 && typed.iter().all(|to| to == "+31622222222"), "{typed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_there_knows_what_a_channel_carries_and_from_where_answers_come() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let inbox = business.owner.get("/api/inboxes").await["inboxes"][0].clone();
    assert_eq!(inbox["address"], "+31200000000");
    let carries = &inbox["carries"];
    assert_eq!((&carries["files"], &carries["text_chars"]), (&json!(0), &json!(1600)));
    assert_eq!((&carries["segments"], &carries["rich_text"]), (&json!(true), &json!(false)));
    let mut moved = settings("good");
    moved["settings"]["from"] = json!("+31200000001");
    business.owner.put(&format!("/api/inboxes/{}/channel", business.inbox), moved).await;
    let told = agent.event("inbox_changed").await["inbox"].clone();
    assert_eq!((&told["address"], &told["carries"]), (&json!("+31200000001"), carries));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_cannot_carry_is_said_and_not_left_out() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    let file = business.owner.sends_up("price.txt", b"12 euro").await;
    let mut reply = json!({ "do": "reply", "conversation_id": conversation, "text": "See the file", "seen": 1 });
    reply["attachments"] = json!([file]);
    let done = agent.does(reply).await;
    let failed = delivery(&mut agent, &done, "failed").await;
    assert!(failed["note"].as_str().is_some_and(|why| why.contains("cannot carry")), "{failed}");
    assert_eq!(business.provider.handed(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_is_named_and_holds_up_nothing() {
    let business = Business::open(Setting::Alone).await;
    let film = json!({ "id": "f1", "from": "+31611111111", "text": "Look", "mib": 26 });
    assert_eq!(business.called(0, film).await, StatusCode::OK);
    let photo = json!({ "id": "f2", "from": "+31611111111", "text": "And this", "mib": 1 });
    assert_eq!(business.called(0, photo).await, StatusCode::OK);
    let rows = business.owner.get("/api/conversations").await;
    let messages = business.messages(rows["rows"][0]["id"].as_str().expect("an id")).await;
    assert_eq!(messages[0]["text"], "Look\n[film.bin: 26 MiB, not kept]");
    assert_eq!(
        (&messages[1]["text"], messages[1]["attachments"].as_array().map(Vec::len)),
        (&json!("And this"), Some(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_too_long_for_an_index_holds_up_nothing() {
    for setting in [Setting::Alone, Setting::Pair] {
        let business = Business::open(setting).await;
        let long = "ü".repeat(20_000);
        let word = json!({ "id": "s1", "of": long, "reached": "delivered" });
        assert_eq!(business.called(0, word).await, StatusCode::OK);
        let message = json!({ "id": long, "from": long, "text": "Hello" });
        assert_eq!(business.called(0, message).await, StatusCode::OK);
        assert_eq!(business.owner.get("/api/conversations").await["rows"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_larger_than_its_channel_takes_is_refused_before_it_is_read() {
    let business = Business::open(Setting::Alone).await;
    let large = "x".repeat(switchboard_connector::limits::CALL_BYTES);
    let message = json!({ "id": "1", "from": "+31611111111", "text": large });
    assert_eq!(business.called(0, message).await, StatusCode::PAYLOAD_TOO_LARGE);
    business.writes("2", "+31611111111", "short").await;
}

/// A database that refuses the message, and the customer, that say so.
const REFUSING: &str = "\
    CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF row_to_json(NEW)::text LIKE '%unkeepable%' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$; \
    CREATE TRIGGER refuses BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuses(); \
    CREATE TRIGGER refuses BEFORE INSERT ON identities FOR EACH ROW EXECUTE FUNCTION refuses();";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_cannot_keep_is_there_without_its_content_and_holds_up_nothing() {
    let business = Business::open(Setting::Pair).await;
    business.world.database_does(REFUSING).await;
    let message = |n: usize, from: &str, text: &str| json!({ "id": format!("m{n}"), "from": from, "text": text });
    let brought = json!([
        message(0, "+31600000000", "before"),
        message(1, "+31600000001", "unkeepable"),
        message(2, "+31600000001", "and then"),
        message(3, "unkeepable", "from whom?"),
        { "id": "s1", "of": "m0", "edited": "changed" },
        message(4, "+31600000004", "after"),
    ]);
    for _ in 0..2 {
        assert_eq!(business.called(0, brought.clone()).await, StatusCode::OK);
    }
    let all = business.owner.get("/api/conversations").await;
    let mut texts = Vec::new();
    for row in all["rows"].as_array().expect("rows") {
        let messages = business.messages(row["id"].as_str().expect("an id")).await;
        texts.push(messages.iter().map(|one| text(&one["text"])).collect::<Vec<_>>().join(" | "));
    }
    texts.sort();
    let lost = "This message could not be kept: its content cannot be stored. Look for it where it came in, or ask its \
                sender for it again.";
    assert_eq!(texts, [lost.to_owned(), format!("{lost} | and then"), "after".to_owned(), "changed".to_owned()]);
}

/// A disk that has room for short texts only, as PostgreSQL says it.
const NEARLY_FULL: &str = "\
    CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF length(NEW.text) > 1000 THEN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END IF; RETURN NEW; END $$; \
    CREATE TRIGGER is_full BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION is_full();";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_has_no_room_for_just_now_stays_with_its_provider_until_it_has() {
    let business = Business::open(Setting::Pair).await;
    business.world.database_does(NEARLY_FULL).await;
    let long = "A long story. ".repeat(100);
    let brought = json!([
        { "id": "m1", "from": "+31600000001", "text": long },
        { "id": "m2", "from": "+31600000002", "text": "short" },
    ]);
    assert_eq!(business.called(0, brought.clone()).await, StatusCode::SERVICE_UNAVAILABLE);
    let health = &business.owner.get(&format!("/api/inboxes/{}/channel", business.inbox)).await["health"];
    assert_eq!(health["last_received_at"], Value::Null, "nothing has come in: {health}");
    business.world.database_does("DROP TRIGGER is_full ON messages").await;
    assert_eq!(business.called(0, brought).await, StatusCode::OK);
    let all = business.owner.get("/api/conversations").await;
    let rows = all["rows"].as_array().expect("rows");
    let mut texts: Vec<String> = rows.iter().map(|row| text(&row["preview"]["text"])).collect();
    texts.sort();
    assert!(rows.len() == 2 && texts[0].starts_with("A long story.") && texts[1] == "short", "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hub_cannot_read_of_its_own_rows_costs_no_message_its_content() {
    let business = Business::open(Setting::Pair).await;
    let conversation = business.conversation("+31600000001").await;
    business.world.database_does("UPDATE conversations SET source = 'unreadable ' || source").await;
    let next = json!({ "id": "m2", "from": "+31600000001", "text": "Are you there?" });
    assert_eq!(business.called(0, next.clone()).await, StatusCode::SERVICE_UNAVAILABLE);
    business.world.database_does("UPDATE conversations SET source = replace(source, 'unreadable ', '')").await;
    assert_eq!(business.called(0, next).await, StatusCode::OK);
    assert_eq!(business.messages(&conversation).await[1]["text"], "Are you there?");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_told_that_files_wait_for_room_on_the_disk() {
    let business = Business::open_tuned(Setting::Alone, "sms", settings("good"), |config| {
        config.limits.visitor_uploads_leave_free = u64::MAX;
    })
    .await;
    business.provider.arrives(json!({ "id": "m1", "from": "+31600000001", "text": "Look", "pictures": ["a"] }));
    eventually("it is told", || async {
        let channel = business.owner.get(&format!("/api/inboxes/{}/channel", business.inbox)).await;
        channel["health"]["trouble"]
            .as_str()
            .filter(|why| why.contains("MiB free") && why.contains("make room"))
            .map(drop)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_has_the_time_at_which_it_was_written_unless_that_cannot_be() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let now = business.world.app(0).clock.now();
    let days = |days: i64| now - days * 86_400_000;
    let brings = |id: &str, at: i64| json!({ "id": id, "from": "+31611111111", "text": id, "at": at });
    assert_eq!(business.called(0, brings("late", days(3))).await, StatusCode::OK);
    let begun = agent.event("conversation_created").await;
    assert!(begun["at"].as_i64().is_some_and(|at| at >= now), "it is told when it came: {begun}");
    assert_eq!(begun["messages"][0]["at"], days(3));
    assert_eq!(
        (&begun["conversation"]["waiting_since"], &begun["conversation"]["last_activity_at"]),
        (&json!(days(3)), &json!(days(3)))
    );
    for (id, at, shown) in [("older", days(4), Some(days(4))), ("never", 5, None), ("tomorrow", days(-1), None)] {
        assert_eq!(business.called(0, brings(id, at)).await, StatusCode::OK);
        let event = agent.message_event(id).await;
        match shown {
            Some(shown) => {
                assert_eq!(event["message"]["at"], shown);
                assert_eq!(event["patch"]["last_activity_at"], days(3), "it goes on and never back");
            }
            None => assert!(event["message"]["at"].as_i64().is_some_and(|at| at >= now && at < days(-1)), "{event}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_rewrites_is_rewritten_in_the_thread_and_in_the_list() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    let edit = json!({ "id": "e1", "of": "first-+31611111111", "edited": "Hello! Where is it?" });
    assert_eq!(business.called(0, edit).await, StatusCode::OK);
    let event = agent.event("message_changed").await;
    assert_eq!(event["message"]["text"], "Hello! Where is it?");
    assert!(event["message"]["edited_at"].is_i64());
    let rows = business.owner.get("/api/conversations").await;
    assert_eq!(rows["rows"][0]["preview"]["text"], "Hello! Where is it?");
    assert_eq!(business.messages(&conversation).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hub_goes_on_with_the_number_of_one_that_dies() {
    let mut business = Business::open(Setting::Pair).await;
    let conversation = business.conversation("+31611111111").await;
    for (n, dies) in [(0, 0), (1, 1)] {
        let lives = 1 - dies;
        business.world.kill_hub(dies);
        let mut agent = business.owner.through(business.world.address(lives)).connects().await;
        let seen = 1 + n;
        let reply = replies(&mut agent, &conversation, &format!("answer {n}"), seen).await;
        delivery(&mut agent, &reply, "sent").await;
        business.world.start_hub(dies).await;
        business.owner = business.owner.through(business.world.address(lives));
    }
    let texts: Vec<String> = business.provider.handed().into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["answer 0", "answer 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_tried_before_they_are_kept_and_secrets_are_shown_to_nobody() {
    let business = Business::open(Setting::Alone).await;
    let path = format!("/api/inboxes/{}/channel", business.inbox);
    let shown = business.owner.get(&path).await;
    assert_eq!(shown["secrets"], json!(["auth_token"]));
    assert!(!shown.to_string().contains("good"), "{shown}");
    let (status, refused) = business.owner.call(Method::PUT, &path, Some(settings("bad"))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["error"]["fields"][0]["message"], "The provider does not know this token.");
    let tried = business.owner.post(&format!("{path}/try"), settings("bad")).await;
    assert_eq!(tried, json!({ "ok": false, "sentence": "The provider does not know this token." }));
    // A secret that is not named stays as it is.
    let mut without = settings("");
    without["secrets"] = json!({});
    let tried = business.owner.post(&format!("{path}/try"), without).await;
    assert_eq!(tried, json!({ "ok": true, "sentence": "+31 20 000 0000" }));
    // It goes where it was typed for and nowhere else.
    let mut elsewhere = settings("");
    elsewhere["secrets"] = json!({});
    elsewhere["settings"]["base_url"] = json!("https://evil.example");
    for (method, path) in [(Method::PUT, path.clone()), (Method::POST, format!("{path}/try"))] {
        let (status, refused) = business.owner.call(method, &path, Some(elsewhere.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused["error"]["fields"][0]["field"], "secrets.auth_token", "{refused}");
    }
    elsewhere["secrets"] = json!({ "auth_token": "good" });
    business.owner.put(&path, elsewhere).await;
    let agent = business.owner.invites("an", "agent").await;
    for (method, path) in
        [(Method::GET, path.clone()), (Method::PUT, path.clone()), (Method::POST, format!("{path}/try"))]
    {
        let body = (method != Method::GET).then(|| settings("good"));
        assert_eq!(agent.call(method, &path, body).await.0, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_calls_but_at_an_inboxs_own_address_and_who_may_not_see_a_message_cannot_send_it_again() {
    let business = Business::open(Setting::Alone).await;
    let conversation = business.conversation("+31611111111").await;
    let mut owner = business.owner.connects().await;
    business.provider.answers_next(SendError::Refused { why: "No such number.".into() });
    let reply = replies(&mut owner, &conversation, "no", 1).await;
    delivery(&mut owner, &reply, "failed").await;
    for path in ["/hooks/", "/hooks/none", "/hooks/none/status"] {
        let address = format!("http://{}{path}", business.world.address(0));
        let answer = business.http.post(address).json(&json!({})).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let stranger = business.owner.invites("an", "agent").await;
    let message = text(&reply["message_id"]);
    for (method, what) in [(Method::POST, "send-again"), (Method::GET, "body")] {
        let path = format!("/api/messages/{message}/{what}");
        assert_eq!(stranger.call(method, &path, None).await.0, StatusCode::NOT_FOUND, "{what}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_works_in_an_inbox_hears_that_nothing_comes_in_and_not_why(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let business = Business::open(setting).await;
    let (anna, ben) = (business.owner.invites("anna", "agent").await, business.owner.invites("ben", "agent").await);
    let access = json!({ "agents": [anna.id], "teams": [] });
    business.owner.put(&format!("/api/inboxes/{}/access", business.inbox), access).await;
    let path = format!("/api/inboxes/{}/health", business.inbox);
    eventually("it works", || async { (anna.get(&path).await["state"] == "working").then_some(()) }).await;
    let mut socket = anna.connects().await;
    let health = async |socket: &mut Socket, state: &str| {
        let wanted = format!("that it is {state}");
        let told = |frame: &Value| {
            let fits = frame["event"] == "inbox_health_changed" && frame["health"]["state"] == state;
            fits.then(|| frame["health"].clone())
        };
        socket.wait_for(&wanted, told).await
    };

    business.provider.is_away(Some("imap://help:hunter2@10.0.0.7 is away"));
    let told = health(&mut socket, "away").await;
    assert_eq!(told, anna.get(&path).await);
    assert_eq!(anna.get("/api/session").await["health"], json!([told]));
    assert!(!told.to_string().contains("hunter2"), "{told}");
    business.provider.is_away(Some("it is still away, and says something else of it"));
    let admin = format!("/api/inboxes/{}/channel", business.inbox);
    eventually("the admin reads the news", || async {
        let trouble = text(&business.owner.get(&admin).await["health"]["trouble"]);
        trouble.contains("something else").then_some(())
    })
    .await;
    assert_eq!(anna.get(&path).await["since"], told["since"], "it has not worked since it stopped");

    business.provider.is_away(None);
    health(&mut socket, "working").await;
    assert_eq!(ben.call(Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ben.get("/api/session").await["health"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_led_to_what_has_not_gone_out() {
    let business = Business::open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    business.provider.answers_next(SendError::Refused { why: "No such number.".into() });
    let reply = replies(&mut agent, &conversation, "first", 1).await;
    delivery(&mut agent, &reply, "failed").await;
    let row = business.owner.detail(&conversation).await["row"].clone();
    assert_eq!(row["undelivered_number"], 2);
    let path = format!("/api/inboxes/{}/channel/held", business.inbox);
    let held = business.owner.get(&path).await["messages"].clone();
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{held}");
    let shown = json!({ "conversation_id": conversation, "number": 2, "delivery": "failed", "note": "No such number.",
        "case_number": "SB-1" });
    for (name, value) in shown.as_object().expect("an object") {
        assert_eq!(held[0][name], *value, "{name}");
    }
    let anna = business.owner.invites("anna", "agent").await;
    assert_eq!(anna.call(Method::GET, &path, None).await.0, StatusCode::FORBIDDEN);
}
