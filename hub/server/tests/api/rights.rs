//! Rights that change while a request is on its way.

use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

/// A request whose sender is known to the hub already, and whose body has yet to come.
struct Begun {
    stream: TcpStream,
    body: String,
}

impl Begun {
    /// The hub asks for the body once it has looked up who sends it.
    async fn patch(world: &World, person: &Person, path: &str, body: Value) -> Self {
        let (body, at) = (body.to_string(), world.hub.address);
        let cookie = person.cookie.as_ref().unwrap();
        let mut stream = TcpStream::connect(at).await.unwrap();
        let head = format!(
            "PATCH {path} HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nCookie: {cookie}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self { stream, body }
    }

    /// Sends the body; the answer's status.
    async fn goes_on(mut self) -> u16 {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

#[rstest]
#[tokio::test]
async fn who_has_other_rights_meanwhile_is_looked_up_anew(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (boss, an) = (world.joins("boss", "admin").await, world.agent("an").await);
    let boss_path = format!("/api/agents/{}", boss.id);
    let conversation = format!("/api/conversations/{}", world.conversation("hello").await);
    // What they may still do is done.
    let name = Begun::patch(&world, &boss, &boss_path, json!({"name": "Boss"})).await;
    let flag = Begun::patch(&world, &an, &conversation, json!({"flagged": true})).await;
    // What they may do no more is refused as it would be now.
    let other = Begun::patch(&world, &boss, &format!("/api/agents/{}", an.id), json!({"name": "Mine"})).await;
    let unseen = Begun::patch(&world, &an, &conversation, json!({"flagged": false})).await;
    world.owner.patch(&boss_path, json!({"role": "agent"})).await.ok();
    assert_eq!(name.goes_on().await, 200);
    assert_eq!(other.goes_on().await, 403);
    // Granted anew, with somebody else: the same right, proved at another position.
    let access = format!("/api/inboxes/{}/access", world.inbox);
    world.owner.put(&access, json!({"agents": []  , "teams": []})).await.ok();
    world.owner.put(&access, json!({"agents": [an.id], "teams": []})).await.ok();
    assert_eq!(flag.goes_on().await, 200);
    world.owner.put(&access, json!({"agents": [], "teams": []})).await.ok();
    assert_eq!(unseen.goes_on().await, 404);
    // Who is out is out.
    let gone = Begun::patch(&world, &boss, &boss_path, json!({"name": "Late"})).await;
    world.owner.patch(&boss_path, json!({"disabled": true})).await.ok();
    assert_eq!(gone.goes_on().await, 401);
}
