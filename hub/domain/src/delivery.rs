//! How far a message that goes out has come. A channel's words may come late, twice and out of order: they move it on and
//! never back.
//!
//! ```text
//! queued ─► sent ─► delivered ─► read
//!    │  └► uncertain ─┘ (the channel's own word ends the doubt)
//!    └► failed ─► queued (somebody tries again)
//! ```

use switchboard_protocol::model::Delivery;

/// What it is after the channel has said `said`; none: that is no news.
pub fn after(now: Delivery, said: Delivery) -> Option<Delivery> {
    let how_far = |delivery| match delivery {
        Delivery::Queued => 0,
        Delivery::Uncertain => 1,
        Delivery::Sent => 2,
        Delivery::Delivered => 3,
        Delivery::Read => 4,
        // Whatever else was said before: a mail that was taken and then came back has not arrived.
        Delivery::Failed => 5,
    };
    // What has arrived has arrived.
    let arrived = matches!(now, Delivery::Delivered | Delivery::Read) && said == Delivery::Failed;
    (how_far(said) > how_far(now) && !arrived).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_move_it_on_in_whatever_order_they_come() {
        use Delivery::*;
        for order in [[Sent, Delivered, Read], [Read, Sent, Delivered], [Delivered, Read, Sent]] {
            let end = order.into_iter().fold(Queued, |now, said| after(now, said).unwrap_or(now));
            assert_eq!(end, Read, "{order:?}");
        }
        assert_eq!(after(Sent, Sent), None);
        assert_eq!(after(Uncertain, Sent), Some(Sent));
        assert_eq!(after(Sent, Failed), Some(Failed));
        assert_eq!(after(Read, Failed), None);
        assert_eq!(after(Failed, Delivered), None);
    }
}
