//! What a person typed, made acceptable or refused with a sentence. One function per kind of field.

use switchboard_protocol::error::{ApiError, ErrorCode, FieldError};
use switchboard_protocol::limits;

/// Collects what is wrong with the fields of one body, so that the person hears of all of it at once.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn wrong(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), code: code.into(), message: message.into() });
    }

    /// A name of a person, team, inbox or token: trimmed, not empty, bounded.
    pub fn name(&mut self, field: &str, text: &str) -> String {
        self.bounded(field, text, 1, limits::NAME_CHARS)
    }

    /// A text of `min` to `max` characters after trimming, without control characters.
    pub fn bounded(&mut self, field: &str, text: &str, min: usize, max: usize) -> String {
        let text = text.trim();
        let chars = text.chars().count();
        if chars < min {
            let (code, sentence) = if chars == 0 {
                ("required", "This is needed.".to_owned())
            } else {
                ("too_short", format!("This needs at least {min} characters."))
            };
            self.wrong(field, code, sentence);
        } else if chars > max {
            self.wrong(field, "too_long", format!("This may have at most {max} characters."));
        } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.wrong(field, "control_characters", "This has characters that cannot be shown.");
        }
        text.to_owned()
    }

    /// A mail address, in lower case. Only its outline is checked: whether it exists is for the mail to find out.
    pub fn email(&mut self, field: &str, text: &str) -> String {
        let text = text.trim().to_lowercase();
        let outline = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains('@')
        });
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\"".contains(c));
        if !outline || !clean || text.len() > 254 {
            self.wrong(field, "not_an_email", "This is not a mail address.");
        }
        text
    }

    pub fn password(&mut self, field: &str, text: &str) {
        let chars = text.chars().count();
        if chars < limits::PASSWORD_MIN_CHARS {
            let sentence = format!("A password needs at least {} characters.", limits::PASSWORD_MIN_CHARS);
            self.wrong(field, "too_short", sentence);
        } else if chars > limits::PASSWORD_MAX_CHARS {
            let sentence = format!("A password may have at most {} characters.", limits::PASSWORD_MAX_CHARS);
            self.wrong(field, "too_long", sentence);
        }
    }

    /// Nothing wrong, or the one error that names all.
    pub fn done(self) -> Result<(), ApiError> {
        match self.0.len() {
            0 => Ok(()),
            1 => Err(ApiError { message: self.0[0].message.clone(), ..self.into_error() }),
            _ => Err(self.into_error()),
        }
    }

    fn into_error(self) -> ApiError {
        ApiError { fields: self.0, ..ApiError::new(ErrorCode::Invalid, "Some fields need another look.") }
    }
}

/// A message's text as it may be kept: NUL, which PostgreSQL's text cannot hold, becomes U+FFFD. Nothing else is touched,
/// so that what a person wrote comes back unchanged.
pub fn message_text(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

/// Checks a message before it is queued for the store. Signs that show nothing by themselves are a text like any other:
/// which of them somebody's script needs is not ours to decide.
pub fn message(text: &str, attachments: usize, client_id: Option<&str>) -> Result<(), ApiError> {
    let mut fields = Fields::new();
    if text.trim().is_empty() && attachments == 0 {
        fields.wrong("text", "required", "Write something or add a file.");
    }
    if text.chars().count() > limits::MESSAGE_TEXT_CHARS {
        let sentence = format!("A message may have at most {} characters.", limits::MESSAGE_TEXT_CHARS);
        fields.wrong("text", "too_long", sentence);
    }
    if attachments > limits::MESSAGE_ATTACHMENTS {
        let sentence = format!("A message may carry at most {} files.", limits::MESSAGE_ATTACHMENTS);
        fields.wrong("attachments", "too_many", sentence);
    }
    if client_id.is_some_and(|id| id.is_empty() || id.len() > limits::CLIENT_ID_CHARS || !id.is_ascii()) {
        let sentence = format!("An id has 1 to {} ASCII characters.", limits::CLIENT_ID_CHARS);
        fields.wrong("id", "invalid", sentence);
    }
    fields.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_a_text_or_a_file() {
        for nothing in ["", " \n\t", "\u{3000}"] {
            assert!(message(nothing, 0, None).is_err(), "{nothing:?}");
            assert!(message(nothing, 1, None).is_ok(), "{nothing:?}");
        }
        for something in ["a", ".", "\u{200b}", "\u{feff}", "\u{2764}\u{fe0f}", "\u{1f469}\u{200d}\u{1f467}", "\u{301}"]
        {
            assert!(message(something, 0, None).is_ok(), "{something:?}");
        }
    }
}
