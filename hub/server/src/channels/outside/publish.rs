//! The hub's side: which channels there are, for the processes that run them.

use std::time::Duration;

use parking_lot::Mutex;
use switchboard_store::channels::Setup;
use tokio::time::Instant;

use super::wire::{Published, SETUPS_KEPT, setups_key};
use crate::app::Shared;
use crate::channels::webhook_address;

/// Lays out the setups of each kind that processes are to run. Their secrets are as the store has them: sealed.
pub async fn publish(app: &Shared, setups: &[Setup]) {
    for kind in &app.config.channels.outside {
        let of_kind = setups.iter().filter(|setup| setup.channel == *kind);
        let list: Vec<Published> =
            of_kind.map(|setup| Published { setup: setup.clone(), webhook: webhook_address(app, setup) }).collect();
        match serde_json::to_vec(&list) {
            Ok(json) => lay_out(app, &setups_key(*kind), json).await,
            Err(error) => tracing::error!(%error, "how channels are set up cannot be written for their processes"),
        }
    }
}

async fn lay_out(app: &Shared, key: &str, json: Vec<u8>) {
    let laid = app.backplane.keep(key, json.into(), SETUPS_KEPT).await;
    let refused = laid.is_err() && app.backplane.health().connected;
    let is_news = app.channels.laid.note(refused, Instant::now());
    match laid {
        Err(error) if is_news => {
            tracing::warn!(%error, "Redis answers and keeps nothing: channels that processes run wait. Is it full, or a replica?");
        }
        Err(error) => {
            tracing::debug!(%error, "the processes of channels are not told how these are set up; they are told again");
        }
        Ok(()) => {}
    }
}

/// It has refused for so long when it is said to keep nothing: one command that comes late is none. Said by whoever holds the
/// lease for sending, and that cannot be renewed either: it is well within what is left of one.
const REFUSED_FOR: Duration = Duration::from_secs(5);

/// Whether Redis keeps what is laid out there for processes. A plain lock: held for a look.
pub struct Laid(Mutex<State>);

struct State {
    /// When it last was not so that Redis answered and did not keep something.
    kept: Instant,
    refused: bool,
    told: bool,
}

impl Default for Laid {
    fn default() -> Self {
        Self(Mutex::new(State { kept: Instant::now(), refused: false, told: false }))
    }
}

impl Laid {
    /// What came of laying something out. Whether it is to be told that Redis keeps nothing, and was not yet.
    fn note(&self, refused: bool, now: Instant) -> bool {
        let mut state = self.0.lock();
        state.refused = refused;
        if !refused {
            (state.kept, state.told) = (now, false);
        }
        let is_news = state.keeps_nothing(now) && !state.told;
        state.told |= is_news;
        is_news
    }

    /// Whether Redis answers, and has kept nothing for a while.
    pub fn keeps_nothing(&self, now: Instant) -> bool {
        self.0.lock().keeps_nothing(now)
    }
}

impl State {
    fn keeps_nothing(&self, now: Instant) -> bool {
        self.refused && now.saturating_duration_since(self.kept) >= REFUSED_FOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_that_once_answers_late_is_not_said_to_keep_nothing() {
        let laid = Laid::default();
        let start = Instant::now();
        let half = |halves| start + REFUSED_FOR * halves / 2;
        assert!(!laid.note(false, start));
        assert!(!laid.note(true, half(1)) && !laid.keeps_nothing(half(1)));
        assert!(!laid.note(false, half(2)));
        assert!(!laid.note(true, half(3)) && !laid.keeps_nothing(half(3)), "it has kept something in between");
        assert!(laid.note(true, half(4)) && laid.keeps_nothing(half(4)));
        assert!(!laid.note(true, half(5)) && laid.keeps_nothing(half(5)), "said once");
        assert!(!laid.note(false, half(6)) && !laid.keeps_nothing(half(9)));
    }
}
