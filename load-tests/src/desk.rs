//! A few agents' screens that read whatever comes, and keep a book of it: which stamped messages, when, in which
//! conversation, under which number. They come back after the hub was killed and resume.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::Duration;

use hdrhistogram::Histogram;
use switchboard_protocol::agent::{AgentEvent, AgentServerFrame, ResumePoint};
use switchboard_protocol::model::{Message, MessageKind};
use switchboard_protocol::{ConversationId, Position};

use crate::clock::Nanos;
use crate::ledger::Verdict;
use crate::report::{histogram, record};
use crate::say;
use crate::scan::{self, Kind, Stamp};
use crate::stage::{LoadError, Target};
use crate::swarm::{Closed, Dial, Driver, SocketId, Swarm};

const AGENT_PATH: &str = "/ws/agent";

pub struct Desk {
    target: Target,
    screens: Vec<Screen>,
    screen_of: HashMap<SocketId, usize>,
    to_dial: Vec<usize>,
    /// From the stamp to the screen.
    pub took: Histogram<u64>,
    /// What the hub said at last before it ended a socket.
    said: Option<String>,
    /// How the last socket that ended did.
    ended: Option<Closed>,
}

#[derive(Default)]
struct Screen {
    live: bool,
    last: Position,
    /// How often each stamped message came.
    stamps: HashMap<(u32, u32), u32>,
    conversations: HashMap<u32, HashSet<ConversationId>>,
    numbers: HashMap<ConversationId, i64>,
    verdict: Verdict,
}

impl Desk {
    /// So many screens, which are live when this returns.
    pub fn open(target: Target, screens: usize, swarm: &mut Swarm, within: Duration) -> Result<Self, LoadError> {
        let position = target.point.as_ref().map_or(0, |point| point.position);
        let screen = || Screen { last: position, ..Screen::default() };
        let mut desk = Self {
            target,
            screens: (0..screens).map(|_| screen()).collect(),
            screen_of: HashMap::new(),
            to_dial: (0..screens).collect(),
            took: histogram(),
            said: None,
            ended: None,
        };
        desk.dial(swarm)?;
        if swarm.turn_until(&mut desk, within, |desk| desk.screens.iter().all(|screen| screen.live))? {
            return Ok(desk);
        }
        let waiting = desk.screens.iter().filter(|screen| !screen.live).count();
        Err(LoadError::NotInTime {
            waiting,
            of: screens,
            state: "live",
            said: format!("{:?} {:?}", desk.ended, desk.said),
        })
    }

    /// Looks on for so long, or until all screens have so many messages.
    pub fn look(&mut self, swarm: &mut Swarm, messages: usize, within: Duration) -> io::Result<bool> {
        let end = swarm.now() + within.as_nanos() as u64;
        loop {
            if self.screens.iter().all(|screen| screen.stamps.len() >= messages) {
                return Ok(true);
            }
            if swarm.now() >= end {
                return Ok(false);
            }
            swarm.turn(self, Duration::from_millis(5))?;
            self.dial(swarm)?;
        }
    }

    /// In which conversation this person's messages are, as the first screen has it.
    pub fn conversation_of(&self, sender: u32) -> Option<ConversationId> {
        self.screens.first()?.conversations.get(&sender)?.iter().next().copied()
    }

    /// Whether all screens have had this message.
    pub fn has(&self, stamp: (u32, u32)) -> bool {
        self.screens.iter().all(|screen| screen.stamps.contains_key(&stamp))
    }

    /// Conversations on the screen that has the most.
    pub fn conversations(&self) -> usize {
        self.screens.iter().map(|screen| screen.numbers.len()).max().unwrap_or(0)
    }

    /// Each screen had these messages, once; each person's in one conversation, where the channel has one for a person.
    pub fn judge(&self, sent: &HashSet<(u32, u32)>, by_person: bool) -> Verdict {
        let mut all = Verdict { accepted: sent.len() as u64, ..Verdict::default() };
        for screen in &self.screens {
            let mut verdict = screen.verdict;
            verdict.lost += sent.iter().filter(|stamp| !screen.stamps.contains_key(stamp)).count() as u64;
            verdict.twice += screen.stamps.values().map(|times| u64::from(times - 1)).sum::<u64>();
            if by_person {
                verdict.wrong += screen.conversations.values().filter(|set| set.len() > 1).count() as u64;
            }
            verdict.wrong += screen.stamps.keys().filter(|stamp| !sent.contains(stamp)).count() as u64;
            all.add(verdict);
        }
        all
    }

    fn dial(&mut self, swarm: &mut Swarm) -> io::Result<()> {
        for index in std::mem::take(&mut self.to_dial) {
            let cookie = &self.target.cookies[index % self.target.cookies.len()];
            let dial = Dial { to: self.target.address, path: AGENT_PATH, cookie: Some(cookie), receive_buffer: None };
            let id = swarm.connect(&dial)?;
            self.screen_of.insert(id, index);
        }
        Ok(())
    }
}

impl Screen {
    fn message(&mut self, message: &Message, now: Nanos, took: &mut Histogram<u64>) {
        self.verdict.delivered += 1;
        let last = self.numbers.entry(message.conversation_id).or_insert(message.number - 1);
        match message.number {
            number if number <= *last => self.verdict.disordered += 1,
            number if number > *last + 1 => self.verdict.lost += 1,
            _ => {}
        }
        *last = (*last).max(message.number);
        if message.kind != MessageKind::In {
            return;
        }
        let Some(stamp) = Stamp::find(message.text.as_bytes()) else { return };
        let name = (stamp.sender, stamp.sequence);
        self.conversations.entry(stamp.sender).or_default().insert(message.conversation_id);
        *self.stamps.entry(name).or_default() += 1;
        record(took, now.saturating_sub(stamp.sent));
    }
}

impl Driver for Desk {
    fn opened(&mut self, swarm: &mut Swarm, id: SocketId) {
        let Some(index) = self.screen_of.get(&id) else { return };
        let epoch = self.target.point.as_ref().map(|point| point.epoch.clone()).unwrap_or_default();
        swarm.send(id, &say::resume(ResumePoint { epoch, position: self.screens[*index].last }));
    }

    fn frame(&mut self, swarm: &mut Swarm, id: SocketId, frame: &[u8], now: Nanos) {
        let Some(screen) = self.screen_of.get(&id).and_then(|index| self.screens.get_mut(*index)) else { return };
        match scan::kind(frame) {
            Kind::Ping => swarm.send(id, say::PONG),
            Kind::Welcome => screen.live = true,
            Kind::Reset => screen.verdict.wrong += 1,
            Kind::Event => {
                let Ok(AgentServerFrame::Event(event)) = serde_json::from_slice(frame) else {
                    screen.verdict.wrong += 1;
                    return;
                };
                if event.position <= screen.last {
                    screen.verdict.twice += 1;
                    return;
                }
                screen.last = event.position;
                match &event.event {
                    AgentEvent::ConversationCreated { messages, .. } => {
                        messages.iter().for_each(|message| screen.message(message, now, &mut self.took));
                    }
                    AgentEvent::MessageCreated { message, .. } => screen.message(message, now, &mut self.took),
                    AgentEvent::ConversationChanged { lines, .. } => {
                        lines.iter().for_each(|line| screen.message(line, now, &mut self.took));
                    }
                    _ => {}
                }
            }
            Kind::Bye => self.said = Some(String::from_utf8_lossy(frame).into_owned()),
            Kind::Reply | Kind::Signal | Kind::Other => {}
        }
    }

    fn closed(&mut self, _swarm: &mut Swarm, id: SocketId, why: Closed) {
        self.ended = Some(why);
        if let Some(index) = self.screen_of.remove(&id) {
            self.screens[index].live = false;
            self.to_dial.push(index);
        }
    }
}
