//! An IMAP server that does not give one of its mails, or one of its folders: the other folders are read at once, the mails
//! behind it when it has been waited for, and it is said which it is. One that gives none has none passed by.

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::OURS;
use support::edge::{PATIENCE, Recorder};
use switchboard_connector::{Addresses, Connector, Secrets, Trouble};
use switchboard_email::Mailbox;
use switchboard_protocol::channels::{EmailSettings, MailAuth, MailServer, Security};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The 22nd of November 2026, 12:00.
const NOW: i64 = 1_795_348_800_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What a server does with a mail that it is asked for.
#[derive(Clone, Copy)]
enum Does {
    Refuses(&'static str),
    /// Says a word behind it that nobody knows.
    Babbles,
    /// Says that this was all, and gives nothing.
    Forgets,
}

#[derive(Default)]
struct Server {
    /// In each folder.
    mails: AtomicU32,
    does: Mutex<BTreeMap<(&'static str, u32), Does>>,
    /// How often it has numbered its mails anew.
    renumbered: AtomicU32,
    /// Folders that are gone; in the others there are the mails.
    gone: Mutex<Vec<&'static str>>,
    sign_ins: AtomicUsize,
    /// How often a folder was asked for that is gone; a server that says it does so in other words each time.
    not_found: AtomicUsize,
    says_how_often: bool,
    /// How often it was asked to tell what comes, and how often something came.
    idles: AtomicUsize,
    news: watch::Sender<usize>,
    /// The mails that were asked for, as they were.
    fetched: Mutex<Vec<String>>,
}

impl Server {
    /// With so many mails, and what it does with some of those in INBOX.
    fn of(mails: u32, does: impl IntoIterator<Item = (u32, Does)>) -> Arc<Self> {
        Self::in_folder("INBOX", mails, does)
    }

    fn in_folder(folder: &'static str, mails: u32, does: impl IntoIterator<Item = (u32, Does)>) -> Arc<Self> {
        let does = does.into_iter().map(|(uid, does)| ((folder, uid), does)).collect();
        Arc::new(Self { mails: mails.into(), does: Mutex::new(does), ..Self::default() })
    }

    /// All is well with its mails from now on.
    fn mend(&self) {
        self.does.lock().expect("unpoisoned").clear();
    }

    /// Tells those who watch a folder to look.
    fn tell(&self) {
        self.news.send_modify(|news| *news += 1);
    }

    async fn start(self: &Arc<Self>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = self.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a client");
                tokio::spawn(server.clone().serve(stream));
            }
        });
        port
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read).lines();
        let mut said = write.write_all(b"* OK ready\r\n").await;
        let mut folder = String::new();
        let mut news = self.news.subscribe();
        while let (Ok(()), Ok(Some(line))) = (&said, read.next_line().await) {
            let (tag, command) = line.split_once(' ').unwrap_or((line.as_str(), ""));
            if command.starts_with("LOGIN") {
                self.sign_ins.fetch_add(1, Ordering::SeqCst);
            }
            if command.starts_with("IDLE") {
                said = write.write_all(b"+ idling\r\n").await;
                self.idles.fetch_add(1, Ordering::SeqCst);
                let done = tokio::select! {
                    done = read.next_line() => done,
                    _ = news.changed() => {
                        said = write.write_all(format!("* {} EXISTS\r\n", self.count()).as_bytes()).await;
                        read.next_line().await
                    }
                };
                if !matches!(done, Ok(Some(_))) {
                    return;
                }
            }
            let answer = self.answer(command, &mut folder);
            if said.is_ok() {
                said = write.write_all(answer.replace("TAG", tag).as_bytes()).await;
            }
        }
    }

    fn count(&self) -> u32 {
        self.mails.load(Ordering::SeqCst)
    }

    fn answer(&self, command: &str, opened: &mut String) -> String {
        if command.starts_with("CAPABILITY") {
            return "* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done\r\n".to_owned();
        }
        if let Some(folder) = command.strip_prefix("EXAMINE ") {
            let folder = folder.trim_matches('"');
            folder.clone_into(opened);
            if self.gone.lock().expect("unpoisoned").contains(&folder) {
                let times = self.not_found.fetch_add(1, Ordering::SeqCst);
                let times = if self.says_how_often { times } else { 0 };
                return format!("TAG NO [NONEXISTENT] Mailbox doesn't exist: {folder} (0.00{times} secs).\r\n");
            }
            let validity = 7 + self.renumbered.load(Ordering::SeqCst);
            return format!("* {} EXISTS\r\n* OK [UIDVALIDITY {validity}] valid\r\nTAG OK done\r\n", self.count());
        }
        if let Some(set) = command.strip_prefix("UID SEARCH UID ") {
            let uids: Vec<String> = self.asked(set).map(|uid| uid.to_string()).collect();
            return format!("* SEARCH {}\r\nTAG OK done\r\n", uids.join(" "));
        }
        if command.starts_with("UID SEARCH SINCE") {
            return "* SEARCH 1\r\nTAG OK done\r\n".to_owned();
        }
        if let Some((set, what)) = command.strip_prefix("UID FETCH ").and_then(|fetch| fetch.split_once(' ')) {
            if !what.contains("SIZE") && !what.contains("<0.1>") {
                self.fetched.lock().expect("unpoisoned").push(set.to_owned());
            }
            return self.mails(opened, set, what.contains("SIZE"));
        }
        "TAG OK done\r\n".to_owned()
    }

    /// All of them, or nothing but a refusal.
    fn mails(&self, folder: &str, set: &str, sizes: bool) -> String {
        let does = self.does.lock().expect("unpoisoned");
        let mut answer = String::new();
        for uid in self.asked(set) {
            if sizes {
                answer.push_str(&format!("* {uid} FETCH (UID {uid} RFC822.SIZE 100)\r\n"));
                continue;
            }
            let text = if folder == "INBOX" { "Text" } else { folder };
            let mail = format!("From: c{uid}@example.org\r\nSubject: Mail {uid}\r\n\r\n{text} {uid}\r\n");
            let does = does.iter().find(|((within, mail), _)| *within == folder && *mail == uid);
            let word = match does.map(|(_, does)| *does) {
                Some(Does::Refuses(words)) => return format!("TAG {words}\r\n"),
                Some(Does::Forgets) => continue,
                Some(Does::Babbles) => " X-ODD what)",
                None => "",
            };
            answer.push_str(&format!("* {uid} FETCH (UID {uid} BODY[] {{{}}}\r\n{mail}{word})\r\n", mail.len()));
        }
        answer + "TAG OK done\r\n"
    }

    fn asked(&self, set: &str) -> impl Iterator<Item = u32> {
        let runs: Vec<(u32, u32)> = set
            .split(',')
            .map(|run| {
                let (from, to) = run.split_once(':').unwrap_or((run, run));
                (from.parse().expect("a UID"), to.parse().unwrap_or(self.count()))
            })
            .collect();
        let last = self.count();
        runs.into_iter().flat_map(move |(from, to)| from..=to.min(last))
    }
}

/// A mailbox at a server, and the hub that it tells.
struct World {
    server: Arc<Server>,
    mailbox: Arc<Mailbox>,
    edge: Arc<Recorder>,
}

impl World {
    async fn of(server: Arc<Server>, folders: &[&str]) -> Self {
        let imap = MailServer {
            host: "127.0.0.1".to_owned(),
            port: server.start().await,
            security: Security::None,
            username: "me".to_owned(),
            auth: MailAuth::Password,
        };
        let settings = EmailSettings {
            address: OURS.to_owned(),
            imap: Some(imap),
            folders: folders.iter().map(|folder| (*folder).to_owned()).collect(),
            import_since: "2026-01-01".to_owned(),
            smtp: None,
            plus_addresses: false,
            acknowledgement: None,
        };
        let mailbox = Mailbox::new(settings, &Secrets::default(), Addresses::Any).expect("good settings");
        let edge = Arc::new(Recorder::new());
        edge.set_now(NOW);
        Self { server, mailbox: Arc::new(mailbox), edge }
    }

    /// Reads until there is trouble.
    async fn trouble(&self) -> (String, Option<Duration>) {
        let reading = self.mailbox.receive(&*self.edge, CancellationToken::new());
        match tokio::time::timeout(PATIENCE, reading).await.expect("it ends") {
            Err(Trouble::Away { why, after }) => (why, after),
            other => panic!("{other:?}"),
        }
    }

    /// Reads on, until the token is cancelled.
    fn reading(&self) -> (CancellationToken, JoinHandle<Result<(), Trouble>>) {
        let (mailbox, edge, stop) = (self.mailbox.clone(), self.edge.clone(), CancellationToken::new());
        let token = stop.clone();
        (stop, tokio::spawn(async move { mailbox.receive(&*edge, token).await }))
    }

    /// Reads until all is read.
    async fn all(&self) -> Vec<String> {
        let (stop, reading) = self.reading();
        self.edge.receiving(1).await;
        stop.cancel();
        assert_eq!(reading.await.expect("it does not panic"), Ok(()));
        self.told().await
    }

    /// So often there is trouble about this mail.
    async fn troubles(&self, times: usize, uid: u32) {
        for _ in 0..times {
            let (why, _) = self.trouble().await;
            assert!(why.contains(&format!("UID {uid})")), "{why}");
        }
    }

    /// Waits until this is so while it reads.
    async fn until(&self, is_so: impl Fn(&Server) -> bool) {
        let waiting = async {
            while !is_so(&self.server) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it reads on");
    }

    async fn told(&self) -> Vec<String> {
        self.edge.messages(0).await.into_iter().map(|message| message.text.trim().to_owned()).collect()
    }
}

fn word_about(uid: u32) -> String {
    format!("The mail server does not give this mail (folder INBOX, UID {uid}).")
}

#[tokio::test]
async fn a_mail_that_is_refused_is_passed_by_after_some_tries_and_minutes_whatever_the_words() {
    for does in [
        Does::Refuses("NO Message is unavailable"),
        Does::Refuses("NO message exceeds size limit, too many parts"),
        Does::Refuses("NO [SERVERBUG] try again later"),
        Does::Refuses("BAD Command Error. 12"),
        Does::Forgets,
    ] {
        let world = World::of(Server::of(3, [(2, does)]), &[]).await;
        world.troubles(1, 2).await;
        world.edge.set_now(NOW + 10 * MINUTE);
        world.troubles(4, 2).await;
        assert_eq!(world.told().await, ["Text 1"], "what is before it has come, and nothing instead of it");
        assert_eq!(world.all().await, ["Text 1".to_owned(), word_about(2), "Text 3".to_owned()]);
    }
}

#[tokio::test]
async fn a_throttle_without_a_code_passes_no_mail_by() {
    let throttled = Does::Refuses("NO Request is throttled. Suggested Backoff Time: 299910 milliseconds");
    let world = World::of(Server::of(4, [(2, throttled), (3, throttled)]), &[]).await;
    world.troubles(20, 2).await;
    world.edge.set_now(NOW + 10 * MINUTE - 1);
    world.troubles(1, 2).await;
    assert_eq!(world.told().await, ["Text 1"]);
    world.server.mend();
    assert_eq!(world.all().await, ["Text 1", "Text 2", "Text 3", "Text 4"]);
}

#[tokio::test]
async fn each_mail_that_is_refused_is_waited_for_by_itself() {
    let broken = Does::Refuses("NO broken");
    let world = World::of(Server::of(4, [(2, broken), (3, broken)]), &[]).await;
    world.troubles(5, 2).await;
    world.edge.set_now(NOW + 10 * MINUTE);
    world.troubles(1, 3).await;
    assert_eq!(world.told().await, ["Text 1".to_owned(), word_about(2)]);
    world.troubles(4, 3).await;
    world.edge.set_now(NOW + 20 * MINUTE);
    assert_eq!(world.all().await, ["Text 1".to_owned(), word_about(2), word_about(3), "Text 4".to_owned()]);
}

#[tokio::test]
async fn a_server_whose_store_is_away_has_no_mail_passed_by_however_long() {
    for does in [
        Does::Refuses("NO [SERVERBUG] Internal error occurred"),
        Does::Refuses("NO [UNAVAILABLE] later"),
        Does::Forgets,
    ] {
        let world = World::of(Server::of(3, (1..=3).map(|uid| (uid, does))), &[]).await;
        world.troubles(20, 1).await;
        world.edge.set_now(NOW + 48 * HOUR);
        world.troubles(2, 1).await;
        assert!(world.told().await.is_empty());
        world.server.mend();
        assert_eq!(world.all().await, ["Text 1", "Text 2", "Text 3"]);
    }
}

#[tokio::test]
async fn a_mail_that_is_held_is_asked_for_alone_before_those_behind_it() {
    let world = World::of(Server::of(40, [(2, Does::Refuses("NO [LIMIT] not this one"))]), &[]).await;
    world.trouble().await;
    world.server.fetched.lock().expect("unpoisoned").clear();
    world.troubles(3, 2).await;
    assert_eq!(*world.server.fetched.lock().expect("unpoisoned"), ["2", "2", "2"]);
    world.server.mend();
    assert_eq!(world.all().await.len(), 40);
    assert_eq!(world.server.fetched.lock().expect("unpoisoned")[3..], ["2", "3:40"]);
}

#[tokio::test]
async fn a_mail_that_is_held_in_one_folder_holds_up_no_other() {
    for (does, wait) in [(Does::Refuses("NO [LIMIT] not this one"), 30_000), (Does::Babbles, 300_000)] {
        // Of all in the folder: the server is signed in to no more for it.
        let world = World::of(Server::in_folder("Sales", 2, [(1, does), (2, does)]), &["INBOX", "Sales"]).await;
        let (why, after) = world.trouble().await;
        assert!(
            why.starts_with("The mailbox's other folders are read. ") && why.contains("folder Sales, UID 1"),
            "{why}"
        );
        assert!(after.is_some_and(|after| after.as_secs() < 5), "the others are read on at once");
        assert_eq!(world.told().await, ["Text 1", "Text 2"]);
        // Said once, it is no trouble any more: what comes in the other is read, and the one that is held has its rest.
        let (stop, reading) = world.reading();
        world.until(|server| server.idles.load(Ordering::SeqCst) == 1).await;
        world.server.fetched.lock().expect("unpoisoned").clear();
        world.edge.set_now(NOW + wait - 1);
        world.server.mails.store(3, Ordering::SeqCst);
        world.server.tell();
        assert_eq!(world.edge.messages(3).await.len(), 3);
        world.until(|server| server.idles.load(Ordering::SeqCst) == 2).await;
        assert_eq!(*world.server.fetched.lock().expect("unpoisoned"), ["3"]);
        assert!(world.server.sign_ins.load(Ordering::SeqCst) <= 14, "a few at most");
        world.server.mend();
        world.edge.set_now(NOW + wait);
        world.server.tell();
        world.edge.receiving(1).await;
        assert_eq!(world.told().await, ["Text 1", "Text 2", "Text 3", "Sales 1", "Sales 2", "Sales 3"]);
        stop.cancel();
        assert_eq!(reading.await.expect("it does not panic"), Ok(()));
    }
}

#[tokio::test]
async fn a_mail_that_is_said_to_come_later_is_waited_for_by_the_hour_and_named() {
    let world = World::of(Server::of(3, [(2, Does::Refuses("NO [LIMIT] not this one"))]), &[]).await;
    for _ in 0..20 {
        let (why, _) = world.trouble().await;
        assert!(why.contains("folder INBOX, UID 2") && why.ends_with("[LIMIT] not this one"), "{why}");
        assert_eq!(world.told().await, ["Text 1"], "what is before it has come, and nothing instead of it");
    }
    world.edge.set_now(NOW + 6 * HOUR - 1);
    world.trouble().await;
    world.edge.set_now(NOW + 6 * HOUR);
    assert_eq!(world.all().await, ["Text 1".to_owned(), word_about(2), "Text 3".to_owned()]);
}

#[tokio::test]
async fn hours_in_which_nobody_asked_are_not_counted() {
    let world = World::of(Server::of(1, [(1, Does::Refuses("NO [UNAVAILABLE] later"))]), &[]).await;
    world.trouble().await;
    world.edge.set_now(NOW + 48 * HOUR);
    world.trouble().await;
    assert!(world.told().await.is_empty());
}

#[tokio::test]
async fn a_folder_with_nothing_but_a_mail_that_is_refused_does_not_wait_for_ever() {
    let world = World::of(Server::of(1, [(1, Does::Refuses("NO broken"))]), &[]).await;
    for _ in 0..20 {
        let (why, _) = world.trouble().await;
        assert!(why.contains("UID 1"), "{why}");
    }
    world.edge.set_now(NOW + 6 * HOUR);
    assert_eq!(world.all().await, [word_about(1)]);
}

#[tokio::test]
async fn a_server_that_says_what_cannot_be_read_is_not_signed_in_to_over_and_over() {
    let odd = 3..=20;
    let world = World::of(Server::of(40, odd.clone().map(|uid| (uid, Does::Babbles))), &[]).await;
    let mut rounds = 0;
    let told = loop {
        let before = world.server.sign_ins.load(Ordering::SeqCst);
        let (stop, mut reading) = world.reading();
        let ended = tokio::select! {
            ended = &mut reading => ended.expect("it does not panic"),
            () = world.edge.receiving(1) => Ok(()),
        };
        stop.cancel();
        assert!(world.server.sign_ins.load(Ordering::SeqCst) - before <= 6, "a few at most");
        let Err(trouble) = ended else { break world.told().await };
        assert!(matches!(&trouble, Trouble::Away { after: Some(wait), .. } if wait.as_secs() >= 300), "{trouble:?}");
        rounds += 1;
        assert!(rounds < 20, "each round gets on");
    };
    let wanted: Vec<String> =
        (1..=40).map(|uid| if odd.contains(&uid) { word_about(uid) } else { format!("Text {uid}") }).collect();
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn a_folder_that_is_gone_holds_up_no_other() {
    let server = Server { mails: 2.into(), gone: Mutex::new(vec!["Sales"]), says_how_often: true, ..Server::default() };
    let world = World::of(Arc::new(server), &["INBOX", "Sales"]).await;
    let (why, after) = world.trouble().await;
    let said = "[NONEXISTENT] Mailbox doesn't exist: Sales (0.000 secs).";
    assert_eq!(why, format!("The mailbox's other folders are read. The folder Sales cannot be read: {said}"));
    assert!(after.is_some_and(|after| after.as_secs() < 5), "the others are read on at once");
    assert_eq!(world.told().await, ["Text 1", "Text 2"]);
    // Said once, it is no trouble any more, in whatever words; but neither is all well, until the folder is back.
    let (stop, reading) = world.reading();
    for rounds in 1..4 {
        world.until(|server| server.idles.load(Ordering::SeqCst) == rounds).await;
        world.server.tell();
    }
    assert_eq!(world.server.sign_ins.load(Ordering::SeqCst), 2);
    world.server.gone.lock().expect("unpoisoned").clear();
    world.server.tell();
    world.edge.receiving(1).await;
    assert_eq!(world.told().await.len(), 4);
    stop.cancel();
    assert_eq!(reading.await.expect("it does not panic"), Ok(()));
}

#[tokio::test]
async fn a_folder_that_was_back_and_is_gone_again_is_told_of_again() {
    let server = Server { mails: 2.into(), gone: Mutex::new(vec!["Sales"]), ..Server::default() };
    let world = World::of(Arc::new(server), &["INBOX", "Sales"]).await;
    let (told, _) = world.trouble().await;
    world.server.gone.lock().expect("unpoisoned").clear();
    let (_stop, reading) = world.reading();
    world.edge.receiving(1).await;
    world.server.gone.lock().expect("unpoisoned").push("Sales");
    world.server.tell();
    let ended = tokio::time::timeout(PATIENCE, reading).await.expect("it ends").expect("it does not panic");
    assert!(matches!(&ended, Err(Trouble::Away { why, .. }) if *why == told), "{ended:?}");
}

#[tokio::test]
async fn where_mails_are_numbered_anew_another_one_with_the_same_number_is_told_of_too() {
    let world = World::of(Server::of(2, [(2, Does::Refuses("NO broken"))]), &[]).await;
    world.troubles(1, 2).await;
    world.edge.set_now(NOW + 10 * MINUTE);
    world.troubles(4, 2).await;
    assert_eq!(world.all().await, ["Text 1".to_owned(), word_about(2)]);
    world.server.renumbered.store(1, Ordering::SeqCst);
    world.troubles(1, 2).await;
    world.edge.set_now(NOW + 20 * MINUTE);
    world.troubles(4, 2).await;
    let (stop, reading) = world.reading();
    world.edge.receiving(2).await;
    stop.cancel();
    assert_eq!(reading.await.expect("it does not panic"), Ok(()));
    assert_eq!(world.told().await, ["Text 1".to_owned(), word_about(2), word_about(2)]);
}
