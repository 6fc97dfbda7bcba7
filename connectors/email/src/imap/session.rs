//! A signed-in connection to an IMAP server, each command within bounded time.

use std::io;
use std::time::Duration;

use async_imap::error::Error;
use async_imap::extensions::idle::IdleResponse;
use async_imap::imap_proto::{MailboxDatum, Outcome, Response, ResponseCode, Status};
use async_imap::types::UnsolicitedResponse;
use async_imap::{Authenticator, Client, Session};
use switchboard_connector::{Secret, Trouble};
use switchboard_protocol::channels::{MailAuth, MailServer, Security};
use tokio::time::timeout;

use super::Account;
use crate::limits::cut_chars;
use crate::net::Pipe;

/// For each answer; a mail of 40 MiB comes within it over 6 Mbit/s.
pub(super) const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// Goodbye is a courtesy.
const LOGOUT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest of a server's words that is told, characters.
const WORDS_CHARS: usize = 300;
/// A server that says again and again what cannot be read is left alone for so long.
pub(super) const OFTEN_WAIT: Duration = Duration::from_secs(300);

pub(super) const NOT_UNDERSTOOD: &str = "what is not understood.";

pub(super) struct ImapSession {
    inner: Session<Pipe>,
    pub can_idle: bool,
    /// The server told that the open folder has other mails than before.
    news: bool,
    /// How often it was signed in anew because of what could not be read, since all was read.
    pub renewed: u32,
    /// What came over it could not be read, and nobody knows where the next answer begins: it is good for nothing more.
    pub is_lost: bool,
}

/// A folder as the server tells of it when it is opened.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Opened {
    pub exists: u32,
    pub uid_validity: Option<u32>,
    pub uid_next: Option<u32>,
}

/// What comes of opening a folder.
pub(super) enum Examined {
    Open(Opened),
    /// This one cannot be opened, which says nothing of others.
    Refused(Trouble),
}

impl Examined {
    pub fn opened(self) -> Result<Opened, Trouble> {
        match self {
            Self::Open(opened) => Ok(opened),
            Self::Refused(trouble) => Err(trouble),
        }
    }
}

/// How a command ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    /// The server did not do all of it, and says why; what it did was told.
    Refused(String),
}

/// Why there is no end to an answer. The connection is good for nothing more.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The server says what cannot be read.
    Unreadable,
    /// So often that it is not asked any more for now.
    Often,
    Otherwise(Trouble),
}

impl From<Trouble> for Broken {
    fn from(trouble: Trouble) -> Self {
        Self::Otherwise(trouble)
    }
}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Unreadable => trouble(&Error::Io(io::ErrorKind::Other.into())),
            Broken::Often => Trouble::Away {
                why: "The mail server says what is not understood.".to_owned(),
                after: Some(OFTEN_WAIT),
            },
            Broken::Otherwise(trouble) => trouble,
        }
    }
}

/// Connects and signs in.
pub(super) async fn open(account: &Account<'_>) -> Result<ImapSession, Trouble> {
    let server = account.server;
    let stream = account.net.connect(server).await?;
    let client = match server.security {
        Security::Tls => greeted(account.net.encrypt(server, stream).await?).await?,
        Security::None => greeted(Pipe::Plain(stream)).await?,
        Security::Starttls => {
            let mut client = greeted(Pipe::Plain(stream)).await?;
            let asked = client.run_command_and_check_ok("STARTTLS", None);
            timeout(COMMAND_TIMEOUT, asked).await.map_err(|_| super::silent())?.map_err(|error| match error {
                Error::No(_) | Error::Bad(_) => Trouble::Settings(format!("{} does not offer STARTTLS.", server.host)),
                error => trouble(&error),
            })?;
            // What was sent before the encryption and not read yet is dropped with the client.
            let Pipe::Plain(stream) = client.into_inner() else { return Err(super::silent()) };
            Client::new(account.net.encrypt(server, stream).await?)
        }
    };
    let inner = sign_in(client, server, account.password).await?;
    let mut session = ImapSession { inner, can_idle: false, news: false, renewed: 0, is_lost: false };
    let capabilities = within(session.inner.capabilities()).await?;
    session.can_idle = capabilities.has_str("IDLE");
    Ok(session)
}

async fn greeted(pipe: Pipe) -> Result<Client<Pipe>, Trouble> {
    let mut client = Client::new(pipe);
    let greeting = timeout(COMMAND_TIMEOUT, client.read_response()).await.map_err(|_| super::silent())?;
    match greeting {
        Ok(Some(greeting)) => match greeting.parsed() {
            Response::Data { status: Status::Ok | Status::PreAuth, .. } => Ok(client),
            Response::Data { outcome, .. } => {
                Err(Trouble::away(format!("The mail server takes no connection now: {}", said(outcome))))
            }
            _ => Err(Trouble::Settings(
                "What answers there is no IMAP server: look at the name of the server, the port and the encryption."
                    .to_owned(),
            )),
        },
        Ok(None) => Err(Trouble::away("The mail server closed the connection at once.")),
        Err(error) => Err(Trouble::away(format!("No IMAP server answers there: {}.", of_the_line(&error)))),
    }
}

async fn sign_in(client: Client<Pipe>, server: &MailServer, password: &Secret) -> Result<Session<Pipe>, Trouble> {
    let (user, password) = (server.username.as_str(), password.expose());
    let signed_in = timeout(COMMAND_TIMEOUT, async {
        match server.auth {
            MailAuth::Xoauth2 => {
                let words = format!("user={user}\x01auth=Bearer {password}\x01\x01");
                client.authenticate("XOAUTH2", Words(Some(words))).await
            }
            // LOGIN carries ASCII only; not every server offers PLAIN.
            MailAuth::Password if !user.is_ascii() || !password.is_ascii() => {
                client.authenticate("PLAIN", Words(Some(format!("\0{user}\0{password}")))).await
            }
            MailAuth::Password => client.login(user, password).await,
        }
    });
    match signed_in.await {
        Ok(Ok(session)) => Ok(session),
        Ok(Err((Error::No(said), _))) if !is_passing(&said) => {
            let what = if server.auth == MailAuth::Xoauth2 { "access token" } else { "password" };
            Err(Trouble::Settings(format!("{} refuses user name or {what}: {}", server.host, plain(&said))))
        }
        Ok(Err((Error::Bad(said), _))) => Err(Trouble::Settings(format!(
            "{} does not understand this way of signing in, or these characters in user name or password: {}",
            server.host,
            plain(&said)
        ))),
        Ok(Err((Error::Validate(_), _))) => {
            Err(Trouble::Settings("User name and password must be of one line each.".to_owned()))
        }
        // The challenge before the verdict is not as it should be.
        Ok(Err((Error::Parse(_), _))) => Err(Trouble::Settings(format!(
            "{} does not sign in with access tokens as it should: choose signing in with a password.",
            server.host
        ))),
        Ok(Err((error, _))) => Err(trouble(&error)),
        Err(_) => Err(super::silent()),
    }
}

/// RFC 5530: it is not the password, nor the folder. What is said at the door is about no single mail, so that the words count
/// in which large providers say to people "not now".
fn is_passing(said: &str) -> bool {
    let said = said.to_ascii_uppercase();
    let words = ["UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "TRY AGAIN", "TOO MANY", "SERVERBUG"];
    words.iter().any(|word| said.contains(word))
}

/// Not now, by the code alone (RFC 5530; `THROTTLED` and `OVERQUOTA` are said by large providers to who asks for much): of the
/// words behind it any may be about this one mail. A bug of the server's is not among them: it may be the one mail on which
/// it fails.
pub(super) fn is_later(said: &str) -> bool {
    let code = said.trim_start().strip_prefix('[').and_then(|said| said.split_once(']')).map(|(code, _)| code);
    ["UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA"]
        .iter()
        .any(|later| code.is_some_and(|code| code.eq_ignore_ascii_case(later)))
}

/// A server's words; a code that the library does not know is among them.
fn said(outcome: &Outcome<'_>) -> String {
    let words = outcome.information.as_deref().map(str::trim).filter(|words| !words.is_empty());
    match (words, &outcome.code) {
        (Some(words), _) => shown(words).to_owned(),
        (None, Some(ResponseCode::Alert)) | (None, None) => "it says no.".to_owned(),
        (None, Some(_)) => "it says no, with a code alone.".to_owned(),
    }
}

/// The server's words out of the library's error, which writes them as Rust shows them to programmers.
fn plain(error: &str) -> String {
    let words = error.split_once("info").and_then(|(_, rest)| rest.split_once("Some(\"")?.1.rsplit_once("\")"));
    match words {
        Some((words, _)) => shown(&words.replace("\\\"", "\"").replace("\\'", "'").replace("\\\\", "\\")).to_owned(),
        None => "it says no.".to_owned(),
    }
}

/// Says its words at the first challenge, and nothing at those after: they are about an error, which the server tells next.
struct Words(Option<String>);

impl Authenticator for Words {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}

impl ImapSession {
    /// Opens a folder for reading. Again even if it is open: what the server says of it is of now.
    pub async fn examine(&mut self, folder: &str) -> Result<Examined, Trouble> {
        let mut opened = Opened::default();
        let name = utf7(folder).replace('\\', "\\\\").replace('"', "\\\"");
        let end = self
            .ask(&format!("EXAMINE \"{name}\""), |answer| match answer {
                Response::MailboxData(MailboxDatum::Exists(exists)) => opened.exists = *exists,
                Response::Data { status: Status::Ok, outcome } => match &outcome.code {
                    Some(ResponseCode::UidValidity(validity)) => opened.uid_validity = Some(*validity),
                    Some(ResponseCode::UidNext(next)) => opened.uid_next = Some(*next),
                    _ => {}
                },
                _ => {}
            })
            .await?;
        Ok(match end {
            End::Done => Examined::Open(opened),
            End::Refused(said) if is_passing(&said) => {
                Examined::Refused(Trouble::away(format!("The folder {folder} cannot be read just now: {said}")))
            }
            End::Refused(said) => {
                Examined::Refused(Trouble::Settings(format!("The folder {folder} cannot be read: {said}")))
            }
        })
    }

    /// UIDs after this one, in order.
    pub async fn uids_after(&mut self, last: u32) -> Result<Vec<u32>, Trouble> {
        let Some(next) = last.checked_add(1) else { return Ok(Vec::new()) };
        // `*` is the highest there is, also where that is below `next`.
        let mut uids = self.found(&format!("UID {next}:*")).await?;
        uids.retain(|uid| *uid > last);
        uids.sort_unstable();
        Ok(uids)
    }

    /// UIDs of what came on this day (`1-Feb-2026`) and later, in order.
    pub async fn uids_since(&mut self, day: &str) -> Result<Vec<u32>, Trouble> {
        let mut uids = self.found(&format!("SINCE {day}")).await?;
        uids.retain(|uid| *uid > 0);
        uids.sort_unstable();
        Ok(uids)
    }

    pub async fn exists(&mut self, uid: u32) -> Result<bool, Trouble> {
        Ok(self.found(&format!("UID {uid}")).await?.contains(&uid))
    }

    async fn found(&mut self, what: &str) -> Result<Vec<u32>, Trouble> {
        let mut uids = Vec::new();
        let end = self
            .ask(&format!("UID SEARCH {what}"), |answer| {
                if let Response::MailboxData(MailboxDatum::Search(found)) = answer {
                    uids.extend_from_slice(found);
                }
            })
            .await?;
        match end {
            End::Done => Ok(uids),
            End::Refused(said) => {
                Err(Trouble::away(format!("The mail server does not tell which mails there are: {said}")))
            }
        }
    }

    /// Runs a command to the end that the server tells. The library's own commands take the end of the connection for the
    /// end of the answers, and a refusal for success: mails would be passed over.
    pub async fn ask(&mut self, command: &str, mut each: impl FnMut(&Response<'_>)) -> Result<End, Broken> {
        let id = within(self.inner.run_command(command)).await?;
        loop {
            let answer = timeout(COMMAND_TIMEOUT, self.inner.read_response()).await.map_err(|_| super::silent())?;
            let answer = answer.map_err(|error| match is_not_understood(&error) {
                true => {
                    self.is_lost = true;
                    Broken::Unreadable
                }
                false => trouble(&Error::Io(error)).into(),
            })?;
            let answer = answer.ok_or_else(|| trouble(&Error::ConnectionLost))?;
            match answer.parsed() {
                Response::Done { tag, status, outcome, .. } if *tag == id => {
                    return match status {
                        Status::Ok => Ok(End::Done),
                        // BAD is said of what was asked for too, by servers that fail on one mail.
                        Status::No | Status::Bad => Ok(End::Refused(said(outcome))),
                        _ => Err(trouble(&Error::ConnectionLost).into()),
                    };
                }
                Response::Data { status: Status::Bye, .. } => {
                    return Err(trouble(&Error::ConnectionLost).into());
                }
                answer => {
                    self.news |=
                        matches!(answer, Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(_)));
                    each(answer);
                }
            }
        }
    }

    /// Whether the server told, since this was last asked, that the folder has other mails than before.
    pub fn has_news(&mut self) -> bool {
        let mut news = std::mem::take(&mut self.news);
        while let Ok(told) = self.inner.unsolicited_responses.try_recv() {
            news |= matches!(told, UnsolicitedResponse::Exists(_) | UnsolicitedResponse::Recent(_));
        }
        news
    }

    pub fn forget_news(&mut self) {
        self.has_news();
    }

    /// Waits until the server tells something of the open folder, at most so long.
    pub async fn idle(self, limit: Duration) -> Result<Self, Trouble> {
        let Self { inner, can_idle, .. } = self;
        let news = inner.unsolicited_responses.clone();
        let mut handle = inner.idle();
        within(handle.init()).await?;
        // What came before the server began to watch is told beside its answer.
        if news.is_empty() {
            let (waiting, _interrupt) = handle.wait_with_timeout(limit);
            if let IdleResponse::ManualInterrupt = waiting.await.map_err(|error| trouble(&error))? {
                return Err(trouble(&Error::ConnectionLost));
            }
        }
        let inner = within(handle.done()).await?;
        Ok(Self { inner, can_idle, news: false, renewed: 0, is_lost: false })
    }

    pub async fn logout(mut self) {
        let _ = timeout(LOGOUT_TIMEOUT, self.inner.logout()).await;
    }
}

pub(super) async fn within<T>(step: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    match timeout(COMMAND_TIMEOUT, step).await {
        Ok(result) => result.map_err(|error| trouble(&error)),
        Err(_) => Err(super::silent()),
    }
}

pub(super) fn trouble(error: &Error) -> Trouble {
    match error {
        Error::No(said) | Error::Bad(said) => Trouble::away(format!("The mail server refuses: {}", plain(said))),
        Error::ConnectionLost => Trouble::away("The mail server closed the connection."),
        Error::Parse(_) => Trouble::away("The mail server says what is not understood."),
        Error::Io(error) if is_not_understood(error) => Trouble::away("The mail server says what is not understood."),
        Error::Io(error) => Trouble::away(format!("The connection to the mail server broke: {}.", of_the_line(error))),
        _ => Trouble::away("The connection to the mail server broke."),
    }
}

/// The library makes an error of the connection of an answer that it cannot read, and puts the answer into it: mails.
fn is_not_understood(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Other && error.raw_os_error().is_none()
}

/// What is wrong with a connection, without anything that came over it.
fn of_the_line(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None if is_not_understood(error) => "what it says is not understood".to_owned(),
        None => error.kind().to_string(),
    }
}

fn shown(said: &str) -> &str {
    cut_chars(said, WORDS_CHARS)
}

/// A folder's name as IMAP writes it (RFC 3501, section 5.1.3).
fn utf7(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut wide: Vec<u8> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut wide, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            wide.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut wide, &mut out);
    out
}

fn flush(wide: &mut Vec<u8>, out: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    if wide.is_empty() {
        return;
    }
    out.push('&');
    for group in wide.chunks(3) {
        let number =
            group.iter().enumerate().fold(0u32, |number, (at, byte)| number | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..=group.len() {
            out.push(char::from(ALPHABET[(number >> (18 - 6 * digit)) as usize & 63]));
        }
    }
    out.push('-');
    wide.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_says_later_of_a_mail() {
        for said in ["[UNAVAILABLE] x", "[limit] too much", "[INUSE]"] {
            assert!(is_later(said), "{said}");
        }
        for said in ["Message is unavailable", "unlimited", "message exceeds size limit", "[SERVERBUG] try again", ""] {
            assert!(!is_later(said), "{said}");
        }
    }

    #[test]
    fn words_are_the_servers() {
        for (error, words) in [
            (
                r#"code: None, info: Some("[AUTHENTICATIONFAILED] It's \"no\".")"#,
                r#"[AUTHENTICATIONFAILED] It's "no"."#,
            ),
            ("code: Some(Alert), info: None", "it says no."),
        ] {
            assert_eq!(plain(error), words);
        }
    }

    #[test]
    fn names_of_folders() {
        for (name, coded) in [
            ("INBOX", "INBOX"),
            ("R&D", "R&-D"),
            ("Büro/Gelöscht", "B&APw-ro/Gel&APY-scht"),
            ("日本語", "&ZeVnLIqe-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(utf7(name), coded);
        }
    }
}
