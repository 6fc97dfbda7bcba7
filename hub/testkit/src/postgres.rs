//! A PostgreSQL of the tests' own, with the settings that production has (fsync included).
//!
//! PostgreSQL refuses to run as root; as root it is run as the user `postgres`, which Debian's package makes.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::{Ending, PORTS_TRIED, Server, free_port, is_root, run, strings, succeeds, wait_until};

/// Where Debian puts its versions.
const INSTALLED: &str = "/usr/lib/postgresql";
const MAX_CONNECTIONS: u32 = 300;

/// A running PostgreSQL; dropping it ends it and removes its data.
pub struct Postgres {
    bin: PathBuf,
    dir: PathBuf,
    port: u16,
    server: Option<Server>,
    databases: AtomicU32,
}

impl Postgres {
    /// The one that all tests of this process share; each takes a database of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// One of its own, for tests that kill it.
    pub fn start() -> Self {
        let bin = newest_bin();
        let dir = tempfile::tempdir().expect("a temporary folder").keep();
        if is_root() {
            run(&strings(&["chown", "postgres", &dir.to_string_lossy()]));
        }
        let mut postgres = Self { bin, dir, port: 0, server: None, databases: AtomicU32::new(0) };
        let data = postgres.data();
        // --no-sync is about the empty folder only; the running server syncs as it does in production.
        postgres.run(
            "initdb",
            &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
        );
        for _ in 0..PORTS_TRIED {
            postgres.port = free_port();
            if postgres.comes_up() {
                return postgres;
            }
        }
        panic!("PostgreSQL does not start: {}", postgres.said());
    }

    /// A new, empty database; its URL.
    pub async fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let command = self.client("createdb", &[&name]);
        tokio::task::spawn_blocking(move || run(&command)).await.expect("createdb ran");
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs statements in a database of it, as an operator does beside the hubs. `url` is what [`Postgres::database`] gave.
    pub async fn does(&self, url: &str, statements: &str) {
        let name = url.rsplit('/').next().unwrap_or_default();
        let command = self.client("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-d", name, "-c", statements]);
        tokio::task::spawn_blocking(move || run(&command)).await.expect("psql ran");
    }

    /// Ends it as a crash would: connections break, what was committed stays.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.end();
        }
    }

    /// Stops it in its tracks, all its processes: connections stay open, nobody answers (a half-open link).
    pub fn freeze(&self) {
        let server = self.server.as_ref().expect("a running PostgreSQL");
        // The parent first, so that it makes no more children.
        server.signal("STOP");
        server.signal_children("STOP");
    }

    /// Lets a frozen one go on.
    pub fn thaw(&self) {
        let server = self.server.as_ref().expect("a running PostgreSQL");
        server.signal_children("CONT");
        server.signal("CONT");
    }

    /// Kills it if it runs and starts it on the same port with the same data.
    pub fn restart(&mut self) {
        let up = wait_until(|| self.comes_up());
        assert!(up, "PostgreSQL does not answer: {}", self.said());
    }

    /// Starts it; false if it does not answer, or has ended because somebody else was quicker at the port.
    fn comes_up(&mut self) -> bool {
        self.kill();
        let dir = self.dir.to_string_lossy();
        let mut command = self.as_postgres("postgres");
        command.extend(strings(&["-D", &self.data(), "-p", &self.port.to_string(), "-k", &dir]));
        command.extend(strings(&["-h", "127.0.0.1", "-c", &format!("max_connections={MAX_CONNECTIONS}")]));
        let server = Server::spawn(&self.dir, &command, Ending::Quit);
        let answers = self.client("psql", &["-c", "select 1", "postgres"]);
        let up = wait_until(|| succeeds(&answers) || server.has_ended()) && !server.has_ended();
        self.server = Some(server);
        up
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.dir.join("stderr")).unwrap_or_default()
    }

    fn data(&self) -> String {
        format!("{}/data", self.dir.display())
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = self.as_postgres(program);
        command.extend(strings(arguments));
        run(&command);
    }

    /// By the socket in its own folder: at the port another server may answer.
    fn client(&self, program: &str, arguments: &[&str]) -> Vec<String> {
        let (program, dir) = (self.bin.join(program), self.dir.to_string_lossy());
        let mut command = strings(&[&program.to_string_lossy(), "-h", &dir, "-U", "postgres", "-p"]);
        command.push(self.port.to_string());
        command.extend(strings(arguments));
        command
    }

    /// The start of a command line that runs this program of PostgreSQL's as a user that it accepts.
    fn as_postgres(&self, program: &str) -> Vec<String> {
        let mut command = if is_root() {
            strings(&["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"])
        } else {
            Vec::new()
        };
        command.push(self.bin.join(program).to_string_lossy().into_owned());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn newest_bin() -> PathBuf {
    let versions = std::fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let newest =
        versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path()))).max();
    let (_, path) = newest.unwrap_or_else(|| panic!("no PostgreSQL in {INSTALLED}: install the package postgresql"));
    path.join("bin")
}
