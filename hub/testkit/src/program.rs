//! Somebody else's server, whatever it is: started, waited for, gone with the test.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};

use crate::process::{Ending, Server, free_port, wait_until};

/// A running program in a folder of its own; dropping it kills it and removes the folder.
pub struct Program {
    dir: PathBuf,
    server: Server,
}

impl Program {
    /// Starts it and waits until it takes connections at a port of this machine; without one, it is not waited for. The
    /// command may name the folder, which is there already.
    pub fn start(port: Option<u16>, command: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder").keep();
        let command = command(&dir);
        let server = Server::spawn(&dir, &command, Ending::Kill);
        let program = Self { dir, server };
        if let Some(port) = port {
            let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            let up = wait_until(|| answers() || program.server.has_ended());
            assert!(up && answers(), "{} does not answer:\n{}", command[0], program.said());
        }
        program
    }

    /// The most memory that it has had, resident, bytes.
    pub fn most_memory(&self) -> u64 {
        self.server.most_memory()
    }

    /// What it wrote to stderr so far.
    pub fn said(&self) -> String {
        let bytes = std::fs::read(self.dir.join("stderr")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// So many different ports that were free a moment ago.
pub fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    [(); COUNT].map(|()| free_port())
}
