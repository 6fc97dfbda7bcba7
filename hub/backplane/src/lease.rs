//! Named leases: who runs the Telegram poller. Held for a time, renewed by the holder, taken over when it dies.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Backplane, Unavailable};

/// A name that this node holds until [`Lease::expires_at`]. Dropping it gives it back (best effort; else it expires).
#[must_use = "dropping a lease gives it back"]
pub struct Lease {
    backplane: Backplane,
    name: String,
    ttl: Duration,
    fencing: u64,
    expires_at: Instant,
    held: bool,
}

/// The lease is over: it was not renewed in time, or somebody else holds it. Stop what it stood for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lease is lost")]
pub struct LeaseLost;

impl Lease {
    /// `asked_at` is from before the request went out, so that this side never believes longer than the other.
    pub(crate) fn new(backplane: Backplane, name: &str, ttl: Duration, fencing: u64, asked_at: Instant) -> Self {
        Self { backplane, name: name.to_owned(), ttl, fencing, expires_at: asked_at + ttl, held: true }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Greater than that of every earlier holder of this name: what is written under the lease carries it, and whoever
    /// keeps the writes refuses a smaller one.
    pub fn fencing(&self) -> u64 {
        self.fencing
    }

    pub fn expires_at(&self) -> Instant {
        self.expires_at
    }

    pub fn is_held(&self) -> bool {
        self.held && Instant::now() < self.expires_at
    }

    /// Holds it for another `ttl` from now. Call it every third of the ttl. While the backplane cannot be reached the
    /// lease stays held until it expires; after that, and when another holds it, it is lost.
    pub async fn renew(&mut self) -> Result<(), LeaseLost> {
        if !self.is_held() {
            self.held = false;
            return Err(LeaseLost);
        }
        let asked_at = Instant::now();
        let renewed = match &self.backplane {
            Backplane::Local(node) => Ok(node.lease_renew(&self.name, self.fencing, self.ttl)),
            Backplane::Redis(node) => node.lease_renew(&self.name, self.fencing, self.ttl).await,
        };
        match renewed {
            Ok(true) => {
                self.expires_at = asked_at + self.ttl;
                Ok(())
            }
            Err(Unavailable(_)) if self.is_held() => Ok(()),
            Ok(false) | Err(Unavailable(_)) => {
                self.held = false;
                Err(LeaseLost)
            }
        }
    }

    /// Gives it back, so that another can have it at once.
    pub async fn release(mut self) {
        self.held = false;
        match &self.backplane {
            Backplane::Local(node) => node.lease_release(&self.name, self.fencing),
            Backplane::Redis(node) => node.lease_release(&self.name, self.fencing).await,
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_held() {
            return;
        }
        match &self.backplane {
            Backplane::Local(node) => node.lease_release(&self.name, self.fencing),
            Backplane::Redis(node) => {
                let (node, name, fencing) = (node.clone(), self.name.clone(), self.fencing);
                // Outside a runtime (the process is ending) it expires by itself.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(async move { node.lease_release(&name, fencing).await });
                }
            }
        }
    }
}
