//! An IMAP server that takes OAuth 2 tokens, as Google's and Microsoft's do.

mod support;

use std::sync::{Arc, Mutex};

use support::OURS;
use switchboard_connector::{Addresses, Connector, Secret, Secrets, Trouble};
use switchboard_email::Mailbox;
use switchboard_protocol::channels::{EmailSettings, MailAuth, MailServer, Security};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Answers to AUTHENTICATE with `verdict`, after the challenge if there is one; knows one folder.
async fn server(challenge: Option<&'static str>, verdict: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read).lines();
        write.write_all(b"* OK ready\r\n").await.expect("written");
        while let Ok(Some(line)) = read.next_line().await {
            let (tag, command) = line.split_once(' ').unwrap_or((line.as_str(), ""));
            let answer = if command.starts_with("AUTHENTICATE") {
                write.write_all(b"+ \r\n").await.expect("written");
                let words = read.next_line().await.expect("read").expect("words");
                hears.lock().expect("unpoisoned").push(words);
                if let Some(challenge) = challenge {
                    write.write_all(format!("+ {challenge}\r\n").as_bytes()).await.expect("written");
                    let words = read.next_line().await.expect("read").expect("words");
                    hears.lock().expect("unpoisoned").push(words);
                }
                format!("{tag} {verdict}\r\n")
            } else if command.starts_with("CAPABILITY") {
                format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n")
            } else if command.starts_with("EXAMINE") {
                format!("* 1204 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK [READ-ONLY] done\r\n")
            } else {
                format!("{tag} OK done\r\n")
            };
            write.write_all(answer.as_bytes()).await.expect("written");
        }
    });
    (port, heard)
}

fn mailbox(port: u16) -> Mailbox {
    let imap = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: "me".to_owned(),
        auth: MailAuth::Xoauth2,
    };
    let settings = EmailSettings {
        address: OURS.to_owned(),
        imap: Some(imap),
        folders: Vec::new(),
        import_since: String::new(),
        smtp: None,
        plus_addresses: false,
        acknowledgement: None,
    };
    let secrets = Secrets([("imap_password".to_owned(), Secret::new("t0k"))].into());
    Mailbox::new(settings, &secrets, Addresses::Any).expect("good settings")
}

#[tokio::test]
async fn a_token_is_taken() {
    let (port, heard) = server(None, "OK in").await;
    assert_eq!(mailbox(port).check().await.as_deref(), Ok("1,204 mails in INBOX"));
    // "user=me\x01auth=Bearer t0k\x01\x01"
    assert_eq!(*heard.lock().expect("unpoisoned"), ["dXNlcj1tZQFhdXRoPUJlYXJlciB0MGsBAQ=="]);
}

#[tokio::test]
async fn a_token_that_has_run_out_is_for_the_admin() {
    let (port, heard) = server(Some("eyJzdGF0dXMiOiI0MDAifQ=="), "NO [AUTHENTICATIONFAILED] Invalid credentials").await;
    let refused = mailbox(port).check().await;
    assert!(
        matches!(&refused, Err(Trouble::Settings(why)) if why.contains("Invalid credentials") && !why.contains("t0k")),
        "{refused:?}"
    );
    assert_eq!(heard.lock().expect("unpoisoned").get(1).map(String::as_str), Some(""));
}

#[tokio::test]
async fn a_server_that_is_busy_is_tried_again() {
    let (port, _) = server(None, "NO [UNAVAILABLE] Temporary failure").await;
    assert!(matches!(mailbox(port).check().await, Err(Trouble::Away { .. })));
}
