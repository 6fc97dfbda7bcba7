//! Errors: the policy, and the one place where an error becomes an answer.
//!
//! * A function that does one thing for a caller returns [`CommandError`]. `Refused` is the caller's own affair and goes
//!   to them as it is; everything else is the operator's: it is logged with its cause, once, where it becomes an answer,
//!   and the caller reads a sentence that says whether trying again helps.
//! * Errors of a part (configuration, a file, a password) are enums of their own beside it, with the cause as `#[source]`.
//! * `anyhow` and strings are not used: whoever gets an error can match on it.
//! * What the caller reads has a stable code ([`ErrorCode`]); the HTTP status follows from it, below and nowhere else.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use switchboard_domain::thread::Refusal;
use switchboard_protocol::error::{ApiError, ErrorBody, ErrorCode};
use switchboard_protocol::model::CaseLink;
use switchboard_store::{AppendError, ChangeError, ReadError, Unavailable, WriteError};

use crate::password::PasswordError;

/// When to try again at a hub with too much to do, milliseconds.
const OVERLOADED_MS: u64 = 1_000;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The caller's own affair.
    #[error("refused as {:?}", .0.code)]
    Refused(Box<ApiError>),
    /// The caller's rights have changed since they were looked up. Nothing was kept.
    #[error("the caller's rights have changed meanwhile")]
    AccessChanged,
    /// More to do than can be queued. Nothing was kept.
    #[error("too much is waiting")]
    Overloaded,
    /// The disk under the data folder has less room than is to be left free. Nothing was kept.
    #[error(
        "the disk under the data folder has less than {leave_free} MiB free, so that nothing with files is taken: make room, or \
         lower limits.visitor_uploads_leave_free"
    )]
    NoRoom { leave_free: u64 },
    /// The store or another part cannot be reached, or its answer was lost. It may or may not have been done.
    #[error("{attempted} failed: a part cannot be reached")]
    Unavailable {
        attempted: &'static str,
        #[source]
        source: Source,
    },
    /// A fault of the hub itself.
    #[error("{attempted} failed")]
    Fault {
        attempted: &'static str,
        #[source]
        source: Source,
    },
}

pub type Source = Box<dyn std::error::Error + Send + Sync>;

impl CommandError {
    pub fn not_found(what: &str) -> Self {
        ApiError::new(ErrorCode::NotFound, format!("There is no such {what}, or it is not yours to see.")).into()
    }

    pub fn fault(attempted: &'static str, source: impl Into<Source>) -> Self {
        Self::Fault { attempted, source: source.into() }
    }

    /// Whether what was to be kept can never be kept: it is not the hub that has too much to do, nor the store that is away.
    pub fn is_of_the_values(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            // A row that this hub cannot read is our own, whatever was to be kept beside it.
            Self::Fault { source, .. } => {
                !matches!(source.downcast_ref::<ReadError>(), Some(ReadError::Unreadable { .. }))
            }
            Self::AccessChanged | Self::Overloaded | Self::NoRoom { .. } => false,
            Self::Unavailable { source, .. } => {
                source.downcast_ref::<Unavailable>().is_some_and(Unavailable::is_of_the_values)
            }
        }
    }

    /// Whether it would be the same the next time: it is not the store that is away or has too much to do.
    pub fn is_for_good(&self) -> bool {
        matches!(self, Self::Fault { .. }) || self.is_of_the_values()
    }

    /// What the caller reads.
    pub fn for_caller(self) -> ApiError {
        match self {
            Self::Refused(error) => *error,
            Self::AccessChanged => {
                let sentence = "What you may do has changed this moment. Nothing was kept; try again.";
                ApiError::new(ErrorCode::Unavailable, sentence)
            }
            Self::Overloaded => ApiError {
                retry_after_ms: Some(OVERLOADED_MS),
                ..ApiError::new(ErrorCode::Overloaded, "The hub has too much to do just now. Try again in a moment.")
            },
            Self::NoRoom { .. } => {
                tracing::warn!("{self}");
                ApiError::new(ErrorCode::Overloaded, "The hub has no room for files just now. Try again later.")
            }
            Self::Unavailable { attempted, source } => {
                tracing::warn!(attempted, error = %chain(&*source), "a part cannot be reached");
                let sentence = "This cannot be done just now; it may or may not have been done. Look, and try again.";
                ApiError::new(ErrorCode::Unavailable, sentence)
            }
            Self::Fault { attempted, source } => {
                tracing::error!(attempted, error = %chain(&*source), "a fault");
                ApiError::new(ErrorCode::Internal, "Something went wrong in the hub. It has been noted.")
            }
        }
    }
}

/// An error and its causes on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl From<ApiError> for CommandError {
    fn from(error: ApiError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<Unavailable> for CommandError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable { attempted: "reaching the store", source: error.into() }
    }
}

impl From<ReadError> for CommandError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(error) => error.into(),
            ReadError::BadCursor => ApiError::field("cursor", "unknown", "This is not a cursor of this list.").into(),
            ReadError::Unreadable { .. } => Self::fault("reading the store", error),
        }
    }
}

impl From<ChangeError> for CommandError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Read(error) => error.into(),
            ChangeError::Taken { .. } => ApiError::new(ErrorCode::Conflict, "Somebody else has this already.").into(),
            ChangeError::Missing { .. } => {
                ApiError::new(ErrorCode::Invalid, "What this refers to does not exist any more.").into()
            }
        }
    }
}

impl From<WriteError<CommandError>> for CommandError {
    fn from(error: WriteError<CommandError>) -> Self {
        match error {
            WriteError::Refused(error) => error,
            WriteError::Overloaded => Self::Overloaded,
            WriteError::Unavailable(error) => error.into(),
        }
    }
}

impl From<AppendError> for CommandError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::NotFound => Self::not_found("conversation"),
            AppendError::Refused(Refusal::ReplyUnseen { numbers }) => {
                let sentence = "A colleague has answered since you last looked.";
                ApiError { unseen: numbers, ..ApiError::new(ErrorCode::ReplyUnseen, sentence) }.into()
            }
            AppendError::Refused(Refusal::InTrash) => {
                let sentence = "This conversation is in the trash. Restore it before you answer.";
                ApiError::new(ErrorCode::ConversationClosed, sentence).into()
            }
            AppendError::Refused(Refusal::Merged { into }) => merged(&into).into(),
            AppendError::Refused(Refusal::InboxRemoved) => {
                let sentence =
                    "The inbox of this conversation has been removed: nothing goes out from it. Notes work as always.";
                ApiError::new(ErrorCode::ConversationClosed, sentence).into()
            }
            AppendError::Refused(Refusal::AnswersNothing) => {
                let sentence = "What this is to answer is no message of this conversation that the customer has.";
                ApiError::field("answers", "unknown", sentence).into()
            }
            AppendError::UnknownAttachment => {
                ApiError::field("attachments", "unknown", "One of the files is not there any more; add it again.")
                    .into()
            }
            AppendError::AccessChanged => Self::AccessChanged,
            AppendError::KeyReused => {
                ApiError::new(ErrorCode::KeyReused, "This key was used for another message.").into()
            }
            AppendError::Unacceptable(error) => error.into(),
            AppendError::Overloaded => Self::Overloaded,
            AppendError::Unavailable(error) => error.into(),
        }
    }
}

impl From<PasswordError> for CommandError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Overloaded => Self::Overloaded,
            PasswordError::Hash(_) => Self::fault("hashing a password", error),
        }
    }
}

/// What would be done in a conversation is to be done in the one that it was merged into.
pub fn merged(into: &CaseLink) -> ApiError {
    let sentence = format!("This conversation was merged into {}. Go on there.", into.case_number);
    ApiError::new(ErrorCode::ConversationMerged, sentence)
}

/// The HTTP status of each code.
pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Malformed => StatusCode::BAD_REQUEST,
        ErrorCode::Invalid | ErrorCode::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Unknown | ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::WrongOrigin => StatusCode::FORBIDDEN,
        ErrorCode::Conflict
        | ErrorCode::ReplyUnseen
        | ErrorCode::ConversationClosed
        | ErrorCode::ConversationMerged
        | ErrorCode::CannotMove
        | ErrorCode::BeingSent => StatusCode::CONFLICT,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedFile => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Overloaded | ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error on its way out of a handler. The layers (`http::layers`) find it in the response's extensions: the outermost
/// puts the request id in, the innermost carries out anew what was refused by rights that had changed.
#[derive(Debug, Clone)]
pub struct Problem {
    pub error: Box<ApiError>,
    /// The caller's rights changed after they were looked up, and nothing was kept.
    pub access_changed: bool,
}

pub type Answer<T> = Result<T, Problem>;

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self { error: Box::new(error), access_changed: false }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::AccessChanged => {
                let sentence = "What you may do has changed this moment. Nothing was kept; look, and try again.";
                Self { error: Box::new(ApiError::new(ErrorCode::Conflict, sentence)), access_changed: true }
            }
            error => error.for_caller().into(),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        CommandError::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = render(&self.error);
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for CommandError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// Status, headers and body of an error.
pub fn render(error: &ApiError) -> Response {
    let body = ErrorBody { error: error.clone() };
    let mut response = (status(error.code), axum::Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(ms) = error.retry_after_ms {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
    }
    if error.code == ErrorCode::Unauthenticated {
        // RFC 9110, section 11.6.1: a 401 names a scheme.
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
