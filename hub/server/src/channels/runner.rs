//! One inbox's channel, from waiting for its lease to giving it back.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use switchboard_backplane::Lease;
use switchboard_connector::{Connector, Trouble};
use switchboard_protocol::channels::ChannelState;
use switchboard_store::channels::{self, Setup};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::sender::Sender;
use super::{HubEdge, webhook_address};
use crate::app::{Shared, Unasked};

/// How often whoever does not hold the lease asks for it: what a hub that dies leaves is taken over within so much more than
/// its lease.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// The first wait after trouble, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// With settings that are wrong it is tried again only so often: some providers lock who knocks too much.
const BROKEN: Duration = Duration::from_secs(300);

/// Runs it whenever this hub holds the lease, until `stop`.
pub async fn run(app: Shared, setup: Arc<Setup>, stop: CancellationToken) {
    let name = format!("channel:{}", setup.inbox_id);
    let stop = &stop;
    while !stop.is_cancelled() && !app.draining.is_cancelled() {
        match app.backplane.lease(&name, app.channels.lease).await {
            Ok(Some(lease)) => hold(&app, &setup, lease, stop).await,
            Ok(None) => pause(&app, stop, ASK_EVERY).await,
            Err(error) => {
                tracing::debug!(%error, inbox = %setup.inbox_id, "the lease of a channel cannot be asked for");
                pause(&app, stop, ASK_EVERY).await;
            }
        }
    }
}

async fn pause(app: &Shared, stop: &CancellationToken, time: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = app.draining.cancelled() => {}
        () = sleep(time) => {}
    }
}

/// Receives and sends for as long as the lease is held.
async fn hold(app: &Shared, setup: &Arc<Setup>, mut lease: Lease, stop: &CancellationToken) {
    let over = stop.child_token();
    // A hub that has the lease again is another holder than it was: what it left then is in doubt too.
    let holder = format!("{}:{}", app.backplane.node(), lease.fencing());
    let work = async {
        match app.channels.connector(app, setup) {
            Ok(connector) => {
                let sender = Sender {
                    app: app.clone(),
                    setup: setup.clone(),
                    connector: connector.clone(),
                    holder,
                    stop: over.clone(),
                };
                tokio::join!(Arc::new(sender).run(), receive(app, setup, &*connector, &over));
            }
            Err(trouble) => {
                note(app, setup, Err(&trouble)).await;
                over.cancelled().await;
            }
        }
    };
    // Held until all is finished, also what is only being finished: nobody else may doubt it meanwhile.
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            () = &mut work => break,
            () = app.draining.cancelled(), if !over.is_cancelled() => over.cancel(),
            () = sleep(app.channels.lease / 3) => {
                if lease.is_held() && lease.renew().await.is_err() {
                    tracing::warn!(inbox = %setup.inbox_id, "the lease of a channel is lost: another hub goes on with it");
                    over.cancel();
                }
            }
        }
    }
    lease.release().await;
}

/// Receives, and again after trouble, until it is over. What is cut off in the middle was not confirmed to the provider.
async fn receive(app: &Shared, setup: &Arc<Setup>, connector: &dyn Connector, over: &CancellationToken) {
    let edge = HubEdge::new(app.clone(), setup.clone());
    let address = webhook_address(app, setup);
    let mut waits = waits(app);
    while !over.is_cancelled() {
        let receiving = async {
            connector.announce(address.as_deref()).await?;
            connector.receive(&edge, over.clone()).await
        };
        let mut connected = edge.is_receiving();
        let noting = async {
            while connected.wait_for(|connected| *connected).await.is_ok() {
                note(app, setup, Ok(())).await;
                let _lost = connected.wait_for(|connected| !*connected).await;
            }
        };
        let ended = tokio::select! {
            () = over.cancelled() => return,
            ended = receiving => ended,
            () = noting => return,
        };
        if edge.is_receiving().borrow().to_owned() {
            waits = self::waits(app);
        }
        edge.lost();
        let Err(trouble) = ended else { continue };
        note(app, setup, Err(&trouble)).await;
        let wait = match &trouble {
            Trouble::Settings(_) => BROKEN,
            Trouble::Away { after: Some(after), .. } => (*after).min(BROKEN),
            Trouble::Away { after: None, .. } => waits.next().unwrap_or(BACK_OFF.1),
        };
        pause(app, over, wait).await;
    }
}

fn waits(app: &Shared) -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(BACK_OFF.0)
        .with_max_delay(BACK_OFF.1)
        .without_max_times()
        .with_jitter()
        .with_jitter_seed(app.random.below(u64::MAX))
        .build()
}

/// Keeps how the channel does, for its page and the warning in its conversations.
async fn note(app: &Shared, setup: &Setup, tried: Result<(), &Trouble>) {
    let (state, trouble) = match tried {
        Ok(()) => (ChannelState::Working, None),
        Err(Trouble::Settings(why)) => (ChannelState::Broken, Some(why.clone())),
        Err(Trouble::Away { why, .. }) => (ChannelState::Away, Some(why.clone())),
    };
    if let Some(why) = &trouble {
        tracing::warn!(inbox = %setup.inbox_id, channel = setup.channel.as_str(), why, "a channel does not receive");
    }
    let (inbox_id, version, now) = (setup.inbox_id, setup.version, app.clock.now());
    let noted = app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move { Ok(channels::note_state(tx, inbox_id, version, state, trouble.as_deref(), now).await?) })
    });
    if let Err(error) = noted.await {
        tracing::warn!(%error, "how a channel does cannot be noted");
    }
}
