//! Other people's mails: `./dev test conformance` fetches them and says where they are. Nothing in them may make us fall
//! over or lose a mail, and where a collection says what the person wrote, that is what we say.

mod support;

use std::path::{Path, PathBuf};

use support::message;
use switchboard_connector::{Happened, Incoming};
use switchboard_email::read;

const OURS: &str = "support@shop.example";

#[expect(clippy::disallowed_methods, reason = "where the mails were fetched to is for who runs the test to say")]
fn folder(variable: &str) -> PathBuf {
    let named = std::env::var(variable);
    PathBuf::from(named.unwrap_or_else(|_| panic!("{variable} is not set: run these by ./dev test conformance")))
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten()
        {
            let path = entry.path();
            if path.is_dir() { left.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Something of each mail is told, and told alike a second time.
fn holds(path: &Path, raw: &[u8]) -> Vec<Incoming> {
    let items = read(raw, OURS, None);
    assert_eq!(items, read(raw, OURS, None), "{}", path.display());
    let told = message(&items);
    let head = told.mail.clone().expect("a head");
    let empty = told.text.trim().is_empty() && told.html.is_none() && told.files.is_empty() && head.subject.is_empty();
    let body = raw.windows(2).position(|two| two == b"\n\n").or(raw.windows(4).position(|four| four == b"\r\n\r\n"));
    let blank = body.is_none_or(|at| raw[at..].trim_ascii().is_empty());
    assert!(!empty || blank, "{}: all of it was dropped", path.display());
    assert!(items.iter().filter(|item| matches!(item.what, Happened::Message(_))).count() == 1);
    items
}

#[test]
#[ignore = "needs mails that are fetched: ./dev test conformance"]
fn mails_of_parsers_are_read() {
    let mut count = 0;
    for variable in ["MAILS_OF_CPYTHON", "MAILS_OF_MAIL_PARSER"] {
        for path in all_files(&folder(variable)) {
            let name = path.to_string_lossy();
            if name.ends_with(".eml") || name.ends_with(".txt") {
                holds(&path, &bytes_of(&path));
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count} mails are too few");
}

/// talon's mails: what mail programs put around the word "Hello".
#[test]
#[ignore = "needs mails that are fetched: ./dev test conformance"]
fn history_of_a_dozen_mail_programs_is_folded() {
    let fixtures = folder("MAILS_OF_TALON");
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in all_files(&fixtures.join("standard_replies")) {
        if path.extension().is_some_and(|extension| extension == "eml") {
            let expected = std::fs::read_to_string(
                path.with_file_name(format!("{}_reply_text", path.file_stem().unwrap_or_default().to_string_lossy())),
            );
            let expected = expected.unwrap_or_else(|_| "Hello".to_owned());
            let text = message(&holds(&path, &bytes_of(&path))).text;
            count += 1;
            if squeezed(&text) != squeezed(&expected) {
                wrong.push(format!("{}: {text:?}", path.display()));
            }
        }
    }
    for path in all_files(&fixtures.join("html_replies")) {
        let mut raw = b"From: a@example.org\nContent-Type: text/html; charset=utf-8\n\n".to_vec();
        raw.extend(bytes_of(&path));
        let text = message(&holds(&path, &raw)).text;
        count += 1;
        if squeezed(&text) != squeezed("Hi. I am fine.\n\nThanks,\nAlex") {
            wrong.push(format!("{}: {text:?}", path.display()));
        }
    }
    assert!(count >= 20, "{count} mails are too few");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// talon's further mails, each with what talon's own tests expect of it.
#[test]
#[ignore = "needs mails that are fetched: ./dev test conformance"]
fn history_without_a_mark_of_its_own_is_folded() {
    let fixtures = folder("MAILS_OF_TALON");
    // talon takes a name above the line for the other's; it is as likely to be the writer's, and stays.
    for (name, expected) in [("OLK_SRC_BODY_SECTION.html", "Reply"), ("reply-separated-by-hr.html", "Hi there Bob")] {
        let path = fixtures.join(name);
        let mut raw = b"From: a@example.org\nContent-Type: text/html; charset=utf-8\n\n".to_vec();
        raw.extend(bytes_of(&path));
        assert_eq!(squeezed(&message(&holds(&path, &raw)).text), squeezed(expected), "{name}");
    }
    let path = fixtures.join("reply-quotations-share-block.eml");
    let text = message(&holds(&path, &bytes_of(&path))).text;
    assert!(text.starts_with("Hi Katharine.") && !text.contains("From"), "{text}");
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
