//! The bare loop: one thread, epoll (through mio, which adds a match to it and nothing that is seen here), and for each
//! frame that comes in one `send` to each socket. What cannot be sent at once is dropped: a floor has no queues.

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::{INPUT_BYTES, Role, say_ready, shake, take_frame};

const LISTENER: Token = Token(usize::MAX);

struct Peer {
    stream: TcpStream,
    role: Option<Role>,
    input: Vec<u8>,
}

/// Runs until the process is ended.
pub fn serve(listen: SocketAddr) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(listen)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    say_ready(listener.local_addr()?);
    let mut events = Events::with_capacity(1024);
    let mut peers: Vec<Option<Peer>> = Vec::new();
    let mut input = vec![0; INPUT_BYTES];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                LISTENER => accept(&poll, &listener, &mut peers)?,
                Token(index) => {
                    if !read(&mut peers, index, &mut input) {
                        peers[index] = None;
                    }
                }
            }
        }
    }
}

fn accept(poll: &Poll, listener: &TcpListener, peers: &mut Vec<Option<Peer>>) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok((mut stream, _)) => {
                stream.set_nodelay(true)?;
                poll.registry().register(&mut stream, Token(peers.len()), Interest::READABLE)?;
                peers.push(Some(Peer { stream, role: None, input: Vec::new() }));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Reads one socket dry and sends on what it said. False: it is gone.
fn read(peers: &mut [Option<Peer>], index: usize, scratch: &mut [u8]) -> bool {
    loop {
        let Some(peer) = &mut peers[index] else { return true };
        match peer.stream.read(scratch) {
            Ok(0) => return false,
            Ok(bytes) => peer.input.extend_from_slice(&scratch[..bytes]),
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        }
        if peer.role.is_none() {
            let Some((answer, role, end)) = shake(&peer.input) else { continue };
            peer.input.drain(..end);
            peer.role = Some(role);
            if peer.stream.write_all(answer.as_bytes()).is_err() {
                return false;
            }
        }
        let mut done = 0;
        while let Some(sent) = peers[index].as_ref().and_then(|peer| take_frame(&peer.input[done..])) {
            done += sent.end;
            if let Some(frame) = sent.onward {
                broadcast(peers, &frame);
            }
        }
        if let Some(peer) = &mut peers[index] {
            peer.input.drain(..done);
        }
    }
}

fn broadcast(peers: &mut [Option<Peer>], frame: &[u8]) {
    for peer in peers.iter_mut().flatten().filter(|peer| peer.role == Some(Role::Receives)) {
        // A full socket loses the frame; the generator's check would show it.
        let _ = peer.stream.write(frame);
    }
}
