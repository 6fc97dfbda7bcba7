//! Whatever is granted, nobody is shown a row of an inbox that is not theirs, by any door.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Attachment, Place, Role, Status, Team};
use switchboard_protocol::rest::{Access, Folder};
use switchboard_protocol::{AgentId, AttachmentId, InboxId, TeamId};
use switchboard_store::attachments::{self, Uploader};
use switchboard_store::conversations::{self, Query};
use switchboard_store::{access, contacts, feed, inboxes, messages, reads, search, teams};

use crate::lists::{all, ids, lies_in};
use crate::world::*;

const INBOXES: usize = 4;

/// A conversation of a random business.
#[derive(Debug, Clone)]
struct Spec {
    inbox: usize,
    status: Option<Status>,
    place: Option<Place>,
    mine: bool,
    read: bool,
    answered: bool,
}

fn spec() -> impl Strategy<Value = Spec> {
    let status = proptest::sample::select(vec![None, None, Some(Status::Closed), Some(Status::Snoozed)]);
    let place =
        proptest::sample::select(vec![None, None, Some(Place::Archived), Some(Place::Spam), Some(Place::Trash)]);
    (0..INBOXES, status, place, any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(inbox, status, place, mine, read, answered)| Spec { inbox, status, place, mine, read, answered })
}

/// The inboxes granted to the person, those granted to her team, and what lies there.
type Case = (BTreeSet<usize>, BTreeSet<usize>, Vec<Spec>);

fn case() -> impl Strategy<Value = Case> {
    let some = || proptest::collection::btree_set(0..INBOXES, 0..INBOXES);
    (some(), some(), proptest::collection::vec(spec(), 1..12))
}

#[rstest]
#[case(On::Sqlite, 12)]
#[case(On::Postgres, 6)]
fn nobody_is_shown_what_is_not_theirs(#[case] on: On, #[case] cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    TestRunner::new(config)
        .run(&case(), |case| {
            runtime.block_on(holds(on, case));
            Ok(())
        })
        .unwrap();
}

async fn holds(on: On, (own, by_team, specs): Case) {
    let world = World::new(on).await;
    let reader = world.agent(Role::Agent).await;
    let mut made = Vec::new();
    for _ in 0..INBOXES {
        made.push(world.inbox().await);
    }
    grant(&world, reader, &own, &by_team, &made).await;
    for spec in specs {
        build(&world, reader, made[spec.inbox], spec).await;
    }
    search::catch_up(&world.store).await.unwrap();

    let granted: BTreeSet<InboxId> = own.union(&by_team).map(|n| made[*n]).collect();
    let sees = access::visibility_of(&world.store, reader).await.unwrap().unwrap();
    assert_eq!(sees, Visibility::Inboxes(granted.clone()));
    let listed: BTreeSet<_> = inboxes::list(&world.store, &sees).await.unwrap().iter().map(|inbox| inbox.id).collect();
    assert_eq!(listed, granted);
    lists(&world, &sees, reader).await;
    single_things(&world, &sees, reader).await;
}

async fn grant(world: &World, reader: AgentId, own: &BTreeSet<usize>, by_team: &BTreeSet<usize>, made: &[InboxId]) {
    let team = Team { id: TeamId(ulid()), name: "Sales".into(), members: vec![reader] };
    let grants: Vec<_> = made
        .iter()
        .enumerate()
        .map(|(n, inbox)| {
            let agents = own.contains(&n).then_some(reader).into_iter().collect();
            let teams = by_team.contains(&n).then_some(team.id).into_iter().collect();
            (*inbox, Access { agents, teams })
        })
        .collect();
    world
        .store
        .write(move |tx| {
            Box::pin(async move {
                teams::insert(tx, &team).await?;
                for (inbox, access) in grants {
                    access::set(tx, inbox, &access).await?;
                    let who = access::agents_who_see(tx, inbox).await?;
                    assert_eq!(who.len(), usize::from(!access.agents.is_empty() || !access.teams.is_empty()));
                }
                Ok::<_, switchboard_store::ChangeError>(())
            })
        })
        .await
        .unwrap();
}

async fn build(world: &World, reader: AgentId, inbox: InboxId, spec: Spec) {
    let visitor = world.visitor(inbox).await;
    let file = Attachment {
        id: AttachmentId(ulid()),
        name: "needle.png".into(),
        media_type: "image/png".into(),
        bytes: 9,
        picture: true,
    };
    let (kept, by) = (file.clone(), Uploader::Identity(visitor.identity));
    world.store.write(move |tx| Box::pin(async move { attachments::insert(tx, &kept, by, 1).await })).await.unwrap();
    let mut begin = visitor.begin("a needle in the haystack");
    begin.attachment_ids = vec![file.id];
    let row = world.store.write(|tx| Box::pin(conversations::begin(tx, begin))).await.unwrap().value.conversation;
    let change = ConversationChange {
        status: spec.status,
        snoozed_until: (spec.status == Some(Status::Snoozed)).then(|| now() + 1_000_000),
        place: spec.place,
        assignees: spec.mine.then(|| vec![reader]),
        ..ConversationChange::default()
    };
    world.change(row.id, reader, change).await;
    if spec.answered && spec.place != Some(Place::Trash) {
        world.store.append(reply(reader, row.id, "we found the needle", None)).await.unwrap();
    }
    if spec.read {
        let id = row.id;
        world.store.write(move |tx| Box::pin(async move { reads::advance(tx, reader, id, 1).await })).await.unwrap();
    }
}

/// Lists, counts, search and feed against a filter over everything.
async fn lists(world: &World, sees: &Visibility, reader: AgentId) {
    let everything = all(&world.store, &Visibility::All, Query::all(reader)).await;
    let visible: Vec<_> = everything.iter().filter(|row| sees.sees(row.conversation.inbox_id)).cloned().collect();
    assert_eq!(all(&world.store, sees, Query::all(reader)).await, visible);
    let counted = conversations::counts(&world.store, sees, reader).await.unwrap();
    for (folder, count) in Folder::ALL.iter().zip(&counted.folders) {
        let expected: Vec<_> = visible.iter().filter(|row| lies_in(*folder, row, reader)).cloned().collect();
        let query = Query { folder: Some(*folder), ..Query::all(reader) };
        assert_eq!(ids(&all(&world.store, sees, query).await), ids(&expected), "{folder:?}");
        assert_eq!((count.folder, count.conversations), (*folder, expected.len() as i64));
    }
    assert!(counted.inboxes.iter().all(|inbox| sees.sees(inbox.inbox_id)));

    let found = search::page(&world.store, sees, reader, "NEEDLE hay", None, 100).await.unwrap();
    let found: Vec<_> = found.hits.into_iter().map(|hit| (hit.conversation, hit.message.is_some())).collect();
    assert_eq!(found, visible.iter().map(|row| (row.clone(), true)).collect::<Vec<_>>());

    let head = feed::head(&world.store).await.unwrap();
    let slice = feed::since_for_staff(&world.store, sees, reader, 0, 1_000).await.unwrap().unwrap();
    let told: Vec<_> = slice.events.iter().map(|told| told.position).collect();
    let expected: Vec<_> = feed::since(&world.store, 0, 1_000)
        .await
        .unwrap()
        .iter()
        .filter(|event| match event.audience {
            switchboard_store::Audience::Inbox(inbox) => sees.sees(inbox),
            _ => panic!("only conversations were touched"),
        })
        .map(|event| event.position)
        .collect();
    assert_eq!((told, slice.upto), (expected, head));
}

/// Each thing by its id: there for who may see it, and for nobody else.
async fn single_things(world: &World, sees: &Visibility, reader: AgentId) {
    for row in all(&world.store, &Visibility::All, Query::all(reader)).await {
        let c = &row.conversation;
        let seen = sees.sees(c.inbox_id);
        let store = &world.store;
        assert_eq!(conversations::find(store, sees, reader, c.id).await.unwrap().is_some(), seen);
        assert_eq!(messages::page(store, sees, c.id, None, 10).await.unwrap().is_some(), seen);
        assert_eq!(contacts::find(store, sees, c.contact.id).await.unwrap().is_some(), seen);
        assert_eq!(inboxes::find(store, sees, c.inbox_id).await.unwrap().is_some(), seen);
        let file = all_messages(store, c.id).await[0].attachments[0].id;
        assert_eq!(attachments::find(store, sees, reader, file).await.unwrap().is_some(), seen);
        let (id, contact, sees) = (c.id, c.contact.id, sees.clone());
        let inside = store
            .write(move |tx| {
                Box::pin(async move {
                    Ok::<_, switchboard_store::ReadError>([
                        conversations::load(tx, &sees, id).await?.is_some(),
                        contacts::load(tx, &sees, contact).await?.is_some(),
                    ])
                })
            })
            .await
            .unwrap();
        assert_eq!(inside.value, [seen; 2]);
    }
}
