//! The hub's side: which channels there are, for the processes that run them.

use switchboard_store::channels::Setup;

use super::wire::{Published, SETUPS, SETUPS_KEPT};
use crate::app::Shared;
use crate::channels::webhook_address;

/// Lays out the setups that processes are to run. Their secrets are as the store has them: sealed.
pub async fn publish<'a>(app: &Shared, setups: impl Iterator<Item = &'a Setup>) {
    let list: Vec<Published> =
        setups.map(|setup| Published { setup: setup.clone(), webhook: webhook_address(app, setup) }).collect();
    let json = match serde_json::to_vec(&list) {
        Ok(json) => json,
        Err(error) => return tracing::error!(%error, "how channels are set up cannot be written for their processes"),
    };
    if let Err(error) = app.backplane.keep(SETUPS, json.into(), SETUPS_KEPT).await {
        tracing::debug!(%error, "the processes of channels are not told how these are set up; they are told again");
    }
}
