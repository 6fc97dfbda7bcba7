//! What goes out, read by the parser that other mail programs stand for here.

mod support;

use bytes::Bytes;
use mail_parser::{Message, MessageParser, MimeHeaders};
use proptest::prelude::*;
use support::{OURS, outgoing};
use switchboard_connector::{Automatic, OutFile, SendError};
use switchboard_email::{compose, read};

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a mail")
}

#[test]
fn an_answer_with_everything() {
    let mut message = outgoing("joerg@example.org");
    message.to.name = Some("Jörg \"der\" Müller".to_owned());
    message.text = "Grüße\n.\n..two dots".to_owned();
    message.html = Some("<p>Gr&uuml;ße</p>".to_owned());
    message.files = vec![
        OutFile {
            name: "Rechnung für Jörg €.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: Bytes::from_static(b"%PDF\0"),
            address: None,
        },
        OutFile {
            name: "x.bin".to_owned(),
            media_type: "no type".to_owned(),
            bytes: Bytes::from_static(b"\r\n.\r\n"),
            address: None,
        },
    ];
    let mail = message.mail.as_mut().expect("a mail's head");
    mail.from_name = "Än of Shop, Ltd.".to_owned();
    mail.subject = "Re: Grüße aus Köln ".to_owned() + &"und so weiter ".repeat(20);
    mail.cc = vec!["ann@example.org".to_owned()];
    mail.bcc = vec!["boss@shop.example".to_owned(), "ann@example.org".to_owned()];
    mail.references = (0..80).map(|n| format!("m{n}@example.org")).collect();
    let composed = compose(OURS, true, &message).expect("composed");

    let to: Vec<String> = composed.envelope.to().iter().map(ToString::to_string).collect();
    assert_eq!(to, ["joerg@example.org", "ann@example.org", "boss@shop.example"]);
    assert_eq!(composed.envelope.from().map(ToString::to_string).as_deref(), Some(OURS));
    let text = String::from_utf8(composed.bytes.clone()).expect("all of it is ASCII");
    assert!(text.is_ascii() && !text.contains("boss@") && !text.to_ascii_lowercase().contains("\nbcc:"));
    assert!(text.lines().all(|line| line.len() <= 998));

    let mail = parsed(&composed.bytes);
    let name_of = |list: Option<&mail_parser::Address<'_>>| {
        let first = list.and_then(|list| list.first()).expect("somebody");
        (first.name().map(str::to_owned), first.address().map(str::to_owned))
    };
    assert_eq!(name_of(mail.from()), (Some("Än of Shop, Ltd.".to_owned()), Some(OURS.to_owned())));
    assert_eq!(name_of(mail.to()), (Some("Jörg \"der\" Müller".to_owned()), Some("joerg@example.org".to_owned())));
    assert_eq!(name_of(mail.reply_to()).1.as_deref(), Some("support+t0ken.sig@shop.example"));
    assert_eq!(mail.message_id(), Some("01ABC@shop.example"));
    assert_eq!(mail.in_reply_to().as_text(), Some("m79@example.org"));
    assert_eq!(mail.references().as_text_list().expect("many").len(), 50);
    assert!(mail.subject().expect("a subject").starts_with("Re: Grüße aus Köln und so weiter"));
    assert_eq!(mail.body_text(0).expect("text").replace("\r\n", "\n").trim_end(), "Grüße\n.\n..two dots");
    assert_eq!(mail.body_html(0).expect("HTML").trim_end(), "<div dir=\"auto\"><p>Gr&uuml;ße</p></div>");
    let files: Vec<_> = mail
        .attachments()
        .map(|part| (part.attachment_name().expect("a name").to_owned(), part.contents().to_vec()))
        .collect();
    assert_eq!(
        files,
        [("Rechnung für Jörg €.pdf".to_owned(), b"%PDF\0".to_vec()), ("x.bin".to_owned(), b"\r\n.\r\n".to_vec())]
    );
    assert_eq!(mail.header_raw("Auto-Submitted"), None);
}

#[test]
fn what_a_machine_writes_says_so_and_our_own_is_known_again() {
    let mut message = outgoing("ann@example.org");
    message.mail.as_mut().expect("a head").automatic = true;
    let bytes = compose(OURS, false, &message).expect("composed").bytes;
    assert_eq!(parsed(&bytes).header_raw("Auto-Submitted").map(str::trim), Some("auto-replied"));
    assert!(parsed(&bytes).reply_to().is_none());
    let automatic_for = |ours: &str| support::message(&read(&bytes, ours, None)).automatic;
    assert_eq!(automatic_for("Support@shop.example"), Automatic::Loop);
    // Another hub is no loop of ours, and answers nothing automatic.
    assert_eq!(automatic_for("help@other.example"), Automatic::Reply);
}

#[test]
fn addresses_that_are_none_are_refused() {
    for to in ["", "nobody", "a b@example.org", "a@example.org\r\nBcc: x@example.org", "<a@example.org>", "a@b@", "a@"]
    {
        assert!(matches!(compose(OURS, false, &outgoing(to)), Err(SendError::Refused { .. })), "{to}");
    }
    assert!(matches!(compose("not an address", false, &outgoing("ann@example.org")), Err(SendError::Broken { .. })));
}

#[test]
fn who_wants_the_answers_has_them_and_the_inbox_address_is_not_given_away() {
    let mut message = outgoing("ann@example.org");
    message.mail.as_mut().expect("a mail's head").reply_to = Some("an@shop.example".to_owned());
    let composed = compose(OURS, true, &message).expect("composed");
    let text = String::from_utf8(composed.bytes.clone()).expect("all of it is ASCII");
    let asked =
        parsed(&composed.bytes).reply_to().and_then(|all| all.first()).and_then(|one| one.address().map(str::to_owned));
    assert_eq!((asked.as_deref(), text.contains("t0ken")), (Some("an@shop.example"), false));
}

proptest! {
    /// Whatever people call themselves, their subjects and their files: no header is theirs to choose.
    #[test]
    fn no_header_can_be_put_in(words in "(\\PC|[\r\n\t\"\\\\=?:<>@,;]|\r\nBcc: evil@example\\.org|\u{85}|\u{2028}){0,40}") {
        let mut message = outgoing("ann@example.org");
        message.to.name = Some(words.clone());
        message.text.clone_from(&words);
        message.files = vec![OutFile { name: words.clone(), media_type: words.clone(), bytes: Bytes::from_static(b"x"), address: None }];
        let mail = message.mail.as_mut().expect("a head");
        mail.from_name.clone_from(&words);
        mail.subject.clone_from(&words);
        mail.references = vec![words.clone(), "a@b".to_owned()];
        let bytes = compose(OURS, true, &message).expect("composed").bytes;
        let mail = parsed(&bytes);
        let known = ["Date", "From", "To", "Subject", "Message-ID", "Reply-To", "In-Reply-To", "References", "MIME-Version", "Content-Type", "X-Switchboard-Loop"];
        for header in mail.headers() {
            prop_assert!(known.iter().any(|name| header.name().eq_ignore_ascii_case(name)), "{}", header.name());
        }
        prop_assert_eq!(mail.from().and_then(|from| from.first()).and_then(|from| from.address()), Some(OURS));
        prop_assert_eq!(mail.to().map(|to| to.iter().count()), Some(1));
        prop_assert_eq!(mail.in_reply_to().as_text(), Some("a@b"));
    }
}
