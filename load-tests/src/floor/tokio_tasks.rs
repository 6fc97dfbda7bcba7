//! The minimal tokio server: a task per socket, one broadcast channel, each frame shared and not copied, everything that
//! waits for a socket sent by one vectored write. What a plain tokio program costs, on as many threads as it has cores.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

use super::{INPUT_BYTES, Role, say_ready, shake, take_frame};

/// Frames that a socket may lag behind before it loses some.
const LAG_FRAMES: usize = 4096;
/// Frames in one write: more slices than this the kernel takes one by one anyway.
const SLICES: usize = 64;

type Frame = Arc<[u8]>;

/// Runs until the process is ended.
pub fn serve(listen: SocketAddr) -> io::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        say_ready(listener.local_addr()?);
        let (frames, _) = broadcast::channel(LAG_FRAMES);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let frames = frames.clone();
            // An ended socket is its own affair: the client side counts what is missing.
            tokio::spawn(async move { peer(stream, frames).await });
        }
    })
}

async fn peer(mut stream: TcpStream, frames: broadcast::Sender<Frame>) -> io::Result<()> {
    let mut input = Vec::with_capacity(1024);
    let role = loop {
        if stream.read_buf(&mut input).await? == 0 || input.len() > INPUT_BYTES {
            return Ok(());
        }
        if let Some((answer, role, end)) = shake(&input) {
            input.drain(..end);
            // Subscribed before the answer: whoever has seen it misses nothing.
            let receiver = frames.subscribe();
            stream.write_all(answer.as_bytes()).await?;
            break match role {
                Role::Sends => None,
                Role::Receives => Some(receiver),
            };
        }
    };
    match role {
        Some(receiver) => write_out(stream, receiver).await,
        None => read_in(stream, input, frames).await,
    }
}

async fn read_in(mut stream: TcpStream, mut input: Vec<u8>, frames: broadcast::Sender<Frame>) -> io::Result<()> {
    loop {
        while let Some(sent) = take_frame(&input) {
            input.drain(..sent.end);
            if let Some(frame) = sent.onward {
                let _ = frames.send(frame.into());
            }
        }
        if stream.read_buf(&mut input).await? == 0 {
            return Ok(());
        }
    }
}

async fn write_out(mut stream: TcpStream, mut frames: broadcast::Receiver<Frame>) -> io::Result<()> {
    let mut waiting: VecDeque<Frame> = VecDeque::new();
    loop {
        match frames.recv().await {
            Ok(frame) => waiting.push_back(frame),
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return Ok(()),
        }
        while waiting.len() < SLICES
            && let Ok(frame) = frames.try_recv()
        {
            waiting.push_back(frame);
        }
        let mut offset = 0;
        while let Some(first) = waiting.front() {
            let slices: Vec<IoSlice<'_>> = std::iter::once(IoSlice::new(&first[offset..]))
                .chain(waiting.iter().skip(1).map(|frame| IoSlice::new(frame)))
                .collect();
            offset += stream.write_vectored(&slices).await?;
            while let Some(first) = waiting.front()
                && offset >= first.len()
            {
                offset -= first.len();
                waiting.pop_front();
            }
        }
    }
}
