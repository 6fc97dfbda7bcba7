//! Mails as they come, and what the hub is told of them.

mod support;

use proptest::prelude::*;
use support::{mail, message, name_and_text};
use switchboard_connector::{Automatic, Happened, Incoming, Reached, Thread};
use switchboard_email::{MAIL_BYTES, read, too_large};

const OURS: &str = "support@shop.example";

fn items(name: &str) -> Vec<Incoming> {
    read(&mail(name), OURS, None)
}

#[test]
fn a_plain_mail() {
    let items = items("plain");
    assert_eq!((items.len(), items[0].at), (1, 1_795_338_000_000));
    let message = message(&items);
    assert_eq!(message.text, "Is the lamp still there? I have 50 €.");
    assert_eq!((message.from.key.as_str(), message.from.name.as_deref()), ("ann@example.org", Some("Ann Lee")));
    assert_eq!(message.references, ["plain@example.org"]);
    assert_eq!((message.whole_text.clone(), message.html.clone(), message.automatic), (None, None, Automatic::No));
    let head = message.mail.expect("a mail has a head");
    assert_eq!((head.subject.as_str(), head.references), ("A lamp", vec!["plain@example.org".to_owned()]));
    assert_eq!(head.to, [(Some("Shop".to_owned()), OURS.to_owned())]);
}

#[test]
fn mails_that_programs_made_wrongly_are_read_as_they_were_meant() {
    for (raw, text) in [
        ("Subject: x\nContent-Type: text; charset=us-ascii\n\nNo subtype.\n", "No subtype."),
        ("Subject: x\nno empty line before this\nnor this\n", "no empty line before this\nnor this"),
        ("no headers\n\nat all\n", "no headers\n\nat all"),
        (
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nZ3LDvG4= and a footer\n",
            "grün",
        ),
    ] {
        let message = message(&read(raw.as_bytes(), OURS, None));
        assert_eq!((message.text.as_str(), message.files.len()), (text, 0), "{raw}");
    }
}

/// A mailbox that people have had for years is left as it is, and forwards what it gets to ours.
#[test]
fn a_mail_that_another_mailbox_passed_on_is_its_authors() {
    let mail = "From: Ann Lee <ann@example.org>\nTo: info@old-shop.example\nSubject: A lamp\nMessage-ID: <m1@example.org>\n\
                Date: Mon, 1 Jan 2024 10:00:00 +0000\n\nIs it there?\n";
    let direct = read(mail.as_bytes(), OURS, None);
    for way in [
        // Sent on by a person's program (RFC 5322, section 3.6.6).
        "Resent-From: Shop <info@old-shop.example>\nResent-To: support@shop.example\nResent-Message-ID: <r1@old-shop.example>\n\
         Resent-Date: Mon, 1 Jan 2024 10:05:00 +0000\n",
        // By a server that rewrites the envelope.
        "Return-Path: <SRS0=xyz=TT=example.org=ann@old-shop.example>\nDelivered-To: support@shop.example\n\
         X-Forwarded-To: support@shop.example\nX-Forwarded-For: info@old-shop.example support@shop.example\n",
        "Sender: info@old-shop.example\nReturn-Path: <info@old-shop.example>\n",
    ] {
        let passed_on = read(format!("{way}{mail}").as_bytes(), OURS, None);
        let message = message(&passed_on);
        assert_eq!((message.from.key.as_str(), message.from.name.as_deref()), ("ann@example.org", Some("Ann Lee")));
        assert_eq!((message.text.as_str(), message.automatic), ("Is it there?", Automatic::No), "{way}");
        assert_eq!(message.references, ["m1@example.org"]);
        // Who gets it directly as well has it once.
        assert_eq!(passed_on[0].key, direct[0].key, "{way}");
    }
}

#[test]
fn a_mail_is_one_however_it_came_and_another_with_its_message_id_is_another() {
    let key = |mail: &str| read(mail.as_bytes(), OURS, None)[0].key.clone();
    let scan = "Received: by a; Mon, 1 Jan 2024 10:00:00 +0000\nFrom: scanner@shop.example\nDate: Mon, 1 Jan 2024 10:00:00 \
                +0000\nSubject: Scan\nMessage-ID: <scan@shop.example>\n\nPage 1\n";
    let first = key(scan);
    assert_eq!(first, key(&scan.replace('\n', "\r\n")));
    assert_eq!(first, key(&scan.replace("by a;", "by b;").replace("Page 1\n", "Page 1\n\n")));
    for (what, other) in [
        ("\nDate: Mon, 1 Jan 2024 10:00:00", "\nDate: Mon, 1 Jan 2024 10:00:07"),
        ("scanner@", "copier@"),
        ("t: Scan", "t: Scan 2"),
        ("Page 1", "Page 10"),
        ("Page 1", "Page 2"),
    ] {
        assert_ne!(first, key(&scan.replace(what, other)), "{what}");
    }
}

#[test]
fn an_answer_finds_its_thread_and_is_folded() {
    let message = message(&items("answer"));
    assert_eq!(message.text, "Ja, gerne.");
    assert!(message.whole_text.expect("the whole is more").contains("> Soll ich sie zurücklegen?"));
    assert_eq!(message.from.name.as_deref(), Some("Jörg Müller"));
    let Thread::References { reply_tokens, references } = message.thread else { panic!("mails thread by references") };
    assert_eq!(reply_tokens, ["tok3n", "other"]);
    assert_eq!(references, ["second@shop.example", "first@shop.example"]);
    let head = message.mail.expect("a mail has a head");
    assert_eq!(head.subject, "Re: Grüße aus Köln");
    assert_eq!(head.reply_to.as_deref(), Some("home@example.org"));
    assert_eq!(
        head.cc,
        [(Some("Lee, Ann".to_owned()), "ann@example.org".to_owned()), (None, "bob@example.org".to_owned())]
    );
    assert_eq!(head.references, ["first@shop.example", "second@shop.example", "answer@example.org"]);
}

#[test]
fn charsets() {
    let cases = [
        ("latin", "Grüße, 5 €"),
        ("unnamed_charset", "Grüße"),
        ("shift_jis", "こんにちは"),
        ("koi8", "Привет"),
        ("flowed", "This is one long line of text.\n\n> quoted and flowed\n\n-- \nAnn"),
    ];
    for (name, text) in cases {
        assert_eq!(message(&items(name)).text, text, "{name}");
    }
    assert_eq!(message(&items("shift_jis")).mail.expect("a head").subject, "日本");
}

#[test]
fn parts_in_parts() {
    let message = message(&items("nested"));
    assert_eq!(message.text, "See the picture.");
    let html = message.html.expect("it has HTML");
    assert!(html.contains("<b>picture</b>") && html.contains("<img src=\"cid:pic@example.org\">"), "{html}");
    assert!(
        html.contains("data-remote-src=\"https://tracker.example/pixel.gif\"") && !html.contains("onerror"),
        "{html}"
    );
    let files: Vec<_> =
        message.files.iter().map(|file| (file.name.as_str(), file.content_id.as_deref(), &file.bytes[..])).collect();
    assert_eq!(
        files,
        [
            ("pic.png", Some("pic@example.org"), &b"\x89PNG\r\n\x1a\n"[..]),
            ("Rechnung für Ann.pdf", None, &b"%PDF-"[..]),
            ("preisliste €.csv", None, &b"a;\xfc"[..]),
        ]
    );
}

#[test]
fn what_other_programs_put_into_mails() {
    assert_eq!(name_and_text("html_only"), ("HTML".to_owned(), "Yes, please.".to_owned()));
    let forwarded = message(&items("forwarded"));
    assert_eq!(forwarded.text, "From: carl@example.net\nSubject: Offer / new\n\nWe sell lamps.");
    assert_eq!(forwarded.files[0].name, "Offer - new.eml");
    let invitation = message(&items("invitation"));
    assert_eq!(invitation.text, "You are invited.\n\nInvitation\nFitting\nWhen: 2026-11-22 10:00 (UTC)");
    assert_eq!(invitation.files[0].name, "invite.ics");
    let winmail = message(&items("winmail"));
    assert_eq!((winmail.text.as_str(), winmail.files[0].name.as_str()), ("From Outlook.", "winmail.dat"));
}

#[test]
fn broken_mails_are_read_as_far_as_they_go() {
    let broken = message(&items("broken"));
    assert!(broken.text.contains("Still readable."), "{}", broken.text);
    assert_eq!((broken.from.key.starts_with("unknown:"), broken.from.address), (true, None));
    assert!(message(&items("no_headers")).text.contains("sent by a printer"));
    // Without a Message-ID the same bytes are the same mail, and others another.
    assert_eq!(items("broken")[0].key, items("broken")[0].key);
    assert_ne!(items("broken")[0].key, items("no_headers")[0].key);
    assert_eq!(message(&read(b"", OURS, Some(5))).text, "");
}

#[test]
fn bounces_tell_of_the_message_they_are_about() {
    let failed = |why: &str| Reached::Failed { why: why.to_owned() };
    let said = "gone@example.org: 550 5.1.1 <gone@example.org>: Recipient address rejected";
    for (name, reached) in [
        ("bounce", Some(failed(said))),
        ("bounce_headers", Some(failed(said))),
        ("exim", Some(failed("gone@example.org: could not be delivered"))),
        ("delay", Some(Reached::Delayed { why: said.to_owned() })),
    ] {
        let items = items(name);
        let progress: Vec<_> = items
            .iter()
            .filter_map(|item| if let Happened::Progress(progress) = &item.what { Some(progress) } else { None })
            .collect();
        let told: Vec<_> = progress.iter().map(|progress| (progress.reference.as_str(), &progress.reached)).collect();
        assert_eq!(told, reached.iter().map(|reached| ("ours-1@shop.example", reached)).collect::<Vec<_>>(), "{name}");
        assert_eq!(progress[0].recipient.as_deref(), Some("gone@example.org"), "{name}");
        assert_eq!(message(&items).automatic, Automatic::Report, "{name}");
    }
}

#[test]
fn a_mail_without_one_from_is_nobodys() {
    let from = |head: &str| message(&read(format!("{head}Message-ID: <a@b>\n\nHi").as_bytes(), OURS, None)).from;
    let heads = [
        "From:\nSender: maria@example.nl\n",
        "Reply-To: maria@example.nl\n",
        "From: mallory@evil.example\nFrom: maria@example.nl\n",
        "Subject: x\n",
    ];
    let people: std::collections::HashSet<String> = heads.map(|head| from(head).key).into();
    assert!(people.iter().all(|key| key.starts_with("unknown:")), "{people:?}");
    assert_eq!(from("From: maria@example.nl\nSender: post@example.nl\n").key, "maria@example.nl");
}

#[test]
fn a_report_speaks_of_each_recipient_by_itself() {
    let report = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nMessage-ID: <r@mx>\nIn-Reply-To: <ours-1@shop.example>\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
        Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
        Original-Recipient: rfc822; <Ann@Example.org>\nFinal-Recipient: rfc822; ann@inner.example\nAction: delivered\n\n\
        Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.2.2\n\n--b--\n";
    let qmail = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nMessage-ID: <q@mx>\n\n\
        Hi. This is the qmail-send program at mx.example.\n\n<bob@example.org>:\nNo such mailbox.\n\n\
        --- Below this line is a copy of the message.\n\nMessage-ID: <ours-1@shop.example>\n\n<carl@example.org>:\n";
    for (mail, expected) in [(report, &["ann@example.org", "bob@example.org"][..]), (qmail, &["bob@example.org"])] {
        let items = read(mail.as_bytes(), OURS, None);
        let told: Vec<&str> = items
            .iter()
            .filter_map(|item| {
                if let Happened::Progress(progress) = &item.what { progress.recipient.as_deref() } else { None }
            })
            .collect();
        assert_eq!(told, expected);
        let keys: std::collections::HashSet<_> = items.iter().map(|item| &item.key).collect();
        assert_eq!(keys.len(), items.len(), "each has a key of its own");
    }
}

#[test]
fn what_programs_write_is_known() {
    for (name, automatic) in [
        ("away", Automatic::Reply),
        ("list", Automatic::List),
        ("own", Automatic::Loop),
        ("other_hub", Automatic::No),
        ("plain", Automatic::No),
    ] {
        assert_eq!(message(&items(name)).automatic, automatic, "{name}");
    }
}

#[test]
fn a_mail_that_is_too_large_says_so() {
    let message = message(&too_large(&mail("nested"), 60 * 1024 * 1024, OURS, None));
    assert_eq!(
        message.text,
        "This mail is too large to be shown (60 MiB). Look for it in the mailbox, or ask its sender for it."
    );
    assert_eq!(
        (message.mail.expect("a head").subject.as_str(), message.from.key.as_str()),
        ("Nested", "ann@example.org")
    );
    let mut huge = mail("plain");
    huge.resize(MAIL_BYTES + 1, b'x');
    assert!(support::message(&read(&huge, OURS, None)).text.contains("too large"));
}

/// Bounds of what is told, whatever came.
fn hold(items: &[Incoming]) {
    assert!(!items.is_empty());
    for item in items {
        assert!(!item.key.is_empty() && item.key.chars().count() <= Incoming::KEY_CHARS);
        if let Happened::Message(message) = &item.what {
            assert!(message.files.len() <= 100 && message.text.len() <= 1024 * 1024);
            assert!(!message.text.contains('\0') && !message.from.key.is_empty());
            let html = message.html.as_deref().unwrap_or_default().to_ascii_lowercase();
            assert!(!html.contains("<script") && !html.contains("<img src=\"http"));
        }
    }
}

/// A text with such a character is none that a database takes.
#[test]
fn nothing_that_is_shown_of_a_mail_has_a_null_in_it() {
    let carried = "Content-Type: message/rfc822\n\nFrom: a@b.example\nSubject: a\0b\n\n";
    let message = support::message(&read(carried.as_bytes(), OURS, None));
    assert_eq!(message.text, "From: a@b.example\nSubject: ab");
}

#[test]
fn no_mail_costs_more_than_it_should() {
    let nested = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(5_000);
    let parts = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(20_000));
    let headers = "a:\n".repeat(300_000);
    let words = format!("Subject: {}\n\nx", "=?utf-8?q?a?= ".repeat(20_000));
    let to = format!("To: {}\n\nx", "a@b.example, ".repeat(20_000));
    let references = format!("References: {}\n\nx", "<a@b.example> ".repeat(20_000));
    let quotes = format!("Subject: x\n\n{}", "On 2026-11-22 at 10:00, a@b.example\n".repeat(5_000));
    let blank = format!("Subject: x\n\n{}", "\n".repeat(300_000));
    let dates = format!("Subject: x\n\n{}", "Date: 1\nFrom: a\n\n\n".repeat(20_000));
    let page = |tags: String| format!("Content-Type: text/html\n\n{tags}");
    let attributes = page(format!("<p{}>x", (0..60_000).map(|n| format!(" a{n}")).collect::<String>()));
    let formats = page("<b><i><a href=x>".repeat(20_000));
    let tables = page("<table><tr><td>".repeat(20_000));
    for raw in [blank, dates, attributes, formats, tables, nested, parts, headers, words, to, references, quotes] {
        hold(&read(raw.as_bytes(), OURS, None));
    }
}

// As many cases as PROPTEST_CASES says: a hundred thousand take minutes. What fails is kept beside this file, and tried first.
proptest! {
    #[test]
    fn any_bytes_are_a_mail(raw in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        hold(&read(&raw, OURS, Some(1)));
    }

    #[test]
    fn mails_with_holes_and_rubbish_are_read(which in 0..support::NAMES.len(), cuts in proptest::collection::vec((any::<u16>(), any::<u8>(), 0u8..4), 1..12)) {
        let mut raw = mail(support::NAMES[which]);
        for (at, byte, kind) in cuts {
            let at = usize::from(at) % raw.len().max(1);
            match kind {
                0 => raw[at] = byte,
                1 => raw.insert(at, byte),
                2 => { raw.remove(at); }
                _ => { let tail = raw.split_off(at); raw.extend_from_slice(&tail[..tail.len() / 2]); raw.extend_from_slice(&tail); }
            }
            if raw.is_empty() { raw.push(b'\n'); }
        }
        hold(&read(&raw, OURS, Some(1)));
    }
}
