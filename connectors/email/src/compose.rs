//! From what the hub sends to a mail (RFC 5322) that other programs show and thread rightly.
//!
//! What comes from people (names, subjects, file names) is cleaned of control characters before it becomes a header, and
//! addresses and Message-IDs are checked: a line break in any of them would be a header of the sender's choice.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::address::{Address, Envelope};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use switchboard_connector::{MailOut, Outgoing, SendError};

use crate::html::with_remote;
use crate::limits::{MESSAGE_ID_BYTES, NAME_CHARS, REFERENCES, SUBJECT_CHARS, cut_chars};

/// Holds the address of the mailbox that wrote a mail: what comes back with ours is our own.
pub(crate) const LOOP_HEADER: &str = "X-Switchboard-Loop";

/// A mail and to whom it goes.
pub struct Composed {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
    /// Without angle brackets.
    pub message_id: String,
}

/// `ours` is the mailbox's address; with `plus_addresses` answers are led to `ours+token`.
pub fn compose(ours: &str, plus_addresses: bool, message: &Outgoing) -> Result<Composed, SendError> {
    let fallback;
    let mail = match &message.mail {
        Some(mail) => mail,
        None => {
            fallback = plain_head(ours, message);
            &fallback
        }
    };
    let from = address(ours)
        .map_err(|_| SendError::Broken { why: format!("the inbox's own address is none: {}", clean(ours)) })?;
    let to = address(&message.to.key)?;
    let cc = mail.cc.iter().map(|text| address(text)).collect::<Result<Vec<_>, _>>()?;
    let bcc = mail.bcc.iter().map(|text| address(text)).collect::<Result<Vec<_>, _>>()?;

    let mut everybody: Vec<Address> = Vec::new();
    for one in std::iter::once(&to).chain(&cc).chain(&bcc) {
        if !everybody.contains(one) {
            everybody.push(one.clone());
        }
    }
    let envelope = Envelope::new(Some(from.clone()), everybody).map_err(refused)?;

    let mut builder = Message::builder()
        .envelope(envelope.clone())
        .date(UNIX_EPOCH + Duration::from_millis(u64::try_from(message.at).unwrap_or_default()))
        .from(Mailbox::new(name(Some(&mail.from_name)), from.clone()))
        .to(Mailbox::new(name(message.to.name.as_deref()), to))
        .subject(cut_chars(&clean(&mail.subject), SUBJECT_CHARS))
        .message_id(Some(format!("<{}>", message_id(&mail.message_id)?)));
    for one in cc {
        builder = builder.cc(Mailbox::new(None, one));
    }
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(Mailbox::new(name(Some(&mail.from_name)), address(reply_to)?));
    } else if plus_addresses && !mail.reply_token.is_empty() {
        let local = format!("{}+{}", from.user(), mail.reply_token);
        let reply_to = Address::new(local, from.domain()).map_err(refused)?;
        builder = builder.reply_to(Mailbox::new(name(Some(&mail.from_name)), reply_to));
    }
    // What somebody else wrote as a Message-ID is left out if it is none; the mail goes out all the same.
    let references: Vec<String> =
        mail.references.iter().filter_map(|id| message_id(id).ok()).map(|id| format!("<{id}>")).collect();
    if let Some(answered) = references.last() {
        builder = builder.in_reply_to(answered.clone());
        builder = builder.references(references[references.len().saturating_sub(REFERENCES)..].join(" "));
    }
    builder = builder.raw_header(header(LOOP_HEADER, ours.to_lowercase()));
    if mail.automatic {
        let kind = if references.is_empty() { "auto-generated" } else { "auto-replied" };
        builder = builder.raw_header(header("Auto-Submitted", kind.to_owned()));
        // Exchange does not look at the former, and what is older than RFC 3834 at this alone.
        builder = builder.raw_header(header("X-Auto-Response-Suppress", "All".to_owned()));
        builder = builder.raw_header(header("Precedence", "auto_reply".to_owned()));
    }
    let bytes = body(builder, message)?.formatted();
    Ok(Composed { envelope, bytes, message_id: message_id(&mail.message_id)?.to_owned() })
}

fn body(builder: lettre::message::MessageBuilder, message: &Outgoing) -> Result<Message, SendError> {
    let text = SinglePart::plain(lines(&message.text));
    // Mail programs take what says nothing of its direction for one that is written from left to right.
    let html = message.html.as_ref().map(|html| format!("<div dir=\"auto\">{}</div>", with_remote(html)));
    let readable = |html: &String| MultiPart::alternative_plain_html(lines(&message.text), lines(html));
    let built = if message.files.is_empty() {
        match &html {
            Some(html) => builder.multipart(readable(html)),
            None => builder.singlepart(text),
        }
    } else {
        let mixed = MultiPart::mixed();
        let mut mixed = match &html {
            Some(html) => mixed.multipart(readable(html)),
            None => mixed.singlepart(text),
        };
        for file in &message.files {
            let kind = ContentType::parse(&file.media_type)
                .or_else(|_| ContentType::parse("application/octet-stream"))
                .map_err(refused)?;
            let name = cut_chars(&clean(&file.name), NAME_CHARS).replace(['/', '\\', '"'], "_");
            mixed = mixed.singlepart(Attachment::new(name).body(file.bytes.to_vec(), kind));
        }
        builder.multipart(mixed)
    };
    built.map_err(refused)
}

/// With the line ends of mails. lettre would make them too, by moving all the rest at each.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// For a message without a mail's head: by its own id, so that it is the same at each attempt.
fn plain_head(ours: &str, message: &Outgoing) -> MailOut {
    let domain = ours.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    MailOut {
        from_name: String::new(),
        subject: String::new(),
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: None,
        message_id: format!("{}@{domain}", message.message_id),
        references: message.answers.clone(),
        reply_token: String::new(),
        automatic: false,
    }
}

fn address(text: &str) -> Result<Address, SendError> {
    let text = text.trim();
    if !crate::parse::is_address(text) {
        return Err(SendError::Refused { why: format!("not a mail address: {}", cut_chars(&clean(text), NAME_CHARS)) });
    }
    text.parse().map_err(|_| SendError::Refused { why: format!("not a mail address: {}", clean(text)) })
}

fn message_id(id: &str) -> Result<&str, SendError> {
    let id = id.trim().trim_matches(['<', '>']);
    let fits = !id.is_empty()
        && id.len() <= MESSAGE_ID_BYTES - 2
        && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
    fits.then_some(id).ok_or_else(|| SendError::Refused { why: "its Message-ID is none".to_owned() })
}

fn name(text: Option<&str>) -> Option<String> {
    let name = cut_chars(&clean(text?), NAME_CHARS).trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// One line, without control characters.
fn clean(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c });
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn refused(error: impl std::fmt::Display) -> SendError {
    SendError::Refused { why: error.to_string() }
}
