//! When the hub goes away: every client is told to come back, each at another moment.

use switchboard_protocol::agent::{Bye, ByeReason};

use super::frame::{self, CloseCode};
use crate::app::App;

/// Over how long the clients' return is spread, milliseconds, for each thousand of them.
const SPREAD_MS_A_THOUSAND: u64 = 1_000;

/// The shortest spread, milliseconds.
const SHORTEST_SPREAD_MS: u64 = 500;

/// Says good-bye to all sockets. Their tasks end by themselves when the last frame is out.
pub fn drain(app: &App) {
    let registry = app.feed.registry();
    let sessions = registry.part(0, 1);
    let spread = (sessions.len() as u64 * SPREAD_MS_A_THOUSAND / 1_000).max(SHORTEST_SPREAD_MS);
    for session in sessions {
        let bye = Bye { why: ByeReason::Draining, after_ms: app.random.below(spread) as u32 };
        session.bye(bye.why, frame::bye(bye, CloseCode::TryAgain));
    }
}
