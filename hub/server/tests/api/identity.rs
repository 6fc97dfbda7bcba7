//! Who is signed in on the site of a web inbox, as its server says.

use hmac::{Hmac, KeyInit, Mac};
use rstest::rstest;
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard::caller::Visitor;
use switchboard::commands::visitor_about::describe;
use switchboard::commands::visitor_send::{Send, send};
use switchboard::secret::hex;
use switchboard_protocol::visitor::About;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Answered, Engine, Person, World};

const HOUR_MS: i64 = 3_600_000;

fn signed(secret: &str, user_id: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    hex(&mac.chain_update(user_id).finalize().into_bytes())
}

struct Site {
    world: World,
    path: String,
    secret: String,
}

impl Site {
    async fn new(engine: Engine) -> Self {
        let world = World::new(engine).await;
        let path = format!("/api/inboxes/{}/identity", world.inbox);
        let secret = renewed(&world, &path, json!({})).await;
        Self { world, path, secret }
    }

    /// Opens the panel as who is signed in, in a browser that had this token.
    async fn opens(&self, user_id: &str, hash: &str, token: Option<&str>) -> Answered {
        let mut body = json!({"widget_key": self.world.widget_key, "user": {"id": user_id, "hash": hash}});
        if let Some(token) = token {
            body["token"] = json!(token);
        }
        self.world.nobody().post("/api/visitor/session", body).await
    }

    async fn signs_in(&self, user_id: &str, token: Option<&str>) -> Person {
        let session = self.opens(user_id, &signed(&self.secret, user_id), token).await.ok();
        let mut browser = self.world.nobody();
        browser.id = session["identity_id"].as_str().unwrap().to_owned();
        browser.bearer = Some(session["token"].as_str().unwrap().to_owned());
        browser
    }
}

async fn renewed(world: &World, path: &str, body: Value) -> String {
    world.owner.post(path, body).await.ok()["secret"].as_str().unwrap().to_owned()
}

async fn texts(browser: &Person) -> Vec<String> {
    let history = browser.get("/api/visitor/history").await.ok();
    let texts = history["messages"].as_array().unwrap().iter();
    texts.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[tokio::test]
async fn who_is_signed_in_is_the_same_on_each_device(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let (phone, desk) = (site.signs_in("4711", None).await, site.signs_in("4711", None).await);
    assert_eq!(phone.id, desk.id);
    assert_ne!(phone.id, site.signs_in("4712", None).await.id);
    // Their id says nothing to who has not the site's signature, and a token of theirs is no way to another's.
    let known = switchboard_store::contacts::find_identity(&site.world.hub.app.store, phone.id.parse().unwrap());
    assert_eq!(known.await.unwrap(), None, "no row before they write");
}

#[rstest]
#[tokio::test]
async fn what_is_not_signed_is_refused_and_nobody_else_instead(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let of_another = signed(&site.secret, "4712");
    let by_another = signed("sbid_other", "4711");
    for hash in ["", "zz", &of_another, &by_another] {
        let answer = site.opens("4711", hash, None).await;
        assert_eq!(answer.refusal(), "422 invalid", "{hash}");
        let field = &answer.1["error"]["fields"][0];
        assert_eq!((&field["field"], &field["code"]), (&json!("user.hash"), &json!("wrong")));
    }
    let long = "x".repeat(201);
    for id in ["", "a\nb", &long] {
        let answer = site.opens(id, &signed(&site.secret, id), None).await;
        assert_eq!(answer.1["error"]["fields"][0]["field"], json!("user.id"), "{id:?}");
    }
    // Of another inbox it says nothing.
    let other = site.world.owner.post("/api/inboxes", json!({"name": "B", "channel": "web"})).await.ok();
    let user = json!({"id": "4711", "hash": signed(&site.secret, "4711")});
    let body = json!({"widget_key": other["web"]["widget_key"], "user": user});
    let answer = site.world.nobody().post("/api/visitor/session", body).await;
    assert_eq!(answer.1["error"]["fields"][0]["code"], json!("no_secret"));
}

#[rstest]
#[tokio::test]
async fn what_a_browser_has_said_is_theirs_who_signs_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let (browser, visitor) = site.world.visitor().await;
    let before = site.world.says(visitor, "before").await;
    let signed_in = site.signs_in("4711", browser.bearer.as_deref()).await;
    assert_eq!(texts(&signed_in).await, ["before"]);
    assert_eq!(texts(&browser).await, [""; 0], "the browser alone is nobody again");
    // A second browser, which has said something too: one person, both conversations, and the first one's card.
    let (other, visitor) = site.world.visitor().await;
    let second = site.world.says(visitor, "elsewhere").await;
    let there = site.signs_in("4711", other.bearer.as_deref()).await;
    let mut all = texts(&there).await;
    all.sort();
    assert_eq!(all, ["before", "elsewhere"]);
    let contact = async |id| {
        let path = format!("/api/conversations/{id}");
        site.world.owner.get(&path).await.ok()["row"]["contact"]["id"].clone()
    };
    assert_eq!(contact(before.conversation_id).await, contact(second.conversation_id).await);
    let path = format!("/api/contacts/{}", contact(before.conversation_id).await.as_str().unwrap());
    let card = site.world.owner.get(&path).await.ok();
    let known = card["identities"].as_array().unwrap().iter().find(|one| one["id"] == json!(signed_in.id)).unwrap();
    assert_eq!((&known["verified"], &known["address"]), (&json!(true), &json!("4711")));
    // Whoever signs in next in the same browser gets nothing of it, whichever token is left there.
    for token in [&browser, &signed_in] {
        assert_eq!(texts(&site.signs_in("4712", token.bearer.as_deref()).await).await, [""; 0]);
    }
    assert_eq!(texts(&signed_in).await.len(), 2);
}

/// A page that has not heard of the signing in goes on with the browser's token; who is signed in may never have said who they are.
#[rstest]
#[tokio::test]
async fn a_browser_is_somebodys_for_good_and_a_person_nobody_elses(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let (browser, visitor) = site.world.visitor().await;
    site.world.says(visitor, "before").await;
    site.signs_in("4711", browser.bearer.as_deref()).await;
    site.world.says(visitor, "from the other tab").await;
    let theirs = site.signs_in("4711", browser.bearer.as_deref()).await;
    let mut all = texts(&theirs).await;
    all.sort();
    assert_eq!(all, ["before", "from the other tab"]);

    let alone = site.signs_in("4712", None).await;
    let visitor = Visitor { identity_id: alone.id.parse().unwrap(), inbox_id: site.world.inbox.parse().unwrap() };
    site.world.says(visitor, "a secret").await;
    assert_eq!(texts(&site.signs_in("4713", alone.bearer.as_deref()).await).await, [""; 0]);
    assert_eq!(texts(&alone).await, ["a secret"]);
}

#[rstest]
#[tokio::test]
async fn a_secret_is_shown_once_and_the_one_before_counts_for_a_while(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let owner = &site.world.owner;
    let shown = owner.get(&site.path).await.ok();
    assert_eq!((&shown["old_until"], shown.get("secret")), (&Value::Null, None));
    let old = signed(&site.secret, "4711");
    let second = renewed(&site.world, &site.path, json!({})).await;
    // Made twice in a row, the first one, which the site may have, counts all the same.
    let third = renewed(&site.world, &site.path, json!({"old_hours": 2})).await;
    for secret in [&site.secret, &second, &third] {
        site.opens("4711", &signed(secret, "4711"), None).await.ok();
    }
    site.world.clock.advance(3 * HOUR_MS);
    assert_eq!(site.opens("4711", &signed(&second, "4711"), None).await.refusal(), "422 invalid");
    site.opens("4711", &old, None).await.ok();
    site.world.clock.advance(24 * HOUR_MS);
    assert_eq!(site.opens("4711", &old, None).await.refusal(), "422 invalid");
    // At once, if it has leaked.
    let fourth = renewed(&site.world, &site.path, json!({"old_hours": 0})).await;
    assert_eq!(site.opens("4711", &signed(&third, "4711"), None).await.refusal(), "422 invalid");
    site.opens("4711", &signed(&fourth, "4711"), None).await.ok();
    assert_eq!(owner.post(&site.path, json!({"old_hours": 169})).await.refusal(), "422 invalid");
    owner.delete(&site.path).await.ok();
    assert_eq!(site.opens("4711", &signed(&fourth, "4711"), None).await.refusal(), "422 invalid");
    assert_eq!(owner.get(&site.path).await.ok()["made_at"], Value::Null);
    let an = site.world.agent("an").await;
    assert_eq!(an.get(&site.path).await.refusal(), "403 forbidden");
    assert_eq!(an.post(&site.path, json!({})).await.refusal(), "403 forbidden");
}

#[rstest]
#[tokio::test]
async fn what_a_browser_has_said_outlives_the_talk_of_who_has_signed_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let owner = &site.world.owner;
    let user = site.signs_in("4711", None).await;
    let own = site.world.says(site.visitor(&user), "their own").await.conversation_id;
    let (browser, visitor) = site.world.visitor().await;
    let said = site.world.says(visitor, "before").await.conversation_id;
    let contact = async |id| owner.get(&format!("/api/conversations/{id}")).await.ok()["row"]["contact"]["id"].clone();
    let (card, browsers) = (contact(own).await, contact(said).await);
    site.signs_in("4711", browser.bearer.as_deref()).await;
    // An agent knows better, so that each card stands for itself.
    let merged = format!("/api/contacts/{}/merged/{}", card.as_str().unwrap(), browsers.as_str().unwrap());
    owner.delete(&merged).await.ok();
    for (id, left) in [(own, vec!["before"]), (said, vec![])] {
        owner.patch(&format!("/api/conversations/{id}"), json!({"place": "trash"})).await.ok();
        owner.post("/api/conversations/removed", json!({"ids": [id]})).await.ok();
        assert_eq!(texts(&user).await, left);
    }
    for card in [card, browsers] {
        assert_eq!(owner.get(&format!("/api/contacts/{}", card.as_str().unwrap())).await.refusal(), "404 not_found");
    }
}

fn about(user_id: &str, name: &str, email: &str, attributes: Value) -> About {
    serde_json::from_value(json!({"user_id": user_id, "name": name, "email": email, "attributes": attributes})).unwrap()
}

impl Site {
    fn visitor(&self, browser: &Person) -> Visitor {
        let key = &self.world.hub.app.visitor_key;
        key.verify(browser.bearer.as_ref().unwrap(), self.world.clock.now()).unwrap().0
    }

    /// They write, and their page says this of them; what their card is then.
    async fn writes(&self, visitor: Visitor, about: About) -> Value {
        let said = Send {
            client_id: "first".to_owned(),
            text: "Hello".to_owned(),
            attachments: Vec::new(),
            conversation_id: None,
            source: None,
            about: Some(Box::new(about)),
        };
        let id = send(&self.world.hub.app, visitor, said).await.unwrap().conversation_id;
        let row = self.world.owner.get(&format!("/api/conversations/{id}")).await.ok()["row"].clone();
        self.card(&row["contact"]["id"]).await
    }

    async fn card(&self, id: &Value) -> Value {
        self.world.owner.get(&format!("/api/contacts/{}", id.as_str().unwrap())).await.ok()
    }
}

#[rstest]
#[tokio::test]
async fn what_a_page_says_fills_what_is_empty_on_the_card(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let visitor = site.visitor(&site.signs_in("4711", None).await);
    let said = about("4711", " Maria\u{7} ", "no mail", json!({"plan": "gold", "basket": "3", "": "nothing"}));
    let card = site.writes(visitor, said).await;
    assert_eq!((&card["name"], &card["email"]), (&json!("Maria"), &Value::Null));
    assert_eq!(card["attributes"], json!({"plan": "gold", "basket": "3"}));
    let identity = &card["identities"][0];
    assert_eq!((&identity["verified"], &identity["address"]), (&json!(true), &json!("4711")));
    // What the team has written stays; what the site knows is as it says last.
    let app = &site.world.hub.app;
    let more = about("4711", "Somebody", "maria@shop.example", json!({"plan": "silver", "basket": ""}));
    describe(app, visitor, more.clone()).await.unwrap();
    let card = site.card(&card["id"]).await;
    assert_eq!((&card["name"], &card["email"]), (&json!("Maria"), &json!("maria@shop.example")));
    assert_eq!(card["attributes"], json!({"plan": "silver"}));
    let before = site.world.owner.get("/api/counts").await.ok()["at"].clone();
    describe(app, visitor, more).await.unwrap();
    assert_eq!(site.world.owner.get("/api/counts").await.ok()["at"], before, "said again, nothing is told");
}

#[rstest]
#[tokio::test]
async fn nobody_is_who_they_only_say_they_are(#[values(Sqlite, Postgres)] engine: Engine) {
    let site = Site::new(engine).await;
    let (_, visitor) = site.world.visitor().await;
    describe(&site.world.hub.app, visitor, about("4711", "Maria", "", json!({}))).await.unwrap();
    let card = site.writes(visitor, about("4711", "Maria", "", json!({"plan": "gold"}))).await;
    let identity = &card["identities"][0];
    assert_eq!((&identity["verified"], &identity["address"]), (&json!(false), &Value::Null));
    // More than a card takes is left out, and keeps nobody from writing.
    let many: serde_json::Map<_, _> = (0..80).map(|n| (format!("n{n}"), json!("x".repeat(900)))).collect();
    describe(&site.world.hub.app, visitor, about("4711", "", "", Value::Object(many))).await.unwrap();
    let all = site.card(&card["id"]).await["attributes"].clone();
    assert_eq!(all["plan"], json!("gold"));
    assert!(all.to_string().len() < 17 * 1024 && all.as_object().unwrap().len() > 10, "{all}");
}

#[rstest]
#[tokio::test]
async fn what_was_signed_with_a_secret_that_leaked_ends_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let mut site = Site::new(engine).await;
    let thief = site.signs_in("4711", None).await;
    let (browser, visitor) = site.world.visitor().await;
    site.world.says(visitor, "still me").await;
    // One that is renewed in peace takes nothing from those who are signed in.
    site.world.clock.advance(1);
    site.secret = renewed(&site.world, &site.path, json!({})).await;
    assert_eq!(texts(&thief).await, [""; 0]);
    site.world.clock.advance(1);
    site.secret = renewed(&site.world, &site.path, json!({ "old_hours": 0 })).await;
    assert_eq!(thief.get("/api/visitor/history").await.refusal(), "401 unauthenticated");
    let again = json!({ "widget_key": site.world.widget_key, "token": thief.bearer });
    let session = site.world.nobody().post("/api/visitor/session", again).await.ok();
    assert_ne!(session["identity_id"], json!(thief.id), "whoever has it is a browser like any other");
    // Who is signed in with the new one is who they were, and a browser that nobody signed for is left alone.
    assert_eq!(site.signs_in("4711", None).await.id, thief.id);
    assert_eq!(texts(&browser).await, ["still me"]);
    let known = site.signs_in("4711", None).await;
    site.world.clock.advance(1);
    site.world.owner.delete(&site.path).await;
    assert_eq!(known.get("/api/visitor/history").await.refusal(), "401 unauthenticated");
}
