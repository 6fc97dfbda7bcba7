//! Servers as processes of their own: the hub or a floor, pinned to a core when asked, ended with the run. What it costs
//! is read from its own entry in /proc.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::{Clock, seconds};
use crate::process::Process;

/// A server must answer within this time of its start.
const READY_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What to start.
#[derive(Debug, Clone)]
pub enum Program {
    Hub {
        bin: PathBuf,
        /// None: SQLite in the run's own folder.
        database_url: Option<String>,
        /// None: one process alone.
        redis_url: Option<String>,
        /// Beside these, for limits that a bench lifts.
        env: Vec<(String, String)>,
    },
    /// A process that runs channels of this kind beside the hubs.
    Connector {
        bin: PathBuf,
        kind: &'static str,
        redis_url: String,
        env: Vec<(String, String)>,
    },
    Floor(FloorKind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FloorKind {
    /// A bare epoll loop with a `send` for each socket and frame.
    Epoll,
    /// A minimal tokio program: a task for each socket.
    Tokio,
}

/// A started server. Ended when dropped.
pub struct Server {
    program: Program,
    core: Option<usize>,
    child: Child,
    folder: TempDir,
    pub address: SocketAddr,
    pub process: Process,
    /// From the start of the process until it answered, seconds.
    pub ready_after: f64,
}

/// Limits that protect a hub from what a load generator does on purpose. A run's own settings come after these.
const LIFTED: [(&str, &str); 12] = [
    ("SWITCHBOARD_LIMITS__VISITOR_MESSAGES", "off"),
    ("SWITCHBOARD_LIMITS__VISITOR_SESSIONS_PER_ADDRESS", "off"),
    ("SWITCHBOARD_LIMITS__VISITOR_REQUESTS_PER_ADDRESS", "off"),
    ("SWITCHBOARD_LIMITS__CONVERSATIONS_PER_ADDRESS", "off"),
    ("SWITCHBOARD_LIMITS__SIGN_IN_PER_ADDRESS", "off"),
    ("SWITCHBOARD_LIMITS__SIGN_IN_PER_ACCOUNT", "off"),
    ("SWITCHBOARD_LIMITS__UPLOADS_PER_PERSON", "off"),
    ("SWITCHBOARD_LIMITS__VISITOR_UPLOADS_PER_ADDRESS", "off"),
    ("SWITCHBOARD_LIMITS__AGENT_COMMANDS", "off"),
    ("SWITCHBOARD_LIMITS__REQUESTS_PER_CALLER", "off"),
    ("SWITCHBOARD_LIMITS__SOCKETS_PER_ADDRESS", "0"),
    ("SWITCHBOARD_LIMITS__SOCKETS", "20000"),
];

impl Server {
    pub fn start(program: Program, core: Option<usize>) -> io::Result<Self> {
        let folder = TempDir::with_prefix("switchboard-load-")?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (child, ready_after) = launch(&program, core, folder.path(), address)?;
        let process = Process(child.id());
        Ok(Self { program, core, child, folder, address, process, ready_after })
    }

    /// SIGKILL, as a machine does that loses its power; then the same again on the same data and address.
    pub fn kill_and_restart(&mut self) -> io::Result<()> {
        self.kill()?;
        self.start_again()
    }

    /// One that was killed, on the same data and address.
    pub fn start_again(&mut self) -> io::Result<()> {
        (self.child, self.ready_after) = launch(&self.program, self.core, self.folder.path(), self.address)?;
        self.process = Process(self.child.id());
        Ok(())
    }

    /// The first word in what it says that holds this, once it has said it; otherwise all that it said.
    pub fn word(&self, part: &str) -> Result<String, String> {
        let clock = Clock::start();
        loop {
            let log = fs::read_to_string(log_path(self.folder.path())).unwrap_or_default();
            match log.split_whitespace().find(|word| word.contains(part)) {
                Some(word) => return Ok(word.to_owned()),
                None if clock.now() > READY_WITHIN.as_nanos() as u64 => return Err(log),
                None => std::thread::sleep(LOOK_EVERY),
            }
        }
    }

    /// All that it said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(log_path(self.folder.path())).unwrap_or_default()
    }

    /// Size of the embedded database with its log, bytes, and the newest change of either, unix seconds.
    pub fn database_files(&self) -> io::Result<Vec<(PathBuf, u64, std::time::SystemTime)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(data_path(self.folder.path()))? {
            let entry = entry?;
            let about = entry.metadata()?;
            // The shared-memory index of a WAL is not storage (sqlite.org/walformat.html).
            if about.is_file() && !entry.file_name().to_string_lossy().ends_with("-shm") {
                files.push((entry.path(), about.len(), about.modified()?));
            }
        }
        files.sort();
        Ok(files)
    }

    /// SIGKILL.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.kill();
    }
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn data_path(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn launch(program: &Program, core: Option<usize>, folder: &Path, address: SocketAddr) -> io::Result<(Child, f64)> {
    let clock = Clock::start();
    let mut command = command(program, core, folder, address)?;
    let log = File::options().create(true).append(true).open(log_path(folder))?;
    let mut child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    while !answers(program, address) {
        let early = child.try_wait()?;
        if early.is_some() || clock.now() > READY_WITHIN.as_nanos() as u64 {
            let _ = child.kill();
            let log = fs::read_to_string(log_path(folder)).unwrap_or_default();
            return Err(io::Error::other(format!("{program:?} does not answer ({early:?}); it said:\n{log}")));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok((child, seconds(clock.now())))
}

fn command(program: &Program, core: Option<usize>, folder: &Path, address: SocketAddr) -> io::Result<Command> {
    let own = std::env::current_exe()?;
    let bin = match program {
        Program::Hub { bin, .. } | Program::Connector { bin, .. } => bin,
        Program::Floor(_) => &own,
    };
    let mut command = match core {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string()]).arg(bin);
            command
        }
        None => Command::new(bin),
    };
    let listen = address.to_string();
    match program {
        Program::Hub { database_url, redis_url, env, .. } => {
            command.args(["serve", "--listen", &listen, "--data"]).arg(data_path(folder));
            command.env_remove("DATABASE_URL").env_remove("REDIS_URL");
            command.envs(database_url.iter().map(|url| ("DATABASE_URL", url)));
            command.envs(redis_url.iter().map(|url| ("REDIS_URL", url)));
            command.envs(LIFTED);
            command.envs(env.iter().map(|(name, value)| (name, value)));
        }
        Program::Connector { kind, redis_url, env, .. } => {
            command.args(["connector", kind, "--health", &listen, "--data"]).arg(data_path(folder));
            command.env_remove("DATABASE_URL").env("REDIS_URL", redis_url);
            command.envs(env.iter().map(|(name, value)| (name, value)));
        }
        Program::Floor(kind) => {
            let kind = match kind {
                FloorKind::Epoll => "epoll",
                FloorKind::Tokio => "tokio",
            };
            command.args(["floor", kind, "--listen", &listen]);
        }
    }
    Ok(command)
}

fn answers(program: &Program, address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    match program {
        Program::Floor(_) => true,
        Program::Hub { .. } | Program::Connector { .. } => {
            let mut answer = String::new();
            let asked = stream
                .write_all(format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes());
            let heard = stream.set_read_timeout(Some(READY_WITHIN)).and_then(|()| stream.read_to_string(&mut answer));
            asked.is_ok() && heard.is_ok() && answer.starts_with("HTTP/1.1 200")
        }
    }
}
