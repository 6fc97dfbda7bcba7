//! What events of a conversation mean for its bots: who is asked, what keeps them out, what brings them back. Everything here
//! is done within the transaction that moves the place in the feed.

use std::collections::BTreeSet;

use switchboard_domain::bots::spoken;
use switchboard_domain::bots::{self as rules, Asking, Standing};
use switchboard_domain::{Visibility, thread::Thread};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::bots::{BlockReason, BotAnswers, BotBlock, BotRules};
use switchboard_protocol::limits::{BOT_ANSWERS_AN_HOUR, BUTTON_CHARS};
use switchboard_protocol::model::{Author, Channel, Conversation, Message, MessageKind, Place, Status, SystemLine};
use switchboard_protocol::{BotId, ConversationId, Number, Position, UnixMs};
use switchboard_store::bots::{self as rows, standings, updates};
use switchboard_store::{Tx, conversations, inboxes, messages};

use super::asking::Found;
use super::control::{self, Press, Shut, say};
use super::telling::{News, hears_press, tell};
use crate::app::App;
use crate::error::CommandError;
use crate::ids::Random;

/// Most answers that came by themselves between a bot's buttons and what a customer chooses.
const AUTOMATIC_BETWEEN: usize = 4;
const HOUR_MS: i64 = 3_600_000;

/// One transaction's work.
pub(super) struct Round {
    now: UnixMs,
    random: Random,
    nobody_online: bool,
    /// For whom something waits now.
    pub told: BTreeSet<BotId>,
    /// Who was blocked, and is seen writing no more.
    pub quiet: Vec<(Conversation, BotId)>,
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
    pub fn new(app: &App) -> Self {
        Self {
            now: app.clock.now(),
            random: app.random.clone(),
            nobody_online: !app.presence.team_online(),
            told: BTreeSet::new(),
            quiet: Vec::new(),
        }
    }

    pub async fn look(&mut self, tx: &mut Tx, found: Found) -> Result<(), CommandError> {
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
                if let Some(bot) = self.asked(&case, message.number == 1, position) {
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
        let answered = standings::answered(tx, &thread, &all, &rules, self.now).await?;
        let outside_hours = outside_hours(tx, &thread.conversation, &all, self.now).await?;
        Ok(Some(Case { thread, all, rules, answered, outside_hours }))
    }

    fn asked(&self, case: &Case, first: bool, position: Position) -> Option<BotId> {
        let (nobody_online, outside_hours) = (self.nobody_online, case.outside_hours);
        let asking = Asking { first, nobody_online, outside_hours, position, now: self.now };
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
                let case = self.reopened(tx, case, message).await?;
                if self.chosen(tx, &case, message).await? {
                    return Ok(());
                }
                self.ask(tx, case, message, first, place).await?;
                Ok(())
            }
            (MessageKind::Out, by @ Author::Agent { .. }) => {
                let Some(case) = self.case(tx, id).await? else { return Ok(()) };
                self.answered(tx, case, message, by).await
            }
            _ => Ok(()),
        }
    }

    /// Asks the bot whose turn it is. Whether there is one.
    async fn ask(
        &mut self,
        tx: &mut Tx,
        mut case: Case,
        message: &Message,
        first: bool,
        place: (Position, UnixMs),
    ) -> Result<bool, CommandError> {
        let row = case.thread.conversation.clone();
        let every = case.all.clone();
        let bot = loop {
            let Some(bot) = self.asked(&case, first, place.0) else { return Ok(false) };
            if self.goes_round(tx, &case, bot).await? {
                let note =
                    format!("{BOT_ANSWERS_AN_HOUR} answers within an hour, none of a person: a loop with a program?");
                let shut = Shut { why: BlockReason::Failing, by: Author::System, until: None, note: Some(note) };
                control::shut_all(tx, &row, &shut, self.now, &self.random).await?;
                return Ok(false);
            }
            if self.tell(tx, bot, &row, News::Message(message), place).await? {
                break bot;
            }
            // It wants to hear of other things only: the next one is asked.
            case.all.retain(|one| one.id() != bot);
        };
        case.all = every;
        if let Some(one) = case.all.iter_mut().find(|one| one.id() == bot)
            && one.bot.asked_at.is_none()
        {
            one.ask(&case.rules, self.now);
            standings::save(tx, &row, &case.all, self.now).await?;
        }
        Ok(true)
    }

    /// Where nothing can be pressed, an answer that names one of the buttons is a press. Whether it was one.
    async fn chosen(&mut self, tx: &mut Tx, case: &Case, message: &Message) -> Result<bool, CommandError> {
        let row = case.row();
        if row.channel == Channel::Web || !message.attachments.is_empty() {
            return Ok(false);
        }
        let Some(last) = asked_last(tx, row.id, message.number).await? else { return Ok(false) };
        let (Author::Bot { id }, Some(rich)) = (last.author, last.rich.as_deref()) else { return Ok(false) };
        let Some(pressed) = spoken::chosen(&message.text, rich) else { return Ok(false) };
        let at = (pressed.row, pressed.column);
        // What the bot would not hear as a press it hears as words.
        if !hears_press(tx, id, last.id, at).await? || !standings::may_write(tx, id, &case.thread, self.now).await? {
            return Ok(false);
        }
        let text = spoken::label(rich, pressed).unwrap_or(&message.text).trim().chars().take(BUTTON_CHARS).collect();
        let press = Press { bot_id: id, number: last.number, at, text, by: message.author };
        control::pressed(tx, row, press, self.now, &self.random).await?;
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
        // It may have been opened again since, which is looked at there; and what was merged goes on in another one.
        if row.status != Status::Closed || row.merged_into.is_some() {
            return Ok(());
        }
        // Answers after that are looked at later.
        self.come_back(tx, &mut case, line.unwrap_or_default(), self.now).await
    }

    /// Bots come back that nobody of the team has blocked; what the team answered before this number and did before this time
    /// was of the case that is over.
    async fn come_back(
        &mut self,
        tx: &mut Tx,
        case: &mut Case,
        number: Number,
        before: UnixMs,
    ) -> Result<(), CommandError> {
        let row = case.row().clone();
        let (mut lines, mut touched) = (Vec::new(), false);
        for one in &mut case.all {
            if row.status == Status::Closed && one.bot.asked_at.is_some() {
                one.answered_now();
                touched = true;
            }
            let block = one.block(self.now).map(|block| (block.why, block.at));
            if !case.rules.back_on_close || block.is_some_and(|(why, at)| why == BlockReason::Agent || at > before) {
                continue;
            }
            touched |= case.answered.is_some_and(|answered| answered < number && one.clear(answered));
            if one.let_in(self.now) {
                touched = true;
                // One that is off was never said to be out.
                if one.off {
                    continue;
                }
                // It hears what its webhook had failed to take, not when that would be tried again.
                updates::try_now(tx, one.id(), Some(row.id), self.now).await?;
                lines.push(SystemLine::BotUnblocked { bot_id: one.id(), closed: true });
            }
        }
        if touched {
            standings::save(tx, &row, &case.all, self.now).await?;
            say(tx, &row, lines, Author::System, self.now, &self.random).await?;
        }
        Ok(())
    }

    /// A customer who writes after the case was closed begins another: bots are asked, also those that have come since, and
    /// also where the closing was not looked at before.
    async fn reopened(&mut self, tx: &mut Tx, mut case: Case, message: &Message) -> Result<Case, CommandError> {
        let kept_out = case.answered.is_some() || case.all.iter().any(|one| one.block(self.now).is_some());
        if !kept_out {
            return Ok(case);
        }
        let behind = messages::load_at(tx, case.row().id, message.number + 1).await?;
        if !behind.is_some_and(|line| matches!(line.line, Some(SystemLine::ReopenedByContact))) {
            return Ok(case);
        }
        // An answer behind it is of the new case, and is all that there is to see where it stands.
        self.come_back(tx, &mut case, message.number, message.at).await?;
        let id = case.row().id;
        Ok(self.case(tx, id).await?.unwrap_or(case))
    }

    /// The bot has answered so often, and nobody of the team, that it may be a program that it talks to. Visitors of a web chat
    /// are people.
    async fn goes_round(&self, tx: &mut Tx, case: &Case, bot: BotId) -> Result<bool, CommandError> {
        let row = case.row();
        if row.channel == Channel::Web {
            return Ok(false);
        }
        // Whoever lets it in again counts anew.
        let from = case.all.iter().find(|one| one.id() == bot).map_or(0, |one| one.cleared_number);
        let since = self.now - HOUR_MS;
        // Twice as many: what answers by itself may stand between.
        let most = 2 * BOT_ANSWERS_AN_HOUR as usize;
        let answers = messages::replies_since(tx, row.id, from, since, most).await?;
        let of_bots = answers.iter().take_while(|author| !matches!(author, Author::Agent { .. }));
        let count = of_bots.filter(|author| matches!(author, Author::Bot { .. })).count();
        Ok(count >= BOT_ANSWERS_AN_HOUR as usize)
    }

    /// A line says something to a bot.
    async fn line(&mut self, tx: &mut Tx, line: &Message, place: (Position, UnixMs)) -> Result<(), CommandError> {
        let id = line.conversation_id;
        match line.line {
            Some(SystemLine::BotBlocked { bot_id, why, .. }) => {
                let Some(case) = self.case(tx, id).await? else { return Ok(()) };
                // One that has left the inbox hears nothing of it any more.
                if case.all.iter().any(|one| one.id() == bot_id) {
                    self.tell(tx, bot_id, case.row(), News::Blocked(true), place).await?;
                }
                self.quiet.push((case.row().clone(), bot_id));
                let lies = matches!(case.row().place, Place::Spam | Place::Trash);
                if !lies && matches!(why, BlockReason::Silent | BlockReason::Failing) {
                    let row = case.row().clone();
                    let waits = row.waiting_since.is_some() || pressed_last(tx, &case).await?;
                    if waits && !self.ask_another(tx, case, place).await? {
                        control::left_to_people(tx, &row, Vec::new(), line.author, self.now, &self.random).await?;
                    }
                }
            }
            // It waits in the queue since it was pressed.
            Some(SystemLine::Pressed { number, .. }) => {
                let pressed = messages::load_at(tx, id, number).await?;
                if let Some(Author::Bot { id: bot }) = pressed.map(|message| message.author) {
                    self.told.insert(bot);
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
    async fn ask_another(&mut self, tx: &mut Tx, case: Case, place: (Position, UnixMs)) -> Result<bool, CommandError> {
        if case.row().waiting_since.is_none() {
            return Ok(false);
        }
        let last = messages::load_last(tx, case.row().id, MessageKind::In, case.row().last_number + 1).await?;
        let Some(last) = last.filter(|last| last.deleted_at.is_none() && may_be_answered(last)) else {
            return Ok(false);
        };
        let first = last.number == 1;
        self.ask(tx, case, &last, first, place).await
    }
}

/// Whether the customer has pressed a button since somebody last answered: that is a question, though no message.
async fn pressed_last(tx: &mut Tx, case: &Case) -> Result<bool, CommandError> {
    let lines = messages::load_last_lines(tx, case.row().id, "pressed", 1).await?;
    let answered = case.thread.replies.last().map_or(0, |(number, _)| *number);
    Ok(lines.first().is_some_and(|line| line.number > answered))
}

/// The last message that went out and that somebody said: what answers by itself says nothing that can be chosen from.
async fn asked_last(tx: &mut Tx, id: ConversationId, before: Number) -> Result<Option<Message>, CommandError> {
    let mut before = before;
    for _ in 0..AUTOMATIC_BETWEEN {
        let Some(last) = messages::load_last(tx, id, MessageKind::Out, before).await? else { return Ok(None) };
        if last.author != Author::System {
            return Ok(Some(last).filter(|last| last.deleted_at.is_none()));
        }
        before = last.number;
    }
    Ok(None)
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
