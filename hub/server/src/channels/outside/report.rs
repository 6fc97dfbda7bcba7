//! How a channel does, from the process that holds it to the hubs: a word under a key that is gone soon after the process.
//! So it also says that there is one.

use std::sync::Arc;

use switchboard_protocol::InboxId;
use switchboard_protocol::channels::ChannelState;
use switchboard_store::channels::Setup;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::process::Process;
use super::wire::{Report, report_key};
use crate::channels::runner::{Held, pause};

/// Of a channel that was just taken over.
pub fn begin(setup: &Setup, held: &Held) -> watch::Sender<Report> {
    watch::Sender::new(Report {
        version: setup.version,
        holder: Some(held.fencing),
        state: ChannelState::Starting,
        trouble: None,
    })
}

/// Says it, and again before it is gone, for as long as this runs.
pub async fn say(process: &Process, inbox: InboxId, mut report: watch::Receiver<Report>) {
    loop {
        let now = report.borrow_and_update().clone();
        keep(process, inbox, &now).await;
        let _ = timeout(process.lease / 3, report.changed()).await;
    }
}

/// Says why this process cannot run the channel, unless another one does.
pub async fn say_beside(
    process: &Arc<Process>,
    setup: &Setup,
    state: ChannelState,
    trouble: Option<String>,
    stop: &CancellationToken,
) {
    let report = Report { version: setup.version, holder: None, state, trouble };
    while !stop.is_cancelled() {
        let others = process.backplane.kept(&report_key(setup.inbox_id)).await;
        if matches!(others, Ok(None)) {
            keep(process, setup.inbox_id, &report).await;
        }
        pause(stop, process.lease / 3).await;
    }
}

async fn keep(process: &Process, inbox: InboxId, report: &Report) {
    let json = serde_json::to_vec(report).expect("a report has a JSON form");
    if let Err(error) = process.backplane.keep(&report_key(inbox), json.into(), process.lease).await {
        tracing::debug!(%error, "the hubs are not told how a channel does; they are told again");
    }
}
