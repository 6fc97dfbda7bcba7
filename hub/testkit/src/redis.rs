//! A Redis of the test's own: no persistence, so that what restarts is empty.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use crate::process::{Ending, PORTS_TRIED, Server, free_port, wait_until};

/// A running `redis-server`; dropping it kills it.
pub struct Redis {
    port: u16,
    server: Option<Server>,
    dir: PathBuf,
}

impl Redis {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        for _ in 0..PORTS_TRIED {
            let mut redis = Self::stopped();
            if redis.comes_up() {
                return redis;
            }
        }
        panic!("redis-server does not start: is it installed?")
    }

    /// One that is not running yet: its URL is fixed, nobody answers there.
    pub fn stopped() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder").keep();
        Self { port: free_port(), server: None, dir }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// kill -9: connections break, everything in it is lost.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.end();
        }
    }

    /// Kills it if it runs and starts it on the same port with nothing in it.
    pub fn restart(&mut self) {
        let up = wait_until(|| self.comes_up());
        assert!(up, "redis-server does not answer");
    }

    /// Starts it; false if it does not answer, or has ended because somebody else was quicker at the port.
    fn comes_up(&mut self) -> bool {
        self.kill();
        let command = [
            "redis-server",
            "--port",
            &self.port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            &self.dir.to_string_lossy(),
        ];
        let command: Vec<String> = command.iter().map(|part| (*part).to_owned()).collect();
        let server = Server::spawn(&self.dir, &command, Ending::Kill);
        let up = wait_until(|| self.answers() || server.has_ended()) && !server.has_ended();
        self.server = Some(server);
        up
    }

    /// Stops it in its tracks: connections stay open, nobody answers (a half-open link).
    pub fn freeze(&self) {
        self.server.as_ref().expect("a running Redis").signal("STOP");
    }

    /// Lets a frozen one go on.
    pub fn thaw(&self) {
        self.server.as_ref().expect("a running Redis").signal("CONT");
    }

    /// What lies under a key that holds a text, as it is: what the product keeps there can be looked at from outside.
    pub fn get(&self, key: &str) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        stream.write_all(format!("GET {key}\r\nQUIT\r\n").as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        // "$2\r\nab\r\n+OK\r\n"; "$-1\r\n+OK\r\n" if nothing is there.
        let (head, rest) = answer.split_once("\r\n")?;
        (head != "$-1").then(|| rest.lines().next().unwrap_or_default().to_owned())
    }

    /// Has it do what an operator types ("CONFIG SET maxmemory 1").
    pub fn does(&self, command: &str) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("a running Redis");
        stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).expect("it hears");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("+OK"), "{command}: {answer}");
    }

    fn answers(&self) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else {
            return false;
        };
        let mut answer = [0; 5];
        stream.write_all(b"PING\r\n").is_ok() && stream.read_exact(&mut answer).is_ok() && answer == *b"+PONG"
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
