//! Where reading a folder goes on: `uidvalidity:uid:date`, the date that of the newest mail that was read (its INTERNALDATE,
//! unix ms), if there was any. Behind it, while the server does not give the next mail, `:uid:since:tries` of that one.

use mail_parser::DateTime;

/// The server's day and ours may be two, and SEARCH knows days only (RFC 3501, section 6.4.4).
const DAY_MS: i64 = 24 * 3_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The server numbers its mails anew when this changes.
    pub validity: u32,
    /// The last that was read.
    pub uid: u32,
    pub newest: Option<i64>,
    pub held: Option<Held>,
}

/// A mail that the server does not give, and those behind it wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub uid: u32,
    /// Unix ms.
    pub since: i64,
    pub tries: u32,
}

/// What a mail that is not given has to outlast before it is passed by: a time, and so often it was asked for. Time alone also
/// passes while the server is away, or the hub; tries alone are made within seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    ms: i64,
    tries: u32,
}

/// Providers are in trouble for an hour or two, and a customer who is not read for longer is worse served than by a word that a
/// mail lies in the mailbox.
pub(super) const HELD: Patience = Patience { ms: HELD_HOURS * 3_600_000, tries: 20 };
pub(super) const HELD_HOURS: i64 = 6;
/// What is said in words for people may be about this mail, or that too much is asked for: large providers tell who does to come
/// back in five minutes.
pub(super) const DOUBTED: Patience = Patience { ms: 10 * 60_000, tries: 5 };

impl Place {
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (validity, uid) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let newest = parts.next().and_then(|newest| newest.parse().ok());
        let mut held = || {
            let (uid, since) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Some(Held { uid, since, tries: parts.next()?.parse().ok()? })
        };
        Some(Self { validity, uid, newest, held: held() })
    }

    pub fn write(&self) -> String {
        let mut text = format!("{}:{}", self.validity, self.uid);
        if self.newest.is_some() || self.held.is_some() {
            text.push(':');
            text.extend(self.newest.map(|newest| newest.to_string()));
        }
        text.extend(self.held.map(|held| format!(":{}:{}:{}", held.uid, held.since, held.tries)));
        text
    }

    /// All up to here was read.
    pub fn pass(&mut self, uid: u32) {
        self.uid = self.uid.max(uid);
        self.held = self.held.filter(|held| held.uid > uid);
    }

    /// The server has not given this mail, once more.
    pub fn hold(&mut self, uid: u32, now: i64) {
        self.held = Some(match self.held {
            Some(held) if held.uid == uid => {
                Held { since: held.since.min(now), tries: held.tries.saturating_add(1), ..held }
            }
            _ => Held { uid, since: now, tries: 1 },
        });
    }

    /// Whether this mail has been waited for so long.
    pub fn has_outlasted(&self, uid: u32, patience: Patience, now: i64) -> bool {
        self.held.is_some_and(|held| {
            held.uid == uid && now.saturating_sub(held.since) >= patience.ms && held.tries >= patience.tries
        })
    }

    /// From which day on there may be mails that were not read, as SEARCH wants it; none: from the beginning.
    pub fn day_before(&self) -> Option<String> {
        let day = DateTime::from_timestamp((self.newest? - DAY_MS).div_euclid(1000));
        imap_date(day.year, day.month, day.day)
    }
}

/// `2026-02-01` as SEARCH wants it: `1-Feb-2026`.
pub(super) fn day(text: &str) -> Option<String> {
    let [year, month, day] = text.trim().split('-').collect::<Vec<_>>().try_into().ok()?;
    let well_formed = (year.len(), month.len(), day.len()) == (4, 2, 2);
    well_formed.then(|| imap_date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)).flatten()
}

fn imap_date(year: u16, month: u8, day: u8) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = MONTHS.get(usize::from(month).checked_sub(1)?)?;
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=last).contains(&day).then(|| format!("{day}-{name}-{year:04}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_were_written() {
        for text in ["5:17", "5:17:1700000000000", "5:17::18:1700000000000:3", "5:17:1:18:1700000000000:3"] {
            assert_eq!(Place::read(text).map(|place| place.write()).as_deref(), Some(text));
        }
        assert_eq!(Place::read("x"), None);
        // 2023-11-14 22:13:20 UTC.
        assert_eq!(
            Place::read("5:17:1700000000000").and_then(|place| place.day_before()).as_deref(),
            Some("13-Nov-2023")
        );
    }

    #[test]
    fn days() {
        assert_eq!(day("2026-02-01").as_deref(), Some("1-Feb-2026"));
        assert_eq!(day("2028-02-29").as_deref(), Some("29-Feb-2028"));
        for wrong in [
            "",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2100-02-29",
            "2026-04-31",
            "01-02-2026",
            "2026-2-1",
            "2026-02-01T00:00",
        ] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
