//! Up to where the provider's list was looked through: from when on the next look lists, and what of that is handed in
//! already.
//!
//! The hub would know it again by its key, but it knows a key for some weeks only, and on a number to which nobody writes the
//! same messages end the list for longer than that.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_connector::{Edge, NotTaken};

/// So far before the newest message that was seen the next look begins: the provider's lists are not in order to the second.
const OVERLAP: Duration = Duration::from_secs(10 * 60);

/// Most messages that are known by name. On a number to which more came within [`OVERLAP`] the next look begins behind those
/// that are not: so many messages take longer than a list is out of order for.
const SEEN: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The next look lists what was sent then or after.
    pub from: Timestamp,
    /// SIDs of what is not handed in again though it is listed.
    #[serde(default)]
    pub seen: Vec<String>,
}

impl Place {
    /// Where nothing is known yet.
    pub fn at(from: Timestamp) -> Self {
        Self { from, seen: Vec::new() }
    }

    /// Before what was sent at this time.
    pub fn before(newest: Timestamp) -> Self {
        Self::at(newest.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN))
    }

    /// Behind all that was found: when, and which, newest first. A place does not go back.
    pub fn behind<'a>(self, newest: Option<Timestamp>, found: impl Iterator<Item = (Timestamp, &'a str)>) -> Self {
        let from = newest.map_or(self.from, |newest| Self::before(newest).from.max(self.from));
        let mut found = found.filter(|(at, _)| *at >= from);
        let mut seen: Vec<String> = found.by_ref().take(SEEN).map(|(_, sid)| sid.to_owned()).collect();
        let unnamed = found.map(|(at, _)| at.checked_add(Duration::from_secs(1)).unwrap_or(Timestamp::MAX)).max();
        if from == self.from {
            // A list in which one of them is missing just now is not to bring it anew.
            let missing: Vec<_> = self.seen.into_iter().filter(|sid| !seen.contains(sid)).collect();
            seen.extend(missing);
            seen.truncate(SEEN);
        }
        Self { from: unnamed.map_or(from, |behind| behind.max(from)), seen }
    }

    /// The place in this number's list. With another number, or another account, an inbox begins anew: what came there
    /// before is history.
    pub async fn read(edge: &dyn Edge, account: &str, ours: &str) -> Result<Option<Self>, NotTaken> {
        if let Some(kept) = edge.cursor(&name(account, ours)).await? {
            return Ok(Self::parse(&kept));
        }
        Ok(edge.cursor(OF_OLD).await?.and_then(|kept| Self::parse(&kept)))
    }

    pub async fn keep(&self, edge: &dyn Edge, account: &str, ours: &str) -> Result<(), NotTaken> {
        let text = serde_json::to_string(self).expect("a time and names can be written");
        edge.keep_cursor(&name(account, ours), &text).await?;
        if edge.cursor(OF_OLD).await?.is_some_and(|kept| !kept.is_empty()) {
            // It was this number's, and is not to be the next one's.
            edge.keep_cursor(OF_OLD, "").await?;
        }
        Ok(())
    }

    fn parse(text: &str) -> Option<Self> {
        // Of old it was the time of the newest message alone.
        let newest = || text.parse().map(Self::before).ok();
        serde_json::from_str(text).ok().or_else(newest)
    }
}

/// The name of a place that did not say whose it is.
const OF_OLD: &str = "messages";

fn name(account: &str, ours: &str) -> String {
    format!("messages:{account}:{ours}")
}
