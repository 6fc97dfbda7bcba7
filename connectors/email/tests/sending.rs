//! What is true of a mail when the server it was handed to behaves in each way it can.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::{OURS, outgoing};
use switchboard_connector::limits::SEND;
use switchboard_connector::{Addresses, Connector, Outgoing, Secret, Secrets, SendError, Sent, Trouble};
use switchboard_email::Mailbox;
use switchboard_protocol::channels::{EmailSettings, MailAuth, MailServer, Security};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Says its lines, one after each of the client's; a line that is `drop` ends the connection. After a 354 it reads a mail.
async fn server(lines: &'static [&'static str]) -> (MailServer, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read).lines();
        for line in lines {
            if *line == "drop" {
                return;
            }
            write.write_all(format!("{line}\r\n").as_bytes()).await.expect("written");
            if line.get(3..4) == Some("-") {
                continue;
            }
            let mail = line.starts_with("354");
            while let Ok(Some(said)) = read.next_line().await {
                let ends = !mail || said == ".";
                hears.lock().expect("unpoisoned").push(said);
                if ends {
                    break;
                }
            }
        }
    });
    (
        MailServer {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::None,
            username: String::new(),
            auth: MailAuth::Password,
        },
        heard,
    )
}

fn mailbox(server: MailServer, addresses: Addresses) -> Mailbox {
    let settings = EmailSettings {
        address: OURS.to_owned(),
        imap: None,
        folders: Vec::new(),
        import_since: String::new(),
        smtp: Some(server),
        plus_addresses: false,
        acknowledgement: None,
    };
    let mut secrets = Secrets::default();
    secrets.0.insert("smtp_password".to_owned(), Secret::new("pa:ss"));
    Mailbox::new(settings, &secrets, addresses).expect("good settings")
}

async fn sent_to(lines: &'static [&'static str], message: &Outgoing) -> Result<Sent, SendError> {
    mailbox(server(lines).await.0, Addresses::Any).send(message).await
}

#[derive(Debug, PartialEq)]
enum End {
    Sent,
    Later { all: bool },
    Refused,
    Broken,
    Uncertain,
}

fn end(result: &Result<Sent, SendError>) -> End {
    match result {
        Ok(_) => End::Sent,
        Err(SendError::Later { all, .. }) => End::Later { all: *all },
        Err(SendError::Refused { .. }) => End::Refused,
        Err(SendError::Broken { .. }) => End::Broken,
        Err(SendError::Uncertain { .. }) => End::Uncertain,
    }
}

#[tokio::test]
async fn each_answer_has_its_end() {
    let cases: [(&'static [&'static str], End); 23] = [
        (&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken", "221 bye"], End::Sent),
        // The goodbye does not matter.
        (&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 taken", "drop"], End::Sent),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "drop"], End::Uncertain),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "what?"], End::Uncertain),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "451 greylisted"], End::Later { all: false }),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "421 closing"], End::Later { all: false }),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "554 spam"], End::Refused),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "drop"], End::Later { all: false }),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "421 closing"], End::Later { all: false }),
        (&["220 hi", "250 hi", "250 ok", "421 closing"], End::Later { all: false }),
        (&["220 hi", "250 hi", "250 ok", "250 ok", "554 no mails"], End::Refused),
        (&["220 hi", "250 hi", "250 ok", "550 nobody"], End::Refused),
        (&["220 hi", "250 hi", "250 ok", "450 busy"], End::Later { all: false }),
        (&["220 hi", "250 hi", "250 ok", "drop"], End::Later { all: false }),
        // Before it has taken our address it is away for all mails.
        (&["220 hi", "250 hi", "drop"], End::Later { all: true }),
        (&["220 hi", "250 hi", "421 closing"], End::Later { all: true }),
        (&["220 hi", "250 hi", "550 not from you"], End::Broken),
        (&["220 hi", "250 hi", "552 too large"], End::Refused),
        (&["220 hi", "250 hi", "451 busy"], End::Later { all: false }),
        (&["220 hi", "drop"], End::Later { all: true }),
        (&["554 go away"], End::Broken),
        (&["421 busy"], End::Later { all: true }),
        (&["drop"], End::Later { all: true }),
    ];
    for (lines, expected) in cases {
        let result = sent_to(lines, &outgoing("ann@example.org")).await;
        assert_eq!(end(&result), expected, "{lines:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_connection_that_dies_within_a_mail_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read).lines();
        for line in ["220 hi", "250 hi", "250 ok", "250 ok", "354 go"] {
            write.write_all(format!("{line}\r\n").as_bytes()).await.expect("written");
            let _ = read.next_line().await;
        }
        // Closed with the mail's bytes unread: the client's next bytes meet a reset.
    });
    let server = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: String::new(),
        auth: MailAuth::Password,
    };
    let mut message = outgoing("ann@example.org");
    message.text = "much\n".repeat(1_000_000);
    let result = mailbox(server, Addresses::Any).send(&message).await;
    assert_eq!(end(&result), End::Later { all: false }, "{result:?}");
}

#[tokio::test]
async fn a_server_that_takes_its_time_over_each_of_many_recipients_has_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::time::pause();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read).lines();
        let mut said = write.write_all(b"220 hi\r\n").await;
        while let (Ok(()), Ok(Some(line))) = (&said, read.next_line().await) {
            if line.starts_with("RCPT") {
                tokio::time::sleep(Duration::from_secs(55)).await;
            }
            said = write.write_all(b"250 ok\r\n").await;
        }
    });
    let server = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: String::new(),
        auth: MailAuth::Password,
    };
    let mut message = outgoing("ann@example.org");
    message.mail.as_mut().expect("a head").cc = (0..30).map(|number| format!("c{number}@example.org")).collect();
    let mailbox = mailbox(server, Addresses::Any);
    // Whoever hands it over takes it for one of which nobody can know anything, after this time.
    let result = tokio::time::timeout(SEND, mailbox.send(&message)).await.expect("it says what is true of the mail");
    assert_eq!(end(&result), End::Later { all: false }, "{result:?}");
}

#[tokio::test]
async fn the_refused_recipient_is_named_and_nothing_goes_out() {
    let (at, heard) = server(&["220 hi", "250 hi", "250 ok", "250 ok", "550 5.1.1 nobody", "221 bye"]).await;
    let mut message = outgoing("ann@example.org");
    message.mail.as_mut().expect("a head").cc = vec!["gone@example.org".to_owned()];
    let result = mailbox(at, Addresses::Any).send(&message).await;
    let Err(SendError::Refused { why }) = result else { panic!("{result:?}") };
    assert!(why.contains("gone@example.org") && why.contains("nobody"), "{why}");
    assert!(!heard.lock().expect("unpoisoned").iter().any(|line| line.starts_with("DATA")));
}

#[tokio::test]
async fn signing_in() {
    let cases: [(&'static [&'static str], MailAuth, End); 6] = [
        (
            &["220 hi", "250-hi", "250 AUTH PLAIN", "235 in", "250 ok", "250 ok", "354 go", "250 ok"],
            MailAuth::Password,
            End::Sent,
        ),
        (&["220 hi", "250-hi", "250 AUTH PLAIN", "535 wrong"], MailAuth::Password, End::Broken),
        (&["220 hi", "250-hi", "250 AUTH PLAIN", "454 not now"], MailAuth::Password, End::Later { all: true }),
        (&["220 hi", "250 hi"], MailAuth::Password, End::Broken),
        (
            &["220 hi", "250-hi", "250 AUTH XOAUTH2", "235 in", "250 ok", "250 ok", "354 go", "250 ok"],
            MailAuth::Xoauth2,
            End::Sent,
        ),
        (
            &["220 hi", "250-hi", "250 AUTH XOAUTH2", "334 eyJzdGF0dXMiOiI0MDAifQ==", "535 expired"],
            MailAuth::Xoauth2,
            End::Broken,
        ),
    ];
    for (lines, auth, expected) in cases {
        let (mut at, heard) = server(lines).await;
        (at.username, at.auth) = ("me".to_owned(), auth);
        let result = mailbox(at, Addresses::Any).send(&outgoing("ann@example.org")).await;
        assert_eq!(end(&result), expected, "{lines:?}: {result:?}");
        let heard = heard.lock().expect("unpoisoned").join("\n");
        // "user=me\x01auth=Bearer pa:ss\x01\x01"
        let words = if auth == MailAuth::Xoauth2 {
            "AUTH XOAUTH2 dXNlcj1tZQFhdXRoPUJlYXJlciBwYTpzcwEB"
        } else {
            "AUTH PLAIN AG1lAHBhOnNz"
        };
        assert_eq!(heard.contains(words), lines[1] != "250 hi", "{heard}");
        assert!(!format!("{result:?}").contains("pa:ss"));
    }
}

#[tokio::test]
async fn settings_that_will_never_do() {
    let (at, _) = server(&["220 hi", "250 hi"]).await;
    let port = at.port;
    let settings = |security, host: &str| MailServer {
        host: host.to_owned(),
        port,
        security,
        username: String::new(),
        auth: MailAuth::Password,
    };
    // STARTTLS is not offered: nothing is said in the clear.
    let result =
        mailbox(settings(Security::Starttls, "127.0.0.1"), Addresses::Any).send(&outgoing("ann@example.org")).await;
    assert_eq!(end(&result), End::Broken, "{result:?}");
    let result = mailbox(settings(Security::None, "127.0.0.1"), Addresses::Public).check().await;
    assert!(matches!(result, Err(Trouble::Settings(_))), "{result:?}");
    let result = mailbox(settings(Security::None, "no-such-host.invalid"), Addresses::Any).check().await;
    assert!(matches!(result, Err(Trouble::Away { .. })), "{result:?}");
    let nowhere = EmailSettings {
        address: OURS.to_owned(),
        imap: None,
        folders: Vec::new(),
        import_since: String::new(),
        smtp: None,
        plus_addresses: false,
        acknowledgement: None,
    };
    assert!(Mailbox::new(nowhere.clone(), &Secrets::default(), Addresses::Any).is_err());
    assert!(
        Mailbox::new(EmailSettings { address: "shop".to_owned(), ..nowhere }, &Secrets::default(), Addresses::Any)
            .is_err()
    );
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let talking = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        stream.write_all(b"220 ").await.expect("written");
        let mut written = 0_usize;
        while stream.write_all(&[b'2'; 64 * 1024]).await.is_ok() {
            written += 64 * 1024;
        }
        written
    });
    let server = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: String::new(),
        auth: MailAuth::Password,
    };
    let sent = mailbox(server, Addresses::Any).send(&outgoing("ann@example.test")).await;
    assert!(matches!(sent, Err(SendError::Later { .. })), "{sent:?}");
    // What both ends' buffers hold, and no more.
    assert!(talking.await.expect("it ends") < 32 * 1024 * 1024);
}
