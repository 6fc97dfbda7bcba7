//! A mail provider for tests that are not Rust: starts Postfix and Dovecot as [`MailHost`] does and prints their ports as one
//! line of JSON. Whoever started it ends it, by whatever signal: the servers go with it.

use std::io::Write;

use testkit::MailHost;

fn main() {
    let host = MailHost::start();
    let (imap, smtp, submission) = (host.imap_port(), host.smtp_port(), host.submission_port());
    let mut out = std::io::stdout();
    writeln!(out, "{{\"imap\":{imap},\"smtp\":{smtp},\"submission\":{submission}}}")
        .expect("whoever started this reads it");
    loop {
        std::thread::park();
    }
}
