//! Mails that are put into another conversation: live on every screen, and what answers them goes where they are.

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use switchboard_connector::SendError;

use crate::channels::{Business, delivery, replies};
use crate::provider::mailbox;
use crate::support::people::text;
use crate::support::{Setting, Socket};

const MARIA: &str = "maria@example.nl";
const JAN: &str = "jan@example.nl";
const KIM: &str = "kim@example.nl";
const LEO: &str = "leo@example.nl";
const BOB: &str = "bob@example.org";

struct Desk {
    business: Business,
    agent: Socket,
}

impl Desk {
    async fn open(setting: Setting) -> Self {
        let business = Business::open_on(setting, "email", mailbox()).await;
        let agent = business.owner.connects().await;
        Self { business, agent }
    }

    async fn receives(&mut self, id: &str, from: &str, mail: Value) -> (String, String) {
        let name = format!("<{id}@example.nl>");
        let mail = json!({ "id": id, "name": name, "from": from, "text": format!("words of {id}"), "mail": mail });
        assert_eq!(self.business.called(0, mail).await, StatusCode::OK);
        self.agent
            .wait_for("a mail", |frame| {
                let message = match frame["event"].as_str()? {
                    "message_created" if frame["message"]["kind"] == "in" => &frame["message"],
                    "conversation_created" if frame["messages"][0]["kind"] == "in" => &frame["messages"][0],
                    _ => return None,
                };
                Some((text(&message["conversation_id"]), text(&message["mail"]["threaded"])))
            })
            .await
    }

    async fn merges(&self, into: &str, other: &str) -> StatusCode {
        let path = format!("/api/conversations/{into}/merged/{other}");
        self.business.owner.call(Method::PUT, &path, Some(Value::Null)).await.0
    }

    async fn separates(&self, from: &str, other: &str) {
        let path = format!("/api/conversations/{from}/merged/{other}");
        let (status, answer) = self.business.owner.call(Method::DELETE, &path, None).await;
        assert_eq!((status, &answer["id"]), (StatusCode::OK, &json!(other)), "{answer}");
    }
}

fn about(subject: &str) -> Value {
    json!({ "subject": subject })
}

fn answers(id: &str) -> Value {
    json!({ "subject": "Re: x", "answers": [format!("<{id}@example.nl>")] })
}

/// What was moved, as a screen hears of it: which message, whereto, and what line is where it stood.
async fn moved(socket: &mut Socket) -> (String, String, i64, String, i64) {
    let told = socket.event("message_moved").await;
    let (message, line) = (&told["message"], &told["line"]);
    assert_eq!(line["line"]["message_id"], message["id"]);
    let number = |of: &Value| of["number"].as_i64().expect("a number");
    let text_of = text(&message["text"]);
    (text_of, text(&message["conversation_id"]), number(message), text(&line["conversation_id"]), number(line))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_shows_on_every_hub_and_what_answers_goes_where_it_is(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let mut desk = Desk::open(setting).await;
    let (first, _) = desk.receives("m1", MARIA, about("Where is my order?")).await;
    let (second, _) = desk.receives("m2", MARIA, json!({ "subject": "Order 77", "cc": [JAN] })).await;
    let reply = replies(&mut desk.agent, &second, "Which one?", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let token = desk.business.provider.last().mail.expect("a mail's head").reply_token;
    let point = desk.business.owner.snapshot().await;
    let mut far = desk.business.owner.through(desk.business.world.other()).connects().await;

    assert_eq!(desk.merges(&first, &second).await, StatusCode::OK);
    let mut later = desk.business.owner.opens_socket().await;
    later.say(json!({ "t": "resume", "from": point })).await;
    for screen in [&mut desk.agent, &mut far, &mut later] {
        let merged = screen.event("conversation_changed").await;
        assert_eq!(
            (&merged["conversation_id"], &merged["lines"][0]["line"]["kind"]),
            (&json!(first), &json!("merged"))
        );
        assert_eq!(moved(screen).await, ("words of m2".into(), first.clone(), 3, second.clone(), 1));
        assert_eq!(moved(screen).await, ("Which one?".into(), first.clone(), 4, second.clone(), 2));
        let counted = screen.event("conversation_changed").await;
        assert_eq!((&counted["conversation_id"], &counted["patch"]["last_number"]), (&json!(first), &json!(4)));
        let emptied = screen.event("conversation_changed").await;
        assert_eq!(emptied["conversation_id"], json!(second));
        assert_eq!(emptied["patch"]["merged_into"], json!({ "id": first, "case_number": "SB-1" }));
        assert_eq!(emptied["patch"]["status"], "closed");
    }
    // Of the other there is nothing left to answer.
    let refused = desk.agent.does(json!({ "do": "reply", "conversation_id": second, "text": "Hi", "seen": 9 })).await;
    assert_eq!(refused["error"]["code"], "conversation_merged", "{refused}");

    let here = |why: &str| (first.clone(), why.to_owned());
    let signed = json!({ "subject": "x", "tokens": [token] });
    assert_eq!(desk.receives("m3", "maria@work.example", signed).await, here("reply_address"));
    assert_eq!(desk.receives("m4", MARIA, answers("m2")).await, here("references"));
    assert_eq!(desk.receives("m5", MARIA, about("Re: [SB-2] Order 77")).await, here("case_number"));
    // Who took part in the other goes on with what was said there. Of the rest they are strangers as before.
    assert_eq!(desk.receives("m6", JAN, answers("m2")).await, here("references"));
    let apart = desk.receives("m7", "eve@example.com", answers("m2")).await;
    assert_eq!((apart.0 == first, apart.1.as_str()), (false, "stranger"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_last_is_answered_whatever_was_merged_in_behind_it() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (old, _) = desk.receives("m1", MARIA, json!({ "subject": "Last year", "cc": [JAN] })).await;
    desk.receives("m2", JAN, answers("m1")).await;
    let (today, _) = desk.receives("m3", MARIA, about("Today")).await;
    assert_eq!(desk.merges(&today, &old).await, StatusCode::OK);
    let reply = replies(&mut desk.agent, &today, "At once.", 9).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let sent = desk.business.provider.last();
    let answered = sent.mail.expect("a mail's head").references;
    assert_eq!((sent.to.key.as_str(), answered.last().map(String::as_str)), (MARIA, Some("<m3@example.nl>")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_part_in_the_other_alone_stays_out_of_the_rest() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (first, _) = desk.receives("m1", MARIA, about("A secret")).await;
    let (second, _) = desk.receives("m2", MARIA, json!({ "subject": "Order 77", "cc": [JAN] })).await;
    assert_eq!(desk.merges(&first, &second).await, StatusCode::OK);
    for mail in [answers("m1"), about("Re: [SB-1] A secret")] {
        let id = if mail.get("answers").is_some() { "m3" } else { "m4" };
        let (there, why) = desk.receives(id, JAN, mail).await;
        assert_eq!((there == first, there == second, why.as_str()), (false, false, "stranger"));
    }
    // What he may say in it lets nobody further in: neither him nor whom he or Maria copies there.
    let here = (first.clone(), "references".to_owned());
    let copied = |to: &str| json!({ "subject": "Re: x", "answers": ["<m2@example.nl>"], "cc": [to] });
    assert_eq!(desk.receives("m5", JAN, copied(KIM)).await, here);
    assert_eq!(desk.receives("m6", MARIA, copied(LEO)).await, here);
    for (id, from) in [("m7", JAN), ("m8", KIM), ("m9", LEO)] {
        let (there, why) = desk.receives(id, from, answers("m1")).await;
        assert_eq!((there == first, there == second, why.as_str()), (false, false, "stranger"), "{from}");
    }
    // They go on with what they were told, and Maria with all.
    let onward = json!({ "subject": "Re: x", "answers": ["<m5@example.nl>", "<m2@example.nl>"] });
    assert_eq!(desk.receives("m10", KIM, onward).await, here);
    assert_eq!(desk.receives("m11", MARIA, answers("m1")).await, here);
    desk.separates(&first, &second).await;
    assert_eq!(desk.receives("m12", KIM, answers("m2")).await, (second.clone(), "references".into()));
    assert_eq!(desk.receives("m13", KIM, answers("m1")).await.1, "stranger");
}

/// Whoever has the address that was signed for a conversation takes part in that one, and not in what it was merged into.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_address_of_the_other_opens_the_other_alone() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (first, _) = desk.receives("m1", MARIA, about("A secret")).await;
    let (second, _) = desk.receives("m2", MARIA, about("Order 77")).await;
    let reply = replies(&mut desk.agent, &second, "Which one?", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let token = desk.business.provider.last().mail.expect("a mail's head").reply_token;
    assert_eq!(desk.merges(&first, &second).await, StatusCode::OK);
    let signed = json!({ "subject": "x", "tokens": [token] });
    assert_eq!(desk.receives("m3", JAN, signed).await, (first.clone(), "reply_address".into()));
    assert_eq!(desk.receives("m4", JAN, answers("m2")).await, (first.clone(), "references".into()));
    assert_eq!(desk.receives("m5", JAN, answers("m1")).await.1, "stranger");
}

/// The way back of a split is open whoever the mail is of, as long as nothing was said there.
#[tokio::test(flavor = "multi_thread")]
async fn a_split_is_taken_back_whoever_the_mail_is_of() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (first, _) = desk.receives("m1", MARIA, about("Where is my order?")).await;
    let reply = replies(&mut desk.agent, &first, "Which one?", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let token = desk.business.provider.last().mail.expect("a mail's head").reply_token;
    let strange = json!({ "subject": "Fw: Offer for 12 chairs", "tokens": [token] });
    assert_eq!(desk.receives("m2", BOB, strange).await, (first.clone(), "reply_address".into()));
    let before = desk.business.messages(&first).await;
    let split = format!("/api/conversations/{first}/split");
    let own = text(&desk.business.owner.post(&split, json!({ "number": 3 })).await["id"]);

    assert_eq!(desk.merges(&first, &own).await, StatusCode::OK);
    assert_eq!(desk.business.messages(&first).await[..3], before[..]);
    // And split off once more.
    desk.separates(&first, &own).await;
    assert_eq!(desk.receives("m3", BOB, answers("m2")).await, (own.clone(), "references".into()));
    assert_eq!(
        desk.merges(&first, &own).await,
        StatusCode::CONFLICT,
        "he has a case of his own, and they are two people"
    );
    let (other, _) = desk.receives("m4", BOB, about("Chairs")).await;
    assert_eq!(desk.merges(&first, &other).await, StatusCode::CONFLICT, "nothing of it was ever there");
}

/// What is in Spam is looked at by nobody. What was split off there may go back.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_merged_into_spam() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (first, _) = desk.receives("m1", MARIA, about("One")).await;
    let (second, _) = desk.receives("m2", MARIA, about("Two")).await;
    assert_eq!(desk.receives("m3", MARIA, answers("m1")).await.0, first);
    desk.business.owner.patch(&format!("/api/conversations/{first}"), json!({ "place": "spam" })).await;
    assert_eq!(desk.merges(&first, &second).await, StatusCode::CONFLICT);
    let split = format!("/api/conversations/{first}/split");
    let off = text(&desk.business.owner.post(&split, json!({ "number": 2 })).await["id"]);
    assert_eq!(desk.merges(&first, &off).await, StatusCode::OK);
    assert_eq!(desk.merges(&second, &first).await, StatusCode::OK, "out of it, they come to light");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_came_wrong_gets_a_case_of_its_senders_own() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (first, _) = desk.receives("m1", MARIA, about("Where is my order?")).await;
    let reply = replies(&mut desk.agent, &first, "Which one?", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let token = desk.business.provider.last().mail.expect("a mail's head").reply_token;
    let strange = json!({ "subject": "Fw: Offer for 12 chairs", "tokens": [token] });
    assert_eq!(desk.receives("m2", BOB, strange).await, (first.clone(), "reply_address".into()));

    let path = format!("/api/conversations/{first}/split");
    let made = desk.business.owner.post(&path, json!({ "number": 3 })).await;
    let own = text(&made["id"]);
    assert_eq!((&made["subject"], &made["contact"]["address"]), (&json!("Offer for 12 chairs"), &json!(BOB)));
    assert_eq!(desk.receives("m3", BOB, answers("m2")).await, (own.clone(), "references".into()));
    assert_eq!(desk.receives("m4", MARIA, answers("m1")).await, (first.clone(), "references".into()));
    // Its answer goes to him, and Maria's to her.
    let reply = replies(&mut desk.agent, &own, "With pleasure.", 3).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    assert_eq!(desk.business.provider.last().to.key, BOB);
    assert_eq!(desk.merges(&first, &own).await, StatusCode::CONFLICT, "they are two people");
}

/// What waits to go out stays until it has gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_out_is_not_moved() {
    let mut desk = Desk::open(Setting::Pair).await;
    let (first, _) = desk.receives("m1", MARIA, about("One")).await;
    let (second, _) = desk.receives("m2", MARIA, about("Two")).await;
    let reply = replies(&mut desk.agent, &second, "Soon.", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let id = text(&reply["message_id"]);
    let path = format!("/api/conversations/{first}/merged/{second}");
    for state in ["queued", "claimed", "sending"] {
        // Due when nobody of us looks any more.
        let waits = format!(
            "INSERT INTO outbox (message_id, conversation_id, inbox_id, channel, state, attempts, due_at, created_at) \
             VALUES ('{id}', '{second}', '{}', 'email', '{state}', 1, 4102444800000, 0)",
            desk.business.inbox
        );
        desk.business.world.database_does(&waits).await;
        let (status, answer) = desk.business.owner.call(Method::PUT, &path, Some(Value::Null)).await;
        assert_eq!((status, &answer["error"]["code"]), (StatusCode::CONFLICT, &json!("being_sent")), "{state}");
        desk.business.world.database_does("DELETE FROM outbox").await;
    }
    assert_eq!(desk.merges(&first, &second).await, StatusCode::OK);
}

/// Where an answer went is kept: in another conversation other mails stand before it.
#[tokio::test(flavor = "multi_thread")]
async fn whom_an_answer_went_to_stays_so_wherever_it_is_moved() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (old, _) = desk.receives("m1", MARIA, json!({ "subject": "Last year", "cc": [JAN] })).await;
    desk.receives("m2", JAN, answers("m1")).await;
    let reply = replies(&mut desk.agent, &old, "Dear Jan", 2).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let sent = desk.business.provider.last();
    assert_eq!(sent.to.key, JAN);
    let (today, _) = desk.receives("m3", MARIA, about("Today")).await;
    assert_eq!(desk.merges(&today, &old).await, StatusCode::OK);

    // He is believed who says that it did not reach him, and it is him to whom it goes again.
    let name = sent.mail.expect("a mail's head").message_id;
    let of_maria = json!({ "id": "b1", "of": name, "reached": "no such user", "to": MARIA });
    desk.business.called(0, of_maria).await;
    let of_jan = json!({ "id": "b2", "of": name, "reached": "mailbox full", "to": JAN });
    assert_eq!(desk.business.called(0, of_jan).await, StatusCode::OK);
    assert_eq!(delivery(&mut desk.agent, &reply, "failed").await["note"], "mailbox full");
    let again = format!("/api/messages/{}/send-again", text(&reply["message_id"]));
    assert_eq!(desk.business.owner.call(Method::POST, &again, None).await.0, StatusCode::NO_CONTENT);
    delivery(&mut desk.agent, &reply, "sent").await;
    assert_eq!(desk.business.provider.last().to.key, JAN);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_split_off_by_itself_is_of_whom_it_went_to() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (first, _) = desk.receives("m1", MARIA, json!({ "subject": "Chairs", "cc": [JAN] })).await;
    desk.receives("m2", JAN, answers("m1")).await;
    let reply = replies(&mut desk.agent, &first, "Dear Jan", 2).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let name = desk.business.provider.last().mail.expect("a mail's head").message_id;
    let made = desk.business.owner.post(&format!("/api/conversations/{first}/split"), json!({ "number": 3 })).await;
    assert_eq!(made["contact"]["address"], JAN);
    let answer = json!({ "subject": "Re: Chairs", "answers": [name] });
    assert_eq!(desk.receives("m3", JAN, answer).await, (text(&made["id"]), "references".into()));
}

/// Which answer is the newest is told by when it was given: what was merged in stands behind it.
#[tokio::test(flavor = "multi_thread")]
async fn that_the_newest_answer_did_not_arrive_is_said_whatever_was_merged_in() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (old, _) = desk.receives("m1", MARIA, about("Last year")).await;
    let reply = replies(&mut desk.agent, &old, "Of course.", 1).await;
    delivery(&mut desk.agent, &reply, "sent").await;
    let (today, _) = desk.receives("m2", MARIA, about("Today")).await;
    desk.business.provider.answers_next(SendError::Refused { why: "No such user.".into() });
    let reply = replies(&mut desk.agent, &today, "Not today.", 1).await;
    delivery(&mut desk.agent, &reply, "failed").await;
    assert_eq!(desk.merges(&today, &old).await, StatusCode::OK);
    let path = format!("/api/conversations/{today}");
    assert_eq!(desk.business.owner.get(&path).await["row"]["undelivered_number"], 2);
    let again = format!("/api/messages/{}/send-again", text(&reply["message_id"]));
    assert_eq!(desk.business.owner.call(Method::POST, &again, None).await.0, StatusCode::NO_CONTENT);
    delivery(&mut desk.agent, &reply, "sent").await;
    assert_eq!(desk.business.owner.get(&path).await["row"]["undelivered_number"], Value::Null);
}

/// What somebody has taken back is nowhere: not in the list, where the merged conversation shows what it showed.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_after_a_merge_shows_in_neither_list() {
    let mut desk = Desk::open(Setting::Alone).await;
    let (first, _) = desk.receives("m1", MARIA, about("One")).await;
    let (second, _) = desk.receives("m2", MARIA, about("Two")).await;
    assert_eq!(desk.merges(&first, &second).await, StatusCode::OK);
    let shown = async |of: &str| {
        desk.business.owner.get(&format!("/api/conversations/{of}")).await["row"]["preview"]["text"].clone()
    };
    assert_eq!((shown(&first).await, shown(&second).await), (json!("words of m2"), json!("words of m2")));
    let gone = json!({ "id": "d1", "of": "<m2@example.nl>", "deleted": true });
    assert_eq!(desk.business.called(0, gone).await, StatusCode::OK);
    assert_eq!((shown(&first).await, shown(&second).await), (json!(""), json!("")));
    desk.separates(&first, &second).await;
    assert_eq!((shown(&first).await, shown(&second).await), (json!("words of m1"), json!("")));
}
