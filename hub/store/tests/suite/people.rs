//! One person over several cards: merged, separated, suggested; and what of it whoever sees only a part hears.

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::model::{Channel, Contact, Identity};
use switchboard_protocol::{AgentId, ContactId, IdentityId, InboxId};
use switchboard_store::conversations::{self, Query};
use switchboard_store::{contacts, people};

use crate::world::*;

struct Person {
    inbox: InboxId,
    visitor: Visitor,
}

impl Person {
    fn id(&self) -> ContactId {
        self.visitor.contact
    }
}

macro_rules! write {
    ($world:expr, |$tx:ident| $op:expr) => {
        $world.store.write(move |$tx| Box::pin($op)).await.unwrap().value
    };
}

/// Somebody with a name, who has written in an inbox of their own from this address.
async fn known(world: &World, channel: Channel, name: Option<&str>, address: &str) -> Person {
    let inbox = world.inbox_on(channel).await;
    known_in(world, inbox, channel, name, address).await
}

async fn known_in(world: &World, inbox: InboxId, channel: Channel, name: Option<&str>, address: &str) -> Person {
    let visitor = Visitor { contact: ContactId(ulid()), identity: IdentityId(ulid()), inbox };
    let email = (channel == Channel::Email).then(|| address.to_owned());
    let contact = Contact {
        id: visitor.contact,
        name: name.map(str::to_owned),
        phone: email.is_none().then(|| address.to_owned()).filter(|_| channel == Channel::Sms),
        email,
        language: None,
        time_zone: None,
        notes: String::new(),
        tags: Vec::new(),
        attributes: Default::default(),
        identities: Vec::new(),
        merged: Vec::new(),
        created_at: now(),
    };
    let identity = Identity {
        id: visitor.identity,
        inbox_id: inbox,
        channel,
        address: Some(address.to_owned()),
        verified: false,
        stopped_at: None,
    };
    let (key, at) = (address.to_lowercase(), now());
    world
        .store
        .write(move |tx| {
            Box::pin(async move {
                contacts::insert(tx, &contact).await?;
                contacts::insert_identity(tx, contact.id, &identity, &key, at).await
            })
        })
        .await
        .unwrap();
    world.begun(visitor).await;
    Person { inbox, visitor }
}

async fn card(world: &World, sees: &Visibility, id: ContactId) -> Option<Contact> {
    contacts::find(&world.store, sees, id).await.unwrap()
}

/// Whose each conversation is, with the name or address that its row has.
async fn rows(world: &World, sees: &Visibility, of: ContactId) -> Vec<(ContactId, Option<String>)> {
    let query = Query { contact: Some(of), ..Query::all(AgentId(ulid())) };
    let page = conversations::page(&world.store, sees, &query).await.unwrap();
    let brief = page.rows.into_iter().map(|row| row.conversation.contact);
    brief.map(|brief| (brief.id, brief.name.or(brief.address))).collect()
}

async fn suggested(world: &World, sees: &Visibility, of: ContactId) -> Option<Vec<(ContactId, String, bool)>> {
    let found = people::suggestions(&world.store, sees, of).await.unwrap()?;
    let one = |one: switchboard_protocol::rest::ContactSuggestion| {
        let id = one.contact.id;
        one.shared.into_iter().map(move |shared| (id, shared.value, shared.typed))
    };
    Some(found.into_iter().flat_map(one).collect())
}

#[rstest]
#[tokio::test]
async fn merged_cards_are_shown_as_one_and_separated_they_are_what_they_were(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let mail = known(&world, Channel::Email, Some("Ann"), "ann@example.org").await;
    let chat = known(&world, Channel::Web, None, "").await;
    let text = known(&world, Channel::Sms, None, "+31611111111").await;
    let all = Visibility::All;
    let agent = world.agent(switchboard_protocol::model::Role::Agent).await;
    let mut before = Vec::new();
    for person in [&mail, &chat, &text] {
        before.push(card(&world, &all, person.id()).await.unwrap());
    }
    let (m, c, t) = (mail.id(), chat.id(), text.id());
    write!(world, |tx| people::merge(tx, c, t, Some(agent), 5));
    write!(world, |tx| people::merge(tx, m, c, Some(agent), 9));
    // By whichever of its ids, with everything of all three.
    for id in [m, c, t] {
        let whole = card(&world, &all, id).await.unwrap();
        assert_eq!((whole.id, whole.name.as_deref(), whole.phone.as_deref()), (m, Some("Ann"), Some("+31611111111")));
        assert_eq!(whole.identities.len(), 3);
        assert_eq!(whole.merged.iter().map(|one| one.id).collect::<Vec<_>>(), [t, c]);
        assert_eq!(rows(&world, &all, id).await, vec![(m, Some("Ann".to_owned())); 3]);
    }
    // What they say next comes to the person, and stays with its own card.
    let next = world.begun(chat.visitor).await;
    assert_eq!((next.contact.id, next.contact.name, next.contact.address), (m, None, None));
    // Out of the middle goes with what it brought.
    assert!(write!(world, |tx| people::separate(tx, c)));
    assert!(!write!(world, |tx| people::separate(tx, c)));
    assert_eq!(card(&world, &all, m).await.unwrap(), before[0]);
    let pair = card(&world, &all, t).await.unwrap();
    assert_eq!((pair.id, pair.name.as_deref(), pair.identities.len()), (c, None, 2));
    assert_eq!(rows(&world, &all, t).await, vec![(c, Some("+31611111111".to_owned())); 3]);
    assert_eq!(rows(&world, &only([chat.inbox]), c).await, vec![(c, None); 2]);
    assert!(write!(world, |tx| people::separate(tx, t)));
    for (person, before) in [&mail, &chat, &text].into_iter().zip(before) {
        assert_eq!(card(&world, &all, person.id()).await.unwrap(), before);
    }
}

#[rstest]
#[tokio::test]
async fn who_sees_a_part_sees_no_more_by_a_merge(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let mail = known(&world, Channel::Email, Some("Ann"), "ann@example.org").await;
    let chat = known(&world, Channel::Web, None, "").await;
    let agent = world.agent(switchboard_protocol::model::Role::Agent).await;
    let (m, c) = (mail.id(), chat.id());
    for (top, part) in [(m, c), (c, m)] {
        let (of_mail, of_chat) = (only([mail.inbox]), only([chat.inbox]));
        let before = (card(&world, &of_mail, m).await.unwrap(), card(&world, &of_chat, c).await.unwrap());
        write!(world, |tx| people::merge(tx, top, part, Some(agent), 5));
        // All that shows is that the id is another.
        assert_eq!(card(&world, &of_mail, top).await.unwrap(), Contact { id: top, ..before.0 });
        assert_eq!(card(&world, &of_chat, top).await.unwrap(), Contact { id: top, ..before.1 });
        assert_eq!(rows(&world, &of_chat, top).await, [(top, None)]);
        assert_eq!(rows(&world, &of_mail, top).await, [(top, Some("Ann".to_owned()))]);
        // Nor by the id of the part that they do not see.
        let unseen = if part == m { &of_chat } else { &of_mail };
        assert_eq!(card(&world, unseen, part).await, None);
        assert_eq!(suggested(&world, unseen, part).await, None);
        assert_eq!(card(&world, &only([InboxId(ulid())]), top).await, None);
        assert_eq!(card(&world, &only([mail.inbox, chat.inbox]), top).await, card(&world, &Visibility::All, top).await);
        write!(world, |tx| people::separate(tx, part));
    }
}

#[rstest]
#[tokio::test]
async fn who_shares_an_address_or_number_is_suggested(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let mail = known(&world, Channel::Email, Some("Ann"), "Ann@Example.org").await;
    let sms = known(&world, Channel::Sms, None, "+31611111111").await;
    let gateway = known(&world, Channel::Gateway, None, "+31611111111").await;
    // Nothing that is compared, though it looks like it.
    known(&world, Channel::Telegram, None, "+31611111111").await;
    let chat = known(&world, Channel::Web, None, "").await;
    let all = Visibility::All;
    let number = "+31611111111".to_owned();
    assert_eq!(suggested(&world, &all, sms.id()).await.unwrap(), [(gateway.id(), number.clone(), false)]);
    assert_eq!(suggested(&world, &all, chat.id()).await.unwrap(), []);
    // Typed in on the visitor's card.
    let mut claims = card(&world, &all, chat.id()).await.unwrap();
    claims.email = Some("ann@example.org ".to_owned());
    let c = chat.id();
    write!(world, |tx| async move {
        contacts::update(tx, &claims).await?;
        contacts::set_phone_key(tx, c, Some("+31611111111".to_owned())).await
    });
    let address = "ann@example.org".to_owned();
    let mut found = suggested(&world, &all, c).await.unwrap();
    found.sort();
    let mut wanted = vec![
        (mail.id(), address.clone(), true),
        (sms.id(), number.clone(), true),
        (gateway.id(), number.clone(), true),
    ];
    wanted.sort();
    assert_eq!(found, wanted);
    assert_eq!(suggested(&world, &all, mail.id()).await.unwrap(), [(c, address, true)]);
    // Only of whom somebody sees a conversation.
    assert_eq!(suggested(&world, &only([sms.inbox]), sms.id()).await.unwrap(), []);
    assert_eq!(suggested(&world, &only([sms.inbox, chat.inbox]), sms.id()).await.unwrap(), [(c, number, true)]);
    // Somebody who is merged is one suggestion, and none for themselves; who is another person is none.
    let agent = world.agent(switchboard_protocol::model::Role::Agent).await;
    let (m, s, g) = (mail.id(), sms.id(), gateway.id());
    write!(world, |tx| people::merge(tx, s, g, Some(agent), 5));
    assert_eq!(people::suggestions(&world.store, &all, c).await.unwrap().unwrap().len(), 2);
    assert_eq!(suggested(&world, &all, g).await.unwrap().len(), 1);
    write!(world, |tx| people::tell_apart(tx, c, s, agent, 6));
    write!(world, |tx| people::tell_apart(tx, c, s, agent, 6));
    assert_eq!(suggested(&world, &all, g).await.unwrap(), []);
    assert_eq!(suggested(&world, &all, c).await.unwrap().iter().map(|one| one.0).collect::<Vec<_>>(), [m]);
    write!(world, |tx| people::doubt(tx, s, c));
    assert_eq!(people::suggestions(&world.store, &all, c).await.unwrap().unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn an_address_of_many_suggests_a_few(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let first = known(&world, Channel::Sms, None, "+31611111111").await;
    for _ in 0..switchboard_protocol::limits::SUGGESTIONS + 2 {
        known(&world, Channel::Sms, None, "+31611111111").await;
    }
    let found = suggested(&world, &Visibility::All, first.id()).await.unwrap();
    assert_eq!(found.len(), switchboard_protocol::limits::SUGGESTIONS);
}
