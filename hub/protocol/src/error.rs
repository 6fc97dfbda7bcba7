//! Errors as the caller sees them: one shape over HTTP and sockets, a closed set of stable codes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong, for a program. Codes are never renamed and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "generated.ts")]
pub enum ErrorCode {
    /// The body, frame or parameter could not be read as what it should be.
    Malformed,
    /// It could be read, but a field is not acceptable; see `fields`.
    Invalid,
    /// No such command or path.
    Unknown,
    /// Not signed in, or the session or token is no longer good.
    Unauthenticated,
    /// Signed in, but this person or token may not do this.
    Forbidden,
    /// The page that sent this is not one that may.
    WrongOrigin,
    /// There is no such thing, or this person may not know of it.
    NotFound,
    /// Somebody else has it already (a mail address, a name).
    Conflict,
    /// A reply that the sender has not seen stands before this one; see `unseen`. Sent again with `over` it goes out.
    ReplyUnseen,
    /// The same idempotency key came with a different body.
    KeyReused,
    /// The conversation can take no messages in the place where it is.
    ConversationClosed,
    /// The conversation was merged into another one, which `message` names: what is to be said is said there.
    ConversationMerged,
    /// These messages cannot get another conversation: `message` says why.
    CannotMove,
    /// Something of it is on its way out this moment: when it has gone, the same can be tried again.
    BeingSent,
    /// Larger than the bound that `message` names.
    TooLarge,
    /// The file's content is not what may be sent, or not what its name says.
    UnsupportedFile,
    /// Too many of these in too short a time; `retry_after_ms` says when.
    RateLimited,
    /// The hub has more to do than it can queue; nothing was kept, try again.
    Overloaded,
    /// The store or another part cannot be reached, or its answer was lost: it may or may not have been done. Trying
    /// again is harmless for what has an id of the client's or an idempotency key.
    Unavailable,
    /// A fault of the hub itself. The log has it under `request_id`.
    Internal,
}

/// One field that is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[ts(export_to = "generated.ts")]
pub struct FieldError {
    /// Path of the field in the body, `email` or `teams.0`.
    pub field: String,
    /// What is wrong with it, in a stable word: `required`, `too_long`, `too_short`, `not_an_email`, `unknown`, `taken`.
    pub code: String,
    /// The same as a sentence for the person.
    pub message: String,
}

/// The one error shape. Over HTTP it is `{"error": …}`, on a socket the `error` of a reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[ts(export_to = "generated.ts")]
pub struct ApiError {
    pub code: ErrorCode,
    /// A sentence for the person: what happened and what to do.
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<FieldError>>")]
    pub fields: Vec<FieldError>,
    /// With `reply_unseen`: numbers of the replies that stand before this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<crate::Number>>")]
    pub unseen: Vec<crate::Number>,
    /// With `rate_limited` and `overloaded`: when to try again, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after_ms: Option<u64>,
    /// Under which the log has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub request_id: Option<String>,
}

impl ApiError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
            unseen: Vec::new(),
            retry_after_ms: None,
            request_id: None,
        }
    }

    /// One field that is not acceptable.
    pub fn field(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        let fields = vec![FieldError { field: field.into(), code: code.into(), message: message.clone() }];
        Self { fields, ..Self::new(ErrorCode::Invalid, message) }
    }
}

/// What an HTTP error body is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[ts(export_to = "generated.ts")]
pub struct ErrorBody {
    pub error: ApiError,
}
