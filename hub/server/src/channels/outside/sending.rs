//! The hub's side of one inbox whose channel a process runs: hands out what waits while there is such a process, and keeps
//! how the channel does.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use switchboard_protocol::channels::ChannelState;
use switchboard_store::channels::Setup;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::remote::Remote;
use super::wire::{Report, report_key};
use crate::app::Shared;
use crate::channels::edge::{note, state_of};
use crate::channels::inside::{holder, note_carries, sending_lease, wanted};
use crate::channels::runner::{Held, pause};
use crate::channels::sender::Sender;
use crate::channels::way::Way;

/// How often the process's word is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A channel of which no process has said anything for so long after its last word has gone is away: another one may be
/// taking over.
const AWAY_AFTER: Duration = Duration::from_secs(5);

/// Whenever this hub holds the lease for it, until `stop`.
pub async fn run(app: Shared, setup: Arc<Setup>, stop: CancellationToken) {
    let lease = wanted(&app, sending_lease(&setup), stop);
    lease.whenever_held(|held| held_here(&app, &setup, held)).await;
}

async fn held_here(app: &Shared, setup: &Arc<Setup>, held: Held) {
    // Made here too: it tells what the channel carries, and takes its provider's calls.
    let here = match app.channels.connector(app, setup) {
        Ok(connector) => connector,
        Err(trouble) => {
            let (state, why) = state_of(Err(&trouble));
            note(app, setup, state, why).await;
            return held.over.cancelled().await;
        }
    };
    note_carries(app, setup, &*here).await;
    let (to, now) = watch::channel(None);
    let remote = Remote { app: app.clone(), inbox: setup.inbox_id, here, holder: now, rank: held.fencing };
    let remote = Arc::new(remote);
    let mut desk = Desk { app, setup, remote, holder: holder(app, &held), sending: None };
    let mut known: Option<Report> = None;
    let mut heard = Instant::now();
    while !held.over.is_cancelled() {
        let report = said(app, setup).await;
        if report.is_some() {
            heard = Instant::now();
        }
        to.send_replace(report.as_ref().and_then(|report| report.holder));
        desk.open_if(to.borrow().is_some(), &held.over);
        // Not for longer: this hub's own lease runs out too where nothing can be written.
        let refused = app.channels.laid.keeps_nothing(Instant::now());
        let news = report.filter(|_| !refused);
        let news = news.or_else(|| (refused || heard.elapsed() >= AWAY_AFTER).then(|| nobody(app, setup)));
        if let Some(news) = news
            && known.as_ref() != Some(&news)
        {
            if news.state != ChannelState::Starting {
                note(app, setup, news.state, news.trouble.clone()).await;
            }
            known = Some(news);
        }
        pause(&held.over, LOOK_EVERY).await;
    }
    desk.close().await;
}

/// The word of the process that has this version of the channel.
async fn said(app: &Shared, setup: &Setup) -> Option<Report> {
    let json = app.backplane.kept(&report_key(setup.inbox_id)).await.ok()??;
    let report: Report = serde_json::from_slice(&json).ok()?;
    (report.version == setup.version).then_some(report)
}

/// What an admin reads when there is nobody.
fn nobody(app: &Shared, setup: &Setup) -> Report {
    let kind = setup.channel.as_str();
    let trouble = if !app.backplane.health().connected {
        "Redis does not answer, so nothing comes in or goes out by this channel; it waits.".to_owned()
    } else if app.channels.laid.keeps_nothing(Instant::now()) {
        "Redis answers and keeps nothing, so nothing comes in or goes out by this channel; it waits. It may be full (maxmemory, \
         its disk) or a replica that cannot be written."
            .to_owned()
    } else {
        format!(
            "No process runs this channel, so nothing comes in or goes out; it waits. On the server, start “switchboard \
             connector {kind}” with the hub's Redis and key, or take {kind} out of channels.outside."
        )
    };
    Report { version: setup.version, holder: None, state: ChannelState::Away, trouble: Some(trouble) }
}

/// Hands out what waits. Closed while there is nobody to hand it to: what is tried in vain would be put off for long.
struct Desk<'a> {
    app: &'a Shared,
    setup: &'a Arc<Setup>,
    remote: Arc<Remote>,
    holder: String,
    sending: Option<(CancellationToken, JoinHandle<()>)>,
}

impl Desk<'_> {
    fn open_if(&mut self, open: bool, over: &CancellationToken) {
        match &mut self.sending {
            Some((stop, _)) if !open => stop.cancel(),
            // One that was closed and has finished what was in hand makes room for the next.
            Some((stop, task)) if stop.is_cancelled() && task.is_finished() => self.sending = None,
            Some(_) => return,
            None => {}
        }
        if open && self.sending.is_none() {
            let stop = over.child_token();
            let sender = Sender {
                app: self.app.clone(),
                setup: self.setup.clone(),
                way: Way::Beside(self.remote.clone()),
                holder: self.holder.clone(),
                stop: stop.clone(),
                away: AtomicI64::new(0),
            };
            self.sending = Some((stop, tokio::spawn(Arc::new(sender).run())));
        }
    }

    /// Returns when what was in hand is settled.
    async fn close(self) {
        if let Some((stop, task)) = self.sending {
            stop.cancel();
            if task.await.is_err() {
                tracing::error!(inbox = %self.setup.inbox_id, "handing out messages ended in a fault");
            }
        }
    }
}
