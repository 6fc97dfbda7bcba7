//! A message as its connector is handed it, put together from what is committed.

use bytes::Bytes;
use switchboard_connector::{Capabilities, MailOut, OutFile, Outgoing, Recipient};
use switchboard_domain::Visibility;
use switchboard_domain::bots::spoken;
use switchboard_protocol::MessageId;
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::model::{Author, Channel, Conversation, Message};
use switchboard_store::bodies::{self, Body};
use switchboard_store::channels::Setup;
use switchboard_store::contacts::{self, Reach};
use switchboard_store::outbox::Claimed;
use switchboard_store::{Tx, agents, bots, conversations, messages, references};

use super::recipient;
use crate::app::{App, Unasked};
use crate::error::CommandError;

/// Longest chain of references that an answer carries: the first and the newest count for threading.
const CHAIN: i64 = 20;

/// Longest Message-ID of somebody else's that the hub repeats by itself, characters.
const NAME_CHARS: usize = 200;

/// What agents read of a message to somebody who has said STOP.
const STOPPED: &str = "This customer has asked not to be written to (STOP).";
const BLOCKED: &str = "This customer has blocked the bot.";
const GONE: &str = "The message or its conversation is gone.";
const FILES: &str = "This channel cannot carry so many or so large files. Send them in another way.";

/// What is read in one transaction.
struct Committed {
    message: Message,
    conversation: Conversation,
    reach: Reach,
    /// In the channel's own spelling.
    to: String,
    body: Option<Body>,
    chain: Vec<String>,
    /// By which the channel knows what the message answers.
    answers: Vec<String>,
    author: Option<String>,
}

/// The message; or why it never can go out, for the agent.
pub async fn build(
    app: &App,
    setup: &Setup,
    carries: &Capabilities,
    claimed: &Claimed,
) -> Result<Result<Outgoing, &'static str>, CommandError> {
    let (one, by_name) = (*claimed, setup.channel == Channel::Email);
    let ours = match &setup.settings {
        ChannelSettings::Email(email) => Some(email.address.clone()),
        ChannelSettings::Sms(_) | ChannelSettings::Telegram(_) | ChannelSettings::Gateway(_) => None,
    };
    let read =
        app.write_unasked(Unasked::Channel, move |tx| Box::pin(async move { read(tx, &one, ours.as_deref()).await }));
    let Some(read) = read.await?.value else { return Ok(Err(GONE)) };
    if read.reach.stopped_at.is_some() {
        return Ok(Err(if setup.channel == Channel::Telegram { BLOCKED } else { STOPPED }));
    }
    let attached = &read.message.attachments;
    // Before their bytes are read; and not left out, or the agent would take them for sent.
    let bytes: i64 = attached.iter().map(|file| file.bytes).sum();
    if !attached.is_empty() && (attached.len() > carries.files as usize || bytes > carries.file_bytes) {
        return Ok(Err(FILES));
    }
    let mut files = Vec::with_capacity(read.message.attachments.len());
    for file in &read.message.attachments {
        let address = app.media_address(setup.channel, file.id);
        // What is fetched there need not be read here.
        let bytes = if address.is_some() { Bytes::new() } else { app.files.bytes(file.id).await? };
        files.push(OutFile { name: file.name.clone(), media_type: file.media_type.clone(), bytes, address });
    }
    // What the hub sends by itself has not a word of somebody else's in it: anybody can give anybody's address.
    let name = read.conversation.contact.name.clone().filter(|_| read.message.author != Author::System);
    let mail = by_name.then(|| mail(app, setup, claimed, &read));
    let said = read.message.text;
    // What bots write has its formatting and buttons apart.
    let (text, html) = match &read.message.rich {
        Some(rich) => (spoken::plain(&said, rich), carries.rich_text.then(|| spoken::html(&said, rich))),
        None => (said, read.body.and_then(|body| body.html)),
    };
    Ok(Ok(Outgoing {
        message_id: claimed.message_id,
        conversation_id: claimed.conversation_id,
        at: read.message.at,
        queued_at: claimed.queued_at,
        to: Recipient { key: read.to, name },
        text,
        html,
        files,
        answers: read.answers,
        mail,
    }))
}

/// `ours` is a mailbox's address.
async fn read(tx: &mut Tx, claimed: &Claimed, ours: Option<&str>) -> Result<Option<Committed>, CommandError> {
    let Some(message) = messages::load(tx, claimed.message_id).await? else { return Ok(None) };
    if message.deleted_at.is_some() {
        return Ok(None);
    }
    let Some(thread) = conversations::load(tx, &Visibility::All, claimed.conversation_id).await? else {
        return Ok(None);
    };
    let conversation = thread.conversation;
    let Some(reach) = contacts::load_reach(tx, conversation.identity_id).await? else { return Ok(None) };
    let to = match ours {
        Some(ours) => recipient::of(tx, &message, ours).await?,
        None => None,
    };
    let to = to.unwrap_or_else(|| reach.provider_key.clone());
    if ours.is_some() {
        messages::goes_to(tx, message.id, &to).await?;
    }
    let author = match message.author {
        Author::Agent { id } => agents::load_shown_name(tx, id).await?,
        Author::Bot { id } => bots::load(tx, id).await?.map(|bot| bot.name),
        Author::Contact { .. } | Author::System => None,
    };
    let body = bodies::load(tx, claimed.message_id).await?;
    let chain = references::chain(tx, claimed.conversation_id, message.number, CHAIN).await?;
    let answers = match message.answers {
        Some(number) => references::names_of(tx, claimed.conversation_id, number).await?,
        None => Vec::new(),
    };
    Ok(Some(Committed { message, conversation, reach, to, body, chain, answers, author }))
}

/// The names by which others will speak of it, of those that are ours to give.
pub fn names(setup: &Setup, claimed: &Claimed) -> Vec<String> {
    match setup.channel {
        Channel::Email => vec![own_name(setup, claimed.message_id)],
        // The id that its templates may hand to it, and that its reports then name.
        Channel::Gateway => vec![claimed.message_id.to_string()],
        Channel::Web | Channel::Api | Channel::Sms | Channel::Telegram => Vec::new(),
    }
}

/// By which our own mails are known, the same at each try. The domain is the mailbox's, whose mail server vouches for it.
pub fn own_name(setup: &Setup, message_id: MessageId) -> String {
    format!("{}@{}", message_id.to_string().to_lowercase(), domain(setup))
}

fn domain(setup: &Setup) -> &str {
    match &setup.settings {
        ChannelSettings::Email(email) => email.address.rsplit('@').next().unwrap_or_default(),
        ChannelSettings::Sms(_) | ChannelSettings::Telegram(_) | ChannelSettings::Gateway(_) => "",
    }
}

/// Whether a mail's name is one of [`own_name`]'s making.
fn is_own_name(setup: &Setup, name: &str) -> bool {
    let id = name.strip_suffix(domain(setup)).and_then(|id| id.strip_suffix('@'));
    id.is_some_and(|id| id.to_ascii_uppercase().parse::<MessageId>().is_ok())
}

/// Whether it is a Message-ID as programs make them, and no text that somebody would have us send.
fn is_a_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "@._+=$-".contains(c);
    name.len() <= NAME_CHARS && name.matches('@').count() == 1 && name.chars().all(fits)
}

fn mail(app: &App, setup: &Setup, claimed: &Claimed, read: &Committed) -> MailOut {
    let said = read.message.mail.as_deref();
    let subject = said.map(|mail| mail.subject.clone()).filter(|subject| !subject.is_empty());
    let addresses =
        |list: &[switchboard_protocol::model::MailAddress]| list.iter().map(|one| one.address.clone()).collect();
    let own = own_name(setup, claimed.message_id);
    let by_itself = read.message.author == Author::System;
    // It acknowledges the mail that has begun the conversation (RFC 3834, section 3.1.6), which nobody else had a word in.
    let begins = read.message.number == 2;
    MailOut {
        from_name: match &read.author {
            Some(author) => format!("{author} ({})", setup.inbox_name),
            None => setup.inbox_name.clone(),
        },
        subject: subject.unwrap_or_else(|| answering(&read.conversation)),
        cc: said.map(|mail| addresses(&mail.cc)).unwrap_or_default(),
        bcc: said.map(|mail| addresses(&mail.bcc)).unwrap_or_default(),
        reply_to: said.and_then(|mail| mail.reply_to.clone()),
        references: read
            .chain
            .iter()
            .filter(|name| **name != own && (!by_itself || is_own_name(setup, name) || begins && is_a_name(name)))
            .cloned()
            .collect(),
        message_id: own,
        reply_token: app.reply_key.sign(claimed.conversation_id),
        automatic: matches!(read.message.author, Author::Bot { .. } | Author::System),
    }
}

/// With the case number, by which an answer finds its way when all else is lost; once, however often it is answered.
fn answering(conversation: &Conversation) -> String {
    let case = &conversation.case_number;
    match &conversation.subject {
        Some(subject) => format!("Re: {subject} [{case}]"),
        None => format!("[{case}]"),
    }
}
