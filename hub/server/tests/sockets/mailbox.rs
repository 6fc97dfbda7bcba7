//! A mailbox at a real mail provider (Postfix, Dovecot), and somebody outside who writes to it and reads what comes back.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;

use serde_json::{Value, json};
use testkit::MailHost;

use crate::channels::{delivery, replies};
use crate::support::people::text;
use crate::support::{PATIENCE, Person, Setting, Socket, World, eventually};

/// A shop that reads and writes as `OURS@shop.test`.
pub struct Shop {
    pub world: World,
    pub owner: Person,
    pub agent: Socket,
    pub host: &'static MailHost,
    pub inbox: String,
}

impl Shop {
    async fn open(ours: &str) -> Self {
        Self::with(ours, json!({})).await
    }

    /// With more in the mailbox's settings.
    pub async fn with(ours: &str, more: Value) -> Self {
        let host = tokio::task::spawn_blocking(MailHost::shared).await.expect("the mail servers start");
        let world = World::tuned(Setting::Alone, |config, _| {
            config.channels.private_addresses = true;
            config.limits.form_soonest_ms = 0;
        });
        let world = world.await;
        let owner = world.owner().await;
        let body = json!({ "name": "Shop", "channel": "email", "case_prefix": "SB-" });
        let inbox = text(&owner.post("/api/inboxes", body).await["id"]);
        let server = |port: u16| json!({ "host": "127.0.0.1", "port": port, "security": "none", "username": ours });
        let mut settings = json!({
            "settings": {
                "kind": "email", "address": format!("{ours}@shop.test"), "plus_addresses": true, "import_since": "2000-01-01",
                "imap": server(host.imap_port()), "smtp": server(host.submission_port()),
            },
            "secrets": { "imap_password": MailHost::PASSWORD, "smtp_password": MailHost::PASSWORD },
        });
        for (name, value) in more.as_object().expect("settings") {
            settings["settings"][name] = value.clone();
        }
        owner.put(&format!("/api/inboxes/{inbox}/channel"), settings).await;
        let agent = owner.connects().await;
        Self { world, owner, agent, host, inbox }
    }

    /// Somebody outside sends a mail; `<>`: a mail server that does, in nobody's name.
    pub async fn post(&self, from: &str, to: &str, headers: &str, body: &str) {
        let (port, from, to) = (self.host.smtp_port(), from.to_owned(), to.to_owned());
        let (envelope, from) =
            if from == "<>" { (String::new(), "mta@example.test".to_owned()) } else { (from.clone(), from) };
        let mail =
            format!("From: {from}\r\nTo: {to}\r\nDate: Sat, 01 Nov 2025 10:00:00 +0000\r\n{headers}\r\n{body}\r\n");
        tokio::task::spawn_blocking(move || post(port, &envelope, &to, &mail)).await.expect("the mail is taken");
    }

    /// The one mail in somebody's mailbox.
    pub async fn mail_of(&self, user: &str) -> String {
        let folder = self.host.maildir(user).join("new");
        eventually("the mail arrives", || async { first_file(&folder) }).await
    }
}

fn first_file(folder: &Path) -> Option<String> {
    let entry = std::fs::read_dir(folder).ok()?.next()?.ok()?;
    std::fs::read_to_string(entry.path()).ok()
}

/// SMTP as it is spoken by hand (RFC 5321).
pub fn post(port: u16, from: &str, to: &str, mail: &str) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("Postfix answers");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let mut answers = BufReader::new(stream.try_clone().expect("a second handle")).lines();
    let mut expect = |code: &str| loop {
        let line = answers.next().expect("an answer").expect("text");
        assert!(line.starts_with(code), "{line}");
        if line.as_bytes().get(3) == Some(&b' ') {
            return;
        }
    };
    expect("220");
    let lines = [
        ("HELO outside.test".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>"), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
        (format!("{mail}."), "250"),
        ("QUIT".to_owned(), "221"),
    ];
    for (line, code) in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).expect("Postfix listens");
        expect(code);
    }
}

pub fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let line = mail.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("no {name} in {mail}")).split_once(':').expect("a header").1.trim()
}

pub async fn begun(agent: &mut Socket) -> Value {
    agent.event("conversation_created").await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_outside_and_an_agent_hold_a_conversation_by_mail() {
    if !MailHost::can_run() {
        return;
    }
    let mut shop = Shop::open("help1").await;
    let first =
        "Subject: Where is my order?\r\nMessage-ID: <m1@example.test>\r\nContent-Type: text/plain; charset=utf-8\r\n";
    shop.post("maria1@example.test", "help1@shop.test", first, "It should have been here on Tuesday.").await;
    let event = begun(&mut shop.agent).await;
    let conversation = text(&event["conversation"]["id"]);
    assert_eq!(event["conversation"]["subject"], "Where is my order?");
    assert_eq!(event["messages"][0]["text"], "It should have been here on Tuesday.");

    let reply = replies(&mut shop.agent, &conversation, "Tomorrow.", 1).await;
    delivery(&mut shop.agent, &reply, "sent").await;
    let mail = shop.mail_of("maria1").await;
    assert_eq!(header(&mail, "subject"), "Re: Where is my order? [SB-1]");
    assert_eq!(header(&mail, "in-reply-to"), "<m1@example.test>");
    assert!(header(&mail, "from").contains("<help1@shop.test>"), "{mail}");
    assert!(mail.contains("Tomorrow."), "{mail}");

    // An answer to the address that it says, without any other trace of what it answers.
    let back = header(&mail, "reply-to").trim_matches(['<', '>']).to_owned();
    let back = back.rsplit('<').next().expect("an address").trim_end_matches('>').to_owned();
    assert!(back.starts_with("help1+"), "{back}");
    shop.post("maria1@example.test", &back, "Subject: thanks\r\nMessage-ID: <m2@example.test>\r\n", "Thank you").await;
    let answer = shop.agent.message_event("Thank you").await;
    assert_eq!(answer["message"]["conversation_id"], conversation.as_str());
    assert_eq!(answer["message"]["mail"]["threaded"], "reply_address");
    let health = shop.owner.get(&format!("/api/inboxes/{}/channel", shop.inbox)).await["health"].clone();
    assert_eq!(health["state"], "working");
    assert!(health["last_received_at"].is_i64() && health["last_sent_at"].is_i64(), "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_marks_the_mail_that_it_is_about_and_opens_nothing() {
    if !MailHost::can_run() {
        return;
    }
    let mut shop = Shop::open("help2").await;
    shop.post("nobody@gone.test", "help2@shop.test", "Subject: Hi\r\nMessage-ID: <g1@gone.test>\r\n", "Hello?").await;
    let conversation = text(&begun(&mut shop.agent).await["conversation"]["id"]);
    let reply = replies(&mut shop.agent, &conversation, "Hello!", 1).await;
    let failed = delivery(&mut shop.agent, &reply, "failed").await;
    assert!(failed["note"].as_str().is_some_and(|why| why.contains("nobody is here")), "{failed}");
    assert_eq!(shop.owner.get("/api/conversations").await["rows"].as_array().map(Vec::len), Some(1));
    drop(shop.world);
}
