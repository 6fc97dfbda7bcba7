//! The sockets of the races: an agent's screen on each hub, of which the last one blocks and unblocks, and visitors, who write
//! and look on. What a screen shows of a bot after it showed the bot's block is a slip.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use switchboard_protocol::agent::{AgentEvent, AgentEventFrame, AgentServerFrame, AgentSignal, Outcome, ResumePoint};
use switchboard_protocol::model::{Author, Message, MessageKind, SystemLine};
use switchboard_protocol::visitor::{VisitorAuthor, VisitorServerFrame, VisitorSignal};
use switchboard_protocol::{BotId, ConversationId, Position};

use super::pen::Pen;
use crate::clock::{MILLISECOND, Nanos};
use crate::say;
use crate::scan::{self, Kind, Stamp};
use crate::swarm::{Closed, Dial, Driver, SocketId, Swarm};

/// A bot has the word for so long at most, from its first write on.
const WORD_AT_MOST: Nanos = 20 * MILLISECOND;
/// A block is looked at until the bot was refused so often, or for so long.
const REFUSED_TIMES: u64 = 3;
const BLOCKED_AT_MOST: Nanos = 10_000 * MILLISECOND;
/// Visitors are told of no block. What a visitor sees of a bot so long after a screen of the same hub has shown its block is a
/// slip: within that time the generator cannot tell which of two sockets was written to first.
const VISITORS_GRACE: Nanos = 100 * MILLISECOND;
/// A hub that is not there is dialled again after this.
const DIAL_AFTER: Nanos = 20 * MILLISECOND;
const TEXT_BYTES: usize = 60;

/// A conversation in which a bot and the agent race.
pub struct Lane {
    pub bot_id: BotId,
    pub pen: Arc<Pen>,
    pub conversation: Option<ConversationId>,
    /// The conversation's number, by which bots know it.
    pub chat: i64,
    /// Races: the bot was refused behind the block.
    pub rounds: u64,
    /// Blocks behind which it tried nothing in time.
    unmet: u64,
    phase: Phase,
    /// Of the last command.
    command: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Unblocking,
    /// The bot has the word: what it had written before, and when it is blocked.
    Free(u64, Option<Nanos>),
    Blocking,
    /// How often it had been refused before, and since when.
    Blocked(u64, Nanos),
}

impl Lane {
    pub fn new(bot_id: BotId) -> Self {
        let pen = Arc::default();
        Self { bot_id, pen, conversation: None, chat: 0, rounds: 0, unmet: 0, phase: Phase::Idle, command: 0 }
    }

    /// The block is to be undone, or is: what a bot does from then on may be on a screen before the line that says so.
    fn is_undone(&self) -> bool {
        matches!(self.phase, Phase::Unblocking | Phase::Free(..))
    }

    /// No race of it is under way.
    pub fn is_idle(&self) -> bool {
        self.phase == Phase::Idle
    }
}

/// What a screen has shown.
#[derive(Default)]
struct Screen {
    live: bool,
    last: Position,
    /// Of each lane: since when it shows the block, and the line's number.
    blocked: Vec<Option<(Nanos, i64)>>,
}

/// Somebody who writes.
pub struct Visitor {
    pub hub: usize,
    pub token: String,
    /// Between two messages; none: they write once.
    pub pace: Option<Nanos>,
    /// Messages that a hub has taken.
    pub accepted: u32,
    socket: Option<SocketId>,
    live: bool,
    /// Sent and not yet taken.
    pending: bool,
    next_at: Nanos,
    conversation: Option<ConversationId>,
}

impl Visitor {
    pub fn new(hub: usize, token: String, pace: Option<Nanos>) -> Self {
        Self {
            hub,
            token,
            pace,
            accepted: 0,
            socket: None,
            live: false,
            pending: false,
            next_at: 0,
            conversation: None,
        }
    }
}

/// What has come of the races so far.
#[derive(Debug, Default, Clone)]
pub struct Slips {
    /// Messages and edits of a bot behind the line that says it is blocked, on a screen.
    pub written: u64,
    /// Typing of a bot on a screen that shows its block.
    pub typed: u64,
    /// And at a visitor, after the grace.
    pub typed_to_visitor: u64,
    /// What screens have shown of bots in all: messages, edits, typing.
    pub shown: u64,
    pub edits_shown: u64,
    pub typing_shown: u64,
    /// The first few, as they were.
    pub said: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Screen(usize),
    Visitor(usize),
}

pub struct Arena {
    hubs: Vec<SocketAddr>,
    cookie: String,
    epoch: String,
    pub lanes: Vec<Lane>,
    /// Those of the lanes come first.
    pub visitors: Vec<Visitor>,
    screens: Vec<Screen>,
    parts: HashMap<SocketId, Part>,
    screen_sockets: Vec<Option<SocketId>>,
    /// Who is to be connected again, and when.
    to_dial: Vec<(Nanos, Part)>,
    lane_of: HashMap<ConversationId, usize>,
    random: StdRng,
    pub writing: bool,
    pub racing: bool,
    pub slips: Slips,
    /// What a hub said that it must not have.
    pub troubles: Vec<String>,
}

impl Arena {
    pub fn new(hubs: Vec<SocketAddr>, cookie: String, point: ResumePoint, lanes: Vec<Lane>, seed: u64) -> Self {
        let screen = || Screen { last: point.position, blocked: vec![None; lanes.len()], ..Screen::default() };
        let screens: Vec<Screen> = hubs.iter().map(|_| screen()).collect();
        Self {
            to_dial: (0..hubs.len()).map(|index| (0, Part::Screen(index))).collect(),
            screen_sockets: vec![None; hubs.len()],
            screens,
            hubs,
            cookie,
            epoch: point.epoch,
            lanes,
            visitors: Vec::new(),
            parts: HashMap::new(),
            lane_of: HashMap::new(),
            random: StdRng::seed_from_u64(seed),
            writing: true,
            racing: false,
            slips: Slips::default(),
            troubles: Vec::new(),
        }
    }

    pub fn add_visitor(&mut self, visitor: Visitor) {
        self.to_dial.push((0, Part::Visitor(self.visitors.len())));
        self.visitors.push(visitor);
    }

    /// Whether everybody is connected.
    pub fn is_open(&self) -> bool {
        self.screens.iter().all(|screen| screen.live) && self.visitors.iter().all(|visitor| visitor.live)
    }

    pub fn rounds(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.rounds).sum()
    }

    pub fn unmet(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.unmet).sum()
    }

    /// Looks on for a moment, and does what is due.
    pub fn step(&mut self, swarm: &mut Swarm) -> io::Result<()> {
        swarm.turn(self, Duration::from_millis(2))?;
        let now = swarm.now();
        self.dial(swarm, now)?;
        if self.writing {
            (0..self.visitors.len()).for_each(|visitor| self.write(swarm, visitor, now));
        }
        (0..self.lanes.len()).for_each(|lane| self.race(swarm, lane, now));
        Ok(())
    }

    fn dial(&mut self, swarm: &mut Swarm, now: Nanos) -> io::Result<()> {
        for (at, part) in std::mem::take(&mut self.to_dial) {
            if at > now {
                self.to_dial.push((at, part));
                continue;
            }
            let (hub, path, cookie) = match part {
                Part::Screen(index) => (index, "/ws/agent", Some(self.cookie.as_str())),
                Part::Visitor(index) => (self.visitors[index].hub, "/ws/visitor", None),
            };
            let id = swarm.connect(&Dial { to: self.hubs[hub], path, cookie, receive_buffer: None })?;
            self.parts.insert(id, part);
            match part {
                Part::Screen(index) => self.screen_sockets[index] = Some(id),
                Part::Visitor(index) => self.visitors[index].socket = Some(id),
            }
        }
        Ok(())
    }

    /// The visitor's next message, when it is time for it. One that no hub has taken is sent again with the same id.
    fn write(&mut self, swarm: &mut Swarm, index: usize, now: Nanos) {
        let visitor = &mut self.visitors[index];
        let Some(socket) = visitor.socket.filter(|_| visitor.live && !visitor.pending) else { return };
        if now < visitor.next_at || (visitor.pace.is_none() && visitor.accepted > 0) {
            return;
        }
        visitor.pending = true;
        let stamp = Stamp { sender: index as u32, sequence: visitor.accepted, sent: now };
        let id = format!("{index}-{}", visitor.accepted);
        swarm.send(socket, &say::send(id, stamp.to_text(TEXT_BYTES), visitor.conversation));
    }

    fn race(&mut self, swarm: &mut Swarm, index: usize, now: Nanos) {
        let lane = &mut self.lanes[index];
        let pen = &lane.pen;
        match lane.phase {
            Phase::Idle if self.racing && lane.conversation.is_some() => self.unblock(swarm, index),
            Phase::Free(before, None) if pen.taken.load(Ordering::Relaxed) > before => {
                let word = self.random.random_range(0..WORD_AT_MOST);
                lane.phase = Phase::Free(before, Some(now + word));
            }
            Phase::Free(_, Some(at)) if at <= now => {
                lane.phase = Phase::Blocking;
                self.command(swarm, index);
            }
            Phase::Blocked(before, since)
                if pen.blocked.load(Ordering::Relaxed) >= before + REFUSED_TIMES || now > since + BLOCKED_AT_MOST =>
            {
                let refused = pen.blocked.load(Ordering::Relaxed) > before;
                *(if refused { &mut lane.rounds } else { &mut lane.unmet }) += 1;
                lane.phase = Phase::Idle;
                if self.racing {
                    self.unblock(swarm, index);
                }
            }
            _ => {}
        }
    }

    fn unblock(&mut self, swarm: &mut Swarm, index: usize) {
        let lane = &mut self.lanes[index];
        // What is taken from here on is nobody's slip.
        if lane.pen.epoch.load(Ordering::SeqCst) % 2 == 1 {
            lane.pen.epoch.fetch_add(1, Ordering::SeqCst);
        }
        lane.phase = Phase::Unblocking;
        self.command(swarm, index);
    }

    /// Sends what the lane's phase asks for, by the last of the screens; unless it is away: then when it is back.
    fn command(&mut self, swarm: &mut Swarm, index: usize) {
        let (Some(screen), Some(Some(socket))) = (self.screens.last(), self.screen_sockets.last()) else { return };
        let lane = &mut self.lanes[index];
        let (true, Some(conversation)) = (screen.live, lane.conversation) else { return };
        lane.command += 1;
        let id = format!("{index}-{}", lane.command);
        let frame = match lane.phase {
            Phase::Unblocking => say::unblock_bot(id, conversation, lane.bot_id),
            Phase::Blocking => say::block_bot(id, conversation, lane.bot_id),
            _ => return,
        };
        swarm.send(*socket, &frame);
    }

    fn replied(&mut self, id: &str, outcome: Outcome, now: Nanos) {
        let numbers = id.split_once('-').and_then(|(lane, number)| Some((lane.parse().ok()?, number.parse().ok()?)));
        let Some((index, number)): Option<(usize, u64)> = numbers else { return };
        let lane = &mut self.lanes[index];
        if lane.command != number {
            return;
        }
        if let Outcome::Refused { error } = outcome {
            return self.troubles.push(format!("{:?} was refused: {error:?}", lane.phase));
        }
        match lane.phase {
            Phase::Unblocking => lane.phase = Phase::Free(lane.pen.taken.load(Ordering::Relaxed), None),
            Phase::Blocking => {
                lane.pen.epoch.fetch_add(1, Ordering::SeqCst);
                lane.phase = Phase::Blocked(lane.pen.blocked.load(Ordering::Relaxed), now);
            }
            _ => {}
        }
    }

    fn screen_frame(&mut self, swarm: &mut Swarm, id: SocketId, screen: usize, frame: &[u8], now: Nanos) {
        match serde_json::from_slice(frame) {
            Ok(AgentServerFrame::Welcome(_)) => {
                self.screens[screen].live = true;
                if screen + 1 == self.screens.len() {
                    // What was not answered is asked again.
                    (0..self.lanes.len()).for_each(|lane| self.command(swarm, lane));
                }
            }
            Ok(AgentServerFrame::Event(event)) => self.event(screen, *event, now),
            Ok(AgentServerFrame::Signal(AgentSignal::Typing { conversation_id, who, on: true, .. })) => {
                self.typing(screen, conversation_id, who, now);
            }
            Ok(AgentServerFrame::Reply { id, outcome }) => self.replied(&id, outcome, now),
            Ok(AgentServerFrame::Ping { .. }) => swarm.send(id, say::PONG),
            Ok(AgentServerFrame::Reset { why }) => self.troubles.push(format!("a screen was reset: {why:?}")),
            Ok(AgentServerFrame::Signal(_) | AgentServerFrame::Bye(_)) => {}
            Err(error) => self.troubles.push(format!("{error}: {}", String::from_utf8_lossy(frame))),
        }
    }

    fn event(&mut self, screen: usize, frame: AgentEventFrame, now: Nanos) {
        if frame.position <= self.screens[screen].last {
            return self.troubles.push(format!("position {} came again", frame.position));
        }
        self.screens[screen].last = frame.position;
        match frame.event {
            AgentEvent::ConversationCreated { conversation, messages } => {
                let stamp = messages.first().and_then(|message| Stamp::find(message.text.as_bytes()));
                let sender = stamp.map_or(usize::MAX, |stamp| stamp.sender as usize);
                if let Some(lane) = self.lanes.get_mut(sender) {
                    (lane.conversation, lane.chat) = (Some(conversation.id), conversation.number);
                    self.lane_of.insert(conversation.id, sender);
                }
            }
            AgentEvent::MessageCreated { message, .. } => self.wrote(screen, &message, false, frame.position),
            AgentEvent::MessageChanged { message } => self.wrote(screen, &message, true, frame.position),
            AgentEvent::ConversationChanged { lines, .. } => {
                lines.iter().for_each(|line| self.line(screen, line, now));
            }
            _ => {}
        }
    }

    fn line(&mut self, screen: usize, message: &Message, now: Nanos) {
        let Some(lane) = self.lane_of.get(&message.conversation_id).copied() else { return };
        match message.line {
            Some(SystemLine::BotBlocked { bot_id, .. }) if bot_id == self.lanes[lane].bot_id => {
                self.screens[screen].blocked[lane] = Some((now, message.number));
            }
            Some(SystemLine::BotUnblocked { bot_id, .. }) if bot_id == self.lanes[lane].bot_id => {
                self.screens[screen].blocked[lane] = None;
            }
            _ => {}
        }
    }

    /// Something that a bot wrote is on a screen.
    fn wrote(&mut self, screen: usize, message: &Message, edited: bool, position: Position) {
        let (MessageKind::Out, Author::Bot { .. }) = (message.kind, message.author) else { return };
        let Some(lane) = self.lane_of.get(&message.conversation_id).copied() else { return };
        *(if edited { &mut self.slips.edits_shown } else { &mut self.slips.shown }) += 1;
        if let Some((_, line)) = self.screens[screen].blocked[lane] {
            self.slips.written += 1;
            self.slips.say(|| {
                let (what, number) = (if edited { "edit of" } else { "message" }, message.number);
                format!("{what} {number} at {position} on screen {screen}, behind line {line} of {lane}")
            });
        }
    }

    fn typing(&mut self, screen: usize, conversation: ConversationId, who: Author, now: Nanos) {
        let (Author::Bot { .. }, Some(lane)) = (who, self.lane_of.get(&conversation).copied()) else { return };
        self.slips.typing_shown += 1;
        if let Some((since, line)) = self.screens[screen].blocked[lane].filter(|_| !self.lanes[lane].is_undone()) {
            self.slips.typed += 1;
            let after = (now - since) as f64 / 1e6;
            self.slips.say(|| format!("typing on screen {screen}, {after:.1} ms behind line {line} of {lane}"));
        }
    }

    fn visitor_frame(&mut self, swarm: &mut Swarm, id: SocketId, index: usize, frame: &[u8], now: Nanos) {
        if scan::kind(frame) == Kind::Event {
            return;
        }
        match serde_json::from_slice(frame) {
            Ok(VisitorServerFrame::Welcome(_)) => self.visitors[index].live = true,
            Ok(VisitorServerFrame::Reply { id, outcome: Outcome::Done { done } }) => {
                let visitor = &mut self.visitors[index];
                if id == format!("{index}-{}", visitor.accepted) && visitor.pending {
                    visitor.conversation = visitor.conversation.or(done.conversation_id);
                    visitor.accepted += 1;
                    visitor.pending = false;
                    visitor.next_at = now + visitor.pace.unwrap_or_default();
                }
            }
            Ok(VisitorServerFrame::Reply { outcome: Outcome::Refused { error }, .. }) => {
                // It is asked again, with the same id.
                self.visitors[index].pending = false;
                self.visitors[index].next_at = now + DIAL_AFTER;
                self.troubles.push(format!("a visitor's message was refused: {error:?}"));
            }
            Ok(VisitorServerFrame::Signal(VisitorSignal::Typing {
                who: VisitorAuthor::Bot { .. }, on: true, ..
            })) => self.typing_at_visitor(index, now),
            Ok(VisitorServerFrame::Ping { .. }) => swarm.send(id, say::PONG),
            Ok(_) => {}
            Err(error) => self.troubles.push(format!("{error}: {}", String::from_utf8_lossy(frame))),
        }
    }

    fn typing_at_visitor(&mut self, index: usize, now: Nanos) {
        let Some(Some((since, line))) = self.screens[self.visitors[index].hub].blocked.get(index).copied() else {
            return;
        };
        if now > since + VISITORS_GRACE && !self.lanes[index].is_undone() {
            self.slips.typed_to_visitor += 1;
            let after = (now - since) as f64 / 1e6;
            self.slips.say(|| format!("typing at the visitor of {index}, {after:.1} ms behind line {line}"));
        }
    }
}

impl Slips {
    const SAID: usize = 20;

    fn say(&mut self, what: impl FnOnce() -> String) {
        if self.said.len() < Self::SAID {
            self.said.push(what());
        }
    }
}

impl Driver for Arena {
    fn opened(&mut self, swarm: &mut Swarm, id: SocketId) {
        let first = match self.parts.get(&id) {
            Some(Part::Screen(index)) => {
                say::resume(ResumePoint { epoch: self.epoch.clone(), position: self.screens[*index].last })
            }
            Some(Part::Visitor(index)) => say::hello(&self.visitors[*index].token, None),
            None => return,
        };
        swarm.send(id, &first);
    }

    fn frame(&mut self, swarm: &mut Swarm, id: SocketId, frame: &[u8], now: Nanos) {
        match self.parts.get(&id).copied() {
            Some(Part::Screen(index)) => self.screen_frame(swarm, id, index, frame, now),
            Some(Part::Visitor(index)) => self.visitor_frame(swarm, id, index, frame, now),
            None => {}
        }
    }

    fn closed(&mut self, swarm: &mut Swarm, id: SocketId, _why: Closed) {
        let Some(part) = self.parts.remove(&id) else { return };
        match part {
            Part::Screen(index) => (self.screens[index].live, self.screen_sockets[index]) = (false, None),
            Part::Visitor(index) => {
                let visitor = &mut self.visitors[index];
                (visitor.live, visitor.socket, visitor.pending) = (false, None, false);
            }
        }
        self.to_dial.push((swarm.now() + DIAL_AFTER, part));
    }
}
