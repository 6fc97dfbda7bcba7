//! Connections to mail servers: names resolved, addresses allowed, certificates checked, all within bounded time.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters};
use socket2::{SockRef, TcpKeepalive};
use switchboard_connector::{Addresses, Trouble};
use switchboard_protocol::channels::MailServer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// For the name, the connection and the certificate, each.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// After so long without a byte the other side is asked whether it is there, so often, so many times: dead within a minute.
const SILENCE: Duration = Duration::from_secs(30);
const PROBE_EVERY: Duration = Duration::from_secs(10);
const PROBES: u32 = 3;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoConnection {
    /// The settings name something that will never do.
    #[error("{0}")]
    Settings(String),
    #[error("{0}")]
    Away(String),
}

impl From<NoConnection> for Trouble {
    fn from(no: NoConnection) -> Self {
        match no {
            NoConnection::Settings(why) => Self::Settings(why),
            NoConnection::Away(why) => Self::away(why),
        }
    }
}

/// Who is believed, and where we may connect to.
pub(crate) struct Net {
    addresses: Addresses,
    /// Authorities beside those of the operating system.
    extra_roots: Vec<CertificateDer<'static>>,
    /// Made at the first encrypted connection: the system's authorities are many files.
    config: OnceLock<Arc<ClientConfig>>,
    /// The same for connections that lettre encrypts, to the mailbox's one server of that kind.
    starttls: OnceLock<TlsParameters>,
}

impl Net {
    pub fn new(addresses: Addresses) -> Self {
        Self { addresses, extra_roots: Vec::new(), config: OnceLock::new(), starttls: OnceLock::new() }
    }

    pub fn trust(&mut self, authority: Vec<u8>) {
        self.extra_roots.push(CertificateDer::from(authority));
    }

    /// How lettre encrypts a connection to this server.
    pub fn starttls(&self, host: &str) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        if let Some(known) = self.starttls.get().filter(|known| known.domain() == host) {
            return Ok(known.clone());
        }
        let mut builder = TlsParameters::builder(host.to_owned());
        for root in &self.extra_roots {
            builder = builder.add_root_certificate(Certificate::from_der(root.to_vec())?);
        }
        let parameters = builder.build_rustls()?;
        let _ = self.starttls.set(parameters.clone());
        Ok(parameters)
    }

    pub async fn connect(&self, server: &MailServer) -> Result<TcpStream, NoConnection> {
        let (host, port) = (server.host.trim(), server.port);
        let away = |why: String| NoConnection::Away(format!("{host}:{port}: {why}"));
        let found = timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((host, port))).await;
        let found: Vec<SocketAddr> = match found {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(error)) => return Err(away(format!("its name is not known ({error})"))),
            Err(_) => return Err(away("its name could not be resolved in time".to_owned())),
        };
        let allowed: Vec<_> = found.into_iter().filter(|address| self.addresses.allows(address.ip())).collect();
        if allowed.is_empty() {
            return Err(NoConnection::Settings(format!(
                "{host} is in a private network, and those are not to be reached: whoever runs the hub can allow it, for \
                 the hub and for each of its connector processes (channels.private_addresses)."
            )));
        }
        let mut why = String::new();
        for address in allowed {
            match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Commands are short and wait for answers.
                    let _ = stream.set_nodelay(true);
                    watch(&stream);
                    return Ok(stream);
                }
                Ok(Err(error)) => why = error.to_string(),
                Err(_) => why = "no answer".to_owned(),
            }
        }
        Err(away(why))
    }

    pub async fn encrypt(&self, server: &MailServer, stream: TcpStream) -> Result<Pipe, NoConnection> {
        let host = server.host.trim().to_owned();
        let name = ServerName::try_from(host.clone())
            .map_err(|_| NoConnection::Settings(format!("{host} is not the name of a server.")))?;
        let connector = TlsConnector::from(self.config()?);
        match timeout(CONNECT_TIMEOUT, connector.connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(Pipe::Tls(Box::new(stream))),
            Ok(Err(error)) if let Some(why) = misset(&error) => Err(NoConnection::Settings(format!("{host} {why}."))),
            Ok(Err(error)) => Err(NoConnection::Away(format!("{host}: no encrypted connection: {error}"))),
            Err(_) => Err(NoConnection::Away(format!("{host}: no encrypted connection in time"))),
        }
    }

    fn config(&self) -> Result<Arc<ClientConfig>, NoConnection> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.extra_roots.clone());
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| NoConnection::Away(error.to_string()))?;
        let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
        Ok(self.config.get_or_init(|| config).clone())
    }
}

/// A line that is dead without a word, behind a router that has forgotten it, is found by the kernel: else a folder that is
/// watched would stay silent until the watch is renewed. What the system cannot set it does without.
fn watch(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new().with_time(SILENCE).with_interval(PROBE_EVERY).with_retries(PROBES);
    let _ = socket.set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(SILENCE + PROBE_EVERY * PROBES));
}

/// What is wrong on one of the two sides and does not pass by itself, in words; None: it may.
fn misset(error: &io::Error) -> Option<String> {
    use tokio_rustls::rustls::{CertificateError, Error};
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>())?;
    Some(match inner {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "shows a certificate of nobody whom this machine trusts".to_owned()
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "shows a certificate that has expired".to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "shows a certificate for another name".to_owned(),
        Error::InvalidCertificate(other) => format!("shows a certificate that is not good ({other})"),
        Error::InvalidMessage(_) => {
            "does not begin with TLS on this port: choose STARTTLS, or the port that is for TLS".to_owned()
        }
        _ => return None,
    })
}

/// A connection, encrypted or not.
pub(crate) enum Pipe {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Tls(_) => "Tls",
        })
    }
}

impl AsyncTokioStream for Pipe {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain(stream) => stream.peer_addr(),
            Self::Tls(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}

/// Most that a server says before we say something again, bytes: the longest are a list of what it can do, and its
/// certificates.
const ANSWER_BYTES: usize = 64 * 1024;

/// A connection on which both take turns, and no answer is endless: whoever reads it keeps all of a line.
#[derive(Debug)]
pub(crate) struct Answers {
    pipe: Pipe,
    /// Read since something was written, bytes.
    read: usize,
}

impl Answers {
    pub fn of(pipe: Pipe) -> Self {
        Self { pipe, read: 0 }
    }
}

impl AsyncTokioStream for Answers {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.pipe.peer_addr()
    }
}

impl AsyncRead for Answers {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.read > ANSWER_BYTES {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "the server's answer does not end")));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.pipe).poll_read(cx, buf);
        self.read += buf.filled().len() - before;
        polled
    }
}

impl AsyncWrite for Answers {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.read = 0;
        Pin::new(&mut self.pipe).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}
