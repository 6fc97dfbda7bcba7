//! Why there is no answer, sorted by what that says of the request.

use std::error::Error;

use switchboard_connector::{SendError, Trouble};

use crate::resolve::Forbidden;

/// There is no answer. The sentences hold no address: gateways are called with passwords in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// Nothing was sent, and nothing will be until the settings change.
    #[error("{0}")]
    Settings(String),
    /// Nothing was sent.
    #[error("{0}")]
    NotSent(String),
    /// It was on its way, or there.
    #[error("{0}")]
    Unknown(String),
}

impl Failed {
    pub(crate) fn forbidden() -> Self {
        Self::Settings(format!("{Forbidden}, which the hub's settings do not allow to channels"))
    }

    pub fn of(error: &reqwest::Error) -> Self {
        let why = deepest(error);
        if causes(error).any(|cause| cause.is::<Forbidden>()) {
            Self::forbidden()
        } else if error.is_builder() {
            Self::Settings(format!("the request cannot be made: {why}"))
        } else if error.is_connect() {
            Self::NotSent(format!("the provider could not be reached: {why}"))
        } else if error.is_timeout() {
            Self::Unknown("the provider took the request and did not answer in time".to_owned())
        } else {
            Self::Unknown(format!("the connection broke before there was an answer: {why}"))
        }
    }
}

/// The innermost cause is the one that says something ("Connection refused"); those about it say where they were.
fn deepest(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "no reason is known".to_owned(), ToString::to_string)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

impl From<Failed> for SendError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Settings(why) => Self::Broken { why },
            // The next message would not get there either.
            Failed::NotSent(why) => Self::Later { why, after: None, all: true },
            Failed::Unknown(why) => Self::Uncertain { why },
        }
    }
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Settings(why) => Self::Settings(why),
            Failed::NotSent(why) | Failed::Unknown(why) => Self::away(why),
        }
    }
}
