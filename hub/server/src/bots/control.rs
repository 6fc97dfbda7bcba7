//! The reins: the team blocks, unblocks and asks bots, visitors press their buttons and ask for a person.
//!
//! Every change is a line in the thread and an event. A block holds from the commit on: what the bot has under way goes
//! through the same writer and is looked at there.

use switchboard_domain::Visibility;
use switchboard_domain::bots::{PASS_MS, Standing};
use switchboard_domain::change::Changed;
use switchboard_protocol::bots::{BlockBot, BlockReason, BotBlock, ConversationBots, Keyboard};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Author, Conversation, ConversationPatch, MessageKind, Status, SystemLine};
use switchboard_protocol::{BotId, ConversationId, MessageId, Number, UnixMs};
use switchboard_store::bots::{load_rules, standings, updates};
use switchboard_store::{Tx, Written, conversations, messages};

use super::telling::{News, tell};
use crate::app::{App, Unasked};
use crate::caller::{Answer, May, Visitor};
use crate::error::CommandError;
use crate::ids::Random;

/// Why bots are to write no more, and for how long.
#[derive(Debug, Clone)]
pub(super) struct Shut {
    pub why: BlockReason,
    pub by: Author,
    /// None: until it is undone.
    pub until: Option<UnixMs>,
    /// In the words of whoever gave up.
    pub note: Option<String>,
}

/// Of so many lines before, the one is looked for that says why a bot was blocked.
const LINES_BACK: usize = 200;

/// The bot writes nothing here from now on, until then; none: until it is undone.
pub async fn block(
    app: &App,
    by: &May<Answer>,
    conversation_id: ConversationId,
    bot_id: BotId,
    BlockBot { until, put_back }: BlockBot,
) -> Result<Written<ConversationBots>, CommandError> {
    let now = app.clock.now();
    if until.is_some_and(|until| until <= now) {
        return Err(ApiError::field("until", "past", "This time has passed.").into());
    }
    if put_back.is_some_and(|began| began > now) {
        return Err(ApiError::field("put_back", "future", "This time has not come.").into());
    }
    // Who puts one back does block the bot, for the reason that there was.
    let line = SystemLine::BotBlocked { bot_id, why: BlockReason::Agent, until, note: None };
    let block = BotBlock { why: BlockReason::Agent, by: by.author(), at: now, until };
    change_from(app, by, conversation_id, bot_id, put_back, move |one, _row, _answered, stood| {
        let news = match stood {
            Some(stood) => one.put_back(BotBlock { until, ..stood }),
            None => one.shut(block, now),
        };
        news.then_some(line)
    })
    .await
}

/// Why a bot was blocked that was so since `began`, and by whom, as the thread says it. What is only made longer has no line
/// of its own: that it was made so holds since a later time.
async fn stood(tx: &mut Tx, row: &Conversation, bot_id: BotId, began: UnixMs) -> Result<BotBlock, CommandError> {
    for said in messages::load_last_lines(tx, row.id, "bot_blocked", LINES_BACK).await? {
        if let Some(SystemLine::BotBlocked { bot_id: of, why, .. }) = said.line
            && of == bot_id
            && said.at <= began
        {
            return Ok(BotBlock { why, by: said.author, at: began, until: None });
        }
    }
    let sentence = "What blocked the bot before is not known any more. Block it anew.";
    Err(ApiError::new(ErrorCode::Conflict, sentence).into())
}

/// The bot may write here again, also where somebody has answered meanwhile.
pub async fn unblock(
    app: &App,
    by: &May<Answer>,
    conversation_id: ConversationId,
    bot_id: BotId,
) -> Result<Written<ConversationBots>, CommandError> {
    let now = app.clock.now();
    change(app, by, conversation_id, bot_id, move |one, row, answered| {
        let line = SystemLine::BotUnblocked { bot_id, closed: false };
        // Also what was answered this moment, of which no row says anything yet.
        let kept_out = answered.is_some_and(|number| number > one.cleared_number);
        one.clear(row.last_number);
        (one.let_in(now) || kept_out).then_some(line)
    })
    .await
}

/// The bot is asked what the customer wrote last. It may answer once within [`PASS_MS`], whatever keeps it out.
pub async fn run_now(
    app: &App,
    by: &May<Answer>,
    conversation_id: ConversationId,
    bot_id: BotId,
) -> Result<Written<ConversationBots>, CommandError> {
    let now = app.clock.now();
    let written = change(app, by, conversation_id, bot_id, move |one, row, _answered| {
        // Only what a customer has written can be answered.
        let asked_already = one.pass_until.is_some_and(|until| until > now);
        if one.off || row.last_in_number == 0 || asked_already {
            return None;
        }
        one.pass_until = Some(now + PASS_MS);
        Some(SystemLine::BotAsked { bot_id })
    })
    .await?;
    Ok(written)
}

/// Changes how one bot stands, with the line that says so. It is told the number of the team's last answer.
async fn change(
    app: &App,
    by: &May<Answer>,
    conversation_id: ConversationId,
    bot_id: BotId,
    decide: impl FnOnce(&mut Standing, &Conversation, Option<Number>) -> Option<SystemLine> + Send + 'static,
) -> Result<Written<ConversationBots>, CommandError> {
    let decide = move |one: &mut Standing, row: &Conversation, answered, _| decide(one, row, answered);
    change_from(app, by, conversation_id, bot_id, None, decide).await
}

/// The same, told what kept the bot out since `began`.
async fn change_from(
    app: &App,
    by: &May<Answer>,
    conversation_id: ConversationId,
    bot_id: BotId,
    began: Option<UnixMs>,
    decide: impl FnOnce(&mut Standing, &Conversation, Option<Number>, Option<BotBlock>) -> Option<SystemLine>
    + Send
    + 'static,
) -> Result<Written<ConversationBots>, CommandError> {
    let (now, random, author, visibility) = (app.clock.now(), app.random.clone(), by.author(), by.visibility.clone());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let thread = conversations::load(tx, &visibility, conversation_id).await?;
            let thread = thread.ok_or_else(|| CommandError::not_found("conversation"))?;
            let mut all = standings::load(tx, &thread.conversation).await?;
            let rules = load_rules(tx, thread.conversation.inbox_id).await?;
            let answered = standings::answered(tx, &thread, &all, &rules, now).await?;
            let row = thread.conversation;
            let one = all.iter_mut().find(|one| one.id() == bot_id);
            let one = one.ok_or_else(|| CommandError::not_found("bot in this conversation"))?;
            let stood = match began {
                Some(began) => Some(stood(tx, &row, bot_id, began).await?),
                None => None,
            };
            // With what is put back the customer may wait for a person again.
            let wants_person = stood.as_ref().is_some_and(|stood| match stood.why {
                BlockReason::Asked | BlockReason::HandedOver => true,
                BlockReason::Silent | BlockReason::Failing => row.waiting_since.is_some(),
                _ => false,
            });
            let (before, line) = (one.clone(), decide(one, &row, answered, stood));
            if *one != before {
                standings::save(tx, &row, &all, now).await?;
            }
            if let Some(line) = line {
                let asked = matches!(line, SystemLine::BotAsked { .. });
                if asked || matches!(line, SystemLine::BotUnblocked { .. }) {
                    // It is to hear now what its webhook has failed to take, not when that would be tried again.
                    updates::try_now(tx, bot_id, Some(row.id), now).await?;
                }
                if wants_person {
                    left_to_people(tx, &row, vec![line], author, now, &random).await?;
                } else {
                    say(tx, &row, vec![line], author, now, &random).await?;
                }
                if asked {
                    owes(tx, &row, bot_id, now).await?;
                    all = standings::load(tx, &row).await?;
                }
            }
            Ok(standings::shown(tx, &row, &all, now).await?)
        })
    })
    .await
}

/// Puts lines into the thread.
pub(super) async fn say(
    tx: &mut Tx,
    row: &Conversation,
    lines: Vec<SystemLine>,
    by: Author,
    now: UnixMs,
    random: &Random,
) -> Result<(), CommandError> {
    // Who is let in answers, and no person has to.
    let answers = row.asked_person && lines.iter().any(|line| matches!(line, SystemLine::BotUnblocked { .. }));
    let patch = ConversationPatch { asked_person: answers.then_some(false), ..ConversationPatch::default() };
    change_row(tx, row, Changed { patch, lines }, by, now, random).await
}

async fn change_row(
    tx: &mut Tx,
    row: &Conversation,
    changed: Changed,
    by: Author,
    now: UnixMs,
    random: &Random,
) -> Result<(), CommandError> {
    let mut line_id = || MessageId(random.ulid(now));
    conversations::change(tx, row, changed, by, now, &mut line_id).await?;
    Ok(())
}

/// No bot writes here any more; of how many that is news. One that is off is out as well, without a word, for when it is
/// switched on; but who was asked and then went off has not answered.
pub(super) async fn shut_all(
    tx: &mut Tx,
    row: &Conversation,
    shut: &Shut,
    now: UnixMs,
    random: &Random,
) -> Result<usize, CommandError> {
    shut_some(tx, row, shut, |_| true, now, random).await
}

/// The same for one.
pub(super) async fn shut_one(
    tx: &mut Tx,
    row: &Conversation,
    bot_id: BotId,
    shut: &Shut,
    now: UnixMs,
    random: &Random,
) -> Result<usize, CommandError> {
    shut_some(tx, row, shut, |one| one.id() == bot_id, now, random).await
}

async fn shut_some(
    tx: &mut Tx,
    row: &Conversation,
    shut: &Shut,
    which: impl Fn(&Standing) -> bool,
    now: UnixMs,
    random: &Random,
) -> Result<usize, CommandError> {
    let mut all = standings::load(tx, row).await?;
    let before = all.clone();
    let mut lines = Vec::new();
    for one in all.iter_mut().filter(|one| which(one)) {
        let silently = one.off && one.due_at.is_none();
        let block = BotBlock { why: shut.why, by: shut.by, at: now, until: shut.until };
        if one.shut(block, now) && !silently {
            // Its own deliveries: what the hub ends (a loop) is no fault of theirs.
            one.bot.failing = shut.why == BlockReason::Failing && shut.by == Author::Bot { id: one.id() };
            let note = shut.note.clone();
            lines.push(SystemLine::BotBlocked { bot_id: one.id(), why: shut.why, until: shut.until, note });
        }
    }
    let count = lines.len();
    if all != before {
        standings::save(tx, row, &all, now).await?;
    }
    say(tx, row, lines, shut.by, now, random).await?;
    Ok(count)
}

/// The visitor wants to talk to a person: no bot is asked here until the case is closed. The team reads so once, also where
/// the bots were out before.
pub async fn ask_human(
    app: &App,
    visitor: Visitor,
    conversation_id: ConversationId,
) -> Result<Written<()>, CommandError> {
    let (now, random) = (app.clock.now(), app.random.clone());
    app.write_unasked(Unasked::Visitor, move |tx| {
        Box::pin(async move {
            let row = own(tx, visitor, conversation_id).await?;
            if row.asked_person {
                return Ok(());
            }
            if row.status == Status::Closed {
                let sentence = "This conversation is closed. Write to open it again.";
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            let by = Author::Contact { id: row.contact.id };
            let shut = Shut { why: BlockReason::Asked, by, until: None, note: None };
            let said = shut_all(tx, &row, &shut, now, &random).await? > 0;
            // With the lines that were just written.
            let row = own(tx, visitor, conversation_id).await?;
            // Where that keeps nobody out the team reads it all the same.
            let lines = if said { Vec::new() } else { vec![SystemLine::AskedPerson] };
            left_to_people(tx, &row, lines, by, now, &random).await
        })
    })
    .await
}

/// The customer waits for a person again: who came back when the case was closed is out again.
pub(crate) async fn keep_out(
    tx: &mut Tx,
    id: ConversationId,
    now: UnixMs,
    random: &Random,
) -> Result<(), CommandError> {
    let Some(thread) = conversations::load(tx, &Visibility::All, id).await? else { return Ok(()) };
    let row = thread.conversation;
    let by = Author::Contact { id: row.contact.id };
    shut_all(tx, &row, &Shut { why: BlockReason::Asked, by, until: None, note: None }, now, random).await?;
    Ok(())
}

/// From now on the customer waits for a person, until the case is closed or a bot is let in again.
pub(super) async fn left_to_people(
    tx: &mut Tx,
    row: &Conversation,
    lines: Vec<SystemLine>,
    by: Author,
    now: UnixMs,
    random: &Random,
) -> Result<(), CommandError> {
    let asked_person = (!row.asked_person && row.status != Status::Closed).then_some(true);
    let patch = ConversationPatch { asked_person, ..ConversationPatch::default() };
    change_row(tx, row, Changed { patch, lines }, by, now, random).await
}

async fn own(tx: &mut Tx, visitor: Visitor, id: ConversationId) -> Result<Conversation, CommandError> {
    let thread = conversations::load_for_identity(tx, visitor.identity_id, id).await?;
    Ok(thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation)
}

/// The visitor presses a button; `stood`: what they read on it.
pub async fn press(
    app: &App,
    visitor: Visitor,
    conversation_id: ConversationId,
    number: Number,
    place: (u32, u32),
    stood: Option<String>,
) -> Result<Written<()>, CommandError> {
    let (now, random) = (app.clock.now(), app.random.clone());
    let written = app.write_unasked(Unasked::Visitor, move |tx| {
        Box::pin(async move {
            let row = own(tx, visitor, conversation_id).await?;
            let by = Author::Contact { id: row.contact.id };
            let thread = conversations::load(tx, &Visibility::All, row.id).await?.ok_or_else(gone)?;
            let (bot_id, text) = button(tx, &row, number, place).await?.ok_or_else(gone)?;
            // What stands there now may say something else than what was pressed.
            if stood.is_some_and(|stood| stood != text) || !standings::may_write(tx, bot_id, &thread, now).await? {
                return Err(gone());
            }
            let at = (place.0 as usize, place.1 as usize);
            pressed(tx, &row, Press { bot_id, number, at, text, by }, now, &random).await
        })
    });
    written.await
}

/// A button that a customer has pressed, or named.
pub(super) struct Press {
    pub bot_id: BotId,
    /// Of the message.
    pub number: Number,
    /// Row and column.
    pub at: (usize, usize),
    pub text: String,
    pub by: Author,
}

/// Puts the press into the thread and into the bot's queue, by the buttons as they are in this transaction. The bot is given it
/// when everything before it in the feed has been looked at, and is called then.
pub(super) async fn pressed(
    tx: &mut Tx,
    row: &Conversation,
    press: Press,
    now: UnixMs,
    random: &Random,
) -> Result<(), CommandError> {
    let Press { bot_id, number, at: (at, column), text, by } = press;
    let line = SystemLine::Pressed { number, row: at as u32, column: column as u32, text };
    let mut line_id = || MessageId(random.ulid(now));
    let said = Changed { patch: ConversationPatch::default(), lines: vec![line] };
    let Some(said) = conversations::change(tx, row, said, by, now, &mut line_id).await? else { return Ok(()) };
    let Some(line) = said.lines.first().map(|line| line.number) else { return Ok(()) };
    let news = News::Pressed { line, number, row: at, column };
    if tell(tx, bot_id, row, news, said.position, now).await? {
        owes(tx, row, bot_id, now).await?;
    }
    Ok(())
}

/// The bot has been asked something, and has its inbox's time to answer.
pub(super) async fn owes(tx: &mut Tx, row: &Conversation, bot_id: BotId, now: UnixMs) -> Result<(), CommandError> {
    let mut all = standings::load(tx, row).await?;
    let inbox = load_rules(tx, row.inbox_id).await?;
    if let Some(one) = all.iter_mut().find(|one| one.id() == bot_id && one.bot.asked_at.is_none()) {
        one.ask(&inbox, now);
        standings::save(tx, row, &all, now).await?;
    }
    Ok(())
}

/// The bot behind a button that can be pressed, and what stands on it.
async fn button(
    tx: &mut Tx,
    row: &Conversation,
    number: Number,
    (at, column): (u32, u32),
) -> Result<Option<(BotId, String)>, CommandError> {
    let Some(message) = messages::load_at(tx, row.id, number).await? else { return Ok(None) };
    let (MessageKind::Out, Author::Bot { id }) = (message.kind, message.author) else { return Ok(None) };
    let Some(Keyboard::Inline { rows }) = message.rich.and_then(|rich| rich.keyboard) else { return Ok(None) };
    let button = rows.get(at as usize).and_then(|buttons| buttons.get(column as usize));
    Ok(button.filter(|button| button.url.is_none()).map(|button| (id, button.text.clone())))
}

fn gone() -> CommandError {
    let sentence = "This button no longer does anything. Write what you want instead.";
    ApiError::new(ErrorCode::Conflict, sentence).into()
}
