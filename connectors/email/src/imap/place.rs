//! Where reading a folder goes on: `uidvalidity:uid:date`, the date that of the newest mail that was read (its INTERNALDATE,
//! unix ms), if there was any.

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
}

impl Place {
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (validity, uid) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { validity, uid, newest: parts.next().and_then(|newest| newest.parse().ok()) })
    }

    pub fn write(&self) -> String {
        let newest = self.newest.map(|newest| format!(":{newest}")).unwrap_or_default();
        format!("{}:{}{newest}", self.validity, self.uid)
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
    (1..=31).contains(&day).then(|| format!("{day}-{name}-{year:04}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_were_written() {
        for text in ["5:17", "5:17:1700000000000"] {
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
        for wrong in ["", "2026-13-01", "2026-00-01", "2026-02-32", "01-02-2026", "2026-2-1", "2026-02-01T00:00"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
