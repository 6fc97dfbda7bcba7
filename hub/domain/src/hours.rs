//! Whether an inbox is open, and when it opens next: on the clocks of its place, also when these are put forward or back.
//!
//! The rules of the time zones are those that the hub was built with, so all hubs of a deployment say the same.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use switchboard_protocol::UnixMs;
use switchboard_protocol::hours::{Hours, OpenSpan, Weekday};
use switchboard_protocol::limits::{HOLIDAYS, MINUTES_OF_DAY, SPANS_OF_DAY};

use crate::validate::Fields;

/// Days after today on which it is looked for the next opening: each holiday may close a week's only day.
const DAYS_AHEAD: usize = 7 * (HOLIDAYS + 1);

/// Days in which it is looked for the next closing: a place that is always open is not searched through for long.
const DAYS_TO_CLOSING: usize = 2;

/// Whether it is open at `now`.
pub fn is_open(hours: &Hours, now: UnixMs) -> bool {
    // What was saved had a zone that is known; if it is no more, nobody is kept waiting for an opening that cannot be told.
    zone(&hours.zone).is_none_or(|zone| at(now).is_some_and(|now| open_at(hours, &zone, now)))
}

/// When it is open next: `now` while it is open; none: never, for all that is known.
pub fn next_opening(hours: &Hours, now: UnixMs) -> Option<UnixMs> {
    let (zone, start) = (zone(&hours.zone)?, at(now)?);
    if open_at(hours, &zone, start) {
        return Some(now);
    }
    let mut date = start.to_zoned(zone.clone()).date();
    for _ in 0..=DAYS_AHEAD {
        let found = moments(hours, &zone, date, |span| span.from)
            .into_iter()
            .find(|at| *at > start && open_at(hours, &zone, *at));
        if let Some(found) = found {
            return Some(found.as_millisecond());
        }
        date = date.tomorrow().ok()?;
    }
    None
}

/// When it closes next: `now` while it is closed; none: not in the next two days.
pub fn next_closing(hours: &Hours, now: UnixMs) -> Option<UnixMs> {
    let (zone, start) = (zone(&hours.zone)?, at(now)?);
    if !open_at(hours, &zone, start) {
        return Some(now);
    }
    let mut date = start.to_zoned(zone.clone()).date();
    for _ in 0..=DAYS_TO_CLOSING {
        let found = moments(hours, &zone, date, |span| span.to);
        if let Some(found) = found.into_iter().find(|at| *at > start && !open_at(hours, &zone, *at)) {
            return Some(found.as_millisecond());
        }
        date = date.tomorrow().ok()?;
    }
    None
}

/// What somebody has set, in order, or what is wrong with it.
pub fn checked(fields: &mut Fields, hours: Hours) -> Hours {
    let Hours { zone: name, mut open, holidays } = hours;
    if zone(&name).is_none() {
        fields.wrong("hours.zone", "unknown", "This is no time zone that is known, as Europe/Berlin is.");
    }
    if open.is_empty() {
        fields.wrong("hours.open", "required", "It has to be open at some time of the week.");
    }
    // Each is looked at against all others.
    if open.len() > Weekday::ALL.len() * SPANS_OF_DAY || holidays.len() > HOLIDAYS {
        fields.wrong("hours", "too_many", format!("At most {SPANS_OF_DAY} times on one day, and {HOLIDAYS} holidays."));
        return Hours { zone: name, open, holidays };
    }
    for (place, span) in open.iter().enumerate() {
        if span.from >= span.to || span.to > MINUTES_OF_DAY {
            let sentence = "It has to end after it begins, and by the end of the day.";
            fields.wrong(&format!("hours.open.{place}"), "invalid", sentence);
        } else if open[..place].iter().any(|other| overlap(other, span)) {
            fields.wrong(&format!("hours.open.{place}"), "overlaps", "It is open then already.");
        }
    }
    for day in Weekday::ALL {
        if open.iter().filter(|span| span.day == *day).count() > SPANS_OF_DAY {
            fields.wrong("hours.open", "too_many", format!("At most {SPANS_OF_DAY} times on one day."));
            break;
        }
    }
    for (place, day) in holidays.iter().enumerate() {
        // As it is written in one way only: a date that reads otherwise would never be found.
        if day.parse::<Date>().ok().is_none_or(|date| date.to_string() != *day) {
            fields.wrong(&format!("hours.holidays.{place}"), "invalid", "A day looks like 2027-12-25.");
        }
    }
    open.sort_unstable_by_key(|span| (span.day, span.from));
    Hours { zone: name, open, holidays: holidays.into_iter().collect::<BTreeSet<_>>().into_iter().collect() }
}

fn overlap(one: &OpenSpan, other: &OpenSpan) -> bool {
    one.day == other.day && one.from < other.to && other.from < one.to
}

fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

fn at(time: UnixMs) -> Option<Timestamp> {
    Timestamp::from_millisecond(time).ok()
}

fn open_at(hours: &Hours, zone: &TimeZone, at: Timestamp) -> bool {
    let there = at.to_zoned(zone.clone());
    let minute = there.hour() as u32 * 60 + there.minute() as u32;
    open_on(hours, there.date()).any(|span| (span.from..span.to).contains(&minute))
}

/// Of a holiday there are none.
fn open_on(hours: &Hours, date: Date) -> impl Iterator<Item = &OpenSpan> {
    let holiday = hours.holidays.contains(&date.to_string());
    let day = Weekday::ALL[date.weekday().to_monday_zero_offset() as usize];
    hours.open.iter().filter(move |span| !holiday && span.day == day)
}

/// The moments of a day at which it may begin, or end, to be open, in order: when the clocks show this edge of a span, which they
/// may do twice; and when they are put forward or back, into a span or out of one.
fn moments(hours: &Hours, zone: &TimeZone, date: Date, edge: impl Fn(&OpenSpan) -> u32) -> BTreeSet<Timestamp> {
    let mut found = BTreeSet::new();
    for span in open_on(hours, date) {
        let minute = edge(span);
        // The end of a day is the beginning of the next.
        let (Some(day), minute) =
            (if minute < MINUTES_OF_DAY { Some(date) } else { date.tomorrow().ok() }, minute % MINUTES_OF_DAY)
        else {
            continue;
        };
        let Ok(time) = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0) else { continue };
        let shown = zone.to_ambiguous_timestamp(day.to_datetime(time));
        found.extend(shown.earlier());
        found.extend(shown.later());
    }
    if let (Some(from), Some(to)) = (begins(zone, date), date.tomorrow().ok().and_then(|next| begins(zone, next))) {
        // With what happens at midnight itself.
        let before = from.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(from);
        found.extend(zone.following(before).map(|change| change.timestamp()).take_while(|at| *at < to));
    }
    found
}

fn begins(zone: &TimeZone, date: Date) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(date.to_datetime(Time::midnight())).compatible().ok()
}

#[cfg(test)]
mod tests {
    use jiff::Span;
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000;

    fn span(day: Weekday, from: (u32, u32), to: (u32, u32)) -> OpenSpan {
        OpenSpan { day, from: from.0 * 60 + from.1, to: to.0 * 60 + to.1 }
    }

    fn hours(zone: &str, open: Vec<OpenSpan>, holidays: &[&str]) -> Hours {
        Hours { zone: zone.into(), open, holidays: holidays.iter().map(|day| (*day).to_owned()).collect() }
    }

    /// A moment as RFC 3339 writes it.
    fn moment(text: &str) -> UnixMs {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn opens(hours: &Hours, now: &str) -> Option<String> {
        next_opening(hours, moment(now)).map(|at| Timestamp::from_millisecond(at).unwrap().to_string())
    }

    /// Monday to Friday, nine to five.
    fn office(zone: &str) -> Hours {
        let days = &Weekday::ALL[..5];
        hours(zone, days.iter().map(|day| span(*day, (9, 0), (17, 0))).collect(), &["2026-12-25"])
    }

    #[test]
    fn it_is_open_from_the_first_minute_until_before_the_last_on_the_clocks_of_the_place() {
        for (zone, now, open) in [
            ("Europe/Berlin", "2026-11-23T07:59:59Z", false),
            ("Europe/Berlin", "2026-11-23T08:00:00Z", true),
            ("Europe/Berlin", "2026-11-23T15:59:59Z", true),
            ("Europe/Berlin", "2026-11-23T16:00:00Z", false),
            // In summer an hour earlier.
            ("Europe/Berlin", "2026-07-06T07:00:00Z", true),
            ("America/New_York", "2026-11-23T13:59:59Z", false),
            ("America/New_York", "2026-11-23T14:00:00Z", true),
            ("Asia/Kathmandu", "2026-11-23T03:14:59Z", false),
            ("Asia/Kathmandu", "2026-11-23T03:15:00Z", true),
            // Saturday; and Friday, a holiday.
            ("Europe/Berlin", "2026-11-28T10:00:00Z", false),
            ("Europe/Berlin", "2026-12-25T10:00:00Z", false),
        ] {
            assert_eq!(is_open(&office(zone), moment(now)), open, "{zone} {now}");
        }
        // Until the day ends, and on from there.
        let nights = hours(
            "Asia/Kathmandu",
            vec![span(Weekday::Monday, (22, 0), (24, 0)), span(Weekday::Tuesday, (0, 0), (2, 0))],
            &[],
        );
        for (now, open) in [
            ("2026-11-23T18:14:59Z", true),
            ("2026-11-23T18:15:00Z", true),
            ("2026-11-23T20:14:59Z", true),
            ("2026-11-23T20:15:00Z", false),
        ] {
            assert_eq!(is_open(&nights, moment(now)), open, "{now}");
        }
    }

    #[test]
    fn the_next_opening_is_told() {
        let berlin = office("Europe/Berlin");
        for (now, opening) in [
            ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23T16:00:00Z", "2026-11-24T08:00:00Z"),
            ("2026-11-27T16:00:00Z", "2026-11-30T08:00:00Z"),
            // Christmas, and the weekend after it.
            ("2026-12-24T16:00:00Z", "2026-12-28T08:00:00Z"),
            // The clocks are put forward, and back, in the night to Sunday.
            ("2026-03-27T16:00:00Z", "2026-03-30T07:00:00Z"),
            ("2026-10-23T15:00:00Z", "2026-10-26T08:00:00Z"),
        ] {
            assert_eq!(opens(&berlin, now).as_deref(), Some(opening), "{now}");
        }
        assert_eq!(opens(&office("America/New_York"), "2026-03-06T22:00:00Z").as_deref(), Some("2026-03-09T13:00:00Z"));
        assert_eq!(opens(&office("Asia/Kathmandu"), "2026-11-23T11:15:00Z").as_deref(), Some("2026-11-24T03:15:00Z"));
        assert_eq!(opens(&hours("Europe/Berlin", Vec::new(), &[]), "2026-11-23T16:00:00Z"), None);
    }

    #[test]
    fn an_hour_that_is_left_out_or_comes_twice_is_not_lost() {
        let sundays = |zone, from, to| hours(zone, vec![span(Weekday::Sunday, from, to)], &[]);
        // There is no half past two: it opens as the clocks go on, at three.
        let early = sundays("Europe/Berlin", (2, 30), (5, 0));
        assert_eq!(opens(&early, "2026-03-29T00:00:00Z").as_deref(), Some("2026-03-29T01:00:00Z"));
        let early = sundays("America/New_York", (2, 30), (5, 0));
        assert_eq!(opens(&early, "2026-03-08T06:00:00Z").as_deref(), Some("2026-03-08T07:00:00Z"));
        // All of it is left out: a week later.
        let short = sundays("Europe/Berlin", (2, 0), (3, 0));
        assert_eq!(opens(&short, "2026-03-29T00:00:00Z").as_deref(), Some("2026-04-05T00:00:00Z"));
        // Half past two comes twice: open, closed, open again.
        let twice = sundays("Europe/Berlin", (2, 0), (2, 30));
        assert_eq!(opens(&twice, "2026-10-24T23:00:00Z").as_deref(), Some("2026-10-25T00:00:00Z"));
        assert_eq!(opens(&twice, "2026-10-25T00:30:00Z").as_deref(), Some("2026-10-25T01:00:00Z"));
        // The clocks are put back into it.
        let back = sundays("Europe/Berlin", (1, 0), (2, 30));
        assert_eq!(opens(&back, "2026-10-25T00:30:00Z").as_deref(), Some("2026-10-25T01:00:00Z"));
    }

    #[test]
    fn a_year_of_holidays_still_ends() {
        // Each Monday is one, as many as there may be.
        let mut day: Date = "2026-11-23".parse().unwrap();
        let mut holidays = Vec::new();
        for _ in 0..HOLIDAYS {
            holidays.push(day.to_string());
            day = day.saturating_add(Span::new().days(7));
        }
        let mondays = Hours { holidays, ..hours("Asia/Kathmandu", vec![span(Weekday::Monday, (9, 0), (10, 0))], &[]) };
        assert_eq!(opens(&mondays, "2026-11-23T00:00:00Z"), Some(format!("{day}T03:15:00Z")));
    }

    #[test]
    fn what_is_wrong_is_said_of_its_field() {
        let wrong = |hours: Hours| {
            let mut fields = Fields::new();
            checked(&mut fields, hours);
            let error = fields.done().err();
            let all = error.map(|error| error.fields).unwrap_or_default();
            all.into_iter().map(|one| format!("{} {}", one.field, one.code)).collect::<Vec<_>>().join(", ")
        };
        let nine = || vec![span(Weekday::Monday, (9, 0), (12, 0))];
        assert_eq!(wrong(hours("Asia/Kathmandu", nine(), &["2026-12-25"])), "");
        assert_eq!(wrong(hours("Berlin", nine(), &[])), "hours.zone unknown");
        assert_eq!(wrong(hours("UTC", Vec::new(), &[])), "hours.open required");
        for (from, to) in [((9, 0), (9, 0)), ((10, 0), (9, 0)), ((23, 0), (24, 1))] {
            assert_eq!(wrong(hours("UTC", vec![span(Weekday::Friday, from, to)], &[])), "hours.open.0 invalid");
        }
        let mut twice = nine();
        twice.push(span(Weekday::Monday, (11, 59), (13, 0)));
        twice.push(span(Weekday::Tuesday, (11, 59), (13, 0)));
        assert_eq!(wrong(hours("UTC", twice, &[])), "hours.open.1 overlaps");
        let many = (0..=SPANS_OF_DAY as u32).map(|hour| span(Weekday::Monday, (hour, 0), (hour, 30))).collect();
        assert_eq!(wrong(hours("UTC", many, &[])), "hours.open too_many");
        for day in ["25.12.2026", "2026-02-30", "2026-12-25T00:00", "20261225", ""] {
            assert_eq!(wrong(hours("UTC", nine(), &[day])), "hours.holidays.0 invalid", "{day}");
        }
    }

    #[test]
    fn they_are_kept_in_order() {
        let open = vec![span(Weekday::Friday, (9, 0), (10, 0)), span(Weekday::Monday, (13, 0), (24, 0))];
        let kept = checked(&mut Fields::new(), hours("UTC", open, &["2027-01-01", "2026-12-25", "2027-01-01"]));
        assert_eq!(kept.open.iter().map(|span| span.day).collect::<Vec<_>>(), [Weekday::Monday, Weekday::Friday]);
        assert_eq!(kept.holidays, ["2026-12-25", "2027-01-01"]);
    }

    fn any_hours() -> impl Strategy<Value = Hours> {
        let zones = prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Asia/Kathmandu"]);
        let spans = prop::collection::vec((0..7_usize, 0..1_440_u32, 1..=600_u32), 1..5);
        let holidays =
            prop::collection::vec(prop::sample::select(vec!["2026-03-29", "2026-10-25", "2026-11-01"]), 0..2);
        (zones, spans, holidays).prop_map(|(zone, spans, holidays)| {
            let open = spans.into_iter().map(|(day, from, long)| OpenSpan {
                day: Weekday::ALL[day],
                from,
                to: (from + long).min(MINUTES_OF_DAY),
            });
            hours(zone, open.collect(), &holidays)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// Closed in each minute before, open in that one: about the days on which the clocks are put forward and back.
        #[test]
        fn the_next_opening_is_the_first_minute_that_is_open(
            hours in any_hours(),
            day in prop::sample::select(vec!["2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31"]),
            minutes in 0..2_880_i64,
        ) {
            let now = moment(&format!("{day}T00:00:00Z")) + minutes * MINUTE;
            let first = (0..14 * 1_440).map(|minute| now + minute * MINUTE).find(|at| is_open(&hours, *at));
            prop_assert_eq!(next_opening(&hours, now).filter(|at| *at < now + 14 * 1_440 * MINUTE), first);
        }

        /// Open in each minute before, closed in that one.
        #[test]
        fn the_next_closing_is_the_first_minute_that_is_closed(
            hours in any_hours(),
            day in prop::sample::select(vec!["2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31"]),
            minutes in 0..2_880_i64,
        ) {
            let now = moment(&format!("{day}T00:00:00Z")) + minutes * MINUTE;
            let first = (0..2 * 1_440).map(|minute| now + minute * MINUTE).find(|at| !is_open(&hours, *at));
            prop_assert_eq!(next_closing(&hours, now).filter(|at| *at < now + 2 * 1_440 * MINUTE), first);
        }
    }
}
