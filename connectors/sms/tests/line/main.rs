//! A number as the hub uses it, against a provider that speaks Twilio's dialect.

mod check;
mod incoming;
mod missed;
mod nonsense;
mod provider;
mod sending;
