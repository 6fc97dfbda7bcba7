//! Whether the store is to be read, and as of when everything committed has been handed out. Pure: no clock, no I/O.

use std::time::Duration;

use tokio::time::Instant;

use super::READ_EVENTS;

/// The pump's reading: one read at a time, each on from what was delivered.
#[derive(Debug)]
pub(super) struct Reading {
    under_way: bool,
    /// Something got lost that the read under way may not have seen.
    lost: bool,
    /// What was committed by then has been handed out, by whichever hub.
    current_at: Instant,
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

    /// The read that began at `begun` has been handed out: so many events, or none because the store cannot be read.
    /// True: the next should follow at once.
    pub fn ended(&mut self, begun: Instant, events: Option<usize>) -> bool {
        self.under_way = false;
        // Where reading fails, the next poll is soon enough.
        let Some(events) = events else { return false };
        let full = events == READ_EVENTS;
        if !full {
            self.current_at = begun;
        }
        std::mem::take(&mut self.lost) || full
    }

    /// How long ago everything that was committed had been handed out.
    pub fn age(&self, now: Instant) -> Duration {
        now.duration_since(self.current_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gets_lost_during_a_read_is_read_after_it() {
        let start = Instant::now();
        let mut reading = Reading::starting(start);
        assert!(reading.begins());
        reading.lost();
        assert!(!reading.begins(), "one at a time");
        assert!(reading.ended(start, Some(0)), "it may have looked too early");
        assert!(reading.begins());
        assert!(!reading.ended(start, Some(3)));
        // What is found lost before a read begins is seen by that read.
        reading.lost();
        assert!(reading.begins());
        assert!(!reading.ended(start, Some(0)));
    }

    #[test]
    fn only_a_read_to_the_end_makes_it_current() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut reading = Reading::starting(start);
        for (events, again, age) in [(None, false, 1), (Some(READ_EVENTS), true, 1), (Some(1), false, 0)] {
            assert!(reading.begins());
            assert_eq!(reading.ended(later, events), again);
            assert_eq!(reading.age(later), Duration::from_secs(age));
        }
    }
}
