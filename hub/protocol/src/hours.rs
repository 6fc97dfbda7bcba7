//! When an inbox is open.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{closed, wire};

closed! {
    /// A day of the week, in the order of ISO 8601.
    Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

wire! {
/// Open on this day of every week from one time on its clock to another.
#[derive(Eq, Copy)]
#[serde(deny_unknown_fields)]
pub struct OpenSpan {
    pub day: Weekday,
    /// Minutes after midnight.
    pub from: u32,
    /// Minutes after midnight, later than `from`; 1440: until the day ends. It is closed from that minute on.
    pub to: u32,
}

/// Times of the week at which somebody is there, on the clocks of one place.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// IANA name.
    pub zone: String,
    /// By day and time; none overlap. What goes on after midnight is two of them.
    pub open: Vec<OpenSpan>,
    /// Days on which it is closed whatever day of the week they are: `YYYY-MM-DD`, in order.
    pub holidays: Vec<String>,
}

/// The business hours of an inbox.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct InboxHours {
    /// None: no hours are set, and it is never outside of them.
    pub hours: Option<Hours>,
}
}
