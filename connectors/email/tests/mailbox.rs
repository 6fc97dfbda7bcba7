//! A mailbox at a real provider: Postfix and Dovecot, and a customer who writes and reads with neither of our libraries.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;

use mail_parser::{Message, MessageParser};
use support::edge::{PATIENCE, Recorder};
use support::outgoing;
use switchboard_connector::{
    Addresses, Automatic, Connector, Edge, Reached, Secret, Secrets, SendError, Thread, Trouble,
};
use switchboard_email::Mailbox;
use switchboard_protocol::channels::{EmailSettings, MailAuth, MailServer, Security};
use testkit::MailHost;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

fn server(port: u16, security: Security, user: &str) -> MailServer {
    MailServer { host: "localhost".to_owned(), port, security, username: user.to_owned(), auth: MailAuth::Password }
}

fn settings(host: &MailHost, user: &str) -> EmailSettings {
    EmailSettings {
        address: format!("{user}@shop.test"),
        imap: Some(server(host.imaps_port(), Security::Tls, user)),
        folders: Vec::new(),
        import_since: "2000-01-01".to_owned(),
        smtp: Some(server(host.submissions_port(), Security::Tls, user)),
        plus_addresses: true,
        acknowledgement: None,
    }
}

fn secrets(password: &str) -> Secrets {
    Secrets(["imap_password", "smtp_password"].map(|name| (name.to_owned(), Secret::new(password))).into())
}

fn mailbox(host: &MailHost, settings: EmailSettings) -> Arc<Mailbox> {
    let mailbox = Mailbox::new(settings, &secrets(MailHost::PASSWORD), Addresses::Any).expect("good settings");
    Arc::new(mailbox.trusting(host.authority()))
}

/// Reading, until it is dropped or stopped.
struct Reading {
    stop: CancellationToken,
    task: JoinHandle<Result<(), Trouble>>,
}

fn reading(mailbox: &Arc<Mailbox>, edge: &Arc<Recorder>) -> Reading {
    let (mailbox, edge, stop) = (mailbox.clone(), edge.clone(), CancellationToken::new());
    let token = stop.clone();
    Reading { stop, task: tokio::spawn(async move { mailbox.receive(&*edge, token).await }) }
}

impl Reading {
    async fn stopped(self) -> Result<(), Trouble> {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("it stops").expect("it does not panic")
    }
}

/// Says each line and waits for its answer: a customer's mail program at its simplest.
fn smtp(port: u16, from: &str, to: &str, mail: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("Postfix listens");
    let mut answers = BufReader::new(stream.try_clone().expect("a second handle")).lines();
    let mut answer = || loop {
        let line = answers.next().expect("an answer").expect("text");
        if line.as_bytes().get(3) != Some(&b'-') {
            assert!(line.starts_with(['2', '3']), "{line}");
            return;
        }
    };
    answer();
    let mail = format!("{}\r\n.\r\n", mail.replace('\n', "\r\n"));
    for said in [
        "EHLO example.test\r\n",
        &format!("MAIL FROM:<{from}>\r\n"),
        &format!("RCPT TO:<{to}>\r\n"),
        "DATA\r\n",
        &mail,
        "QUIT\r\n",
    ] {
        stream.write_all(said.as_bytes()).expect("written");
        answer();
    }
}

/// Puts mails into a mailbox's folder, as a provider has them after days.
fn waiting_mails(host: &MailHost, user: &str, folder: &str, numbers: std::ops::Range<u32>) {
    let dir = host.maildir(user).join(folder);
    let folders: Vec<String> =
        ["new", "cur", "tmp"].iter().map(|name| dir.join(name).to_string_lossy().into_owned()).collect();
    let made = Command::new("install")
        .args(["-d", "-o", "nobody", "-g", "nogroup"])
        .arg(host.maildir(user))
        .arg(&dir)
        .args(folders)
        .status();
    assert!(made.expect("install is there").success());
    for number in numbers {
        let mail = format!(
            "From: Customer {number} <c{number}@example.test>\r\nTo: {user}@shop.test\r\nSubject: Mail {number}\r\n\
             Message-ID: <{folder}{number}@example.test>\r\n\r\nText {number}\r\n"
        );
        let path = dir.join("new").join(format!("{}.M{number:06}.x", 1_700_000_000 + number));
        std::fs::write(path, mail).expect("written");
    }
    let owned = Command::new("chown").args(["-R", "nobody:nogroup"]).arg(&dir).status();
    assert!(owned.expect("chown is there").success());
}

/// The next mail that comes into a customer's mailbox.
async fn delivered(host: &MailHost, user: &str) -> Vec<u8> {
    let new = host.maildir(user).join("new");
    let looking = async {
        loop {
            if let Some(entry) = std::fs::read_dir(&new).ok().and_then(|mut entries| entries.next()?.ok()) {
                let bytes = std::fs::read(entry.path()).expect("a mail");
                std::fs::remove_file(entry.path()).expect("removed");
                return bytes;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("a mail for the customer")
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a mail")
}

/// Postfix needs root. Elsewhere the other tests of this crate have to do.
fn host() -> Option<&'static MailHost> {
    MailHost::can_run().then(MailHost::shared)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_writes_and_reads_the_answer_and_answers() {
    let Some(host) = host() else { return };
    let (mailbox, edge) = (mailbox(host, settings(host, "talk")), Arc::new(Recorder::new()));
    let reading = reading(&mailbox, &edge);
    edge.receiving(1).await;
    smtp(
        host.smtp_port(),
        "ann@example.test",
        "talk@shop.test",
        "From: Ann <ann@example.test>\nTo: talk@shop.test\nSubject: Lamp\nMessage-ID: <q1@example.test>\n\nIs it there?",
    );
    let question = edge.messages(1).await.remove(0);
    assert_eq!((question.text.as_str(), question.automatic), ("Is it there?", Automatic::No));

    let mut answer = outgoing("ann@example.test");
    answer.text = "Ja, schön.".to_owned();
    answer.html = Some("<p>Ja, <b>schön</b>.</p>".to_owned());
    answer.mail.as_mut().expect("a head").references = question.mail.expect("a head").references;
    answer.mail.as_mut().expect("a head").message_id = "a1@shop.test".to_owned();
    let sent = mailbox.send(&answer).await.expect("sent");
    assert_eq!(sent.references, ["a1@shop.test"]);

    let bytes = delivered(host, "ann").await;
    let read = parsed(&bytes);
    assert_eq!((read.message_id(), read.in_reply_to().as_text()), (Some("a1@shop.test"), Some("q1@example.test")));
    assert_eq!(read.body_text(0).as_deref().map(str::trim), Some("Ja, schön."));
    let reply_to =
        read.reply_to().and_then(|list| list.first()).and_then(|first| first.address()).expect("where to answer");
    assert_eq!(reply_to, "talk+t0ken.sig@shop.test");

    let reply = "From: Ann <ann@example.test>\nTo: talk+t0ken.sig@shop.test\nSubject: Re: Lamp\nMessage-ID: <q2@example.test>\nIn-Reply-To: <a1@shop.test>\n\nTaken!\n\nOn Sun, 22 Nov 2026 at 10:00, Shop wrote:\n> Ja, schön.";
    smtp(host.smtp_port(), "ann@example.test", reply_to, reply);
    let second = edge.messages(2).await.remove(1);
    assert_eq!(second.text, "Taken!");
    let Thread::References { reply_tokens, references } = second.thread else { panic!("mails thread by references") };
    assert_eq!((reply_tokens, references), (vec!["t0ken.sig".to_owned()], vec!["a1@shop.test".to_owned()]));
    assert_eq!(reading.stopped().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_connection() {
    let Some(host) = host() else { return };
    for (imap, smtp_port, security) in [
        (host.imap_port(), host.submission_port(), Security::None),
        (host.imap_port(), host.submission_port(), Security::Starttls),
        (host.imaps_port(), host.submissions_port(), Security::Tls),
    ] {
        let mut settings = settings(host, "kinds");
        settings.imap = Some(server(imap, security, "kinds"));
        settings.smtp = Some(server(smtp_port, security, "kinds"));
        let found = mailbox(host, settings.clone()).check().await;
        assert_eq!(found.as_deref(), Ok("0 mails in INBOX; localhost takes our mails"));

        let mailbox = Mailbox::new(settings.clone(), &secrets("wrong"), Addresses::Any)
            .expect("good settings")
            .trusting(host.authority());
        let refused = mailbox.check().await;
        assert!(matches!(&refused, Err(Trouble::Settings(why)) if why.contains("refuses")), "{refused:?}");
        assert!(matches!(mailbox.send(&outgoing("ann@example.test")).await, Err(SendError::Broken { .. })));

        if security != Security::None {
            let doubtful = Mailbox::new(settings, &secrets(MailHost::PASSWORD), Addresses::Any).expect("good settings");
            let refused = doubtful.check().await;
            assert!(matches!(&refused, Err(Trouble::Settings(why)) if why.contains("certificate")), "{refused:?}");
            let refused = doubtful.send(&outgoing("ann@example.test")).await;
            assert!(matches!(&refused, Err(SendError::Broken { why }) if why.contains("certificate")), "{refused:?}");
        }
    }
    let mut settings = settings(host, "kinds");
    settings.folders = vec!["Nowhere".to_owned()];
    let missing = mailbox(host, settings).check().await;
    assert!(matches!(&missing, Err(Trouble::Settings(why)) if why.contains("Nowhere")), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_delivered_comes_back() {
    let Some(host) = host() else { return };
    let (mailbox, edge) = (mailbox(host, settings(host, "bounces")), Arc::new(Recorder::new()));
    assert!(
        matches!(mailbox.send(&outgoing("refused@shop.test")).await, Err(SendError::Refused { why }) if why.contains("no such person"))
    );
    assert!(matches!(mailbox.send(&outgoing("later@shop.test")).await, Err(SendError::Later { all: false, .. })));

    let mut lost = outgoing("somebody@gone.test");
    lost.mail.as_mut().expect("a head").message_id = "lost@shop.test".to_owned();
    mailbox.send(&lost).await.expect("Postfix takes it first");
    let reading = reading(&mailbox, &edge);
    let progress = edge.progress().await;
    assert_eq!(progress.reference, "lost@shop.test");
    assert!(
        matches!(&progress.reached, Reached::Failed { why } if why.contains("somebody@gone.test") && why.contains("nobody is here")),
        "{progress:?}"
    );
    assert_eq!(edge.messages(1).await[0].automatic, Automatic::Report);
    assert_eq!(reading.stopped().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_that_waited_come_in_order_once_whatever_breaks() {
    const MAILS: u32 = 1_000;
    if !MailHost::can_run() {
        return;
    }
    let mut host = MailHost::start();
    waiting_mails(&host, "outage", "", 0..MAILS);
    let (mailbox, edge) = (mailbox(&host, settings(&host, "outage")), Arc::new(Recorder::new()));
    edge.hold_after(100);
    let first = reading(&mailbox, &edge);
    edge.holds().await;
    host.stop_imap();
    edge.release();
    let trouble = tokio::time::timeout(PATIENCE, first.task).await.expect("it ends").expect("it does not panic");
    assert!(matches!(trouble, Err(Trouble::Away { .. })), "{trouble:?}");
    host.start_imap();

    // Nothing can be committed for a while; what was handed in then is handed in again.
    edge.refuse(true);
    let refused = reading(&mailbox, &edge);
    let trouble = tokio::time::timeout(PATIENCE, refused.task).await.expect("it ends").expect("it does not panic");
    assert!(matches!(trouble, Err(Trouble::Away { .. })), "{trouble:?}");
    edge.refuse(false);

    let second = reading(&mailbox, &edge);
    let messages = edge.messages(MAILS as usize).await;
    edge.receiving(1).await;
    let subjects: Vec<String> = messages.into_iter().map(|message| message.mail.expect("a head").subject).collect();
    let expected: Vec<String> = (0..MAILS).map(|number| format!("Mail {number}")).collect();
    assert_eq!(subjects, expected);
    assert!(edge.again() <= 50, "what was fetched anew is at most one chunk: {}", edge.again());

    // Watching: what comes now is here at once, without the next look at the folder.
    smtp(
        host.smtp_port(),
        "ann@example.test",
        "outage@shop.test",
        "From: ann@example.test\nSubject: Now\nMessage-ID: <now@example.test>\n\nx",
    );
    let started = tokio::time::Instant::now();
    edge.messages(MAILS as usize + 1).await;
    assert!(started.elapsed().as_secs() < 20, "it was not watched");
    assert_eq!(second.stopped().await, Ok(()));

    // The server numbers its mails anew: they are read again, and each is still one.
    edge.set_cursor("INBOX", "1:5");
    let third = reading(&mailbox, &edge);
    edge.again_at_least(MAILS as usize + 1).await;
    assert_eq!(edge.messages(1).await.len(), MAILS as usize + 1);
    assert_eq!(third.stopped().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_new_to_us_begins_with_what_comes() {
    let Some(host) = host() else { return };
    waiting_mails(host, "history", "", 0..3);
    let mut settings = settings(host, "history");
    settings.import_since = String::new();
    let (mailbox, edge) = (mailbox(host, settings), Arc::new(Recorder::new()));
    let reading = reading(&mailbox, &edge);
    edge.receiving(1).await;
    let mail = "From: ann@example.test\nSubject: New\nMessage-ID: <new@example.test>\n\nx";
    smtp(host.smtp_port(), "ann@example.test", "history@shop.test", mail);
    let subjects: Vec<String> =
        edge.messages(1).await.into_iter().map(|message| message.mail.expect("a head").subject).collect();
    assert_eq!(subjects, ["New"]);
    assert_eq!(reading.stopped().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_folders_and_a_mail_that_is_too_large() {
    let Some(host) = host() else { return };
    waiting_mails(host, "folders", "", 0..3);
    waiting_mails(host, "folders", ".B&APw-ro", 10..12);
    let large = format!(
        "From: big@example.test\nSubject: Film\nMessage-ID: <big@example.test>\n\n{}",
        "x".repeat(76).replace('x', "xxxxxxxxxx\n").repeat(50_500)
    );
    assert!(large.len() > switchboard_email::MAIL_BYTES);
    smtp(host.smtp_port(), "big@example.test", "folders@shop.test", &large);
    smtp(
        host.smtp_port(),
        "ann@example.test",
        "folders@shop.test",
        "From: ann@example.test\nSubject: After\nMessage-ID: <after@example.test>\n\nx",
    );
    let mut settings = settings(host, "folders");
    settings.folders = vec!["INBOX".to_owned(), "Büro".to_owned()];
    let (mailbox, edge) = (mailbox(host, settings), Arc::new(Recorder::new()));
    let reading = reading(&mailbox, &edge);
    let messages = edge.messages(7).await;
    let mut subjects: Vec<String> =
        messages.iter().map(|message| message.mail.clone().expect("a head").subject).collect();
    subjects.sort();
    assert_eq!(subjects, ["After", "Film", "Mail 0", "Mail 1", "Mail 10", "Mail 11", "Mail 2"]);
    let film = messages.iter().find(|message| message.references == ["big@example.test"]).expect("the large one");
    assert!(film.text.contains("too large to be shown") && film.from.key == "big@example.test", "{}", film.text);
    edge.receiving(1).await;
    assert!(edge.cursor("Büro").await.expect("a cursor").is_some_and(|place| place.split(':').nth(1) == Some("2")));
    assert_eq!(reading.stopped().await, Ok(()));
    // Nothing was marked as read or taken away.
    let left = std::fs::read_dir(host.maildir("folders").join("cur")).expect("a folder").flatten();
    assert!(left.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains(",S")));
    assert_eq!(mailbox.check().await.as_deref(), Ok("5 mails in INBOX, 2 mails in Büro; localhost takes our mails"));
}
