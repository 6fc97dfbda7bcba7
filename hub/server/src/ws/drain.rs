//! When the hub goes away: every client is told to come back, each at another moment.

use switchboard_protocol::agent::{Bye, ByeReason};

use super::frame::{self, CloseCode};
use crate::app::App;
use crate::sessions::Session;

/// Over how long the clients' return is spread, milliseconds, for each thousand of them.
const SPREAD_MS_A_THOUSAND: u64 = 1_000;

/// The shortest spread, milliseconds.
const SHORTEST_SPREAD_MS: u64 = 500;

/// Asks all sockets to go. Their tasks finish the command that they have in hand, answer it, say good-bye and end.
pub fn drain(app: &App) {
    let sessions = app.feed.registry().part(0, 1);
    for session in &sessions {
        dismiss(app, session, sessions.len());
    }
}

/// Asks one socket to go, of so many that come back elsewhere.
pub(super) fn dismiss(app: &App, session: &Session, sockets: usize) {
    let spread = (sockets as u64 * SPREAD_MS_A_THOUSAND / 1_000).max(SHORTEST_SPREAD_MS);
    let bye = Bye { why: ByeReason::Draining, after_ms: app.random.below(spread) as u32 };
    session.dismiss(bye.why, frame::bye(bye, CloseCode::TryAgain));
}
