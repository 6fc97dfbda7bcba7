//! `serve --demo`: what somebody sees who tries the product for the first time.

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::config::{Config, Rate};
use switchboard::demo::{PASSWORD, fill};
use switchboard::secret::Secret;
use switchboard::{Hub, Parts};
use tempfile::TempDir;
use testkit::Postgres as Server;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person};

/// All conversations of an inbox, each with its messages.
async fn threads(person: &Person, inbox: &Value) -> Vec<Vec<Value>> {
    let path = format!("/api/conversations?folder=inbox&inbox={}", inbox["id"].as_str().unwrap());
    let mut threads = Vec::new();
    for row in person.get(&path).await.ok()["rows"].as_array().unwrap() {
        let page = person.get(&format!("/api/conversations/{}/messages", row["id"].as_str().unwrap())).await.ok();
        threads.push(page["messages"].as_array().unwrap().clone());
    }
    threads
}

fn all<'a>(threads: &'a [Vec<Value>], is: impl Fn(&Value) -> bool + 'a) -> usize {
    threads.iter().flatten().filter(|message| is(message)).count()
}

#[rstest]
#[tokio::test]
async fn the_demo_has_every_channel_and_is_connected_to_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let data = TempDir::new().unwrap();
    let mut config = Config::defaults();
    config.listen = ([127, 0, 0, 1], 0).into();
    config.data = data.path().to_owned();
    config.limits.sign_in_per_address = Rate::Off;
    if engine == Postgres {
        config.database.url = Secret::new(Server::shared().database().await);
    }
    let hub = Hub::start_with(config, Parts { demo: true, ..Parts::default() }).await.unwrap();
    assert!(fill(&hub.app).await.unwrap());
    assert!(fill(&hub.app).await.unwrap(), "a second start");
    let sign_in = json!({"email": "astrid@demo.example", "password": PASSWORD});
    let astrid = Person::nobody(&hub).come_in("/api/session", sign_in).await;
    let me = astrid.get("/api/session").await.ok();
    let states: Vec<&str> = me["health"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["unconnected"; 3]);
    let inbox = |channel: &str| me["inboxes"].as_array().unwrap().iter().find(|one| one["channel"] == channel).unwrap();

    let mails = threads(&astrid, inbox("email")).await;
    assert_eq!(mails.len(), 4);
    assert_eq!(all(&mails, |mail| mail["mail"]["html"] == true && mail["attachments"][0]["name"] == "pot.png"), 1);
    assert_eq!(all(&mails, |mail| mail["mail"]["folded"] == true && mail["mail"]["threaded"] == "references"), 1);
    assert_eq!(all(&mails, |mail| mail["text"].as_str().unwrap().contains("spring collection")), 1);
    assert_eq!(all(&mails, |mail| mail["delivery"] == "failed"), 1);
    let texts = threads(&astrid, inbox("sms")).await;
    assert_eq!(all(&texts, |text| text["attachments"][0]["name"] == "pack.png"), 1);
    let chats = threads(&astrid, inbox("telegram")).await;
    assert_eq!(all(&chats, |chat| chat["attachments"].as_array().is_some_and(|files| files.len() == 3)), 1);

    // Two of them are one person, who writes by mail and from a telephone.
    let rows = astrid.get("/api/conversations?folder=inbox").await.ok();
    let nadia = rows["rows"].as_array().unwrap().iter().find(|row| row["contact"]["name"] == "Nadia Ferrante").unwrap();
    let card = astrid.get(&format!("/api/contacts/{}", nadia["contact"]["id"].as_str().unwrap())).await.ok();
    assert_eq!(card["merged"].as_array().unwrap().len(), 1);

    // Whatever was written has been sent, as far as anybody can see, and one mail came back; what is written now waits.
    for (channel, failed) in [("email", 1), ("sms", 0), ("telegram", 0)] {
        let setup = astrid.get(&format!("/api/inboxes/{}/channel", inbox(channel)["id"].as_str().unwrap())).await.ok();
        assert_eq!([&setup["health"]["waiting"], &setup["health"]["failed"]], [0, failed], "{channel}");
    }
    hub.stop().await;
}
