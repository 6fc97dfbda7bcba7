//! Delivery reports: what they say of messages of ours (RFC 3464), also where a server writes them in its own way.

use mail_parser::{MessagePart, MimeHeaders, PartType};
use switchboard_connector::Reached;

use super::head::message_ids;
use super::structure::Mail;
use crate::limits::{REPORTED, cut_chars};

/// Longest reason that is told, characters.
const WHY_CHARS: usize = 500;

/// What a report says.
pub(super) struct Report {
    /// Message-IDs that it may be about; what the hub does not know of them it leaves alone.
    pub references: Vec<String>,
    /// Of whom, in lower case, and what. Empty: nothing that can be understood.
    pub words: Vec<(String, Reached)>,
}

/// None: it is none.
pub(super) fn report(mail: &Mail<'_>) -> Option<Report> {
    let parts = &mail.message.parts;
    let status = parts.iter().find(|part| {
        part.is_content_type("message", "delivery-status") || part.is_content_type("message", "global-delivery-status")
    });
    let words = match status {
        Some(status) => by_status(&mail.text(status)),
        None => own_way(mail)?,
    };
    Some(Report { references: originals(mail, parts), words })
}

/// Fields for the message, then for each recipient, apart by empty lines (RFC 3464, section 2.1).
fn by_status(text: &str) -> Vec<(String, Reached)> {
    let text = text.replace("\n ", " ").replace("\n\t", " ");
    text.split("\n\n").take(REPORTED).filter_map(of_recipient).collect()
}

fn of_recipient(group: &str) -> Option<(String, Reached)> {
    let field = |name: &str| {
        let mut lines = group.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let after_type = |value: &str| {
        let text = value.split_once(';').map_or(value, |(_, rest)| rest);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // As we wrote it, if the report says so: further on it may have been another's.
    let who = field("Original-Recipient").or(field("Final-Recipient")).map(after_type)?;
    let said = field("Diagnostic-Code").map(after_type).or(field("Status").map(str::to_owned)).unwrap_or_default();
    let why = || {
        let words = [who.as_str(), said.as_str()].into_iter().filter(|word| !word.is_empty());
        cut_chars(&words.collect::<Vec<_>>().join(": "), WHY_CHARS).to_owned()
    };
    let reached = match field("Action").unwrap_or_default().to_ascii_lowercase().as_str() {
        "failed" => Reached::Failed { why: why() },
        "delayed" => Reached::Delayed { why: why() },
        "delivered" => Reached::Delivered,
        _ => return None,
    };
    Some((address_in(&who), reached))
}

/// Exim and qmail write reports of their own; what they have in common is that nobody sent them. None: it is none of these.
fn own_way(mail: &Mail<'_>) -> Option<Vec<(String, Reached)>> {
    let failed = |who: String| {
        let why = format!("{}: could not be delivered", cut_chars(&who, WHY_CHARS));
        (who, Reached::Failed { why })
    };
    if let Some(who) = mail.headers("X-Failed-Recipients").next() {
        return Some(who.split(',').map(address_in).filter(|who| !who.is_empty()).take(REPORTED).map(failed).collect());
    }
    let text = mail.message.text_part(0).map(|part| mail.text(part)).unwrap_or_default();
    let is_qmail = text.starts_with("Hi. This is the qmail-send program");
    // `<address>:` on a line of its own, before what comes back.
    let named = |line: &str| line.strip_prefix('<')?.strip_suffix(">:").map(address_in);
    let said = text.split("--- Below this line").next().unwrap_or_default();
    is_qmail.then(|| said.lines().filter_map(named).take(REPORTED).map(failed).collect())
}

fn address_in(text: &str) -> String {
    text.trim().trim_matches(['<', '>']).to_lowercase()
}

/// The Message-IDs of what came back: in the returned mail or its headers, in the text below, in In-Reply-To.
fn originals(mail: &Mail<'_>, parts: &[MessagePart<'_>]) -> Vec<String> {
    let mut ids = Vec::new();
    for part in parts {
        match &part.body {
            PartType::Message(returned) => ids.extend(returned.message_id().map(str::to_owned)),
            _ if part.is_content_type("text", "rfc822-headers")
                || part.is_content_type("message", "rfc822-headers") =>
            {
                ids.extend(id_in_text(&mail.text(part)));
            }
            _ => {}
        }
    }
    if ids.is_empty() {
        let text = mail.message.text_part(0).map(|part| mail.text(part)).unwrap_or_default();
        ids.extend(id_in_text(&text));
    }
    ids.extend(message_ids(mail.message.in_reply_to()));
    ids.extend(mail.headers("X-Original-Message-ID").map(|id| id.trim_matches(['<', '>', ' ']).to_owned()));
    ids.sort();
    ids.dedup();
    ids.truncate(REPORTED);
    ids
}

fn id_in_text(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.get(..11).is_some_and(|name| name.eq_ignore_ascii_case("message-id:")))?;
    let id = line[11..].trim().trim_matches(['<', '>']);
    (!id.is_empty()).then(|| id.to_owned())
}
