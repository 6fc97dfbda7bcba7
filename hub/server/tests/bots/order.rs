//! Where bots are asked and in which order: what several admins do at once is all done.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Bot, Stage};
use crate::support::eventually;
use crate::support::people::text;

async fn places(stage: &Stage, bot: &Bot) -> Vec<Value> {
    let all = stage.owner.get("/api/bots").await;
    let of = |one: &&Value| one["id"] == bot.id.as_str();
    all["bots"].as_array().expect("bots").iter().find(of).expect("the bot")["inboxes"]
        .as_array()
        .expect("inboxes")
        .clone()
}

#[tokio::test]
async fn the_order_of_an_inbox_is_set_at_once_and_touches_nothing_else() {
    let stage = Stage::open().await;
    let second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 2).await;
    let third = Bot::made_at(&stage.owner, &stage.inbox, "third_bot", 3).await;
    let elsewhere = stage.owner.makes_inbox("Workshop").await;
    let joins = json!({ "places": [{ "inbox_id": elsewhere.id, "answers": "nobody_online" }] });
    stage.owner.patch(&format!("/api/bots/{}", second.id), joins).await;
    let path = format!("/api/inboxes/{}/bots", stage.inbox.id);
    // One who has not heard of the third yet, and still knows one that is gone.
    let gone = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let set = stage.owner.put(&path, json!({ "bots": [second.id, gone, stage.bot.id] })).await;
    assert_eq!(set["bots"], json!([second.id, stage.bot.id, third.id]));
    let mut ranks = Vec::new();
    for bot in [&second, &stage.bot, &third] {
        let here = places(&stage, bot).await.into_iter().find(|place| place["inbox_id"] == stage.inbox.id.as_str());
        ranks.push(here.expect("it is in the inbox")["rank"].clone());
    }
    assert_eq!(ranks, [json!(0), json!(1), json!(2)]);
    let there = places(&stage, &second).await.into_iter().find(|place| place["inbox_id"] == elsewhere.id.as_str());
    assert_eq!(there.expect("it is there too")["answers"], "nobody_online");
}

#[tokio::test]
async fn a_change_of_one_place_leaves_the_others_and_its_turn() {
    let stage = Stage::open().await;
    let second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 2).await;
    let (shop, workshop) = (text(&json!(stage.inbox.id)), stage.owner.makes_inbox("Workshop").await);
    let path = format!("/api/bots/{}", stage.bot.id);
    // Two admins who have the same page open: each changes another inbox.
    stage.owner.patch(&path, json!({ "places": [{ "inbox_id": workshop.id, "answers": "always" }] })).await;
    stage.owner.patch(&path, json!({ "places": [{ "inbox_id": shop, "answers": "first_message" }] })).await;
    let mut now = places(&stage, &stage.bot).await;
    now.sort_by_key(|place| place["answers"].to_string());
    let expected = [
        json!({ "inbox_id": workshop.id, "rank": 0, "answers": "always" }),
        json!({ "inbox_id": shop, "rank": 1, "answers": "first_message" }),
    ];
    assert_eq!(now, expected);
    // Whoever leaves and comes again is asked after all others.
    stage.owner.patch(&path, json!({ "places": [{ "inbox_id": shop, "answers": null }] })).await;
    assert_eq!(places(&stage, &stage.bot).await.len(), 1);
    stage.owner.patch(&path, json!({ "places": [{ "inbox_id": shop, "answers": "always" }] })).await;
    let back = places(&stage, &stage.bot).await.into_iter().find(|place| place["inbox_id"] == shop.as_str());
    assert_eq!(back.expect("it is back")["rank"], 3);
    assert_eq!(places(&stage, &second).await[0]["rank"], 2);
}

#[tokio::test]
async fn a_block_is_put_back_as_it_was_and_the_case_that_closes_ends_it() {
    let stage = Stage::open().await;
    let (guest, chat) = stage.guest("hello").await;
    let bots = format!("/api/conversations/{}/bots", guest.conversation);
    let block = format!("{bots}/{}/block", stage.bot.id);
    stage.bot.does("switchboard.handOver", json!({ "chat_id": chat, "reason": "wants a person" })).await;
    let before = stage.owner.get(&bots).await["bots"][0]["blocked"].clone();
    assert_eq!((&before["why"], &before["by"]["kind"]), (&json!("handed_over"), &json!("bot")));
    let back = json!({ "put_back": before["at"] });
    // After an unblock, and after a block that was to last longer.
    stage.owner.delete(&block).await;
    assert_eq!(stage.owner.put(&block, back.clone()).await["bots"][0]["blocked"], before);
    stage.owner.put(&block, json!({})).await;
    assert_eq!(stage.owner.put(&block, back).await["bots"][0]["blocked"], before);
    // There was none since then.
    let (status, _) = stage.owner.call(Method::PUT, &block, Some(json!({ "put_back": 1 }))).await;
    assert_eq!(status, 409);
    stage.owner.patch(&format!("/api/conversations/{}", guest.conversation), json!({ "status": "closed" })).await;
    eventually("it is back", || async { stage.owner.get(&bots).await["bots"][0]["blocked"].is_null().then_some(()) })
        .await;
}
