//! Small helpers between columns and the wire's types.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard_domain::bots::console;
use switchboard_domain::{Visibility, validate};
use switchboard_protocol::IdentityId;

use crate::db::Value;
use crate::error::ReadError;

pub(crate) fn id<T: FromStr>(what: &'static str, text: &str) -> Result<T, ReadError> {
    text.parse().map_err(|_| ReadError::unreadable(what))
}

pub(crate) fn maybe_id<T: FromStr>(what: &'static str, text: Option<&str>) -> Result<Option<T>, ReadError> {
    text.map(|text| id(what, text)).transpose()
}

/// One of a closed set, by the word that the set has for it.
pub(crate) fn word<T>(what: &'static str, text: &str, from: fn(&str) -> Option<T>) -> Result<T, ReadError> {
    from(text).ok_or_else(|| ReadError::unreadable(what))
}

pub(crate) fn json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|_| ReadError::unreadable(what))
}

pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    let text = serde_json::to_string(value).expect("these types have only string keys and no failing serialiser");
    if text.contains(r"\u0000") { without_nul_escapes(&text) } else { text }
}

/// PostgreSQL's text cannot hold NUL: it becomes U+FFFD on the way in, on both engines alike.
pub(crate) fn without_nul(text: String) -> String {
    validate::message_text(text)
}

/// The same in JSON, where NUL is `\u0000` unless the backslash is itself escaped.
fn without_nul_escapes(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (text, after) = match escape.strip_prefix(r"\u0000") {
            Some(after) => (r"\ufffd", after),
            // A backslash and what it escapes, which is ASCII.
            None => escape.split_at(2),
        };
        out.push_str(text);
        rest = after;
    }
    out + rest
}

/// A set for `jsonb_each`: `[{"id":…},…]`.
pub(crate) fn set<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    #[derive(Serialize)]
    struct Item {
        id: String,
    }
    to_json(&ids.into_iter().map(|id| Item { id: id.to_string() }).collect::<Vec<_>>())
}

/// Conditions that are put together at run time, with their values.
#[derive(Default)]
pub(crate) struct Where {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Where {
    pub fn new() -> Self {
        Self::default()
    }

    /// A value's parameter, `$3`.
    pub fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    pub fn and(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    pub fn equal(&mut self, column: &str, value: impl Into<Value>) {
        let parameter = self.value(value);
        self.and(format!("{column} = {parameter}"));
    }

    /// Only of what is seen. `column` holds an inbox's id.
    pub fn visible(&mut self, column: &str, visibility: &Visibility) {
        if let Some(condition) = self.sees(column, visibility) {
            self.and(condition);
        }
    }

    /// The one place where visibility becomes a condition, for a part of the statement; none: everything is seen.
    pub fn sees(&mut self, column: &str, visibility: &Visibility) -> Option<String> {
        match visibility {
            Visibility::All => None,
            // Of a pattern, so that no index is looked up for it: nearly all are seen.
            Visibility::Team => Some(format!("{column} NOT LIKE '{}%'", console::BEGINS)),
            Visibility::Inboxes(inboxes) => {
                let parameter = self.value(set(inboxes));
                Some(format!("{column} IN (SELECT v.value->>'id' FROM jsonb_each({parameter}) AS v)"))
            }
        }
    }

    /// The one place where it is said which conversations `c` a visitor may read: their own, without what the team has
    /// thrown away or merged into another.
    pub fn visitors(&mut self, identity_id: IdentityId) {
        self.equal("c.identity_id", identity_id);
        self.and("c.place <> 'trash' AND c.merged_into IS NULL");
    }

    /// All of them; of none, one that is always true.
    pub fn condition(&self) -> String {
        if self.conditions.is_empty() { "TRUE".into() } else { self.conditions.join(" AND ") }
    }

    /// `WHERE …`
    pub fn text(&self) -> String {
        format!("WHERE {}", self.condition())
    }

    pub fn values(self) -> Vec<Value> {
        self.values
    }
}
