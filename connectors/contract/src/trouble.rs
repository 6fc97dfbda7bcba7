//! Why a channel does not work, for whoever has to mend it.

use std::time::Duration;

/// The provider cannot be used just now. The sentence is for an admin: what happened and what to do, with no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The settings are wrong: trying again does not help until they are changed.
    #[error("{0}")]
    Settings(String),
    /// The provider is away, slow or busy; it is tried again by itself.
    #[error("{why}")]
    Away {
        why: String,
        /// The provider's own word on when. None: the hub's back-off.
        after: Option<Duration>,
    },
}

impl Trouble {
    pub fn away(why: impl Into<String>) -> Self {
        Self::Away { why: why.into(), after: None }
    }
}
