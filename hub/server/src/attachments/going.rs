//! Transfers that are going on, counted: in all and of each party. Many that are slow, or are never read, keep nobody else
//! out; the team and the visitors have a count each, so that strangers cannot take the team's places.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::{AgentId, BotId, InboxId};

use crate::error::CommandError;

/// When somebody with too many transfers may try again, milliseconds.
const TRY_AGAIN_MS: u64 = 1_000;

/// Who sends or fetches a file. Visitors count by where they are: a token is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    Agent(AgentId),
    Visitors(IpAddr),
    Bot(BotId),
    /// What has come in by the channel of this inbox.
    Channel(InboxId),
}

/// How many transfers of one kind may go on.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Of the whole team, of all visitors, and of all channels.
    pub all: usize,
    /// Of one party.
    pub each: usize,
}

/// The transfers of one kind.
#[derive(Debug)]
pub struct Going {
    most: Most,
    /// One lock for both counts, so that they agree; held for a look-up.
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    team: usize,
    visitors: usize,
    channels: usize,
    /// No entry stays at zero.
    by_party: HashMap<Party, usize>,
}

impl Now {
    fn side(&mut self, party: Party) -> &mut usize {
        match party {
            Party::Agent(_) | Party::Bot(_) => &mut self.team,
            Party::Visitors(_) => &mut self.visitors,
            Party::Channel(_) => &mut self.channels,
        }
    }
}

/// A transfer; over when it is dropped.
#[derive(Debug)]
pub struct Transfer {
    going: Arc<Going>,
    party: Party,
}

impl Going {
    pub fn new(most: Most) -> Arc<Self> {
        Arc::new(Self { most, now: Mutex::default() })
    }

    /// One more transfer, if there is room for it.
    pub fn begin(self: &Arc<Self>, party: Party) -> Result<Transfer, CommandError> {
        let mut now = self.now.lock();
        let theirs = now.by_party.get(&party).copied().unwrap_or(0);
        if theirs >= self.most.each {
            let sentence = "Too many files are on their way from or to you just now. Wait for some of them.";
            let error = ApiError::new(ErrorCode::RateLimited, sentence);
            return Err(ApiError { retry_after_ms: Some(TRY_AGAIN_MS), ..error }.into());
        }
        if *now.side(party) >= self.most.all {
            return Err(CommandError::Overloaded);
        }
        *now.side(party) += 1;
        now.by_party.insert(party, theirs + 1);
        Ok(Transfer { going: self.clone(), party })
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        let mut now = self.going.now.lock();
        *now.side(self.party) -= 1;
        if let Some(count) = now.by_party.get_mut(&self.party) {
            *count -= 1;
            if *count == 0 {
                now.by_party.remove(&self.party);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_the_places_and_strangers_none_of_the_teams() {
        let going = Going::new(Most { all: 3, each: 2 });
        let (here, there) = (Party::Visitors([192, 0, 2, 1].into()), Party::Visitors([192, 0, 2, 2].into()));
        let first = going.begin(here).expect("room");
        let _second = going.begin(here).expect("room");
        assert!(matches!(going.begin(here), Err(CommandError::Refused(_))), "two are all for one party");
        let _third = going.begin(there).expect("room");
        assert!(matches!(going.begin(there), Err(CommandError::Overloaded)), "three are all for visitors");
        let _agents = going.begin(Party::Agent(AgentId(switchboard_protocol::Ulid(1)))).expect("the team's own room");
        drop(first);
        let _again = going.begin(here).expect("room again");
    }
}
