//! Links that open once: for who joins, and for who has forgotten a password.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::config::Rate;
use switchboard::limits::{INVITATION_MS, PASSWORD_LINK_MS};

use crate::operator::operator;
use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, PASSWORD, Person, World};

const NEW: &str = "a longer password";

fn token(link: &Value) -> String {
    link["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned()
}

fn path(person: &Person) -> String {
    format!("/api/agents/{}/password-link", person.id)
}

impl World {
    /// What a link is good for: `new_password`, or `404 not_found`.
    async fn shows(&self, token: &str) -> String {
        let shown = self.nobody().post("/api/links/show", json!({"token": token})).await;
        shown.1["purpose"].as_str().map_or_else(|| shown.refusal(), str::to_owned)
    }
}

#[rstest]
#[tokio::test]
async fn a_link_sets_a_new_password_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (admin, an) = (world.joins("ada", "admin").await, world.agent("an").await);
    let made = admin.post(&path(&an), json!({})).await;
    assert_eq!((made.0, &made.1["expires_at"]), (201, &json!(world.clock.now() + PASSWORD_LINK_MS)));
    let link = made.ok();
    assert!(link["link"].as_str().unwrap().contains("/password#sbp_"), "{link}");
    let shown = world.nobody().post("/api/links/show", json!({"token": token(&link)})).await.ok();
    let (name, email) = ("an", "an@example.com");
    let expected = json!({"purpose": "new_password", "name": name, "email": email, "expires_at": link["expires_at"]});
    assert_eq!(shown, expected);
    // Nothing is used up by what cannot be taken, nor changed by a link that was not opened.
    let set = |password: &str| json!({"token": token(&link), "password": password});
    let short = world.nobody().post("/api/password/new", set("short")).await;
    assert_eq!(
        (short.refusal().as_str(), &short.1["error"]["fields"][0]["code"]),
        ("422 invalid", &json!("too_short"))
    );
    an.get("/api/session").await.ok();

    let again = world.nobody().come_in("/api/password/new", set(NEW)).await;
    assert_eq!(again.id, an.id);
    again.get("/api/session").await.ok();
    assert_eq!(an.get("/api/session").await.refusal(), "401 unauthenticated", "who was signed in before is out");
    let sign_in = |password: &str| json!({"email": email, "password": password});
    assert_eq!(world.nobody().post("/api/session", sign_in(PASSWORD)).await.refusal(), "401 unauthenticated");
    world.nobody().come_in("/api/session", sign_in(NEW)).await;
    assert_eq!(world.nobody().post("/api/password/new", set("another password")).await.refusal(), "404 not_found");
    assert_eq!(world.shows(&token(&link)).await, "404 not_found");
}

#[rstest]
#[tokio::test]
async fn nobody_comes_in_as_somebody_above_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (admin, an, bo) = (world.joins("ada", "admin").await, world.agent("an").await, world.agent("bo").await);
    let other = world.joins("otto", "owner").await;
    assert_eq!(bo.post(&path(&an), json!({})).await.refusal(), "403 forbidden");
    assert_eq!(admin.post(&path(&world.owner), json!({})).await.refusal(), "403 forbidden");
    other.post(&path(&world.owner), json!({})).await.ok();
    // One's own takes the old password, and a program is let near none.
    assert_eq!(world.owner.post(&path(&world.owner), json!({})).await.refusal(), "409 conflict");
    let made = world.owner.post("/api/tokens", json!({"name": "bot", "scopes": ["read", "admin"]})).await.ok();
    let mut program = world.nobody();
    (program.bearer, program.origin) = (made["secret"].as_str().map(str::to_owned), None);
    assert_eq!(program.post(&path(&an), json!({})).await.refusal(), "403 forbidden");
    // Nobody is made an owner while an admin holds a link to them.
    let link = admin.post(&path(&an), json!({})).await.ok();
    world.owner.patch(&format!("/api/agents/{}", an.id), json!({"role": "owner"})).await.ok();
    assert_eq!(world.shows(&token(&link)).await, "404 not_found");
    let invited = json!({"name": "Claire", "email": "claire@example.com", "role": "agent"});
    let link = admin.post("/api/agents", invited).await.ok();
    let claire = format!("/api/agents/{}", link["agent"]["id"].as_str().unwrap());
    world.owner.patch(&claire, json!({"role": "owner"})).await.ok();
    assert_eq!(world.shows(&token(&link)).await, "404 not_found");
    // They are still to come.
    let waiting = world.owner.get("/api/agents").await.ok()["invited"].clone();
    assert_eq!(waiting[0]["agent_id"], link["agent"]["id"]);
}

#[rstest]
#[tokio::test]
async fn a_link_is_for_who_could_sign_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let invited = json!({"name": "Claire", "email": "claire@example.com", "role": "agent"});
    let invitation = world.owner.post("/api/agents", invited).await.ok();
    let claire = format!("/api/agents/{}/password-link", invitation["agent"]["id"].as_str().unwrap());
    assert_eq!(world.owner.post(&claire, json!({})).await.refusal(), "409 conflict");
    let disabled = async |yes: bool| {
        world.owner.patch(&format!("/api/agents/{}", an.id), json!({"disabled": yes})).await.ok();
    };
    let link = world.owner.post(&path(&an), json!({})).await.ok();
    disabled(true).await;
    assert_eq!(world.owner.post(&path(&an), json!({})).await.refusal(), "409 conflict");
    disabled(false).await;
    assert_eq!(world.shows(&token(&link)).await, "404 not_found");
    let nobody = "/api/agents/01JD6Q4Z8V3M6W0X5T9R2K7B1C/password-link";
    assert_eq!(world.owner.post(nobody, json!({})).await.refusal(), "404 not_found");
    // Each link opens its own door.
    let link = world.owner.post(&path(&an), json!({})).await.ok();
    let by = |link: &Value| json!({"token": token(link), "password": NEW});
    assert_eq!(world.nobody().post("/api/invitations/accept", by(&link)).await.refusal(), "404 not_found");
    assert_eq!(world.nobody().post("/api/password/new", by(&invitation)).await.refusal(), "404 not_found");
    assert_eq!(
        (world.shows(&token(&link)).await, world.shows(&token(&invitation)).await),
        ("new_password".into(), "join".into())
    );
}

#[rstest]
#[tokio::test]
async fn a_link_is_good_for_a_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (first, second) =
        (world.owner.post(&path(&an), json!({})).await.ok(), world.owner.post(&path(&an), json!({})).await.ok());
    assert_eq!(world.shows(&token(&first)).await, "404 not_found", "the newer one has replaced it");
    // Who remembers after all, and sets another, leaves no way in behind.
    an.post("/api/password", json!({"current": PASSWORD, "new": NEW})).await;
    assert_eq!(world.shows(&token(&second)).await, "404 not_found");
    let third = world.owner.post(&path(&an), json!({})).await.ok();
    world.clock.advance(PASSWORD_LINK_MS - 1);
    assert_eq!(world.shows(&token(&third)).await, "new_password");
    world.clock.advance(1);
    assert_eq!(world.shows(&token(&third)).await, "404 not_found");
    let set = json!({"token": token(&third), "password": NEW});
    assert_eq!(world.nobody().post("/api/password/new", set).await.refusal(), "404 not_found");
    let invited = json!({"name": "Claire", "email": "claire@example.com", "role": "agent"});
    let invitation = world.owner.post("/api/agents", invited).await.ok();
    world.clock.advance(INVITATION_MS);
    assert_eq!(world.shows(&token(&invitation)).await, "404 not_found");
}

#[tokio::test]
async fn guesses_at_links_are_slowed() {
    let few = Rate::Of { burst: 3.try_into().unwrap(), per: Duration::from_secs(3600) };
    let world = World::with(Sqlite, |config| config.limits.sign_in_per_address = few).await;
    // Setting up was one.
    for _ in 0..2 {
        assert_eq!(world.shows("sbp_00").await, "404 not_found");
    }
    assert_eq!(world.shows("sbp_00").await, "429 rate_limited");
    let set = json!({"token": "sbp_00", "password": NEW});
    assert_eq!(world.nobody().post("/api/password/new", set).await.refusal(), "429 rate_limited");
}

/// `switchboard reset-password`, as an operator has it beside the running hub.
async fn reset_password(data: &Path, database: &str, email: &str) -> Output {
    operator("reset-password", data, database, &[email]).await
}

#[rstest]
#[tokio::test]
async fn an_owner_who_is_locked_out_comes_in_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (data, database) = (&world.hub.app.config.data, world.hub.app.config.database.url.expose());
    let reset = async |email: &str| reset_password(data, database, email).await;
    let done = reset(" OLGA@example.com").await;
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{said} {}", String::from_utf8_lossy(&done.stderr));
    let (address, token) = said.split_once('#').unwrap();
    assert!(address.contains("within 24 hours") && address.ends_with("http://127.0.0.1:8080/password"), "{address}");
    let set = json!({"token": token.lines().next(), "password": NEW});
    let olga = world.nobody().come_in("/api/password/new", set).await;
    assert_eq!(olga.id, world.owner.id);
    assert_eq!(world.owner.get("/api/session").await.refusal(), "401 unauthenticated");

    let refused = reset("nobody@example.com").await;
    assert!(!refused.status.success() && refused.stdout.is_empty());
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("nobody of the team has the mail address nobody@example.com"), "{why}");
}
