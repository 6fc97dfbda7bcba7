//! Offers: something that at most one may begin, once, within a time; or that whoever offered it withdraws before.
//!
//! Each step is one on Redis, by Redis's clock. A Redis that may have forgotten a step says so, never that it was not taken:
//! an offer belongs to one run of one Redis, so that neither a restart with an older snapshot nor a replica that took over
//! looks as if nothing had begun.

use std::time::Duration;

use crate::{Backplane, Unavailable};

/// The mark of whoever withdraws what certainly nobody has begun; no beginner's is so.
pub(crate) const WITHDRAWN: &str = "withdrawn";
/// The mark of whoever withdraws without knowing whether somebody had begun it: it stays unknown, however often it is asked.
pub(crate) const DOUBTED: &str = "doubted";

/// Something that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Whose it is to begin: an offer of the same name takes the place of the one before, which can no longer be begun, unless
    /// that is of somebody who came later ([`Terms::rank`]).
    pub name: String,
    /// Tells it from others of its name.
    pub nonce: String,
}

/// How it is offered.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Of whoever offers, the number of the lease under which they do: an offer takes the place of none by somebody who came
    /// later, however long it was on its way, and whatever has become of theirs.
    pub rank: u64,
    /// In which it may be begun.
    pub time: Duration,
    /// For which its end is known.
    pub kept: Duration,
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
    /// False: somebody who came later has offered the same, or has withdrawn this before it was here, and this offer will be
    /// begun by nobody.
    pub async fn offer(&self, offer: &Offer, terms: Terms) -> Result<bool, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.offer(offer, terms)),
            Self::Redis(node) => node.offer(offer, terms).await,
        }
    }

    /// Offers again what this Redis may have forgotten, to `only` this holder of the lease if one is named. Who has begun it
    /// stays who has begun it. False: Redis knows better. The offer was withdrawn, or one by somebody who came later has taken
    /// its place, and nobody will begin it.
    pub async fn offer_again(&self, offer: &Offer, only: Option<u64>, terms: Terms) -> Result<bool, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.offer_again(offer, only, terms)),
            Self::Redis(node) => node.offer_again(offer, only, terms).await,
        }
    }

    pub async fn begin(&self, offer: &Offer, by: &Beginner) -> Result<Begin, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.begin(offer, by)),
            Self::Redis(node) => node.begin(offer, by).await,
        }
    }

    /// By whoever has this rank. Of what is not there it leaves a mark for so long: what was long on its way is not offered
    /// after that, nor any other of its name by somebody who came before.
    pub async fn withdraw(&self, offer: &Offer, rank: u64, kept: Duration) -> Result<Withdraw, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.withdraw(offer, rank)),
            Self::Redis(node) => node.withdraw(offer, rank, kept).await,
        }
    }
}
