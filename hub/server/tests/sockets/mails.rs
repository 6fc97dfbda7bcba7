//! Into which conversation a mail goes, and what its answer carries.

use reqwest::StatusCode;
use serde_json::{Value, json};
use switchboard_connector::SendError;

use crate::channels::{Business, delivery, replies};
use crate::provider::mailbox;
use crate::support::people::text;
use crate::support::{PATIENCE, Setting, Socket};

const MARIA: &str = "maria@example.nl";

/// A shop with a mailbox, to which Maria has written.
struct Desk {
    business: Business,
    agent: Socket,
    conversation: String,
}

impl Desk {
    async fn open() -> Self {
        let business = Business::open_on(Setting::Alone, "email", mailbox()).await;
        let mut agent = business.owner.connects().await;
        let first = mail(
            "uid-1",
            "<m1@example.nl>",
            MARIA,
            json!({ "subject": "Where is my order?", "cc": ["Jan@Example.nl"] }),
        );
        assert_eq!(business.called(0, first).await, StatusCode::OK);
        let begun = agent.event("conversation_created").await;
        let conversation = text(&begun["conversation"]["id"]);
        assert_eq!(begun["conversation"]["subject"], "Where is my order?");
        assert_eq!(begun["messages"][0]["mail"]["threaded"], "nothing");
        Self { business, agent, conversation }
    }

    /// In which conversation a mail is, and why.
    async fn receives(&mut self, mail: Value) -> (String, String) {
        assert_eq!(self.business.called(0, mail).await, StatusCode::OK);
        self.agent
            .wait_for("a mail", |frame| {
                let message = match frame["event"].as_str()? {
                    "message_created" if frame["message"]["kind"] == "in" => &frame["message"],
                    "conversation_created" => &frame["messages"][0],
                    _ => return None,
                };
                Some((text(&message["conversation_id"]), text(&message["mail"]["threaded"])))
            })
            .await
    }
}

fn mail(id: &str, name: &str, from: &str, mail: Value) -> Value {
    json!({ "id": id, "name": name, "from": from, "text": "Hello", "mail": mail })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_carries_what_leads_the_next_mail_back() {
    let mut desk = Desk::open().await;
    let reply = replies(&mut desk.agent, &desk.conversation, "Tomorrow.", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let sent = desk.business.provider.last();
    let head = sent.mail.expect("a mail's head");
    assert_eq!((sent.to.key.as_str(), head.subject.as_str()), (MARIA, "Re: Where is my order? [SB-1]"));
    assert_eq!(head.references, ["<m1@example.nl>"]);
    assert!(head.message_id.ends_with("@shop.example"), "{}", head.message_id);

    let here = desk.conversation.clone();
    let by = |why: &str| (here.clone(), why.to_owned());
    let token = json!({ "subject": "x", "tokens": [head.reply_token.to_uppercase()] });
    assert_eq!(desk.receives(mail("uid-2", "<m2@x>", "maria@work.example", token)).await, by("reply_address"));
    let answer = json!({ "subject": "Re: x", "answers": [head.message_id] });
    assert_eq!(desk.receives(mail("uid-3", "<m3@x>", MARIA, answer)).await, by("references"));
    let copied = json!({ "subject": "Re: x", "answers": ["<m3@x>"] });
    assert_eq!(desk.receives(mail("uid-4", "<m4@x>", "jan@example.nl", copied)).await, by("references"));
    let numbered = json!({ "subject": "AW: [sb-1] something" });
    assert_eq!(desk.receives(mail("uid-5", "<m5@x>", MARIA, numbered)).await, by("case_number"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_said_their_name_is_shown_by_their_address_until_they_say_it() {
    let mut desk = Desk::open().await;
    let contact = async |desk: &Desk| {
        let rows = desk.business.owner.get("/api/conversations").await;
        (rows["rows"][0]["contact"]["name"].clone(), rows["rows"][0]["contact"]["address"].clone())
    };
    assert_eq!(contact(&desk).await, (Value::Null, json!(MARIA)));
    let mut answer = mail("uid-2", "<m2@x>", MARIA, json!({ "subject": "Re: x", "answers": ["<m1@example.nl>"] }));
    answer["called"] = json!("Maria Jansen");
    assert_eq!(desk.business.called(0, answer.clone()).await, StatusCode::OK);
    assert_eq!(desk.agent.event("contact_changed").await["contact"]["name"], "Maria Jansen");
    assert_eq!(contact(&desk).await, (json!("Maria Jansen"), Value::Null));
    // What they say later is not believed over what is known.
    answer["id"] = json!("uid-3");
    answer["name"] = json!("<m3@x>");
    answer["called"] = json!("Your bank");
    desk.receives(answer).await;
    assert_eq!(contact(&desk).await.0, "Maria Jansen");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_to_whom_its_writer_named_whoever_has_written_meanwhile() {
    let mut desk = Desk::open().await;
    let meanwhile = json!({ "subject": "Re: x", "answers": ["<m1@example.nl>"] });
    desk.receives(mail("uid-2", "<m2@x>", "jan@example.nl", meanwhile)).await;
    let mut reply = json!({ "do": "reply", "conversation_id": desk.conversation, "text": "For Maria.", "seen": 1 });
    reply["mail"] = json!({ "to": "Maria@Example.nl" });
    let done = desk.agent.does(reply.clone()).await;
    delivery(&mut desk.agent, &done, "sent").await;
    let sent = desk.business.provider.last();
    assert_eq!((sent.to.key.as_str(), sent.text.as_str()), (MARIA, "For Maria."));
    // Its head is else what it is without a word of it.
    assert!(sent.mail.is_some_and(|head| head.subject == "Re: Where is my order? [SB-1]" && head.cc.is_empty()));
    reply["mail"]["to"] = json!("nobody");
    assert_eq!(desk.agent.does(reply).await["error"]["fields"][0]["field"], "mail.to");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_may_have_the_answers_at_their_own_address() {
    let mut desk = Desk::open().await;
    let team = desk.business.owner.get("/api/agents").await;
    let mine = team["agents"].as_array().expect("agents").iter().find(|agent| agent["id"] == *desk.business.owner.id);
    let own = mine.expect("the owner")["email"].clone();
    let mut reply = json!({ "do": "reply", "conversation_id": desk.conversation, "text": "Tell me.", "seen": 1 });
    reply["mail"] = json!({ "answers_to": "own" });
    let done = desk.agent.does(reply.clone()).await;
    let message = desk.agent.message_event("Tell me.").await;
    assert_eq!(message["message"]["mail"]["reply_to"], own);
    delivery(&mut desk.agent, &done, "sent").await;
    let sent = desk.business.provider.last();
    assert_eq!((sent.to.key.as_str(), sent.mail.expect("a head").reply_to), (MARIA, own.as_str().map(str::to_owned)));
    // The next one's come here again, and it goes to the customer still.
    reply["text"] = json!("And this?");
    reply["mail"] = json!({ "answers_to": "inbox" });
    let done = desk.agent.does(reply).await;
    delivery(&mut desk.agent, &done, "sent").await;
    let sent = desk.business.provider.last();
    assert_eq!((sent.to.key.as_str(), sent.mail.expect("a head").reply_to), (MARIA, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_a_subject_copies_and_formatting_and_who_is_copied_takes_part() {
    let mut desk = Desk::open().await;
    let mut reply = json!({ "do": "reply", "conversation_id": desk.conversation, "text": "Tomorrow.", "seen": 1 });
    reply["mail"] = json!({
        "subject": "Your order", "cc": ["Depot@Carrier.example"], "bcc": ["boss@shop.example"],
        "html": "<p>Tomorrow.</p><script>alert(1)</script>",
    });
    let done = desk.agent.does(reply).await;
    delivery(&mut desk.agent, &done, "sent").await;
    let sent = desk.business.provider.last();
    assert_eq!(sent.html.as_deref(), Some("<p>Tomorrow.</p>"));
    let head = sent.mail.expect("a mail's head");
    assert_eq!(head.subject, "Your order");
    assert_eq!((head.cc, head.bcc), (vec!["depot@carrier.example".to_owned()], vec!["boss@shop.example".to_owned()]));
    let answer = json!({ "subject": "Re: Your order", "answers": [head.message_id] });
    let (conversation, why) = desk.receives(mail("uid-2", "<d1@x>", "depot@carrier.example", answer)).await;
    assert_eq!((conversation, why.as_str()), (desk.conversation.clone(), "references"));

    let mut wrong = json!({ "do": "reply", "conversation_id": desk.conversation, "text": "No.", "seen": 99 });
    wrong["mail"] = json!({ "subject": "a\nBcc: all@example.com", "cc": ["not an address"] });
    let refused = desk.agent.does(wrong).await;
    let fields: Vec<&str> = refused["error"]["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .filter_map(|field| field["field"].as_str())
        .collect();
    assert_eq!(fields, ["mail.cc.0", "mail.subject"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_mail_with_its_subject_copies_and_formatting() {
    let desk = Desk::open().await;
    let path = format!("/api/conversations/{}/messages", desk.conversation);
    let write = |mail: Value| json!({ "text": "Here you are", "mail": mail });
    let first = write(json!({ "subject": "Your lamp", "cc": ["a@example.nl"], "html": "<p>Here <b>you</b> are</p>" }));
    let (status, sent) = desk.business.owner.posts_as("k1", &path, &first).await;
    assert!(status.is_success(), "{sent}");
    let (status, again) = desk.business.owner.posts_as("k1", &path, &first).await;
    assert!(status.is_success(), "{again}");
    for (name, value) in [
        ("bcc", json!(["b@example.nl"])),
        ("cc", json!(["c@example.nl"])),
        ("to", json!("d@example.nl")),
        ("subject", json!("Lamp?")),
        ("html", json!("<p>Here <i>you</i> are</p>")),
        ("html", Value::Null),
    ] {
        let mut other = first.clone();
        other["mail"][name] = value;
        let (_, refused) = desk.business.owner.posts_as("k1", &path, &other).await;
        assert_eq!(refused["error"]["code"], "key_reused", "{name}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_never_joins_a_conversation_whatever_they_quote() {
    let mut desk = Desk::open().await;
    for (n, head) in [
        json!({ "subject": "Re: Where is my order? [SB-1]", "answers": ["<m1@example.nl>"] }),
        json!({ "subject": "SB-1" }),
    ]
    .into_iter()
    .enumerate()
    {
        let from = format!("mallory{n}@evil.example");
        let (conversation, why) = desk.receives(mail(&format!("s{n}"), &format!("<s{n}@evil>"), &from, head)).await;
        assert_ne!(conversation, desk.conversation);
        assert_eq!(why, "stranger");
    }
    for from in ["help@shop.example", "Help+x@Shop.example"] {
        let head = json!({ "subject": "[SB-1]", "cc": ["mallory@evil.example"] });
        let (conversation, why) = desk.receives(mail(from, &format!("<{from}>"), &from.to_lowercase(), head)).await;
        assert_ne!(conversation, desk.conversation, "who writes in our name takes part nowhere");
        assert_eq!(why, "stranger");
    }
    let forged = format!("{}{}", desk.conversation.to_lowercase(), "0".repeat(16));
    let head = json!({ "subject": "x", "tokens": [forged] });
    let (conversation, _) = desk.receives(mail("f", "<f@evil>", "mallory@evil.example", head)).await;
    assert_ne!(conversation, desk.conversation);
    assert_eq!(desk.business.messages(&desk.conversation).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_lies_in_two_folders_is_there_once_and_a_new_subject_begins_anew() {
    let mut desk = Desk::open().await;
    let again = mail("uid-1", "<m1@example.nl>", MARIA, json!({ "subject": "Where is my order?" }));
    assert_eq!(desk.business.called(0, again.clone()).await, StatusCode::OK);
    // The keys of what came are forgotten after a month; which mails there are is not.
    let app = desk.business.app();
    let later = app.clock.now() + 1;
    let forget = app.write_unasked(switchboard::app::Unasked::Hub, move |tx| {
        Box::pin(async move { Ok(switchboard_store::edge_keys::prune(tx, later).await?) })
    });
    assert!(forget.await.expect("they are forgotten").value > 0);
    assert_eq!(desk.business.called(0, again).await, StatusCode::OK);
    let (conversation, why) =
        desk.receives(mail("uid-2", "<m2@x>", MARIA, json!({ "subject": "Something else" }))).await;
    assert_ne!(conversation, desk.conversation);
    assert_eq!(why, "nothing");
    assert_eq!(desk.business.messages(&desk.conversation).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_mail_with_a_message_id_that_was_used_before_is_another_mail() {
    let mut desk = Desk::open().await;
    let scan = mail("scan-2", "<m1@example.nl>", "scanner@shop.example", json!({ "subject": "Scan 2" }));
    let (scanned, why) = desk.receives(scan).await;
    assert_ne!(scanned, desk.conversation);
    assert_eq!(why, "nothing");
    // The name stays with the mail that had it first.
    let answer = mail("uid-2", "<m2@x>", MARIA, json!({ "subject": "x", "answers": ["<m1@example.nl>"] }));
    assert_eq!(desk.receives(answer).await, (desk.conversation.clone(), "references".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_without_end_buries_nobody_elses_mails() {
    let mut desk = Desk::open().await;
    let mut newest = String::new();
    for n in 0..20 {
        let mail =
            mail(&format!("r{n}"), &format!("<r{n}@x>"), "robot@example.org", json!({ "subject": format!("{n}") }));
        let (conversation, why) = desk.receives(mail).await;
        assert_eq!(why, "nothing");
        newest = conversation;
    }
    let more = |id: &str| mail(id, &format!("<{id}@x>"), "robot@example.org", json!({ "subject": "more" }));
    assert_eq!(desk.receives(more("a")).await, (newest.clone(), "flood".to_owned()));
    let others = mail("o", "<o@x>", "somebody@example.org", json!({ "subject": "Hello" }));
    assert_eq!(desk.receives(others).await.1, "nothing");
    // One who is answered is no flood.
    let reply = replies(&mut desk.agent, &newest, "Please stop.", 2).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    assert_eq!(desk.receives(more("b")).await.1, "nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_where_the_last_mail_asks_for_it() {
    let mut desk = Desk::open().await;
    let here = desk.conversation.clone();
    let head = |extra: Value| {
        let mut head = json!({ "subject": "Re: x", "answers": ["<m1@example.nl>"] });
        head.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        head
    };
    let form = mail("f", "<f@x>", MARIA, head(json!({ "reply_to": "Maria@home.example" })));
    assert_eq!(desk.receives(form).await.0, here);
    let mut seen = 2;
    for (then, to) in [
        (None, "Maria@home.example"),
        // Who was copied and writes is answered; what their mail program sent by itself is not.
        (Some(mail("j", "<j@x>", "jan@example.nl", head(json!({})))), "jan@example.nl"),
        (
            Some(
                json!({ "id": "a", "name": "<a@x>", "from": MARIA, "text": "I am away", "automatic": "reply", "mail": head(json!({})) }),
            ),
            "jan@example.nl",
        ),
    ] {
        if let Some(mail) = then {
            assert_eq!(desk.receives(mail).await.0, here);
            seen += 1;
        }
        let reply = replies(&mut desk.agent, &here, "Tomorrow.", seen).await;
        seen += 1;
        delivery(&mut desk.agent, &reply, "sent").await;
        assert_eq!(desk.business.provider.last().to.key, to);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_marks_the_mail_that_it_is_about_if_it_is_of_the_one_whom_the_mail_is_for() {
    let mut desk = Desk::open().await;
    let mut answer = json!({ "do": "reply", "conversation_id": desk.conversation, "text": "Tomorrow.", "seen": 1 });
    answer["mail"] = json!({ "cc": ["depot@carrier.example"] });
    let reply = desk.agent.does(answer).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let name = desk.business.provider.last().mail.expect("a mail's head").message_id;
    let word = |id: &str, to: &str, reached: &str| json!({ "id": id, "of": name, "to": to, "reached": reached });

    // Whoever has had the mail can write a report; of others than its recipients nothing is believed.
    for (id, to) in [("b1", "mallory@evil.example"), ("b2", "")] {
        assert_eq!(desk.business.called(0, word(id, to, "550 no")).await, StatusCode::BAD_REQUEST);
    }
    let copied = word("b3", "Depot@carrier.example", "550 depot is closed");
    assert_eq!(desk.business.called(0, copied).await, StatusCode::OK);
    let note = delivery(&mut desk.agent, &reply, "sent").await["note"].clone();
    assert_eq!(note, "A copy did not arrive: 550 depot is closed.");
    assert_eq!(desk.business.called(0, word("b4", MARIA, "delayed")).await, StatusCode::OK);
    let note = delivery(&mut desk.agent, &reply, "sent").await["note"].clone();
    assert_eq!(note, "A copy did not arrive: 550 depot is closed. It takes longer: busy.");
    assert_eq!(desk.business.called(0, word("b5", MARIA, "550 no such mailbox")).await, StatusCode::OK);
    assert_eq!(delivery(&mut desk.agent, &reply, "failed").await["note"], "550 no such mailbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_says_something_stands_with_its_mail_and_one_that_says_nothing_is_read_by_somebody() {
    let mut desk = Desk::open().await;
    let reply = replies(&mut desk.agent, &desk.conversation, "Tomorrow.", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let name = desk.business.provider.last().mail.expect("a mail's head").message_id;
    let report = |id: &str| {
        let head = json!({ "subject": "Report", "answers": [name] });
        json!({ "id": id, "name": format!("<{id}@mx>"), "from": "mailer-daemon@mx.example", "text": id, "automatic": "report", "mail": head })
    };
    let told = json!([{ "id": "w", "of": name, "to": MARIA, "reached": "550 no" }, report("told")]);
    assert_eq!(desk.business.called(0, told).await, StatusCode::OK);
    delivery(&mut desk.agent, &reply, "failed").await;
    let of_another =
        json!([{ "id": "v", "of": name, "to": "else@evil.example", "reached": "550 no" }, report("silent")]);
    let (conversation, _) = desk.receives(of_another).await;
    let messages = desk.business.messages(&conversation).await;
    assert_eq!((&messages[0]["text"], &messages[0]["mail"]["automatic"]), (&json!("silent"), &json!("report")));
    let rows = desk.business.owner.get("/api/conversations").await;
    assert_eq!(rows["rows"].as_array().map(Vec::len), Some(2), "the first report is not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_as_its_author_meant_it_is_had_by_who_may_see_it() {
    let mut desk = Desk::open().await;
    let mut letter = mail("uid-2", "<m2@x>", MARIA, json!({ "subject": "Re: x", "answers": ["<m1@example.nl>"] }));
    letter["html"] = json!("<p>Hello</p>");
    desk.receives(letter).await;
    let messages = desk.business.messages(&desk.conversation).await;
    assert_eq!(messages[1]["mail"]["html"], true);
    let body = desk.business.owner.get(&format!("/api/messages/{}/body", text(&messages[1]["id"]))).await;
    assert_eq!(body, json!({ "html": "<p>Hello</p>" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mails_frame_runs_nothing_loads_nothing_and_shows_the_mails_own_pictures() {
    let mut desk = Desk::open().await;
    let mut letter = mail("uid-2", "<m2@x>", MARIA, json!({ "subject": "Re: x", "answers": ["<m1@example.nl>"] }));
    letter["html"] = json!(
        "<p onclick=alert(1)>Hello</p><script>alert(1)</script><meta http-equiv=refresh content='0;url=https://evil.example'>\
         <img src='https://tracker.example/p.gif'><img src='cid:logo@shop' alt=Logo><img src='cid:other@shop' alt=Other>"
    );
    letter["pictures"] = json!(["logo@shop"]);
    desk.receives(letter).await;
    let owner = &desk.business.owner;
    let message = desk.business.messages(&desk.conversation).await.remove(1);
    let path = format!("/api/messages/{}/frame", text(&message["id"]));
    let logo = format!("/api/attachments/{}", text(&message["attachments"][0]["id"]));

    let answer = owner.fetch(&path).await;
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    let policy = header("content-security-policy").unwrap_or_default();
    for part in ["sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox;", "default-src 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(policy.ends_with("img-src 'self' data:") && !policy.contains("script"), "{policy}");
    assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
    assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"));
    assert_eq!(header("content-type").as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(header("set-cookie"), None);
    let document = answer.text().await.expect("a document");
    let body = document.split_once("<body>").expect("a body").1;
    let shown = format!("<p>Hello</p><img><img src=\"{logo}\" alt=\"Logo\"><img alt=\"Other\"></body></html>");
    assert_eq!(body, shown);
    assert!(document.starts_with("<!doctype html><html data-remote=\"waiting\">"));
    assert_eq!(owner.fetch(&logo).await.headers()["content-type"], "image/gif");

    let asked = owner.fetch(&format!("{path}?pictures=1")).await;
    let policy = asked.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.ends_with("img-src 'self' data: https:"), "{policy}");
    assert!(asked.text().await.expect("a document").contains("<img src=\"https://tracker.example/p.gif\">"));

    let stranger = owner.invites("ben", "agent").await;
    for path in [&path, &logo] {
        assert_eq!(stranger.fetch(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_has_taken_back_is_gone_for_good() {
    let mut desk = Desk::open().await;
    let mut letter = mail("uid-2", "<m2@x>", MARIA, json!({ "subject": "My secret", "answers": ["<m1@example.nl>"] }));
    letter["html"] = json!("<p>Secret</p><img src='cid:logo@shop'>");
    letter["pictures"] = json!(["logo@shop"]);
    desk.receives(letter).await;
    let owner = desk.business.owner.clone();
    let message = desk.business.messages(&desk.conversation).await.remove(1);
    let paths = [
        format!("/api/messages/{}/frame", text(&message["id"])),
        format!("/api/messages/{}/body", text(&message["id"])),
        format!("/api/attachments/{}", text(&message["attachments"][0]["id"])),
    ];
    for path in &paths {
        assert_eq!(owner.fetch(path).await.status(), StatusCode::OK, "{path}");
    }
    let back = json!({ "id": "d1", "of": "<m2@x>", "deleted": true });
    assert_eq!(desk.business.called(0, back).await, StatusCode::OK);
    desk.agent.event("message_changed").await;
    for path in &paths {
        assert_eq!(owner.fetch(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let gone = desk.business.messages(&desk.conversation).await.remove(1);
    assert_eq!(
        (&gone["text"], &gone["mail"]["subject"], &gone["mail"]["html"]),
        (&json!(""), &json!(""), &json!(false))
    );
    assert!(gone["deleted_at"].is_i64() && gone["attachments"].is_null(), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_that_is_renamed_signs_with_its_new_name_from_then_on() {
    let mut desk = Desk::open().await;
    let reply = replies(&mut desk.agent, &desk.conversation, "Soon", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let path = format!("/api/inboxes/{}", desk.business.inbox);
    desk.business.owner.patch(&path, json!({ "name": "Bikes and more" })).await;
    let signed = async |desk: &mut Desk| {
        let reply = replies(&mut desk.agent, &desk.conversation, "Very soon", 1).await;
        delivery(&mut desk.agent, &reply, "sent").await;
        desk.business.provider.last().mail.expect("a mail").from_name
    };
    let within = tokio::time::timeout(PATIENCE, async { while !signed(&mut desk).await.contains("Bikes and more") {} });
    within.await.expect("the new name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_comes_back_after_its_conversation_was_closed_opens_it() {
    let mut desk = Desk::open().await;
    let reply = replies(&mut desk.agent, &desk.conversation, "Tomorrow.", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let path = format!("/api/conversations/{}", desk.conversation);
    desk.business.owner.patch(&path, json!({ "status": "closed" })).await;
    let name = desk.business.provider.last().mail.expect("a mail's head").message_id;
    let report = json!({ "id": "b1", "of": name, "to": MARIA, "reached": "550 no such mailbox" });
    assert_eq!(desk.business.called(0, report).await, StatusCode::OK);
    delivery(&mut desk.agent, &reply, "failed").await;
    assert_eq!(desk.business.owner.get(&path).await["row"]["status"], "open");
    // What is refused at once does the same.
    desk.business.owner.patch(&path, json!({ "status": "closed" })).await;
    desk.business.provider.answers_next(SendError::Refused { why: "550 no such mailbox".into() });
    let reply = replies(&mut desk.agent, &desk.conversation, "Again.", 1).await;
    delivery(&mut desk.agent, &reply, "failed").await;
    assert_eq!(desk.business.owner.get(&path).await["row"]["status"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_mail_that_is_there_by_its_number_alone_only_the_sender_is_believed() {
    let mut desk = Desk::open().await;
    let forged = json!({ "subject": "[SB-1] and?", "reply_to": "mallory@evil.example", "cc": ["eve@evil.example"] });
    let (conversation, why) = desk.receives(mail("uid-2", "<f@evil>", MARIA, forged)).await;
    assert_eq!((conversation, why.as_str()), (desk.conversation.clone(), "case_number"));
    let reply = replies(&mut desk.agent, &desk.conversation, "Tomorrow.", 2).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    assert_eq!(desk.business.provider.last().to.key, MARIA);
    for (n, from) in ["mallory@evil.example", "eve@evil.example"].into_iter().enumerate() {
        let next = json!({ "subject": "Re: and?", "answers": ["<f@evil>"] });
        let (conversation, why) = desk.receives(mail(&format!("s{n}"), &format!("<s{n}@evil>"), from, next)).await;
        assert_eq!(why, "stranger");
        assert_ne!(conversation, desk.conversation);
    }
}
