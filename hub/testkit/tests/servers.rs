//! The servers start, answer, forget or keep what they should, and are gone with their test process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use testkit::{Postgres, Redis};

fn redis_says(port: u16, command: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn redis_restarts_empty_on_the_same_port() {
    let mut redis = Redis::start();
    assert!(redis_says(redis.port(), "SET a 1").starts_with("+OK"));
    assert!(redis_says(redis.port(), "GET a").starts_with("$1"));
    redis.kill();
    assert!(TcpStream::connect(("127.0.0.1", redis.port())).is_err());
    redis.restart();
    assert!(redis_says(redis.port(), "GET a").starts_with("$-1"));
}

#[tokio::test]
async fn postgres_gives_a_database_each_and_keeps_it_over_a_crash() {
    let mut postgres = Postgres::start();
    let (one, other) = (postgres.database().await, postgres.database().await);
    assert_ne!(one, other);
    let query = |url: &str, sql: &str| {
        let output = Command::new("psql").args([url, "-tAc", sql]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    query(&one, "create table t (a int); insert into t values (7)");
    assert_eq!(query(&one, "select a from t"), "7");
    assert_eq!(query(&other, "select count(*) from pg_tables where tablename = 't'"), "0");
    assert_eq!(query(&one, "show fsync"), "on");
    postgres.restart();
    assert_eq!(query(&one, "select a from t"), "7");
}

/// Run by the test below in a process of its own, which is killed while this waits.
#[test]
#[ignore = "the other half of servers_die_with_a_killed_test_process"]
fn wait_to_be_killed() {
    let redis = Redis::start();
    println!("port {}", redis.port());
    std::thread::park();
}

#[test]
fn servers_die_with_a_killed_test_process() {
    let mut tests = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "wait_to_be_killed"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut stdout = tests.stdout.take().unwrap();
    while !said.contains("port ") || !said.ends_with('\n') {
        let mut some = [0; 256];
        let read = stdout.read(&mut some).unwrap();
        said.push_str(std::str::from_utf8(&some[..read]).unwrap());
    }
    let port: u16 = said.split("port ").nth(1).unwrap().trim().parse().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    tests.kill().unwrap();
    tests.wait().unwrap();
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        std::thread::yield_now();
    }
}
