//! The plain nouns: each function once on both engines, so that every statement has been run by both.

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Attachment, Availability, Channel, Place, Role, Scope, Team};
use switchboard_protocol::rest::{Access, LinkPurpose};
use switchboard_protocol::{AttachmentId, SessionId, TeamId, TokenId};
use switchboard_store::attachments::{self, Settled, Unnamed, Uploader};
use switchboard_store::automatic_mails::{self, Bounds, Kind};
use switchboard_store::entry_links::EntryLink;
use switchboard_store::{
    AppendError, ChangeError, Tx, WriteError, access, agents, contacts, conversations, entry_links, inboxes, messages,
    sessions, settings, teams, tokens,
};

use crate::world::*;

/// Writes, and hands out what the operation gives.
macro_rules! write {
    ($world:expr, |$tx:ident| $body:expr) => {
        $world.store.write(move |$tx: &mut Tx| Box::pin(async move { $body })).await.map(|written| written.value)
    };
}

#[rstest]
#[tokio::test]
async fn agents_come_change_and_go(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    assert!(!agents::any(&world.store).await.unwrap());
    let (owner, an) = (world.agent(Role::Owner).await, world.agent(Role::Agent).await);
    assert!(agents::any(&world.store).await.unwrap());
    let account = agents::find(&world.store, an).await.unwrap().unwrap();
    assert_eq!(
        agents::find_by_email(&world.store, &account.agent.email).await.unwrap().map(|a| a.agent),
        Some(account.agent.clone())
    );
    let mut changed = account.agent.clone();
    (changed.name, changed.display_name, changed.disabled) = ("Anna\0".into(), None, true);
    let now_changed = changed.clone();
    let (owners, any, found, some) = write!(world, |tx| {
        agents::update(tx, &now_changed).await?;
        agents::set_password(tx, an, "another").await?;
        agents::set_availability(tx, an, Availability::Away).await?;
        let found = agents::load_by_email(tx, &now_changed.email).await?;
        let some = agents::load_many(tx, &[an, owner, switchboard_protocol::AgentId(ulid())]).await?;
        Ok::<_, ChangeError>((agents::active_owners(tx).await?, agents::any_in(tx).await?, found, some))
    })
    .unwrap();
    assert_eq!((owners, any, some.len()), (1, true, 2));
    changed.name = "Anna\u{fffd}".into();
    assert_eq!(found.map(|a| (a.agent, a.password_hash)), Some((changed, Some("another".into()))));
    assert_eq!(agents::find(&world.store, an).await.unwrap().unwrap().availability, Availability::Away);
    assert_eq!(agents::list(&world.store).await.unwrap().len(), 2);
    assert_eq!(access::visibility_of(&world.store, an).await.unwrap(), None, "disabled");
    let mut twin = account.clone();
    twin.agent.id = switchboard_protocol::AgentId(ulid());
    let taken = write!(world, |tx| agents::insert(tx, &twin).await);
    assert!(matches!(taken, Err(WriteError::Refused(ChangeError::Taken { .. }))));
    let nobody = write!(world, |tx| agents::set_password(tx, switchboard_protocol::AgentId(ulid()), "x").await);
    assert!(matches!(nobody, Err(WriteError::Refused(ChangeError::Missing { .. }))));
}

#[rstest]
#[tokio::test]
async fn sessions_tokens_and_links_are_good_for_a_time(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let an = world.agent(Role::Agent).await;
    let session = |n: i64| sessions::Session {
        id: SessionId(ulid()),
        agent_id: an,
        created_at: n,
        last_seen_at: n,
        expires_at: 100 + n,
        address: "::1".into(),
        user_agent: "Browser".into(),
    };
    let (one, two) = (session(1), session(2));
    let (first, second) = (one.clone(), two.clone());
    write!(world, |tx| {
        sessions::insert(tx, &first, "hash 1").await?;
        sessions::insert(tx, &second, "hash 2").await
    })
    .unwrap();
    assert_eq!(sessions::find(&world.store, "hash 1", 100).await.unwrap().map(|(s, _)| s), Some(one.clone()));
    assert!(sessions::find(&world.store, "hash 1", 101).await.unwrap().is_none(), "expired");
    assert_eq!(sessions::list(&world.store, an, 50).await.unwrap(), [two.clone(), one.clone()]);
    let (seen, removed, others, gone) = write!(world, |tx| {
        // Of two who note a use at once, one does.
        let seen = (sessions::seen(tx, one.id, 60, 1, 300).await?, sessions::seen(tx, one.id, 61, 2, 301).await?);
        let others = sessions::remove_all(tx, an, Some(one.id)).await?;
        let gone = sessions::prune(tx, 300).await?;
        Ok::<_, ChangeError>((seen, sessions::remove(tx, an, one.id).await?, others, gone))
    })
    .unwrap();
    assert_eq!((seen, removed, others, gone), ((true, false), false, vec![two.id], 1));

    let token = tokens::Token {
        id: TokenId(ulid()),
        agent_id: an,
        name: "report".into(),
        scopes: vec![Scope::Read, Scope::Write],
        created_at: 1,
        last_used_at: None,
        expires_at: Some(50),
    };
    let made = token.clone();
    let used = write!(world, |tx| {
        tokens::insert(tx, &made, "secret's hash").await?;
        Ok::<_, ChangeError>((tokens::used(tx, made.id, 7, 2).await?, tokens::used(tx, made.id, 8, 3).await?))
    });
    assert_eq!(used.unwrap(), (true, false));
    let used = tokens::Token { last_used_at: Some(7), ..token.clone() };
    assert_eq!(tokens::find(&world.store, "secret's hash", 49).await.unwrap().map(|(t, _)| t), Some(used.clone()));
    assert!(tokens::find(&world.store, "secret's hash", 50).await.unwrap().is_none());
    assert_eq!(tokens::list(&world.store, an).await.unwrap(), [used]);
    assert!(write!(world, |tx| tokens::remove(tx, an, token.id).await).unwrap());

    let link = |n| EntryLink { agent_id: an, purpose: LinkPurpose::Join, created_at: n, expires_at: 50 };
    let (old, new) = (link(1), link(2));
    let (o, n) = (old.clone(), new.clone());
    let taken = write!(world, |tx| {
        entry_links::replace(tx, &o, "old").await?;
        entry_links::replace(tx, &n, "new").await?;
        let replaced = entry_links::take(tx, "old", LinkPurpose::Join, 5).await?;
        let expired = entry_links::take(tx, "new", LinkPurpose::Join, 50).await?;
        let other = entry_links::take(tx, "new", LinkPurpose::NewPassword, 49).await?;
        Ok::<_, ChangeError>([replaced, expired, other].map(|account| account.is_some()))
    })
    .unwrap();
    assert_eq!(taken, [false; 3], "one was replaced, the other has run out, or is for something else");
    let (found, agent) = entry_links::find(&world.store, "new", 49).await.unwrap().unwrap();
    assert_eq!((found, agent.id), (new, an));
    let take = async || {
        let taken = write!(world, |tx| entry_links::take(tx, "new", LinkPurpose::Join, 49).await).unwrap();
        taken.map(|account| account.agent.id)
    };
    assert_eq!((take().await, take().await), (Some(an), None), "it opens once");
}

#[rstest]
#[tokio::test]
async fn teams_inboxes_and_access(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (owner, an) = (world.agent(Role::Owner).await, world.agent(Role::Agent).await);
    let inbox = world.inbox().await;
    let team = Team { id: TeamId(ulid()), name: "Sales".into(), members: vec![an, an] };
    let made = team.clone();
    let (position, sees, who, access) = write!(world, |tx| {
        teams::insert(tx, &made).await?;
        access::set(tx, inbox, &Access { agents: vec![], teams: vec![made.id] }).await?;
        let position = access::changed(tx, &[an], now()).await?;
        let sees = access::load_visibility_of(tx, an).await?;
        let who = access::agents_who_see(tx, inbox).await?;
        Ok::<_, ChangeError>((position, sees, who, access::load(tx, inbox).await?))
    })
    .unwrap();
    assert_eq!(agents::find(&world.store, an).await.unwrap().map(|a| Some(a.access_position)), Some(position));
    assert_eq!((sees, who), (Some(only([inbox])), vec![owner, an]));
    assert_eq!(access, access::find(&world.store, inbox).await.unwrap());
    assert_eq!(teams::list(&world.store).await.unwrap(), [Team { members: vec![an], ..team.clone() }]);

    let mut changed = inboxes::find(&world.store, &Visibility::All, inbox).await.unwrap().unwrap();
    let key = changed.web.as_ref().unwrap().widget_key.clone();
    changed.name = "Shop".into();
    let (saved, emptied) = (changed.clone(), Team { members: vec![], name: "Nobody".into(), ..team.clone() });
    let loaded = write!(world, |tx| {
        inboxes::update(tx, &saved).await?;
        teams::update(tx, &emptied).await?;
        Ok::<_, ChangeError>((inboxes::load(tx, &only([inbox]), inbox).await?, teams::load(tx, emptied.id).await?))
    })
    .unwrap();
    assert_eq!(loaded.0.as_ref(), Some(&changed));
    assert_eq!(loaded.1.map(|team| team.members), Some(vec![]));
    assert_eq!(inboxes::find_by_widget_key(&world.store, &key).await.unwrap(), Some(changed));
    assert_eq!(access::visibility_of(&world.store, an).await.unwrap(), Some(only([])));
    let gone = write!(world, |tx| {
        Ok::<_, ChangeError>((teams::remove(tx, team.id).await?, inboxes::remove(tx, inbox, 1).await?))
    });
    assert_eq!(gone.unwrap(), (true, true));
    assert_eq!(inboxes::find_by_widget_key(&world.store, &key).await.unwrap(), None);
    assert_eq!(inboxes::list(&world.store, &Visibility::All).await.unwrap(), []);
    assert!(teams::list(&world.store).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn contacts_and_their_identities(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    let mut contact = contacts::find(&world.store, &Visibility::All, visitor.contact).await.unwrap().unwrap();
    assert_eq!(contact.identities.iter().map(|identity| identity.id).collect::<Vec<_>>(), [visitor.identity]);
    contact.email = Some("jo@example.com".into());
    contact.tags = vec!["vip".into()];
    let changed = contact.clone();
    let (known, heard_by) = write!(world, |tx| {
        contacts::update(tx, &changed).await?;
        Ok::<_, ChangeError>((
            contacts::load_identity(tx, visitor.identity).await?,
            contacts::inboxes_of(tx, visitor.contact).await?,
        ))
    })
    .unwrap();
    assert_eq!(heard_by, [conversation.inbox_id]);
    assert_eq!(known, contacts::find_identity(&world.store, visitor.identity).await.unwrap());
    assert_eq!(known.map(|known| known.contact_id), Some(visitor.contact));
    assert_eq!(contacts::find(&world.store, &Visibility::All, visitor.contact).await.unwrap(), Some(contact));
    // The same provider's id in one inbox is one person.
    let second = switchboard_protocol::model::Identity {
        id: switchboard_protocol::IdentityId(ulid()),
        inbox_id: visitor.inbox,
        channel: Channel::Web,
        address: None,
        verified: true,
        stopped_at: None,
    };
    let key = visitor.identity.to_string();
    let taken = write!(world, |tx| contacts::insert_identity(tx, visitor.contact, &second, &key, 1).await);
    assert!(matches!(taken, Err(WriteError::Refused(ChangeError::Taken { .. }))));
}

#[rstest]
#[tokio::test]
async fn a_visitor_sees_their_own_conversations(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, first) = world.conversation().await;
    let second = world.begun(visitor).await;
    let (_, theirs) = world.conversation().await;
    let own = conversations::of_identity(&world.store, visitor.identity).await.unwrap();
    assert_eq!(own.iter().map(|one| one.id).collect::<Vec<_>>(), [second.id, first.id]);
    let me = visitor.identity;
    assert!(conversations::find_for_identity(&world.store, me, first.id).await.unwrap().is_some());
    assert!(conversations::find_for_identity(&world.store, me, theirs.id).await.unwrap().is_none());
    let found = write!(world, |tx| {
        let running = conversations::running(tx, me).await?;
        let loaded = conversations::load_for_identity(tx, me, first.id).await?.is_some();
        Ok::<_, ChangeError>((running, loaded, conversations::load_for_identity(tx, me, theirs.id).await?.is_some()))
    });
    assert_eq!(found.unwrap(), (Some(second.id), true, false));
    assert!(messages::page_for_identity(&world.store, me, theirs.id, None, 10).await.unwrap().is_none());
}

fn file(name: &str) -> Attachment {
    let id = AttachmentId(ulid());
    Attachment { id, name: name.into(), media_type: "image/png".into(), bytes: 70_000_000_000, picture: true }
}

/// What the team has thrown away is gone for the visitor, by whatever way they ask; what they write brings it back.
#[rstest]
#[tokio::test]
async fn what_lies_in_the_trash_is_not_the_visitors_to_read(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let an = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    let (me, id) = (visitor.identity, conversation.id);
    let (mine, hers) = (file("mine.png"), file("hers.png"));
    let files = (mine.clone(), hers.clone());
    write!(world, |tx| {
        attachments::insert(tx, &files.0, Uploader::Identity(me), 5).await?;
        attachments::insert(tx, &files.1, Uploader::Agent(an), 5).await
    })
    .unwrap();
    let with = |append, file: &Attachment| {
        world.store.append(switchboard_store::Append { attachment_ids: vec![file.id], ..append })
    };
    with(visitor.says(id, "look", None), &mine).await.unwrap();
    with(reply(an, id, "this?", None), &hers).await.unwrap();
    let world = &world;
    let readable = || async move {
        let store = &world.store;
        let loaded =
            write!(world, |tx| Ok::<_, ChangeError>(conversations::load_for_identity(tx, me, id).await?.is_some()));
        [
            !conversations::of_identity(store, me).await.unwrap().is_empty(),
            conversations::find_for_identity(store, me, id).await.unwrap().is_some(),
            loaded.unwrap(),
            messages::page_for_identity(store, me, id, None, 10).await.unwrap().is_some(),
            attachments::find_for_identity(store, me, mine.id).await.unwrap().is_some(),
            attachments::find_for_identity(store, me, hers.id).await.unwrap().is_some(),
        ]
    };
    assert_eq!(readable().await, [true; 6]);
    let place = |place| ConversationChange { place: Some(place), ..Default::default() };
    world.change(id, an, place(Place::Trash)).await;
    assert_eq!(readable().await, [false; 6]);
    world.store.append(visitor.says(id, "are you there?", None)).await.unwrap();
    assert_eq!(readable().await, [true; 6]);
    world.change(id, an, place(Place::Archived)).await;
    assert_eq!(readable().await, [true; 6]);
}

#[rstest]
#[tokio::test]
async fn a_file_goes_into_one_message_of_its_uploader(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let an = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    let (mine, hers, noted) = (file("mine.png"), file("hers.png"), file("noted.png"));
    let files = (mine.clone(), hers.clone(), noted.clone());
    write!(world, |tx| {
        for file in [&files.0, &files.1, &files.2] {
            attachments::begin(tx, file.id, 4).await?;
        }
        attachments::insert(tx, &files.0, Uploader::Identity(visitor.identity), 5).await?;
        attachments::insert(tx, &files.1, Uploader::Agent(an), 5).await?;
        attachments::insert(tx, &files.2, Uploader::Agent(an), 5).await
    })
    .unwrap();
    let hers_id = hers.id;
    let sees = |id| attachments::find_for_identity(&world.store, visitor.identity, id);
    assert!(sees(mine.id).await.unwrap().is_some() && sees(hers.id).await.unwrap().is_none());
    assert!(attachments::find(&world.store, &only([]), an, hers.id).await.unwrap().is_some(), "her own upload");

    let with = |mut append: switchboard_store::Append, id| {
        append.attachment_ids = vec![id];
        world.store.append(append)
    };
    let stolen = with(visitor.says(conversation.id, "look", None), hers.id).await;
    assert!(matches!(stolen, Err(AppendError::UnknownAttachment)));
    let sent = with(visitor.says(conversation.id, "look", None), mine.id).await.unwrap();
    assert_eq!(sent.message.attachments, std::slice::from_ref(&mine));
    let twice = with(visitor.says(conversation.id, "again", None), mine.id).await;
    assert!(matches!(twice, Err(AppendError::UnknownAttachment)));
    with(reply(an, conversation.id, "this?", None), hers.id).await.unwrap();
    with(note(an, conversation.id, "among us"), noted.id).await.unwrap();
    assert_eq!(sees(hers.id).await.unwrap(), Some(hers));
    assert_eq!(sees(noted.id).await.unwrap(), None, "a note's file is not the visitor's");
    assert_eq!(all_messages(&world.store, conversation.id).await[1].attachments, std::slice::from_ref(&mine));
    let left = file("left.png");
    let kept = left.clone();
    write!(world, |tx| {
        attachments::begin(tx, kept.id, 5).await?;
        attachments::insert(tx, &kept, Uploader::Agent(an), 5).await
    })
    .unwrap();
    // The messages name the others.
    let (files, bytes) = (1, left.bytes);
    assert_eq!(write!(world, |tx| attachments::unnamed(tx, 10).await).unwrap(), Unnamed { files, bytes });
    assert_eq!(write!(world, |tx| attachments::unnamed(tx, 0).await).unwrap(), Unnamed { files: 0, bytes: 0 });

    let settle = async |before| write!(world, |tx| attachments::settle(tx, before).await).unwrap();
    let uploads = vec![mine.id, hers_id, noted.id];
    assert_eq!(settle(5).await, Settled { uploads: uploads.clone(), nothing: vec![] }, "all are in messages");
    write!(world, |tx| attachments::end(tx, &uploads).await).unwrap();
    for _ in 0..2 {
        let nothing = Settled { uploads: vec![left.id], nothing: vec![left.id] };
        assert_eq!(settle(6).await, nothing, "found again until its bytes are gone");
    }
    assert_eq!(write!(world, |tx| attachments::unnamed(tx, 10).await).unwrap(), Unnamed { files: 0, bytes: 0 });

    write!(world, |tx| attachments::end(tx, &[left.id]).await).unwrap();
    let message = sent.message;
    write!(world, |tx| messages::delete_text(tx, &message, 9).await).unwrap();
    assert_eq!(sees(mine.id).await.unwrap(), None, "it was taken back");
    let nothing = Settled { uploads: vec![mine.id], nothing: vec![mine.id] };
    assert_eq!(settle(1).await, nothing, "its bytes go at once");
}

#[rstest]
#[tokio::test]
async fn settings_are_set_once_or_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let values = write!(world, |tx| {
        let first = settings::set_once(tx, "key", "one").await?;
        let second = settings::set_once(tx, "key", "two").await?;
        settings::set(tx, "key", "three").await?;
        Ok::<_, ChangeError>((first, second, settings::load(tx, "key").await?))
    });
    assert_eq!(values.unwrap(), ("one".into(), "one".into(), Some("three".into())));
    assert_eq!(settings::find(&world.store, "key").await.unwrap().as_deref(), Some("three"));
    assert_eq!(settings::find(&world.store, "another").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn an_address_shows_no_password(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    world.store.ping().await.unwrap();
    let url: switchboard_store::DatabaseUrl = "postgres://hub:hunter2@db.example/hub".parse().unwrap();
    assert!(!format!("{url} {url:?}").contains("hunter2"));
    assert!("mysql://x".parse::<switchboard_store::DatabaseUrl>().is_err());
}

/// Agents may still answer there; for whoever writes from outside it is gone, also into a conversation that runs.
#[rstest]
#[tokio::test]
async fn nobody_from_outside_writes_into_a_removed_inbox(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    let (neighbour, other) = world.conversation().await;
    let inbox = visitor.inbox;
    world.store.write(move |tx| Box::pin(inboxes::remove(tx, inbox, 1))).await.unwrap();
    let refused = world.store.append(visitor.says(conversation.id, "Hello?", Some("late"))).await;
    assert!(matches!(refused, Err(AppendError::NotFound)), "{refused:?}");
    world.store.append(neighbour.says(other.id, "Hello", Some("here"))).await.unwrap();
    assert_eq!(all_messages(&world.store, conversation.id).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_the_hub_writes_by_itself_is_bounded_by_address_and_by_kind_in_an_inbox(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let (shop, other) = (world.inbox().await, world.inbox().await);
    let bounds = Bounds { each_ms: 1_000, window_ms: 100, most: 2 };
    for (inbox, address, at, may) in [
        (shop, "maria@example.nl", 10_000, true),
        // Once, from whichever inbox.
        (shop, "maria@example.nl", 10_999, false),
        (other, "maria@example.nl", 10_999, false),
        (other, "maria@example.nl", 11_000, true),
        // Two of an inbox in its window.
        (shop, "a@example.nl", 11_010, true),
        (shop, "b@example.nl", 11_020, true),
        (shop, "c@example.nl", 11_109, false),
        (other, "d@example.nl", 11_020, true),
        (shop, "c@example.nl", 11_110, true),
    ] {
        let asked =
            write!(world, |tx| automatic_mails::may(tx, inbox, Kind::Acknowledgement, address, at, bounds).await);
        assert_eq!(asked.unwrap(), may, "{address} at {at}");
    }
    // Of another kind there are others; an address has one of either.
    for (address, may) in
        [("b@example.nl", false), ("e@example.nl", true), ("f@example.nl", true), ("g@example.nl", false)]
    {
        let asked =
            write!(world, |tx| automatic_mails::may(tx, shop, Kind::Confirmation, address, 11_110, bounds).await);
        assert_eq!(asked.unwrap(), may, "{address}");
    }
    let prunes = || async { write!(world, |tx| automatic_mails::prune(tx, 11_020).await).unwrap() };
    assert_eq!((prunes().await, prunes().await), (4, 0));
    assert_eq!(write!(world, |tx| automatic_mails::mailboxes(tx).await).unwrap(), [""; 0]);
}
