//! A store that does not answer: commands get their answer all the same, sockets stay as they are, and
//! whoever looks after the hub hears of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use switchboard::ws::frame;
use tokio::sync::oneshot;

use crate::shop::{Guest, Shop, reply};
use crate::support::{PATIENCE, Setting, Socket, World, eventually};

/// How long a command may take here.
const COMMAND: Duration = Duration::from_millis(300);

async fn shop() -> (Shop, Guest) {
    shop_with(COMMAND).await
}

async fn shop_with(command_time: Duration) -> (Shop, Guest) {
    let shop = Shop::tuned(Setting::Alone, move |_, parts| parts.command_time = command_time).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    (shop, guest)
}

/// Holds up everything that is to be written to the first hub's database, until what this returns is dropped.
pub async fn hold_the_writer(world: &World) -> oneshot::Sender<()> {
    let store = world.app(0).store.clone();
    let (release, released) = oneshot::channel::<()>();
    let (holds, held) = oneshot::channel();
    let operation = async move {
        let held = store.write(move |_tx| {
            Box::pin(async move {
                let _ = holds.send(());
                let _ = released.await;
                Ok::<(), std::convert::Infallible>(())
            })
        });
        held.await.expect("it is let go");
    };
    tokio::spawn(operation);
    held.await.expect("the writer has come to it");
    release
}

fn send(id: &str, conversation: &str) -> Value {
    json!({ "t": "command", "id": id, "do": "send", "text": "is anybody there?", "conversation_id": conversation })
}

#[tokio::test]
async fn who_waits_for_the_store_is_told_so_and_nothing_is_lost_or_doubled() {
    let (shop, mut guest) = shop().await;
    let conversation = guest.conversation();
    let mut ann = shop.ann.connects().await;
    let held = hold_the_writer(&shop.world).await;
    guest.socket.say(send("m1", &conversation)).await;
    let refused = guest.socket.reply("m1").await;
    assert_eq!(refused["error"]["code"], "unavailable", "{refused}");
    let sentence = refused["error"]["message"].as_str().expect("a sentence");
    assert!(sentence.contains("may or may not have been done"), "nobody knows yet: {sentence}");
    let refused = ann.does_as("r1", reply(&conversation, 1, "in a moment")).await;
    assert_eq!(refused["error"]["code"], "unavailable", "{refused}");
    drop(held);
    guest.socket.say(send("m1", &conversation)).await;
    assert_eq!(guest.socket.reply("m1").await["ok"], "yes", "on the same socket, with the same id");
    assert_eq!(ann.does_as("r1", reply(&conversation, 1, "in a moment")).await["ok"], "yes");
    let messages = shop.ann.detail(&conversation).await["messages"].clone();
    let texts: Vec<_> = messages.as_array().expect("a list").iter().map(|message| message["text"].clone()).collect();
    assert_eq!(texts, ["hello", "is anybody there?", "in a moment"]);
}

#[tokio::test]
async fn what_waits_for_a_socket_goes_out_while_its_command_waits_for_the_store() {
    // The command waits until the writer is let go, and not until its time is up.
    let (shop, guest) = shop_with(2 * PATIENCE).await;
    let (cookie, origin) = (shop.ann.cookie.clone(), format!("http://{}", shop.ann.at));
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    let mut ann = Socket::open_narrow(shop.ann.at, "/ws/agent", &headers).await.expect("a socket");
    ann.say(json!({ "t": "resume" })).await;
    ann.hear("welcome").await;
    let sessions = shop.world.app(0).feed.registry().part(0, 1);
    let session = sessions.last().expect("the one that came last");
    let held = hold_the_writer(&shop.world).await;
    let mut answer = reply(&guest.conversation(), 1, "in a moment");
    (answer["t"], answer["id"]) = (json!("command"), json!("r1"));
    let (clock, before) = (&shop.world.app(0).clock, session.heard_at());
    eventually("another moment", || async { (clock.ticks() > before).then_some(()) }).await;
    ann.say(answer).await;
    eventually("the command is in hand", || async { (session.heard_at() > before).then_some(()) }).await;
    ann.reads(false);
    let long = json!({ "t": "signal", "signal": "long", "text": "x".repeat(10_000) }).to_string();
    while session.queued_bytes() == 0 {
        session.send(frame::text(&long));
    }
    ann.reads(true);
    eventually("all of it is out", || async { (session.queued_bytes() == 0).then_some(()) }).await;
    ann.catch_up();
    let taken = ann.taken();
    assert!(taken.iter().all(|frame| frame["t"] != "reply"), "nobody waited for the command");
    drop(held);
    assert_eq!(ann.reply("r1").await["ok"], "yes");
}

#[tokio::test]
async fn a_hub_that_cannot_write_is_not_ready() {
    let shop = Shop::open(Setting::Alone).await;
    let (status, told) = shop.owner.call(Method::GET, "/readyz", None).await;
    assert_eq!((status.as_u16(), &told["store"]), (200, &json!(true)));
    let held = hold_the_writer(&shop.world).await;
    let told = eventually("it is no longer ready", || async {
        let (status, told) = shop.owner.call(Method::GET, "/readyz", None).await;
        (status.as_u16() == 503).then_some(told)
    });
    assert_eq!(told.await["store"], false);
    drop(held);
}

#[tokio::test]
async fn a_hub_whose_writer_has_ended_says_so() {
    let shop = Shop::open(Setting::Alone).await;
    shop.world.app(0).store.close().await;
    let failed = tokio::time::timeout(PATIENCE, shop.world.running(0).failed());
    failed.await.expect("it does not go on as if nothing were");
}
