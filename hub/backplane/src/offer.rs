//! Offers: something that at most one may begin, once, within a time; or that whoever offered it withdraws before.
//!
//! Each step is one on Redis, by Redis's clock. A Redis that may have forgotten a step says so, never that it was not taken:
//! an offer belongs to one run of one Redis, so that neither a restart with an older snapshot nor a replica that took over
//! looks as if nothing had begun.

use std::time::Duration;

use crate::{Backplane, Unavailable};

/// The mark of whoever withdraws; no beginner's is so.
pub(crate) const WITHDRAWN: &str = "withdrawn";

/// Something that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Whose it is to begin: an offer of the same name takes the place of the one before, which can no longer be begun.
    pub name: String,
    /// Tells it from others of its name.
    pub nonce: String,
}

/// Who begins: whoever holds this lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginner {
    pub lease: String,
    pub fencing: u64,
    /// Tells this beginning from any other: asked again, because the answer was lost, it is answered the same.
    pub mark: String,
}

/// What came of beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// It is this beginner's, and nobody else's.
    Begun,
    /// Somebody else's, withdrawn, too late, forgotten, or the lease is lost: hands off.
    Not,
}

/// What came of withdrawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdraw {
    /// Nobody has begun it, and nobody will.
    NeverBegun,
    /// Somebody has.
    Begun,
    /// Redis may have forgotten, or another offer has taken its place. Nobody will begin it from now on.
    Unknown,
}

impl Backplane {
    /// Offers it for `time`; its end is known for `kept`.
    pub async fn offer(&self, offer: &Offer, time: Duration, kept: Duration) -> Result<(), Unavailable> {
        match self {
            Self::Local(node) => {
                node.offer(offer, time);
                Ok(())
            }
            Self::Redis(node) => node.offer(offer, time, kept).await,
        }
    }

    pub async fn begin(&self, offer: &Offer, by: &Beginner) -> Result<Begin, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.begin(offer, by)),
            Self::Redis(node) => node.begin(offer, by).await,
        }
    }

    pub async fn withdraw(&self, offer: &Offer) -> Result<Withdraw, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.withdraw(offer)),
            Self::Redis(node) => node.withdraw(offer).await,
        }
    }
}
