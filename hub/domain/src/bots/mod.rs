//! Which bot is asked, and which may write.
//!
//! | somebody | what it does to the bots of a conversation |
//! | --- | --- |
//! | of the team blocks one | out, for a time or until undone |
//! | of the team answers the customer | all out, by the inbox's rules |
//! | a bot hands over, or goes round with another program; the customer asks for a person | all out, until the case closes |
//! | a bot is silent too long, or its webhook fails | that one out, until the case closes |
//! | closes the case | those come back that nobody of the team has blocked, if the rules say so |
//! | of the team asks one to answer now | that one may write once, whatever else holds |
//!
//! Whether a bot may write is looked at in the transaction that commits what it writes ([`Standing::may_write`]), so nothing
//! of it comes after a block that was acknowledged, whatever was under way on whichever process.

pub mod console;
pub mod spoken;

use switchboard_protocol::bots::{BlockReason, BotAnswers, BotBlock, BotRules, ConversationBot};
use switchboard_protocol::limits::BOT_PATIENCE_SECONDS;
use switchboard_protocol::model::Author;
use switchboard_protocol::{BotId, Number, Position, UnixMs};

/// How long an answer that somebody of the team has asked for may take, milliseconds.
pub const PASS_MS: i64 = 60_000;

/// The rules of an inbox whose admin has said nothing: a person's answer keeps bots out until the case closes.
pub const RULES: BotRules =
    BotRules { quiet_minutes: None, back_on_close: true, patience_seconds: BOT_PATIENCE_SECONDS };

/// A bot of the inbox, and how it stands in one of its conversations.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub bot: ConversationBot,
    pub off: bool,
    pub rank: u32,
    pub answers: BotAnswers,
    /// Where the feed was when it came to the inbox, or was switched on.
    pub since: Position,
    /// Answers of the team up to this number keep it out no longer, or have been written into `bot.blocked`.
    pub cleared_number: Number,
    /// It may write once until then, though it is blocked.
    pub pass_until: Option<UnixMs>,
    /// By then it has to have answered.
    pub due_at: Option<UnixMs>,
}

/// Whether a bot may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    Yes,
    /// This once.
    Once,
    No,
}

/// What somebody of the team has answered last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub number: Number,
    pub by: Author,
    pub at: UnixMs,
}

impl Answer {
    /// Whether bots are still out because of it.
    pub fn keeps_out(&self, rules: &BotRules, now: UnixMs) -> bool {
        quiet_until(rules, self.at).is_some_and(|until| until.is_none_or(|until| until > now))
    }
}

/// A message of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// It begins the conversation.
    pub first: bool,
    /// Nobody of the team is online.
    pub nobody_online: bool,
    /// The inbox has business hours, and is closed.
    pub outside_hours: bool,
    /// Where it stands in the feed.
    pub position: Position,
    pub now: UnixMs,
}

impl Standing {
    pub fn id(&self) -> BotId {
        self.bot.bot_id
    }

    /// What keeps it out now.
    pub fn block(&self, now: UnixMs) -> Option<&BotBlock> {
        self.bot.blocked.as_ref().filter(|block| block.until.is_none_or(|until| until > now))
    }

    /// Somebody of the team has answered, and that was not yet written into the row: it holds all the same.
    fn answered(&self, rules: &BotRules, answered: Option<Number>) -> bool {
        rules.quiet_minutes != Some(0) && answered.is_some_and(|number| number > self.cleared_number)
    }

    /// `answered`: the number of the team's last answer.
    pub fn may_write(&self, rules: &BotRules, answered: Option<Number>, now: UnixMs) -> Writes {
        if self.off {
            return Writes::No;
        }
        if self.block(now).is_none() && !self.answered(rules, answered) {
            return Writes::Yes;
        }
        if self.pass_until.is_some_and(|until| until > now) { Writes::Once } else { Writes::No }
    }

    /// It is asked at `at`. The time of one that was asked before goes on.
    pub fn ask(&mut self, rules: &BotRules, at: UnixMs) {
        self.bot.asked_at.get_or_insert(at);
        let patience = rules.patience_seconds.clamp(1, BOT_PATIENCE_SECONDS);
        self.due_at.get_or_insert(at + i64::from(patience) * 1_000);
    }

    /// Nobody waits for it any more.
    pub fn answered_now(&mut self) {
        self.bot.asked_at = None;
        self.due_at = None;
    }

    /// What had been lifted, or had given way to another block, holds again as it was.
    pub fn put_back(&mut self, block: BotBlock) -> bool {
        self.answered_now();
        self.pass_until = None;
        self.bot.failing = block.why == BlockReason::Failing;
        let news = self.bot.blocked.as_ref() != Some(&block);
        self.bot.blocked = Some(block);
        news
    }

    /// Blocks it; whether that is news. A person of the team has the last word; what comes of itself makes no block shorter, and
    /// one that stands for the same reason goes on for longer without being news.
    pub fn shut(&mut self, block: BotBlock, now: UnixMs) -> bool {
        // Whatever keeps it out ends what it was asked, and a leave to answer once that was given before.
        self.answered_now();
        self.pass_until = None;
        let end = |block: &BotBlock| block.until.unwrap_or(UnixMs::MAX);
        let stands = self.block(now).map(|stands| (stands.why, end(stands)));
        if block.why != BlockReason::Agent && stands.is_some_and(|(_, stands)| stands >= end(&block)) {
            return false;
        }
        let same = stands.is_some_and(|(why, _)| why == block.why && why != BlockReason::Agent);
        let news = !same && self.bot.blocked.as_ref() != Some(&block);
        self.bot.blocked = Some(block);
        news
    }

    /// What keeps it out in another conversation, whose messages stand in this one now, keeps it out here: the later end
    /// holds, of equal ones what a person of the team wants.
    pub fn carry(&mut self, other: &Standing, now: UnixMs) {
        let end = |block: &BotBlock| (block.until.unwrap_or(UnixMs::MAX), block.why == BlockReason::Agent);
        if let Some(block) = other.block(now)
            && self.block(now).is_none_or(|stands| end(stands) < end(block))
        {
            self.bot.blocked = Some(block.clone());
            self.bot.failing |= other.bot.failing;
        }
        if self.block(now).is_some() {
            self.answered_now();
        }
    }

    /// What it was asked in the other conversation it owes here.
    pub fn take_over(&mut self, other: &mut Standing, now: UnixMs) {
        if let (None, Some(asked_at), Some(due_at)) = (self.block(now), other.bot.asked_at, other.due_at) {
            self.bot.asked_at.get_or_insert(asked_at);
            self.due_at.get_or_insert(due_at);
        }
        other.answered_now();
    }

    /// An answer of the team that no row knows of yet, as the block that it is.
    pub fn settle(&mut self, rules: &BotRules, answer: Option<&Answer>, now: UnixMs) {
        let Some(answer) = answer.filter(|answer| self.answered(rules, Some(answer.number))) else { return };
        self.cleared_number = answer.number;
        if let Some(until) = quiet_until(rules, answer.at) {
            self.shut(BotBlock { why: BlockReason::Answered, by: answer.by, at: answer.at, until }, now);
        }
    }

    /// It may write again. Whether anything kept it out.
    pub fn let_in(&mut self, now: UnixMs) -> bool {
        let was = self.block(now).is_some() || self.bot.failing;
        self.bot.blocked = None;
        self.bot.failing = false;
        was
    }

    /// What the team has answered up to this number keeps it out no longer. Whether that is news.
    pub fn clear(&mut self, number: Number) -> bool {
        let news = number > self.cleared_number;
        self.cleared_number = self.cleared_number.max(number);
        news
    }
}

/// The one that is asked: the lowest in rank that was there, may write and answers at such a time.
pub fn asked(standings: &[Standing], rules: &BotRules, answered: Option<Number>, asking: Asking) -> Option<BotId> {
    let answers = |one: &&Standing| match one.answers {
        BotAnswers::Always => true,
        BotAnswers::FirstMessage => asking.first,
        BotAnswers::NobodyOnline => asking.nobody_online,
        BotAnswers::OutsideHours => asking.outside_hours,
    };
    let may = |one: &&Standing| one.may_write(rules, answered, asking.now) == Writes::Yes;
    let there = |one: &&Standing| one.since <= asking.position;
    standings.iter().filter(there).filter(answers).filter(may).min_by_key(|one| (one.rank, one.id())).map(Standing::id)
}

/// Until when an answer of the team at `at` keeps bots out: never (none), or so long (none: until undone).
pub fn quiet_until(rules: &BotRules, at: UnixMs) -> Option<Option<UnixMs>> {
    match rules.quiet_minutes {
        Some(0) => None,
        Some(minutes) => Some(Some(at + i64::from(minutes) * 60_000)),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = 1_000_000;

    fn standing(rank: u32) -> Standing {
        Standing {
            bot: ConversationBot {
                answers: None,
                bot_id: BotId(switchboard_protocol::Ulid::from_parts(1, u128::from(rank))),
                blocked: None,
                asked_at: None,
                failing: false,
            },
            off: false,
            rank,
            answers: BotAnswers::Always,
            since: 5,
            cleared_number: 0,
            pass_until: None,
            due_at: None,
        }
    }

    fn block(why: BlockReason, until: Option<UnixMs>) -> BotBlock {
        BotBlock { why, by: Author::System, at: NOW, until }
    }

    fn asking() -> Asking {
        Asking { first: false, nobody_online: false, outside_hours: false, position: 5, now: NOW }
    }

    #[test]
    fn a_blocked_bot_writes_nothing_until_its_time_is_over() {
        let mut one = standing(0);
        assert!(one.shut(block(BlockReason::Agent, Some(NOW + 10)), NOW));
        assert_eq!(one.may_write(&RULES, None, NOW), Writes::No);
        assert_eq!(one.may_write(&RULES, None, NOW + 10), Writes::Yes);
    }

    #[test]
    fn an_answer_of_the_team_keeps_bots_out_before_any_row_says_so() {
        let mut one = standing(0);
        assert_eq!(one.may_write(&RULES, Some(3), NOW), Writes::No);
        let never = BotRules { quiet_minutes: Some(0), ..RULES };
        assert_eq!(one.may_write(&never, Some(3), NOW), Writes::Yes);
        one.clear(3);
        assert_eq!(one.may_write(&RULES, Some(3), NOW), Writes::Yes);
        assert_eq!(one.may_write(&RULES, Some(4), NOW), Writes::No);
    }

    #[test]
    fn one_that_is_asked_to_answer_now_writes_once_though_it_is_blocked() {
        let mut one = standing(0);
        one.shut(block(BlockReason::Agent, None), NOW);
        one.pass_until = Some(NOW + PASS_MS);
        assert_eq!(one.may_write(&RULES, None, NOW), Writes::Once);
        assert_eq!(one.may_write(&RULES, None, NOW + PASS_MS), Writes::No);
        one.off = true;
        assert_eq!(one.may_write(&RULES, None, NOW), Writes::No);
    }

    #[test]
    fn what_comes_of_itself_does_not_weaken_a_block_of_a_person() {
        let mut one = standing(0);
        one.shut(block(BlockReason::Agent, None), NOW);
        assert!(!one.shut(block(BlockReason::Silent, Some(NOW + 1)), NOW));
        assert_eq!(one.block(NOW).map(|block| block.why), Some(BlockReason::Agent));
    }

    #[test]
    fn the_later_end_holds_unless_a_person_says_otherwise() {
        let mut one = standing(0);
        // Asked for a person, for good; an answer that keeps bots out for half an hour does not end that.
        one.shut(block(BlockReason::Asked, None), NOW);
        assert!(!one.shut(block(BlockReason::Answered, Some(NOW + 30)), NOW));
        assert_eq!(one.block(NOW + 30).map(|block| block.why), Some(BlockReason::Asked));
        // Blocked for five minutes; the person's own answer keeps it out until the case closes.
        let mut one = standing(0);
        one.shut(block(BlockReason::Agent, Some(NOW + 5)), NOW);
        assert!(one.shut(block(BlockReason::Answered, None), NOW));
        assert_eq!(one.block(NOW + 5).map(|block| block.why), Some(BlockReason::Answered));
        // As long as people talk, from the last word on, and that is no news.
        let mut one = standing(0);
        assert!(one.shut(block(BlockReason::Answered, Some(NOW + 5)), NOW));
        assert!(!one.shut(block(BlockReason::Answered, Some(NOW + 9)), NOW));
        assert!(one.block(NOW + 8).is_some());
        // What stands anyhow ends a leave to answer once all the same.
        one.pass_until = Some(NOW + PASS_MS);
        assert!(!one.shut(block(BlockReason::Silent, Some(NOW + 1)), NOW));
        assert_eq!(one.pass_until, None);
        // A person may shorten it.
        assert!(one.shut(block(BlockReason::Agent, Some(NOW + 1)), NOW));
        assert!(one.block(NOW + 1).is_none());
    }

    #[test]
    fn what_is_carried_weakens_nothing() {
        let kept = |why, until| {
            let mut one = standing(0);
            one.bot.blocked = Some(block(why, until));
            one
        };
        let why = |one: &Standing| one.block(NOW).map(|block| (block.why, block.until));
        let mut one = standing(0);
        one.carry(&kept(BlockReason::Silent, None), NOW);
        assert_eq!(why(&one), Some((BlockReason::Silent, None)));
        one.carry(&kept(BlockReason::Agent, Some(NOW + 5)), NOW);
        assert_eq!(why(&one), Some((BlockReason::Silent, None)));
        // Closing lets in whom a customer kept out, and not whom a person of the team did.
        one.carry(&kept(BlockReason::Agent, None), NOW);
        assert_eq!(why(&one), Some((BlockReason::Agent, None)));
        one.carry(&kept(BlockReason::Asked, None), NOW);
        assert_eq!(why(&one), Some((BlockReason::Agent, None)));
        let (mut one, mut other) = (standing(0), standing(0));
        other.ask(&RULES, NOW);
        let owed = (other.bot.asked_at, other.due_at);
        one.take_over(&mut other, NOW);
        assert_eq!(((one.bot.asked_at, one.due_at), other.due_at), (owed, None));
    }

    #[test]
    fn an_answer_that_no_row_knows_of_is_a_block_like_others() {
        let answer = Answer { number: 3, by: Author::System, at: NOW };
        let mut one = standing(0);
        one.settle(&BotRules { quiet_minutes: Some(1), ..RULES }, Some(&answer), NOW);
        assert_eq!(
            one.block(NOW).map(|block| (block.why, block.until)),
            Some((BlockReason::Answered, Some(NOW + 60_000)))
        );
        assert_eq!(one.cleared_number, 3);
        let mut one = standing(0);
        one.settle(&BotRules { quiet_minutes: Some(0), ..RULES }, Some(&answer), NOW);
        one.clear(3);
        one.settle(&RULES, Some(&answer), NOW);
        assert_eq!(one.block(NOW), None);
    }

    #[test]
    fn an_agent_replaces_what_came_of_itself() {
        let mut one = standing(0);
        one.shut(block(BlockReason::Answered, Some(NOW + 5)), NOW);
        assert!(one.shut(block(BlockReason::Agent, None), NOW));
        assert_eq!(one.block(NOW).map(|block| (block.why, block.until)), Some((BlockReason::Agent, None)));
        assert!(!one.shut(block(BlockReason::Answered, None), NOW));
        one.bot.blocked = Some(block(BlockReason::Asked, None));
        assert!(one.shut(block(BlockReason::Agent, Some(NOW + 5)), NOW));
        assert_eq!(one.block(NOW).map(|block| (block.why, block.until)), Some((BlockReason::Agent, Some(NOW + 5))));
    }

    #[test]
    fn the_lowest_that_may_is_asked() {
        let mut all = [standing(2), standing(1), standing(3)];
        assert_eq!(asked(&all, &RULES, None, asking()), Some(all[1].id()));
        all[1].shut(block(BlockReason::Failing, None), NOW);
        assert_eq!(asked(&all, &RULES, None, asking()), Some(all[0].id()));
        let before = Asking { position: 4, ..asking() };
        assert_eq!(asked(&all, &RULES, None, before), None, "what was said before they came is not theirs");
        all[0].answers = BotAnswers::FirstMessage;
        assert_eq!(asked(&all, &RULES, None, asking()), Some(all[2].id()));
        all[2].answers = BotAnswers::NobodyOnline;
        assert_eq!(asked(&all, &RULES, None, asking()), None);
        assert_eq!(asked(&all, &RULES, None, Asking { nobody_online: true, ..asking() }), Some(all[2].id()));
        all[2].answers = BotAnswers::OutsideHours;
        assert_eq!(asked(&all, &RULES, None, Asking { nobody_online: true, ..asking() }), None);
        assert_eq!(asked(&all, &RULES, None, Asking { outside_hours: true, ..asking() }), Some(all[2].id()));
    }
}
