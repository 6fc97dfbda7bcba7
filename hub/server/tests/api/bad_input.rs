use reqwest::Method;
use switchboard_protocol::limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::Engine::Sqlite;
use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn what_cannot_be_read_is_told_in_one_shape() {
    let world = World::new(Sqlite).await;
    let send = |body: &'static str, kind: &'static str| {
        let request = world.owner.request(Method::POST, "/api/teams").header("content-type", kind).body(body);
        world.owner.send(request)
    };
    assert_eq!(send("{", "application/json").await.refusal(), "400 malformed");
    assert_eq!(send("{\"name\":1,\"members\":[]}", "application/json").await.refusal(), "400 malformed");
    assert_eq!(send("{\"name\":\"a\",\"members\":[]}", "text/plain").await.refusal(), "400 malformed");
    assert_eq!(send("", "application/json").await.refusal(), "400 malformed");
    let refused = world.owner.get("/api/nothing/here").await;
    assert_eq!(refused.refusal(), "404 unknown");
    assert!(refused.1["error"]["request_id"].as_str().is_some_and(|id| id.len() == 26));
    assert_eq!(world.owner.get("/api/conversations/nonsense").await.refusal(), "404 not_found");
    assert_eq!(world.owner.delete("/api/conversations").await.refusal(), "405 unknown");
}

#[tokio::test]
async fn an_error_is_not_said_to_be_compressed() {
    let world = World::new(Sqlite).await;
    let request = world.nobody().request(Method::GET, "/api/nothing").header("accept-encoding", "gzip");
    let response = request.send().await.unwrap();
    assert!(!response.headers().contains_key("content-encoding"));
    assert!(response.text().await.unwrap().contains("unknown"));
}

/// A proxy sends other people's requests down the same connection: a refusal that leaves a body unread must not swallow the
/// next one, or must say that it ends the connection.
#[tokio::test]
async fn a_refusal_does_not_lose_the_next_request() {
    let world = World::new(Sqlite).await;
    let body = "x".repeat(20);
    for (request, length, goes_on) in [
        ("POST /api/teams", body.len(), true),
        ("PUT /api/conversations", body.len(), true),
        ("POST /api/nothing", body.len(), true),
        // The rest does not come.
        ("POST /api/teams", limits::BODY_BYTES, false),
    ] {
        let mut stream = TcpStream::connect(world.hub.address).await.unwrap();
        let head = format!("{request} HTTP/1.1\r\nHost: hub\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // A packet of its own, as a body often is.
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(body.as_bytes()).await.unwrap();
        let head = answer(&mut stream).await;
        assert!(head.starts_with("http/1.1 4"), "{head}");
        assert_eq!(!head.contains("connection: close"), goes_on, "{request}: {head}");
        if goes_on {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n").await.unwrap();
            assert!(answer(&mut stream).await.starts_with("http/1.1 200"));
        }
    }
}

/// The head of an answer; its body is read too.
async fn answer(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(read).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    head
}

#[tokio::test]
async fn a_body_has_its_bound() {
    let world = World::new(Sqlite).await;
    let id = world.conversation("hello").await;
    let path = format!("/api/conversations/{id}/messages");
    let body = json!({"text": "a".repeat(limits::BODY_BYTES)});
    assert_eq!(world.owner.post(&path, body).await.refusal(), "413 too_large");
    let long = json!({"text": "é".repeat(limits::MESSAGE_TEXT_CHARS + 1)});
    assert_eq!(world.owner.post(&path, long).await.refusal(), "422 invalid");
    let fits = "\u{1F600}".repeat(limits::MESSAGE_TEXT_CHARS);
    assert_eq!(world.owner.post(&path, json!({"text": fits})).await.ok()["text"], json!(fits));
    let nul = world.owner.post(&path, json!({"text": "a\u{0}b"})).await.ok();
    assert_eq!(nul["text"], "a\u{FFFD}b");
    assert_eq!(world.owner.post(&path, json!({"text": " "})).await.refusal(), "422 invalid");
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let world = World::new(Sqlite).await;
    for path in ["/api/session", "/api/nothing", "/healthz", "/metrics", "/"] {
        let response = world.owner.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(
            response.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(response.headers().contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test]
async fn who_asks_again_and_again_whether_the_hub_is_ready_does_not_keep_the_writer_busy() {
    let world = World::new(Sqlite).await;
    let before = world.hub.app.store.commits();
    for _ in 0..30 {
        assert_eq!(world.nobody().get("/readyz").await.0, 200);
    }
    let asked = world.hub.app.store.commits() - before;
    assert!(asked < 10, "the writer was asked {asked} times");
}

#[tokio::test]
async fn a_hub_that_goes_is_no_longer_ready() {
    let world = World::new(Sqlite).await;
    assert_eq!(world.nobody().get("/readyz").await.0, 200);
    let address = world.hub.address;
    world.hub.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
