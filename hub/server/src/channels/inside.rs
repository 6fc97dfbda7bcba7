//! A channel that this hub runs itself.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use switchboard_connector::Connector;
use switchboard_store::channels::Setup;
use tokio_util::sync::CancellationToken;

use super::edge::{HubEdge, note, state_of};
use super::runner::{Held, Wanted, receive};
use super::sender::Sender;
use super::way::Way;
use super::webhook_address;
use crate::app::Shared;
use crate::commands;

/// Receives and sends whenever this hub holds the lease for it, until `stop`.
pub async fn run(app: Shared, setup: Arc<Setup>, stop: CancellationToken) {
    let receiving = wanted(&app, receiving_lease(&setup), stop.clone());
    let sending = wanted(&app, sending_lease(&setup), stop);
    tokio::join!(
        receiving.whenever_held(|held| receive_held(&app, &setup, held)),
        sending.whenever_held(|held| send_held(&app, &setup, held)),
    );
}

/// Whoever talks with an inbox's provider by itself holds it: a hub, or a process of the channel's own.
pub fn receiving_lease(setup: &Setup) -> String {
    format!("channel:{}", setup.inbox_id)
}

/// Whoever hands out what waits in an inbox's outbox holds it, also where another process talks with the provider.
pub fn sending_lease(setup: &Setup) -> String {
    format!("sending:{}", setup.inbox_id)
}

pub fn wanted(app: &Shared, name: String, stop: CancellationToken) -> Wanted<'_> {
    Wanted { backplane: &app.backplane, name, ttl: app.channels.lease, stop }
}

async fn receive_held(app: &Shared, setup: &Arc<Setup>, held: Held) {
    match app.channels.connector(app, setup) {
        Ok(connector) => {
            note_carries(app, setup, &*connector).await;
            let (edge, address) = (HubEdge::new(app.clone(), setup.clone()), webhook_address(app, setup));
            receive(&edge, &*connector, address.as_deref(), &app.random, &held.over).await;
        }
        Err(trouble) => {
            let (state, why) = state_of(Err(&trouble));
            tracing::warn!(inbox = %setup.inbox_id, channel = setup.channel.as_str(), why, "a channel cannot be used");
            note(app, setup, state, why).await;
            held.over.cancelled().await;
        }
    }
}

/// So that the reply bar offers it: another hub's connector, of another version, may have carried less.
pub async fn note_carries(app: &Shared, setup: &Setup, connector: &dyn Connector) {
    if let Err(error) = commands::channels::note_carries(app, setup, connector.capabilities()).await {
        tracing::warn!(%error, inbox = %setup.inbox_id, "what a channel carries cannot be noted");
    }
}

async fn send_held(app: &Shared, setup: &Arc<Setup>, held: Held) {
    match app.channels.connector(app, setup) {
        Ok(connector) => {
            let sender = Sender {
                app: app.clone(),
                setup: setup.clone(),
                way: Way::Here(connector),
                holder: holder(app, &held),
                stop: held.over.clone(),
                away: AtomicI64::new(0),
            };
            Arc::new(sender).run().await;
        }
        // Who receives says what is wrong.
        Err(_) => held.over.cancelled().await,
    }
}

/// A hub that has the lease again is another holder than it was: what it left then is in doubt too.
pub fn holder(app: &Shared, held: &Held) -> String {
    format!("{}:{}", app.backplane.node(), held.fencing)
}
