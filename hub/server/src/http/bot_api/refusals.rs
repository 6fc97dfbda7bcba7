//! Why a call comes to nothing, in Telegram's words.

use switchboard_bot_api::{Refusal, answer};
use switchboard_protocol::ConversationId;
use switchboard_protocol::error::{ApiError, ErrorCode};

use crate::bots::{BotRefusal, TakesNothing};
use crate::error::CommandError;

/// What was to be done with a message that is not there, or is not the bot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Answered,
    Edited,
    Deleted,
    Copied,
    Forwarded,
}

impl Wanted {
    fn missing(self) -> Refusal {
        match self {
            Self::Answered => answer::NOTHING_TO_ANSWER,
            Self::Edited => answer::NOTHING_TO_EDIT,
            Self::Deleted => answer::NOTHING_TO_DELETE,
            Self::Copied => answer::NOTHING_TO_COPY,
            Self::Forwarded => answer::NOTHING_TO_FORWARD,
        }
    }
}

/// A refusal, and in which conversation it was one, as far as that is known: agents look there for what has failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub refusal: Refusal,
    pub conversation_id: Option<ConversationId>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, conversation_id: None }
    }
}

/// For methods that are about a message.
pub fn about(wanted: Wanted) -> impl Fn(BotRefusal) -> Refused {
    move |refusal| match refusal {
        BotRefusal::Blocked { conversation_id } => {
            Refused { refusal: answer::BLOCKED, conversation_id: Some(conversation_id) }
        }
        BotRefusal::TooSoon { conversation_id, seconds } => {
            Refused { refusal: Refusal::too_often(seconds), conversation_id: Some(conversation_id) }
        }
        other => said(wanted, other).into(),
    }
}

fn said(wanted: Wanted, refusal: BotRefusal) -> Refusal {
    match refusal {
        BotRefusal::ChatNotFound => answer::CHAT_NOT_FOUND,
        BotRefusal::Blocked { .. } => answer::BLOCKED,
        BotRefusal::TooSoon { seconds, .. } => Refusal::too_often(seconds),
        BotRefusal::TakesNothing(why) => {
            Refusal::bad(format_args!("have no rights to send a message: {}", why_not(why)))
        }
        BotRefusal::MessageNotFound => wanted.missing(),
        BotRefusal::NotModified => answer::NOT_MODIFIED,
        BotRefusal::NotYours if wanted == Wanted::Deleted => answer::CANNOT_DELETE,
        BotRefusal::NotYours => answer::CANNOT_EDIT,
        BotRefusal::Closed(why) | BotRefusal::BadFile(why) => Refusal::bad(as_there(&why)),
        BotRefusal::WrongAddress => answer::WRONG_FILE,
        BotRefusal::NotFetched => answer::NOT_FETCHED,
        BotRefusal::QueryTooOld => answer::QUERY_TOO_OLD,
        BotRefusal::Failed(error) => failed(error),
    }
}

fn why_not(why: TakesNothing) -> &'static str {
    match why {
        TakesNothing::Trash => "the conversation is in the trash",
        TakesNothing::Spam => "the conversation is in spam",
        TakesNothing::InboxRemoved => "the inbox of the conversation was removed",
    }
}

/// For all others.
pub fn plain(refusal: BotRefusal) -> Refused {
    about(Wanted::Answered)(refusal)
}

/// The hub's own errors. What is the operator's is logged with its cause, here as everywhere.
pub fn failed(error: CommandError) -> Refusal {
    match error {
        CommandError::Refused(error) => of_caller(&error),
        // Libraries wait for as long as this says, and try again.
        CommandError::Overloaded | CommandError::NoRoom { .. } => too_often(&error.for_caller()),
        CommandError::AccessChanged => answer::UNAVAILABLE,
        CommandError::Unavailable { .. } => {
            error.for_caller();
            answer::UNAVAILABLE
        }
        CommandError::Fault { .. } => {
            error.for_caller();
            answer::INTERNAL
        }
    }
}

fn of_caller(error: &ApiError) -> Refusal {
    match error.code {
        ErrorCode::RateLimited | ErrorCode::Overloaded => too_often(error),
        ErrorCode::TooLarge => answer::TOO_LARGE,
        ErrorCode::Unavailable => answer::UNAVAILABLE,
        ErrorCode::Internal => answer::INTERNAL,
        _ => Refusal::bad(as_there(error.fields.first().map_or(&error.message, |field| &field.message))),
    }
}

fn too_often(error: &ApiError) -> Refusal {
    Refusal::too_often(error.retry_after_ms.unwrap_or(1_000).div_ceil(1_000).max(1))
}

/// A sentence of ours, as it stands behind "Bad Request: ".
fn as_there(sentence: &str) -> String {
    let mut characters = sentence.trim_end_matches('.').chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::Ulid;

    use super::*;

    #[test]
    fn each_is_said_as_telegram_says_it() {
        let conversation_id = ConversationId(Ulid(1));
        let blocked = plain(BotRefusal::Blocked { conversation_id });
        assert_eq!((blocked.refusal.code, blocked.conversation_id), (403, Some(conversation_id)));
        assert_eq!(about(Wanted::Deleted)(BotRefusal::NotYours), answer::CANNOT_DELETE.into());
        assert_eq!(about(Wanted::Copied)(BotRefusal::MessageNotFound), answer::NOTHING_TO_COPY.into());
        assert_eq!(
            plain(BotRefusal::Closed("This conversation is in the trash.".into())).refusal.description,
            "Bad Request: this conversation is in the trash"
        );
        let often = ApiError { retry_after_ms: Some(1_200), ..ApiError::new(ErrorCode::RateLimited, "x") };
        assert_eq!(failed(often.into()).retry_after, Some(2));
        assert_eq!(failed(CommandError::AccessChanged).code, 503);
    }
}
