//! A call as it comes in ("Making requests"): a method's name in any case, and parameters from the query, from a form, from
//! JSON or from a form with files, in whatever mixture. Of a parameter that is given twice the first counts, as there.
//!
//! Everything is kept as the text that a form would have: a number or a nested object of a JSON body is that JSON. So the
//! getters need not know how it came.

mod body;
mod files;

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::Value;
use switchboard_protocol::limits;

pub use files::{File, Source};

use crate::answer::{self, Refusal};

/// Most kinds of updates that are looked at, and the longest name of one, bytes: there are two dozen, and none is half as long.
const KINDS: usize = 50;
const KIND_BYTES: usize = 64;

/// Parameters of a call in all, bytes as they come.
pub const PARAMETERS_BYTES: usize = 256 * 1024;
/// Parameters of a call.
pub const PARAMETERS: usize = 256;
/// Largest file, bytes.
pub const FILE_BYTES: usize = limits::ATTACHMENT_BYTES;
/// Files of a call in all, bytes: they are in memory together.
pub const FILES_BYTES: usize = 64 * 1024 * 1024;
/// Most files of a call.
pub const FILES: usize = limits::MESSAGE_ATTACHMENTS;

/// A method and what it is given.
#[derive(Debug, Default)]
pub struct Call {
    /// In small letters.
    pub method: String,
    parameters: BTreeMap<String, String>,
    files: Vec<File>,
    /// Bytes of the parameters so far.
    taken: usize,
}

impl Call {
    /// Reads it. A body of a kind that is not known is not read, as there.
    pub async fn read<E>(
        method: &str,
        query: Option<&str>,
        content_type: Option<&str>,
        body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    ) -> Result<Self, Refusal>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let mut call = Self { method: method.to_ascii_lowercase(), ..Self::default() };
        call.form(query.unwrap_or_default().as_bytes())?;
        body::read(&mut call, content_type.unwrap_or_default(), body).await?;
        Ok(call)
    }

    /// Of a query alone, for tests and for calls without a body.
    pub fn of_query(method: &str, query: &str) -> Result<Self, Refusal> {
        let mut call = Self { method: method.to_ascii_lowercase(), ..Self::default() };
        call.form(query.as_bytes()).map(|()| call)
    }

    fn form(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        form_urlencoded::parse(bytes).try_for_each(|(name, value)| self.take(&name, value.into_owned()))
    }

    fn take(&mut self, name: &str, value: String) -> Result<(), Refusal> {
        self.taken += name.len() + value.len();
        if self.taken > PARAMETERS_BYTES || self.parameters.len() >= PARAMETERS {
            return Err(answer::TOO_LARGE);
        }
        self.parameters.entry(name.to_owned()).or_insert(value);
        Ok(())
    }

    /// A parameter; none: it is not there, or empty, which is the same.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Whether it was given, be it empty: of what is changed that means "nothing any more".
    pub fn has(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// A whole number; none: it is not there or is none.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// The same, brought within bounds. What is no number counts as not given, as there.
    pub fn bounded(&self, name: &str, otherwise: i64, least: i64, most: i64) -> i64 {
        self.integer(name).unwrap_or(otherwise).clamp(least, most)
    }

    pub fn float(&self, name: &str) -> Option<f64> {
        self.text(name)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub fn boolean(&self, name: &str) -> bool {
        let text = self.text(name).unwrap_or_default().trim().to_ascii_lowercase();
        matches!(text.as_str(), "true" | "yes" | "1")
    }

    /// Something nested. `what`: how a refusal calls it.
    pub fn json(&self, name: &str, what: &str) -> Result<Option<Value>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match serde_json::from_str(text) {
            Ok(Value::Null) => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Refusal::bad(format_args!("can't parse {what} JSON object"))),
        }
    }

    /// The chat ("chat_id"). One that has no number (`@channel`) is not here.
    pub fn chat(&self, name: &str) -> Result<i64, Refusal> {
        let text = self.text(name).map(str::trim).filter(|text| !text.is_empty()).ok_or(answer::NO_CHAT)?;
        text.parse().map_err(|_| answer::CHAT_NOT_FOUND)
    }

    /// The message ("message_id").
    pub fn message(&self, name: &str) -> Result<i64, Refusal> {
        self.integer(name).filter(|number| *number != 0).ok_or(answer::NO_MESSAGE)
    }

    /// Which message this answers: "ReplyParameters", or what was before them. The flag says whether it is sent without,
    /// if there is no such message.
    pub fn answered(&self) -> Result<Option<(i64, bool)>, Refusal> {
        if let Some(given) = self.json("reply_parameters", "reply parameters")? {
            let missing = || Refusal::bad("can't find field \"message_id\"");
            let number = number(&given["message_id"]).ok_or_else(missing)?;
            let alone = given["allow_sending_without_reply"].as_bool().unwrap_or_default();
            return Ok(Some((number, alone)).filter(|(number, _)| *number > 0));
        }
        let number = self.integer("reply_to_message_id").filter(|number| *number > 0);
        Ok(number.map(|number| (number, self.boolean("allow_sending_without_reply"))))
    }

    /// Kinds of updates ("allowed_updates"); none: not given. An empty list is all that are given by default.
    pub fn kinds(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(given) = self.json(name, "allowed updates")? else { return Ok(None) };
        let Value::Array(given) = given else {
            return Err(Refusal::bad("expected an Array of String as allowed updates"));
        };
        let kinds = given.iter().filter_map(Value::as_str).filter(|kind| kind.len() <= KIND_BYTES).take(KINDS);
        Ok(Some(kinds.map(str::to_ascii_lowercase).collect()))
    }
}

/// A whole number, as JSON or as a text.
pub(crate) fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests;
