//! A bot that answers only outside of an inbox's business hours.

use rstest::rstest;
use serde_json::{Value, json};

use crate::stage::{Bot, Stage};
use crate::support::Setting::{self, Alone, Pair};
use crate::support::eventually;

const DAY_MS: i64 = 24 * 3_600_000;

/// Open all week, but not on these days.
fn hours(holidays: &[String]) -> Value {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let open: Vec<_> = days.iter().map(|day| json!({ "day": day, "from": 0, "to": 1_440 })).collect();
    json!({ "hours": { "zone": "Asia/Kathmandu", "open": open, "holidays": holidays } })
}

/// Whatever the clocks of the place say.
fn these_days(now: i64) -> Vec<String> {
    let day = |days: i64| jiff::Timestamp::from_millisecond(now + days * DAY_MS).expect("a time");
    (-1..=1).map(|days| day(days).strftime("%Y-%m-%d").to_string()).collect()
}

async fn heard(bot: &Bot) -> Vec<String> {
    let found = bot.does("getUpdates", json!({ "timeout": 0 })).await;
    let words = |update: &Value| update["message"]["text"].as_str().map(str::to_owned);
    found.as_array().expect("a list").iter().filter_map(words).collect()
}

async fn hears(bot: &Bot, words: &str) {
    eventually("the bot hears it", || async { heard(bot).await.contains(&words.to_owned()).then_some(()) }).await;
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn a_bot_for_the_night_leaves_the_day_to_others(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let inboxes = json!([{ "inbox_id": stage.inbox.id, "rank": 1, "answers": "outside_hours" }]);
    stage.owner.patch(&format!("/api/bots/{}", stage.bot.id), json!({ "inboxes": inboxes })).await;
    let by_day = Bot::made_at(&stage.owner, &stage.inbox, "day_bot", 2).await;
    let path = format!("/api/inboxes/{}/hours", stage.inbox.id);
    // No hours are set: it is never outside of them.
    let (mut guest, _) = stage.guest("without hours").await;
    hears(&by_day, "without hours").await;

    stage.owner.put(&path, hours(&[])).await;
    guest.writes("by day").await;
    hears(&by_day, "by day").await;

    stage.owner.put(&path, hours(&these_days(stage.world.app(0).clock.now()))).await;
    guest.writes("on a holiday").await;
    hears(&stage.bot, "on a holiday").await;
    assert_eq!(heard(&stage.bot).await, ["on a holiday"]);

    stage.owner.put(&path, json!({ "hours": null })).await;
    guest.writes("none any more").await;
    hears(&by_day, "none any more").await;
    assert_eq!(heard(&by_day).await, ["without hours", "by day", "none any more"]);
}
