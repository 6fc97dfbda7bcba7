//! Contact forms: a form on any site whose messages come into a mail inbox. Answers go out as mails of that inbox.
//!
//! ```text
//! page with script     GET token ─► work on it while the person writes ─► POST with token and proof ─► "thank you"
//! page without         POST ─► the hub's own page with what was typed and a token ─► POST ─► "thank you"
//! ```
//!
//! What keeps machines away, without asking anybody else: a field that people do not see; a token that we signed, which is
//! good for one message, not too soon and not for ever ([`token`]); work that costs a machine that sends thousands more
//! than a person who sends one, or else a much lower rate ([`gate`]). Whoever sends is told "thank you" and nothing of what
//! is there. Deliberately not here: what a message does to a conversation (`commands::contact_form`), HTTP (`http::forms`).

pub mod body;
pub mod gate;
pub mod page;
pub mod token;
pub mod words;
