//! One person over several channels: merged and separated live, and nobody learns by it what they could not see before.

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::channels::Business;
use crate::provider::mailbox;
use crate::support::people::{Inbox, text};
use crate::support::{Person, Setting, Socket, Visitor};

const MARIA: &str = "maria@example.nl";

/// A shop with a mailbox, to which Maria has written, and a web chat, in which somebody has who says to be her. Of the team
/// `ann` sees the chats alone, `ben` the mails.
struct Shop {
    business: Business,
    ann: Person,
    ben: Person,
    visitor: Visitor,
    guest: Socket,
    mail: Known,
    chat: Known,
}

/// A conversation and whose it is.
struct Known {
    conversation: String,
    contact: String,
}

impl Shop {
    async fn open(setting: Setting) -> Self {
        let business = Business::open_on(setting, "email", mailbox()).await;
        let owner = &business.owner;
        let chats = owner.makes_inbox("Chats").await;
        let mails = Inbox { id: business.inbox.clone(), key: String::new() };
        let (ann, ben) = (owner.invites("ann", "agent").await, owner.invites("ben", "agent").await);
        owner.grants(&chats, &[&ann]).await;
        owner.grants(&mails, &[&ben]).await;
        let mut desk = owner.connects().await;
        let at = business.world.address(0);
        let visitor = Visitor::comes(at, &chats).await;
        let mut guest = visitor.connects(at).await;
        says(&mut guest, "I am Maria").await;
        let chat = begun(&mut desk).await;
        assert_eq!(business.called(0, mail("m1", MARIA, "Where is my order?", &[])).await, StatusCode::OK);
        let mail = begun(&mut desk).await;
        Self { business, ann, ben, visitor, guest, mail, chat }
    }

    fn owner(&self) -> &Person {
        &self.business.owner
    }

    async fn contact_of(&self, conversation: &str) -> Value {
        self.owner().detail(conversation).await["row"]["contact"].clone()
    }
}

fn mail(id: &str, from: &str, words: &str, answers: &[&str]) -> Value {
    let name = format!("<{id}@example.nl>");
    json!({ "id": id, "name": name, "from": from, "text": words, "mail": { "subject": words, "answers": answers } })
}

async fn says(guest: &mut Socket, words: &str) {
    let reply = guest.does(json!({ "do": "send", "text": words })).await;
    assert_eq!(reply["ok"], "yes", "{reply}");
}

async fn begun(desk: &mut Socket) -> Known {
    let conversation = &desk.event("conversation_created").await["conversation"];
    Known { conversation: text(&conversation["id"]), contact: text(&conversation["contact"]["id"]) }
}

/// Waits until a card is told under this id.
async fn hears_of(socket: &mut Socket, contact: &str) -> Value {
    let told = |frame: &Value| (frame["contact"]["id"] == contact).then(|| frame.clone());
    socket.wait_for("a card", told).await
}

fn merged(top: &str, part: &str) -> String {
    format!("/api/contacts/{top}/merged/{part}")
}

async fn refused(person: &Person, method: Method, path: &str) -> StatusCode {
    person.call(method, path, None).await.0
}

/// The ids of who is suggested, and what is shared.
async fn suggested(person: &Person, id: &str) -> Vec<(String, Value)> {
    let found = person.get(&format!("/api/contacts/{id}/suggestions")).await;
    let all = found["suggestions"].as_array().expect("a list").clone();
    all.iter().map(|one| (text(&one["contact"]["id"]), one["shared"].clone())).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_shows_on_every_screen_what_who_sits_there_may_see_and_is_taken_back(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let mut shop = Shop::open(setting).await;
    let (mut ann, mut ben) = (shop.ann.connects().await, shop.ben.connects().await);
    let mut desk = shop.owner().through(shop.business.world.other()).connects().await;
    // What a visitor says of themselves is a reason to ask, and nothing more.
    let chat = format!("/api/contacts/{}", shop.chat.contact);
    shop.owner().patch(&chat, json!({ "email": "Maria@example.nl", "notes": "of the chats" })).await;
    shop.owner().patch(&format!("/api/contacts/{}", shop.mail.contact), json!({ "notes": "of the mails" })).await;
    for _ in 0..2 {
        desk.event("contact_changed").await;
    }
    let shared = json!([{ "kind": "email", "value": MARIA, "typed": true }]);
    assert_eq!(suggested(shop.owner(), &shop.chat.contact).await, [(shop.mail.contact.clone(), shared)]);
    assert_eq!(suggested(&shop.ann, &shop.chat.contact).await, []);
    assert_ne!(shop.contact_of(&shop.chat.conversation).await, shop.contact_of(&shop.mail.conversation).await);

    let path = merged(&shop.mail.contact, &shop.chat.contact);
    let card = shop.owner().put(&path, Value::Null).await;
    assert_eq!(
        (card["id"].as_str(), card["identities"].as_array().map(Vec::len)),
        (Some(&*shop.mail.contact), Some(2))
    );
    assert_eq!(
        (&card["merged"][0]["id"], &card["notes"]),
        (&json!(shop.chat.contact), &json!("of the mails\n\nof the chats"))
    );
    // Once in each inbox, with what is known there.
    let told = [desk.event("contact_changed").await, desk.event("contact_changed").await];
    assert!(told.iter().all(|event| event["contact"]["id"] == shop.mail.contact.as_str()), "{told:?}");
    let event = hears_of(&mut ann, &shop.mail.contact).await;
    assert_eq!(event["contact"]["identities"][0]["id"], shop.visitor.id.as_str());
    // What is added to the notes of both is no reason to show either to those of the other.
    let top = format!("/api/contacts/{}", shop.mail.contact);
    let card = shop.owner().patch(&top, json!({ "notes": "of the mails\n\nof the chats\n\nMornings" })).await;
    assert_eq!(card["notes"], "of the mails\n\nof the chats\n\nMornings");
    let noted = |frame: &Value| (frame["contact"]["notes"] == "of the chats\n\nMornings").then_some(());
    ann.wait_for("the note", noted).await;
    // The next words of either are the person's.
    says(&mut shop.guest, "It has number 7").await;
    ann.message_event("It has number 7").await;
    assert_eq!(shop.business.called(0, mail("m2", MARIA, "A second one", &[])).await, StatusCode::OK);
    let next = begun(&mut desk).await;
    assert_eq!(next.contact, shop.mail.contact);
    let all = shop.owner().get(&format!("/api/conversations?contact={}", shop.chat.contact)).await;
    let rows = all["rows"].as_array().expect("rows");
    assert!(rows.len() == 3 && rows.iter().all(|row| row["contact"]["id"] == next.contact.as_str()), "{rows:?}");
    assert_eq!(suggested(shop.owner(), &shop.mail.contact).await, []);

    let card = shop.owner().delete(&path).await;
    assert_eq!((card["id"].as_str(), &card["merged"]), (Some(&*shop.mail.contact), &Value::Null));
    hears_of(&mut ann, &shop.chat.contact).await;
    assert_eq!(shop.contact_of(&shop.chat.conversation).await["id"], shop.chat.contact.as_str());
    assert_eq!(shop.contact_of(&next.conversation).await["id"], shop.mail.contact.as_str());
    // The same again changes nothing.
    shop.owner().delete(&path).await;
    assert_eq!(suggested(shop.owner(), &shop.chat.contact).await.len(), 1);
    hears_of(&mut ben, &shop.mail.contact).await;
    ben.never_heard(&["of the chats", "I am Maria", "number 7", &shop.visitor.id, &shop.chat.conversation]);
    ann.never_heard(&["of the mails", "Where is my order", "A second one", &shop.mail.conversation]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_sees_nothing_of_the_mails_of_whom_they_are_merged_with() {
    let mut shop = Shop::open(Setting::Alone).await;
    let at = shop.business.world.address(0);
    shop.owner().put(&merged(&shop.chat.contact, &shop.mail.contact), Value::Null).await;
    assert_eq!(shop.business.called(0, mail("m2", MARIA, "A second one", &[])).await, StatusCode::OK);
    let mut desk = shop.owner().connects().await;
    let answer = json!({ "do": "reply", "conversation_id": shop.mail.conversation, "text": "By post", "seen": 1 });
    assert_eq!(desk.does(answer).await["ok"], "yes");
    // Neither by asking for it, nor by writing into it, nor on a new socket.
    let into = json!({ "do": "send", "conversation_id": shop.mail.conversation, "text": "Mine?" });
    assert_eq!(shop.guest.does(into).await["error"]["code"], "not_found");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let history = |of: String| {
        let address = format!("http://{at}/api/visitor/history{of}");
        let request = http.get(address).bearer_auth(&shop.visitor.token);
        async move {
            let answer = request.send().await.expect("an answer");
            (answer.status(), answer.text().await.expect("a body"))
        }
    };
    let (status, whole) = history(String::new()).await;
    let seen: Value = serde_json::from_str(&whole).expect("JSON");
    assert_eq!((status, seen["conversations"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)));
    let (status, of_mail) = history(format!("?conversation={}", shop.mail.conversation)).await;
    assert!(!of_mail.contains("order"), "{status} {of_mail}");
    let secrets = [MARIA, "order", "A second one", "By post", &*shop.mail.conversation];
    assert!(secrets.iter().all(|secret| !whole.contains(secret)), "{whole}");
    let mut again = shop.visitor.connects(at).await;
    says(&mut again, "Are you there?").await;
    for socket in [&mut shop.guest, &mut again] {
        socket.message_event("Are you there?").await;
        socket.never_heard(&secrets);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_lets_nobody_into_a_thread() {
    let mut shop = Shop::open(Setting::Alone).await;
    let mut desk = shop.owner().connects().await;
    assert_eq!(shop.business.called(0, mail("e1", "eve@example.com", "Hi", &[])).await, StatusCode::OK);
    let eve = begun(&mut desk).await;
    shop.owner().put(&merged(&shop.mail.contact, &eve.contact), Value::Null).await;
    // Her other address takes no part in what was written with the first: only the team sees both.
    let quotes = mail("e2", "eve@example.com", "Re: yours", &["<m1@example.nl>"]);
    assert_eq!(shop.business.called(0, quotes).await, StatusCode::OK);
    let event = desk.event("conversation_created").await;
    assert_eq!(event["messages"][0]["mail"]["threaded"], "stranger");
    assert_eq!(event["conversation"]["contact"]["id"], shop.mail.contact.as_str());
    shop.guest.never_heard(&["Re: yours"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn however_merges_meet_there_is_one_person_and_what_is_written_meanwhile_is_theirs(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    const EACH: usize = 8;
    let shop = Shop::open(setting).await;
    let other = shop.owner().through(shop.business.world.other());
    let (one, way, mails) = (
        merged(&shop.mail.contact, &shop.chat.contact),
        merged(&shop.chat.contact, &shop.mail.contact),
        (0..EACH).map(|n| mail(&format!("r{n}"), MARIA, "Again", &[])).collect::<Vec<_>>(),
    );
    for (round, comes) in mails.iter().enumerate() {
        let (left, right, came) = tokio::join!(
            shop.owner().put(&one, Value::Null),
            other.put(&way, Value::Null),
            shop.business.called(0, comes.clone())
        );
        assert_eq!(came, StatusCode::OK);
        assert_eq!((&left["id"], left["identities"].as_array().map(Vec::len)), (&right["id"], Some(2)));
        let top = text(&left["id"]);
        let part = text(&left["merged"][0]["id"]);
        let all = shop.owner().get(&format!("/api/conversations?contact={part}")).await;
        let rows = all["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), round + 3);
        assert!(rows.iter().all(|row| row["contact"]["id"] == top.as_str()), "{rows:?}");
        shop.owner().delete(&merged(&top, &part)).await;
    }
    let alone = shop.owner().get(&format!("/api/conversations?contact={}", shop.chat.contact)).await;
    assert_eq!(alone["rows"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_sees_both_merges_separates_or_tells_apart() {
    let shop = Shop::open(Setting::Alone).await;
    let (chat, mail) = (&shop.chat.contact, &shop.mail.contact);
    let different = format!("/api/contacts/{chat}/different/{mail}");
    for path in [&merged(chat, mail), &merged(mail, chat), &different] {
        for method in [Method::PUT, Method::DELETE] {
            assert_eq!(refused(&shop.ann, method, path).await, StatusCode::NOT_FOUND, "{path}");
        }
    }
    let reader = shop.owner().invites("rea", "read_only").await;
    assert_eq!(refused(&reader, Method::PUT, &merged(chat, mail)).await, StatusCode::FORBIDDEN);
    let itself = shop.owner().put(&merged(chat, chat), Value::Null).await;
    assert_eq!((itself["id"].as_str(), &itself["merged"]), (Some(&**chat), &Value::Null));

    let card = format!("/api/contacts/{chat}");
    shop.owner().patch(&card, json!({ "email": MARIA })).await;
    let mut desk = shop.owner().connects().await;
    shop.owner().put(&different, Value::Null).await;
    desk.event("contact_changed").await;
    assert_eq!(suggested(shop.owner(), mail).await, []);
    shop.owner().delete(&different).await;
    assert_eq!(suggested(shop.owner(), mail).await.len(), 1);
    // Merged by somebody else, a part that Ann does not see is not hers to separate, nor to name.
    shop.owner().put(&merged(chat, mail), Value::Null).await;
    assert_eq!(refused(&shop.owner().clone(), Method::PUT, &different).await, StatusCode::CONFLICT);
    assert_eq!(refused(&shop.ann, Method::DELETE, &merged(chat, mail)).await, StatusCode::NOT_FOUND);
    assert_eq!(refused(&shop.ann, Method::GET, &format!("/api/contacts/{mail}")).await, StatusCode::NOT_FOUND);
    assert_eq!(shop.ben.get(&format!("/api/contacts/{mail}")).await["id"], chat.as_str());
    assert_eq!(shop.ben.get(&format!("/api/contacts/{mail}")).await["email"], MARIA);
    // What is written on the card is written of the person.
    shop.owner().patch(&card, json!({ "name": "Maria" })).await;
    for (agent, conversation) in [(&shop.ann, &shop.chat.conversation), (&shop.ben, &shop.mail.conversation)] {
        assert_eq!(agent.detail(conversation).await["row"]["contact"]["name"], "Maria");
    }
}
