//! Looks through the feed for what bots are to hear: who is asked, what keeps them out, what brings them back.
//!
//! Reads the feed on from a place that is kept in the store. What it decides and the place are written in one transaction, and
//! only if the place is still where it was: each event counts once, whatever dies in between and however many hubs try. Where
//! no inbox has a bot the feed is not read.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use switchboard_domain::bots::spoken;
use switchboard_domain::bots::{self as rules, Asking, Standing};
use switchboard_domain::{Visibility, thread::Thread};
use switchboard_protocol::agent::{AgentEvent, AgentServerFrame};
use switchboard_protocol::bots::{BlockReason, BotAnswers, BotBlock, BotRules};
use switchboard_protocol::limits::BUTTON_CHARS;
use switchboard_protocol::model::{Author, Channel, Conversation, Message, MessageKind, Place, Status, SystemLine};
use switchboard_protocol::{BotId, ConversationId, InboxId, Number, Position, UnixMs};
use switchboard_store::bots::{self as rows, standings, updates};
use switchboard_store::{Audience, CommittedEvent, Tx, Written, conversations, feed, inboxes, messages};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::control::{self, Press, say};
use super::telling::{News, tell};
use super::writing::show_typing;
use crate::app::{Shared, Unasked};
use crate::channels::pause;
use crate::error::CommandError;
use crate::ids::Random;

/// Events looked at together.
const AT_ONCE: usize = 200;
/// It is looked so often, if nothing is heard of the feed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The place is written at the latest when so many events have passed that concern no bot.
const UNWRITTEN: Position = 1_000;

/// So far into an event its word is looked for, bytes.
const HEAD: usize = 120;

/// Events that bots may hear of, by the word that they have in the feed.
const KINDS: [&str; 4] = ["conversation_created", "message_created", "message_changed", "conversation_changed"];

pub(super) async fn run(app: &Shared, over: &CancellationToken) {
    let mut moved = app.feed.moved();
    let mut set_up = app.bots.set_up.subscribe();
    let mut looking = Looking::default();
    while !over.is_cancelled() {
        match looking.step(app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "bots will be asked later: the feed cannot be looked through");
                looking = Looking::default();
                pause(over, LOOK_EVERY).await;
            }
        }
        tokio::select! {
            () = over.cancelled() => return,
            _ = moved.changed() => {}
            _ = set_up.changed() => looking.looked_at = None,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// How far the feed has been looked through.
#[derive(Default)]
struct Looking {
    /// As the store has it, once that was read.
    written: Option<Position>,
    /// Everything up to here concerns no bot or has been done.
    read: Position,
    /// Something among the events up to here cannot be done: they are looked at one by one.
    careful: Option<Position>,
    inboxes: HashSet<InboxId>,
    /// When those were read.
    looked_at: Option<Instant>,
}

impl Looking {
    /// Looks at the next events. Whether there may be more.
    async fn step(&mut self, app: &Shared) -> Result<bool, CommandError> {
        if self.looked_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            self.look_at_inboxes(app).await?;
        }
        if self.inboxes.is_empty() {
            (self.written, self.careful) = (None, None);
            return Ok(false);
        }
        let written = match self.written {
            Some(written) => written,
            None => {
                let Some(written) = updates::place(&app.store).await? else { return Ok(false) };
                (self.written, self.read) = (Some(written), written);
                written
            }
        };
        self.careful = self.careful.filter(|upto| self.read < *upto);
        let at_once = if self.careful.is_some() { 1 } else { AT_ONCE };
        let events = match feed::next(&app.store, self.read, at_once).await? {
            feed::Next::Events { events, .. } => events,
            feed::Next::Forgotten { floor, .. } => {
                tracing::warn!(
                    from = self.read,
                    to = floor,
                    "bots were not asked for longer than events are kept: what customers wrote in between they do not hear"
                );
                self.read = floor;
                return Ok(true);
            }
        };
        let Some(last) = events.last().map(|event| event.position) else { return Ok(false) };
        let more = events.len() == at_once;
        // Bots that came meanwhile hear what comes after them.
        if events.iter().any(|event| is_of(event, &["bot_changed"])) {
            self.look_at_inboxes(app).await?;
        }
        let inboxes = &self.inboxes;
        let found: Vec<Found> = events.iter().filter_map(|event| Found::of(event, inboxes)).collect();
        if found.is_empty() && last - written < UNWRITTEN {
            self.read = last;
            return Ok(more);
        }
        let round = Round {
            now: app.clock.now(),
            random: app.random.clone(),
            nobody_online: !app.presence.team_online(),
            told: BTreeSet::new(),
            quiet: Vec::new(),
        };
        let done = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move {
                if !updates::advance(tx, Some(written), last).await? {
                    return Ok(None);
                }
                let mut round = round;
                for one in found {
                    round.look(tx, one).await?;
                }
                Ok(Some((round.told, round.quiet)))
            })
        });
        let (told, quiet) = match done.await {
            Ok(Written { value: Some(done), .. }) => done,
            Ok(Written { value: None, .. }) => {
                // Another hub is at it.
                *self = Self::default();
                return Ok(true);
            }
            Err(error) if for_good(&error) && self.careful.is_some() => {
                tracing::error!(%error, position = last, "no bot hears of an event: it cannot be told");
                self.read = last;
                return Ok(true);
            }
            Err(error) if for_good(&error) => {
                tracing::warn!(%error, "one of the next events cannot be told: they are looked at one by one");
                self.careful = Some(last);
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        (self.written, self.read) = (Some(last), last);
        for (row, bot) in quiet {
            show_typing(app, &row, bot, "", None);
        }
        app.bots.call(app, &told.into_iter().collect::<Vec<_>>());
        Ok(more)
    }
}

impl Looking {
    async fn look_at_inboxes(&mut self, app: &Shared) -> Result<(), CommandError> {
        self.inboxes = rows::asked_inboxes(&app.store).await?.into_iter().collect();
        self.looked_at = Some(Instant::now());
        Ok(())
    }
}

/// Whether it would be the same the next time: it is not the store that is away or has too much to do.
pub(super) fn for_good(error: &CommandError) -> bool {
    matches!(error, CommandError::Fault { .. }) || error.is_of_the_values()
}

/// Whether an event is one of these, by the word at its beginning: most are read positions and presence of rows, and are not
/// taken apart.
fn is_of(event: &CommittedEvent, kinds: &[&str]) -> bool {
    let head = event.staff.as_bytes();
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD)]);
    kinds.iter().any(|kind| head.contains(&format!("\"event\":\"{kind}\"")))
}

/// An event that concerns the bots of an inbox.
struct Found {
    position: Position,
    at: UnixMs,
    event: AgentEvent,
}

impl Found {
    fn of(event: &CommittedEvent, inboxes: &HashSet<InboxId>) -> Option<Self> {
        match event.audience {
            Audience::Inbox(inbox) if inboxes.contains(&inbox) => {}
            _ => return None,
        }
        if !is_of(event, &KINDS) {
            return None;
        }
        match serde_json::from_str::<AgentServerFrame>(&event.staff) {
            Ok(AgentServerFrame::Event(frame)) => {
                Some(Self { position: frame.position, at: frame.at, event: frame.event })
            }
            Ok(_) => None,
            Err(error) => {
                tracing::error!(%error, position = event.position, "an event cannot be read: no bot hears of it");
                None
            }
        }
    }
}

/// One transaction's work.
struct Round {
    now: UnixMs,
    random: Random,
    nobody_online: bool,
    /// For whom something waits now.
    told: BTreeSet<BotId>,
    /// Who was blocked, and is seen writing no more.
    quiet: Vec<(Conversation, BotId)>,
}

/// What is known of a conversation while an event of it is looked at.
struct Case {
    thread: Thread,
    all: Vec<Standing>,
    rules: BotRules,
    /// Number of the team's last answer.
    answered: Option<Number>,
    outside_hours: bool,
}

impl Case {
    fn row(&self) -> &Conversation {
        &self.thread.conversation
    }
}

impl Round {
    async fn look(&mut self, tx: &mut Tx, found: Found) -> Result<(), CommandError> {
        let Found { position, at, event } = found;
        match event {
            AgentEvent::ConversationCreated { conversation, messages } => {
                for message in &messages {
                    self.written(tx, conversation.id, message, true, (position, at)).await?;
                }
            }
            AgentEvent::MessageCreated { message, .. } => {
                self.written(tx, message.conversation_id, &message, false, (position, at)).await?;
            }
            AgentEvent::MessageChanged { message } if is_edit(&message) => {
                let Some(case) = self.case(tx, message.conversation_id).await? else { return Ok(()) };
                // Those that were asked of it: they may write.
                if let Some(bot) = self.asked(&case, message.number == 1) {
                    self.tell(tx, bot, case.row(), News::Edited(&message), (position, at)).await?;
                }
            }
            AgentEvent::ConversationChanged { conversation_id, patch, lines, .. } => {
                if patch.status == Some(Status::Closed) {
                    self.closed(tx, conversation_id, lines.first().map(|line| line.number)).await?;
                }
                for line in lines {
                    self.line(tx, &line, (position, at)).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    async fn case(&self, tx: &mut Tx, id: ConversationId) -> Result<Option<Case>, CommandError> {
        let Some(thread) = conversations::load(tx, &Visibility::All, id).await? else { return Ok(None) };
        let all = standings::load(tx, &thread.conversation).await?;
        if all.is_empty() {
            return Ok(None);
        }
        let rules = rows::load_rules(tx, thread.conversation.inbox_id).await?;
        let answered = standings::answered(tx, &thread, &all).await?;
        let outside_hours = outside_hours(tx, &thread.conversation, &all, self.now).await?;
        Ok(Some(Case { thread, all, rules, answered, outside_hours }))
    }

    fn asked(&self, case: &Case, first: bool) -> Option<BotId> {
        let (nobody_online, outside_hours) = (self.nobody_online, case.outside_hours);
        let asking = Asking { first, nobody_online, outside_hours, now: self.now };
        rules::asked(&case.all, &case.rules, case.answered, asking)
    }

    async fn tell(
        &mut self,
        tx: &mut Tx,
        bot: BotId,
        row: &Conversation,
        news: News<'_>,
        (position, at): (Position, UnixMs),
    ) -> Result<bool, CommandError> {
        let told = tell(tx, bot, row, news, position, at).await?;
        if told {
            self.told.insert(bot);
        }
        Ok(told)
    }

    /// Somebody wrote.
    async fn written(
        &mut self,
        tx: &mut Tx,
        id: ConversationId,
        message: &Message,
        first: bool,
        place: (Position, UnixMs),
    ) -> Result<(), CommandError> {
        match (message.kind, message.author) {
            (MessageKind::In, _) if may_be_answered(message) => {
                let Some(case) = self.case(tx, id).await? else { return Ok(()) };
                if matches!(case.row().place, Place::Spam | Place::Trash) {
                    return Ok(());
                }
                if self.chosen(tx, &case, message).await? {
                    return Ok(());
                }
                self.ask(tx, case, message, first, place).await
            }
            (MessageKind::Out, by @ Author::Agent { .. }) => {
                let Some(case) = self.case(tx, id).await? else { return Ok(()) };
                self.answered(tx, case, message, by).await
            }
            _ => Ok(()),
        }
    }

    /// Asks the bot whose turn it is, if there is one.
    async fn ask(
        &mut self,
        tx: &mut Tx,
        mut case: Case,
        message: &Message,
        first: bool,
        place: (Position, UnixMs),
    ) -> Result<(), CommandError> {
        let Some(bot) = self.asked(&case, first) else { return Ok(()) };
        let row = case.thread.conversation.clone();
        if !self.tell(tx, bot, &row, News::Message(message), place).await? {
            return Ok(());
        }
        if let Some(one) = case.all.iter_mut().find(|one| one.id() == bot)
            && one.bot.asked_at.is_none()
        {
            one.ask(&case.rules, self.now);
            standings::save(tx, &row, &case.all, self.now).await?;
        }
        Ok(())
    }

    /// Where nothing can be pressed, an answer that names one of the buttons is a press. Whether it was one.
    async fn chosen(&mut self, tx: &mut Tx, case: &Case, message: &Message) -> Result<bool, CommandError> {
        let row = case.row();
        if row.channel == Channel::Web || !message.attachments.is_empty() {
            return Ok(false);
        }
        let last = messages::load_last(tx, row.id, MessageKind::Out, message.number).await?;
        let Some(last) = last.filter(|last| last.deleted_at.is_none()) else { return Ok(false) };
        let (Author::Bot { id }, Some(rich)) = (last.author, last.rich.as_deref()) else { return Ok(false) };
        let Some(pressed) = spoken::chosen(&message.text, rich) else { return Ok(false) };
        if !standings::may_write(tx, id, &case.thread, self.now).await? {
            return Ok(false);
        }
        let text = message.text.trim().chars().take(BUTTON_CHARS).collect();
        let at = (pressed.row, pressed.column);
        let press = Press { bot_id: id, number: last.number, at, text, by: message.author };
        control::pressed(tx, row, press, self.now, &self.random).await?;
        self.told.insert(id);
        Ok(true)
    }

    /// Somebody of the team has answered: the bots are out, by the inbox's rules.
    async fn answered(
        &mut self,
        tx: &mut Tx,
        mut case: Case,
        message: &Message,
        by: Author,
    ) -> Result<(), CommandError> {
        let Some(until) = rules::quiet_until(&case.rules, message.at) else { return Ok(()) };
        let row = case.thread.conversation.clone();
        let (mut lines, mut touched) = (Vec::new(), false);
        for one in case.all.iter_mut().filter(|one| !one.off && one.cleared_number < message.number) {
            touched = true;
            one.clear(message.number);
            let block = BotBlock { why: BlockReason::Answered, by, at: message.at, until };
            if one.shut(block, self.now) {
                let note = None;
                lines.push(SystemLine::BotBlocked { bot_id: one.id(), why: BlockReason::Answered, until, note });
            }
        }
        if touched {
            standings::save(tx, &row, &case.all, self.now).await?;
            say(tx, &row, lines, by, self.now, &self.random).await?;
        }
        Ok(())
    }

    /// The case is closed: bots come back that nobody of the team has blocked.
    async fn closed(&mut self, tx: &mut Tx, id: ConversationId, line: Option<Number>) -> Result<(), CommandError> {
        let Some(mut case) = self.case(tx, id).await? else { return Ok(()) };
        let row = case.thread.conversation.clone();
        // It may have been opened again since; and what was merged goes on in another one.
        if row.status != Status::Closed || row.merged_into.is_some() {
            return Ok(());
        }
        let (mut lines, mut touched) = (Vec::new(), false);
        for one in &mut case.all {
            if one.bot.asked_at.is_some() {
                one.answered_now();
                touched = true;
            }
            let why = one.block(self.now).map(|block| block.why);
            if !case.rules.back_on_close || why == Some(BlockReason::Agent) {
                continue;
            }
            // Answers after that are looked at later.
            let answered = case.answered.filter(|number| line.is_some_and(|line| *number < line));
            touched |= answered.is_some_and(|number| one.clear(number));
            if one.let_in(self.now) {
                touched = true;
                lines.push(SystemLine::BotUnblocked { bot_id: one.id(), closed: true });
            }
        }
        if touched {
            standings::save(tx, &row, &case.all, self.now).await?;
            say(tx, &row, lines, Author::System, self.now, &self.random).await?;
        }
        Ok(())
    }

    /// A line says something to a bot.
    async fn line(&mut self, tx: &mut Tx, line: &Message, place: (Position, UnixMs)) -> Result<(), CommandError> {
        let id = line.conversation_id;
        match line.line {
            Some(SystemLine::BotBlocked { bot_id, why, .. }) => {
                let Some(case) = self.case(tx, id).await? else { return Ok(()) };
                self.tell(tx, bot_id, case.row(), News::Blocked(true), place).await?;
                self.quiet.push((case.row().clone(), bot_id));
                if matches!(why, BlockReason::Silent | BlockReason::Failing) {
                    self.ask_another(tx, case, place).await?;
                }
            }
            Some(SystemLine::BotUnblocked { bot_id, .. }) => {
                let Some(case) = self.case(tx, id).await? else { return Ok(()) };
                self.tell(tx, bot_id, case.row(), News::Blocked(false), place).await?;
            }
            Some(SystemLine::BotAsked { bot_id }) => {
                let Some(case) = self.case(tx, id).await? else { return Ok(()) };
                let row = case.row().clone();
                let last = messages::load_last(tx, id, MessageKind::In, row.last_number + 1).await?;
                if let Some(last) = last.filter(|last| last.deleted_at.is_none()) {
                    self.tell(tx, bot_id, &row, News::Message(&last), place).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The one that was asked gives way: the next in order is asked what the customer wrote last and nobody has answered.
    async fn ask_another(&mut self, tx: &mut Tx, case: Case, place: (Position, UnixMs)) -> Result<(), CommandError> {
        if case.row().waiting_since.is_none() {
            return Ok(());
        }
        let last = messages::load_last(tx, case.row().id, MessageKind::In, case.row().last_number + 1).await?;
        let Some(last) = last.filter(|last| last.deleted_at.is_none() && may_be_answered(last)) else {
            return Ok(());
        };
        let first = last.number == 1;
        self.ask(tx, case, &last, first, place).await
    }
}

/// Whether the inbox is closed, where that is for one of its bots to know.
async fn outside_hours(tx: &mut Tx, row: &Conversation, all: &[Standing], now: UnixMs) -> Result<bool, CommandError> {
    if all.iter().all(|one| one.answers != BotAnswers::OutsideHours) {
        return Ok(false);
    }
    let hours = inboxes::load_hours(tx, row.inbox_id).await?;
    Ok(hours.is_some_and(|hours| !switchboard_domain::hours::is_open(&hours, now)))
}

/// What a program wrote is answered by no program (RFC 3834, section 2).
fn may_be_answered(message: &Message) -> bool {
    message.mail.as_ref().is_none_or(|mail| mail.automatic.is_none())
}

fn is_edit(message: &Message) -> bool {
    message.kind == MessageKind::In && message.edited_at.is_some() && message.deleted_at.is_none()
}
