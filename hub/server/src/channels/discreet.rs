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

/// Secrets as they are, as they stand in addresses, and in what they were encoded into with others (RFC 7617, RFC 4616).
fn without(secrets: &[String], mut text: String) -> String {
    for secret in secrets {
        let coded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let spaced = coded.replace('+', "%20");
        for form in [secret, &coded, &spaced] {
            text = hidden(&text, form);
        }
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

/// In any case: `%2F` is also written `%2f`.
fn hidden(text: &str, form: &str) -> String {
    let (lower, form) = (text.to_ascii_lowercase(), form.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(&form) {
        out.push_str(&text[from..at]);
        out.push_str(HIDDEN);
        from = at + found.len();
    }
    out.push_str(&text[from..]);
    out
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
