//! A hub that stands still for longer than the feed is kept: when it goes on, it has missed what nobody can tell it any
//! more.

use serde_json::json;
use switchboard::app::Unasked;
use switchboard::secret::Secret;

use crate::shop::Shop;
use crate::support::{Setting, World};

/// Forgets all events so far, as the upkeep does with old ones.
async fn forget_the_feed(world: &World) {
    let app = world.app(0);
    let now = app.clock.now() + 1;
    let forgotten = app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move { Ok(switchboard_store::feed::prune(tx, now).await?) })
    });
    assert_ne!(forgotten.await.expect("pruned").value, 0);
}

#[tokio::test]
async fn a_hub_that_has_missed_what_is_forgotten_sends_everybody_for_a_snapshot_and_goes_on() {
    // Each reads the database alone: what waits for the hub in a connection to Redis would be there when it goes on.
    let shop = Shop::tuned(Setting::Pair, |config, _| config.redis.url = Secret::new("")).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("before").await;
    let (mut ann, mut olga) = (shop.ann.connects().await, shop.owner.through(shop.world.other()).connects().await);
    let mut visitor = guest.visitor.connects(shop.world.other()).await;
    let suspended = shop.world.suspend_hub(1).await;
    guest.writes("meanwhile").await;
    shop.owner.grants(&shop.sales, &[]).await;
    forget_the_feed(&shop.world).await;
    drop(suspended);

    // Also if nothing more happens.
    for socket in [&mut ann, &mut olga, &mut visitor] {
        assert_eq!(socket.hear("reset").await["why"], "too_old");
    }
    visitor.hear("welcome").await;
    for (socket, person) in [(&mut ann, &shop.ann), (&mut olga, &shop.owner)] {
        socket.say(json!({ "t": "resume", "from": person.snapshot().await })).await;
        socket.hear("welcome").await;
    }
    guest.writes("after").await;
    olga.message_event("after").await;
    visitor.message_event("after").await;
    shop.fence(&mut [&mut ann, &mut olga]).await;
    ann.never_heard(&["meanwhile", "after"]);
    for socket in [&mut ann, &mut olga, &mut visitor] {
        assert_eq!(socket.ended, None, "on the same socket");
    }
}
