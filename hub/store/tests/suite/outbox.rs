//! Messages on their way out: each handed to its channel once, in order, and nothing claimed of them that is not known.

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::model::{Channel, Conversation, Delivery, Message, Role};
use switchboard_protocol::{AgentId, ConversationId, InboxId, MessageId};
use switchboard_store::outbox::{self, Claimed, Left, Outcome, Settled};
use switchboard_store::{ChangeError, Store, Tx, Written, channels, conversations, feed, references};

use crate::world::*;

const HERE: &str = "hub-1";
const THERE: &str = "hub-2";

/// An inbox for mail, somebody who answers there, and customers.
struct Post {
    world: World,
    inbox: InboxId,
    agent: AgentId,
}

impl Post {
    async fn new(on: On) -> Self {
        let world = World::new(on).await;
        let (inbox, agent) = (world.inbox_on(Channel::Email).await, world.agent(Role::Agent).await);
        Self { world, inbox, agent }
    }

    async fn customer(&self) -> Conversation {
        let visitor = self.world.visitor_on(self.inbox, Channel::Email).await;
        self.world.begun(visitor).await
    }

    async fn answers(&self, conversation: ConversationId, text: &str) -> Message {
        self.world.store.append(reply(self.agent, conversation, text, None)).await.unwrap().message
    }

    async fn claims(&self, holder: &'static str) -> Vec<Claimed> {
        let (inbox, at) = (self.inbox, now());
        self.write(move |tx| Box::pin(outbox::claim(tx, inbox, holder, at, 10))).await
    }

    /// Whether it was its to say.
    async fn settles(&self, claimed: Claimed, holder: &'static str, outcome: Outcome) -> bool {
        let at = now();
        let settling =
            self.write(move |tx| Box::pin(async move { outbox::settle(tx, &claimed, holder, &outcome, at).await }));
        settling.await != Settled::NotTheirs
    }

    async fn begins(&self, claimed: Claimed, holder: &'static str) -> bool {
        self.write(move |tx| Box::pin(async move { outbox::begin(tx, &claimed, holder).await })).await
    }

    /// What somebody else finds of it.
    async fn left(&self, holder: &str, stale: i64) -> Vec<Left> {
        outbox::left(&self.world.store, self.inbox, holder, stale, 10).await.unwrap()
    }

    async fn gives_back(&self, left: &Left) -> bool {
        let left = left.clone();
        self.write(move |tx| Box::pin(async move { outbox::give_back(tx, &left).await })).await
    }

    async fn write<T: Send + 'static>(
        &self,
        op: impl for<'t> FnOnce(&'t mut Tx) -> switchboard_store::BoxFuture<'t, Result<T, ChangeError>> + Send + 'static,
    ) -> T {
        let written: Written<T> = self.world.store.write(op).await.unwrap();
        written.value
    }

    /// What the channel's own page lists: what waits, and what somebody has to decide about.
    async fn held(&self) -> Vec<(MessageId, Delivery, Option<String>)> {
        let held = channels::held(&self.world.store, self.inbox, 10).await.unwrap().messages;
        held.into_iter().map(|one| (one.message_id, one.delivery, one.note)).collect()
    }

    async fn delivery(&self, message: &Message) -> (Option<Delivery>, Option<String>) {
        let all = all_messages(&self.world.store, message.conversation_id).await;
        let found = all.into_iter().find(|one| one.id == message.id).unwrap();
        (found.delivery, found.delivery_note)
    }
}

fn sent(reference: &str) -> Outcome {
    Outcome::Sent { references: vec![reference.to_owned()] }
}

#[rstest]
#[tokio::test]
async fn of_each_conversation_one_message_is_on_its_way_in_order(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let (one, other) = (post.customer().await, post.customer().await);
    let first = post.answers(one.id, "first").await;
    let second = post.answers(one.id, "second").await;
    let theirs = post.answers(other.id, "theirs").await;
    assert_eq!(post.delivery(&first).await.0, Some(Delivery::Queued));
    let claimed = post.claims(HERE).await;
    assert_eq!(claimed.iter().map(|one| one.message_id).collect::<Vec<_>>(), [first.id, theirs.id]);
    assert_eq!(post.claims(HERE).await, [], "nothing is handed out twice, and the second waits for the first");
    assert_eq!(post.claims(THERE).await, []);
    assert!(post.settles(claimed[0], HERE, sent("<1>")).await);
    assert_eq!(post.delivery(&first).await, (Some(Delivery::Sent), None));
    assert_eq!(post.claims(THERE).await.iter().map(|one| one.message_id).collect::<Vec<_>>(), [second.id]);
}

fn doubt() -> Outcome {
    Outcome::Uncertain { why: "the hub ended".into() }
}

#[rstest]
#[tokio::test]
async fn what_a_hub_had_begun_that_ended_is_in_doubt_and_tried_again_when_somebody_says_so(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    assert!(post.begins(claimed, HERE).await);
    assert!(post.begins(claimed, HERE).await, "its own mark, of which it did not hear, stops nobody");
    assert_eq!(post.left(HERE, 0).await, [], "it is in its own hands");
    let left = post.left(THERE, 0).await;
    assert_eq!(left, [Left { claimed, holder: HERE.into(), begun: true }]);
    assert!(!post.gives_back(&left[0]).await, "it may have gone out");
    assert!(post.settles(claimed, HERE, doubt()).await);
    assert_eq!(post.delivery(&message).await, (Some(Delivery::Uncertain), Some("the hub ended".into())));
    assert_eq!(post.claims(THERE).await, [], "it is not sent blindly twice");

    let (id, at) = (message.id, now());
    assert!(post.write(move |tx| Box::pin(outbox::again(tx, id, at))).await);
    assert_eq!(post.delivery(&message).await, (Some(Delivery::Queued), None));
    let second = post.claims(THERE).await;
    assert_eq!(second.len(), 1);
    assert!(!post.settles(claimed, HERE, sent("<late>")).await, "whoever had it before has no say any more");
    assert!(post.settles(second[0], THERE, sent("<1>")).await);
    assert_eq!(post.delivery(&message).await.0, Some(Delivery::Sent));
    assert!(!post.write(move |tx| Box::pin(outbox::again(tx, id, at))).await, "what has gone is not sent again");
}

#[rstest]
#[tokio::test]
async fn what_a_hub_had_not_begun_that_ended_goes_out_by_the_next_and_by_nobody_else(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    post.answers(conversation.id, "and then").await;
    let claimed = post.claims(HERE).await[0];
    let left = post.left(THERE, 0).await;
    assert_eq!(left, [Left { claimed, holder: HERE.into(), begun: false }]);
    assert_eq!(post.claims(THERE).await, [], "of one conversation one message at a time");
    assert!(post.gives_back(&left[0]).await);
    assert_eq!(post.delivery(&message).await, (Some(Delivery::Queued), None), "nothing has happened to it");
    let second = post.claims(THERE).await[0];
    assert_eq!((second.message_id, second.attempts), (message.id, 1), "and it was not tried");
    assert!(!post.begins(claimed, HERE).await, "a hub that was only slow must not send it");
    assert!(!post.settles(claimed, HERE, doubt()).await);
    assert!(!post.gives_back(&left[0]).await, "it is another claim's by now");
    assert!(post.begins(second, THERE).await);
    assert!(post.settles(second, THERE, sent("<1>")).await);
    assert_eq!(post.delivery(&message).await.0, Some(Delivery::Sent));
}

#[rstest]
#[tokio::test]
async fn what_was_handed_on_and_nobody_began_waits_as_before(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    assert!(post.begins(claimed, HERE).await);
    assert!(post.settles(claimed, HERE, Outcome::NotBegun).await);
    assert_eq!(post.delivery(&message).await, (Some(Delivery::Queued), None));
    assert_eq!(post.claims(THERE).await[0].attempts, 1);
}

#[rstest]
#[tokio::test]
async fn what_comes_back_can_be_tried_again_until_the_channel_says_that_it_arrived(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    assert!(post.settles(claimed, HERE, sent("<1>")).await);
    let (id, at) = (message.id, now());
    let says = |delivery, note| {
        post.write(move |tx| Box::pin(async move { outbox::progress(tx, id, delivery, note, at).await }))
    };
    says(Delivery::Failed, Some("mailbox full")).await;
    let failed = [(id, Delivery::Failed, Some("mailbox full".to_owned()))];
    assert_eq!(post.held().await, failed);
    says(Delivery::Sent, None).await;
    assert_eq!(post.held().await, failed, "a word that was overtaken");
    assert!(post.write(move |tx| Box::pin(outbox::again(tx, id, at))).await);
    assert_eq!(post.delivery(&message).await, (Some(Delivery::Queued), None));
    says(Delivery::Delivered, None).await;
    assert_eq!(post.delivery(&message).await.0, Some(Delivery::Delivered));
    assert_eq!(post.held().await, []);
    assert_eq!(post.claims(HERE).await, [], "it has arrived: a second one would be one too many");
}

#[rstest]
#[tokio::test]
async fn what_somebody_has_had_in_hand_for_too_long_is_forgotten_whoever_it_is(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    let own = post.left(HERE, 0).await;
    assert_eq!(own.iter().map(|left| (left.claimed.message_id, left.begun)).collect::<Vec<_>>(), [(message.id, false)]);
    assert!(post.begins(claimed, HERE).await);
    assert_eq!(post.left(HERE, 0).await, [], "its channel may be at it");
    let forgotten = post.left(HERE, now() + 1).await;
    assert_eq!(forgotten.iter().map(|left| left.claimed.message_id).collect::<Vec<_>>(), [message.id]);
}

#[rstest]
#[tokio::test]
async fn a_hub_that_was_only_slow_ends_the_doubt_about_what_it_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    assert!(post.begins(claimed, HERE).await);
    let left = post.left(THERE, 0).await;
    assert!(post.settles(left[0].claimed, HERE, doubt()).await);
    assert!(post.settles(claimed, HERE, sent("<1>")).await);
    assert_eq!(post.delivery(&message).await, (Some(Delivery::Sent), None));
}

#[rstest]
#[tokio::test]
async fn what_did_not_go_out_waits_for_its_time_and_holds_up_what_follows(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let first = post.answers(conversation.id, "first").await;
    let second = post.answers(conversation.id, "second").await;
    let claimed = post.claims(HERE).await[0];
    let due_at = now() + 60_000;
    assert!(post.settles(claimed, HERE, Outcome::Later { due_at, why: "busy".into(), counts: true }).await);
    assert_eq!(post.delivery(&first).await, (Some(Delivery::Queued), Some("busy".into())));
    assert_eq!(post.claims(HERE).await, [], "neither it nor what was written after it");
    let next = outbox::next_due(&post.world.store, post.inbox).await.unwrap();
    assert_eq!(next, Some(due_at), "what waits for another message is not due");
    let inbox = post.inbox;
    let again = post.write(move |tx| Box::pin(outbox::claim(tx, inbox, HERE, due_at, 10))).await;
    assert_eq!((again[0].message_id, again[0].attempts), (first.id, 2));
    assert!(post.settles(again[0], HERE, Outcome::Failed { why: "no such address".into() }).await);
    assert_eq!(post.delivery(&first).await, (Some(Delivery::Failed), Some("no such address".into())));
    assert_eq!(post.claims(HERE).await[0].message_id, second.id, "what failed holds up nothing");
}

#[rstest]
#[tokio::test]
async fn what_waits_by_a_clock_that_was_ahead_is_due_when_it_is_set_back(#[values(On::Sqlite, On::Postgres)] on: On) {
    const TWO_HOURS: i64 = 2 * 3_600_000;
    let post = Post::new(on).await;
    let inbox = post.inbox;
    let waits = async |at| outbox::waits_by_a_clock_ahead(&post.world.store, inbox, at).await.unwrap();
    let hurries = |at| post.write(move |tx| Box::pin(outbox::hurry_after_a_clock(tx, inbox, at)));
    let next = async || outbox::next_due(&post.world.store, inbox).await.unwrap();
    let puts_off = async |message: &Message, at: i64| {
        let claimed = post.write(move |tx| Box::pin(outbox::claim(tx, inbox, HERE, at, 10))).await;
        assert_eq!(claimed.iter().map(|one| one.message_id).collect::<Vec<_>>(), [message.id]);
        let later = Outcome::Later { due_at: at + 6 * TWO_HOURS, why: "busy".into(), counts: true };
        assert!(post.settles(claimed[0], HERE, later).await);
    };
    let message = post.answers(post.customer().await.id, "hello").await;
    let at = now();
    puts_off(&message, at).await;
    assert!(!waits(at).await && !waits(at - 1_000).await, "its provider has asked for it, and clocks differ a little");
    assert_eq!(hurries(at).await, 0);
    assert_eq!(next().await, Some(at + 6 * TWO_HOURS));
    assert!(waits(at - TWO_HOURS).await, "tried at a time that has not come");
    assert_eq!((hurries(at - TWO_HOURS).await, hurries(at - TWO_HOURS).await), (1, 0));
    assert_eq!(next().await, Some(at - TWO_HOURS));
    puts_off(&message, at - TWO_HOURS).await;
    assert!(!waits(at - TWO_HOURS).await);

    let written = post.answers(post.customer().await.id, "and you").await;
    assert!(waits(at - TWO_HOURS).await, "written at a time that has not come");
    assert_eq!(hurries(at - TWO_HOURS).await, 1);
    puts_off(&written, at - TWO_HOURS).await;
}

#[rstest]
#[tokio::test]
async fn a_word_that_comes_before_the_name_is_kept_until_the_name_is_known(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    let (inbox, at) = (post.inbox, now());
    post.write(move |tx| {
        Box::pin(async move { references::keep_early(tx, inbox, "<1>", Delivery::Delivered, None, at).await })
    })
    .await;
    assert!(post.settles(claimed, HERE, sent("<1>")).await);
    assert_eq!(post.delivery(&message).await.0, Some(Delivery::Delivered));
    let id = message.id;
    post.write(move |tx| Box::pin(async move { outbox::progress(tx, id, Delivery::Sent, None, at).await })).await;
    assert_eq!(post.delivery(&message).await.0, Some(Delivery::Delivered), "it goes on and never back");
}

#[rstest]
#[tokio::test]
async fn what_came_back_before_it_was_known_to_have_gone_is_among_what_did_not_go(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    let (inbox, at) = (post.inbox, now());
    post.write(move |tx| {
        Box::pin(async move { references::keep_early(tx, inbox, "<1>", Delivery::Failed, Some("barred"), at).await })
    })
    .await;
    assert!(post.settles(claimed, HERE, sent("<1>")).await);
    assert_eq!(post.held().await, [(message.id, Delivery::Failed, Some("barred".to_owned()))]);
}

#[rstest]
#[tokio::test]
async fn two_hubs_that_claim_at_once_share_what_there_is(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    for _ in 0..8 {
        let conversation = post.customer().await;
        post.answers(conversation.id, "hello").await;
    }
    let another = post.world.another().await;
    let claim = |store: Store, holder| {
        let (inbox, at) = (post.inbox, now());
        async move {
            let written = store.write(move |tx| Box::pin(outbox::claim(tx, inbox, holder, at, 6)));
            written.await.unwrap().value
        }
    };
    let (here, there) = tokio::join!(claim(post.world.store.clone(), HERE), claim(another, THERE));
    let mut all: Vec<_> = here.iter().chain(&there).map(|one| one.message_id).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 8);
    assert_eq!(here.len() + there.len(), 8);
}

#[rstest]
#[tokio::test]
async fn a_channel_that_was_away_has_not_been_tried(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    for _ in 0..3 {
        let claimed = post.claims(HERE).await[0];
        assert_eq!(claimed.attempts, 1);
        let away = Outcome::Later { due_at: now(), why: "away".into(), counts: false };
        assert!(post.settles(claimed, HERE, away).await);
    }
    assert_eq!(post.delivery(&message).await, (Some(Delivery::Queued), Some("away".into())));
}

#[rstest]
#[tokio::test]
async fn what_waits_in_an_inbox_that_is_removed_has_failed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let message = post.answers(conversation.id, "hello").await;
    let claimed = post.claims(HERE).await[0];
    let (inbox, at) = (post.inbox, now());
    let fails = || post.write(move |tx| Box::pin(outbox::fail_removed(tx, at)));
    assert_eq!(fails().await, 0);
    post.write(move |tx| Box::pin(switchboard_store::inboxes::remove(tx, inbox, at))).await;
    assert_eq!((fails().await, fails().await), (1, 0));
    assert!(!post.begins(claimed, HERE).await, "it is too late for it");
    let (delivery, note) = post.delivery(&message).await;
    assert_eq!(
        (delivery, note.as_deref()),
        (Some(Delivery::Failed), Some("This inbox was removed before the message went out."))
    );
}

#[rstest]
#[tokio::test]
async fn a_chain_keeps_its_root_and_its_newest(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await;
    let (inbox, id) = (post.inbox, conversation.id);
    let mut numbers = Vec::new();
    for n in 0..6 {
        let message = post.answers(id, "hello").await;
        let names = [format!("<{n}>"), references::name_of_key(&n.to_string())];
        let message_id = message.id;
        post.write(move |tx| Box::pin(async move { references::add(tx, inbox, message_id, &names).await })).await;
        numbers.push(message.number);
    }
    let chain = |before, most| {
        post.write(move |tx| Box::pin(async move { Ok(references::chain(tx, id, before, most).await?) }))
    };
    assert_eq!(chain(numbers[5], 3).await, ["<0>", "<3>", "<4>"]);
    assert_eq!(chain(numbers[2], 3).await, ["<0>", "<1>"]);
}

#[rstest]
#[tokio::test]
async fn early_words_are_bounded(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let (inbox, at) = (post.inbox, now());
    let kept = post
        .write(move |tx| {
            Box::pin(async move {
                for n in 0..1_100 {
                    references::keep_early(tx, inbox, &n.to_string(), Delivery::Sent, None, at).await?;
                }
                references::prune_early(tx, at + 1).await
            })
        })
        .await;
    assert_eq!(kept, 1_000);
}

#[rstest]
#[tokio::test]
async fn a_conversation_says_whether_its_newest_answer_arrived(#[values(On::Sqlite, On::Postgres)] on: On) {
    let post = Post::new(on).await;
    let conversation = post.customer().await.id;
    let undelivered = async || {
        let load = post.world.store.write(move |tx| Box::pin(conversations::load(tx, &Visibility::All, conversation)));
        load.await.unwrap().value.unwrap().conversation.undelivered_number
    };
    let first = post.answers(conversation, "first").await;
    let claimed = post.claims(HERE).await[0];
    assert!(post.settles(claimed, HERE, Outcome::Failed { why: "no such address".into() }).await);
    assert_eq!(undelivered().await, Some(first.number));
    post.write(move |tx| Box::pin(async move { outbox::again(tx, first.id, now()).await })).await;
    assert_eq!(undelivered().await, None, "it is sent again");
    let claimed = post.claims(HERE).await[0];
    assert!(post.settles(claimed, HERE, Outcome::Uncertain { why: "no answer".into() }).await);
    assert_eq!(undelivered().await, Some(first.number));
    post.answers(conversation, "second").await;
    assert_eq!(undelivered().await, None, "what counts is the newest");
    let patches: Vec<serde_json::Value> = feed::since(&post.world.store, 0, 1_000)
        .await
        .unwrap()
        .into_iter()
        .filter_map(|event| {
            let frame: serde_json::Value = serde_json::from_str(&event.staff).unwrap();
            frame["patch"].get("undelivered_number").cloned()
        })
        .collect();
    let number = serde_json::json!(first.number);
    assert_eq!(
        patches,
        [number.clone(), serde_json::Value::Null, number, serde_json::Value::Null],
        "told as it is kept"
    );
}

#[rstest]
#[tokio::test]
async fn what_the_channel_has_told_of_what_is_in_hand_is_not_doubted_and_not_tried_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let post = Post::new(on).await;
    let uncertain = || Outcome::Uncertain { why: "no answer".into() };
    let later = || Outcome::Later { due_at: 0, why: "busy".into(), counts: true };
    for outcome in [uncertain(), later(), Outcome::NotBegun] {
        let message = post.answers(post.customer().await.id, "hello").await;
        let claimed = post.claims(HERE).await[0];
        assert!(post.begins(claimed, HERE).await);
        let (id, at) = (message.id, now());
        post.write(move |tx| Box::pin(async move { outbox::progress(tx, id, Delivery::Delivered, None, at).await }))
            .await;
        assert!(post.settles(claimed, HERE, outcome).await);
        assert_eq!(post.delivery(&message).await, (Some(Delivery::Delivered), None));
        assert_eq!(post.claims(HERE).await, []);
        let held = channels::held(&post.world.store, post.inbox, 10).await.unwrap();
        assert_eq!(held.messages.len(), 0, "nobody has to decide about what has arrived");
    }
}
