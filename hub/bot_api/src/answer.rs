//! Answers ("Making requests"): `ok` with a `result`, or not, with `error_code`, `description` and perhaps `parameters`.
//! Libraries make their errors of code and sentence, so both are Telegram's.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

/// Said yes.
pub fn ok(result: impl Serialize) -> Value {
    json!({ "ok": true, "result": result })
}

/// Said no. The HTTP status of the answer is its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: u16,
    pub description: Cow<'static, str>,
    /// Seconds, "ResponseParameters".
    pub retry_after: Option<u64>,
}

impl Refusal {
    pub const fn new(code: u16, description: &'static str) -> Self {
        Self { code, description: Cow::Borrowed(description), retry_after: None }
    }

    /// 400, with what Telegram writes before all of them.
    pub fn bad(sentence: impl std::fmt::Display) -> Self {
        Self { code: 400, description: Cow::Owned(format!("Bad Request: {sentence}")), retry_after: None }
    }

    /// Formatting that cannot be read.
    pub fn unparsable(why: impl std::fmt::Display) -> Self {
        Self::bad(format_args!("can't parse entities: {why}"))
    }

    pub fn too_often(seconds: u64) -> Self {
        Self {
            code: 429,
            description: Cow::Owned(format!("Too Many Requests: retry after {seconds}")),
            retry_after: Some(seconds),
        }
    }

    pub fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({ "retry_after": seconds });
        }
        body
    }
}

/// No such method.
pub const NOT_FOUND: Refusal = Refusal::new(404, "Not Found");
/// No such token.
pub const UNAUTHORIZED: Refusal = Refusal::new(401, "Unauthorized");
pub const BLOCKED: Refusal = Refusal::new(403, "Forbidden: bot was blocked by the user");
pub const WEBHOOK_SET: Refusal = Refusal::new(
    409,
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
);
pub const ANOTHER_POLLER: Refusal = Refusal::new(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
);
pub const TOO_LARGE: Refusal = Refusal::new(413, "Request Entity Too Large");
pub const INTERNAL: Refusal = Refusal::new(500, "Internal Server Error");
/// The hub goes, or its store is away: libraries try again.
pub const UNAVAILABLE: Refusal = Refusal::new(503, "Service Unavailable");

pub const NO_CHAT: Refusal = Refusal::new(400, "Bad Request: chat_id is empty");
pub const CHAT_NOT_FOUND: Refusal = Refusal::new(400, "Bad Request: chat not found");
pub const NO_MESSAGE: Refusal = Refusal::new(400, "Bad Request: message identifier is not specified");
pub const NOT_MODIFIED: Refusal = Refusal::new(
    400,
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a \
     current content and reply markup of the message",
);
pub const NOTHING_TO_EDIT: Refusal = Refusal::new(400, "Bad Request: message to edit not found");
pub const NOTHING_TO_DELETE: Refusal = Refusal::new(400, "Bad Request: message to delete not found");
pub const NOTHING_TO_COPY: Refusal = Refusal::new(400, "Bad Request: message to copy not found");
pub const NOTHING_TO_FORWARD: Refusal = Refusal::new(400, "Bad Request: message to forward not found");
pub const NOTHING_TO_ANSWER: Refusal = Refusal::new(400, "Bad Request: message to be replied not found");
pub const CANNOT_EDIT: Refusal = Refusal::new(400, "Bad Request: message can't be edited");
pub const CANNOT_DELETE: Refusal = Refusal::new(400, "Bad Request: message can't be deleted for everyone");
pub const EMPTY_TEXT: Refusal = Refusal::new(400, "Bad Request: message text is empty");
/// Nothing is left of the text when blanks are taken away.
pub const BLANK_TEXT: Refusal = Refusal::new(400, "Bad Request: text must be non-empty");
pub const TEXT_TOO_LONG: Refusal = Refusal::new(400, "Bad Request: message is too long");
pub const CAPTION_TOO_LONG: Refusal = Refusal::new(400, "Bad Request: message caption is too long");
pub const QUERY_TOO_OLD: Refusal =
    Refusal::new(400, "Bad Request: query is too old and response timeout expired or query ID is invalid");
pub const WRONG_FILE: Refusal = Refusal::new(400, "Bad Request: wrong file identifier/HTTP URL specified");
pub const NOT_FETCHED: Refusal = Refusal::new(400, "Bad Request: failed to get HTTP URL content");
pub const INVALID_FILE: Refusal = Refusal::new(400, "Bad Request: invalid file_id");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_telegrams_shape() {
        assert_eq!(ok(true).to_string(), r#"{"ok":true,"result":true}"#);
        let body = json!({"ok": false, "error_code": 404, "description": "Not Found"});
        assert_eq!(NOT_FOUND.body(), body);
        let often = Refusal::too_often(7).body();
        assert_eq!(often["parameters"]["retry_after"], 7);
        assert_eq!(often["description"], "Too Many Requests: retry after 7");
        assert_eq!(Refusal::unparsable("x").description, "Bad Request: can't parse entities: x");
    }
}
