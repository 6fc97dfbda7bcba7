//! An IMAP server that tells half of what it was asked for: no mail is passed over. And where reading begins, to the mail.

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::OURS;
use support::edge::{PATIENCE, Recorder};
use switchboard_connector::{Addresses, Connector, Secrets, Trouble};
use switchboard_email::Mailbox;
use switchboard_protocol::channels::{EmailSettings, MailAuth, MailServer, Security};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

const MAILS: u32 = 3;
/// The 22nd of November 2026, 12:00.
const NOW: i64 = 1_795_348_800_000;

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// It closes the connection properly after the first mail, the first time.
    Closes,
    /// It does not give this mail, and refuses whatever it was asked for with it.
    Withholds(u32),
    /// It tells no sizes, and would give whatever it is asked for: so much is asked for as is read of any mail, one at a time.
    Sizeless,
    /// It says a word behind each mail that nobody knows.
    Babbles,
    /// The same behind this mail, always.
    BabblesOf(u32),
    /// It names a mail that it has yet to get, the highest there can be.
    Boasts,
    /// It gives no mail at all the first time, and says so.
    Pauses(&'static str),
    /// Its last mail has a date that has yet to come.
    Ahead,
    Nothing,
}

async fn server(fault: Fault) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        for connection in 0.. {
            let (stream, _) = listener.accept().await.expect("a client");
            let fault = match fault {
                Fault::Closes | Fault::Pauses(_) if connection > 0 => Fault::Nothing,
                fault => fault,
            };
            tokio::spawn(serve(stream, fault));
        }
    });
    port
}

async fn serve(mut stream: TcpStream, fault: Fault) {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read).lines();
    write.write_all(b"* OK ready\r\n").await.expect("written");
    while let Ok(Some(line)) = read.next_line().await {
        let (tag, command) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        let mut answer = String::new();
        let mut end = "OK done";
        if command.starts_with("CAPABILITY") {
            answer.push_str("* CAPABILITY IMAP4rev1 IDLE\r\n");
        } else if command.starts_with("EXAMINE") {
            answer.push_str(&format!("* {MAILS} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n"));
            if fault == Fault::Boasts {
                answer.push_str(&format!("* OK [UIDNEXT {}] next\r\n", MAILS + 1));
            }
        } else if let Some(set) = command.strip_prefix("UID SEARCH UID ") {
            let mut uids: Vec<String> = asked(set).map(|uid| uid.to_string()).collect();
            uids.extend((fault == Fault::Boasts).then(|| u32::MAX.to_string()));
            answer.push_str(&format!("* SEARCH {}\r\n", uids.join(" ")));
        } else if let Some(day) = command.strip_prefix("UID SEARCH SINCE ") {
            // Days of November, or far from it.
            let first = match day.split_once('-') {
                Some((day, "Nov-2026")) => day.parse().expect("a day"),
                Some((_, later)) if later.ends_with("2097") => 32,
                _ => 1,
            };
            let since = (1..=MAILS).filter(|uid| fault == Fault::Ahead && *uid == MAILS || came(*uid) >= first);
            let uids: Vec<String> = since.map(|uid| uid.to_string()).collect();
            answer.push_str(&format!("* SEARCH {}\r\n", uids.join(" ")));
        } else if let Some(fetch) = command.strip_prefix("UID FETCH ") {
            let (set, what) = fetch.split_once(' ').expect("a set and what");
            let pauses = if let Fault::Pauses(why) = fault { Some(why) } else { None };
            let bounded =
                what.contains(&format!("<0.{}>", switchboard_email::MAIL_BYTES + 1)) && asked(set).count() == 1;
            assert!(fault != Fault::Sizeless || what.contains("SIZE") || bounded, "{command}");
            for uid in asked(set) {
                if what.contains("RFC822.SIZE") {
                    if fault != Fault::Sizeless {
                        let year = if fault == Fault::Ahead && uid == MAILS { 2098 } else { 2026 };
                        answer.push_str(&format!(
                            "* {uid} FETCH (UID {uid} RFC822.SIZE 100 INTERNALDATE \"{}-Nov-{year} 10:00:00 +0100\")\r\n",
                            came(uid)
                        ));
                    }
                } else if let Some(why) = pauses {
                    end = why;
                    break;
                } else if fault == Fault::Withholds(uid) {
                    end = "NO [SERVERBUG] broken mail";
                    break;
                } else {
                    let mail = format!(
                        "From: c{uid}@example.org\r\nSubject: Mail {uid}\r\nMessage-ID: <{uid}@example.org>\r\n\r\nText\r\n"
                    );
                    let babbles = fault == Fault::Babbles || fault == Fault::BabblesOf(uid);
                    let word = if babbles { " X-ODD what)" } else { "" };
                    answer
                        .push_str(&format!("* {uid} FETCH (UID {uid} BODY[] {{{}}}\r\n{mail}{word})\r\n", mail.len()));
                    if fault == Fault::Closes {
                        write.write_all(answer.as_bytes()).await.expect("written");
                        return;
                    }
                }
            }
        } else if command.starts_with("IDLE") {
            write.write_all(b"+ idling\r\n").await.expect("written");
            let _ = read.next_line().await;
        }
        answer.push_str(&format!("{tag} {end}\r\n"));
        write.write_all(answer.as_bytes()).await.expect("written");
    }
}

/// On which day of November a mail came.
fn came(uid: u32) -> u32 {
    19 + uid
}

/// The mails of a set such as `1:3`, `2`, `4:*`.
fn asked(set: &str) -> impl Iterator<Item = u32> {
    let runs: Vec<(u32, u32)> = set
        .split(',')
        .map(|run| {
            let (from, to) = run.split_once(':').unwrap_or((run, run));
            (from.parse().expect("a UID"), to.parse().unwrap_or(MAILS))
        })
        .collect();
    runs.into_iter().flat_map(|(from, to)| from..=to.min(MAILS))
}

fn mailbox(port: u16, since: &str) -> Arc<Mailbox> {
    let imap = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: "me".to_owned(),
        auth: MailAuth::Password,
    };
    let settings = EmailSettings {
        address: OURS.to_owned(),
        imap: Some(imap),
        folders: Vec::new(),
        import_since: since.to_owned(),
        smtp: None,
        plus_addresses: false,
        acknowledgement: None,
    };
    Arc::new(Mailbox::new(settings, &Secrets::default(), Addresses::Any).expect("good settings"))
}

/// What is there when all was read; `breaks` so often before.
async fn read_all(fault: Fault, breaks: usize) -> Vec<(String, String)> {
    read_since("2026-01-01", None, fault, breaks).await
}

/// The same with what the settings say of the mails that are there already, and the place that is known.
async fn read_since(since: &str, known: Option<&str>, fault: Fault, breaks: usize) -> Vec<(String, String)> {
    let (mailbox, edge) = (mailbox(server(fault).await, since), Arc::new(Recorder::new()));
    edge.set_now(NOW);
    if let Some(known) = known {
        edge.set_cursor("INBOX", known);
    }
    for _ in 0..breaks {
        let broken =
            tokio::time::timeout(PATIENCE, mailbox.receive(&*edge, CancellationToken::new())).await.expect("it ends");
        assert!(matches!(broken, Err(Trouble::Away { .. })), "{broken:?}");
    }
    let stop = CancellationToken::new();
    let (reads, told, token) = (mailbox.clone(), edge.clone(), stop.clone());
    let reading = tokio::spawn(async move { reads.receive(&*told, token).await });
    edge.receiving(1).await;
    stop.cancel();
    assert_eq!(reading.await.expect("it does not panic"), Ok(()));
    let place = edge.cursor_of("INBOX").expect("a place");
    let newest = if fault == Fault::Sizeless { "7:3" } else { "7:3:" };
    assert!(place.starts_with(newest) && (place == "7:3") == (fault == Fault::Sizeless), "{place}");
    let newest = place.split(':').nth(2).map_or(0, |newest| newest.parse().expect("a time"));
    assert!(newest <= NOW, "{place}");
    let messages = edge.messages(0).await;
    messages.into_iter().map(|message| (message.mail.expect("a head").subject, message.text)).collect()
}

fn subjects(told: &[(String, String)]) -> Vec<&str> {
    told.iter().map(|(subject, _)| subject.as_str()).collect()
}

#[tokio::test]
async fn a_connection_that_ends_within_an_answer_loses_nothing() {
    assert_eq!(subjects(&read_all(Fault::Closes, 1).await), ["Mail 1", "Mail 2", "Mail 3"]);
}

#[tokio::test]
async fn a_mail_that_the_server_does_not_give_is_told_of() {
    // It has been asked for often enough, and for ten minutes.
    let known = format!("7:1::2:{}:5", NOW - 600_000);
    let told = read_since("2026-01-01", Some(&known), Fault::Withholds(2), 0).await;
    assert_eq!(subjects(&told), ["", "Mail 3"]);
    assert!(told[0].1.contains("does not give this mail (folder INBOX, UID 2)"), "{}", told[0].1);
}

#[tokio::test]
async fn a_server_that_gives_no_mails_for_a_while_loses_none() {
    for why in ["NO [UNAVAILABLE] later", "NO [THROTTLED] slow down", "NO [SERVERBUG] Internal error occurred", "NO"] {
        assert_eq!(subjects(&read_all(Fault::Pauses(why), 1).await), ["Mail 1", "Mail 2", "Mail 3"], "{why}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_of_an_answer_is_not_told_anybody() {
    let (mailbox, edge) = (mailbox(server(Fault::Babbles).await, "2026-01-01"), Recorder::new());
    let ended =
        tokio::time::timeout(PATIENCE, mailbox.receive(&edge, CancellationToken::new())).await.expect("it ends");
    let why = "The mail server does not give a mail just now (folder INBOX, UID 1). Those behind it wait, at most 6 hours if \
               the server gives others. It says: what is not understood."
        .to_owned();
    assert_eq!(ended, Err(Trouble::Away { why, after: Some(Duration::from_secs(300)) }));
}

#[tokio::test]
async fn a_mail_whose_answer_can_never_be_read_is_told_of_and_the_rest_goes_on() {
    for odd in 1..=MAILS {
        let told = read_all(Fault::BabblesOf(odd), 0).await;
        let wanted: Vec<String> =
            (1..=MAILS).map(|uid| if uid == odd { String::new() } else { format!("Mail {uid}") }).collect();
        assert_eq!(subjects(&told), wanted);
        let word = format!("does not give this mail (folder INBOX, UID {odd})");
        assert!(told[odd as usize - 1].1.contains(&word), "{told:?}");
    }
    // Also if it is the only one that is new.
    let told = read_since("2026-01-01", Some("7:2:1795338000000"), Fault::BabblesOf(3), 0).await;
    assert_eq!(subjects(&told), [""]);
}

#[tokio::test]
async fn sizes_are_not_needed() {
    assert_eq!(subjects(&read_all(Fault::Sizeless, 0).await), ["Mail 1", "Mail 2", "Mail 3"]);
}

#[tokio::test]
async fn what_was_there_before_is_history_unless_the_settings_name_a_day() {
    let nothing: [&str; 0] = [];
    assert_eq!(subjects(&read_since("", None, Fault::Nothing, 0).await), nothing);
    assert_eq!(subjects(&read_since("2026-11-22", None, Fault::Nothing, 0).await), ["Mail 3"]);
    assert_eq!(subjects(&read_since("2026-01-01", Some("7:2:1"), Fault::Nothing, 0).await), ["Mail 3"]);
    let wrong = mailbox(server(Fault::Nothing).await, "last week").check().await;
    assert!(matches!(&wrong, Err(Trouble::Settings(why)) if why.contains("last week")), "{wrong:?}");
}

#[tokio::test]
async fn a_folder_whose_mails_have_new_numbers_is_read_on_from_the_day_before() {
    // The newest that was read is of the 22nd.
    let told = read_since("2026-01-01", Some("6:900:1795338000000"), Fault::Nothing, 0).await;
    assert_eq!(subjects(&told), ["Mail 2", "Mail 3"]);
}

#[tokio::test]
async fn a_date_that_has_yet_to_come_hides_nothing() {
    // The newest that was read is of 2098, and the server has numbered its mails anew. It has it still, or has it no more.
    for fault in [Fault::Ahead, Fault::Nothing] {
        let told = read_since("2026-01-01", Some("6:900:4070908800000"), fault, 0).await;
        assert_eq!(subjects(&told), ["Mail 2", "Mail 3"]);
    }
}

#[tokio::test]
async fn a_number_that_the_server_has_not_given_is_no_mails() {
    assert_eq!(subjects(&read_all(Fault::Boasts, 0).await), ["Mail 1", "Mail 2", "Mail 3"]);
    // One that was believed once is not for ever.
    let told = read_since("2026-01-01", Some("7:4294967295:1795338000000"), Fault::Boasts, 0).await;
    assert_eq!(subjects(&told), ["Mail 2", "Mail 3"]);
}

/// The kernel asks the other side whether it is there: what the timers of the connections to this port are for.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_line_that_dies_without_a_word_is_found() {
    let port = server(Fault::Nothing).await;
    let (mailbox, edge, stop) = (mailbox(port, ""), Arc::new(Recorder::new()), CancellationToken::new());
    let (told, token) = (edge.clone(), stop.clone());
    let reading = tokio::spawn(async move { mailbox.receive(&*told, token).await });
    edge.receiving(1).await;
    let ours = || {
        let connections = std::fs::read_to_string("/proc/net/tcp").expect("Linux tells");
        let peer = format!(":{port:04X}");
        let lines: Vec<Vec<String>> =
            connections.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
        // Their address is the third field, and the timer's kind begins the sixth: 2 is keepalive.
        lines.iter().any(|fields| fields[2].ends_with(&peer) && fields[5].starts_with("02:"))
    };
    let waiting = async {
        while !ours() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the connection is watched");
    stop.cancel();
    assert_eq!(reading.await.expect("it does not panic"), Ok(()));
}
