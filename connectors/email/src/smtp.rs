//! SMTP out: one connection a mail, and exactly one of four ends (RFC 5321).
//!
//! A server has taken a mail when it answers the dot that ends it. So the dot divides: whatever fails before it was written
//! certainly sent nothing; when the answer to it does not arrive, nobody can know. lettre does not tell where it was when a
//! connection died, but it asks for the mail piece by piece, and for the piece after the last only when all was written:
//! that moment is kept.
//!
//! A recipient who is refused stops the whole mail before anything was sent: the agent reads who it was, and nobody has
//! got half of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use switchboard_connector::{Secret, SendError};
use switchboard_protocol::channels::{MailAuth, MailServer, Security};
use tokio::time::timeout;

use crate::compose::Composed;
use crate::limits::cut_chars;
use crate::net::{Answers, Net, NoConnection, Pipe};

/// For each command's answer.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// For all until we are let in, however many addresses the server has.
const DOOR_TIMEOUT: Duration = Duration::from_secs(240);
/// For all that is said of a mail before its bytes, however many recipients it has.
const ENVELOPE_TIMEOUT: Duration = Duration::from_secs(300);
/// For a mail's bytes and the answer to them.
const DATA_TIMEOUT: Duration = Duration::from_secs(300);
/// Goodbye is a courtesy.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);
// Whoever waits for us is told what is true of the mail: what is not answered by then is taken to be in doubt.
const _: () = assert!(
    DOOR_TIMEOUT.as_secs() + ENVELOPE_TIMEOUT.as_secs() + DATA_TIMEOUT.as_secs() + QUIT_TIMEOUT.as_secs()
        < switchboard_connector::limits::SEND.as_secs()
);
/// Written at once, bytes.
const PIECE_BYTES: usize = 64 * 1024;
/// Longest reason that is told, characters.
const WHY_CHARS: usize = 500;

/// Sends one mail. `hello` is our own domain.
pub(crate) async fn send(
    net: &Net,
    server: &MailServer,
    password: &Secret,
    hello: &str,
    mail: &Composed,
) -> Result<(), SendError> {
    let mut connection = open(net, server, password, hello).await?;
    let result = hand_over(&mut connection, mail).await;
    // Not after a failure: who knows whether it still listens.
    if result.is_ok() {
        let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
    }
    result
}

/// Connects and signs in; sends nothing.
pub(crate) async fn check(net: &Net, server: &MailServer, password: &Secret, hello: &str) -> Result<(), SendError> {
    let mut connection = open(net, server, password, hello).await?;
    let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
    Ok(())
}

async fn open(
    net: &Net,
    server: &MailServer,
    password: &Secret,
    hello: &str,
) -> Result<AsyncSmtpConnection, SendError> {
    let opened = timeout(DOOR_TIMEOUT, come_in(net, server, password, hello)).await;
    opened.unwrap_or_else(|_| Err(Failed::Silent.at_the_door()))
}

async fn come_in(
    net: &Net,
    server: &MailServer,
    password: &Secret,
    hello: &str,
) -> Result<AsyncSmtpConnection, SendError> {
    let stream = net.connect(server).await?;
    let hello = ClientId::Domain(hello.to_owned());
    let stream = match server.security {
        Security::Tls => net.encrypt(server, stream).await?,
        Security::Starttls | Security::None => Pipe::Plain(stream),
    };
    let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(Answers::of(stream)), &hello);
    let mut connection = within(COMMAND_TIMEOUT, connecting).await.map_err(Failed::at_the_door)?;
    if server.security == Security::Starttls {
        if !connection.can_starttls() {
            return Err(SendError::Broken { why: format!("{} does not offer STARTTLS.", server.host) });
        }
        let parameters = net.starttls(server.host.trim()).map_err(|error| SendError::Broken { why: words(&error) })?;
        within(COMMAND_TIMEOUT, connection.starttls(parameters, &hello)).await.map_err(Failed::at_the_door)?;
    }
    if !server.username.is_empty() {
        sign_in(&mut connection, server, password).await?;
    }
    Ok(connection)
}

async fn sign_in(
    connection: &mut AsyncSmtpConnection,
    server: &MailServer,
    password: &Secret,
) -> Result<(), SendError> {
    let credentials = Credentials::new(server.username.clone(), password.expose().to_owned());
    let mechanisms: &[Mechanism] = match server.auth {
        MailAuth::Password => &[Mechanism::Plain, Mechanism::Login],
        MailAuth::Xoauth2 => &[Mechanism::Xoauth2],
    };
    match within(COMMAND_TIMEOUT, connection.auth(mechanisms, &credentials)).await {
        Ok(_) => Ok(()),
        // lettre's words for a server's refusal in a second step of XOAUTH2, and for a server without these mechanisms.
        Err(Failed::Said(error)) if error.is_permanent() || error.is_client() => {
            Err(SendError::Broken { why: format!("{} refuses user name or password: {}", server.host, words(&error)) })
        }
        Err(failed) => Err(failed.at_the_door()),
    }
}

async fn hand_over(connection: &mut AsyncSmtpConnection, mail: &Composed) -> Result<(), SendError> {
    let announced = timeout(ENVELOPE_TIMEOUT, announce(connection, mail)).await;
    announced.unwrap_or_else(|_| Err(Failed::Silent.of_the_mail()))?;
    give(connection, mail).await
}

/// From whom and to whom it is. Nothing has been sent when this fails.
async fn announce(connection: &mut AsyncSmtpConnection, mail: &Composed) -> Result<(), SendError> {
    let mut parameters = Vec::new();
    if !mail.envelope.to().iter().chain(mail.envelope.from()).all(|address| address.to_string().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::Refused { why: "our mail server takes no addresses with such letters".to_owned() });
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let from = Mail::new(mail.envelope.from().cloned(), parameters);
    within(COMMAND_TIMEOUT, connection.command(from)).await.map_err(Failed::of_the_sender)?;
    for to in mail.envelope.to() {
        let to_them = Rcpt::new(to.clone(), Vec::new());
        within(COMMAND_TIMEOUT, connection.command(to_them))
            .await
            .map_err(|failed| failed.of_the_mail().about(to.as_ref()))?;
    }
    within(COMMAND_TIMEOUT, connection.command(Data)).await.map_err(Failed::of_the_mail)?;
    Ok(())
}

async fn give(connection: &mut AsyncSmtpConnection, mail: &Composed) -> Result<(), SendError> {
    let written = AtomicBool::new(false);
    let mut pieces = mail.bytes.chunks(PIECE_BYTES);
    let pieces = std::iter::from_fn(|| {
        let piece = pieces.next();
        if piece.is_none() {
            written.store(true, Ordering::Relaxed);
        }
        piece
    });
    match within(DATA_TIMEOUT, connection.message_iter(pieces)).await {
        Ok(_) => Ok(()),
        Err(Failed::Said(error)) if error.status().is_some() => Err(Failed::Said(error).of_the_mail()),
        Err(failed) if written.load(Ordering::Relaxed) => Err(SendError::Uncertain {
            why: format!("the mail server did not say whether it took the mail: {}", failed.words()),
        }),
        Err(failed) => Err(failed.of_the_mail()),
    }
}

/// Why a step failed.
enum Failed {
    Said(Error),
    Silent,
}

async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
    match timeout(limit, step).await {
        Ok(result) => result.map_err(Failed::Said),
        Err(_) => Err(Failed::Silent),
    }
}

impl Failed {
    fn words(&self) -> String {
        match self {
            Self::Said(error) => words(error),
            Self::Silent => "no answer in time".to_owned(),
        }
    }

    /// 421: the server closes, whatever was asked (RFC 5321, section 3.8).
    fn closes(&self) -> bool {
        matches!(self, Self::Said(error) if error.status().map(u16::from) == Some(421))
    }

    /// Before any mail was spoken of: all mails fare the same.
    fn at_the_door(self) -> SendError {
        let why = self.words();
        match self {
            Self::Said(error) if error.is_permanent() || is_certificate(&error) => SendError::Broken { why },
            _ => SendError::Later { why, after: None, all: true },
        }
    }

    /// An answer to MAIL is about our own address, and without one the server is away: all mails fare the same. But 552 is
    /// about the size.
    fn of_the_sender(self) -> SendError {
        match &self {
            Self::Said(error) if error.is_permanent() && error.status().map(u16::from) != Some(552) => {
                SendError::Broken { why: self.words() }
            }
            Self::Said(error) if error.status().is_some() && !self.closes() => self.of_the_mail(),
            _ => self.at_the_door(),
        }
    }

    /// The server was there and took our address: whatever breaks now, breaks over this mail. Filters cut the line at what
    /// they do not like, or close with 421. It is tried as often as a mail that is put off, and holds up no other.
    fn of_the_mail(self) -> SendError {
        let why = self.words();
        match self {
            Self::Said(error) if error.is_permanent() => SendError::Refused { why },
            _ => SendError::Later { why, after: None, all: false },
        }
    }
}

trait About {
    fn about(self, whom: &str) -> Self;
}

impl About for SendError {
    /// Names the recipient, if it is about one.
    fn about(self, whom: &str) -> Self {
        match self {
            Self::Refused { why } => Self::Refused { why: format!("{whom}: {why}") },
            Self::Later { why, after, all } => Self::Later { why: format!("{whom}: {why}"), after, all },
            other => other,
        }
    }
}

/// lettre hands on what rustls says in words only.
fn is_certificate(error: &Error) -> bool {
    error.status().is_none() && words(error).contains("invalid peer certificate")
}

fn words(error: &Error) -> String {
    cut_chars(&error.to_string(), WHY_CHARS).to_owned()
}

impl From<NoConnection> for SendError {
    fn from(no: NoConnection) -> Self {
        match no {
            NoConnection::Settings(why) => Self::Broken { why },
            NoConnection::Away(why) => Self::Later { why, after: None, all: true },
        }
    }
}
