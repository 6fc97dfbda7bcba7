//! Conversations, customers and messages in great numbers, as a shop has them after some years.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchboard_store::{DatabaseUrl, Options, Store, search};

use crate::database::Database;
use crate::random::{Die, text, word};
use crate::{Failure, id_of, now};

/// Conversations of a transaction.
const AT_ONCE: usize = 2_000;
/// Messages of a conversation, on average.
const MESSAGES: usize = 10;
/// One customer writes so often.
const OF_ONE: usize = 3;
/// How far back the oldest begins.
const YEARS_MS: i64 = 3 * 365 * 86_400_000;
/// Tags that there are.
pub const TAGS: usize = 200;

/// Who and what the conversations belong to.
struct House {
    /// With the channel of each.
    inboxes: Vec<(String, String)>,
    agents: Vec<String>,
    teams: Vec<String>,
}

pub async fn fill(address: &str, conversations: usize) -> Result<(), Failure> {
    let mut database = Database::open(address).await?;
    let house = house(&mut database).await?;
    let begun = Instant::now();
    let mut made = Made {
        position: database.number("SELECT position FROM feed_head").await?,
        number: database.number("SELECT last_conversation_number FROM feed_head").await?,
        begins_at: now() - YEARS_MS,
        step: YEARS_MS / conversations.max(1) as i64,
        customers: Vec::new(),
        die: Die(7),
    };
    let mut left = conversations;
    while left > 0 {
        let many = left.min(AT_ONCE);
        left -= many;
        database.run("BEGIN").await?;
        let mut rows = Rows::default();
        (0..many).for_each(|_| made.conversation(&house, &mut rows));
        rows.put(&mut database).await?;
        let head =
            format!("UPDATE feed_head SET position = {}, last_conversation_number = {}", made.position, made.number);
        database.run(&head).await?;
        database.run("COMMIT").await?;
        if left.is_multiple_of(AT_ONCE * 20) {
            let done = conversations - left;
            println!("{done} conversations, {:.0} a second", done as f64 / begun.elapsed().as_secs_f64());
        }
    }
    database.run("ANALYZE").await
}

/// Waits for the store's own index of the searches: it follows the feed as it does in a hub.
pub async fn index(url: &DatabaseUrl) -> Result<(), Failure> {
    let begun = Instant::now();
    let store = Store::open(url, Options { new_epoch: id_of(now()).to_string() }).await?;
    search::catch_up(&store).await.map_err(|_| "the search index cannot follow")?;
    println!("indexed in {:?}", begun.elapsed());
    store.close().await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    Ok(())
}

async fn house(database: &mut Database) -> Result<House, Failure> {
    if database.number("SELECT count(*) FROM inboxes").await? == 0 {
        let channels = ["web", "web", "email", "email", "email", "sms", "telegram", "telegram"];
        let inboxes = (0..8).map(|n| {
            let id = id_of(now()).to_string();
            json!({"id": id, "name": format!("Inbox {n}"), "channel": channels[n], "case_prefix": format!("M{n}-"), "created_at": now()})
        });
        let inboxes = inboxes.collect();
        database.put("inboxes", &["id", "name", "channel", "case_prefix", "created_at::BIGINT"], inboxes).await?;
        let agents = (0..20).map(|n| {
            let role = if n == 0 { "owner" } else { "agent" };
            json!({"id": id_of(now()).to_string(), "name": format!("Agent {n}"), "email": format!("agent{n}@million.example"),
                "role": role, "disabled": false, "availability": "online", "access_position": 0, "created_at": now()})
        });
        let columns = [
            "id",
            "name",
            "email",
            "role",
            "disabled::BOOLEAN",
            "availability",
            "access_position::BIGINT",
            "created_at::BIGINT",
        ];
        let agents = agents.collect();
        database.put("agents", &columns, agents).await?;
        let teams = (0..4).map(|n| json!({"id": id_of(now()).to_string(), "name": format!("Team {n}")})).collect();
        database.put("teams", &["id", "name"], teams).await?;
    }
    let ids = |rows: Vec<(String, String)>| rows.into_iter().map(|(id, _)| id).collect();
    Ok(House {
        inboxes: database.words("SELECT id, channel FROM inboxes WHERE removed_at IS NULL ORDER BY id").await?,
        agents: ids(database.words("SELECT id, name FROM agents WHERE NOT disabled ORDER BY id").await?),
        teams: ids(database.words("SELECT id, name FROM teams ORDER BY id").await?),
    })
}

struct Made {
    position: i64,
    number: i64,
    begins_at: i64,
    step: i64,
    customers: Vec<Customer>,
    die: Die,
}

struct Customer {
    id: String,
    name: String,
    /// One for each inbox in which they have written.
    identities: Vec<(usize, String)>,
}

#[derive(Default)]
struct Rows {
    contacts: Vec<Value>,
    identities: Vec<Value>,
    conversations: Vec<Value>,
    assignees: Vec<Value>,
    tags: Vec<Value>,
    reads: Vec<Value>,
    messages: Vec<Value>,
    words: Vec<Value>,
}

impl Made {
    /// Which one writes, and as which identity.
    fn customer(&mut self, at: i64, inbox: usize, house: &House, rows: &mut Rows) -> (usize, String) {
        let known = !self.customers.is_empty() && !self.die.one_in(OF_ONE);
        if !known {
            let id = id_of(at).to_string();
            let name = format!("{} {}", capital(&word(self.die.below(3_000))), capital(&word(self.die.below(9_000))));
            let number = self.customers.len();
            rows.contacts.push(json!({"id": id, "name": name, "email": format!("c{number}@customers.example"),
                "phone": format!("+479{number:08}"), "language": "en", "notes": "", "tags": "[]", "created_at": at}));
            self.customers.push(Customer { id, name, identities: Vec::new() });
        }
        let which = if known { self.die.below(self.customers.len()) } else { self.customers.len() - 1 };
        let customer = &mut self.customers[which];
        if let Some((_, identity)) = customer.identities.iter().find(|(of, _)| *of == inbox) {
            return (which, identity.clone());
        }
        let identity = id_of(at).to_string();
        let (inbox_id, channel) = &house.inboxes[inbox];
        rows.identities
            .push(json!({"id": identity, "contact_id": customer.id, "inbox_id": inbox_id, "channel": channel,
            "provider_key": identity, "verified": false, "created_at": at}));
        customer.identities.push((inbox, identity.clone()));
        (which, identity)
    }

    fn conversation(&mut self, house: &House, rows: &mut Rows) {
        self.number += 1;
        let begun = self.begins_at;
        self.begins_at += self.step;
        let inbox = self.die.below(house.inboxes.len());
        let (customer, identity) = self.customer(begun, inbox, house, rows);
        let (contact, name) = (self.customers[customer].id.clone(), self.customers[customer].name.to_lowercase());
        let id = id_of(begun).to_string();
        let (inbox_id, channel) = &house.inboxes[inbox];
        let case_number = format!("M{inbox}-{}", self.number);
        let (status, place) = match self.die.below(100) {
            0..3 => ("open", "inbox"),
            3 => ("snoozed", "inbox"),
            4..7 => ("closed", "archived"),
            7 => ("closed", "spam"),
            8 => ("closed", "trash"),
            _ => ("closed", "inbox"),
        };
        let assignees: Vec<&String> = if self.die.below(10) < if status == "open" { 5 } else { 8 } {
            vec![self.die.pick(&house.agents)]
        } else {
            Vec::new()
        };
        let tags: Vec<String> = if self.die.below(10) < 4 { vec![tag(self.die.rank(TAGS))] } else { Vec::new() };
        let messages = 1 + self.die.below(2 * MESSAGES - 1);
        let (mut last_in, mut last_out, mut at, mut told) = (0, None, begun, (String::new(), "in"));
        for number in 1..=messages {
            at += 60_000 * (1 + self.die.below(240) as i64);
            let kind = if number == 1 || self.die.one_in(2) { "in" } else { "out" };
            let author = match kind {
                "in" => json!({"kind": "contact", "id": contact}),
                _ => json!({"kind": "agent", "id": self.die.pick(&house.agents)}),
            };
            match kind {
                "in" => last_in = number,
                _ => last_out = Some((number, author.to_string())),
            }
            let words = 4 + self.die.below(30);
            let said = text(&mut self.die, words);
            self.position += 1;
            let message = id_of(at).to_string();
            rows.messages.push(json!({"id": message, "conversation_id": id, "number": number, "kind": kind,
                "author": author.to_string(), "at": at, "text": said, "attachments": "[]", "client_id": message,
                "delivery": if kind == "out" { Value::from("sent") } else { Value::Null }, "position": self.position}));
            told = (said, kind);
            if number == messages {
                let preview: String = told.0.chars().take(140).collect();
                told.0 = json!({"number": number, "kind": kind, "author": author, "text": preview, "attachments": 0})
                    .to_string();
            }
        }
        let waits = status == "open" && told.1 == "in";
        let priority = if self.die.one_in(12) { *self.die.pick(&["low", "high", "urgent"]) } else { "none" };
        let team = if self.die.one_in(3) { house.teams.get(self.die.below(house.teams.len().max(1))) } else { None };
        let subject = (channel == "email").then(|| text(&mut self.die, 5));
        for agent in house.agents.iter().take(3) {
            if status != "open" || self.die.one_in(2) {
                rows.reads.push(json!({"conversation_id": id, "agent_id": agent, "number": messages}));
            }
        }
        rows.assignees.extend(assignees.iter().map(|agent| json!({"conversation_id": id, "agent_id": agent})));
        rows.tags.extend(tags.iter().map(|tag| json!({"conversation_id": id, "tag": tag})));
        // As the store takes them apart: small letters, and the inbox's mark.
        let subject_words = subject.as_deref().unwrap_or_default();
        let described = format!("\u{e000}{inbox_id} {name} {subject_words} {} {case_number}", tags.join(" "));
        rows.words.push(json!({"rowid": self.number, "text": described.to_lowercase().replace('-', " ")}));
        rows.conversations.push(
            json!({"id": id, "number": self.number, "case_number": case_number, "inbox_id": inbox_id,
            "channel": channel, "contact_id": contact, "identity_id": identity, "subject": subject, "status": status,
            "place": place, "snoozed_until": (status == "snoozed").then(|| now() + YEARS_MS), "team_id": team,
            "assignees": json!(assignees).to_string(), "flagged": self.die.one_in(40), "priority": priority,
            "tags": json!(tags).to_string(), "language": self.die.pick(&["en", "nl", "nb", "fr", "ar"]), "source": "{}",
            "created_at": begun, "last_activity_at": at, "waiting_since": waits.then_some(at), "last_number": messages,
            "last_in_number": last_in, "last_out_number": last_out.as_ref().map(|(number, _)| number),
            "last_out_author": last_out.map(|(_, author)| author), "last_kind": told.1, "preview": told.0,
            "delivered_number": messages, "contact_read_number": messages, "staff_read_number": messages}),
        );
    }
}

/// The tag of this rank.
pub fn tag(rank: usize) -> String {
    format!("{}-{}", word(rank), word(rank + 500))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Rows {
    async fn put(self, database: &mut Database) -> Result<(), Failure> {
        let columns = ["id", "name", "email", "phone", "language", "notes", "tags", "created_at::BIGINT"];
        database.put("contacts", &columns, self.contacts).await?;
        let columns =
            ["id", "contact_id", "inbox_id", "channel", "provider_key", "verified::BOOLEAN", "created_at::BIGINT"];
        database.put("identities", &columns, self.identities).await?;
        let columns = [
            "id",
            "number::BIGINT",
            "case_number",
            "inbox_id",
            "channel",
            "contact_id",
            "identity_id",
            "subject",
            "status",
            "place",
            "snoozed_until::BIGINT",
            "assignees",
            "team_id",
            "flagged::BOOLEAN",
            "priority",
            "tags",
            "language",
            "source",
            "created_at::BIGINT",
            "last_activity_at::BIGINT",
            "waiting_since::BIGINT",
            "last_number::BIGINT",
            "last_in_number::BIGINT",
            "last_out_number::BIGINT",
            "last_out_author",
            "last_kind",
            "preview",
            "delivered_number::BIGINT",
            "contact_read_number::BIGINT",
            "staff_read_number::BIGINT",
        ];
        database.put("conversations", &columns, self.conversations).await?;
        database.put("conversation_assignees", &["conversation_id", "agent_id"], self.assignees).await?;
        database.put("conversation_tags", &["conversation_id", "tag"], self.tags).await?;
        database.put("reads", &["conversation_id", "agent_id", "number::BIGINT"], self.reads).await?;
        let columns = [
            "id",
            "conversation_id",
            "number::BIGINT",
            "kind",
            "author",
            "at::BIGINT",
            "text",
            "attachments",
            "client_id",
            "delivery",
            "position::BIGINT",
        ];
        database.put("messages", &columns, self.messages).await?;
        database.put("conversation_words", &["rowid::BIGINT", "text"], self.words).await
    }
}
