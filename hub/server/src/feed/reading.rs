//! Whether the store is to be read, and as of when everything committed has been handed out. Pure: no clock, no I/O.

use std::time::Duration;

use tokio::time::Instant;

/// The pump's reading: one read at a time, each on from what was delivered.
#[derive(Debug)]
pub(super) struct Reading {
    under_way: bool,
    /// Something got lost that the read under way may not have seen.
    lost: bool,
    /// What was committed by then has been handed out, by whichever hub.
    current_at: Instant,
}

/// How a read came out that could be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// As many events as were asked for: there may be more.
    pub full: bool,
    /// What has been handed out by now goes as far as the feed did when the read began, whether by this read or by what
    /// the others have told meanwhile.
    pub reached: bool,
}

impl Reading {
    pub fn starting(now: Instant) -> Self {
        Self { under_way: false, lost: false, current_at: now }
    }

    pub fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// Whether a read should begin now.
    pub fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.under_way, true)
    }

    /// What others have said may be incomplete.
    pub fn lost(&mut self) {
        self.lost = self.under_way;
    }

    /// The read that began at `begun` has been handed out; none: the store cannot be read. True: the next should follow
    /// at once.
    pub fn ended(&mut self, begun: Instant, found: Option<Found>) -> bool {
        self.under_way = false;
        // Where reading fails, the next poll is soon enough.
        let Some(Found { full, reached }) = found else { return false };
        if reached {
            self.current_at = begun;
        }
        std::mem::take(&mut self.lost) || full && !reached
    }

    /// How long ago everything that was committed had been handed out.
    pub fn age(&self, now: Instant) -> Duration {
        now.duration_since(self.current_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Found = Found { full: false, reached: true };

    #[test]
    fn what_gets_lost_during_a_read_is_read_after_it() {
        let start = Instant::now();
        let mut reading = Reading::starting(start);
        assert!(reading.begins());
        reading.lost();
        assert!(!reading.begins(), "one at a time");
        assert!(reading.ended(start, Some(ALL)), "it may have looked too early");
        assert!(reading.begins());
        assert!(!reading.ended(start, Some(ALL)));
        // What is found lost before a read begins is seen by that read.
        reading.lost();
        assert!(reading.begins());
        assert!(!reading.ended(start, Some(ALL)));
    }

    #[test]
    fn it_is_current_when_what_was_there_has_been_handed_out() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let cases = [
            (None, false, 1),
            (Some(Found { full: true, reached: false }), true, 1),
            // On a busy pair every read is full; what it brings, and more, the other hub has told already.
            (Some(Found { full: true, reached: true }), false, 0),
            (Some(ALL), false, 0),
        ];
        for (found, again, age) in cases {
            let mut reading = Reading::starting(start);
            assert!(reading.begins());
            assert_eq!(reading.ended(later, found), again, "{found:?}");
            assert_eq!(reading.age(later), Duration::from_secs(age), "{found:?}");
        }
    }
}
