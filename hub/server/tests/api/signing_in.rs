use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, PASSWORD, World};
use switchboard::caller::{Caller, Origin};
use switchboard::commands::sign_in::{begin_session, end_session, replace_password};
use switchboard::config::Rate;
use switchboard::error::CommandError;
use switchboard_protocol::error::ErrorCode;
use switchboard_store::agents;

#[rstest]
#[tokio::test]
async fn the_link_makes_one_owner_and_no_second(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let me = world.owner.get("/api/session").await.ok();
    assert_eq!(me["agent"]["role"], "owner");
    let token = world.hub.app.setup_token.expose();
    let body = json!({"token": token, "name": "Eve", "email": "eve@example.com", "password": PASSWORD});
    assert_eq!(world.nobody().post("/api/setup", body).await.refusal(), "403 forbidden");
}

#[rstest]
#[tokio::test]
async fn a_password_opens_and_signing_out_closes(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let wrong = json!({"email": "olga@example.com", "password": "correct horse batterz"});
    let unknown = json!({"email": "nobody@example.com", "password": PASSWORD});
    for body in [wrong, unknown] {
        let refused = world.nobody().post("/api/session", body).await;
        assert_eq!(refused.refusal(), "401 unauthenticated");
        assert_eq!(refused.1["error"]["message"], "Mail address or password is not right.");
    }
    let olga =
        world.nobody().come_in("/api/session", json!({"email": " OLGA@example.com", "password": PASSWORD})).await;
    olga.get("/api/session").await.ok();
    assert_eq!(olga.delete("/api/session").await.0, 204);
    assert_eq!(olga.get("/api/session").await.refusal(), "401 unauthenticated");
    world.owner.get("/api/session").await.ok();
}

#[rstest]
#[tokio::test]
async fn sessions_are_listed_and_ended_from_afar(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let other =
        world.nobody().come_in("/api/session", json!({"email": "olga@example.com", "password": PASSWORD})).await;
    let sessions = world.owner.get("/api/sessions").await.ok();
    let sessions = sessions["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let theirs = sessions.iter().find(|session| session["current"] == false).unwrap()["id"].as_str().unwrap();
    // Nobody else's session can be ended.
    let an = world.agent("an").await;
    assert_eq!(an.delete(&format!("/api/sessions/{theirs}")).await.refusal(), "404 not_found");
    assert_eq!(world.owner.delete(&format!("/api/sessions/{theirs}")).await.0, 204);
    assert_eq!(other.get("/api/session").await.refusal(), "401 unauthenticated");
}

#[rstest]
#[tokio::test]
async fn a_session_ends_by_itself(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    world.clock.advance(switchboard::limits::SESSION_MS - 1);
    world.owner.get("/api/session").await.ok();
    // That use has renewed it.
    world.clock.advance(switchboard::limits::SESSION_MS - 1);
    world.owner.get("/api/session").await.ok();
    world.clock.advance(switchboard::limits::SESSION_MS);
    assert_eq!(world.owner.get("/api/session").await.refusal(), "401 unauthenticated");
}

#[rstest]
#[tokio::test]
async fn a_new_password_puts_the_others_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let other =
        world.nobody().come_in("/api/session", json!({"email": "olga@example.com", "password": PASSWORD})).await;
    let made = other.post("/api/tokens", json!({"name": "bot", "scopes": ["read"]})).await.ok();
    let refused = world.owner.post("/api/password", json!({"current": "wrong", "new": "a longer password"})).await;
    assert_eq!(
        (refused.refusal().as_str(), &refused.1["error"]["fields"][0]["field"]),
        ("422 invalid", &json!("current"))
    );
    let short = world.owner.post("/api/password", json!({"current": PASSWORD, "new": "short"})).await;
    assert_eq!(short.1["error"]["fields"][0]["code"], "too_short");
    let body = json!({"current": PASSWORD, "new": "a longer password"});
    assert_eq!(world.owner.post("/api/password", body).await.0, 204);
    world.owner.get("/api/session").await.ok();
    assert_eq!(other.get("/api/session").await.refusal(), "401 unauthenticated");
    // Programs go on, and are listed for who wants to end them.
    let mut program = world.nobody();
    (program.bearer, program.origin) = (made["secret"].as_str().map(str::to_owned), None);
    program.get("/api/session").await.ok();
    assert_eq!(world.owner.get("/api/tokens").await.ok()["tokens"][0]["id"], made["id"]);
    world.nobody().come_in("/api/session", json!({"email": "olga@example.com", "password": "a longer password"})).await;
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let world = World::new(Sqlite).await;
    let team = || json!({"name": "Sales", "members": []});
    for origin in [Some("https://evil.example"), Some("null"), Some(""), None] {
        let mut browser = world.owner.clone();
        browser.origin = origin.map(str::to_owned);
        assert_eq!(browser.post("/api/teams", team()).await.refusal(), "403 wrong_origin", "{origin:?}");
        browser.get("/api/teams").await.ok();
    }
    let mut stranger = world.owner.clone();
    stranger.origin = Some("https://evil.example".into());
    let request = stranger.request(Method::POST, "/api/teams").header("sec-fetch-site", "same-site").json(&team());
    assert_eq!(stranger.send(request).await.refusal(), "403 wrong_origin");
    // Signing in from another's page is refused too: a person could be made to work in the attacker's account.
    let mut page = world.nobody();
    page.origin = Some("https://evil.example".into());
    let body = json!({"email": "olga@example.com", "password": PASSWORD});
    assert_eq!(page.post("/api/session", body).await.refusal(), "403 wrong_origin");
}

#[rstest]
#[tokio::test]
async fn guessing_is_slowed(#[values(Sqlite, Postgres)] engine: Engine) {
    let few = Rate::Of { burst: 3.try_into().unwrap(), per: std::time::Duration::from_secs(3600) };
    let world = World::with(engine, |config| config.limits.sign_in_per_account = few).await;
    let body = || json!({"email": "olga@example.com", "password": "not this one"});
    for _ in 0..3 {
        assert_eq!(world.nobody().post("/api/session", body()).await.refusal(), "401 unauthenticated");
    }
    let refused = world.nobody().post("/api/session", body()).await;
    assert_eq!(refused.refusal(), "429 rate_limited");
    assert!(refused.1["error"]["retry_after_ms"].as_u64().unwrap() > 1_000);
    // Another account is not touched by it.
    let other = json!({"email": "an@example.com", "password": "not this one"});
    assert_eq!(world.nobody().post("/api/session", other).await.refusal(), "401 unauthenticated");
}

#[tokio::test]
async fn strangers_guesses_shut_nobody_out_at_home() {
    let few = Rate::Of { burst: 3.try_into().unwrap(), per: std::time::Duration::from_secs(3600) };
    let world = World::with(Sqlite, |config| config.limits.sign_in_per_account = few).await;
    let sign_in = async |password: &str, from: &str| {
        let body = json!({"email": "olga@example.com", "password": password});
        let request = world.nobody().request(Method::POST, "/api/session").header("x-forwarded-for", from);
        world.nobody().send(request.json(&body)).await.0
    };
    for n in 1..=3 {
        assert_eq!(sign_in("not this one", &format!("192.0.2.{n}")).await, 401);
    }
    assert_eq!(sign_in(PASSWORD, "192.0.2.9").await, 429, "from nowhere that is known");
    assert_eq!(sign_in(PASSWORD, "127.0.0.1").await, 200, "where she has signed in before");
}

#[tokio::test]
async fn home_is_the_line_and_not_the_address() {
    let few = Rate::Of { burst: 3.try_into().unwrap(), per: std::time::Duration::from_secs(3600) };
    let world = World::with(Sqlite, |config| config.limits.sign_in_per_account = few).await;
    let sign_in = async |password: &str, from: &str| {
        let body = json!({"email": "olga@example.com", "password": password});
        let request = world.nobody().request(Method::POST, "/api/session").header("x-forwarded-for", from);
        world.nobody().send(request.json(&body)).await.0
    };
    assert_eq!(sign_in(PASSWORD, "2001:db8:1:1::1").await, 200);
    for n in 1..=3 {
        sign_in("not this one", &format!("192.0.2.{n}")).await;
    }
    assert_eq!(sign_in(PASSWORD, "192.0.2.9").await, 429, "from nowhere that is known");
    assert_eq!(sign_in(PASSWORD, "2001:db8:1:1:ffff::9").await, 200, "another address of the line at home");
    assert_eq!(sign_in(PASSWORD, "2001:db8:1:2::1").await, 429, "another line");
}

/// Whatever is shown: a cookie, a program's token, a visitor's.
#[rstest]
#[case::cookie("/api/session", Some("switchboard_session=sbs_guess"), None)]
#[case::token("/api/session", None, Some("sbt_guess"))]
#[case::visitor("/api/visitor/history", None, Some("sbv_guess"))]
#[tokio::test]
async fn tokens_that_are_not_good_are_counted_and_good_ones_are_not_touched(
    #[case] path: &str,
    #[case] cookie: Option<&str>,
    #[case] bearer: Option<&str>,
) {
    let few = Rate::Of { burst: 3.try_into().unwrap(), per: std::time::Duration::from_secs(3600) };
    let world = World::with(Sqlite, |config| config.limits.refused_per_address = few).await;
    let (browser, _) = world.visitor().await;
    let mut guesser = world.nobody();
    (guesser.cookie, guesser.bearer) = (cookie.map(str::to_owned), bearer.map(str::to_owned));
    // Of those who show what is good, and nothing at all, none counts.
    for _ in 0..4 {
        world.owner.get("/api/session").await.ok();
        assert_eq!(world.nobody().get("/api/session").await.refusal(), "401 unauthenticated");
    }
    for _ in 0..3 {
        assert_eq!(guesser.get(path).await.refusal(), "401 unauthenticated");
    }
    let refused = guesser.get(path).await;
    assert_eq!(refused.refusal(), "429 rate_limited");
    assert!(refused.1["error"]["retry_after_ms"].as_u64().unwrap() > 1_000);
    let elsewhere = guesser.request(Method::GET, path).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(guesser.send(elsewhere).await.refusal(), "401 unauthenticated", "another network's count");
    world.owner.get("/api/session").await.ok();
    browser.get("/api/visitor/history").await.ok();
    assert_eq!(world.nobody().get("/api/session").await.refusal(), "401 unauthenticated", "who shows nothing");
}

#[rstest]
#[tokio::test]
async fn tokens_do_what_their_scopes_say(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let conversation = world.conversation("hello").await;
    let make = |scopes: &'static [&'static str]| {
        let owner = world.owner.clone();
        async move {
            let made = owner.post("/api/tokens", json!({"name": "bot", "scopes": scopes})).await.ok();
            (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
        }
    };
    let by = |secret: String| {
        let mut program = world.nobody();
        (program.bearer, program.origin) = (Some(secret), None);
        program
    };
    let (id, secret) = make(&["read"]).await;
    let reader = by(secret);
    reader.get("/api/conversations").await.ok();
    let path = format!("/api/conversations/{conversation}/messages");
    assert_eq!(reader.post(&path, json!({"text": "hi"})).await.refusal(), "403 forbidden");
    assert_eq!(reader.post("/api/teams", json!({"name": "x", "members": []})).await.refusal(), "403 forbidden");
    // It cannot make itself a stronger one.
    let stronger = json!({"name": "x", "scopes": ["read", "admin"]});
    assert_eq!(reader.post("/api/tokens", stronger).await.refusal(), "403 forbidden");
    // Nor does it tell the customer that somebody has read, or the team that somebody is away.
    let read = format!("/api/conversations/{conversation}/read");
    assert_eq!(reader.post(&read, json!({"number": 1})).await.refusal(), "403 forbidden");
    let writer = by(make(&["read", "write"]).await.1);
    writer.post(&read, json!({"number": 1})).await.ok();
    writer.reply(conversation, "hi").await;
    assert_eq!(writer.post("/api/teams", json!({"name": "x", "members": []})).await.refusal(), "403 forbidden");
    by(make(&["admin"]).await.1).post("/api/teams", json!({"name": "x", "members": []})).await.ok();
    let listed = world.owner.get("/api/tokens").await.ok();
    assert!(!listed.to_string().contains("secret"));
    assert_eq!(world.owner.delete(&format!("/api/tokens/{id}")).await.0, 204);
    assert_eq!(reader.get("/api/conversations").await.refusal(), "401 unauthenticated");
}

#[rstest]
#[tokio::test]
async fn a_token_makes_no_token_and_takes_none_away(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let soon = world.clock.now() + 60_000;
    let body = json!({"name": "for an hour", "scopes": ["read", "write", "admin"], "expires_at": soon});
    let made = world.owner.post("/api/tokens", body).await.ok();
    let mut program = world.nobody();
    (program.bearer, program.origin) = (made["secret"].as_str().map(str::to_owned), None);
    // It would outlive the one that made it.
    let lasting = json!({"name": "for ever", "scopes": ["read"]});
    assert_eq!(program.post("/api/tokens", lasting).await.refusal(), "403 forbidden");
    let itself = format!("/api/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(program.delete(&itself).await.refusal(), "403 forbidden");
    assert_eq!(world.owner.get("/api/tokens").await.ok()["tokens"].as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn who_comes_again_stays_signed_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    world.clock.advance(switchboard::limits::SESSION_MS - 1);
    let response = world.owner.request(Method::GET, "/api/session").send().await.unwrap();
    // The browser forgets a cookie by the date that came with it.
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with(world.owner.cookie.as_ref().unwrap()), "{cookie}");
    assert!(cookie.contains(&format!("Max-Age={}", switchboard::limits::SESSION_MS / 1000)), "{cookie}");
}

#[rstest]
#[tokio::test]
async fn who_reads_does_not_wait_for_who_writes(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    world.clock.advance(switchboard::limits::LAST_SEEN_STEP_MS);
    let held = world.hold_the_writer().await;
    let since = tokio::time::Instant::now();
    world.owner.get("/api/conversations").await.ok();
    assert!(since.elapsed() < std::time::Duration::from_secs(3), "that the session is used is noted if it can be");
    drop(held);
}

#[rstest]
#[tokio::test]
async fn who_is_still_proving_an_old_password_is_not_let_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.hub.app;
    let olga = world.owner.id.parse().unwrap();
    let hash = async || agents::find(&app.store, olga).await.unwrap().unwrap().password_hash.unwrap();
    let from =
        || Origin { address: [192, 0, 2, 1].into(), user_agent: String::new(), base_url: String::new(), secure: false };
    // Verified, and not yet at the writer, when the password changes.
    let old = hash().await;
    let body = json!({"current": PASSWORD, "new": "a longer password"});
    assert_eq!(world.owner.post("/api/password", body).await.0, 204);
    let refused = begin_session(app, olga, old, from()).await.unwrap_err().for_caller();
    assert_eq!(refused.code, ErrorCode::Unauthenticated);
    begin_session(app, olga, hash().await, from()).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn who_is_still_proving_an_old_password_does_not_set_the_next(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.hub.app;
    let olga = world.owner.id.parse().unwrap();
    let hash = async || agents::find(&app.store, olga).await.unwrap().unwrap().password_hash.unwrap();
    let thief =
        world.nobody().come_in("/api/session", json!({"email": "olga@example.com", "password": PASSWORD})).await;
    // Both have verified the old one, and are not yet at the writer, when the password changes.
    let (put_out, stays, old) = (world.caller(&thief).await, world.caller(&world.owner).await, hash().await);
    let replace = async |by: &Caller, proved: String| {
        let keep = by.in_person("change a password").unwrap();
        replace_password(app, by, keep, proved, "the thief's".to_owned()).await
    };
    let body = json!({"current": PASSWORD, "new": "a longer password"});
    assert_eq!(world.owner.post("/api/password", body).await.0, 204);
    let new = hash().await;
    let refused = replace(&put_out, new.clone()).await.unwrap_err();
    assert!(matches!(refused, CommandError::AccessChanged), "{refused}");
    replace(&stays, old.clone()).await.unwrap_err();
    // Nor does who was put out put others out.
    let refused = end_session(app, &put_out, stays.by.session_id().unwrap()).await.unwrap_err();
    assert!(matches!(refused, CommandError::AccessChanged), "{refused}");
    let anew = world.caller(&world.owner).await;
    assert_eq!(replace(&anew, old).await.unwrap_err().for_caller().fields[0].field, "current");
    assert_eq!(hash().await, new);
    world.owner.get("/api/session").await.ok();
    replace(&anew, new).await.unwrap();
}

#[tokio::test]
async fn all_addresses_of_one_ipv6_line_count_as_one() {
    let few = Rate::Of { burst: 3.try_into().unwrap(), per: std::time::Duration::from_secs(3600) };
    let world = World::with(Sqlite, |config| {
        config.limits.sign_in_per_address = few;
        config.limits.visitor_sessions_per_address = few;
    })
    .await;
    let come = async |path: &str, body: &serde_json::Value, from: &str| {
        let request = world.nobody().request(Method::POST, path).header("x-forwarded-for", from).json(body);
        world.nobody().send(request).await.0
    };
    let sign_in = json!({"email": "nobody@example.com", "password": "not this one"});
    let panel = json!({"widget_key": world.widget_key});
    for (path, body, status) in [("/api/session", &sign_in, 401), ("/api/visitor/session", &panel, 200)] {
        for host in 1..=3 {
            assert_eq!(come(path, body, &format!("2001:db8:1:1::{host}")).await, status, "{path}");
        }
        assert_eq!(come(path, body, "2001:db8:1:1:ffff::9").await, 429, "{path}");
        assert_eq!(come(path, body, "2001:db8:1:2::1").await, status, "another line, {path}");
    }
}
