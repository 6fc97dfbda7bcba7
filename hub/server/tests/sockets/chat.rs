//! What is written is committed once, and is on the screen of who may see it.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::shop::{Shop, note, reply};
use crate::support::people::text;
use crate::support::{Setting, Visitor};

#[rstest]
#[tokio::test]
async fn who_may_see_an_inbox_has_it_at_once_and_the_others_nothing(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let (mut olga, mut ann, mut ben) =
        (shop.owner.connects().await, shop.ann.connects().await, shop.ben.connects().await);
    let (mut guest, mut stranger) = (shop.visitor(&shop.sales).await, shop.visitor(&shop.sales).await);

    guest.writes("where is my parcel").await;
    let conversation = guest.conversation();
    for agent in [&mut olga, &mut ann] {
        let event = agent.event("conversation_created").await;
        assert_eq!(event["conversation"]["id"], conversation.as_str());
        assert_eq!(event["messages"][0]["text"], "where is my parcel");
    }
    assert_eq!(ann.does(note(&conversation, "he always asks that")).await["ok"], "yes");
    assert_eq!(ann.does(reply(&conversation, 2, "it is on its way")).await["ok"], "yes");
    olga.message_event("he always asks that").await;
    olga.message_event("it is on its way").await;
    let answer = guest.socket.message_event("it is on its way").await;
    assert_eq!(answer["message"]["author"], json!({ "kind": "agent", "name": "ann" }));

    shop.fence(&mut [&mut ben]).await;
    stranger.writes("hello from somebody else").await;
    stranger.socket.message_event("hello from somebody else").await;
    let identity = guest.visitor.id.clone();
    for other in [&mut ben, &mut stranger.socket] {
        other.never_heard(&[&conversation, &identity, "parcel", "on its way", "always asks"]);
    }
    guest.writes("thank you").await;
    guest.socket.message_event("thank you").await;
    guest.socket.never_heard(&["always asks", "note", &shop.ann.id, &shop.owner.id, "somebody else"]);
}

#[rstest]
#[tokio::test]
async fn one_visitors_messages_come_in_the_order_in_which_they_were_sent(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    const MESSAGES: usize = 60;
    let shop = Shop::open(setting).await;
    let mut ann = shop.ann.connects().await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("0").await;
    // Not one is waited for before the next is sent.
    for n in 1..MESSAGES {
        let send = json!({ "t": "command", "id": format!("m{n}"), "do": "send", "text": n.to_string(), "conversation_id": guest.conversation() });
        guest.socket.say(send).await;
    }
    ann.message_event("0").await;
    let mut last = 0;
    for n in 1..MESSAGES {
        let event = ann.event("message_created").await;
        assert_eq!(event["message"]["text"], n.to_string());
        let position = event["position"].as_i64().expect("a position");
        assert!(position > last, "positions rise");
        last = position;
    }
    for n in 1..MESSAGES {
        assert_eq!(guest.socket.hear("reply").await["id"], format!("m{n}"), "answers come in order too");
    }
}

#[rstest]
#[tokio::test]
async fn what_is_answered_is_committed(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    for n in 0..20 {
        let words = format!("sentence {n}");
        let reply = guest.writes(&words).await;
        // The other hub reads the database at the moment of the answer.
        let detail = shop.ann.detail(&guest.conversation()).await;
        let messages = detail["messages"].as_array().expect("messages");
        assert!(messages.iter().any(|message| message["text"] == words.as_str()), "{words} was answered, not kept");
        assert!(detail["at"]["position"].as_i64() >= reply["position"].as_i64());
    }
}

#[rstest]
#[case::first_message(false)]
#[case::later_message(true)]
#[tokio::test]
async fn the_same_message_five_times_over_two_hubs_is_one(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
    #[case] running: bool,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    if running {
        guest.writes("good morning").await;
    }
    let mut answers = Vec::new();
    for n in 0..5 {
        let (visitor, at) = (guest.visitor.clone(), shop.world.address(n % shop.world.hubs()));
        let conversation = guest.conversation.clone();
        answers.push(tokio::spawn(async move {
            let mut socket = visitor.connects(at).await;
            let mut send = json!({ "do": "send", "text": "only once" });
            if let Some(conversation) = conversation {
                send["conversation_id"] = json!(conversation);
            }
            socket.does_as("the-same-id", send).await
        }));
    }
    let mut made = BTreeSet::new();
    for answer in answers {
        let reply = answer.await.expect("an answer");
        assert_eq!(reply["ok"], "yes", "{reply}");
        made.insert((text(&reply["message_id"]), reply["number"].as_i64(), reply["position"].as_i64()));
    }
    assert_eq!(made.len(), 1, "the same answer to each: {made:?}");
    let events = shop.world.committed().await;
    let times = events.iter().filter(|event| event.staff.contains("only once")).count();
    assert_eq!(times, 1, "one message, told once");
}

#[rstest]
#[tokio::test]
async fn an_agents_reply_repeated_is_one(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("are you open on Sunday").await;
    let mut ids = BTreeSet::new();
    for hub in [0, shop.world.hubs() - 1, 0] {
        let mut socket = shop.ann.through(shop.world.address(hub)).connects().await;
        let answer = socket.does_as("reply-1", reply(&guest.conversation(), 1, "from ten to four")).await;
        ids.insert(text(&answer["message_id"]));
    }
    assert_eq!(ids.len(), 1);
    guest.socket.message_event("from ten to four").await;
    guest.writes("thanks").await;
    guest.socket.message_event("thanks").await;
    guest.socket.catch_up();
    let times = guest.socket.log.iter().filter(|text| text.contains("from ten to four")).count();
    assert_eq!(times, 1);
}

/// Five tabs and devices of as many people are busy at once; each one's own order holds, nothing is lost or twice.
#[rstest]
#[tokio::test]
async fn many_people_at_once_lose_nothing(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    const PEOPLE: usize = 8;
    const MESSAGES: usize = 15;
    let shop = Shop::open(setting).await;
    let mut ann = shop.ann.connects().await;
    let mut writing = Vec::new();
    for person in 0..PEOPLE {
        let (inbox, at) = (shop.sales.clone(), shop.world.address(person % shop.world.hubs()));
        writing.push(tokio::spawn(async move {
            let visitor = Visitor::comes(at, &inbox).await;
            let mut socket = visitor.connects(at).await;
            for n in 0..MESSAGES {
                let answer = socket.does(json!({ "do": "send", "text": format!("p{person} m{n}") })).await;
                assert_eq!(answer["ok"], "yes", "{answer}");
            }
        }));
    }
    for person in writing {
        person.await.expect("each has written");
    }
    shop.fence(&mut [&mut ann]).await;
    ann.catch_up();
    let mut next = [0; PEOPLE];
    let frames = ann.log.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let events: Vec<Value> = frames.filter(|frame| frame["t"] == "event").collect();
    let messages = events.iter().flat_map(|event| {
        let many = event["messages"].as_array().cloned().unwrap_or_default();
        many.into_iter().chain([event["message"].clone()])
    });
    for words in messages.filter_map(|message| message["text"].as_str().map(str::to_owned)) {
        let (person, n) = words[1..].split_once(" m").expect("ours");
        let (person, n): (usize, usize) = (person.parse().expect("a number"), n.parse().expect("a number"));
        assert_eq!(n, next[person], "in order, once");
        next[person] += 1;
    }
    assert_eq!(next, [MESSAGES; PEOPLE]);
}

#[rstest]
#[tokio::test]
async fn what_one_marks_as_unread_is_unread_for_them_on_all_their_devices(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("one").await;
    guest.writes("two").await;
    let conversation = guest.conversation();
    let (mut ann, mut other_tab) = (shop.ann.connects().await, shop.ann.connects().await);
    let read = json!({ "do": "read", "conversation_id": conversation, "number": 2 });
    let unread = json!({ "do": "unread", "conversation_id": conversation });
    assert_eq!(ann.does(read.clone()).await["ok"], "yes");
    assert_eq!(other_tab.event("read_changed").await["number"], 2);
    let back = ann.does(unread.clone()).await;
    assert!(back["ok"] == "yes" && back["position"].is_number(), "{back}");
    assert_eq!(other_tab.event("read_changed").await["number"], 1);
    let detail = shop.ann.detail(&conversation).await;
    assert_eq!((&detail["row"]["read_number"], &detail["row"]["staff_read_number"]), (&json!(1), &json!(2)));
    // Again changes nothing; reading it again does.
    assert_eq!(ann.does(unread).await.get("position"), None);
    assert_eq!(ann.does(read).await["ok"], "yes");
    assert_eq!(other_tab.event("read_changed").await["number"], 2);
}
