//! The program itself, as an operator starts it.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A disk without room, for what a program prints.
fn full_disk() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Log and data often lie on one disk: when it is full, the hub has to go on until there is room again.
#[tokio::test]
async fn a_log_that_cannot_be_written_stops_nobody() {
    let data = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut hub = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data.path())
        .env("SWITCHBOARD_LOG__FILTER", "debug")
        .stdin(Stdio::null())
        .stdout(full_disk())
        .stderr(full_disk())
        .spawn()
        .map(Program)
        .unwrap();
    let ready = async {
        loop {
            let answer = reqwest::get(format!("http://127.0.0.1:{port}/readyz")).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert_eq!(hub.0.try_wait().unwrap(), None, "it goes on");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ready).await.unwrap();
    assert_eq!(hub.0.try_wait().unwrap(), None, "it goes on");
}
