//! A connector whose words hold none of its secrets.
//!
//! What a provider says of a failure is shown: to agents below the message, to admins as the channel's health, in the log.
//! Some repeat what they were sent: the address with the password in it, the line with which we signed in. So whatever a
//! connector says of trouble passes here, and is cut to what is kept of it.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use switchboard_connector::{
    Capabilities, Connector, Edge, Outgoing, Recipient, Secrets, SendError, Sent, Trouble, Webhook, WebhookAnswer,
    limits,
};
use tokio_util::sync::CancellationToken;

/// Shorter ones are no secrets, and stand in too many words.
const SECRET_BYTES: usize = 4;
/// Stands where a secret stood.
const HIDDEN: &str = "•••";

/// Around a connector that was made with these secrets.
pub fn discreet(connector: Arc<dyn Connector>, secrets: &Secrets) -> Arc<dyn Connector> {
    let secrets = secrets.0.values().map(|secret| secret.expose().to_owned());
    let mut secrets: Vec<String> = secrets.filter(|secret| secret.len() >= SECRET_BYTES).collect();
    // One that holds another goes first.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    Arc::new(Discreet { connector, secrets })
}

struct Discreet {
    connector: Arc<dyn Connector>,
    secrets: Vec<String>,
}

impl Discreet {
    fn trouble(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::Settings(why) => Trouble::Settings(self.words(why)),
            Trouble::Away { why, after } => Trouble::Away { why: self.words(why), after },
        }
    }

    fn error(&self, mut error: SendError) -> SendError {
        let (SendError::Later { why, .. }
        | SendError::Refused { why }
        | SendError::Broken { why }
        | SendError::Uncertain { why }) = &mut error;
        *why = self.words(std::mem::take(why));
        error
    }

    /// Without secrets first: half of one that was cut is a hint.
    fn words(&self, why: String) -> String {
        limits::note(without(&self.secrets, why))
    }
}

/// Secrets as they are, as pages, JSON and addresses write them, and in what they were encoded into with others (RFC 7617,
/// RFC 4616).
fn without(secrets: &[String], mut text: String) -> String {
    for secret in secrets {
        text = hidden(&text, secret);
    }
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(|c: char| !is_base64(c)) {
        let run = part.trim_end_matches(|c: char| !is_base64(c));
        if secrets.iter().any(|secret| is_within(run, secret)) {
            out.push_str(HIDDEN);
            out.push_str(&part[run.len()..]);
        } else {
            out.push_str(part);
        }
    }
    out
}

fn hidden(text: &str, secret: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = begins_with(rest, secret) {
            out.push_str(HIDDEN);
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// Length of the secret as it stands at the beginning of the text, each character in whatever spelling.
fn begins_with(text: &str, secret: &str) -> Option<usize> {
    // A `%` may be itself or begin `%25`: all ways are followed.
    let mut reached = vec![0];
    for character in secret.chars() {
        let mut next: Vec<usize> = Vec::new();
        for from in reached {
            next.extend(spellings(&text[from..], character).map(|length| from + length));
        }
        next.dedup();
        if next.is_empty() {
            return None;
        }
        reached = next;
    }
    reached.into_iter().max()
}

/// Lengths of what stands for the character at the beginning of the text.
fn spellings(text: &str, character: char) -> impl Iterator<Item = usize> {
    let first = text.chars().next();
    let plain = first.filter(|first| first.eq_ignore_ascii_case(&character)).map(char::len_utf8);
    // `application/x-www-form-urlencoded`.
    let plus = (character == ' ' && first == Some('+')).then_some(1);
    let other = match first {
        Some('%') => percent(text, character),
        Some('&') => reference(text, character),
        Some('\\') => escape(text, character),
        _ => None,
    };
    [plain, plus, other].into_iter().flatten()
}

/// RFC 3986, section 2.1.
fn percent(text: &str, character: char) -> Option<usize> {
    let mut utf8 = [0; 4];
    let wanted = character.encode_utf8(&mut utf8).bytes();
    let coded: String = wanted.map(|byte| format!("%{byte:02X}")).collect();
    let there = text.get(..coded.len())?;
    there.eq_ignore_ascii_case(&coded).then_some(coded.len())
}

/// A character reference of HTML or XML.
fn reference(text: &str, character: char) -> Option<usize> {
    let (name, _) = text.get(1..)?.split_once(';')?;
    let number = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
    let meant = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        name => match name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
            Some(digits) => number(digits, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    };
    (meant == Some(character)).then_some(name.len() + 2)
}

/// RFC 8259, section 7.
fn escape(text: &str, character: char) -> Option<usize> {
    if text[1..].starts_with(character) && r#""\/"#.contains(character) {
        return Some(2);
    }
    let mut units = [0; 2];
    let coded: String = character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")).collect();
    let there = text.get(..coded.len())?;
    there.eq_ignore_ascii_case(&coded).then_some(coded.len())
}

/// Whether the secret is in what this stands for in base64, wherever in it that begins.
fn is_within(run: &str, secret: &str) -> bool {
    const ANY_END: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    if run.len() < secret.len() {
        return false;
    }
    let decodes = |alphabet: &Alphabet, text: &str| {
        let whole = &text[..text.len() - usize::from(text.len() % 4 == 1)];
        GeneralPurpose::new(alphabet, ANY_END).decode(whole).is_ok_and(|bytes| holds(&bytes, secret.as_bytes()))
    };
    let run = run.trim_end_matches('=');
    (0..4).filter_map(|from| run.get(from..)).any(|text| decodes(&STANDARD, text) || decodes(&URL_SAFE, text))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[async_trait]
impl Connector for Discreet {
    fn capabilities(&self) -> Capabilities {
        self.connector.capabilities()
    }

    async fn check(&self) -> Result<String, Trouble> {
        self.connector.check().await.map(|found| self.words(found)).map_err(|trouble| self.trouble(trouble))
    }

    async fn receive(&self, edge: &dyn Edge, stop: CancellationToken) -> Result<(), Trouble> {
        self.connector.receive(edge, stop).await.map_err(|trouble| self.trouble(trouble))
    }

    async fn announce(&self, address: Option<&str>) -> Result<(), Trouble> {
        self.connector.announce(address).await.map_err(|trouble| self.trouble(trouble))
    }

    async fn webhook(&self, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
        self.connector.webhook(request, edge).await
    }

    fn webhook_bytes(&self) -> usize {
        self.connector.webhook_bytes()
    }

    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        self.connector.send(message).await.map_err(|error| self.error(error))
    }

    async fn typing(&self, to: &Recipient) {
        self.connector.typing(to).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_holds_a_secret_however_it_was_written() {
        let secrets = ["S3cret pass/wörd".to_owned(), "tok-1234".to_owned()];
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let said = [
            "Bad request: /send?user=shop&password=S3cret+pass%2Fw%C3%B6rd&to=1".to_owned(),
            "Bad request: /send?password=S3cret%20pass%2fw%c3%b6rd&to=1".to_owned(),
            "who is \"S3cret pass/wörd\"?".to_owned(),
            format!("5.7.8 refused: AUTH PLAIN {}", encode("\0user\0S3cret pass/wörd")),
            format!("Authorization: Basic {}.", encode("AC1:tok-1234")),
            format!("{} and more", encode("a tok-1234").trim_end_matches('=')),
        ];
        for said in said {
            let told = without(&secrets, said.clone());
            assert!(told.contains(HIDDEN), "{said} became {told}");
            for part in ["S3cret", "tok-1234", "pass", "w%", "AHVz", "QUMx"] {
                let may = part == "pass" && told.contains("password=•••");
                assert!(may || !told.contains(part), "{said} became {told}");
            }
        }
        let harmless = "421 4.7.0 ABCDEFGHIJKLMNOP= come again tomorrow, shop";
        assert_eq!(without(&secrets, harmless.to_owned()), harmless);
    }

    #[test]
    fn a_page_or_json_that_repeats_a_secret_is_no_way_around() {
        let secret = r#"50%a&b"<c>'\/ö"#.to_owned();
        for said in [
            secret.clone(),
            r#"wrong: 50%a&amp;b&quot;&lt;c&gt;&#39;\/ö!"#.to_owned(),
            r#"wrong: 50%a&#38;b&#x22;&lt;c>&apos;\/&#246;!"#.to_owned(),
            r#"{"wrong":"50%a&b\"<c>'\\/ö"}"#.to_owned(),
            r#"{"wrong":"50%a\u0026b\"\u003cc\u003E'\\\/\u00f6"}"#.to_owned(),
            "50%25a%26b%22%3Cc%3e%27%5C%2F%C3%B6".to_owned(),
        ] {
            let told = without(std::slice::from_ref(&secret), said.clone());
            assert!(told.contains(HIDDEN) && !told.contains("50%"), "{said} became {told}");
        }
        let harmless = r"a & b; %zz \u00 &# &#x; \";
        assert_eq!(without(&[secret], harmless.to_owned()), harmless);
    }

    #[test]
    fn what_is_said_is_cut() {
        let connector = Discreet { connector: Arc::new(Mute), secrets: Vec::new() };
        let told = connector.error(SendError::Refused { why: "x".repeat(10_000) });
        assert!(matches!(told, SendError::Refused { why } if why.chars().count() == limits::NOTE_CHARS + 1));
    }

    struct Mute;

    #[async_trait]
    impl Connector for Mute {
        fn capabilities(&self) -> Capabilities {
            unimplemented!("nobody asks")
        }

        async fn check(&self) -> Result<String, Trouble> {
            Ok(String::new())
        }

        async fn send(&self, _: &Outgoing) -> Result<Sent, SendError> {
            Err(SendError::Refused { why: String::new() })
        }
    }
}
