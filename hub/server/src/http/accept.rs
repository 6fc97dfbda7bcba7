//! The accept loop: our own around hyper's HTTP/1, because it bounds what a slow or idle peer can hold (head time-out,
//! head size, number of connections) and because a socket, once upgraded, must leave nothing of the HTTP side behind.
//!
//! A handler that upgrades gets the bare `TcpStream` back: `hyper::upgrade::on(request)`, then
//! `upgraded.downcast::<TokioIo<TcpStream>>()`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::limits;

/// How long no connection is accepted after one could not be.
const AFTER_A_FAILURE: Duration = Duration::from_millis(100);

/// The other end of the connection that a request came over: perhaps a proxy.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

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

/// Accepts until `draining` is cancelled, then returns; connections go on in `tasks` until their request is answered.
pub async fn serve(listener: TcpListener, router: Router, draining: CancellationToken, tasks: TaskTracker) {
    let files = crate::hub::open_files_limit().map_or(usize::MAX, |files| files as usize);
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS.min(files / 4).max(1)));
    loop {
        let place = tokio::select! {
            () = draining.cancelled() => return,
            place = places.clone().acquire_owned() => place.expect("the semaphore is never closed"),
        };
        let accepted = tokio::select! {
            () = draining.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, draining) = (router.clone(), draining.clone());
                tasks.spawn(async move {
                    connection(stream, peer, router, draining).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to close rather than spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_A_FAILURE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, draining: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    // hyper waits for a peer that does not read as long as the kernel does, and the kernel by itself for ever.
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(limits::NO_PROGRESS)) {
        tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_READ)
        .max_buf_size(limits::HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = draining.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        // A peer that hangs up or is too slow is everyday life.
        tracing::debug!(%error, "a connection ended early");
    }
}
