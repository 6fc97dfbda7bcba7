use rstest::rstest;
use serde_json::json;

use switchboard::config::Rate;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, World};

#[rstest]
#[tokio::test]
async fn opening_the_panel_writes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let before = world.owner.get("/api/counts").await.ok()["at"].clone();
    let (browser, visitor) = world.visitor().await;
    let history = browser.get("/api/visitor/history").await.ok();
    assert_eq!((&history["conversations"], &history["messages"]), (&json!([]), &json!([])));
    let known = switchboard_store::contacts::find_identity(&world.hub.app.store, visitor.identity_id).await.unwrap();
    assert_eq!(known, None);
    assert_eq!(world.owner.get("/api/counts").await.ok()["at"], before);
}

#[rstest]
#[tokio::test]
async fn a_browser_stays_the_same_visitor(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (browser, visitor) = world.visitor().await;
    let other = world.owner.post("/api/inboxes", json!({"name": "B", "channel": "web"})).await.ok();
    let again = |token: String| {
        let nobody = world.nobody();
        let body = json!({"widget_key": world.widget_key, "token": token});
        async move { nobody.post("/api/visitor/session", body).await.ok() }
    };
    let token = browser.bearer.clone().unwrap();
    let same = again(token.clone()).await;
    assert_eq!((&same["identity_id"], &same["token"]), (&json!(visitor.identity_id), &json!(token)));
    // An old token is renewed for the same visitor; a forged one is nobody's.
    world.clock.advance(switchboard::limits::VISITOR_TOKEN_RENEW_MS);
    let renewed = again(token.clone()).await;
    assert_eq!(renewed["identity_id"], json!(visitor.identity_id));
    assert_ne!(renewed["token"], json!(token));
    let forged = format!("{}0", &token[..token.len() - 1]);
    assert_ne!(again(forged).await["identity_id"], json!(visitor.identity_id));
    // Another inbox's visitor is another one.
    let body = json!({"widget_key": other["web"]["widget_key"], "token": token});
    let there = world.nobody().post("/api/visitor/session", body).await.ok();
    assert_ne!(there["identity_id"], json!(visitor.identity_id));
}

#[rstest]
#[tokio::test]
async fn visitors_see_their_own_and_nothing_else(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (_, one) = world.visitor().await;
    let (other, _) = world.visitor().await;
    let id = world.says(one, "zebra").await.conversation_id;
    let seen = other.get(&format!("/api/visitor/history?conversation={id}")).await.ok();
    assert!(!seen.to_string().contains("zebra"));
    // A visitor's token opens nothing of the team's, an agent's cookie nothing of a visitor's.
    assert_eq!(other.get("/api/conversations").await.refusal(), "401 unauthenticated");
    assert_eq!(world.owner.get("/api/visitor/history").await.refusal(), "401 unauthenticated");
    for token in ["", "v1.", "v1.zz", "x"] {
        let mut forger = world.nobody();
        forger.bearer = Some(token.into());
        assert_eq!(forger.get("/api/visitor/history").await.refusal(), "401 unauthenticated", "{token}");
    }
}

#[tokio::test]
async fn visitors_at_one_address_ask_so_often_and_no_more() {
    let few = Rate::Of { burst: 3.try_into().unwrap(), per: std::time::Duration::from_secs(3600) };
    let world = World::with(Sqlite, |config| config.limits.visitor_requests_per_address = few).await;
    for _ in 0..3 {
        world.visitor().await.0.get("/api/visitor/history").await.ok();
    }
    // A fresh token is no way round it.
    assert_eq!(world.visitor().await.0.get("/api/visitor/history").await.refusal(), "429 rate_limited");
}
