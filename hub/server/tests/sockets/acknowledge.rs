//! Whoever begins a conversation by mail is told that the mail is here: once, in the inbox's own words, and nobody who would
//! answer without reading it.

use rstest::rstest;
use serde_json::{Value, json};

use crate::channels::{Business, replies};
use crate::provider::mailbox;
use crate::support::people::text;
use crate::support::{Setting, Socket, eventually};

const MARIA: &str = "maria@example.nl";

/// A mailbox that acknowledges.
fn acknowledging() -> Value {
    let mut mailbox = mailbox();
    let smtp = json!({ "host": "smtp.shop.example", "port": 587, "security": "starttls" });
    mailbox["settings"]["smtp"] = smtp;
    mailbox["settings"]["acknowledgement"] =
        json!({ "subject": "We have your mail", "text": "It is here as {case_number}.\nThe shop" });
    mailbox
}

async fn open(setting: Setting) -> Business {
    Business::open_on(setting, "email", acknowledging()).await
}

/// A mail that begins a conversation, with what else is to be said of it.
fn mail(n: usize, from: &str, more: Value) -> Value {
    let mut mail = json!({
        "id": format!("uid-{n}"), "name": format!("m{n}@example.nl"), "from": from, "text": "Buy pills",
        "mail": { "subject": "Cheap pills" },
    });
    for (name, value) in more.as_object().expect("fields") {
        mail[name] = value.clone();
    }
    mail
}

/// To whom mails have gone, once these are among them.
async fn gone(business: &Business, among: &str) -> Vec<String> {
    eventually("it has gone", || async {
        let to: Vec<String> = business.provider.handed().into_iter().map(|(to, _)| to).collect();
        to.iter().any(|one| one == among).then_some(to)
    })
    .await
}

async fn begun(agent: &mut Socket) -> String {
    text(&agent.event("conversation_created").await["conversation"]["id"])
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_a_conversation_is_told_once_and_still_waits_for_an_answer(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let business = open(setting).await;
    let mut agent = business.owner.through(business.world.other()).connects().await;
    business.called(0, mail(1, MARIA, json!({}))).await;
    let conversation = begun(&mut agent).await;
    gone(&business, MARIA).await;
    let told = business.provider.last();
    assert_eq!(told.text, "It is here as SB-1.\nThe shop");
    let head = told.mail.clone().expect("a head");
    assert_eq!((head.subject.as_str(), head.automatic), ("We have your mail [SB-1]", true));
    assert_eq!(head.references, ["m1@example.nl"]);
    assert!(!format!("{told:?}").to_lowercase().contains("pills"), "{told:?}");

    let messages = business.messages(&conversation).await;
    assert_eq!((messages.len(), &messages[1]["author"]["kind"]), (2, &json!("system")));
    assert_eq!(messages[1]["mail"]["automatic"], "reply");
    let row = business.owner.detail(&conversation).await["row"].clone();
    assert_eq!((&row["waiting_since"], &row["preview"]["number"]), (&messages[0]["at"], &json!(1)));
    // Whoever answers need not have seen it.
    replies(&mut agent, &conversation, "No, thanks.", 1).await;

    // What joins is not acknowledged, nor what she begins on the same day, on whichever hub it comes in.
    let hub = business.world.hubs() - 1;
    business.called(hub, mail(2, MARIA, json!({ "mail": { "subject": "Re: x", "answers": ["m1@example.nl"] } }))).await;
    business.called(hub, mail(3, MARIA, json!({}))).await;
    business.called(hub, mail(4, "jan@example.nl", json!({}))).await;
    let to = gone(&business, "jan@example.nl").await;
    assert_eq!(to.iter().filter(|to| *to == MARIA).count(), 2, "{to:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reader_is_told_once_whatever_stands_behind_the_plus() {
    let business = open(Setting::Alone).await;
    for (n, from) in ["maria+shop@example.nl", "Maria+2@example.nl", MARIA, "jan@example.nl"].into_iter().enumerate() {
        business.called(0, mail(n, from, json!({}))).await;
    }
    assert_eq!(gone(&business, "jan@example.nl").await, ["maria+shop@example.nl", "jan@example.nl"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_that_comes_back_is_known_also_where_answers_were_to_go_elsewhere() {
    let business = open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    let elsewhere = json!({ "mail": { "subject": "From your web form", "reply_to": "orders@example.nl" } });
    business.called(0, mail(1, MARIA, elsewhere)).await;
    let conversation = begun(&mut agent).await;
    gone(&business, MARIA).await;
    let name = business.provider.last().mail.expect("a head").message_id;
    let bounce = json!({ "id": "b1", "of": name, "reached": "no such user", "to": MARIA });
    assert_eq!(business.called(0, bounce).await, reqwest::StatusCode::OK);
    eventually("it is marked", || async {
        (business.messages(&conversation).await[1]["delivery"] == "failed").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_our_own_and_what_lay_there_for_days_are_not_told() {
    let business = open(Setting::Alone).await;
    let days = 3 * 24 * 3_600_000;
    let old = business.app().clock.now() - days;
    let mut all = vec![
        mail(1, "away@example.nl", json!({ "automatic": "reply" })),
        mail(2, "list@example.nl", json!({ "automatic": "list" })),
        mail(3, "mta@example.nl", json!({ "automatic": "report" })),
        mail(4, "No-Reply@example.nl", json!({})),
        mail(5, "help+x@shop.example", json!({})),
        mail(6, "Olga@Example.com", json!({})),
        mail(7, "late@example.nl", json!({ "at": old })),
        mail(8, "nobody@example.nl", json!({ "unknown": true })),
    ];
    all.push(mail(9, "jan@example.nl", json!({})));
    business.called(0, json!(all)).await;
    assert_eq!(gone(&business, "jan@example.nl").await, ["jan@example.nl"]);
    // Nor does anything of theirs wait, once it is noted that Jan's has gone.
    eventually("nothing waits", || async {
        let health = business.owner.get(&format!("/api/inboxes/{}/channel", business.inbox)).await["health"].clone();
        (health["waiting"] == 0 && health["failed"] == 0).then_some(())
    })
    .await;
    assert_eq!(business.provider.handed().len(), 1);
    assert_eq!(business.owner.get("/api/conversations").await["rows"].as_array().map(Vec::len), Some(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_that_comes_back_opens_no_conversation() {
    let business = open(Setting::Alone).await;
    let mut agent = business.owner.connects().await;
    business.called(0, mail(1, MARIA, json!({}))).await;
    let conversation = begun(&mut agent).await;
    gone(&business, MARIA).await;
    let told = business.messages(&conversation).await[1].clone();
    business.owner.patch(&format!("/api/conversations/{conversation}"), json!({ "status": "closed" })).await;
    let word = json!({ "id": "b1", "of": format!("sid-{}", text(&told["id"])), "to": MARIA, "reached": "550 nobody" });
    // What is told of it before it is noted that it has gone is about nobody's mail.
    eventually("its name is known", || async {
        let now = business.messages(&conversation).await[1]["delivery"].clone();
        (now == "sent").then_some(())
    })
    .await;
    assert!(business.called(0, word).await.is_success());
    assert_eq!(business.messages(&conversation).await[1]["delivery"], "failed");
    assert_eq!(business.owner.detail(&conversation).await["row"]["status"], "closed");
}
