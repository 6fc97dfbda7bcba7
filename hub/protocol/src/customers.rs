//! Customers as a list, and one that somebody of the team writes down.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Channel, closed, wire};
use crate::{ContactId, UnixMs};

closed! {
    /// How a badge looks.
    BadgeTone { Neutral = "neutral", Good = "good", Warning = "warning", Bad = "bad", }
}

wire! {
/// A customer in the list. Of merged cards one row, with what the reader sees of all of them.
#[derive(Eq)]
pub struct ContactRow {
    pub id: ContactId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub tags: Vec<String>,
    /// By which channels they are known, each once.
    pub channels: Vec<Channel>,
    /// That the reader sees.
    pub conversations: u32,
    /// In one of these; absent: there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_activity_at: Option<UnixMs>,
    pub created_at: UnixMs,
}

/// The newest customers first.
#[derive(Eq)]
pub struct ContactPage {
    pub contacts: Vec<ContactRow>,
    /// The cursor of the next page; absent: this was the last.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub next: Option<String>,
}

/// Writes a customer down who has not written yet. One of name, mail address and telephone number is needed.
#[derive(Eq, Default)]
#[serde(deny_unknown_fields)]
pub struct MakeContact {
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub notes: Option<String>,
}

/// What another system says of a customer, a shop's orders for instance: it stands on the customer's card for whoever sees it.
/// All of it together has at most [`crate::limits::OUTSIDE_CARD_BYTES`].
#[serde(deny_unknown_fields)]
pub struct SaveCard {
    pub title: String,
    /// Where the title leads: `https` or `http`.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub link: Option<String>,
    /// How that system calls the customer; by it the card is found the next time.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub outside_id: Option<String>,
    /// At most [`crate::limits::OUTSIDE_CARD_ROWS`].
    pub rows: Vec<CardRow>,
}

/// A name and what stands beside it: one value, or a list.
#[serde(deny_unknown_fields)]
pub struct CardRow {
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub value: Option<CardValue>,
    /// The last five orders, say; at most [`crate::limits::OUTSIDE_CARD_ITEMS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<CardItem>>")]
    pub items: Vec<CardItem>,
}

#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CardValue {
    Text {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        link: Option<String>,
    },
    Number { number: f64 },
    /// `currency` is a code of ISO 4217.
    Money { amount: f64, currency: String },
    /// A day of the calendar, `2027-12-25`.
    Date { date: String },
    Badge {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        tone: Option<BadgeTone>,
    },
}

#[serde(deny_unknown_fields)]
pub struct CardItem {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub link: Option<String>,
    /// At most [`crate::limits::OUTSIDE_CARD_VALUES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<CardValue>>")]
    pub values: Vec<CardValue>,
}

pub struct OutsideCard {
    /// The system's name.
    pub source: String,
    pub changed_at: UnixMs,
    #[serde(flatten)]
    pub card: SaveCard,
}

/// What other systems say of a customer.
pub struct OutsideCards { pub cards: Vec<OutsideCard> }
}
