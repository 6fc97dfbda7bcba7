use rstest::rstest;
use serde_json::json;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, PASSWORD, World};
use switchboard::caller::{Answer, Manage, Origin};
use switchboard::commands::{agents, contacts, inboxes, invitations, teams, tokens};
use switchboard::error::CommandError;

#[rstest]
#[tokio::test]
async fn an_invitation_opens_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let body = json!({"name": "An", "email": "an@example.com", "role": "agent"});
    let first = world.owner.post("/api/agents", body.clone()).await.ok();
    let second = world.owner.post("/api/agents", body).await.ok();
    let token = |link: &serde_json::Value| link["link"].as_str().unwrap().split('#').nth(1).unwrap().to_owned();
    let accept = |token: String| json!({"token": token, "password": PASSWORD, "name": "An de Boer"});
    // The newer link has replaced the older.
    let refused = world.nobody().post("/api/invitations/accept", accept(token(&first))).await;
    assert_eq!(refused.refusal(), "404 not_found");
    let an = world.nobody().come_in("/api/invitations/accept", accept(token(&second))).await;
    assert_eq!(an.get("/api/session").await.ok()["agent"]["name"], "An de Boer");
    let refused = world.nobody().post("/api/invitations/accept", accept(token(&second))).await;
    assert_eq!(refused.refusal(), "404 not_found");
    let again = json!({"name": "An", "email": "AN@example.com", "role": "agent"});
    let refused = world.owner.post("/api/agents", again).await;
    assert_eq!(
        (refused.refusal().as_str(), &refused.1["error"]["fields"][0]["code"]),
        ("409 conflict", &json!("taken"))
    );
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_seen_and_taken_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let body = json!({"name": "Claire", "email": "claire@example.com", "role": "agent"});
    let invitation = world.owner.post("/api/agents", body.clone()).await.ok();
    let waiting = json!([{"agent_id": invitation["agent"]["id"], "expires_at": invitation["expires_at"]}]);
    assert_eq!(world.owner.get("/api/agents").await.ok()["invited"], waiting);
    assert_eq!(an.get("/api/agents").await.ok()["invited"], json!([]), "only for who may manage");

    let of = |id: &str| format!("/api/agents/{id}/invitation");
    let claire = invitation["agent"]["id"].as_str().unwrap();
    assert_eq!(an.delete(&of(claire)).await.refusal(), "403 forbidden");
    assert_eq!(world.owner.delete(&of(&an.id)).await.refusal(), "409 conflict");
    assert_eq!(world.owner.delete(&of(claire)).await.0, 204);
    assert_eq!(world.owner.get("/api/agents").await.ok()["invited"], json!([]));
    let token = |link: &serde_json::Value| link["link"].as_str().unwrap().split('#').nth(1).unwrap().to_owned();
    let accept = |token: String| json!({"token": token, "password": PASSWORD});
    let refused = world.nobody().post("/api/invitations/accept", accept(token(&invitation))).await;
    assert_eq!(refused.refusal(), "404 not_found");
    // Who never came, and did nothing, is nobody of the team.
    let listed = world.owner.get("/api/agents").await.ok();
    assert!(!listed["agents"].to_string().contains(claire), "{listed}");
    assert_eq!(world.owner.delete(&of(claire)).await.refusal(), "404 not_found");
    // Wanted after all.
    let again = world.owner.post("/api/agents", body).await.ok();
    world.nobody().come_in("/api/invitations/accept", accept(token(&again))).await;
}

#[rstest]
#[tokio::test]
async fn who_is_invited_again_has_the_new_name_and_role(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let invite = |name: &str, role: &str| json!({"name": name, "email": "claire@example.com", "role": role});
    let first = world.owner.post("/api/agents", invite("Clare", "agent")).await.ok();
    let again = world.owner.post("/api/agents", invite("Claire", "admin")).await.ok();
    assert_eq!(again["agent"]["id"], first["agent"]["id"]);
    assert_eq!((&again["agent"]["name"], &again["agent"]["role"]), (&json!("Claire"), &json!("admin")));
    // An admin neither makes an owner of somebody invited, nor takes one in hand.
    let admin = world.joins("ada", "admin").await;
    assert_eq!(admin.post("/api/agents", invite("Claire", "owner")).await.refusal(), "403 forbidden");
    world.owner.post("/api/agents", invite("Claire", "owner")).await.ok();
    assert_eq!(admin.post("/api/agents", invite("Claire", "agent")).await.refusal(), "403 forbidden");
}

#[rstest]
#[tokio::test]
async fn who_was_given_work_and_never_came_keeps_their_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let body = json!({"name": "Claire", "email": "claire@example.com", "role": "admin"});
    let claire = world.owner.post("/api/agents", body.clone()).await.ok()["agent"]["id"].clone();
    let path = format!("/api/agents/{}/invitation", claire.as_str().unwrap());
    let conversation = format!("/api/conversations/{}", world.conversation("hello").await);
    let state = async || {
        let listed = world.owner.get("/api/agents").await.ok();
        let found = listed["agents"].as_array().unwrap().iter().find(|agent| agent["id"] == claire).cloned();
        found.map(|agent| agent["disabled"].clone())
    };
    world.owner.patch(&conversation, json!({"assignees": [claire]})).await.ok();
    assert_eq!(world.owner.delete(&path).await.0, 204);
    assert_eq!(state().await, Some(json!(true)), "a conversation is theirs");
    // A line of it still says whose it was.
    world.owner.post("/api/agents", body).await.ok();
    world.owner.patch(&conversation, json!({"assignees": []})).await.ok();
    assert_eq!(world.owner.delete(&path).await.0, 204);
    assert_eq!(state().await, Some(json!(true)), "a conversation was theirs");
}

#[rstest]
#[tokio::test]
async fn a_team_is_without_whom_it_never_had(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let body = json!({"name": "Claire", "email": "claire@example.com", "role": "agent"});
    let claire = world.owner.post("/api/agents", body).await.ok()["agent"]["id"].clone();
    let team = json!({"name": "Sales", "members": [claire, world.owner.id]});
    world.owner.post("/api/teams", team).await.ok();
    let from = world.owner.get("/api/session").await.ok()["at"].clone();
    let path = format!("/api/agents/{}/invitation", claire.as_str().unwrap());
    assert_eq!(world.owner.delete(&path).await.0, 204);
    assert_eq!(world.owner.get("/api/teams").await.ok()["teams"][0]["members"], json!([world.owner.id]));
    // The open pages hear of it.
    let (epoch, from) = (from["epoch"].as_str().unwrap(), &from["position"]);
    let feed = world.owner.get(&format!("/api/feed?epoch={epoch}&from={from}")).await.ok();
    let told: Vec<_> = feed["events"].as_array().unwrap().iter().map(|event| event["event"].clone()).collect();
    assert_eq!(told, ["team_changed", "agent_removed"], "{feed}");
}

#[rstest]
#[tokio::test]
async fn an_inbox_says_to_whom_its_conversations_may_be_given(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let inbox = format!("/api/inboxes/{}", world.inbox);
    world.owner.put(&format!("{inbox}/access"), json!({"agents": [an.id], "teams": []})).await.ok();
    let listed = an.get(&format!("{inbox}/agents")).await.ok();
    let mut expected = [&world.owner.id, &an.id];
    expected.sort();
    assert_eq!(listed["agents"], json!(expected));
    assert_eq!(bo.get(&format!("{inbox}/agents")).await.refusal(), "404 not_found");
}

#[rstest]
#[tokio::test]
async fn only_who_may_manage_manages(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let admin = world.joins("ada", "admin").await;
    let inbox = format!("/api/inboxes/{}", world.inbox);
    let team = json!({"name": "Sales", "members": []});
    assert_eq!(an.post("/api/teams", team.clone()).await.refusal(), "403 forbidden");
    assert_eq!(an.patch(&inbox, json!({"name": "Mine"})).await.refusal(), "403 forbidden");
    assert_eq!(an.delete(&inbox).await.refusal(), "403 forbidden");
    assert_eq!(an.get(&format!("{inbox}/access")).await.refusal(), "403 forbidden");
    assert_eq!(an.patch(&format!("/api/agents/{}", an.id), json!({"role": "owner"})).await.refusal(), "403 forbidden");
    assert_eq!(an.patch(&format!("/api/agents/{}", admin.id), json!({"name": "X"})).await.refusal(), "403 forbidden");
    let own = an.patch(&format!("/api/agents/{}", an.id), json!({"display_name": "Annie"})).await.ok();
    assert_eq!(own["display_name"], "Annie");
    admin.post("/api/teams", team).await.ok();
    // An admin makes no owners, and does not unmake one.
    let owner = format!("/api/agents/{}", world.owner.id);
    assert_eq!(admin.patch(&owner, json!({"disabled": true})).await.refusal(), "403 forbidden");
    assert_eq!(
        admin.patch(&format!("/api/agents/{}", an.id), json!({"role": "owner"})).await.refusal(),
        "403 forbidden"
    );
    let invite = json!({"name": "O", "email": "o@example.com", "role": "owner"});
    assert_eq!(admin.post("/api/agents", invite).await.refusal(), "403 forbidden");
}

#[rstest]
#[tokio::test]
async fn there_is_always_an_owner_and_the_disabled_are_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let owner = format!("/api/agents/{}", world.owner.id);
    assert_eq!(world.owner.patch(&owner, json!({"role": "agent"})).await.refusal(), "409 conflict");
    let an = world.agent("an").await;
    let path = format!("/api/agents/{}", an.id);
    world.owner.patch(&path, json!({"disabled": true})).await.ok();
    assert_eq!(an.get("/api/session").await.refusal(), "401 unauthenticated");
    let body = json!({"email": "an@example.com", "password": PASSWORD});
    assert_eq!(world.nobody().post("/api/session", body).await.refusal(), "401 unauthenticated");
}

#[rstest]
#[tokio::test]
async fn teams_are_made_once_changed_and_removed(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.stranger("an").await;
    let body = json!({"name": "Sales", "members": [an.id]});
    let made = world.owner.post_once("/api/teams", "k1", body.clone()).await.ok();
    assert_eq!(world.owner.post_once("/api/teams", "k1", body).await.ok(), made);
    let other = json!({"name": "Other", "members": []});
    assert_eq!(world.owner.post_once("/api/teams", "k1", other.clone()).await.refusal(), "422 key_reused");
    let same_name = json!({"name": "Sales", "members": []});
    assert_eq!(world.owner.post("/api/teams", same_name).await.refusal(), "409 conflict");
    let nobody = json!({"name": "N", "members": ["01JD6Q4Z8V3M6W0X5T9R2K7B1C"]});
    assert_eq!(world.owner.post("/api/teams", nobody).await.refusal(), "422 invalid");
    let path = format!("/api/teams/{}", made["id"].as_str().unwrap());
    assert_eq!(world.owner.put(&path, other).await.ok()["name"], "Other");
    assert_eq!(world.owner.delete(&path).await.0, 204);
    assert_eq!(world.owner.delete(&path).await.refusal(), "404 not_found");
    assert_eq!(world.owner.get("/api/teams").await.ok(), json!({"teams": []}));
}

#[rstest]
#[tokio::test]
async fn inbox_settings_are_checked(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let path = format!("/api/inboxes/{}", world.inbox);
    let web = json!({"origins": ["https://shop.example", "nonsense", "https://shop.example/path"], "accent": "red"});
    let refused = world.owner.patch(&path, json!({"name": " ", "web": web})).await;
    let fields: Vec<_> =
        refused.1["error"]["fields"].as_array().unwrap().iter().map(|it| it["field"].clone()).collect();
    assert_eq!(fields, ["name", "web.origins.1", "web.origins.2", "web.accent"]);
    let web = json!({"origins": ["https://shop.example"], "accent": "#AABBCC", "greeting": "Hello"});
    let inbox = world.owner.patch(&path, json!({"web": web})).await.ok();
    assert_eq!(inbox["web"]["accent"], "#aabbcc");
    assert_eq!(inbox["web"]["widget_key"], world.widget_key);
    assert_eq!(world.owner.delete(&path).await.0, 204);
    let body = json!({"widget_key": world.widget_key});
    assert_eq!(world.nobody().post("/api/visitor/session", body).await.refusal(), "404 not_found");
}

#[rstest]
#[tokio::test]
async fn nothing_is_written_by_rights_that_have_ended(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.hub.app;
    let conversation = world.conversation("hello").await;
    let detail = world.owner.get(&format!("/api/conversations/{conversation}")).await.ok();
    let contact = detail["contact"]["id"].as_str().unwrap().parse().unwrap();
    let boss = world.joins("boss", "admin").await;
    let team = world.owner.post("/api/teams", json!({"name": "Sales", "members": []})).await.ok();
    let (team, inbox) = (team["id"].as_str().unwrap().parse().unwrap(), world.inbox.parse().unwrap());
    // Looked up, and not yet at the writer, when the role changes.
    let caller = world.caller(&boss).await;
    let (manage, answer) = (caller.may::<Manage>().unwrap(), caller.may::<Answer>().unwrap());
    let before = world.owner.get("/api/agents").await.ok();
    world.owner.patch(&format!("/api/agents/{}", boss.id), json!({"role": "agent"})).await.ok();
    let from =
        || Origin { address: [192, 0, 2, 1].into(), user_agent: String::new(), base_url: String::new(), secure: false };
    fn body<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
        serde_json::from_value(value).unwrap()
    }
    let new_inbox = body(json!({"name": "Mine", "channel": "web"}));
    let eve = body(json!({"name": "Eve", "email": "eve@example.com", "role": "admin"}));
    let done: [(&str, Result<(), CommandError>); 12] = [
        ("a contact", contacts::change(app, &answer, contact, body(json!({"name": "Mine"}))).await.map(drop)),
        ("a role", agents::change(app, &caller, caller.agent_id, body(json!({"role": "admin"}))).await.map(drop)),
        ("an invitation", invitations::invite(app, &manage, eve, from()).await.map(drop)),
        ("no invitation", invitations::withdraw(app, &manage, caller.agent_id).await),
        ("a team", teams::create(app, &manage, body(json!({"name": "Mine", "members": []})), None).await.map(drop)),
        ("its name", teams::save(app, &manage, team, body(json!({"name": "Mine", "members": []}))).await.map(drop)),
        ("no team", teams::remove(app, &manage, team).await),
        ("an inbox", inboxes::create(app, &manage, new_inbox, None).await.map(drop)),
        ("its settings", inboxes::change(app, &manage, inbox, body(json!({"name": "Mine"}))).await.map(drop)),
        (
            "who sees it",
            inboxes::set_access(app, &manage, inbox, body(json!({"agents": [boss.id], "teams": []}))).await.map(drop),
        ),
        ("no inbox", inboxes::remove(app, &manage, inbox).await),
        ("a token", tokens::create(app, &caller, body(json!({"name": "x", "scopes": ["admin"]}))).await.map(drop)),
    ];
    for (what, done) in done {
        assert!(matches!(done, Err(CommandError::AccessChanged)), "{what}: {done:?}");
    }
    let now = world.owner.get("/api/agents").await.ok();
    assert_eq!(now["agents"].as_array().unwrap().len(), before["agents"].as_array().unwrap().len());
    assert_eq!(boss.get("/api/tokens").await.ok()["tokens"], json!([]));
    // Looked up anew they do what is theirs to do.
    let name = json!({"name": "Boss no more"});
    boss.patch(&format!("/api/agents/{}", boss.id), name).await.ok();
}
