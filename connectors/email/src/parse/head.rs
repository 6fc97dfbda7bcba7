//! Who wrote, to whom, in which thread, and whether a program did.

use mail_parser::{Address, HeaderValue};
use switchboard_connector::{Automatic, MailHead, Person, Thread};

use super::structure::Mail;
use crate::compose::LOOP_HEADER;
use crate::limits::{ADDRESS_CHARS, ADDRESSES, MESSAGE_ID_BYTES, NAME_CHARS, REFERENCES, SUBJECT_CHARS, cut_chars};

/// Stands for a sender who gave no address. It has no `@`, so that it is nobody's.
pub(super) const NOBODY: &str = "unknown";

/// Who its one From names. Of a mail with none, or with several, nobody knows: what receivers prove of a sender is about the
/// From alone (RFC 7489, section 6.6.1).
pub(super) fn sender(mail: &Mail<'_>) -> Person {
    let is_one = mail.headers("From").count() == 1;
    let known = addresses(mail.message.from()).into_iter().next().filter(|_| is_one);
    let Some((name, address)) = known else {
        return Person { key: NOBODY.to_owned(), address: None, name: None, language: None };
    };
    Person { key: address.to_lowercase(), address: Some(address), name, language: None }
}

pub(super) fn mail_head(mail: &Mail<'_>) -> MailHead {
    let message = &mail.message;
    let subject = message.subject().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let from = sender(mail).key;
    let reply_to = addresses(message.reply_to()).into_iter().map(|(_, address)| address);
    let mut references = chain(mail);
    references.extend(own_id(mail));
    dedup(&mut references);
    MailHead {
        subject: cut_chars(&subject, SUBJECT_CHARS).to_owned(),
        to: message.all_to().flat_map(|list| addresses(Some(list))).take(ADDRESSES).collect(),
        cc: message.all_cc().flat_map(|list| addresses(Some(list))).take(ADDRESSES).collect(),
        reply_to: reply_to.into_iter().find(|address| address.to_lowercase() != from),
        references,
    }
}

/// Reply tokens are all that stands after a `+` in an address it was sent to: whose they are the hub's signature says.
pub(super) fn thread(mail: &Mail<'_>) -> Thread {
    let message = &mail.message;
    let mut reply_tokens: Vec<String> = Vec::new();
    let lists = message.all_to().chain(message.all_cc());
    let mut sent_to: Vec<String> = lists.flat_map(|list| addresses(Some(list))).map(|(_, address)| address).collect();
    for name in ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"] {
        sent_to.extend(mail.headers(name).map(|value| value.trim_matches(['<', '>', ' ']).to_owned()));
    }
    for address in sent_to.iter().take(4 * ADDRESSES) {
        let local = address.rsplit_once('@').map_or("", |(local, _)| local);
        if let Some((_, token)) = local.split_once('+')
            && !token.is_empty()
            && !reply_tokens.iter().any(|known| known == token)
        {
            reply_tokens.push(token.to_owned());
        }
    }
    let mut references = message_ids(message.in_reply_to());
    references.extend(chain(mail).into_iter().rev());
    dedup(&mut references);
    Thread::References { reply_tokens, references }
}

/// RFC 3834 (sections 2 and 5), RFC 2919, RFC 2369, and what was there before them. Of a header that is there several times
/// each counts: what is to be found is any sign of a program.
pub(super) fn automatic(mail: &Mail<'_>, ours: &str, is_report: bool) -> Automatic {
    let has = |name: &str| mail.headers(name).next().is_some();
    // The word that a header begins with; parameters and comments may follow it.
    let says = |name: &str, is: fn(&str) -> bool| {
        mail.headers(name)
            .any(|value| is(value.to_ascii_lowercase().split([';', '(', ' ', '\t']).next().unwrap_or_default()))
    };
    if mail.headers(LOOP_HEADER).any(|value| value.eq_ignore_ascii_case(ours)) {
        return Automatic::Loop;
    }
    let from = sender(mail).key;
    let local = from.split('@').next().unwrap_or_default();
    let nobody_sent_it = mail.headers("Return-Path").any(|path| path.replace(' ', "") == "<>");
    let reports = says("Content-Type", |kind| kind == "multipart/report");
    if is_report || reports || matches!(local, "mailer-daemon" | "postmaster") && nobody_sent_it {
        return Automatic::Report;
    }
    if mail.headers_beginning("List-")
        || has("Mailing-List")
        || says("Precedence", |word| matches!(word, "bulk" | "list" | "junk"))
        || local.starts_with("owner-")
        || local.ends_with("-request")
    {
        return Automatic::List;
    }
    let answers = ["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply"];
    let suppresses = |value: String| {
        value.to_ascii_lowercase().split(',').any(|word| matches!(word.trim(), "all" | "oof" | "autoreply"))
    };
    let is_reply = says("Auto-Submitted", |word| word != "no")
        || says("Precedence", |word| word == "auto_reply")
        || answers.iter().any(|name| has(name))
        || mail.headers("X-Auto-Response-Suppress").any(suppresses)
        || nobody_sent_it
        || local == "mailer-daemon";
    if is_reply { Automatic::Reply } else { Automatic::No }
}

/// The mail's own Message-ID.
pub(super) fn own_id(mail: &Mail<'_>) -> Option<String> {
    mail.message.message_id().and_then(plausible_id)
}

/// What it says to continue, oldest first: References, else In-Reply-To. Of a long chain the beginning and the end, as RFC
/// 5322 readers find threads by both.
fn chain(mail: &Mail<'_>) -> Vec<String> {
    let mut ids = message_ids(mail.message.references());
    if ids.is_empty() {
        ids = message_ids(mail.message.in_reply_to());
    }
    if ids.len() > REFERENCES {
        ids.drain(1..=ids.len() - REFERENCES);
    }
    ids
}

pub(super) fn message_ids(value: &HeaderValue<'_>) -> Vec<String> {
    let ids = match value {
        HeaderValue::Text(id) => vec![id.as_ref()],
        HeaderValue::TextList(ids) => ids.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    };
    ids.into_iter().filter_map(plausible_id).collect()
}

fn plausible_id(id: &str) -> Option<String> {
    let id = id.trim().trim_matches(['<', '>']);
    let fits =
        !id.is_empty() && id.len() <= MESSAGE_ID_BYTES && !id.contains(|c: char| c.is_whitespace() || c.is_control());
    fits.then(|| id.to_owned())
}

fn dedup(ids: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
}

/// Names and addresses of a list, as far as they are addresses.
fn addresses(list: Option<&Address<'_>>) -> Vec<(Option<String>, String)> {
    let all = list.into_iter().flat_map(|list| list.iter());
    all.filter_map(|entry| {
        let address = entry.address()?.trim();
        let name = entry.name().map(str::trim).filter(|name| !name.is_empty() && *name != address);
        let name =
            name.map(|name| cut_chars(&name.split_whitespace().collect::<Vec<_>>().join(" "), NAME_CHARS).to_owned());
        is_address(address).then(|| (name, address.to_owned()))
    })
    .take(ADDRESSES)
    .collect()
}

/// Enough to write to it, and nothing in it that could end a line.
pub fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    text.chars().count() <= ADDRESS_CHARS
        && parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';'))
}
