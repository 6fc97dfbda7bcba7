//! Peers that send without end: nobody else notices, and what can never become a message is ended.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::shop::Shop;
use crate::support::{PATIENCE, Setting, Visitor, eventually};

/// More peers than a test's hub has threads.
const PEERS: usize = 4;

/// What a client sends, masked with zeros (RFC 6455, section 5.2).
const TEXT_BEGINS: &[u8] = b"\x01\x80\0\0\0\0";
const TEXT_GOES_ON: &[u8] = b"\x00\x80\0\0\0\0";
const PING: &[u8] = b"\x89\x80\0\0\0\0";

/// What floods the hub, each in a thread of its own: a test must not starve itself.
struct Flood {
    over: Arc<AtomicBool>,
    peers: Vec<JoinHandle<()>>,
}

impl Flood {
    fn starts(at: SocketAddr, first: &[u8], again: &[u8]) -> Self {
        let over = Arc::<AtomicBool>::default();
        let peers = (0..PEERS).map(|_| {
            let (over, first, again) = (over.clone(), first.to_vec(), again.repeat(10_000));
            std::thread::spawn(move || {
                let mut stream = shakes_hands(at);
                let _ = stream.write_all(&first);
                while !over.load(Ordering::Relaxed) && stream.write_all(&again).is_ok() {}
            })
        });
        Self { peers: peers.collect(), over }
    }

    async fn is_ended_by_the_hub(&self) {
        eventually("the hub ends what floods it", || async {
            self.peers.iter().all(JoinHandle::is_finished).then_some(())
        })
        .await;
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn shakes_hands(at: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(at).expect("the hub accepts");
    stream.set_write_timeout(Some(PATIENCE)).expect("a bound");
    let request = format!(
        "GET /ws/visitor HTTP/1.1\r\nHost: {at}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("the request goes out");
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer).expect("an answer");
    assert!(answer[..length].starts_with(b"HTTP/1.1 101"), "a socket");
    stream
}

/// A short text in one frame.
fn text_frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text").to_be_bytes();
    [b"\x81\xfe", &length[..], &[0; 4], text.as_bytes()].concat()
}

#[rstest]
#[case::fragments(TEXT_BEGINS, TEXT_GOES_ON, true)]
#[case::pings(PING, PING, false)]
#[tokio::test]
async fn who_sends_without_end_holds_nobody_up(
    #[values(true, false)] says_hello: bool,
    #[case] begin: &[u8],
    #[case] again: &[u8],
    #[case] ends: bool,
) {
    let shop = Shop::open(Setting::Alone).await;
    let at = shop.world.address(0);
    let mut ann = shop.ann.connects().await;
    let mut guest = shop.visitor(&shop.sales).await;
    let token = Visitor::comes(at, &shop.sales).await.token;
    let hello = if says_hello { text_frame(&json!({ "t": "hello", "token": token }).to_string()) } else { Vec::new() };
    let flood = Flood::starts(at, &[&hello, begin].concat(), again);
    if ends {
        flood.is_ended_by_the_hub().await;
    }
    // The others, those that are here and those that come, are as quick as ever.
    let since = tokio::time::Instant::now();
    for n in 0..10 {
        guest.writes(&format!("all well {n}?")).await;
        ann.message_event(&format!("all well {n}?")).await;
    }
    shop.visitor(&shop.legal).await;
    assert!(since.elapsed() < Duration::from_secs(5), "took {:?}", since.elapsed());
}
