//! The dialect that bots speak: Telegram's Bot API (<https://core.telegram.org/bots/api>), from the server's side.
//!
//! Pure: what comes in becomes a [`request::Call`], what goes out is JSON. Deliberately not here: who may do what, what a
//! method does, HTTP, and everything of Telegram that conversations with customers have no use for (groups, stickers,
//! payments). A bot that works there works here without a change, so the words of refusals are Telegram's own: libraries
//! and bots look at them. Where its documentation says nothing, its open server is what we have followed
//! (<https://github.com/tdlib/telegram-bot-api>).
//!
//! To add a method: a function in the server's door that reads its [`request::Call`]; to add an object: a function in
//! [`things`].

pub mod answer;
pub mod formatting;
pub mod keyboard;
pub mod request;
pub mod things;
pub mod units;

pub use answer::Refusal;
pub use request::Call;
