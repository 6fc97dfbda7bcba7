//! Replicas under random trouble, in memory: joins, leaves, lost messages, deaths, links down; then calm, and all must
//! agree with what is so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use tokio::time::Instant;

use super::gossip::{ConnectionId, Gossip, Group, Key, Member};
use super::replica::{HEARTBEAT, LINK_GRACE, Replica, SILENCE};
use crate::NodeId;

const NODES: usize = 3;
/// After trouble ends: the longest linger, then a heartbeat, an ask, its snapshot, and a silent node dropped.
const CALM: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(250);

#[derive(Debug, Clone)]
enum Act {
    Join {
        node: usize,
        who: u8,
        connection: u64,
        meta: u8,
    },
    Leave {
        node: usize,
        who: u8,
        connection: u64,
        linger_ms: u64,
    },
    /// Messages from one node to another are lost from now on, or no more.
    Cut {
        from: usize,
        to: usize,
        lost: bool,
    },
    /// The node dies without a word; another takes its place.
    Restart {
        node: usize,
    },
    Link {
        node: usize,
        up: bool,
    },
    Pass {
        ms: u64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let (node, who, connection) = (0..NODES, 0..3u8, 0..3u64);
    prop_oneof![
        6 => (node.clone(), who.clone(), connection.clone(), 0..3u8)
            .prop_map(|(node, who, connection, meta)| Act::Join { node, who, connection, meta }),
        4 => (node.clone(), who, connection, prop_oneof![Just(0), 1..6000u64])
            .prop_map(|(node, who, connection, linger_ms)| Act::Leave { node, who, connection, linger_ms }),
        3 => (node.clone(), node.clone(), any::<bool>()).prop_map(|(from, to, lost)| Act::Cut { from, to, lost }),
        1 => node.clone().prop_map(|node| Act::Restart { node }),
        1 => (node, any::<bool>()).prop_map(|(node, up)| Act::Link { node, up }),
        6 => (0..4000u64).prop_map(|ms| Act::Pass { ms }),
    ]
}

/// Three replicas, their network, and what is so: who has which connections.
struct Net {
    now: Instant,
    nodes: Vec<(NodeId, Replica)>,
    truth: Vec<BTreeMap<Key, Bytes>>,
    cuts: BTreeSet<(usize, usize)>,
    down: BTreeSet<usize>,
    restarts: u32,
    /// What somebody knows who was told the changes of node 0.
    followed: BTreeMap<Member, Vec<Bytes>>,
}

impl Net {
    fn new() -> Self {
        let now = Instant::now();
        let nodes = (0..NODES).map(|index| node(&index.to_string(), now)).collect();
        let mut net = Self {
            now,
            nodes,
            truth: vec![BTreeMap::new(); NODES],
            cuts: BTreeSet::new(),
            down: BTreeSet::new(),
            restarts: 0,
            followed: BTreeMap::new(),
        };
        net.deliver();
        net
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Join { node, who, connection, meta } => {
                let (key, meta) = (key(who, connection), Bytes::from(vec![meta]));
                self.nodes[node].1.join(key.clone(), meta.clone()).unwrap();
                self.truth[node].insert(key, meta);
            }
            Act::Leave { node, who, connection, linger_ms } => {
                let key = key(who, connection);
                self.nodes[node].1.leave(self.now, key.clone(), Duration::from_millis(linger_ms));
                self.truth[node].remove(&key);
            }
            Act::Cut { from, to, lost: true } => drop(self.cuts.insert((from, to))),
            Act::Cut { from, to, lost: false } => drop(self.cuts.remove(&(from, to))),
            Act::Restart { node: index } => {
                self.restarts += 1;
                self.nodes[index] = node(&format!("{index}-{}", self.restarts), self.now);
                self.down.remove(&index);
                self.truth[index].clear();
                if index == 0 {
                    self.followed.clear();
                }
            }
            Act::Link { node, up } => {
                self.nodes[node].1.link(self.now, up);
                if up {
                    self.down.remove(&node)
                } else {
                    self.down.insert(node)
                };
            }
            Act::Pass { ms } => return self.pass(Duration::from_millis(ms)),
        }
        self.deliver();
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.now = until.min(self.now + STEP);
            for (_, replica) in &mut self.nodes {
                replica.tick(self.now);
            }
            self.deliver();
        }
    }

    /// Carries messages until nobody has any; what crosses a cut is lost.
    fn deliver(&mut self) {
        loop {
            let mut mail = Vec::new();
            for (from, (name, replica)) in self.nodes.iter_mut().enumerate() {
                let effects = replica.effects();
                mail.extend(effects.send.into_iter().map(|gossip| (from, name.clone(), gossip)));
                for (group, member) in effects.changed.into_iter().filter(|_| from == 0) {
                    match replica.metas(&group, &member) {
                        gone if gone.is_empty() => drop(self.followed.remove(&member)),
                        metas => drop(self.followed.insert(member, metas)),
                    }
                }
            }
            if mail.is_empty() {
                return;
            }
            for (from, name, gossip) in mail {
                for to in (0..NODES).filter(|to| *to != from && !self.cuts.contains(&(from, *to))) {
                    let gossip = Gossip::decode(&gossip.encode()).unwrap();
                    self.nodes[to].1.hear(self.now, &name, gossip);
                }
            }
            self.nodes.iter().for_each(|(_, replica)| replica.check_invariants());
        }
    }

    /// Whoever noticed nothing of the trouble (its link was never down) is told nothing of its end either.
    fn calm_down(&mut self) {
        self.cuts.clear();
        for node in std::mem::take(&mut self.down) {
            self.nodes[node].1.link(self.now, true);
        }
        self.deliver();
        self.pass(CALM);
    }

    fn truth(&self) -> BTreeMap<Member, Vec<Bytes>> {
        let mut members: BTreeMap<Member, BTreeSet<Bytes>> = BTreeMap::new();
        for (key, meta) in self.truth.iter().flatten() {
            members.entry(key.member.clone()).or_default().insert(meta.clone());
        }
        members.into_iter().map(|(member, metas)| (member, metas.into_iter().collect())).collect()
    }
}

fn node(name: &str, now: Instant) -> (NodeId, Replica) {
    let name = NodeId::new(name);
    let mut replica = Replica::new(name.clone(), now);
    replica.link(now, true);
    (name, replica)
}

fn key(who: u8, connection: u64) -> Key {
    Key { group: group(), member: Member::new(&who.to_string()), connection: ConnectionId(connection) }
}

fn group() -> Group {
    Group::new("staff")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn replicas_agree_once_trouble_is_over(acts in prop::collection::vec(act(), 1..80)) {
        let mut net = Net::new();
        for act in acts {
            net.act(act);
        }
        net.calm_down();
        let truth = net.truth();
        for (name, replica) in &net.nodes {
            let view: BTreeMap<_, _> = replica.members(&group()).into_iter().collect();
            prop_assert_eq!(&view, &truth, "as {} sees it", name);
            prop_assert_eq!(replica.peers().len(), NODES - 1);
        }
    }

    /// Whoever follows the changes of a node has its map, at any moment.
    #[test]
    fn changes_tell_the_whole_story(acts in prop::collection::vec(act(), 1..60)) {
        let mut net = Net::new();
        for act in acts {
            net.act(act);
            let map: BTreeMap<_, _> = net.nodes[0].1.members(&group()).into_iter().collect();
            prop_assert_eq!(&net.followed, &map);
        }
    }
}

#[test]
fn a_silent_node_is_dropped_but_not_for_a_silence_of_ones_own() {
    let mut net = Net::new();
    net.act(Act::Join { node: 1, who: 1, connection: 1, meta: 0 });
    let here = |net: &Net| net.nodes[0].1.members(&group()).len();
    assert_eq!(here(&net), 1);

    // Its own link is down: it waits, within reason.
    net.cuts.extend([(1, 0), (2, 0)]);
    let now = net.now;
    net.nodes[0].1.link(now, false);
    net.pass(LINK_GRACE - HEARTBEAT);
    assert_eq!(here(&net), 1);
    net.pass(HEARTBEAT + STEP);
    assert_eq!(here(&net), 0);

    // Back again: it asks and knows at once.
    net.cuts.clear();
    let now = net.now;
    net.nodes[0].1.link(now, true);
    net.deliver();
    net.pass(STEP);
    assert_eq!(here(&net), 1);

    // The link is up and the other silent: gone.
    net.cuts.insert((1, 0));
    net.pass(SILENCE + HEARTBEAT);
    assert_eq!(here(&net), 0);
}

#[test]
fn a_storm_of_questions_costs_few_snapshots() {
    let now = Instant::now();
    let (_, mut replica) = node("a", now);
    replica.join(key(1, 1), Bytes::new()).unwrap();
    replica.tick(now);
    replica.effects();
    for asker in 0..100 {
        replica.hear(now, &NodeId::new(&asker.to_string()), Gossip::Ask { of: None });
    }
    let mut snapshots = 0;
    for step in 0..4 {
        replica.tick(now + STEP * step);
        let sent = replica.effects().send;
        snapshots += sent.iter().filter(|gossip| matches!(gossip, Gossip::Snapshot { .. })).count();
    }
    assert_eq!(snapshots, 1);
}
