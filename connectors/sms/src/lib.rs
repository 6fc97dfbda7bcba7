//! SMS by a provider that speaks Twilio's REST dialect.

pub mod segments;
