//! Plays the demo's scenes: what comes in takes the way that it takes from a connector, and what goes out is as it is once its
//! channel has it. Nothing leaves the hub.
//!
//! How far it has come is counted in a setting; a scene that was broken off is played again, and what is there of it stays once.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use switchboard_connector::{
    Automatic, File, Happened, Incoming, IncomingMessage, Origin, Person, Progress, Reached, Thread,
};
use switchboard_domain::Visibility;
use switchboard_domain::change::change;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{
    Author, Channel, Conversation, Delivery, MailAddress, MessageKind, MessageMail, Status,
};
use switchboard_protocol::{ConversationId, MessageId, UnixMs};
use switchboard_store::channels::Setup;
use switchboard_store::{
    Append, Sender, Tx, append, channels, contacts, conversations, outbox, people, reads, references, settings,
};

use super::channels::{ADDRESS, set_up};
use super::scenes::{SCENES, Scene, Step, TWICE};
use super::{PEOPLE, agent_id, inbox_id, message};
use crate::app::{App, Unasked};
use crate::commands::ingest;
use crate::error::CommandError;
use crate::ids::Random;

/// How many scenes have been played.
const PROGRESS: &str = "demo_scenes";
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Base64 in a mail, characters of a line.
const LINE: usize = 76;

const PICTURES: [(&str, &[u8]); 5] = [
    ("jacket-green.png", include_bytes!("pictures/jacket-green.png")),
    ("jacket-blue.png", include_bytes!("pictures/jacket-blue.png")),
    ("jacket-rust.png", include_bytes!("pictures/jacket-rust.png")),
    ("pack.png", include_bytes!("pictures/pack.png")),
    ("pot.png", include_bytes!("pictures/pot.png")),
];

fn picture(name: &str) -> &'static [u8] {
    PICTURES.iter().find(|(known, _)| *known == name).map_or(&[], |(_, bytes)| bytes)
}

/// Those that have not been played yet.
pub async fn all(app: &App) -> Result<(), CommandError> {
    let done = match settings::find(&app.store, PROGRESS).await? {
        Some(done) => done.parse().unwrap_or(SCENES.len()),
        None => {
            let now = app.clock.now();
            app.write_unasked(Unasked::Hub, move |tx| Box::pin(async move { set_up(tx, now).await })).await?;
            0
        }
    };
    for (n, scene) in SCENES.iter().enumerate().skip(done) {
        Play { app, scene, n, begun: app.clock.now() - scene.ago * MINUTE_MS }.whole().await?;
        let is_last = n + 1 == SCENES.len();
        app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move {
                if is_last {
                    one_person(tx).await?;
                }
                settings::set(tx, PROGRESS, &(n + 1).to_string()).await?;
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}

/// The team has found out that two cards are one person's.
async fn one_person(tx: &mut Tx) -> Result<(), CommandError> {
    let mut cards = Vec::new();
    for (inbox, key) in TWICE {
        cards.extend(contacts::load_identity_by_key(tx, inbox_id(inbox), key).await?.map(|known| known.contact_id));
    }
    if let [top, part] = cards[..]
        && people::top(tx, part).await? != top
    {
        let at = contacts::load(tx, &Visibility::All, part).await?.map_or(0, |card| card.created_at);
        people::merge(tx, top, part, Some(agent_id(0)), at).await?;
    }
    Ok(())
}

struct Play<'a> {
    app: &'a App,
    scene: &'static Scene,
    n: usize,
    begun: UnixMs,
}

impl Play<'_> {
    async fn whole(&self) -> Result<(), CommandError> {
        let setup = channels::find(&self.app.store, inbox_id(self.scene.inbox)).await?;
        let setup = Arc::new(setup.ok_or_else(|| CommandError::not_found("inbox"))?);
        for (at_step, step) in self.scene.steps.iter().enumerate() {
            let at = self.begun + at_step as i64 * self.scene.pause * MINUTE_MS;
            match step {
                Step::Answers(text) => self.writes(MessageKind::Out, text, at_step, at).await?,
                Step::Notes(text) => self.writes(MessageKind::Note, text, at_step, at).await?,
                _ => drop(ingest::take(self.app, &setup, self.comes(&setup, step, at_step, at)).await?),
            }
        }
        let (scene, random) = (self.scene, Random::seeded(self.seed(self.scene.steps.len())));
        let at = self.begun + scene.steps.len() as i64 * scene.pause * MINUTE_MS;
        self.app
            .write_unasked(Unasked::Hub, move |tx| Box::pin(async move { end(tx, scene, &random, at).await }))
            .await?;
        Ok(())
    }

    fn seed(&self, step: usize) -> u64 {
        1_000_000 + (self.n * 1_000 + step) as u64
    }

    /// By which the last answer of this scene is known to its channel.
    fn answered(&self) -> String {
        let last = self.scene.steps.iter().rposition(|step| matches!(step, Step::Answers(_)));
        name(self.n, last.unwrap_or_default())
    }

    /// What a connector would hand in.
    fn comes(&self, setup: &Setup, step: &Step, at_step: usize, at: UnixMs) -> Vec<Incoming> {
        let key = format!("demo {} {at_step}", self.n);
        match step {
            Step::Mail(raw) => {
                let raw = self.filled(raw, at);
                let mut items = switchboard_email::read(raw.as_bytes(), ADDRESS, Some(at));
                for item in &mut items {
                    item.key.clone_from(&key);
                }
                items
            }
            Step::Writes(text, pictures) => {
                let what = Happened::Message(Box::new(self.message(&key, text, pictures)));
                vec![Incoming { key, at, what }]
            }
            Step::Album(text, pictures) => {
                let part = |(place, picture): (usize, &&'static str)| {
                    let key = format!("{key} {place}");
                    let text = if place == 0 { text } else { "" };
                    let message = Box::new(self.message(&key, text, &[picture]));
                    Incoming { key, at, what: Happened::Part { whole: format!("demo album {}", self.n), message } }
                };
                pictures.iter().enumerate().map(part).collect()
            }
            Step::Returns(why) => {
                let recipient = (setup.channel == Channel::Email).then(|| self.scene.who.key.to_owned());
                let reached = Reached::Failed { why: (*why).to_owned() };
                let what = Happened::Progress(Progress { reference: self.answered(), recipient, reached });
                vec![Incoming { key, at, what }]
            }
            Step::Answers(_) | Step::Notes(_) => Vec::new(),
        }
    }

    fn filled(&self, raw: &str, at: UnixMs) -> String {
        let mut pot = STANDARD.encode(picture("pot.png"));
        for line in (1..=pot.len() / LINE).rev() {
            pot.insert(line * LINE, '\n');
        }
        raw.replace("{{answered}}", &self.answered())
            .replace("{{tomorrow}}", &day(at + DAY_MS))
            .replace("{{pot.png}}", &pot)
    }

    fn message(&self, key: &str, text: &str, pictures: &[&str]) -> IncomingMessage {
        let who = &self.scene.who;
        let file =
            |name: &&str| File { name: (*name).to_owned(), bytes: Bytes::from_static(picture(name)), content_id: None };
        IncomingMessage {
            from: Person {
                key: who.key.to_owned(),
                address: Some(who.address.unwrap_or(who.key).to_owned()),
                name: who.name.map(str::to_owned),
                language: who.language.map(str::to_owned),
            },
            text: text.to_owned(),
            whole_text: None,
            html: None,
            files: pictures.iter().map(file).collect(),
            references: vec![key.to_owned()],
            answers: None,
            quote: None,
            thread: Thread::Person,
            automatic: Automatic::No,
            mail: None,
            consent: None,
            origin: Origin::default(),
        }
    }

    async fn writes(&self, kind: MessageKind, text: &'static str, step: usize, at: UnixMs) -> Result<(), CommandError> {
        let (scene, n, random) = (self.scene, self.n, Random::seeded(self.seed(step)));
        self.app
            .write_unasked(Unasked::Hub, move |tx| {
                Box::pin(async move {
                    let row = conversation(tx, scene).await?;
                    let new = Written { kind, text, name: name(n, step), agent: scene.agent };
                    write(tx, &random, &row, new, at).await
                })
            })
            .await?;
        Ok(())
    }
}

struct Written {
    kind: MessageKind,
    text: &'static str,
    /// By which its channel knows it.
    name: String,
    agent: usize,
}

/// Writes for an agent; an answer is with its channel at once, since nothing of it is to go out.
async fn write(tx: &mut Tx, random: &Random, row: &Conversation, new: Written, at: UnixMs) -> Result<(), CommandError> {
    let id = agent_id(new.agent);
    let mut message = message(random, new.kind, Author::Agent { id }, new.text, at);
    message.client_id = Some(new.name.clone());
    let is_answer = new.kind == MessageKind::Out;
    if is_answer && row.channel == Channel::Email {
        message.mail = Some(Box::new(head(row)));
    }
    let sender = Sender::Agent { id, visibility: Visibility::All, access_position: 0 };
    let line_ids = std::array::from_fn(|_| MessageId(random.ulid(at)));
    let into = Append { conversation_id: row.id, sender, message, attachment_ids: Vec::new(), line_ids };
    let written = append::append(tx, into).await?;
    if is_answer && !written.repeated {
        let reached = if row.channel == Channel::Sms { Delivery::Delivered } else { Delivery::Sent };
        outbox::progress(tx, written.message.id, reached, None, at).await?;
        references::add(tx, row.inbox_id, written.message.id, &[new.name]).await?;
    }
    Ok(())
}

fn head(row: &Conversation) -> MessageMail {
    let to = row
        .contact
        .address
        .iter()
        .map(|address| MailAddress { name: row.contact.name.clone(), address: address.clone() });
    let subject = format!("Re: {} [{}]", row.subject.as_deref().unwrap_or_default(), row.case_number);
    MessageMail { subject, to: to.collect(), ..MessageMail::default() }
}

/// Who took it, what it was about, and whether it is over; what was answered was read.
async fn end(tx: &mut Tx, scene: &Scene, random: &Random, at: UnixMs) -> Result<(), CommandError> {
    let row = conversation(tx, scene).await?;
    let wanted = ConversationChange {
        status: scene.closed.then_some(Status::Closed),
        assignee: Some(Some(agent_id(scene.agent))),
        tags: Some(vec![scene.tag.to_owned()]),
        ..ConversationChange::default()
    };
    let changed = change(&row, &wanted, at).map_err(|refusal| CommandError::fault("filling the demo", refusal))?;
    let by = Author::Agent { id: agent_id(scene.agent) };
    let mut line_id = || MessageId(random.ulid(at));
    conversations::change(tx, &row, changed, by, at, &mut line_id).await?;
    let is_unread = matches!(scene.steps.last(), Some(Step::Mail(_) | Step::Writes(..) | Step::Album(..)));
    if scene.closed || !is_unread {
        for n in 0..PEOPLE.len() {
            reads::advance(tx, agent_id(n), row.id, row.last_number).await?;
        }
    }
    Ok(())
}

/// The one that this scene has begun.
async fn conversation(tx: &mut Tx, scene: &Scene) -> Result<Conversation, CommandError> {
    let none = || CommandError::not_found("conversation");
    let known = contacts::load_identity_by_key(tx, inbox_id(scene.inbox), scene.who.key).await?.ok_or_else(none)?;
    let id: ConversationId = conversations::running(tx, known.identity.id).await?.ok_or_else(none)?;
    let thread = conversations::load(tx, &Visibility::All, id).await?.ok_or_else(none)?;
    Ok(thread.conversation)
}

/// Of the answer that is this step.
fn name(scene: usize, step: usize) -> String {
    format!("answer.{scene}.{step}@demo.example")
}

/// As a calendar writes it.
fn day(at: UnixMs) -> String {
    jiff::Timestamp::from_millisecond(at).map(|at| at.strftime("%Y%m%d").to_string()).unwrap_or_default()
}
