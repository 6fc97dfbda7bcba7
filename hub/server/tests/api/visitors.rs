use reqwest::redirect::Policy;
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
    let (body, last) = token.split_at(token.len() - 1);
    let forged = format!("{body}{}", if last == "0" { "1" } else { "0" });
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

#[tokio::test]
async fn a_panel_where_it_may_not_be_can_say_so() {
    let world = World::new(Sqlite).await;
    let path = format!("/api/inboxes/{}", world.inbox);
    let web = json!({"origins": ["https://shop.example"], "accent": "#2f6b4f"});
    world.owner.patch(&path, json!({"web": web})).await.ok();
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let panel = async |inbox: &str, site: Option<&str>| {
        let mut request = browser.get(format!("http://{}/widget/panel?inbox={inbox}", world.hub.address));
        if let Some(site) = site {
            request = request.header("referer", site);
        }
        let response = request.send().await.unwrap();
        let of = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        (of("location"), of("content-security-policy").unwrap())
    };
    for site in [None, Some("https://shop.example/"), Some(&*format!("http://{}/demo/", world.hub.address))] {
        let (elsewhere, policy) = panel(&world.widget_key, site).await;
        assert_eq!(elsewhere, None, "{site:?}");
        assert!(policy.ends_with("frame-ancestors 'self' https://shop.example"), "{policy}");
    }
    // The browser of a site that may not frame it would show its own error; so it gets a panel with nothing behind it.
    let (elsewhere, _) = panel(&world.widget_key, Some("https://other.example/")).await;
    assert_eq!(elsewhere.as_deref(), Some("/widget/panel"));
    let (elsewhere, policy) = panel("removed", Some("https://other.example/")).await;
    assert_eq!(elsewhere, None);
    assert!(policy.ends_with("frame-ancestors *"), "{policy}");
}
