//! Log lines on their way out. Whoever logs lays them down and goes on; a thread of their own writes them. So whoever holds
//! the other end and does not read it (a terminal that was stopped, a collector that stands still) holds up nobody. Beyond
//! a bound lines are dropped, and counted. What cannot be written at all, because nobody is there or the disk is full, is lost.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Most bytes of lines that wait; as many again may be in the hands of the thread that writes.
const WAITING_BYTES: usize = 1024 * 1024;

/// How long the end waits for the last lines to be written.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Lines that wait to be written.
#[derive(Debug)]
pub struct Lines {
    most_bytes: usize,
    /// Held to copy a line, never while one is written.
    waiting: Mutex<Waiting>,
    /// Something waits, or nothing more will come.
    changed: Condvar,
    /// The last line is out.
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Lines for which there was no room, since the start.
    dropped: u64,
    ending: bool,
    ended: bool,
}

impl Lines {
    /// Lines that are written to `out` from now on.
    pub fn to(out: impl Write + Send + 'static) -> io::Result<Arc<Self>> {
        Self::at_most(WAITING_BYTES, out)
    }

    fn at_most(most_bytes: usize, out: impl Write + Send + 'static) -> io::Result<Arc<Self>> {
        let (changed, ended) = (Condvar::new(), Condvar::new());
        let lines = Arc::new(Self { most_bytes, waiting: Mutex::default(), changed, ended });
        let written = lines.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || written.write_to(out))?;
        Ok(lines)
    }

    fn write_to(&self, mut out: impl Write) {
        while let Some(lines) = self.next() {
            let _lost = out.write_all(&lines);
        }
    }

    /// What waits, as soon as something does; None when it is over.
    fn next(&self) -> Option<Vec<u8>> {
        let mut waiting = self.waiting.lock();
        self.changed.wait_while(&mut waiting, |waiting| waiting.lines.is_empty() && !waiting.ending);
        let lines = std::mem::take(&mut waiting.lines);
        if lines.is_empty() {
            waiting.ended = true;
            self.ended.notify_all();
            return None;
        }
        Some(lines)
    }

    /// Lines that were dropped because too much waited.
    pub fn dropped(&self) -> u64 {
        self.waiting.lock().dropped
    }

    /// Nothing more comes. Waits for the last lines to be written, for [`LAST_LINES`] at most.
    pub fn end(&self) {
        let mut waiting = self.waiting.lock();
        waiting.ending = true;
        self.changed.notify_all();
        self.ended.wait_while_for(&mut waiting, |waiting| !waiting.ended, LAST_LINES);
    }
}

impl Write for &Lines {
    /// Takes a line in one piece or drops it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.waiting.lock();
        if waiting.lines.len() + line.len() > self.most_bytes {
            waiting.dropped += 1;
        } else {
            waiting.lines.extend_from_slice(line);
            self.changed.notify_all();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

    use super::*;

    /// Takes one piece at a time, when its reader reads; says before that one is there.
    struct Slow {
        arrived: Sender<()>,
        read: SyncSender<String>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.arrived.send(());
            let piece = String::from_utf8_lossy(bytes).into_owned();
            self.read.send(piece).map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Lines with room for ten bytes, of which the first is in the hands of the thread that writes.
    fn stuck() -> (Arc<Lines>, Receiver<String>) {
        let ((arrived, arrives), (read, reader)) = (channel(), sync_channel(0));
        let lines = Lines::at_most(10, Slow { arrived, read }).unwrap();
        writeln!(&*lines, "a").unwrap();
        arrives.recv().unwrap();
        (lines, reader)
    }

    #[test]
    fn what_nobody_reads_is_dropped_and_counted_and_the_rest_comes_out_in_order() {
        let (lines, reader) = stuck();
        for line in [&b"1234\n"[..], b"567890\n", b"1234\n", b"x\n"] {
            (&*lines).write_all(line).unwrap();
        }
        assert_eq!(lines.dropped(), 2);
        assert_eq!(reader.recv().unwrap(), "a\n");
        assert_eq!(reader.recv().unwrap(), "1234\n1234\n");
        (&*lines).write_all(b"the last\n").unwrap();
        let last = thread::spawn(move || reader.recv().unwrap());
        lines.end();
        assert_eq!(last.join().unwrap(), "the last\n");
    }

    #[test]
    fn the_end_waits_for_no_reader_and_who_has_gone_stops_nothing() {
        let (lines, reader) = stuck();
        lines.end();
        drop(reader);
        (&*lines).write_all(b"b\n").unwrap();
        lines.end();
        assert!(lines.waiting.lock().ended);
    }
}
