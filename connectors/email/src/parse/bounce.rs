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
    /// None: only that it takes longer, or nothing that can be understood.
    pub reached: Option<Reached>,
}

/// None: it is none.
pub(super) fn report(mail: &Mail<'_>) -> Option<Report> {
    let parts = &mail.message.parts;
    let status = parts.iter().find(|part| {
        part.is_content_type("message", "delivery-status") || part.is_content_type("message", "global-delivery-status")
    });
    let reached = match status {
        Some(status) => by_status(&mail.text(status)),
        None if is_own_way(mail) => Some(Reached::Failed { why: own_words(mail) }),
        None => return None,
    };
    Some(Report { references: originals(mail, parts), reached })
}

/// Fields for the message, then for each recipient, apart by empty lines (RFC 3464, section 2.1).
fn by_status(text: &str) -> Option<Reached> {
    let text = text.replace("\n ", " ").replace("\n\t", " ");
    let groups = text.split("\n\n").skip(1).chain(text.split("\n\n").take(1)).take(REPORTED);
    let (mut delivered, mut failed) = (false, None);
    for group in groups {
        let field = |name: &str| {
            let lines = group.lines().filter_map(|line| line.split_once(':'));
            lines.into_iter().find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        match field("Action").unwrap_or_default().to_ascii_lowercase().as_str() {
            "failed" if failed.is_none() => {
                let after_type = |value: &str| {
                    let text = value.split_once(';').map_or(value, |(_, rest)| rest);
                    text.split_whitespace().collect::<Vec<_>>().join(" ")
                };
                let who = field("Final-Recipient").or(field("Original-Recipient")).map(after_type);
                let said = field("Diagnostic-Code").map(after_type).or(field("Status").map(str::to_owned));
                let words = [who.unwrap_or_default(), said.unwrap_or_default()];
                failed = Some(words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": "));
            }
            "delivered" => delivered = true,
            _ => {}
        }
    }
    match failed {
        Some(why) => Some(Reached::Failed { why: cut_chars(&why, WHY_CHARS).to_owned() }),
        None => delivered.then_some(Reached::Delivered),
    }
}

/// Exim and qmail write reports of their own; what they have in common is that nobody sent them.
fn is_own_way(mail: &Mail<'_>) -> bool {
    if mail.headers("X-Failed-Recipients").next().is_some() {
        return true;
    }
    let text = mail.message.text_part(0).map(|part| mail.text(part)).unwrap_or_default();
    text.starts_with("Hi. This is the qmail-send program")
}

fn own_words(mail: &Mail<'_>) -> String {
    let who = mail.headers("X-Failed-Recipients").next();
    who.map_or_else(
        || "it could not be delivered".to_owned(),
        |who| format!("{}: could not be delivered", cut_chars(&who, WHY_CHARS)),
    )
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
