//! Bots: known by their token, let in where they may write, and told of each event once.

use std::time::Duration;

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_domain::bots::{PASS_MS, RULES};
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::bots::{
    BlockReason, Bot, BotAnswers, BotBlock, BotInbox, BotLogKind, BotLogLine, BotRules, Button, Keyboard, Rich,
};
use switchboard_protocol::model::{Author, Conversation, MessageKind, Role, Status};
use switchboard_protocol::{BotId, InboxId, Position};
use switchboard_store::bots::standings::{self, Kept};
use switchboard_store::bots::updates::{self, Update};
use switchboard_store::bots::{self, Webhook, log, markups};
use switchboard_store::{ChangeError, Sender, append, messages};

use crate::world::*;

macro_rules! write {
    ($world:expr, |$tx:ident| $op:expr) => {
        $world.store.write(move |$tx| Box::pin($op)).await.unwrap().value
    };
}

async fn bot(world: &World, inbox: InboxId, rank: u32) -> Bot {
    let id = BotId(ulid());
    let bot = Bot {
        id,
        number: id.0.0 as i64 >> 20,
        name: "Robo".into(),
        username: format!("r{id}_bot").to_lowercase(),
        off: false,
        token_hint: Some("beef".into()),
        inboxes: vec![BotInbox { inbox_id: inbox, rank, answers: BotAnswers::Always }],
        webhook: None,
        waiting: 0,
        trouble: None,
        created_at: now(),
        last_seen_at: None,
    };
    let made = bot.clone();
    write!(world, |tx| async move { bots::insert(tx, &made, &format!("hash of {}", made.id)).await });
    bot
}

/// What became of a bot's try to write.
async fn says(world: &World, bot: BotId, row: &Conversation, text: &str) -> Result<i64, Kept> {
    let (number, text, at) = (row.number, text.to_owned(), now());
    write!(world, |tx| async move {
        let Some(thread) = standings::load_chat(tx, bot, number).await? else { return Ok(Err(Kept::Unknown)) };
        let admitted = match standings::admit(tx, bot, &thread, at).await? {
            Ok(admitted) => admitted,
            Err(kept) => return Ok(Err(kept)),
        };
        let message = message(MessageKind::Out, &text, None);
        let sent = append::append(tx, append(thread.conversation.id, Sender::Bot(admitted), message)).await;
        Ok::<_, ChangeError>(Ok(sent.expect("nothing else keeps it out").message.number))
    })
}

async fn block(world: &World, row: &Conversation, bot: BotId, until: Option<i64>) {
    let row = row.clone();
    write!(world, |tx| async move {
        let mut all = standings::load(tx, &row).await?;
        let one = all.iter_mut().find(|one| one.id() == bot).expect("it is in the inbox");
        one.shut(BotBlock { why: BlockReason::Agent, by: Author::System, at: now(), until }, now());
        standings::save(tx, &row, &all, now()).await
    });
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn a_bot_is_known_by_its_token_until_that_is_taken_from_it(#[case] on: On) {
    let world = World::new(on).await;
    let made = bot(&world, world.inbox().await, 1).await;
    let hash = format!("hash of {}", made.id);
    let known = bots::find_by_token(&world.store, &hash).await.unwrap().expect("it has a token");
    assert_eq!((known.id, known.number, known.name.as_str()), (made.id, made.number, "Robo"));
    assert_eq!(bots::list(&world.store).await.unwrap(), std::slice::from_ref(&made));

    let id = made.id;
    write!(world, |tx| async move { bots::set_token(tx, id, Some(("another", "cafe"))).await });
    assert_eq!(bots::find_by_token(&world.store, &hash).await.unwrap(), None);
    assert!(bots::find_by_token(&world.store, "another").await.unwrap().is_some());

    write!(world, |tx| async move { bots::set_token(tx, id, None).await });
    assert_eq!(bots::find_by_token(&world.store, "another").await.unwrap(), None);
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn a_bot_that_is_removed_leaves_its_name_and_frees_its_username(#[case] on: On) {
    let world = World::new(on).await;
    let inbox = world.inbox().await;
    let first = bot(&world, inbox, 1).await;
    let (id, at) = (first.id, now());
    write!(world, |tx| async move { bots::remove(tx, id, at).await });
    assert_eq!(bots::list(&world.store).await.unwrap(), []);
    let briefs = bots::briefs(&world.store).await.unwrap();
    assert_eq!(briefs.iter().map(|brief| (brief.id, brief.off)).collect::<Vec<_>>(), [(id, true)]);
    assert_eq!(bots::asked_inboxes(&world.store).await.unwrap(), []);
    let again = Bot { id: BotId(ulid()), number: first.number + 1, inboxes: Vec::new(), ..first };
    write!(world, |tx| async move { bots::insert(tx, &again, "another").await });
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn a_bot_writes_in_its_own_inboxes_alone_and_visitors_know_its_name(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let mine = bot(&world, row.inbox_id, 1).await;
    let stranger = bot(&world, world.inbox().await, 1).await;
    assert_eq!(says(&world, mine.id, &row, "Hello").await, Ok(2));
    assert_eq!(says(&world, stranger.id, &row, "Hello").await, Err(Kept::Unknown));
    let page = messages::page_for_identity(&world.store, row.identity_id, row.id, None, 10).await.unwrap().unwrap();
    let author = serde_json::to_value(&page.messages[1].author).unwrap();
    assert_eq!(author, serde_json::json!({ "kind": "bot", "name": "Robo" }));
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn a_blocked_bot_is_kept_out_until_its_time_is_over(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    block(&world, &row, id, None).await;
    assert_eq!(says(&world, id, &row, "Hello").await, Err(Kept::Out));
    let shown = standings::find(&world.store, &Visibility::All, row.id, now()).await.unwrap().unwrap();
    assert_eq!(shown.bots[0].blocked.as_ref().map(|block| block.why), Some(BlockReason::Agent));
    assert_eq!(standings::find(&world.store, &only([]), row.id, now()).await.unwrap(), None);

    let soon = now() + 1;
    block(&world, &row, id, Some(soon)).await;
    while now() < soon {}
    assert_eq!(says(&world, id, &row, "Hello").await, Ok(2));
    let over = standings::over(&world.store, now(), 10).await.unwrap();
    assert_eq!(over, [(row.id, id)]);
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn nothing_of_a_bot_stands_behind_its_block_however_fast_it_writes(#[case] on: On) {
    let world = std::sync::Arc::new(World::new(on).await);
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    for _ in 0..20 {
        let before = all_messages(&world.store, row.id).await.len();
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let (world, row) = (world.clone(), row.clone());
                tokio::spawn(async move { while says(&world, id, &row, "Hello").await.is_ok() {} })
            })
            .collect();
        tokio::time::timeout(Duration::from_secs(30), async {
            while all_messages(&world.store, row.id).await.len() < before + 3 {}
        })
        .await
        .expect("they write");
        block(&world, &row, id, None).await;
        let stood = all_messages(&world.store, row.id).await.len();
        for writer in writers {
            within(writer).await.unwrap();
        }
        assert_eq!(all_messages(&world.store, row.id).await.len(), stood);
        let open = row.clone();
        write!(world, |tx| async move {
            let mut all = standings::load(tx, &open).await?;
            all[0].let_in(now());
            standings::save(tx, &open, &all, now()).await
        });
    }
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn an_answer_of_the_team_keeps_bots_out_from_its_commit_on(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    let agent = world.agent(Role::Admin).await;
    world.store.append(reply(agent, row.id, "I am here", None)).await.unwrap();
    assert_eq!(says(&world, id, &row, "Me too").await, Err(Kept::Out));

    // Asked to answer now, it does so once; its own word does not hide the agent's.
    let (open, until) = (row.clone(), now() + PASS_MS);
    write!(world, |tx| async move {
        let mut all = standings::load(tx, &open).await?;
        all[0].pass_until = Some(until);
        standings::save(tx, &open, &all, now()).await
    });
    assert_eq!(says(&world, id, &row, "Once").await, Ok(3));
    assert_eq!(says(&world, id, &row, "Twice").await, Err(Kept::Out));
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn an_inbox_says_what_its_bots_do_when_people_answer(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    assert_eq!(bots::find_rules(&world.store, row.inbox_id).await.unwrap(), RULES);
    let (inbox, rules) = (row.inbox_id, BotRules { quiet_minutes: Some(0), ..RULES });
    let wanted = rules.clone();
    write!(world, |tx| async move { bots::set_rules(tx, inbox, &wanted).await });
    assert_eq!(bots::find_rules(&world.store, inbox).await.unwrap(), rules);
    let agent = world.agent(Role::Admin).await;
    world.store.append(reply(agent, row.id, "I am here", None)).await.unwrap();
    assert_eq!(says(&world, id, &row, "Me too").await, Ok(3));
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn a_bot_that_owes_an_answer_is_found_when_it_is_due_and_not_after_it_wrote(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    let (open, at) = (row.clone(), now());
    write!(world, |tx| async move {
        let mut all = standings::load(tx, &open).await?;
        all[0].ask(&RULES, at);
        standings::save(tx, &open, &all, at).await
    });
    assert_eq!(standings::silent(&world.store, at + 29_999, 10).await.unwrap(), []);
    assert_eq!(standings::silent(&world.store, at + 30_000, 10).await.unwrap(), [(row.id, id)]);
    says(&world, id, &row, "Here").await.unwrap();
    assert_eq!(standings::silent(&world.store, at + 30_000, 10).await.unwrap(), []);

    let (of, soon) = (row.id, now());
    block(&world, &row, id, Some(soon)).await;
    write!(world, |tx| async move { standings::forget(tx, of, id, soon).await });
    assert_eq!(standings::over(&world.store, soon, 10).await.unwrap(), []);
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn since_when_a_bot_is_asked_stays_until_it_is_switched_on_again(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let made = bot(&world, row.inbox_id, 1).await;
    let since = async || {
        let open = row.clone();
        write!(world, |tx| async move { standings::load(tx, &open).await })[0].since
    };
    let change = async |bot: Bot| write!(world, |tx| async move { bots::update(tx, &bot).await });
    let came = since().await;
    assert!(came > 0, "the conversation was there before");
    block(&world, &row, made.id, None).await;
    let place = BotInbox { rank: 2, ..made.inboxes[0].clone() };
    change(Bot { name: "Robert".into(), inboxes: vec![place], ..made.clone() }).await;
    assert_eq!(since().await, came);
    change(Bot { off: true, ..made.clone() }).await;
    assert_eq!(since().await, came);
    change(made).await;
    assert!(since().await > came);
}

fn update(position: Position, row: &Conversation, kind: &str) -> Update {
    let content = format!("{{\"{kind}\":{{}}}}");
    Update { position, conversation_id: row.id, kind: kind.into(), content, at: now() }
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn updates_wait_in_order_until_they_are_confirmed(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    let all = [update(3, &row, "message"), update(7, &row, "callback_query"), update(9, &row, "message")];
    let news = all.clone();
    write!(world, |tx| async move {
        for one in news.iter().rev().chain(&news) {
            updates::insert(tx, id, one).await?;
        }
        updates::cut(tx, id).await
    });
    let waiting = |from, limit, kinds: Option<Vec<String>>| {
        let store = world.store.clone();
        async move { updates::waiting(&store, id, from, limit, kinds.as_deref()).await.unwrap() }
    };
    // A press is written ahead of messages that were said before it: until those are there it is neither given nor confirmed.
    write!(world, |tx| async move { updates::advance(tx, None, 6).await });
    assert_eq!(waiting(0, 10, None).await, all[..1]);
    assert_eq!(updates::from_the_end(&world.store, id, 1, None).await.unwrap(), 3);
    assert_eq!(write!(world, |tx| async move { updates::confirm(tx, id, 8).await }), 1);
    let (first, upto) = (all[0].clone(), Some(6));
    write!(world, |tx| async move {
        updates::insert(tx, id, &first).await?;
        updates::advance(tx, upto, 9).await
    });
    assert_eq!(waiting(0, 10, None).await, all);
    assert_eq!(waiting(4, 1, None).await, all[1..2]);
    assert_eq!(waiting(0, 10, Some(vec!["callback_query".into()])).await, all[1..2]);
    assert_eq!(updates::from_the_end(&world.store, id, 2, None).await.unwrap(), 7);
    let messages = ["message".to_owned()];
    assert_eq!(updates::from_the_end(&world.store, id, 2, Some(&messages)).await.unwrap(), 3);
    assert_eq!(updates::count(&world.store, id).await.unwrap(), 3);
    assert!(updates::any_before(&world.store, id, 4).await.unwrap());

    write!(world, |tx| async move { updates::confirm(tx, id, 9).await });
    assert_eq!(waiting(0, 10, None).await, all[2..]);
    let later = now() + updates::KEPT_MS;
    assert_eq!(write!(world, |tx| async move { updates::prune(tx, later - updates::KEPT_MS).await }), 1);
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn one_update_of_a_conversation_is_brought_at_a_time_and_trouble_holds_up_no_other(#[case] on: On) {
    let world = World::new(on).await;
    let (visitor, row) = world.conversation().await;
    let other = world.begun(world.visitor(visitor.inbox).await).await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    let webhook = Webhook { url: "https://bot.example/".into(), secret: None, max_connections: 40 };
    let wanted = webhook.clone();
    let news = [update(1, &row, "message"), update(2, &row, "message"), update(3, &other, "message")];
    let at = news[2].at;
    write!(world, |tx| async move {
        bots::set_delivery(tx, id, Some(&wanted), Some(&["message".to_owned()])).await?;
        for one in &news {
            updates::insert(tx, id, one).await?;
        }
        updates::advance(tx, None, 3).await
    });
    let known = bots::find_known(&world.store, id).await.unwrap().unwrap();
    assert_eq!((known.webhook, known.allowed), (Some(webhook), Some(vec!["message".to_owned()])));
    assert_eq!(updates::bots_with_webhooks(&world.store).await.unwrap(), [id]);
    let due = |at| {
        let store = world.store.clone();
        async move {
            let due = updates::due(&store, id, at, 10).await.unwrap();
            due.into_iter().map(|(update, attempts)| (update.position, attempts)).collect::<Vec<_>>()
        }
    };
    assert_eq!(due(at).await, [(1, 0), (3, 0)]);
    write!(world, |tx| async move { updates::again(tx, id, 1, at + 1_000).await });
    assert_eq!(due(at).await, [(3, 0)]);
    assert_eq!(due(at + 1_000).await, [(1, 1), (3, 0)]);
    write!(world, |tx| async move { updates::taken(tx, id, 1).await });
    assert_eq!(due(at).await, [(2, 0), (3, 0)]);

    assert!(write!(world, |tx| async move { bots::set_trouble(tx, id, Some("502"), at).await }));
    assert!(!write!(world, |tx| async move { bots::set_trouble(tx, id, Some("502"), at).await }));
    assert!(write!(world, |tx| async move { bots::set_trouble(tx, id, None, at).await }));
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn the_place_in_the_feed_moves_only_from_where_it_is(#[case] on: On) {
    let world = World::new(on).await;
    assert_eq!(updates::place(&world.store).await.unwrap(), None);
    world.conversation().await;
    write!(world, |tx| async move { updates::begin(tx).await });
    let begun = updates::place(&world.store).await.unwrap();
    assert_eq!(begun, Some(switchboard_store::feed::head(&world.store).await.unwrap()));
    assert!(write!(world, |tx| async move { updates::advance(tx, begun, 9).await }));
    assert!(!write!(world, |tx| async move { updates::advance(tx, begun, 12).await }));
    assert_eq!(updates::place(&world.store).await.unwrap(), Some(9));
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn what_a_bot_wrote_can_be_changed_with_its_buttons(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    says(&world, id, &row, "Yes or no?").await.unwrap();
    let (of, at) = (row.id, now());
    let rows = vec![vec![Button { text: "Yes".into(), url: None }]];
    let rich = Rich { formats: Vec::new(), keyboard: Some(Keyboard::Inline { rows }) };
    let wanted = rich.clone();
    let markup = write!(world, |tx| async move {
        let message = messages::load_at(tx, of, 2).await?.expect("it wrote");
        markups::set(tx, message.id, Some("{}")).await?;
        assert!(messages::edit_out(tx, &message, message.text.clone(), Some(Box::new(wanted)), at).await?);
        let again = messages::load_at(tx, of, 2).await?.expect("it is there");
        assert!(!messages::edit_out(tx, &again, again.text.clone(), again.rich.clone(), at).await?);
        let markup = markups::load(tx, message.id).await?;
        markups::set(tx, message.id, None).await?;
        assert_eq!(markups::load(tx, message.id).await?, None);
        let last = messages::load_last(tx, of, MessageKind::In, 2).await?;
        assert_eq!(last.map(|last| last.number), Some(1));
        Ok::<_, ChangeError>(markup)
    });
    assert_eq!(markup.as_deref(), Some("{}"));
    let page = messages::page_for_identity(&world.store, row.identity_id, row.id, None, 10).await.unwrap().unwrap();
    assert_eq!(page.messages[1].rich.as_deref(), Some(&rich));
    // Buttons that come are no other words.
    assert_eq!(page.messages[1].edited_at, None);
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn a_conversation_that_is_closed_can_still_be_written_in(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    let close = ConversationChange { status: Some(Status::Closed), ..ConversationChange::default() };
    let agent = world.agent(Role::Admin).await;
    world.change(row.id, agent, close).await.expect("it closes");
    assert_eq!(says(&world, id, &row, "Still here?").await, Ok(3));
}

#[rstest]
#[case::sqlite(On::Sqlite)]
#[case::postgres(On::Postgres)]
#[tokio::test]
async fn the_log_is_read_newest_first_by_bot_and_conversation(#[case] on: On) {
    let world = World::new(on).await;
    let (_, row) = world.conversation().await;
    let id = bot(&world, row.inbox_id, 1).await.id;
    let line = |what: &str, conversation_id| BotLogLine {
        at: now(),
        kind: BotLogKind::Call,
        what: what.into(),
        conversation_id,
        status: 200,
        note: None,
        took_ms: 3,
    };
    let lines = [line("getme", None), line("sendmessage", Some(row.id))];
    let written = lines.clone();
    write!(world, |tx| async move {
        for one in &written {
            log::insert(tx, &ulid().to_string(), id, one).await?;
        }
        bots::seen(tx, id, 5).await?;
        bots::set_commands(tx, id, r#"{"a":1}"#).await
    });
    assert_eq!(log::list(&world.store, id, None).await.unwrap(), [lines[1].clone(), lines[0].clone()]);
    assert_eq!(log::list(&world.store, id, Some(row.id)).await.unwrap(), [lines[1].clone()]);
    assert_eq!(bots::commands(&world.store, id).await.unwrap(), r#"{"a":1}"#);
    let later = now();
    // Of more than is kept the oldest goes, whatever its age.
    assert_eq!(write!(world, |tx| async move { log::cut(tx, id, 2).await }), 0);
    assert_eq!(write!(world, |tx| async move { log::cut(tx, id, 1).await }), 1);
    assert_eq!(log::list(&world.store, id, None).await.unwrap(), [lines[1].clone()]);
    assert_eq!(write!(world, |tx| async move { log::prune(tx, later).await }), 1);
}
