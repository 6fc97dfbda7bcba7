//! Messages that are on their way while something happens around them: settings that are saved, leases that run out, a hub
//! that ends. Nothing is said of them that is not so, and none goes out twice.

use std::time::Duration;

use serde_json::json;
use switchboard::channels::AT_ONCE;
use switchboard::config::Config;
use switchboard::secret::Secret;
use switchboard_store::outbox;
use tokio::time::{Instant, sleep};

use crate::channels::{Business, delivery, replies};
use crate::provider::settings;
use crate::support::{Setting, eventually};

/// Short, so that a test can wait for one to run out.
const LEASE: Duration = Duration::from_secs(1);
/// Longer than it takes until another has a lease that is not renewed, and has looked at what was left.
const TAKEN_OVER: Duration = Duration::from_secs(5);

async fn open(setting: Setting) -> Business {
    tuned(setting, |_| {}).await
}

async fn tuned(setting: Setting, tune: impl Fn(&mut Config) + Send + Sync + 'static) -> Business {
    Business::tuned(setting, "sms", settings("good"), move |config, parts| {
        tune(config);
        parts.channel_lease = LEASE;
    })
    .await
}

/// Asks for so long whether the newest message of a conversation still waits.
async fn waits_for(time: Duration, business: &Business, conversation: &str) {
    let since = Instant::now();
    while since.elapsed() < time {
        assert_eq!(newest(business, conversation).await, "queued");
        sleep(LEASE / 4).await;
    }
}

/// How far the newest message of a conversation that goes out has come.
async fn newest(business: &Business, conversation: &str) -> String {
    let messages = business.messages(conversation).await;
    let newest = messages.iter().rev().find_map(|message| message["delivery"].as_str());
    newest.expect("a message that goes out").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_sent_while_its_inbox_is_renamed_is_in_no_doubt() {
    let business = open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    business.provider.stands_still();
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    eventually("the provider has it", || async { business.provider.handed().first().cloned() }).await;
    business.owner.patch(&format!("/api/inboxes/{}", business.inbox), json!({ "name": "Support" })).await;
    waits_for(TAKEN_OVER, &business, &conversation).await;
    business.provider.goes_on();
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(business.provider.handed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_a_lease_while_redis_was_away_ends_and_what_they_had_in_hand_goes_out_once() {
    let mut business = open(Setting::Pair).await;
    let conversation = business.conversation("+31611111111").await;
    let mut agent = business.owner.connects().await;
    business.provider.stands_still();
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    eventually("the provider has it", || async { business.provider.handed().first().cloned() }).await;
    let redis = business.world.redis.as_mut().expect("two hubs have a Redis");
    redis.kill();
    sleep(2 * LEASE).await;
    redis.restart();
    // Whoever sends for the inbox from now on cannot know what became of it.
    delivery(&mut agent, &reply, "uncertain").await;
    business.provider.arrives(json!({ "id": "after", "from": "+31611111111", "text": "And now?" }));
    agent.message_event("And now?").await;
    business.provider.goes_on();
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(business.provider.handed().len(), 1);
    assert_eq!(business.provider.most_fetched(), 1, "one holder at a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_that_share_no_leases_doubt_nothing_that_one_of_them_has_in_hand() {
    let business = tuned(Setting::Pair, |config| config.redis.url = Secret::new(String::new())).await;
    let conversation = business.conversation("+31611111111").await;
    let mut agent = business.owner.connects().await;
    business.provider.stands_still();
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    eventually("the provider has it", || async { business.provider.handed().first().cloned() }).await;
    // Each of them looks after what others have left.
    waits_for(8 * LEASE, &business, &conversation).await;
    business.provider.goes_on();
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(business.provider.handed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_which_its_hub_did_not_hear_waits_again_in_a_moment() {
    let business = open(Setting::Alone).await;
    let mut conversations = Vec::new();
    for person in 0..=AT_ONCE {
        conversations.push(business.conversation(&format!("+3161111111{person}")).await);
    }
    let mut agent = business.owner.connects().await;
    // As many as go side by side, so that the last one waits in the queue.
    business.provider.stands_still();
    for conversation in &conversations[..AT_ONCE] {
        replies(&mut agent, conversation, "On its way.", 1).await;
    }
    eventually("they are in hand", || async { (business.provider.handed().len() == AT_ONCE).then_some(()) }).await;
    let last = replies(&mut agent, &conversations[AT_ONCE], "And you.", 1).await;
    let (app, inbox) = (business.app(), business.inbox.parse().expect("an inbox"));
    let holder = outbox::left(&app.store, inbox, "", 0, 1).await.expect("the store can be read")[0].holder.clone();
    let now = app.clock.now();
    let claimed = app.store.write(move |tx| Box::pin(async move { outbox::claim(tx, inbox, &holder, now, 1).await }));
    assert_eq!(claimed.await.expect("it is committed").value.len(), 1);
    business.provider.goes_on();
    delivery(&mut agent, &last, "sent").await;
    assert_eq!(business.provider.handed().len(), AT_ONCE + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_while_a_message_is_put_together_leaves_no_doubt_about_it() {
    let business = open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    business.provider.breaks_next();
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    let waits = delivery(&mut agent, &reply, "queued").await;
    assert_eq!(waits["note"], "A fault in the hub kept this message from going out.");
    delivery(&mut agent, &reply, "sent").await;
    assert_eq!(business.provider.handed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_conversation_comes_back_for_what_may_not_have_arrived_and_for_nothing_else() {
    let mut business = open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("+31611111111").await;
    let path = format!("/api/conversations/{conversation}");
    let reply = replies(&mut agent, &conversation, "On its way.", 1).await;
    delivery(&mut agent, &reply, "sent").await;
    business.owner.patch(&path, json!({ "status": "closed" })).await;
    let status = async |business: &Business| business.owner.detail(&conversation).await["row"]["status"].clone();
    let of = format!("sid-{}", reply["message_id"].as_str().expect("an id"));
    for (id, reached) in [("s1", "delivered"), ("s2", "it comes late")] {
        let word = json!({ "id": id, "of": of, "reached": reached });
        assert!(business.called(0, word).await.is_success());
    }
    assert_eq!(newest(&business, &conversation).await, "delivered");
    assert_eq!(status(&business).await, "closed", "what has arrived has arrived");

    business.provider.stands_still();
    let seen = business.owner.detail(&conversation).await["row"]["last_number"].as_i64().expect("a number");
    replies(&mut agent, &conversation, "Are you there?", seen).await;
    eventually("it is in hand", || async { (business.provider.handed().len() == 2).then_some(()) }).await;
    business.owner.patch(&path, json!({ "status": "closed" })).await;
    business.world.kill_hub(0);
    business.world.start_hub(0).await;
    eventually("its state is told", || async { (newest(&business, &conversation).await == "uncertain").then_some(()) })
        .await;
    assert_eq!(status(&business).await, "open");
}
