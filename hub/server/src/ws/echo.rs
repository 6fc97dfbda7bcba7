//! Sends back what comes, on the very codec of the real sockets: for conformance suites. In debug builds only.

use std::io::{self, Read, Write};

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpStream;
use tungstenite::Error;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};

use super::handshake::{Handshake, Upgraded};
use crate::app::Shared;
use crate::error::CommandError;

pub async fn open(State(app): State<Shared>, request: Request<Body>) -> Response {
    match Handshake::check(request) {
        Ok(handshake) => handshake.accept(&app.tasks, echo),
        Err(error) => CommandError::from(error).into_response(),
    }
}

async fn echo(upgraded: Upgraded) {
    let mut context = WebSocketContext::new(Role::Server, Some(WebSocketConfig::default().read_buffer_size(1024)));
    let mut wire = Blocking { stream: upgraded.stream, unsent: Vec::new() };
    loop {
        let result = context.read(&mut wire).and_then(|message| {
            if !message.is_text() && !message.is_binary() {
                return Ok(());
            }
            context.write(&mut wire, message)?;
            context.flush(&mut wire)
        });
        match result {
            Ok(()) => {}
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                if !wire.unsent.is_empty() && wire.drain().await.is_err() {
                    return;
                }
                if wire.stream.readable().await.is_err() {
                    return;
                }
            }
            Err(_) => {
                let _ = wire.drain().await;
                return;
            }
        }
    }
}

/// Writes into memory, so that the machine never sees a full socket.
struct Blocking {
    stream: TcpStream,
    unsent: Vec<u8>,
}

impl Blocking {
    async fn drain(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(&self.unsent) {
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Read for Blocking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.try_read(buffer)
    }
}

impl Write for Blocking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unsent.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
