//! How long the questions of a dashboard take, each many times over, with other values each time.

use std::future::Future;
use std::time::{Duration, Instant};

use switchboard_domain::Visibility;
use switchboard_protocol::model::{Channel, Priority};
use switchboard_protocol::rest::{Folder, Sort};
use switchboard_protocol::{AgentId, ContactId, ConversationId, InboxId};
use switchboard_store::conversations::{self, Assignee, LastBy, Query};
use switchboard_store::{Store, search};

use crate::Failure;
use crate::database::Database;
use crate::fill::{TAGS, tag};
use crate::random::{Die, WORDS, word};

/// What a page of the dashboard asks for.
const ROWS: usize = 50;
/// What each question may take at most, 95 times of 100.
const BOUND: Duration = Duration::from_millis(50);

struct Times(Vec<Duration>);

impl Times {
    fn at(&self, share: usize) -> Duration {
        self.0[(self.0.len() - 1) * share / 100]
    }
}

async fn time<F, T>(calls: usize, mut question: impl FnMut(usize) -> F) -> Result<Times, Failure>
where
    F: Future<Output = Result<T, switchboard_store::ReadError>>,
{
    let mut times = Vec::with_capacity(calls);
    for call in 0..calls {
        let begun = Instant::now();
        question(call).await?;
        times.push(begun.elapsed());
    }
    times.sort();
    Ok(Times(times))
}

struct Asking<'a> {
    store: &'a Store,
    calls: usize,
    floor: Duration,
    worst: Duration,
}

impl Asking<'_> {
    async fn say<F, T>(&mut self, what: &str, question: impl FnMut(usize) -> F) -> Result<(), Failure>
    where
        F: Future<Output = Result<T, switchboard_store::ReadError>>,
    {
        let times = time(self.calls, question).await?;
        let (p50, p95, last) = (times.at(50), times.at(95), times.at(100));
        let ratio = p95.as_secs_f64() / self.floor.as_secs_f64();
        let missed = if p95 > BOUND { "  missed" } else { "" };
        println!("{what:<56} p50 {p50:>9.2?}  p95 {p95:>9.2?}  max {last:>9.2?}  {ratio:>6.1} x{missed}");
        self.worst = self.worst.max(p95);
        Ok(())
    }

    async fn list(&mut self, what: &str, seen: &Visibility, of: impl Fn(usize) -> Query) -> Result<(), Failure> {
        let store = self.store;
        let asked = |call| {
            let query = Query { limit: ROWS, ..of(call) };
            async move { conversations::page(store, seen, &query).await }
        };
        self.say(what, asked).await
    }
}

pub async fn ask(store: &Store, address: &str, calls: usize) -> Result<(), Failure> {
    let mut database = Database::open(address).await?;
    let there = database.number("SELECT count(*) FROM conversations").await?;
    let messages = database.number("SELECT count(*) FROM messages").await?;
    let some = database.words("SELECT id, contact_id FROM conversations ORDER BY id LIMIT 5000").await?;
    let ids: Vec<ConversationId> = some.iter().map(|(id, _)| id.parse()).collect::<Result<_, _>>()?;
    let contacts: Vec<ContactId> = some.iter().map(|(_, id)| id.parse()).collect::<Result<_, _>>()?;
    let agents = database.words("SELECT id, name FROM agents ORDER BY created_at, id").await?;
    let agents: Vec<AgentId> = agents.iter().map(|(id, _)| id.parse()).collect::<Result<_, _>>()?;
    let inboxes = database.words("SELECT id, name FROM inboxes ORDER BY id").await?;
    let inboxes: Vec<InboxId> = inboxes.iter().map(|(id, _)| id.parse()).collect::<Result<_, _>>()?;
    let reader = *agents.first().ok_or("nobody is there who could ask: fill first")?;
    let few = Visibility::Inboxes(inboxes.iter().take(3).copied().collect());

    println!("{there} conversations, {messages} messages; {calls} times each; the ratio is against one row by its id");
    let one = |call: usize| conversations::find(store, &Visibility::Team, reader, ids[call % ids.len()]);
    time(calls, one).await?;
    let floor = time(calls * 5, one).await?.at(95);
    let mut asking = Asking { store, calls, floor, worst: Duration::ZERO };
    asking.say("one row by its id", one).await?;
    for (who, seen) in [("all inboxes", &Visibility::Team), ("three inboxes", &few)] {
        for folder in Folder::ALL.iter().copied() {
            for sort in Sort::ALL.iter().copied() {
                let query = |_| Query { folder: Some(folder), sort, ..Query::all(reader) };
                asking.list(&format!("{who}: {} by {}", folder.as_str(), sort.as_str()), seen, query).await?;
            }
        }
        asking.say(&format!("{who}: counts"), |_| conversations::counts(store, seen, reader)).await?;
        let closed = Query { folder: Some(Folder::Closed), ..Query::all(reader) };
        let of = |what: &str| format!("{who}: closed, {what}");
        let tagged = |call: usize| Query { tag: Some(tag(call % 3)), ..closed.clone() };
        asking.list(&of("a common tag"), seen, tagged).await?;
        let tagged = |call: usize| Query { tag: Some(tag(TAGS - 1 - call % 20)), ..closed.clone() };
        asking.list(&of("a rare tag"), seen, tagged).await?;
        let whose =
            |call: usize| Query { assignee: Some(Assignee::Agent(agents[call % agents.len()])), ..closed.clone() };
        asking.list(&of("somebody's"), seen, whose).await?;
        asking.list(&of("nobody's"), seen, |_| Query { assignee: Some(Assignee::Nobody), ..closed.clone() }).await?;
        asking.list(&of("urgent"), seen, |_| Query { priority: Some(Priority::Urgent), ..closed.clone() }).await?;
        asking.list(&of("mails"), seen, |_| Query { channel: Some(Channel::Email), ..closed.clone() }).await?;
        asking.list(&of("answered last"), seen, |_| Query { last_by: Some(LastBy::Team), ..closed.clone() }).await?;
        let inbox = |call: usize| Query { inbox: Some(inboxes[call % 3]), ..closed.clone() };
        asking.list(&of("one inbox"), seen, inbox).await?;
        let of_one = |call: usize| Query { contact: Some(contacts[call % contacts.len()]), ..Query::all(reader) };
        asking.list(&format!("{who}: all of a customer"), seen, of_one).await?;
        pages(&mut asking, &format!("{who}: the next page of closed"), seen, &closed).await?;
        for (what, words) in searches() {
            let words = &words;
            let found = |call: usize| {
                let words = words(call);
                async move { search::page(store, seen, reader, &words, None, ROWS).await }
            };
            asking.say(&format!("{who}: search, {what}"), found).await?;
        }
    }
    println!("worst p95 {:.2?}", asking.worst);
    store.close().await;
    Ok(())
}

/// Scrolls: each call is the page after the last.
async fn pages(asking: &mut Asking<'_>, what: &str, seen: &Visibility, first: &Query) -> Result<(), Failure> {
    let cursor = parking_lot::Mutex::new(None);
    let (store, cursor) = (asking.store, &cursor);
    let next = |_| async move {
        let after = cursor.lock().take();
        let query = Query { cursor: after, limit: ROWS, ..first.clone() };
        let page = conversations::page(store, seen, &query).await?;
        *cursor.lock() = page.next;
        Ok(())
    };
    asking.say(what, next).await
}

type Words = Box<dyn Fn(usize) -> String>;

fn searches() -> Vec<(&'static str, Words)> {
    let die = |call: usize| Die(call as u64);
    vec![
        ("the commonest words", Box::new(|call| word(call % 5))),
        ("a common word", Box::new(|call| word(40 + call % 40))),
        ("a rare word", Box::new(move |call| word(WORDS / 2 + die(call).below(WORDS / 2)))),
        ("two common words", Box::new(|call| format!("{} {}", word(20 + call % 20), word(60 + call % 20)))),
        (
            "a beginning of three letters",
            Box::new(move |call| word(400 + die(call).below(400)).chars().take(3).collect()),
        ),
        ("words that nothing has", Box::new(|call| format!("zzyzx{call}"))),
        ("a case number", Box::new(|call| format!("M{}-{}", call % 8, 1 + call * 997 % 100_000))),
        ("a customer's name", Box::new(move |call| word(die(call).below(9_000)))),
    ]
}
