use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use switchboard::app::{App, Unasked};
use switchboard::attachments::pace::Pace;
use switchboard::config::Rate;
use switchboard::limits::{UNNAMED_BYTES, UNNAMED_FILES, UPLOADS};
use switchboard::ops::upkeep;
use switchboard_protocol::model::Attachment;
use switchboard_protocol::{AttachmentId, ConversationId, UnixMs, limits};
use switchboard_store::attachments::{self, Uploader};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Answered, Engine, World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

impl World {
    /// An answer with a picture.
    pub async fn reply_with_file(&self, id: ConversationId) {
        let uploaded = self.owner.upload("/api/attachments?name=a.png", PNG.to_vec()).await.ok();
        let body = json!({"text": "look", "attachments": [uploaded["attachment"]["id"]]});
        self.owner.post(&format!("/api/conversations/{id}/messages"), body).await.ok();
    }
}

#[rstest]
#[tokio::test]
async fn a_picture_goes_both_ways(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (browser, visitor) = world.visitor().await;
    let id = world.says(visitor, "hello").await.conversation_id;
    let uploaded = world.owner.upload("/api/attachments?name=../../na%C3%AFve.png", PNG.to_vec()).await.ok();
    let attachment = &uploaded["attachment"];
    assert_eq!((&attachment["name"], &attachment["media_type"]), (&json!("naïve.png"), &json!("image/png")));
    assert_eq!((&attachment["picture"], &attachment["bytes"]), (&json!(true), &json!(PNG.len())));
    let file = attachment["id"].as_str().unwrap().to_owned();
    let theirs = format!("/api/visitor/attachments/{file}");
    // Not the visitor's before it is in a message of theirs, and never by way of a note.
    assert_eq!(browser.get(&theirs).await.refusal(), "404 not_found");
    let body = json!({"text": "", "attachments": [file]});
    world.owner.post(&format!("/api/conversations/{id}/messages"), body.clone()).await.ok();
    let response = browser.request(Method::GET, &theirs).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["content-security-policy"], "sandbox; default-src 'none'");
    assert_eq!(response.bytes().await.unwrap(), PNG);
    // One file, one message.
    let again = world.owner.post(&format!("/api/conversations/{id}/messages"), body).await;
    assert_eq!(
        (again.refusal().as_str(), &again.1["error"]["fields"][0]["field"]),
        ("422 invalid", &json!("attachments"))
    );
}

#[rstest]
#[tokio::test]
async fn a_notes_file_stays_in_the_house(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (browser, visitor) = world.visitor().await;
    let id = world.says(visitor, "hello").await.conversation_id;
    let uploaded = world.owner.upload("/api/attachments?name=a.png", PNG.to_vec()).await.ok();
    let file = uploaded["attachment"]["id"].as_str().unwrap();
    let body = json!({"text": "look", "note": true, "attachments": [file]});
    world.owner.post(&format!("/api/conversations/{id}/messages"), body).await.ok();
    assert_eq!(browser.get(&format!("/api/visitor/attachments/{file}")).await.refusal(), "404 not_found");
}

#[tokio::test]
async fn nothing_that_could_run_is_shown() {
    let world = World::new(Sqlite).await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    for (name, bytes) in [("a.svg", svg), ("a.html", html.clone()), ("a.txt", html)] {
        let uploaded = world.owner.upload(&format!("/api/attachments?name={name}"), bytes).await.ok();
        assert_eq!(uploaded["attachment"]["picture"], false, "{name}");
        let path = format!("/api/attachments/{}", uploaded["attachment"]["id"].as_str().unwrap());
        let response = world.owner.request(Method::GET, &path).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/octet-stream", "{name}");
        assert!(header("content-disposition").starts_with("attachment;"), "{name}");
        assert!(header("content-security-policy").starts_with("sandbox"), "{name}");
    }
}

#[tokio::test]
async fn lies_programs_and_monsters_are_refused() {
    let world = World::new(Sqlite).await;
    let folder = world.hub.app.config.data.join("attachments");
    let before = files_below(&folder);
    let exe = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".to_vec();
    for name in ["a.png", "a.exe", "a"] {
        let refused = world.owner.upload(&format!("/api/attachments?name={name}"), exe.clone()).await;
        assert_eq!(refused.refusal(), "415 unsupported_file", "{name}");
    }
    assert_eq!(world.owner.upload("/api/attachments?name=a.png", vec![]).await.refusal(), "422 invalid");
    let (browser, _) = world.visitor().await;
    let huge = vec![b'a'; limits::ATTACHMENT_BYTES + 1];
    let refused = browser.upload("/api/visitor/attachments?name=a.txt", huge).await;
    assert_eq!(refused.refusal(), "413 too_large");
    // Nothing of it is left on disk.
    assert_eq!(files_below(&folder), before);
    let Answered(status, _) = world.nobody().upload("/api/attachments?name=a.png", PNG.to_vec()).await;
    assert_eq!(status, 401);
}

fn files_below(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

/// What an upload would have begun, had the process not ended then.
async fn begun(app: &App, ids: Vec<AttachmentId>, at: UnixMs) {
    let begun = app.write_unasked(Unasked::Upload, move |tx| {
        Box::pin(async move {
            for id in ids {
                attachments::begin(tx, id, at).await?;
            }
            Ok(())
        })
    });
    begun.await.unwrap();
}

#[rstest]
#[tokio::test]
async fn however_many_files_nobody_has_named_all_are_forgotten(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.hub.app;
    let uploaded = world.owner.upload("/api/attachments?name=a.png", PNG.to_vec()).await.ok();
    let last = uploaded["attachment"]["id"].as_str().unwrap();
    // Begun before it, by a clock that stands.
    let earlier = (0..attachments::PRUNE_ROWS).map(|n| AttachmentId(app.random.ulid(n))).collect();
    begun(app, earlier, world.clock.now() - 1).await;
    world.clock.advance(25 * 3_600_000);
    upkeep::round(app).await.unwrap();
    assert_eq!(world.owner.get(&format!("/api/attachments/{last}")).await.refusal(), "404 not_found");
    assert_eq!(files_below(&app.config.data.join("attachments")), 0);
}

#[tokio::test]
async fn slow_uploads_of_strangers_keep_nobody_else_out() {
    let world = World::with(Sqlite, |config| config.limits.uploads_per_person = Rate::Off).await;
    let (browser, _) = world.visitor().await;
    let token = browser.bearer.clone().unwrap();
    let head = format!(
        "POST /api/visitor/attachments?name=a.png HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: 1000\r\n\r\nabc"
    );
    let mut slow = Vec::new();
    for _ in 0..UPLOADS.each {
        let mut stream = TcpStream::connect(world.hub.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // Each of them is on its way as soon as there is no room for one more from there.
    while browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await.0 == 201 {}
    let refused = browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await;
    assert_eq!(refused.refusal(), "429 rate_limited");
    world.owner.upload("/api/attachments?name=a.png", PNG.to_vec()).await.ok();
    drop(slow);
    while browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await.0 != 201 {}
}

/// A hub that cuts off soon who is slow.
async fn impatient() -> World {
    World::tuned(Sqlite, |config, parts| {
        config.limits.uploads_per_person = Rate::Off;
        parts.pace = Pace { bytes_a_second: 256 * 1024, patience: Duration::from_secs(1) };
    })
    .await
}

#[tokio::test]
async fn who_sends_a_file_too_slowly_gives_the_place_back() {
    let world = impatient().await;
    let (browser, _) = world.visitor().await;
    let token = browser.bearer.clone().unwrap();
    let head = format!(
        "POST /api/visitor/attachments?name=a.txt HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: 100000\r\n\r\nabc"
    );
    let mut stream = TcpStream::connect(world.hub.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut answer, mut some) = (Vec::new(), [0; 1024]);
    let answered = within(async {
        while !answer.ends_with(b"}}") {
            tokio::select! {
                count = stream.read(&mut some) => answer.extend_from_slice(&some[..count.unwrap()]),
                // A byte at a time is no reason to wait on.
                () = tokio::time::sleep(Duration::from_millis(20)) => stream.write_all(b"x").await.unwrap(),
            }
        }
    });
    answered.await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("too slowly"), "{answer}");
}

#[tokio::test]
async fn who_takes_a_file_too_slowly_is_cut_off() {
    const BYTES: usize = 4 * 1024 * 1024;
    let world = impatient().await;
    let uploaded = world.owner.upload("/api/attachments?name=a.txt", vec![b'x'; BYTES]).await.ok();
    let path = format!("/api/attachments/{}", uploaded["attachment"]["id"].as_str().unwrap());
    let cookie = world.owner.cookie.as_ref().unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
    // Little room in the kernel: what waits there counts as taken.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut stream = socket.connect(world.hub.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // No other test lets a download be this slow.
    let cut = within(async {
        while !world.owner.get("/metrics").await.1.to_string().contains("switchboard_transfers_too_slow_total 1") {
            tokio::task::yield_now().await;
        }
    });
    cut.await;
    let mut all = Vec::new();
    // However it ends.
    let _ = within(stream.read_to_end(&mut all)).await;
    assert!(all.len() < BYTES, "the rest did not come");
    let whole = world.owner.get(&path).await.ok();
    assert_eq!(whole.as_str().map(str::len), Some(BYTES), "who reads gets all of it");
}

/// A bound for what should happen soon.
async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(15), what).await.expect("it comes soon")
}

#[rstest]
#[tokio::test]
async fn strangers_do_not_fill_the_disk(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.hub.app;
    let (browser, visitor) = world.visitor().await;
    browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await.ok();
    let id = AttachmentId(app.random.ulid(0));
    let file =
        Attachment { id, name: "a".into(), media_type: "video/mp4".into(), bytes: UNNAMED_BYTES, picture: false };
    let by = Uploader::Identity(visitor.identity_id);
    let kept = app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move { Ok(attachments::insert(tx, &file, by, 0).await?) })
    });
    kept.await.unwrap();
    let refused = browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await;
    assert_eq!(refused.refusal(), "503 overloaded");
    world.owner.upload("/api/attachments?name=a.png", PNG.to_vec()).await.ok();
}

#[rstest]
#[tokio::test]
async fn strangers_do_not_leave_more_files_than_are_soon_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.hub.app;
    let (browser, visitor) = world.visitor().await;
    let by = Uploader::Identity(visitor.identity_id);
    let files = |number: i64| {
        let ids: Vec<_> = (0..number).map(|_| AttachmentId(app.random.ulid(0))).collect();
        app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move {
                for id in ids {
                    let (name, media_type) = ("a".into(), "video/mp4".into());
                    let file = Attachment { id, name, media_type, bytes: 1, picture: false };
                    attachments::insert(tx, &file, by, 0).await?;
                }
                Ok(())
            })
        })
    };
    files(UNNAMED_FILES - 1).await.unwrap();
    browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await.ok();
    let refused = browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await;
    assert_eq!(refused.refusal(), "503 overloaded");
    world.owner.upload("/api/attachments?name=a.png", PNG.to_vec()).await.ok();
}

/// The process may end at any byte of an upload, and between any two steps of it.
#[rstest]
#[tokio::test]
async fn what_broken_uploads_leave_is_removed_a_day_later(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let app = &world.hub.app;
    let folder = app.config.data.join("attachments");
    let id = || AttachmentId(app.random.ulid(0));
    let lying = |id: AttachmentId, name: String| {
        let place = folder.join(&id.to_string()[24..26]);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(&name), PNG).unwrap();
        place.join(name)
    };
    let (nothing_yet, half, whole, others) = (id(), id(), id(), id());
    begun(app, vec![nothing_yet, half, whole], world.clock.now()).await;
    let left = [lying(half, format!("{half}#1")), lying(whole, whole.to_string())];
    // Of another database, whose folder this may be: by a forgotten setting, or because ours is a copy for trying something.
    let not_ours = [lying(others, format!("{others}#1")), lying(others, others.to_string())];
    let conversation = world.conversation("hello").await;
    world.reply_with_file(conversation).await;
    let named = files_below(&folder);

    upkeep::round(app).await.unwrap();
    assert_eq!(files_below(&folder), named, "they may still be under way");

    world.clock.advance(25 * 3_600_000);
    for _ in 0..2 {
        upkeep::round(app).await.unwrap();
        assert!(left.iter().all(|path| !path.exists()), "{left:?}");
        assert!(not_ours.iter().all(|path| path.exists()), "{not_ours:?}");
        assert_eq!(files_below(&folder), named - left.len(), "the one in the message stays");
    }
}

#[tokio::test]
async fn strangers_leave_room_on_the_disk_for_the_team() {
    let world = World::with(Sqlite, |config| config.limits.visitor_uploads_leave_free = u64::MAX).await;
    let (browser, _) = world.visitor().await;
    let refused = browser.upload("/api/visitor/attachments?name=a.png", PNG.to_vec()).await;
    assert_eq!(refused.refusal(), "503 overloaded");
    world.owner.upload("/api/attachments?name=a.png", PNG.to_vec()).await.ok();
}
