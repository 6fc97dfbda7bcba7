//! What is not yours to see does not exist for you, on any endpoint.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use switchboard::app::Unasked;
use switchboard_protocol::model::{Channel, Identity};
use switchboard_store::contacts;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, World};

#[rstest]
#[tokio::test]
async fn a_stranger_gets_no_byte(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (_, visitor) = world.visitor().await;
    let id = world.says(visitor, "my secret is zebra").await.conversation_id;
    world.reply_with_file(id).await;
    let detail = world.owner.get(&format!("/api/conversations/{id}")).await.ok();
    let contact = detail["contact"]["id"].as_str().unwrap();
    let messages = detail["messages"].as_array().unwrap();
    let file = messages.iter().find_map(|message| message["attachments"][0]["id"].as_str()).unwrap();
    let stranger = world.stranger("eve").await;
    let conversation = format!("/api/conversations/{id}");
    let refused = [
        stranger.get(&conversation).await,
        stranger.get(&format!("{conversation}/messages")).await,
        stranger.patch(&conversation, json!({"status": "closed"})).await,
        stranger.post(&format!("{conversation}/messages"), json!({"text": "hi"})).await,
        stranger.post(&format!("{conversation}/messages"), json!({"text": "hi", "note": true})).await,
        stranger.post(&format!("{conversation}/read"), json!({"number": 1})).await,
        stranger.get(&format!("/api/contacts/{contact}")).await,
        stranger.patch(&format!("/api/contacts/{contact}"), json!({"name": "X"})).await,
        stranger.get(&format!("/api/visitors?inbox={}", world.inbox)).await,
        stranger.get(&format!("/api/attachments/{file}")).await,
    ];
    for (place, answer) in refused.iter().enumerate() {
        assert_eq!(answer.refusal(), "404 not_found", "{place}");
        assert!(!answer.1.to_string().contains("zebra"));
    }
    // The search index follows what is written: the one who may see it has to find it first.
    let found = async {
        while !world.owner.get("/api/search?q=zebra").await.ok().to_string().contains(&id.to_string()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), found).await.expect("the owner finds it");
    for list in ["/api/conversations", "/api/search?q=zebra", "/api/feed?from=0", "/api/inboxes", "/api/counts"] {
        let seen = stranger.get(list).await.ok().to_string();
        assert!(
            !seen.contains("zebra") && !seen.contains(&id.to_string()) && !seen.contains(&world.inbox),
            "{list}: {seen}"
        );
    }
    let counts = stranger.get("/api/counts").await.ok();
    assert!(counts["folders"].as_array().unwrap().iter().all(|folder| folder["conversations"] == 0), "{counts}");
    // Nothing of what was refused has happened.
    let after = world.owner.get(&conversation).await.ok();
    assert_eq!((&after["row"], &after["messages"]), (&detail["row"], &detail["messages"]));
}

#[rstest]
#[tokio::test]
async fn access_is_given_to_a_team_and_taken_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let id = world.conversation("hello").await;
    let an = world.stranger("an").await;
    let path = format!("/api/conversations/{id}");
    let team = world.owner.post("/api/teams", json!({"name": "Sales", "members": [an.id]})).await.ok();
    let access = format!("/api/inboxes/{}/access", world.inbox);
    let given = json!({"agents": [], "teams": [team["id"]]});
    assert_eq!(world.owner.put(&access, given.clone()).await.ok(), given);
    an.get(&path).await.ok();
    // Out of the team, out of the inbox.
    let team = format!("/api/teams/{}", team["id"].as_str().unwrap());
    world.owner.put(&team, json!({"name": "Sales", "members": []})).await.ok();
    assert_eq!(an.get(&path).await.refusal(), "404 not_found");
    let unknown = json!({"agents": ["01JD6Q4Z8V3M6W0X5T9R2K7B1C"], "teams": []});
    assert_eq!(world.owner.put(&access, unknown).await.refusal(), "422 invalid");
}

#[rstest]
#[tokio::test]
async fn who_cannot_see_is_not_assigned(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let id = world.conversation("hello").await;
    let (an, eve) = (world.agent("an").await, world.stranger("eve").await);
    let path = format!("/api/conversations/{id}");
    let refused = an.patch(&path, json!({"assignee": eve.id})).await;
    assert_eq!(
        (refused.refusal().as_str(), &refused.1["error"]["fields"][0]["field"]),
        ("422 invalid", &json!("assignees"))
    );
    assert_eq!(an.patch(&path, json!({"assignee": an.id})).await.ok()["assignees"], json!([an.id]));
    let mine = an.get("/api/conversations?assignee=me").await.ok();
    assert_eq!(mine["rows"].as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_card_is_told_in_each_inbox_with_what_is_known_there(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let here = world.conversation("hello").await;
    let contact = world.owner.get(&format!("/api/conversations/{here}")).await.ok()["contact"]["id"].clone();
    // The same customer, in an inbox that others look after.
    let other = world.owner.post("/api/inboxes", json!({"name": "Legal", "channel": "web"})).await.ok();
    let body = json!({"widget_key": other["web"]["widget_key"]});
    let session = world.nobody().post("/api/visitor/session", body).await.ok();
    let (visitor, _) = world.hub.app.visitor_key.verify(session["token"].as_str().unwrap(), world.clock.now()).unwrap();
    let contact_id = contact.as_str().unwrap().parse().unwrap();
    let identity = Identity {
        id: visitor.identity_id,
        inbox_id: visitor.inbox_id,
        channel: Channel::Web,
        address: Some("maya@private.example".to_owned()),
        verified: true,
        stopped_at: None,
    };
    let known = world.hub.app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move { Ok(contacts::insert_identity(tx, contact_id, &identity, "maya", 0).await?) })
    });
    known.await.unwrap();
    world.says(visitor, "hello there").await;
    let (an, ben) = (world.agent("an").await, world.stranger("ben").await);
    let access = format!("/api/inboxes/{}/access", other["id"].as_str().unwrap());
    world.owner.put(&access, json!({"agents": [ben.id], "teams": []})).await.ok();
    for by in [&world.owner, &an] {
        let from = world.owner.get("/api/counts").await.ok()["at"]["position"].clone();
        let name = format!("Maya, says {}", by.id);
        by.patch(&format!("/api/contacts/{}", contact.as_str().unwrap()), json!({"name": name})).await.ok();
        for (reader, inbox) in [(&an, &json!(world.inbox)), (&ben, &other["id"])] {
            let events = reader.get(&format!("/api/feed?from={from}")).await.ok();
            let card = &events["events"][0]["contact"];
            assert_eq!((events["events"].as_array().unwrap().len(), &card["name"]), (1, &json!(name)));
            let identities = card["identities"].as_array().unwrap();
            assert_eq!(identities.iter().map(|known| &known["inbox_id"]).collect::<Vec<_>>(), [inbox]);
        }
    }
}
