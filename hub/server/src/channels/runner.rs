//! Holding a channel's lease for as long as it can be held, and receiving under it. A hub and a process of a channel's own
//! ([`super::outside`]) do it by the same code; what differs is where things are handed in and noted: [`Home`].

use std::time::Duration;

use async_trait::async_trait;
use backon::{BackoffBuilder, ExponentialBuilder};
use switchboard_backplane::{Backplane, Lease};
use switchboard_connector::{Connector, Edge, Incoming, NotTaken, Taken, Trouble};
use switchboard_protocol::UnixMs;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::sender::heeded;
use crate::ids::Random;
use crate::limits;

/// How often whoever does not hold the lease asks for it: what a holder that dies leaves is taken over within so much more
/// than its lease.
const ASK_EVERY: Duration = Duration::from_secs(2);
const _: () = assert!(limits::CHANNEL_LEASE.as_secs() + ASK_EVERY.as_secs() < limits::CHANNEL_TAKEN_OVER.as_secs());
/// The first wait after trouble, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// With settings that are wrong it is tried again only so often: some providers lock who knocks too much.
const BROKEN: Duration = Duration::from_secs(300);

/// What is done under a lease.
pub struct Held {
    /// Of the lease: greater than that of everybody who held it before.
    pub fencing: u64,
    /// Cancelled when the lease is lost or no longer wanted. The lease is kept until the work has ended, also what is only
    /// being finished: nobody else may doubt it meanwhile.
    pub over: CancellationToken,
}

/// A lease that is wanted.
pub struct Wanted<'a> {
    pub backplane: &'a Backplane,
    pub name: String,
    /// How long it is held unless it is renewed.
    pub ttl: Duration,
    /// Ends the wish.
    pub stop: CancellationToken,
}

impl Wanted<'_> {
    /// Does the work whenever this process holds the lease, until it is stopped.
    pub async fn whenever_held<Work: Future<Output = ()>>(&self, mut work: impl FnMut(Held) -> Work) {
        while !self.stop.is_cancelled() {
            match self.backplane.lease(&self.name, self.ttl).await {
                Ok(Some(lease)) => {
                    let held = Held { fencing: lease.fencing(), over: self.stop.child_token() };
                    let over = held.over.clone();
                    self.keep(lease, &over, work(held)).await;
                }
                Ok(None) => pause(&self.stop, ASK_EVERY).await,
                Err(error) => {
                    tracing::debug!(%error, lease = self.name, "the lease of a channel cannot be asked for");
                    pause(&self.stop, ASK_EVERY).await;
                }
            }
        }
    }

    async fn keep(&self, mut lease: Lease, over: &CancellationToken, work: impl Future<Output = ()>) {
        let mut work = std::pin::pin!(work);
        let mut lost = false;
        loop {
            tokio::select! {
                () = &mut work => break,
                () = sleep(self.ttl / 3) => {
                    // Also while what was begun is only being finished, and also one that ran out while this process stood
                    // still: only asking for it says so.
                    if !lost && lease.renew().await.is_err() {
                        lost = true;
                        tracing::warn!(lease = self.name, "the lease of a channel is lost: another goes on with it");
                        over.cancel();
                    }
                }
            }
        }
        lease.release().await;
    }
}

pub async fn pause(stop: &CancellationToken, time: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(time) => {}
    }
}

/// Where a connector that receives hands things in, and where it is kept how it does.
#[async_trait]
pub trait Home: Edge {
    /// What the last try came to.
    async fn note(&self, tried: Result<(), &Trouble>);
}

/// Receives, and again after trouble, until it is over. What is cut off in the middle was not confirmed to the provider.
pub async fn receive(
    home: &dyn Home,
    connector: &dyn Connector,
    address: Option<&str>,
    random: &Random,
    over: &CancellationToken,
) {
    let mut waits = waits(random);
    while !over.is_cancelled() {
        let edge = Listened { home, receiving: watch::Sender::new(false) };
        let receiving = async {
            connector.announce(address).await?;
            connector.receive(&edge, over.clone()).await
        };
        let mut connected = edge.receiving.subscribe();
        let noting = async {
            // The sender lives in `edge`, so waiting does not end by its being dropped.
            let _ = connected.wait_for(|connected| *connected).await;
            home.note(Ok(())).await;
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            () = over.cancelled() => return,
            ended = receiving => ended,
            () = noting => return,
        };
        if *edge.receiving.borrow() {
            waits = self::waits(random);
        }
        let Err(trouble) = ended else { continue };
        home.note(Err(&trouble)).await;
        let wait = match &trouble {
            Trouble::Settings(_) => BROKEN,
            Trouble::Away { after, .. } => heeded(*after).or_else(|| waits.next()).unwrap_or(BACK_OFF.1),
        };
        pause(over, wait).await;
    }
}

fn waits(random: &Random) -> impl Iterator<Item = Duration> + use<> {
    ExponentialBuilder::new()
        .with_min_delay(BACK_OFF.0)
        .with_max_delay(BACK_OFF.1)
        .without_max_times()
        .with_jitter()
        .with_jitter_seed(random.below(u64::MAX))
        .build()
}

/// A home that hears when its connector is connected.
struct Listened<'a> {
    home: &'a dyn Home,
    receiving: watch::Sender<bool>,
}

#[async_trait]
impl Edge for Listened<'_> {
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken> {
        self.home.take(items).await
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, NotTaken> {
        self.home.cursor(name).await
    }

    async fn keep_cursor(&self, name: &str, place: &str) -> Result<(), NotTaken> {
        self.home.keep_cursor(name, place).await
    }

    fn is_reply_token(&self, token: &str) -> bool {
        self.home.is_reply_token(token)
    }

    fn now(&self) -> UnixMs {
        self.home.now()
    }

    fn receiving(&self) {
        self.receiving.send_replace(true);
    }
}
