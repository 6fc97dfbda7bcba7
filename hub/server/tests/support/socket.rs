//! A client's socket, small enough to misbehave: it can stop reading, stop answering heartbeats, or break.
//!
//! A task of its own answers heartbeats, so that a test may look elsewhere in the meantime. All text that came is kept.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_protocol::SUBPROTOCOL;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tungstenite::protocol::frame::CloseFrame;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

use super::PATIENCE;

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Frame(Value),
    /// The end, with the code of the close frame if there was one.
    End(Option<u16>),
}

/// An answer that is no socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    pub status: u16,
    pub error: Value,
}

enum Order {
    Send(Message),
    Raw(Vec<u8>),
    /// Answer heartbeats, or no more.
    Pong(bool),
    /// Read so many messages, and no more.
    Read(usize),
    /// End the connection without a word.
    Cut,
}

pub struct Socket {
    orders: UnboundedSender<Order>,
    heard: UnboundedReceiver<(String, Heard)>,
    /// Frames that a wait for something else has passed over.
    passed: VecDeque<Value>,
    /// Every text that came, as it came.
    pub log: Vec<String>,
    pub ended: Option<Option<u16>>,
}

/// Commands given by all sockets of this process: a person's ids must differ from socket to socket.
static COMMANDS: AtomicU64 = AtomicU64::new(0);

impl Socket {
    /// The handshake of RFC 6455, with these headers besides.
    pub async fn open(at: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        Self::shake_hands(TcpSocket::new_v4().expect("a socket"), at, path, headers).await
    }

    /// The same with little room in the kernel, so that a client that does not read is full soon.
    pub async fn open_narrow(at: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(16 * 1024).expect("a buffer");
        Self::shake_hands(socket, at, path, headers).await
    }

    async fn shake_hands(
        socket: TcpSocket,
        at: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, Refused> {
        let mut stream = socket.connect(at).await.expect("the hub accepts");
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n"
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await.expect("the request goes out");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8(head).expect("text");
        let status: u16 = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        if status != 101 {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.expect("a length")];
            stream.read_exact(&mut body).await.expect("a body");
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            return Err(Refused { status, error: body["error"].clone() });
        }
        Ok(Self::over(stream))
    }

    fn over(stream: TcpStream) -> Self {
        let (orders, orders_in) = unbounded_channel();
        let (heard_out, heard) = unbounded_channel();
        tokio::spawn(run(stream, orders_in, heard_out));
        Self { orders, heard, passed: VecDeque::new(), log: Vec::new(), ended: None }
    }

    fn order(&self, order: Order) {
        // A socket that has ended takes no orders, as in life.
        let _ = self.orders.send(order);
    }

    pub async fn say(&mut self, frame: Value) {
        self.order(Order::Send(Message::text(frame.to_string())));
    }

    pub fn message(&self, message: Message) {
        self.order(Order::Send(message));
    }

    /// Bytes as they are, below the WebSocket protocol.
    pub fn raw(&self, bytes: Vec<u8>) {
        self.order(Order::Raw(bytes));
    }

    pub fn answers_heartbeats(&self, yes: bool) {
        self.order(Order::Pong(yes));
    }

    pub fn reads(&self, yes: bool) {
        self.order(Order::Read(if yes { usize::MAX } else { 0 }));
    }

    /// Reads on until so many messages have come, and then no more.
    pub fn reads_only(&self, messages: usize) {
        self.order(Order::Read(messages));
    }

    /// As a closed tab does.
    pub fn closes(&self, code: u16) {
        self.order(Order::Send(Message::Close(Some(CloseFrame { code: code.into(), reason: "".into() }))));
    }

    /// As a killed browser does: the connection breaks.
    pub fn breaks(&self) {
        self.order(Order::Cut);
    }

    /// As a lost network does: the connection stands, and nothing passes in either direction.
    pub fn goes_dead(&self) {
        self.order(Order::Pong(false));
        self.reads(false);
    }

    /// What comes next.
    pub async fn next(&mut self) -> Heard {
        if let Some(frame) = self.passed.pop_front() {
            return Heard::Frame(frame);
        }
        self.arrives(PATIENCE).await.unwrap_or_else(|| panic!("nothing came; before: {:?}", self.log.last()))
    }

    async fn arrives(&mut self, within: Duration) -> Option<Heard> {
        if let Some(code) = self.ended {
            return Some(Heard::End(code));
        }
        let (text, heard) =
            tokio::time::timeout(within, self.heard.recv()).await.ok()?.unwrap_or((String::new(), Heard::End(None)));
        match &heard {
            Heard::Frame(_) => self.log.push(text),
            Heard::End(code) => self.ended = Some(*code),
        }
        Some(heard)
    }

    /// Waits until a frame fits; those that do not stay for the next wait.
    pub async fn wait_for<T>(&mut self, what: &str, mut fits: impl FnMut(&Value) -> Option<T>) -> T {
        for at in 0..self.passed.len() {
            if let Some(found) = fits(&self.passed[at]) {
                self.passed.remove(at);
                return found;
            }
        }
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            match self.arrives(left).await {
                Some(Heard::Frame(frame)) => match fits(&frame) {
                    Some(found) => return found,
                    None => self.passed.push_back(frame),
                },
                Some(Heard::End(code)) => panic!("the socket ended ({code:?}) before {what}; {:#?}", self.last()),
                None => panic!("it did not come: {what}; {:#?}", self.last()),
            }
        }
    }

    fn last(&self) -> &[String] {
        &self.log[self.log.len().saturating_sub(8)..]
    }

    /// The next frame of this kind.
    pub async fn hear(&mut self, kind: &str) -> Value {
        self.wait_for(kind, |frame| (frame["t"] == kind).then(|| frame.clone())).await
    }

    /// The next event of this name.
    pub async fn event(&mut self, name: &str) -> Value {
        self.wait_for(name, |frame| (frame["event"] == name).then(|| frame.clone())).await
    }

    /// The next signal of this name that fits.
    pub async fn signal(&mut self, name: &str, mut fits: impl FnMut(&Value) -> bool) -> Value {
        self.wait_for(name, |frame| (frame["signal"] == name && fits(frame)).then(|| frame.clone())).await
    }

    /// The event of the message with this text.
    pub async fn message_event(&mut self, text: &str) -> Value {
        self.wait_for(text, |frame| {
            let has = |message: &Value| message["text"] == text;
            let begun = frame["messages"].as_array().is_some_and(|messages| messages.iter().any(has));
            (frame["t"] == "event" && (has(&frame["message"]) || begun)).then(|| frame.clone())
        })
        .await
    }

    /// Gives a command and waits for its answer.
    pub async fn does(&mut self, command: Value) -> Value {
        let number = COMMANDS.fetch_add(1, Ordering::Relaxed);
        let id = format!("c{number}-{}", command["do"].as_str().unwrap_or("command"));
        self.does_as(&id, command).await
    }

    /// The same, with an id of the client's choice.
    pub async fn does_as(&mut self, id: &str, mut command: Value) -> Value {
        command["t"] = json!("command");
        command["id"] = json!(id);
        self.say(command).await;
        self.reply(id).await
    }

    pub async fn reply(&mut self, id: &str) -> Value {
        self.wait_for(id, |frame| (frame["t"] == "reply" && frame["id"] == id).then(|| frame.clone())).await
    }

    /// Reads to the end: the bye, if there was one, and the close code.
    pub async fn end(&mut self) -> (Option<Value>, Option<u16>) {
        let mut bye = self.passed.drain(..).find(|frame| frame["t"] == "bye");
        loop {
            match self.arrives(PATIENCE).await.expect("the socket ends") {
                Heard::Frame(frame) if frame["t"] == "bye" => bye = Some(frame),
                Heard::Frame(_) => {}
                Heard::End(code) => return (bye, code),
            }
        }
    }

    /// Takes whatever has come by now into the log.
    pub fn catch_up(&mut self) {
        while let Ok((text, heard)) = self.heard.try_recv() {
            match heard {
                Heard::Frame(frame) => {
                    self.log.push(text);
                    self.passed.push_back(frame);
                }
                Heard::End(code) => self.ended = Some(code),
            }
        }
    }

    /// Reads until the event at this position is in the log.
    pub async fn wait_until_log_has(&mut self, position: i64) {
        let here = format!("\"position\":{position},");
        while !self.log.iter().any(|text| text.contains(&here) && text.contains("\"t\":\"event\"")) {
            match self.arrives(PATIENCE).await {
                Some(Heard::Frame(frame)) => self.passed.push_back(frame),
                other => panic!("the event at {position} did not come: {other:?}"),
            }
        }
    }

    /// The frames that have come and that nobody has waited for.
    pub fn taken(&mut self) -> Vec<Value> {
        self.passed.drain(..).collect()
    }

    /// No signal of this name has come.
    pub fn passed_over(&mut self, signal: &str) {
        self.catch_up();
        assert!(!self.passed.iter().any(|frame| frame["signal"] == signal), "{signal} came: {:?}", self.passed);
    }

    /// Nothing that came has any of these in it.
    pub fn never_heard(&mut self, secrets: &[&str]) {
        self.catch_up();
        for (text, secret) in self.log.iter().flat_map(|text| secrets.iter().map(move |secret| (text, secret))) {
            assert!(!text.contains(secret), "{secret} reached somebody who may not know of it: {text}");
        }
    }
}

async fn run(stream: TcpStream, mut orders: UnboundedReceiver<Order>, heard: UnboundedSender<(String, Heard)>) {
    let config = WebSocketConfig::default().write_buffer_size(0);
    let mut context = WebSocketContext::new(Role::Client, Some(config));
    let (mut pong, mut left, mut ended) = (true, usize::MAX, false);
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => match order {
                Some(Order::Send(message)) => {
                    let _ = context.write(&mut Wire(&stream), message).and_then(|()| context.flush(&mut Wire(&stream)));
                }
                Some(Order::Raw(bytes)) => {
                    let _ = Wire(&stream).write_all(&bytes);
                }
                Some(Order::Pong(yes)) => pong = yes,
                Some(Order::Read(messages)) => left = messages,
                Some(Order::Cut) => {
                    let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                    drop(stream);
                    let _ = heard.send((String::new(), Heard::End(None)));
                    return;
                }
                None => return,
            },
            _ = stream.readable(), if left > 0 && !ended => {}
        }
        // After an order too: what was left unread may be in the context by now, and not in the stream.
        while left > 0 && !ended {
            left -= 1;
            let code = match context.read(&mut Wire(&stream)) {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).expect("the hub speaks JSON");
                    if frame["t"] == "ping" && pong {
                        let _ = context.write(&mut Wire(&stream), Message::text(r#"{"t":"pong"}"#));
                    }
                    let _ = heard.send((text.to_string(), Heard::Frame(frame)));
                    continue;
                }
                Ok(Message::Close(close)) => close.map(|close| u16::from(close.code)),
                Ok(_) => continue,
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    left += 1;
                    break;
                }
                Err(_) => None,
            };
            ended = true;
            let _ = context.flush(&mut Wire(&stream));
            let _ = socket2::SockRef::from(&stream).shutdown(std::net::Shutdown::Both);
            let _ = heard.send((String::new(), Heard::End(code)));
        }
    }
}

struct Wire<'s>(&'s TcpStream);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

/// A test's frames are small: what the kernel does not take at once, it takes in a moment.
impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                other => return other,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
