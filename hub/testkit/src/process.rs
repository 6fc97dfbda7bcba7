//! A server process that cannot outlive the tests, and waiting for it to answer.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at whether it answers.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A port that was free may be another's a moment later: so many are tried.
pub(crate) const PORTS_TRIED: usize = 5;

/// Runs `"$@"`, says its pid, and ends it when told to or when stdin closes, because this process died in any way. Then
/// removes the server's folder, unless it was told to keep it.
const WATCHDOG: &str = r#"dir=$1; signal=$2; shift 2
"$@" >/dev/null 2>>"$dir/stderr" & pid=$!
echo $pid
read -r word
kill -CONT $pid; kill -$signal $pid; wait $pid
[ "$word" = keep ] || rm -rf "$dir""#;

/// How a server is ended.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// kill -9.
    Kill,
    /// What PostgreSQL calls an immediate shutdown: as a crash, but its children go too.
    Quit,
    /// As an admin ends it.
    Terminate,
}

/// A running server; dropping it ends it and removes its folder.
pub(crate) struct Server {
    watchdog: Child,
    pid: String,
}

impl Server {
    pub fn spawn(dir: &Path, command: &[String], ending: Ending) -> Self {
        let signal = match ending {
            Ending::Kill => "KILL",
            Ending::Quit => "QUIT",
            Ending::Terminate => "TERM",
        };
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(dir)
            .arg(signal)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own: Ctrl-C in the terminal ends the tests, and only then, by the pipe, the server.
            .process_group(0)
            .spawn()
            .expect("sh is on every Unix");
        let mut pid = String::new();
        let stdout = watchdog.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut pid).expect("the watchdog says the server's pid");
        Self { watchdog, pid: pid.trim().to_owned() }
    }

    /// Ends it and keeps its folder, so that another can be started on it.
    pub fn end(mut self) {
        let stdin = self.watchdog.stdin.as_mut().expect("stdin is taken only by drop");
        stdin.write_all(b"keep\n").expect("the watchdog waits for a word");
    }

    /// By itself. Its watchdog is not told before it asks.
    pub fn has_ended(&self) -> bool {
        // proc_pid_stat(5): "1234 (postgres) Z …" when it has.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with('Z'))
    }

    /// VmHWM of proc_pid_status(5), bytes.
    pub fn most_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
    }

    pub fn signal(&self, signal: &str) {
        run(&["kill".into(), format!("-{signal}"), self.pid.clone()]);
    }

    pub fn signal_children(&self, signal: &str) {
        run(&["pkill".into(), format!("-{signal}"), "-P".into(), self.pid.clone()]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // The watchdog waits for the server before it ends.
        let _ = self.watchdog.wait();
    }
}

/// Runs a command to its end; panics with what it said if it failed.
pub(crate) fn run(command: &[String]) {
    let output = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}", command[0]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} failed: {said}", command.join(" "));
}

pub(crate) fn succeeds(command: &[String]) -> bool {
    let quiet = || Stdio::null();
    let status = Command::new(&command[0]).args(&command[1..]).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
    status.is_ok_and(|status| status.success())
}

/// Looks until `ready` says so; false when patience ran out.
pub(crate) fn wait_until(mut ready: impl FnMut() -> bool) -> bool {
    let looks = PATIENCE.as_millis() / LOOK_EVERY.as_millis();
    for _ in 0..looks {
        if ready() {
            return true;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    false
}

/// A port that was free a moment ago, out of reach of those that connections going out are given (from 32,768 on Linux): a
/// server that is stopped finds it free when it is started again.
pub(crate) fn free_port() -> u16 {
    const PORTS: std::ops::Range<u32> = 12_000..32_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let all = PORTS.end - PORTS.start;
    // Each process begins elsewhere, so that tests beside each other do not look at the same ports.
    let begin = std::process::id().wrapping_mul(7_919);
    for _ in 0..all {
        let port = PORTS.start + begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % all;
        let port = u16::try_from(port).expect("it is below 65,536");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port of {PORTS:?} is free")
}

pub(crate) fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n"))
}

pub(crate) fn strings(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}
