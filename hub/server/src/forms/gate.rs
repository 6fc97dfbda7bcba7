//! Who comes through: what a message by a form must show before anything of it is kept.

use sha2::{Digest, Sha256};
use switchboard_domain::threading;
use switchboard_domain::validate::Fields;
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::error::FieldError;
use switchboard_protocol::forms::{ContactForm, FormField, FormLanguage};
use switchboard_protocol::limits;
use switchboard_store::contact_forms::Kept;

use super::body::Sent;
use super::token::Ticket;
use super::words::{self, Words};
use crate::app::App;
use crate::caller::Origin;
use crate::config::origin_of;
use crate::secret::hex;

/// Longest mail address, characters (RFC 5321, section 4.5.3.1.3).
pub const ADDRESS_CHARS: usize = 254;

/// Why it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// The field that people do not see was filled in.
    Trapped,
    /// No token, or none that is good any more.
    NoToken,
    TooSoon {
        after_ms: u64,
    },
    TooOften {
        after_ms: u64,
    },
}

/// Lets one message through and counts it. Without a proof there is a much lower rate: a browser that runs no scripts shows
/// none.
pub async fn pass(app: &App, kept: &Kept, from: &Origin, sent: &Sent) -> Result<Ticket, Shut> {
    if !sent.website.is_empty() {
        metrics::counter!("switchboard_form_trapped_total").increment(1);
        return Err(Shut::Trapped);
    }
    let now = app.clock.now();
    let ticket = app.form_key.verify(&sent.token, kept.inbox_id, now).ok_or(Shut::NoToken)?;
    let after = ticket.issued_at + app.config.limits.form_soonest_ms - now;
    if after > 0 {
        return Err(Shut::TooSoon { after_ms: after.unsigned_abs() });
    }
    let (limits, network) = (&app.config.limits, from.network());
    let proved = ticket.is_proved(&sent.proof, limits.form_proof_bits);
    let counted = async {
        app.limit(&format!("forms:{network}"), limits.form_messages_per_address).await?;
        if !proved {
            app.limit(&format!("forms-unproved:{network}"), limits.form_unproved_per_address).await?;
            app.limit(&format!("forms-unproved:{}", kept.inbox_id), limits.form_unproved).await?;
        }
        Ok::<_, switchboard_protocol::error::ApiError>(())
    };
    match counted.await {
        Ok(()) => Ok(ticket),
        Err(error) => Err(Shut::TooOften { after_ms: error.retry_after_ms.unwrap_or_default() }),
    }
}

/// What the fields say, once they are acceptable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub name: Option<String>,
    pub email: String,
    pub subject: String,
    pub text: String,
    /// Empty: it did not say, or said no address of a page.
    pub page: String,
}

impl Checked {
    /// Two that say the same with the same files have the same, and no others.
    pub fn digest(&self, files: &[FileDigest]) -> String {
        let Self { name, email, subject, text, page: _ } = self;
        let mut hash = Sha256::new();
        for said in [name.as_deref().unwrap_or_default(), email, subject, text] {
            hash.update((said.len() as u64).to_be_bytes());
            hash.update(said);
        }
        for FileDigest(file) in files {
            hash.update(file);
        }
        hex(&hash.finalize())
    }
}

/// Of a file's name and content: another one is another message, whatever is typed beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest([u8; 32]);

/// Reads along while a file is kept, or only read.
pub struct FileDigesting(Sha256);

impl FileDigesting {
    pub fn of(name: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name);
        Self(hash)
    }

    pub fn read(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn done(self) -> FileDigest {
        FileDigest(self.0.finalize().into())
    }
}

/// The fields, or what is wrong with each, in the form's language.
pub fn check(
    form: &ContactForm,
    mailbox: &ChannelSettings,
    words: &Words,
    sent: &Sent,
) -> Result<Checked, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let mut refuse = |field: &str, code: &str, sentence: &str| {
        wrong.push(FieldError { field: field.into(), code: code.into(), message: sentence.into() });
    };
    let mut line = |field: &str, asked: FormField, text: &str, most: usize| -> String {
        let text = text.trim();
        if asked == FormField::Off {
            return String::new();
        }
        if text.is_empty() && asked == FormField::Required {
            refuse(field, "required", words.required);
        } else if text.chars().count() > most {
            refuse(field, "too_long", words.too_long);
        } else if text.chars().any(char::is_control) {
            refuse(field, "control_characters", words.not_shown);
        }
        text.to_owned()
    };
    let name = line("name", form.name, &sent.name, limits::NAME_CHARS);
    let subject = line("subject", form.subject, &sent.subject, limits::SUBJECT_CHARS);
    let mut fields = Fields::new();
    let email = fields.email("email", &sent.email);
    if email.is_empty() {
        refuse("email", "required", words.required);
    } else if fields.done().is_err() || !is_plain(&email) {
        refuse("email", "not_an_email", words.not_an_email);
    } else if matches!(mailbox, ChannelSettings::Email(of) if threading::is_ours(&email, &of.address)) {
        refuse("email", "own_address", words.own_address);
    }
    // A form's lines end with CRLF on the way (HTML, 4.10.22.7).
    let text = sent.message.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        refuse("message", "required", words.required);
    } else if text.chars().count() > limits::MESSAGE_TEXT_CHARS {
        refuse("message", "too_long", words.too_long);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let page = page(&sent.page);
    Ok(Checked { name: (!name.is_empty()).then_some(name), email, subject, text: text.to_owned(), page })
}

/// Nothing that a mail program or a mail server could take for more than one address.
fn is_plain(address: &str) -> bool {
    !address.chars().any(|c| "%!|`'\\{}".contains(c) && c != '\'') && !address.starts_with('-')
}

/// The address of a page, if it is one; without what stands behind a `#`.
pub fn page(text: &str) -> String {
    let known = origin_of(text).is_some() && text.chars().count() <= limits::URL_CHARS;
    let text = text.split('#').next().unwrap_or_default();
    if known && !text.chars().any(|c| c.is_control() || c.is_whitespace()) { text.to_owned() } else { String::new() }
}

/// In which language to answer: the page's word, if it is one of ours, else the form's.
pub fn words_for(form: &ContactForm, asked: &str) -> &'static Words {
    let base = asked.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let base = if base == "no" || base == "nn" { "nb" } else { base.as_str() };
    words::of(FormLanguage::from_word(base).unwrap_or(form.language))
}
