//! Where an admin talks to a bot as a customer would, before any customer does.
//!
//! A bot's console is a web chat's inbox of its own, so that all of a web chat works there, by the same ways. That it is one
//! stands in its id: whoever decides about seeing needs no look at the store, and none can be forgotten. Its id has the last
//! moment that an id can name, and what else is in the bot's.

use switchboard_protocol::{BotId, InboxId, Ulid};

/// What ids of consoles begin with, and no other's before the year 10889.
pub const BEGINS: &str = "7ZZZZZZZZZ";

const RANDOM_BITS: u32 = 80;
const LAST_MOMENT: u128 = (1 << 48) - 1;

pub fn of(bot: BotId) -> InboxId {
    let random = bot.0.0 & ((1 << RANDOM_BITS) - 1);
    InboxId(Ulid(LAST_MOMENT << RANDOM_BITS | random))
}

pub fn is_one(inbox: InboxId) -> bool {
    inbox.0.0 >> RANDOM_BITS == LAST_MOMENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_is_known_by_its_id_and_its_bot_by_it() {
        let (one, other) = (BotId(Ulid(1 << 90 | 7)), BotId(Ulid(1 << 90 | 8)));
        assert!(is_one(of(one)) && of(one) != of(other));
        assert!(of(one).to_string().starts_with(BEGINS));
        assert!(!is_one(InboxId(one.0)));
    }
}
