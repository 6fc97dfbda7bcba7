//! What an admin fills in for a channel, and what is kept of it: within bounds, and readable only with the hub's own key.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::secret::Secret;

use crate::channels::{Business, KEY, delivery, replies};
use crate::hanging::hold_the_writer;
use crate::provider::{mailbox, settings};
use crate::support::people::text;
use crate::support::{Setting, eventually};

/// Which fields are refused.
async fn refused(business: &Business, body: Value) -> Vec<String> {
    let path = format!("/api/inboxes/{}/channel", business.inbox);
    let (status, answer) = business.owner.call(Method::PUT, &path, Some(body)).await;
    if status == StatusCode::OK {
        return Vec::new();
    }
    let fields = answer["error"]["fields"].as_array().expect("fields").iter();
    fields.map(|field| text(&field["field"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailboxs_settings_are_bounded_and_what_is_wrong_is_named() {
    let business = Business::open_on(Setting::Alone, "email", mailbox()).await;
    let smtp = json!({ "host": "smtp.shop.example", "port": 587, "security": "starttls" });
    let words = |subject: &str, text: &str| json!({ "subject": subject, "text": text });
    let long = |n: usize| "x".repeat(n);
    let cases = [
        ("address", json!("help"), "settings.address"),
        ("address", json!("help@shop.example\r\nBcc: all@example.com"), "settings.address"),
        ("smtp", json!({ "host": long(254), "port": 587, "security": "none" }), "settings.smtp.host"),
        ("smtp", json!({ "host": "", "port": 587, "security": "none" }), "settings.smtp.host"),
        ("smtp", json!({ "host": "a", "port": 0, "security": "none" }), "settings.smtp.port"),
        (
            "imap",
            json!({ "host": "a", "port": 1, "security": "none", "username": long(321) }),
            "settings.imap.username",
        ),
        ("imap", json!({ "host": "a\nb", "port": 1, "security": "none" }), "settings.imap.host"),
        ("folders", json!(vec!["INBOX"; 51]), "settings.folders"),
        ("folders", json!([long(256)]), "settings.folders"),
        ("import_since", json!("9999-99-99"), "settings.import_since"),
        ("import_since", json!("2026-02-30"), "settings.import_since"),
        ("acknowledgement", words("", "Hello"), "settings.acknowledgement.subject"),
        ("acknowledgement", words("Hi\nBcc: x", "Hello"), "settings.acknowledgement.subject"),
        ("acknowledgement", words("Hi", " "), "settings.acknowledgement.text"),
        ("acknowledgement", words("Hi", &long(5_001)), "settings.acknowledgement.text"),
    ];
    for (field, value, wrong) in cases {
        let mut body = mailbox();
        body["untested"] = json!(true);
        body["settings"]["smtp"] = smtp.clone();
        body["settings"][field] = value;
        assert_eq!(refused(&business, body).await, [wrong]);
    }
    let mut nowhere = mailbox();
    nowhere["settings"]["acknowledgement"] = words("Hi", "Hello");
    assert_eq!(refused(&business, nowhere.clone()).await, ["settings.acknowledgement"]);
    nowhere["settings"]["smtp"] = smtp;
    nowhere["settings"]["import_since"] = json!("2028-02-29");
    assert!(refused(&business, nowhere).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_channels_settings_are_bounded_too() {
    let business = Business::open(Setting::Alone).await;
    let mut long = settings("good");
    long["settings"]["from"] = json!("1".repeat(100_000));
    assert_eq!(refused(&business, long).await, ["settings.from"]);
    for (from, wrong) in
        [("0612", 1), ("12", 1), ("+31 6", 1), ("+31 6 1234 5678", 0), ("MG0123", 0), ("Fjord", 0), ("72345", 0)]
    {
        let mut body = settings("good");
        body["settings"]["from"] = json!(from);
        assert_eq!(refused(&business, body).await.len(), wrong, "{from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_with_another_key_says_so_and_what_was_kept_stays_as_it_was() {
    let other = Arc::new(AtomicBool::new(false));
    let is_other = other.clone();
    let mut business = Business::tuned(Setting::Alone, "sms", settings("good"), move |config, _| {
        let key = if is_other.load(Ordering::SeqCst) { "22" } else { KEY };
        config.secrets.key = Secret::new(key.repeat(32));
    })
    .await;
    let conversation = business.conversation("+31611111111").await;
    let path = format!("/api/inboxes/{}/channel", business.inbox);
    other.store(true, Ordering::SeqCst);
    business.world.stop_hub(0).await;
    business.world.start_hub(0).await;
    let broken = eventually("it is known", || async {
        let health = business.owner.get(&path).await["health"].clone();
        (health["state"] == "broken").then_some(health)
    });
    let trouble = text(&broken.await["trouble"]);
    assert!(trouble.contains("give every hub the same secrets.key"), "{trouble}");
    // What an agent writes waits, and nothing that was kept is replaced by what cannot be read.
    let mut agent = business.owner.connects().await;
    let waits = replies(&mut agent, &conversation, "Hello!", 1).await;
    let kept = json!({ "settings": settings("good")["settings"], "secrets": {}, "untested": true });
    assert_eq!(refused(&business, kept).await, ["secrets.auth_token"]);

    other.store(false, Ordering::SeqCst);
    business.world.stop_hub(0).await;
    business.world.start_hub(0).await;
    eventually("it works again", || async { (!business.provider.handed().is_empty()).then_some(()) }).await;
    let id = text(&waits["message_id"]);
    let sent = eventually("it has gone", || async {
        let messages = business.messages(&conversation).await;
        messages.iter().any(|one| one["id"] == id.as_str() && one["delivery"] == "sent").then_some(())
    });
    sent.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_has_to_go_does_not_wait_for_a_store_that_does_not_answer() {
    let mut business =
        Business::open_tuned(Setting::Alone, "sms", settings("good"), |config| config.shutdown.drain_seconds = 1).await;
    let conversation = business.conversation("+31611111111").await;
    let mut agent = business.owner.connects().await;
    business.provider.stands_still();
    replies(&mut agent, &conversation, "in hand", 1).await;
    eventually("it is handed over", || async { (business.provider.handed().len() == 1).then_some(()) }).await;
    let held = hold_the_writer(&business.world).await;
    business.provider.goes_on();
    business.world.stop_hub(0).await;
    drop(held);
    business.world.start_hub(0).await;
    // Nobody has noted that it went: an agent decides.
    let uncertain = eventually("it is in doubt", || async {
        let messages = business.messages(&conversation).await;
        (messages[1]["delivery"] == "uncertain").then(|| messages[1].clone())
    });
    let mut agent = business.owner.connects().await;
    let again = format!("/api/messages/{}/send-again", text(&uncertain.await["id"]));
    assert_eq!(business.owner.call(Method::POST, &again, None).await.0, StatusCode::NO_CONTENT);
    let message = json!({ "message_id": business.messages(&conversation).await[1]["id"] });
    delivery(&mut agent, &message, "sent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_is_one_inboxs() {
    let business = Business::open_on(Setting::Alone, "email", mailbox()).await;
    let other = business.owner.post("/api/inboxes", json!({ "name": "Sales", "channel": "email" })).await;
    let channel = format!("/api/inboxes/{}/channel", text(&other["id"]));
    let mut same = mailbox();
    same["settings"]["address"] = json!("HELP@shop.example");
    let (status, answer) = business.owner.call(Method::PUT, &channel, Some(same.clone())).await;
    assert_eq!(
        (status, &answer["error"]["fields"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_working"))
    );
    // Somebody who knows better has their way; and the inbox itself is saved again as ever.
    same["untested"] = json!(true);
    assert_eq!(business.owner.call(Method::PUT, &channel, Some(same)).await.0, StatusCode::OK);
    business.owner.delete(&format!("/api/inboxes/{}", text(&other["id"]))).await;
    let own = format!("/api/inboxes/{}/channel", business.inbox);
    assert_eq!(business.owner.call(Method::PUT, &own, Some(mailbox())).await.0, StatusCode::OK);
}
