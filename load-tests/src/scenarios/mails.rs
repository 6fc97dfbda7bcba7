//! `mails`: ten thousand mails waited while the provider was away; then single ones, from the provider's "delivered" to the
//! agent's screen. Against Dovecot and Postfix, which need root.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

use switchboard_protocol::channels::{ChannelSettings, EmailSettings, MailAuth, MailServer, SaveChannel, Security};
use switchboard_protocol::model::Channel;
use testkit::MailHost;

use crate::clock::{Clock, ms, seconds};
use crate::desk::Desk;
use crate::report::{Report, histogram, record};
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 2;
const WAITING: usize = 10_000;
/// Of so many people.
const PEOPLE: u32 = 1_000;
const MAIL_BYTES: usize = 4 * 1024;
const SINGLE: u32 = 40;
const USER: &str = "load";
const MIB: f64 = 1024.0 * 1024.0;
const SEEN_WITHIN: Duration = Duration::from_secs(300);
const OPEN_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let mut report = Report::new("mails");
    if !MailHost::can_run() {
        report.note("not run: Postfix and Dovecot start as root only");
        return Ok(report);
    }
    let settings = &settings.for_channels();
    let mut host = MailHost::start();
    let mut stage = Stage::set(settings, None, AGENTS, 0)?;
    stage.open_channel(Channel::Email, mailbox(&host))?;
    let clock = Clock::start();
    let mut swarm = Swarm::new(clock)?;
    let mut desk = Desk::open(stage.target(), AGENTS, &mut swarm, OPEN_WITHIN)?;
    // One by one, so that the mailbox is there and read.
    let mut sent = HashSet::from([(0, 0)]);
    deliver(&host, Stamp { sender: 0, sequence: 0, sent: clock.now() })?;
    desk.look(&mut swarm, sent.len(), OPEN_WITHIN)?;

    let idle = stage.server.process.memory()?;
    let mails = settings.sockets(WAITING);
    host.stop_imap();
    put_into(&host.maildir(USER).join("new"), mails, &mut sent)?;
    host.start_imap();
    let (meter, start) = (crate::process::Meter::start(stage.server.process)?, clock.now());
    let (mut began, mut peak) = (None, idle.own);
    while clock.now() - start < SEEN_WITHIN.as_nanos() as u64 && !desk.look(&mut swarm, sent.len(), LOOK_EVERY)? {
        peak = peak.max(stage.server.process.memory()?.own);
        if began.is_none() && desk.conversations() > 1 {
            began = Some(clock.now());
        }
    }
    let (took, cpu) = (seconds(clock.now() - began.unwrap_or(start)), meter.cpu_seconds()?);
    report.note(format!(
        "{mails} mails of {MAIL_BYTES} bytes from {PEOPLE} people; 2 cores shared with Dovecot and the generator"
    ));
    report.number("from the first to the last on the screen", took, "s");
    report.number("mails", mails as f64 / took, "/s");
    report.number("server CPU per mail", cpu * 1e3 / mails as f64, "ms");
    report.number("memory before", idle.own as f64 / MIB, "MiB");
    report.goal("seconds for 300 mails", took * 300.0 / mails as f64, 1.0, "s");
    report.goal("peak of memory over idle", peak.saturating_sub(idle.own) as f64 / MIB, 150.0, "MiB");

    let mut screen = histogram();
    for sequence in 0..SINGLE {
        desk.took = histogram();
        let stamp = Stamp { sender: PEOPLE, sequence, sent: clock.now() };
        sent.insert((stamp.sender, stamp.sequence));
        deliver(&host, stamp)?;
        let delivered = clock.now();
        desk.look(&mut swarm, sent.len(), OPEN_WITHIN)?;
        // From the end of the provider's taking it, which is before it lies in the mailbox.
        record(&mut screen, clock.now() - delivered);
    }
    report.latency("taken by Postfix to an agent's screen", &screen);
    report.goal("to an agent's screen p95", ms(screen.value_at_quantile(0.95)), 1_500.0, "ms");
    report.check = desk.judge(&sent, false);
    Ok(report)
}

fn mailbox(host: &MailHost) -> SaveChannel {
    let server = |port| MailServer {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        username: USER.into(),
        auth: MailAuth::Password,
    };
    let settings = EmailSettings {
        address: format!("{USER}@shop.test"),
        imap: Some(server(host.imap_port())),
        folders: Vec::new(),
        import_since: "2000-01-01".into(),
        smtp: Some(server(host.submission_port())),
        plus_addresses: true,
        acknowledgement: None,
    };
    let secrets = ["imap_password", "smtp_password"].map(|name| (name.to_owned(), MailHost::PASSWORD.to_owned()));
    SaveChannel { settings: ChannelSettings::Email(settings), secrets: secrets.into(), untested: false }
}

fn text_of(stamp: Stamp) -> String {
    let mut mail = String::with_capacity(MAIL_BYTES + 512);
    let Stamp { sender, sequence, .. } = stamp;
    let _ = write!(
        mail,
        "From: Person {sender} <person{sender}@example.test>\r\nTo: {USER}@shop.test\r\nSubject: Question {sequence}\r\n\
         Message-ID: <{sender}.{sequence}@example.test>\r\nDate: Sat, 01 Nov 2025 10:00:00 +0000\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n"
    );
    for line in stamp.to_text(MAIL_BYTES).as_bytes().chunks(76) {
        mail.push_str(&String::from_utf8_lossy(line));
        mail.push_str("\r\n");
    }
    mail
}

/// As they lie in a Maildir that Dovecot has not looked at yet; in the order of their names.
fn put_into(folder: &Path, mails: usize, sent: &mut HashSet<(u32, u32)>) -> io::Result<()> {
    for number in 0..u32::try_from(mails).unwrap_or(u32::MAX) {
        // Number 0 of person 0 has come already.
        let stamp = Stamp { sender: number % PEOPLE, sequence: number / PEOPLE + 1, sent: 0 };
        let path = folder.join(format!("1760000000.M{number:06}P1.load"));
        std::fs::write(&path, text_of(stamp))?;
        std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY))?;
        sent.insert((stamp.sender, stamp.sequence));
    }
    Ok(())
}

/// `nobody`, to whom the host's mailboxes belong (Debian's base-passwd).
const NOBODY: u32 = 65_534;

/// By SMTP as it is spoken by hand (RFC 5321), until it is taken.
fn deliver(host: &MailHost, stamp: Stamp) -> io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, host.smtp_port()))?;
    stream.set_read_timeout(Some(OPEN_WITHIN))?;
    let mut answers = BufReader::new(stream.try_clone()?).lines();
    let mail = format!("{}.", text_of(stamp));
    let from = format!("MAIL FROM:<person{}@example.test>", stamp.sender);
    let to = format!("RCPT TO:<{USER}@shop.test>");
    for line in ["", "HELO outside.test", &from, &to, "DATA", &mail, "QUIT"] {
        if !line.is_empty() {
            stream.write_all(format!("{line}\r\n").as_bytes())?;
        }
        let answer = loop {
            let answer = answers.next().ok_or(io::ErrorKind::UnexpectedEof)??;
            if answer.as_bytes().get(3) != Some(&b'-') {
                break answer;
            }
        };
        if answer.starts_with(['4', '5']) {
            return Err(io::Error::other(answer));
        }
    }
    Ok(())
}
