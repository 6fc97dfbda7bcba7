//! The accept loop: our own around hyper's HTTP/1, because it bounds what a slow or idle peer can hold (head time-out,
//! head size, number of connections) and because a socket, once upgraded, must leave nothing of the HTTP side behind.
//!
//! A handler that upgrades gets the bare `TcpStream` back: `hyper::upgrade::on(request)`, then
//! `upgraded.downcast::<TokioIo<TcpStream>>()`.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::silent::{Newcomer, Silent};
use crate::caller::network;
use crate::limits;
use crate::places::{Full, Most, Places};

/// How long no connection is accepted after one could not be.
const AFTER_A_FAILURE: Duration = Duration::from_millis(100);

/// An address that wants too many connections is told of once in this time.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(60);

/// The other end of the connection that a request came over: perhaps a proxy.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Ends the connection that a request came over, in the middle of an answer too: hyper waits for a peer that takes it slowly.
#[derive(Debug, Clone, Default)]
pub struct Cut(pub CancellationToken);

impl<S: Sync> FromRequestParts<S> for Cut {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// Binds the address, with a backlog that a reconnect storm does not overrun at once.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let domain = if address.is_ipv4() { socket2::Domain::IPV4 } else { socket2::Domain::IPV6 };
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, Some(socket2::Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(limits::BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Whom the accept loop lets in.
#[derive(Debug, Clone)]
pub struct Admission {
    pub most: Most,
    /// Whoever comes through these is told apart by what they say, and counted there: they may have all connections.
    pub proxies: Vec<IpAddr>,
}

impl Admission {
    /// For a process that may have so many files open.
    pub fn new(open_files: Option<u64>, proxies: Vec<IpAddr>) -> Self {
        let files = open_files.map_or(usize::MAX, |files| files as usize);
        let in_all = limits::CONNECTIONS.min(files / 4).max(1);
        let from_one = (in_all / limits::CONNECTIONS_SHARE).max(limits::CONNECTIONS_FROM_ONE);
        Self { most: Most { in_all, from_one }, proxies }
    }

    fn of(&self, peer: IpAddr) -> Most {
        let proxy = self.proxies.contains(&peer.to_canonical());
        Most { from_one: if proxy { usize::MAX } else { self.most.from_one }, ..self.most }
    }
}

/// Accepts until `draining` is cancelled, then returns; connections go on in `tasks` until their request is answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    admission: Admission,
    draining: CancellationToken,
    tasks: TaskTracker,
) {
    let (places, silent, freed) = (Arc::<Places>::default(), Arc::<Silent>::default(), Arc::new(Notify::new()));
    let mut told = None;
    loop {
        let accepted = tokio::select! {
            () = draining.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to close rather than spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_A_FAILURE).await;
                continue;
            }
        };
        let place = loop {
            match places.take(peer.ip(), admission.of(peer.ip())) {
                Ok(place) => break Some(place),
                Err(Full::FromOne) => break None,
                // The others wait in the kernel's queue.
                Err(Full::InAll) => {
                    silent.makes_room();
                    tokio::select! {
                        () = draining.cancelled() => return,
                        () = freed.notified() => {}
                    }
                }
            }
        };
        let Some(place) = place else {
            metrics::counter!("switchboard_connections_refused_total").increment(1);
            if told.is_none_or(|at: Instant| at.elapsed() > BETWEEN_WARNINGS) {
                told = Some(Instant::now());
                tracing::warn!(
                    network = %network(peer.ip()),
                    most = admission.most.from_one,
                    "one address has as many connections as it may, and gets no more; if it is a proxy, name it in \
                     trusted_proxies"
                );
            }
            continue;
        };
        let (router, draining, freed) = (router.clone(), draining.clone(), freed.clone());
        let newcomer = silent.newcomer();
        tasks.spawn(async move {
            connection(stream, peer, router, draining, newcomer).await;
            drop(place);
            freed.notify_one();
        });
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    draining: CancellationToken,
    newcomer: Arc<Newcomer>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    // hyper waits for a peer that does not read as long as the kernel does, and the kernel by itself for ever.
    #[cfg(target_os = "linux")]
    {
        let socket = socket2::SockRef::from(&stream);
        if let Err(error) = socket.set_tcp_user_timeout(Some(limits::NO_PROGRESS)) {
            tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
        }
        if let Err(error) = socket.set_tcp_notsent_lowat(limits::UNSENT_BYTES) {
            tracing::debug!(%error, "TCP_NOTSENT_LOWAT could not be set");
        }
    }
    let cut = Cut::default();
    let (given, asking) = (cut.clone(), newcomer.clone());
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        asking.asks();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(given.clone());
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_READ)
        .max_buf_size(limits::HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let served = async {
        tokio::select! {
            served = connection.as_mut() => served,
            () = draining.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    let served = tokio::select! {
        served = served => served,
        () = newcomer.is_to_go() => return,
        () = cut.0.cancelled() => {
            metrics::counter!("switchboard_transfers_too_slow_total").increment(1);
            return;
        }
    };
    if let Err(error) = served {
        // A peer that hangs up or is too slow is everyday life.
        tracing::debug!(%error, "a connection ended early");
    }
}
