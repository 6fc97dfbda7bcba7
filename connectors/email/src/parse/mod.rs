//! From a mail's bytes to what the hub is told. Anybody may write these bytes: nothing here fails, everything is bounded.
//!
//! Deliberately not here: which conversation it belongs to, and what is done about automatic ones. The hub decides that
//! from what is told.

mod bounce;
mod calendar;
mod head;
mod quotes;
mod structure;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use mail_parser::{DateTime, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};
use switchboard_connector::{
    Automatic, File, Happened, Incoming, IncomingMessage, MailHead, Origin, Person, Progress, Thread,
};
use switchboard_protocol::UnixMs;

use crate::html::sanitise;
use crate::html_text::text_of;
use crate::limits::{FILES, MAIL_BYTES, NAME_CHARS, REPORTED, TEXT_BYTES, cut, cut_chars};
pub use head::is_address;
use structure::Mail;

/// What a mail tells: reports of delivery first, then the message itself. `ours` is the address of the mailbox, `at` when
/// the mail came, for a mail that does not say.
pub fn read(raw: &[u8], ours: &str, at: Option<UnixMs>) -> Vec<Incoming> {
    if raw.len() > MAIL_BYTES {
        return too_large(&raw[..HEAD_BYTES.min(raw.len())], raw.len() as u64, ours, at);
    }
    fenced(raw, at, || whole(raw, ours, at))
}

/// A mail on which a library fails is shown as one that cannot be read: it must not hold up those after it.
fn fenced(raw: &[u8], at: Option<UnixMs>, read: impl FnOnce() -> Vec<Incoming>) -> Vec<Incoming> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        tracing::error!(bytes = raw.len(), "a mail could not be read and is shown without its content");
        vec![unreadable(raw, at)]
    })
}

/// Of a mail that is too large this much is fetched: its headers.
pub const HEAD_BYTES: usize = 256 * 1024;

/// A mail of which only the beginning was fetched.
pub fn too_large(head: &[u8], bytes: u64, ours: &str, at: Option<UnixMs>) -> Vec<Incoming> {
    fenced(head, at, || beginning(head, bytes, ours, at))
}

fn beginning(head: &[u8], bytes: u64, ours: &str, at: Option<UnixMs>) -> Vec<Incoming> {
    const MIB: u64 = 1024 * 1024;
    // Without its body: what is there of it ends somewhere.
    let end = head.windows(2).position(|two| two == b"\n\n").or(head.windows(4).position(|four| four == b"\r\n\r\n"));
    let mut head = head[..end.unwrap_or(head.len())].to_vec();
    head.extend(b"\r\n\r\n");
    let mut items = whole(&head, ours, at);
    for item in &mut items {
        if let Happened::Message(message) = &mut item.what {
            message.text = format!(
                "This mail is too large to be shown ({} MiB). Look for it in the mailbox, or ask its sender for it.",
                bytes.div_ceil(MIB)
            );
            message.whole_text = None;
            message.html = None;
            message.files.clear();
        }
    }
    items
}

fn whole(raw: &[u8], ours: &str, at: Option<UnixMs>) -> Vec<Incoming> {
    let Some(mail) = Mail::read(raw) else { return vec![unreadable(raw, at)] };
    let key = key(&mail, raw);
    let at = at.or_else(|| came(&mail)).unwrap_or_default().max(0);
    let report = bounce::report(&mail);
    let mut message = message(&mail, ours, report.is_some());
    if message.from.key == head::NOBODY {
        // Each is somebody else, and takes part in no conversation but its own.
        message.from.key = nobody(&key);
    }
    // A report answers what it is about, whatever its own headers say.
    if let (Some(report), Thread::References { references, .. }) = (&report, &mut message.thread) {
        references
            .extend(report.references.iter().filter(|one| !references.contains(one)).cloned().collect::<Vec<_>>());
    }
    let mut items = Vec::new();
    let told = report.iter().flat_map(|report| report.words.iter().map(move |word| (word, &report.references)));
    for ((recipient, reached), references) in told {
        items.extend(references.iter().map(|reference| Incoming {
            key: hash(format!("{key} {reference} {recipient}").as_bytes()),
            at,
            what: Happened::Progress(Progress {
                reference: reference.clone(),
                recipient: Some(recipient.clone()),
                reached: reached.clone(),
            }),
        }));
    }
    items.truncate(REPORTED);
    items.push(Incoming { key, at, what: Happened::Message(Box::new(message)) });
    items
}

/// What makes it this mail. Its Message-ID alone does not: scanners and forms send each of theirs with the same one, several
/// within a second and as long. What lies in two folders, or was delivered twice, has all of this in common, and its way here
/// apart.
fn key(mail: &Mail<'_>, raw: &[u8]) -> String {
    let Some(id) = head::own_id(mail) else { return hash(raw) };
    let date = mail.message.date().filter(|date| date.is_valid()).map_or(0, DateTime::to_timestamp);
    let (from, subject) = (head::sender(mail).key, head::mail_head(mail).subject);
    let mut all = Sha256::new_with_prefix(format!("{id}\n{from}\n{date}\n{subject}\n"));
    mail.body().for_each(|piece| all.update(piece));
    hex(&all.finalize())
}

/// The person behind a mail that names none.
fn nobody(key: &str) -> String {
    format!("{}:{}", head::NOBODY, hash(key.as_bytes()))
}

fn message(mail: &Mail<'_>, ours: &str, is_report: bool) -> IncomingMessage {
    let body = Body::of(mail);
    let folded = quotes::fold(&body.text);
    let (text, whole_text) = match folded {
        Some(text) => (text, Some(body.text)),
        None => (body.text, None),
    };
    IncomingMessage {
        from: head::sender(mail),
        text,
        whole_text,
        html: body.html,
        files: body.files,
        answers: None,
        quote: None,
        references: head::own_id(mail).into_iter().collect(),
        thread: head::thread(mail),
        automatic: head::automatic(mail, ours, is_report),
        mail: Some(head::mail_head(mail)),
        consent: None,
        origin: Origin::default(),
    }
}

/// What there is to read and to keep.
struct Body {
    text: String,
    html: Option<String>,
    files: Vec<File>,
}

impl Body {
    fn of(mail: &Mail<'_>) -> Self {
        let html = html(mail);
        // What has no headers at all is no mail, and all of it its text.
        let mut text = if mail.message.headers().is_empty() { mail.undivided() } else { plain(mail) };
        if text.trim().is_empty() {
            text = html.as_deref().map(text_of).unwrap_or_default();
        }
        let calendar = mail.message.parts.iter().find(|part| part.is_content_type("text", "calendar"));
        if let Some(invitation) = calendar.and_then(|part| calendar::readable(&mail.text(part))) {
            text = if text.trim().is_empty() { invitation } else { format!("{}\n\n{invitation}", text.trim_end()) };
        }
        let stray = if text.trim().is_empty() { stray(mail) } else { None };
        if let Some(part) = stray {
            text = mail.text(part);
        }
        if text.trim().is_empty() {
            text = inner(mail).unwrap_or_default();
        }
        let files = files(mail, stray);
        if text.trim().is_empty() && files.is_empty() && html.is_none() {
            text = mail.undivided();
        }
        // Of a mail that is carried, its headers stand there too.
        let text = cut(text.trim_start_matches('\n').trim_end(), TEXT_BYTES).replace('\0', "");
        Self { text, html, files }
    }
}

/// The parts that are meant to be read one after the other.
fn plain(mail: &Mail<'_>) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut bytes = 0;
    for part in mail.message.text_bodies() {
        let text = match &part.body {
            _ if bytes > TEXT_BYTES => break,
            PartType::Text(_) if part.is_content_type("text", "calendar") => continue,
            PartType::Text(_) => unflowed(part, mail.text(part)),
            PartType::Html(_) => sanitise(&mail.text(part)).as_deref().map(text_of).unwrap_or_default(),
            _ => continue,
        };
        bytes += text.len();
        texts.push(text.trim_end().to_owned());
    }
    texts.retain(|text| !text.is_empty());
    texts.join("\n\n")
}

/// RFC 3676: lines that end in a space go on in the next.
fn unflowed(part: &MessagePart<'_>, text: String) -> String {
    let kind = part.content_type();
    if !kind.and_then(|kind| kind.attribute("format")).is_some_and(|format| format.eq_ignore_ascii_case("flowed")) {
        return text;
    }
    let joins = kind.and_then(|kind| kind.attribute("delsp")).is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
    let depth = |line: &str| line.bytes().take_while(|byte| *byte == b'>').count();
    let mut out = String::with_capacity(text.len());
    let mut flows = None;
    for line in text.lines() {
        let quoted = depth(line);
        let content = &line[quoted..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        if flows == Some(quoted) {
            out.push_str(content);
        } else {
            if flows.is_some() {
                out.push('\n');
            }
            out.push_str(&">".repeat(quoted));
            out.push_str(if quoted > 0 { " " } else { "" });
            out.push_str(content);
        }
        // The line before a signature ends in a space and goes on nowhere (section 4.3).
        flows = (content.ends_with(' ') && content != "-- ").then_some(quoted);
        match flows {
            Some(_) if joins => out.truncate(out.len() - 1),
            Some(_) => {}
            None => out.push('\n'),
        }
    }
    out
}

/// As its author meant it, if its author wrote HTML at all.
fn html(mail: &Mail<'_>) -> Option<String> {
    let bodies: Vec<_> = mail.message.html_bodies().collect();
    if !bodies.iter().any(|part| matches!(part.body, PartType::Html(_))) {
        return None;
    }
    let mut page = String::new();
    for part in bodies {
        match &part.body {
            PartType::Html(_) => page.push_str(&mail.text(part)),
            PartType::Text(_) => {
                let text = mail.text(part).replace('&', "&amp;").replace('<', "&lt;");
                page.push_str(&format!("<div style=\"white-space:pre-wrap\">{text}</div>"));
            }
            _ => {}
        }
    }
    sanitise(&page)
}

/// The text of a mail that was cut before its last boundary, or whose type is none and so a text (RFC 2045, section 5.2): the
/// parser takes such a part for a file.
fn stray<'a>(mail: &'a Mail<'_>) -> Option<&'a MessagePart<'a>> {
    let is_file = |part: &MessagePart<'_>| part.content_disposition().is_some() || part.attachment_name().is_some();
    let untyped = |part: &MessagePart<'_>| {
        part.content_type().is_some_and(|kind| kind.subtype().is_none() && kind.ctype().eq_ignore_ascii_case("text"))
    };
    let cut = |part: &MessagePart<'_>| part.is_encoding_problem && part.is_content_type("text", "plain");
    mail.message.parts.iter().find(|part| (cut(part) || untyped(part)) && !is_file(part))
}

/// The text of a mail that this one only carries.
fn inner(mail: &Mail<'_>) -> Option<String> {
    let part = mail.message.attachments().find(|part| part.is_message())?;
    let raw = mail.bytes(part);
    let carried = Mail::read(&raw)?;
    let (from, head) = (head::sender(&carried), head::mail_head(&carried));
    let text = plain(&carried);
    let text = if text.is_empty() { html(&carried).as_deref().map(text_of).unwrap_or_default() } else { text };
    Some(format!("From: {}\nSubject: {}\n\n{text}", from.address.unwrap_or_default(), head.subject))
}

/// All that is kept beside the text; `shown` is text already.
fn files(mail: &Mail<'_>, shown: Option<&MessagePart<'_>>) -> Vec<File> {
    let is_shown = |part: &MessagePart<'_>| shown.is_some_and(|shown| shown.offset_body == part.offset_body);
    let parts =
        mail.message.attachments().filter(|part| !part.is_multipart() && !is_report_part(part) && !is_shown(part));
    parts
        .take(FILES)
        .map(|part| File {
            name: file_name(mail, part),
            bytes: Bytes::from(mail.bytes(part)),
            content_id: part.content_id().map(|id| id.trim_matches(['<', '>']).to_owned()).filter(|id| !id.is_empty()),
        })
        .filter(|file| !file.bytes.is_empty())
        .collect()
}

/// For machines.
fn is_report_part(part: &MessagePart<'_>) -> bool {
    part.is_content_type("message", "delivery-status") || part.is_content_type("message", "global-delivery-status")
}

fn file_name(mail: &Mail<'_>, part: &MessagePart<'_>) -> String {
    let said = part.attachment_name().map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name).trim());
    if let Some(name) = said.filter(|name| !name.is_empty()) {
        return cut_chars(name, NAME_CHARS).to_owned();
    }
    let kind = part
        .content_type()
        .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase());
    let named = match kind.as_deref().unwrap_or_default() {
        "message/rfc822" | "message/global" => {
            let subject = Mail::read(&mail.bytes(part)).map(|carried| head::mail_head(&carried).subject);
            let subject = subject.filter(|subject| !subject.is_empty()).unwrap_or_else(|| "mail".to_owned());
            return format!("{}.eml", cut_chars(&subject.replace(['/', '\\'], "-"), NAME_CHARS));
        }
        "text/calendar" => "invite.ics",
        "text/html" => "text.html",
        "text/rfc822-headers" | "text/plain" => "text.txt",
        "application/ms-tnef" => "winmail.dat",
        "application/pdf" => "document.pdf",
        "application/pgp-signature" => "signature.asc",
        "image/png" => "picture.png",
        "image/jpeg" | "image/jpg" => "picture.jpg",
        "image/gif" => "picture.gif",
        "image/webp" => "picture.webp",
        "text/csv" => "table.csv",
        "text/vcard" | "text/x-vcard" => "contact.vcf",
        _ => "attachment",
    };
    named.to_owned()
}

/// By our server's clock if it wrote one down, else by the sender's.
fn came(mail: &Mail<'_>) -> Option<UnixMs> {
    let received = mail.message.received().and_then(|received| received.date);
    let date = received.as_ref().or(mail.message.date()).filter(|date| date.is_valid())?;
    Some(date.to_timestamp() * 1000)
}

/// A mail that the server has and does not give. By its number it is this mail only under this UIDVALIDITY: when the server
/// numbers its mails anew another one has it.
pub fn unfetched(folder: &str, validity: Option<u32>, uid: u32, at: Option<UnixMs>) -> Vec<Incoming> {
    let text = format!("The mail server does not give this mail (folder {folder}, UID {uid}).");
    let key = hash(format!("{text}\n{}", validity.unwrap_or_default()).as_bytes());
    vec![without_mail(key, text.as_bytes(), at)]
}

/// Bytes in which there is no mail.
fn unreadable(raw: &[u8], at: Option<UnixMs>) -> Incoming {
    without_mail(hash(raw), raw, at)
}

fn without_mail(key: String, raw: &[u8], at: Option<UnixMs>) -> Incoming {
    let message = IncomingMessage {
        from: Person { key: nobody(&key), address: None, name: None, language: None },
        text: cut(&String::from_utf8_lossy(&raw[..raw.len().min(HEAD_BYTES)]), TEXT_BYTES).replace('\0', ""),
        whole_text: None,
        html: None,
        files: Vec::new(),
        answers: None,
        quote: None,
        references: Vec::new(),
        thread: Thread::References { reply_tokens: Vec::new(), references: Vec::new() },
        automatic: Automatic::No,
        mail: Some(MailHead {
            subject: String::new(),
            to: Vec::new(),
            cc: Vec::new(),
            reply_to: None,
            references: Vec::new(),
        }),
        consent: None,
        origin: Origin::default(),
    };
    Incoming { key, at: at.unwrap_or_default(), what: Happened::Message(Box::new(message)) }
}

/// As lower-case hexadecimal digits.
fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_on_which_a_library_fails_is_there_without_its_content() {
        let items = fenced(b"From: a@example.org\r\n\r\n", Some(7), || panic!("a library fails"));
        let [Incoming { at: 7, what: Happened::Message(message), .. }] = &items[..] else { panic!("{items:?}") };
        assert!(message.from.key.starts_with(head::NOBODY));
    }
}
