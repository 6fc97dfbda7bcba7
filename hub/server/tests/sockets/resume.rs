//! Resuming: whatever happens to a connection, a client that says its position gets exactly what came after.
//!
//! The long test is a random walk: people lose their connections in every way there is, hubs are stopped and started on
//! their data, and visitors write all the while. At the end each has seen the feed, filtered by what they may see.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::app::Unasked;
use switchboard_protocol::Position;
use switchboard_store::event::{Audience, CommittedEvent};

use crate::shop::{Guest, Shop, note, reply};
use crate::support::people::text;
use crate::support::{Heard, Person, Setting, Socket, Visitor};

/// Steps of the random walk.
const STEPS: usize = 300;

/// A client as it should be: remembers its place, goes on from there, takes each event once.
struct Follower {
    who: Who,
    point: Value,
    socket: Option<Socket>,
    seen: Vec<Position>,
}

enum Who {
    Agent(Person),
    Visitor(Visitor),
}

impl Follower {
    /// Opens a socket at a hub and says where to go on from.
    async fn connect(&mut self, shop: &Shop, hub: usize) {
        let at = shop.world.address(hub);
        let socket = match &self.who {
            Who::Agent(person) => {
                let mut socket = person.through(at).opens_socket().await;
                socket.say(json!({ "t": "resume", "from": self.point })).await;
                socket
            }
            Who::Visitor(visitor) => visitor.tries(at, json!({ "from": self.point })).await.expect("a socket"),
        };
        self.socket = Some(socket);
    }

    /// Takes what comes, until the end of the connection or `until`.
    async fn follow(&mut self, until: impl Fn(Position) -> bool) {
        while !until(self.position()) {
            let Some(socket) = &mut self.socket else { return };
            match socket.next().await {
                Heard::Frame(frame) => self.take(&frame),
                Heard::End(_) => self.socket = None,
            }
        }
    }

    /// What has come by now, and no more: the rest of this connection is lost.
    fn lose(&mut self) -> Option<Socket> {
        let mut socket = self.socket.take()?;
        socket.catch_up();
        for frame in socket.taken() {
            self.take(&frame);
        }
        Some(socket)
    }

    fn take(&mut self, frame: &Value) {
        assert_ne!(frame["t"], "reset", "nothing has happened that calls for a new snapshot: {frame}");
        let Some(position) = frame["position"].as_i64().filter(|_| frame["t"] != "welcome") else { return };
        if frame["t"] == "event" {
            assert!(position > self.position(), "an event comes once and in order: {position} after {}", self.point);
            self.seen.push(position);
        }
        // A heartbeat says that nothing up to its position is missing.
        self.point["position"] = json!(position.max(self.position()));
    }

    fn position(&self) -> Position {
        self.point["position"].as_i64().expect("a position")
    }

    fn should_have(&self, shop: &Shop, event: &CommittedEvent, from: Position) -> bool {
        event.position > from
            && match &self.who {
                Who::Visitor(visitor) => event.visitor.as_ref().is_some_and(|(id, _)| id.to_string() == visitor.id),
                Who::Agent(person) => match event.audience {
                    Audience::Inbox(inbox) => {
                        let inbox = inbox.to_string();
                        person.id == shop.owner.id
                            || (person.id == shop.ann.id && inbox == shop.sales.id)
                            || (person.id == shop.ben.id && inbox == shop.legal.id)
                    }
                    Audience::Agent(agent) | Audience::Access(agent) => agent.to_string() == person.id,
                    Audience::Team => true,
                },
            }
    }
}

#[rstest]
#[case::alone(Setting::Alone, 11)]
#[case::pair(Setting::Pair, 12)]
#[tokio::test]
async fn random_disconnects_lose_nothing_and_repeat_nothing(#[case] setting: Setting, #[case] seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut shop = Shop::open(setting).await;
    let mut guests = vec![shop.visitor(&shop.sales).await, shop.visitor(&shop.legal).await];
    for guest in &mut guests {
        guest.writes("hello").await;
    }
    let point = shop.owner.snapshot().await;
    let from = point["position"].as_i64().expect("a position");
    let who = [
        Who::Agent(shop.owner.clone()),
        Who::Agent(shop.ann.clone()),
        Who::Agent(shop.ben.clone()),
        Who::Visitor(guests[0].visitor.clone()),
    ];
    let follower = |who| Follower { who, point: point.clone(), socket: None, seen: Vec::new() };
    let mut followers: Vec<Follower> = who.into_iter().map(follower).collect();
    // Half-open connections stay about, as they do in life.
    let mut dead = Vec::new();
    for step in 0..STEPS {
        let at = random.random_range(0..followers.len());
        let hub = random.random_range(0..shop.world.hubs());
        match random.random_range(0..20) {
            0..9 => write(&mut random, &mut guests, step).await,
            9..12 => followers[at].connect(&shop, hub).await,
            12..14 => drop(followers[at].lose().inspect(|socket| socket.closes(4000))),
            14..16 => drop(followers[at].lose().inspect(Socket::breaks)),
            16 => dead.extend(followers[at].lose().inspect(Socket::goes_dead)),
            17..19 => {
                let (head, behind) = (shop.world.app(hub).feed.delivered(), followers[at].position());
                // As far as somewhere in the middle.
                let goal = behind + random.random_range(0..=(head - behind).max(0)) / 2;
                let position = followers[at].last_of(&shop, from, goal).await;
                followers[at].follow(|now| now >= position).await;
            }
            _ if step % 3 == 0 => {
                shop.world.restart_hub(hub).await;
                for guest in &mut guests {
                    guest.socket = guest.visitor.connects(shop.world.address(0)).await;
                }
            }
            _ => {}
        }
    }
    let events = shop.world.committed().await;
    for (n, follower) in followers.iter_mut().enumerate() {
        let expected: Vec<Position> = events
            .iter()
            .filter(|event| follower.should_have(&shop, event, from))
            .map(|event| event.position)
            .collect();
        follower.lose();
        follower.connect(&shop, n % shop.world.hubs()).await;
        let last = expected.last().copied().unwrap_or(from);
        follower.follow(|now| now >= last).await;
        assert_eq!(follower.seen, expected, "seed {seed}, follower {n}: exactly what they may see, in order, once");
    }
}

impl Follower {
    /// The last event up to `goal` that this one should have.
    async fn last_of(&self, shop: &Shop, from: Position, goal: Position) -> Position {
        let events = shop.world.committed().await;
        let mut theirs = events.iter().filter(|event| event.position <= goal && self.should_have(shop, event, from));
        theirs.next_back().map_or(0, |event| event.position)
    }
}

async fn write(random: &mut StdRng, guests: &mut [Guest], step: usize) {
    let at = random.random_range(0..guests.len());
    for n in 0..random.random_range(1..4) {
        guests[at].writes(&format!("step {step} message {n}")).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_client_far_behind_gets_all_of_it(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    // More than a hub remembers (8 MiB, of what the team and the visitor are told together), so that the first thirty come
    // from the store, each by itself.
    const MESSAGES: usize = 170;
    let long = "€".repeat(9_900);
    let mut shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("first").await;
    let point = shop.ann.snapshot().await;
    // A few at a time: from who writes and does not read the hub reads no more.
    for some in (0..MESSAGES).collect::<Vec<_>>().chunks(10) {
        for n in some {
            let text = format!("message {n} {long}");
            let send = json!({ "t": "command", "id": format!("m{n}"), "do": "send", "text": text, "conversation_id": guest.conversation() });
            guest.socket.say(send).await;
        }
        for n in some {
            guest.socket.reply(&format!("m{n}")).await;
        }
    }
    // What a hub remembers from living through it, and what it reads when it starts.
    for restarted in [false, true] {
        if restarted {
            shop.world.restart_hub(0).await;
        }
        let mut socket = shop.ann.through(shop.world.address(0)).opens_socket().await;
        socket.say(json!({ "t": "resume", "from": point })).await;
        for n in 0..MESSAGES {
            let event = socket.event("message_created").await;
            assert_eq!(event["message"]["text"], format!("message {n} {long}"));
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_position_of_another_feed_starts_afresh(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let point = shop.ann.snapshot().await;
    let other = json!({ "epoch": "another", "position": point["position"] });
    // A database restored from a backup has the old epoch, and has never come so far.
    let ahead = json!({ "epoch": point["epoch"], "position": point["position"].as_i64().expect("a position") + 100 });
    for from in [other, ahead] {
        let mut socket = shop.ann.opens_socket().await;
        socket.say(json!({ "t": "resume", "from": from })).await;
        assert_eq!(socket.hear("reset").await["why"], "other_epoch");
        // A new snapshot, on the same socket.
        socket.say(json!({ "t": "resume", "from": shop.ann.snapshot().await })).await;
        socket.hear("welcome").await;
        guest.writes("still there").await;
        socket.message_event("still there").await;

        let mut visitor = guest.visitor.tries(shop.world.other(), json!({ "from": from })).await.expect("a socket");
        assert_eq!(visitor.hear("reset").await["why"], "other_epoch");
        visitor.hear("welcome").await;
        guest.writes("and here").await;
        visitor.message_event("and here").await;
    }
}

/// Its positions are given a second time, and by the time that somebody comes back it may have come as far as it had been.
#[rstest]
#[tokio::test]
async fn a_database_that_was_put_back_is_another_feed(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let mut shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let point = shop.ann.snapshot().await;
    for hub in 0..shop.world.hubs() {
        shop.world.stop_hub(hub).await;
    }
    shop.world.operator_does("restored").await;
    for hub in 0..shop.world.hubs() {
        shop.world.start_hub(hub).await;
    }
    let mut ann = shop.ann.opens_socket().await;
    ann.say(json!({ "t": "resume", "from": point })).await;
    assert_eq!(ann.hear("reset").await["why"], "other_epoch");
    ann.say(json!({ "t": "resume", "from": shop.ann.snapshot().await })).await;
    ann.hear("welcome").await;
    guest.socket = guest.visitor.tries(shop.world.address(0), json!({ "from": point })).await.expect("a socket");
    assert_eq!(guest.socket.hear("reset").await["why"], "other_epoch");
    guest.socket.hear("welcome").await;
    guest.writes("still there").await;
    ann.message_event("still there").await;
}

#[rstest]
#[tokio::test]
async fn a_position_that_the_feed_no_longer_reaches_is_too_old(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let mut shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("long ago").await;
    let point = shop.ann.snapshot().await;
    guest.writes("and then").await;
    let app = shop.world.app(0).clone();
    let now = app.clock.now() + 1;
    app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move { Ok(switchboard_store::feed::prune(tx, now).await?) })
    })
    .await
    .expect("pruned");
    drop(app);
    for hub in 0..shop.world.hubs() {
        // What it remembers, it can still tell.
        shop.world.restart_hub(hub).await;
    }
    let mut socket = shop.ann.opens_socket().await;
    socket.say(json!({ "t": "resume", "from": point })).await;
    assert_eq!(socket.hear("reset").await["why"], "too_old");
}

/// A client may go on from somewhere else at any time, on the same socket.
#[rstest]
#[tokio::test]
async fn a_live_client_that_resumes_again_is_answered(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("first").await;
    let point = shop.ann.snapshot().await;
    let mut ann = shop.ann.connects().await;
    guest.writes("second").await;
    ann.message_event("second").await;
    ann.say(json!({ "t": "resume", "from": point })).await;
    ann.hear("welcome").await;
    ann.message_event("second").await;
    guest.writes("third").await;
    ann.message_event("third").await;
}

/// Between the snapshot and the socket, and while a long way is caught up, others write on.
#[rstest]
#[tokio::test]
async fn joining_while_others_write_has_no_hole(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    const JOINS: usize = 40;
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("0").await;
    let point = shop.owner.snapshot().await;
    let (visitor, at, conversation) = (guest.visitor.clone(), shop.world.address(0), guest.conversation());
    let writing = tokio::spawn(async move {
        let mut socket = visitor.connects(at).await;
        let mut last = 0;
        for n in 1..400 {
            let words = n.to_string();
            let send = json!({ "do": "send", "text": words, "conversation_id": conversation });
            last = socket.does(send).await["position"].as_i64().expect("a position");
        }
        last
    });
    let mut sockets = Vec::new();
    for n in 0..JOINS {
        let mut socket = shop.owner.through(shop.world.address(n % shop.world.hubs())).opens_socket().await;
        socket.say(json!({ "t": "resume", "from": point })).await;
        sockets.push(socket);
    }
    let last = writing.await.expect("all written");
    for socket in &mut sockets {
        let mut next = 1;
        loop {
            let event = socket.hear("event").await;
            if event["event"] == "message_created" && event["message"]["kind"] == "in" {
                assert_eq!(event["message"]["text"], next.to_string());
                next += 1;
            }
            if event["position"] == last {
                break;
            }
        }
        assert_eq!(next, 400);
    }
}

/// What a page shows of conversations is what the store has: the walk's ends agree.
#[rstest]
#[tokio::test]
async fn what_came_live_is_what_is_kept(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let mut ann = shop.ann.connects().await;
    ann.does(note(&guest.conversation(), "to be careful with")).await;
    ann.does(reply(&guest.conversation(), 2, "good day")).await;
    guest.writes("good bye").await;
    ann.message_event("good bye").await;
    ann.catch_up();
    let frames: Vec<Value> = ann.log.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    let live: Vec<&Value> =
        frames.iter().filter(|frame| frame["event"] == "message_created").map(|frame| &frame["message"]).collect();
    let detail = shop.ann.detail(&guest.conversation()).await;
    let kept: Vec<&Value> = detail["messages"].as_array().expect("messages").iter().skip(1).collect();
    let of = |list: &[&Value]| -> Vec<(String, String)> {
        list.iter().map(|message| (text(&message["id"]), message["text"].to_string())).collect()
    };
    assert_eq!(of(&live), of(&kept));
}
