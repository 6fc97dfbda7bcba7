//! `serve --demo`: a believable workspace. Four agents, two teams, three chats, a mailbox with a
//! contact form, a number, a bot, and some three hundred conversations of the last weeks, with the times and the people that they
//! would have had. Chats are written by the store's own functions ([`stories`]); mails, text messages and Telegram's come in as
//! from their connectors ([`scenes`], [`play`]), whose accounts are nobody's and which connect to nothing ([`channels`]).
//!
//! Filling goes on where it was left: what is there is counted in a setting, in the transaction that writes it. A
//! workspace that real people have set up is not touched.

mod channels;
mod play;
mod scenes;
mod stories;

use switchboard_domain::Visibility;
use switchboard_domain::change::{Changed, change};
use switchboard_domain::thread::NewMessage;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::forms::{ContactForm, FormField};
use switchboard_protocol::model::{
    Agent, Author, Availability, Channel, Contact, ConversationPatch, Identity, Inbox, MessageKind, Priority, Role,
    Source, Status, Team, WebSettings,
};
use switchboard_protocol::rest::Access;
use switchboard_protocol::{AgentId, ContactId, ConversationId, IdentityId, InboxId, MessageId, TeamId, Ulid, UnixMs};
use switchboard_store::agents::Account;
use switchboard_store::contact_forms::{self, Kept};
use switchboard_store::conversations::{self, Begin};
use switchboard_store::{Append, Sender, Tx, access, agents, append, contacts, inboxes, reads, settings, teams};

use crate::app::{App, Unasked};
use crate::error::CommandError;
use crate::ids::Random;
use crate::ops::logs;
use crate::secret::Secret;
use channels::{MAIL, set_up};
use stories::{LANGUAGES, Line, Story};

/// Conversations of the demo.
const CONVERSATIONS: usize = 300;
/// Written in one transaction.
const AT_ONCE: usize = 25;
/// They lie over this time, milliseconds.
const WEEKS_MS: i64 = 28 * 24 * 3_600_000;
/// Everybody's password. It is printed, and opens nothing but a demo.
pub const PASSWORD: &str = "switchboard-demo";
/// Key of the widget on the demo shop's pages.
const SHOP_KEY: &str = "demo-fjord-and-field";
/// Key of the contact form on the demo shop's page.
const FORM_KEY: &str = "demo-contact-form";
/// How many conversations are there.
const PROGRESS: &str = "demo_conversations";

struct Person {
    name: &'static str,
    email: &'static str,
    role: Role,
}

const PEOPLE: [Person; 4] = [
    Person { name: "Astrid Holm", email: "astrid@demo.example", role: Role::Owner },
    Person { name: "Milan Bakker", email: "milan@demo.example", role: Role::Agent },
    Person { name: "Yasmin Farouk", email: "yasmin@demo.example", role: Role::Agent },
    Person { name: "Jules Fontaine", email: "jules@demo.example", role: Role::Agent },
];

const INBOXES: [(&str, &str, &str, &str); 3] = [
    ("Fjord & Field", "FF-", SHOP_KEY, "Hello! What can we help you with?"),
    ("Fjord & Field service", "SV-", "demo-service", "Something broken? We mend it."),
    ("Trade", "TR-", "demo-trade", "Welcome, partners."),
];

/// The id of the demo's n-th thing of a kind: always the same, so that a second start finds what the first has made.
fn fixed(kind: u128, n: usize) -> Ulid {
    Ulid(0x0180_0000_0000 << 80 | kind << 32 | n as u128)
}

fn agent_id(n: usize) -> AgentId {
    AgentId(fixed(1, n))
}

fn inbox_id(n: usize) -> InboxId {
    InboxId(fixed(2, n))
}

fn team_id(n: usize) -> TeamId {
    TeamId(fixed(3, n))
}

/// Fills the workspace as far as it is not yet. False: somebody's own workspace is here, and stays as it is.
pub async fn fill(app: &App) -> Result<bool, CommandError> {
    let mut done = match settings::find(&app.store, PROGRESS).await? {
        Some(done) => done.parse().unwrap_or(CONVERSATIONS),
        None if agents::any(&app.store).await? => return Ok(false),
        None => {
            let (hash, now) = (app.passwords.hash(Secret::new(PASSWORD)).await?, app.clock.now());
            app.write_unasked(Unasked::Hub, move |tx| Box::pin(async move { people(tx, &hash, now).await })).await?;
            0
        }
    };
    while done < CONVERSATIONS {
        let (from, to, now) = (done, (done + AT_ONCE).min(CONVERSATIONS), app.clock.now());
        app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move {
                for n in from..to {
                    conversation(tx, n, now).await?;
                }
                settings::set(tx, PROGRESS, &to.to_string()).await?;
                Ok(())
            })
        })
        .await?;
        done = to;
    }
    play::all(app).await?;
    Ok(true)
}

/// Who can sign in, for the operator's eyes.
pub fn announce() {
    logs::say(format_args!("The demo's people, all with the password {PASSWORD}:"));
    for person in &PEOPLE {
        logs::say(format_args!("  {:<24} {} ({})", person.email, person.name, person.role.as_str()));
    }
}

async fn people(tx: &mut Tx, password_hash: &str, now: UnixMs) -> Result<(), CommandError> {
    for (n, person) in PEOPLE.iter().enumerate() {
        let display_name = person.name.split(' ').next().map(str::to_owned);
        let agent = Agent {
            id: agent_id(n),
            name: person.name.to_owned(),
            email: person.email.to_owned(),
            role: person.role,
            display_name,
            disabled: false,
        };
        let password_hash = Some(password_hash.to_owned());
        let availability = Availability::Online;
        agents::insert(
            tx,
            &Account { agent, password_hash, availability, access_position: 0, created_at: now - WEEKS_MS },
        )
        .await?;
    }
    for (n, (name, members)) in
        [("Sales", vec![agent_id(0), agent_id(1)]), ("Service", vec![agent_id(2), agent_id(3)])].into_iter().enumerate()
    {
        teams::insert(tx, &Team { id: team_id(n), name: name.to_owned(), members }).await?;
    }
    for (n, (name, prefix, key, greeting)) in INBOXES.into_iter().enumerate() {
        let web = WebSettings {
            widget_key: key.to_owned(),
            origins: Vec::new(),
            accent: ["#2f6b4f", "#b5652b", "#2458d3"][n].to_owned(),
            greeting: greeting.to_owned(),
            ask_rating: true,
            before: None,
        };
        let (name, case_prefix) = (name.to_owned(), prefix.to_owned());
        inboxes::insert(
            tx,
            &Inbox {
                id: inbox_id(n),
                name,
                channel: Channel::Web,
                case_prefix,
                web: Some(web),
                carries: None,
                address: None,
            },
            now,
        )
        .await?;
    }
    // The shop is everybody's; service and trade belong to a team each.
    let both = Access { agents: Vec::new(), teams: vec![team_id(0), team_id(1)] };
    access::set(tx, inbox_id(0), &both).await?;
    access::set(tx, inbox_id(1), &Access { agents: Vec::new(), teams: vec![team_id(1)] }).await?;
    access::set(tx, inbox_id(2), &Access { agents: Vec::new(), teams: vec![team_id(0)] }).await?;
    set_up(tx, now).await?;
    form(tx).await?;
    settings::set(tx, PROGRESS, "0").await?;
    Ok(())
}

/// The shop's contact form, whose mails come into the mailbox. No confirmation goes out: the mailbox is connected to nothing.
async fn form(tx: &mut Tx) -> Result<(), CommandError> {
    let form = ContactForm { on: true, subject: FormField::Off, files: true, confirm: false, ..ContactForm::default() };
    contact_forms::save(tx, &Kept { inbox_id: inbox_id(MAIL), key: FORM_KEY.to_owned(), form }).await?;
    Ok(())
}

/// The n-th conversation: everything about it follows from its number.
async fn conversation(tx: &mut Tx, n: usize, now: UnixMs) -> Result<(), CommandError> {
    let random = Random::seeded(n as u64);
    let pick = |count: usize| random.below(count as u64) as usize;
    // English every other time, the rest by turns.
    let language = if n.is_multiple_of(2) { LANGUAGES[0] } else { LANGUAGES[1 + (n / 2) % 4] };
    let story = &language.stories[pick(language.stories.len())];
    // The last ones are today's.
    let age = WEEKS_MS * (CONVERSATIONS - n) as i64 / CONVERSATIONS as i64;
    let begun = now - age - pick(3_600_000) as i64;
    let inbox = [0, 0, 0, 1, 2][pick(5)];
    // Milan and Astrid know sales, Yasmin and Jules service; the shop is anybody's.
    let agent = agent_id(match inbox {
        0 => pick(4),
        1 => 2 + pick(2),
        _ => pick(2),
    });
    let name = language.names[pick(language.names.len())];
    let who = Customer { name: (pick(5) > 0).then(|| name.to_owned()), language: language.tag, inbox: inbox_id(inbox) };
    let open_for = if age < 2 * 24 * 3_600_000 { 3 } else { 8 };
    let ends = Ends { closed: pick(open_for) > 0 && story.lines.len() > 2, urgent: pick(12) == 0, agent };
    let (id, mut at) = begin(tx, &random, &who, story, begun).await?;
    for line in &story.lines[1..] {
        at = (at + 40_000 + pick(900_000) as i64).min(now);
        say(tx, &random, id, line, agent, at).await?;
    }
    end(tx, &random, id, story, &ends, at.min(now)).await
}

struct Customer {
    name: Option<String>,
    language: &'static str,
    inbox: InboxId,
}

struct Ends {
    closed: bool,
    urgent: bool,
    agent: AgentId,
}

async fn begin(
    tx: &mut Tx,
    random: &Random,
    who: &Customer,
    story: &Story,
    at: UnixMs,
) -> Result<(ConversationId, UnixMs), CommandError> {
    let contact = Contact {
        id: ContactId(random.ulid(at)),
        name: who.name.clone(),
        email: None,
        phone: None,
        language: Some(who.language.to_owned()),
        time_zone: None,
        notes: String::new(),
        tags: Vec::new(),
        attributes: Default::default(),
        identities: Vec::new(),
        merged: Vec::new(),
        created_at: at,
    };
    let identity_id = IdentityId(random.ulid(at));
    let identity = Identity {
        id: identity_id,
        inbox_id: who.inbox,
        channel: Channel::Web,
        address: None,
        verified: false,
        stopped_at: None,
    };
    contacts::insert(tx, &contact).await?;
    contacts::insert_identity(tx, contact.id, &identity, &identity_id.to_string(), at).await?;
    let Line::Says(text) = &story.lines[0] else {
        return Err(CommandError::fault("filling the demo", "a story begins with the customer"));
    };
    let id = ConversationId(random.ulid(at));
    let source = Source {
        url: Some(format!("https://fjord-and-field.example{}", story.page)),
        title: Some("Fjord & Field".to_owned()),
        language: Some(who.language.to_owned()),
        ..Source::default()
    };
    let sender = Sender::Visitor { identity_id };
    let first = message(random, MessageKind::In, Author::Contact { id: contact.id }, text, at);
    let begin = Begin {
        id,
        contact_id: contact.id,
        identity_id,
        inbox_id: who.inbox,
        subject: None,
        language: Some(who.language.to_owned()),
        source,
        first,
        sender,
        attachment_ids: Vec::new(),
    };
    conversations::begin(tx, begin).await?;
    Ok((id, at))
}

async fn say(
    tx: &mut Tx,
    random: &Random,
    conversation_id: ConversationId,
    line: &Line,
    agent: AgentId,
    at: UnixMs,
) -> Result<(), CommandError> {
    let thread = conversations::load(tx, &Visibility::All, conversation_id).await?;
    let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
    let by_agent =
        || (Sender::Agent { id: agent, visibility: Visibility::All, access_position: 0 }, Author::Agent { id: agent });
    let (kind, text, (sender, author)) = match line {
        Line::Says(text) => {
            let author = Author::Contact { id: row.contact.id };
            (MessageKind::In, text, (Sender::Visitor { identity_id: row.identity_id }, author))
        }
        Line::Answers(text) => (MessageKind::Out, text, by_agent()),
        Line::Notes(text) => (MessageKind::Note, text, by_agent()),
    };
    let message = message(random, kind, author, text, at);
    let line_ids = std::array::from_fn(|_| MessageId(random.ulid(at)));
    append::append(tx, Append { conversation_id, sender, message, attachment_ids: Vec::new(), line_ids }).await?;
    Ok(())
}

fn message(random: &Random, kind: MessageKind, author: Author, text: &str, at: UnixMs) -> NewMessage {
    let id = MessageId(random.ulid(at));
    let client_id = Some(id.to_string());
    NewMessage {
        id,
        kind,
        author,
        at,
        text: text.to_owned(),
        attachments: Vec::new(),
        mail: None,
        client_id,
        answers: None,
        rich: None,
        quote: None,
        mentions: Vec::new(),
        seen: None,
    }
}

/// Who took it, what it was about, and whether it is over.
async fn end(
    tx: &mut Tx,
    random: &Random,
    id: ConversationId,
    story: &Story,
    ends: &Ends,
    at: UnixMs,
) -> Result<(), CommandError> {
    let thread = conversations::load(tx, &Visibility::All, id).await?;
    let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
    let answered = story.lines.len() > 1;
    let wanted = ConversationChange {
        status: ends.closed.then_some(Status::Closed),
        assignee: answered.then_some(Some(ends.agent)),
        tags: Some(vec![story.tag.to_owned()]),
        priority: ends.urgent.then_some(Priority::Urgent),
        ..ConversationChange::default()
    };
    let changed = change(&row, &wanted, at).map_err(|refusal| CommandError::fault("filling the demo", refusal))?;
    let mut line_id = || MessageId(random.ulid(at));
    let by = Author::Agent { id: ends.agent };
    let changed = conversations::change(tx, &row, changed, by, at, &mut line_id).await?;
    let row = changed.map_or(row, |changed| changed.conversation);
    if !answered {
        return Ok(());
    }
    // What was answered was read, by the team and by the customer.
    for n in 0..PEOPLE.len() {
        reads::advance(tx, agent_id(n), id, row.last_number).await?;
    }
    let seen = Some(row.last_number);
    let patch = ConversationPatch {
        staff_read_number: seen,
        delivered_number: seen,
        contact_read_number: seen.filter(|_| ends.closed),
        ..ConversationPatch::default()
    };
    conversations::change(tx, &row, Changed { patch, lines: Vec::new() }, by, at, &mut line_id).await?;
    Ok(())
}
