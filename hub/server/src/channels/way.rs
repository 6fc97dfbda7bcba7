//! How the sender's messages reach their provider: by a connector of this hub, or by a process beside it.
//!
//! The sender is the same for both, but for what it can know of a message that another hub had begun: of one that was handed
//! to a process more is known than that.

use std::sync::Arc;

use switchboard_connector::{Capabilities, Connector, Outgoing, SendError, Sent};
use switchboard_store::outbox::Claimed;

use super::outside::{Packed, Remote};

/// What agents read of a message that a hub had begun when it ended.
const DOUBT: &str = "The hub that was sending this has stopped or lost track of it. It may or may not have arrived.";

pub enum Way {
    Here(Arc<dyn Connector>),
    Beside(Arc<Remote>),
}

/// A message that can be sent from one moment to the next, and has certainly not gone out.
pub enum Ready {
    Here(Box<Outgoing>),
    Beside(Packed),
}

/// What became of a message that another holder had begun.
#[derive(Debug)]
pub enum Became {
    Known(Result<Sent, SendError>),
    /// It was handed to a process that has not begun it and never will.
    NotBegun,
}

impl Way {
    pub fn capabilities(&self) -> Capabilities {
        match self {
            Self::Here(connector) => connector.capabilities(),
            Self::Beside(remote) => remote.capabilities(),
        }
    }

    /// Makes a message ready: all that may take long without it being on its way.
    pub async fn ready(&self, claimed: &Claimed, holder: &str, message: Outgoing) -> Result<Ready, SendError> {
        match self {
            Self::Here(_) => Ok(Ready::Here(Box::new(message))),
            Self::Beside(remote) => remote.pack(claim_name(claimed, holder), &message).await.map(Ready::Beside),
        }
    }

    /// What was made ready is not sent after all.
    pub async fn throw_away(&self, ready: Ready) {
        if let (Self::Beside(remote), Ready::Beside(packed)) = (self, ready) {
            remote.throw_away(packed).await;
        }
    }

    /// Once for each claim, of what was made ready by this way.
    pub async fn send(&self, ready: Ready) -> Result<Sent, SendError> {
        match (self, ready) {
            (Self::Here(connector), Ready::Here(message)) => connector.send(&message).await,
            (Self::Beside(remote), Ready::Beside(packed)) => remote.send(packed).await,
            (Self::Here(_), Ready::Beside(_)) | (Self::Beside(_), Ready::Here(_)) => {
                unreachable!("a sender has one way")
            }
        }
    }

    /// Asks after what `holder` had begun under this claim.
    pub async fn became(&self, claimed: &Claimed, holder: &str) -> Became {
        match self {
            Self::Here(_) => Became::Known(Err(SendError::Uncertain { why: DOUBT.into() })),
            Self::Beside(remote) => remote.became(claimed.message_id, &claim_name(claimed, holder)).await,
        }
    }
}

/// Tells a claim from every other: whoever reads the row knows it, so that a hub can ask after what another had handed out.
fn claim_name(claimed: &Claimed, holder: &str) -> String {
    format!("{}/{holder}/{}/{}", claimed.message_id, claimed.attempts, claimed.claimed_at)
}
