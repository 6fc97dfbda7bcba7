//! The program itself, as an operator starts it.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use switchboard::http::accept::{self, Admission};
use switchboard::limits::HEADER_READ;
use switchboard::places::Most;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// A disk without room, for what a program prints.
fn full_disk() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// A hub, with the folder of its data.
struct Program {
    child: Child,
    origin: String,
    _data: TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start(filter: &str, stdout: Stdio, stderr: Stdio) -> Self {
        let data = tempfile::tempdir().unwrap();
        let [port] = testkit::free_ports();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["serve", "--listen", &address, "--data"])
            .arg(data.path())
            .env("SWITCHBOARD_LOG__FILTER", filter)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .unwrap();
        Self { child, origin: format!("http://{address}"), _data: data }
    }

    async fn is_ready(&mut self) {
        let ready = async {
            loop {
                let answer = reqwest::get(format!("{}/readyz", self.origin)).await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                assert_eq!(self.child.try_wait().unwrap(), None, "it goes on");
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), ready).await.unwrap();
    }

    /// Tells it to go; whether it ends well.
    async fn ends(&mut self) -> bool {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let ended = async {
            loop {
                match self.child.try_wait().unwrap() {
                    Some(status) => return status.success(),
                    None => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap()
    }
}

/// Log and data often lie on one disk: when it is full, the hub has to go on until there is room again.
#[tokio::test]
async fn a_log_that_cannot_be_written_stops_nobody() {
    let mut hub = Program::start("debug", full_disk(), full_disk());
    hub.is_ready().await;
    assert_eq!(hub.child.try_wait().unwrap(), None, "it goes on");
}

/// A pipe that takes nothing more, with its other end.
fn full_pipe() -> (UnixStream, Stdio) {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    while theirs.write(&[b'\n'; 4096]).is_ok() {}
    theirs.set_nonblocking(false).unwrap();
    (ours, OwnedFd::from(theirs).into())
}

/// A terminal that was stopped, a collector that stands still: they hold the other end and do not read.
#[tokio::test]
async fn a_log_that_nobody_reads_stops_nobody() {
    let (_unread, stderr) = full_pipe();
    let mut hub = Program::start("debug", Stdio::null(), stderr);
    hub.is_ready().await;
    assert!(hub.ends().await);
}

#[tokio::test]
async fn a_log_that_is_read_late_has_all_lines_to_the_last() {
    let (mut late, stderr) = full_pipe();
    let mut hub = Program::start("info", Stdio::null(), stderr);
    hub.is_ready().await;
    let reading = std::thread::spawn(move || {
        let mut log = String::new();
        late.read_to_string(&mut log).unwrap();
        log
    });
    assert!(hub.ends().await);
    let log = reading.join().unwrap();
    let lines: Vec<_> = log.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines[0].contains("opening the database"), "{lines:?}");
    assert!(lines.last().unwrap().contains("the hub has gone"), "{lines:?}");
}

/// A hub's door and nothing behind it, until the guard goes.
fn lets_in(admission: Admission) -> (SocketAddr, DropGuard) {
    let listener = accept::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let to = listener.local_addr().unwrap();
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "here" }));
    let going = CancellationToken::new();
    tokio::spawn(accept::serve(listener, router, admission, going.clone(), TaskTracker::new()));
    (to, going.drop_guard())
}

/// Who holds as many connections as one address may have shuts out nobody but himself; the proxy that all come through may
/// hold all.
#[tokio::test]
async fn one_address_does_not_take_all_connections() {
    let most = Most { in_all: 4, from_one: 2 };
    let proxy = Ipv4Addr::new(127, 0, 0, 9);
    let admission = Admission { most, proxies: vec![proxy.into()] };
    let (to, _end) = lets_in(admission);

    let (greedy, other) = (Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(127, 0, 0, 3));
    let mut held = vec![connect(greedy, to).await, connect(greedy, to).await];
    for stream in &mut held {
        assert!(answers(stream).await);
    }
    assert!(!answers(&mut connect(greedy, to).await).await, "a third of the same");
    assert!(answers(&mut connect(other, to).await).await, "somebody else");
    held.pop();
    while !answers(&mut connect(greedy, to).await).await {}
    drop(held);
    let mut through_the_proxy = Vec::new();
    for _ in 0..4 {
        through_the_proxy.push(connect(proxy, to).await);
        assert!(answers(through_the_proxy.last_mut().unwrap()).await);
    }
}

/// From as many addresses as they like: who asks nothing keeps nobody out.
#[tokio::test]
async fn who_holds_connections_and_asks_nothing_makes_room() {
    let admission = Admission { most: Most { in_all: 4, from_one: 2 }, proxies: Vec::new() };
    let (to, _end) = lets_in(admission);

    let from = |n| connect(Ipv4Addr::new(127, 0, 0, n), to);
    let mut asked = from(2).await;
    assert!(answers(&mut asked).await);
    let mut silent = [from(2).await, from(3).await, from(3).await];
    for n in 4..20 {
        let mut next = from(n).await;
        let answered = tokio::time::timeout(HEADER_READ / 2, answers(&mut next)).await;
        assert!(answered.is_ok_and(|answered| answered), "one that asks has room");
    }
    assert_eq!(silent[0].read(&mut [0]).await.unwrap(), 0, "the oldest made room");
    let mut rest = Vec::new();
    asked.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    asked.read_to_end(&mut rest).await.unwrap();
    assert!(rest.ends_with(b"here"), "who has asked stays");
}

async fn connect(from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// Asks, and keeps the connection open.
async fn answers(stream: &mut TcpStream) -> bool {
    let asked = stream.write_all(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n").await;
    let mut answer = [0; 12];
    asked.is_ok() && stream.read_exact(&mut answer).await.is_ok() && answer.ends_with(b"200")
}
