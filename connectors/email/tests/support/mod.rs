//! What the tests of mail share.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod edge;

use std::path::Path;

use switchboard_connector::{Happened, Incoming, IncomingMessage, MailOut, Outgoing, Recipient};

/// The mails in `tests/mails`.
pub const NAMES: [&str; 21] = [
    "answer",
    "away",
    "bounce",
    "bounce_headers",
    "broken",
    "delay",
    "exim",
    "flowed",
    "forwarded",
    "html_only",
    "invitation",
    "koi8",
    "latin",
    "list",
    "nested",
    "no_headers",
    "own",
    "plain",
    "shift_jis",
    "unnamed_charset",
    "winmail",
];

/// With the line ends that mails have.
pub fn mail(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails").join(format!("{name}.eml"));
    let kept = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = kept
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").map_or(line.to_vec(), |line| [line, b"\r\n"].concat()));
    lines.collect::<Vec<_>>().concat()
}

/// The message among what was told.
pub fn message(items: &[Incoming]) -> IncomingMessage {
    let found =
        items.iter().find_map(|item| if let Happened::Message(message) = &item.what { Some(message) } else { None });
    (**found.expect("a message")).clone()
}

/// Subject and text.
pub fn name_and_text(name: &str) -> (String, String) {
    let message = message(&switchboard_email::read(&mail(name), "support@shop.example", None));
    (message.mail.expect("a head").subject, message.text)
}

pub const OURS: &str = "support@shop.example";

/// A short answer to this address.
pub fn outgoing(to: &str) -> Outgoing {
    Outgoing {
        message_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("an id"),
        conversation_id: "01ARZ3NDEKTSV4RRFFQ69G5FAW".parse().expect("an id"),
        at: 1_795_338_000_000,
        queued_at: 1_795_338_000_000,
        to: Recipient { key: to.to_owned(), name: None },
        text: "Hello".to_owned(),
        html: None,
        files: Vec::new(),
        answers: Vec::new(),
        mail: Some(MailOut {
            from_name: "Shop".to_owned(),
            subject: "Re: A lamp".to_owned(),
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: None,
            message_id: "01ABC@shop.example".to_owned(),
            references: vec!["question@example.org".to_owned()],
            reply_token: "t0ken.sig".to_owned(),
            automatic: false,
        }),
    }
}
