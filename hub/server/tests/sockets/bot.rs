//! What a bot's channel asks of the hub beside what all channels do: albums in parts, links with a payload, people who have
//! blocked it.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::channels::{Business, delivery, replies};
use crate::provider::bot;
use crate::support::Setting;

const MARIA: &str = "42";

async fn opens(setting: Setting) -> Business {
    let business = Business::open_on(setting, "telegram", bot()).await;
    business.provider.carries_files(10);
    business
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_an_album_are_one_message_whichever_hub_they_come_to() {
    const PARTS: usize = 6;
    let business = opens(Setting::Pair).await;
    let conversation = business.conversation(MARIA).await;
    let part = |number: usize| {
        // One has the words, one a file that could not be had.
        let words = match number {
            0 => "our holiday",
            3 => "[film.mp4: 45 MB; bots may fetch 20 MB at most]",
            _ => "",
        };
        let pictures: Vec<String> = (number != 3).then(|| format!("p{number}")).into_iter().collect();
        json!({ "id": format!("part-{number}"), "from": MARIA, "whole": "album", "text": words, "pictures": pictures })
    };
    // Each twice, at both hubs, all at once.
    let calls = (0..PARTS).flat_map(|number| [(number, 0), (number, 1)]);
    let answers = futures_util::future::join_all(calls.map(|(number, hub)| business.called(hub, part(number)))).await;
    assert!(
        answers.iter().all(|status| *status == StatusCode::OK || *status == StatusCode::BAD_REQUEST),
        "{answers:?}"
    );
    let messages = business.messages(&conversation).await;
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(messages[1]["attachments"].as_array().map(Vec::len), Some(PARTS - 1));
    let mut lines: Vec<&str> = messages[1]["text"].as_str().expect("a text").lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["[film.mp4: 45 MB; bots may fetch 20 MB at most]", "our holiday"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_which_link_a_person_came_is_kept_the_first_time_and_each_later_one() {
    let business = opens(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let come = |id: &str, payload: &str| json!({ "id": id, "from": MARIA, "text": "/start", "payload": payload });
    assert_eq!(business.called(0, come("m1", "spring-sale")).await, StatusCode::OK);
    let begun = agent.event("conversation_created").await;
    assert_eq!(begun["conversation"]["source"]["campaign"], json!([["start", "spring-sale"]]));
    assert_eq!(begun["messages"][0]["text"], "/start");
    assert_eq!(business.called(0, come("m2", "order-4711")).await, StatusCode::OK);
    agent.message_event("/start order-4711").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_blocked_the_bot_is_not_written_to_until_they_write() {
    let business = opens(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation(MARIA).await;
    // Here a message without words stands for the word alone.
    let block = json!({ "id": "b1", "from": MARIA, "text": "bye", "consent": "stop" });
    assert_eq!(business.called(0, block).await, StatusCode::OK);
    let stopped = |event: &Value| event["contact"]["identities"][0]["stopped_at"].clone();
    assert!(stopped(&agent.event("contact_changed").await).is_i64());
    let reply = replies(&mut agent, &conversation, "wait", 2).await;
    let failed = delivery(&mut agent, &reply, "failed").await;
    assert_eq!(failed["note"], "This customer has blocked the bot.");
    let back = |id: &str| json!({ "id": id, "from": MARIA, "text": "there again", "consent": "start" });
    assert_eq!(business.called(0, back("m3")).await, StatusCode::OK);
    assert!(stopped(&agent.event("contact_changed").await).is_null());
    let reply = replies(&mut agent, &conversation, "good", 4).await;
    delivery(&mut agent, &reply, "sent").await;
    // Whoever was never away has nothing changed.
    assert_eq!(business.called(0, back("m5")).await, StatusCode::OK);
    agent.message_event("there again").await;
    assert!(agent.taken().iter().all(|frame| frame["event"] != "contact_changed"));
}
