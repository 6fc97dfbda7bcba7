//! How much may be filled in for a channel, and what has to be of its kind: an address, a day. Each field by its name. Whether
//! the provider likes it the provider is asked.

use switchboard_domain::validate::Fields;
use switchboard_protocol::channels::{
    Acknowledgement, ChannelSettings, EmailSettings, GatewaySettings, MailServer, SmsSettings, TelegramSettings,
};
use switchboard_protocol::limits::URL_CHARS;

/// Longest name of a server, characters (RFC 1035, section 2.3.4).
const HOST_CHARS: usize = 253;
/// Longest user name, account or number at a provider, characters.
const ACCOUNT_CHARS: usize = 320;
/// Folders of one mailbox that are read.
const FOLDERS: usize = 50;
/// Longest name of a folder, characters.
const FOLDER_CHARS: usize = 255;
/// Longest template, characters.
const TEMPLATE_CHARS: usize = 20_000;
/// Headers of a gateway's request.
const HEADERS: usize = 30;
/// Longest name of a header or a place in an answer, characters.
const PLACE_CHARS: usize = 200;
/// Words that a gateway has for one state.
const WORDS: usize = 50;

/// Says what is wrong.
pub fn check(fields: &mut Fields, settings: &ChannelSettings) {
    match settings {
        ChannelSettings::Email(of) => mailbox(fields, of),
        ChannelSettings::Sms(SmsSettings { account_sid, from, base_url }) => {
            line(fields, "account_sid", account_sid, ACCOUNT_CHARS);
            line(fields, "from", from, ACCOUNT_CHARS);
            line(fields, "base_url", base_url, URL_CHARS);
            if !sends(from.trim()) {
                let sentence =
                    "This is no number with its country code, like +31612345678, and no messaging service (MG…).";
                fields.wrong("settings.from", "not_a_number", sentence);
            }
        }
        ChannelSettings::Telegram(TelegramSettings { mode: _, base_url }) => {
            line(fields, "base_url", base_url, URL_CHARS);
        }
        ChannelSettings::Gateway(of) => gateway(fields, of),
    }
}

/// Whether SMS can come from it: a number, a short code, a name, or what a provider picks one from. What is left empty, the try
/// of the settings tells.
fn sends(from: &str) -> bool {
    let short =
        (3..=8).contains(&from.len()) && !from.starts_with('0') && from.bytes().all(|byte| byte.is_ascii_digit());
    let named = from.chars().any(|char| char.is_ascii_alphabetic());
    // What is too long has been said.
    let unread = from.is_empty() || from.chars().count() > ACCOUNT_CHARS;
    unread || short || named || switchboard_numbers::e164(from, None).is_some()
}

fn mailbox(fields: &mut Fields, of: &EmailSettings) {
    if !switchboard_email::is_address(of.address.trim()) {
        fields.wrong("settings.address", "not_an_email", "This is not a mail address.");
    }
    server(fields, "imap", of.imap.as_ref());
    server(fields, "smtp", of.smtp.as_ref());
    if of.folders.len() > FOLDERS {
        fields.wrong("settings.folders", "too_many", format!("At most {FOLDERS} folders."));
    }
    for folder in of.folders.iter().take(FOLDERS) {
        line(fields, "folders", folder, FOLDER_CHARS);
    }
    if !of.import_since.trim().is_empty() && !switchboard_email::is_day(&of.import_since) {
        fields.wrong("settings.import_since", "not_a_day", "This is no day: write it as 2026-02-01.");
    }
    if let Some(Acknowledgement { subject, text }) = &of.acknowledgement {
        required_line(fields, "acknowledgement.subject", subject, Acknowledgement::SUBJECT_CHARS);
        fields.bounded("settings.acknowledgement.text", text, 1, Acknowledgement::TEXT_CHARS);
        if of.smtp.is_none() {
            let sentence = "An acknowledgement goes out by a mail server: set up outgoing mail, or switch it off.";
            fields.wrong("settings.acknowledgement", "needs_smtp", sentence);
        }
    }
}

fn server(fields: &mut Fields, part: &str, server: Option<&MailServer>) {
    let Some(MailServer { host, port, security: _, username, auth: _ }) = server else { return };
    required_line(fields, &format!("{part}.host"), host, HOST_CHARS);
    line(fields, &format!("{part}.username"), username, ACCOUNT_CHARS);
    if *port == 0 {
        fields.wrong(&format!("settings.{part}.port"), "required", "This is needed.");
    }
}

fn gateway(fields: &mut Fields, of: &GatewaySettings) {
    line(fields, "from", &of.from, ACCOUNT_CHARS);
    line(fields, "send.method", &of.send.method, PLACE_CHARS);
    line(fields, "send.url", &of.send.url, TEMPLATE_CHARS);
    fields.bounded("settings.send.body", &of.send.body, 0, TEMPLATE_CHARS);
    line(fields, "send.id_at", &of.send.id_at, PLACE_CHARS);
    if of.send.headers.len() > HEADERS {
        fields.wrong("settings.send.headers", "too_many", format!("At most {HEADERS} headers."));
    }
    for (name, value) in of.send.headers.iter().take(HEADERS) {
        line(fields, "send.headers", name, PLACE_CHARS);
        line(fields, "send.headers", value, TEMPLATE_CHARS);
    }
    let places = &of.receive;
    for (field, place) in [
        ("receive.id_at", &places.id_at),
        ("receive.from_at", &places.from_at),
        ("receive.text_at", &places.text_at),
        ("receive.secret_header", &places.secret_header),
    ] {
        line(fields, field, place, PLACE_CHARS);
    }
    let Some(status) = &of.status else { return };
    line(fields, "status.id_at", &status.id_at, PLACE_CHARS);
    line(fields, "status.status_at", &status.status_at, PLACE_CHARS);
    for (field, words) in [("status.delivered", &status.delivered), ("status.failed", &status.failed)] {
        if words.len() > WORDS {
            fields.wrong(&format!("settings.{field}"), "too_many", format!("At most {WORDS} words."));
        }
        for word in words.iter().take(WORDS) {
            line(fields, field, word, PLACE_CHARS);
        }
    }
}

/// One line of at most so many characters.
fn line(fields: &mut Fields, field: &str, text: &str, most: usize) {
    a_line(fields, field, text, 0, most);
}

fn required_line(fields: &mut Fields, field: &str, text: &str, most: usize) {
    a_line(fields, field, text, 1, most);
}

fn a_line(fields: &mut Fields, field: &str, text: &str, least: usize, most: usize) {
    let field = format!("settings.{field}");
    let text = fields.bounded(&field, text, least, most);
    if text.contains(['\n', '\t']) {
        fields.wrong(&field, "control_characters", "This is one line.");
    }
}
