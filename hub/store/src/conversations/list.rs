//! The list: folders, filters, keyset pages, counts.

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::model::{Channel, Priority, Status};
use switchboard_protocol::rest::{ConversationRow, Folder, FolderCount, InboxCount, Sort, TeamCount};
use switchboard_protocol::{AgentId, ContactId, ConversationId, InboxId, TeamId, UnixMs, limits};

use super::columns::{FROM, ReadColumns, columns_for};
use crate::Store;
use crate::db::{Sql, sql};
use crate::error::ReadError;
use crate::row::{Where, id, maybe_id};
use crate::search;

/// Whose conversations a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Nobody,
    /// As primary or beside others.
    Agent(AgentId),
}

/// Who spoke last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastBy {
    Contact,
    Team,
}

/// Times from the one on and before the other, each if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Between {
    pub from: Option<UnixMs>,
    pub before: Option<UnixMs>,
}

impl Between {
    fn narrow(self, wanted: &mut Where, column: &str) {
        for (time, compares) in [(self.from, ">="), (self.before, "<")] {
            if let Some(time) = time {
                let time = wanted.value(time);
                wanted.and(format!("{column} {compares} {time}"));
            }
        }
    }
}

/// What a page of the list asks for. An absent filter filters nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Whose "mine" and "unread" it is.
    pub reader: AgentId,
    /// None: whatever the folder.
    pub folder: Option<Folder>,
    pub inbox: Option<InboxId>,
    pub assignee: Option<Assignee>,
    pub team: Option<TeamId>,
    pub status: Option<Status>,
    pub channel: Option<Channel>,
    pub priority: Option<Priority>,
    pub tag: Option<String>,
    pub last_by: Option<LastBy>,
    pub contact: Option<ContactId>,
    pub flagged: Option<bool>,
    /// BCP 47: also what is narrower, so `pt` finds `pt-BR`.
    pub language: Option<String>,
    pub has_files: Option<bool>,
    /// When it began.
    pub created: Between,
    /// When somebody wrote last.
    pub active: Between,
    /// Words, or beginnings of words, in what describes the conversation: [`search`].
    pub words: Option<String>,
    pub sort: Sort,
    pub cursor: Option<String>,
    /// At most [`limits::PAGE_ROWS`].
    pub limit: usize,
}

impl Query {
    /// Everything that the reader may see, newest activity first.
    pub fn all(reader: AgentId) -> Self {
        Self {
            reader,
            folder: None,
            inbox: None,
            assignee: None,
            team: None,
            status: None,
            channel: None,
            priority: None,
            tag: None,
            last_by: None,
            contact: None,
            flagged: None,
            language: None,
            has_files: None,
            created: Between::default(),
            active: Between::default(),
            words: None,
            sort: Sort::Activity,
            cursor: None,
            limit: limits::PAGE_ROWS,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub rows: Vec<ConversationRow>,
    /// For [`Query::cursor`]; none: this was the last page.
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Every folder, in the order of [`Folder::ALL`].
    pub folders: Vec<FolderCount>,
    /// What lies in the folder "inbox" of each inbox that has any.
    pub inboxes: Vec<InboxCount>,
    /// The same of each team that has any.
    pub teams: Vec<TeamCount>,
}

/// Joined by every staff read of conversations: `$1` is the reader.
const READS: &str = "LEFT JOIN reads AS r ON r.conversation_id = c.id AND r.agent_id = $1";

/// Where a conversation lies, as one word: its place, and in the inbox its status. The very text of the indexes.
const LIES: &str = "CASE c.place WHEN 'inbox' THEN c.status ELSE c.place END";

/// What the conversations of a folder have in common. `$1` is the reader; `c` and `r` as in [`READS`].
enum Lying {
    /// All of which [`LIES`] says this.
    All(&'static str),
    /// Of those that are open, those of which this holds.
    Open(&'static str),
    /// Those that the reader has sent: a condition with indexes of its own.
    Sent,
}

/// The very text of the indexes, behind `started_by`.
const SENT: &str = "c.started_by = $1 AND c.last_in_number = 0 AND c.place = 'inbox'";

fn folder(folder: Folder) -> Lying {
    match folder {
        Folder::Inbox => Lying::All("open"),
        Folder::Unread => Lying::Open(UNREAD),
        Folder::Mine => Lying::Open(
            "EXISTS (SELECT 1 FROM conversation_assignees AS a WHERE a.agent_id = $1 AND a.conversation_id = c.id)",
        ),
        Folder::Unassigned => Lying::Open("c.assignees = '[]'"),
        Folder::Snoozed => Lying::All("snoozed"),
        Folder::Sent => Lying::Sent,
        Folder::Closed => Lying::All("closed"),
        Folder::Archived => Lying::All("archived"),
        Folder::Spam => Lying::All("spam"),
        Folder::Trash => Lying::All("trash"),
    }
}

/// The reader has not read what the contact said last.
const UNREAD: &str = "c.last_in_number > COALESCE(r.number, 0)";

/// What a list is sorted by, and whether the largest comes first. Ties go by id, the same way. Each has its index.
fn order(sort: Sort) -> (&'static str, bool) {
    match sort {
        Sort::Activity => ("c.last_activity_at", true),
        // Numbers are given in the order in which conversations begin.
        Sort::Created => ("c.number", true),
        // Who does not wait comes after all who do.
        Sort::Waiting => ("COALESCE(c.waiting_since, 9223372036854775807)", false),
    }
}

/// Where a page ended: the sort's value of its last row, and that row's id.
struct Cursor {
    sort: Sort,
    key: i64,
    id: ConversationId,
}

impl Cursor {
    fn text(&self) -> String {
        format!("{}.{}.{}", self.sort.as_str(), self.key, self.id)
    }

    fn read(text: &str, sort: Sort) -> Result<Self, ReadError> {
        let mut parts = text.split('.');
        let parsed = (|| {
            let of = Sort::from_word(parts.next()?)?;
            let key = parts.next()?.parse().ok()?;
            let id = parts.next()?.parse().ok()?;
            (of == sort && parts.next().is_none()).then_some(Self { sort, key, id })
        })();
        parsed.ok_or(ReadError::BadCursor)
    }
}

#[derive(FromRow)]
struct Listed {
    #[sqlx(flatten)]
    row: ReadColumns,
    sort_key: i64,
}

pub async fn page(store: &Store, visibility: &Visibility, query: &Query) -> Result<Page, ReadError> {
    let limit = query.limit.clamp(1, limits::PAGE_ROWS);
    let mut reading = store.reading().await?;
    let mut listed: Vec<Listed> = reading.link().all(listing(store, visibility, query, limit)?).await?;
    let more = listed.len() > limit;
    listed.truncate(limit);
    let last_key = listed.last().map(|last| last.sort_key);
    let rows = listed.into_iter().map(|listed| conversation_row(listed.row)).collect::<Result<Vec<_>, _>>()?;
    let next = match (more, last_key, rows.last()) {
        (true, Some(key), Some(last)) => Some(Cursor { sort: query.sort, key, id: last.conversation.id }.text()),
        _ => None,
    };
    Ok(Page { rows, next })
}

fn listing(store: &Store, visibility: &Visibility, query: &Query, limit: usize) -> Result<Sql, ReadError> {
    let mut wanted = Where::new();
    wanted.value(query.reader);
    wanted.visible(&format!("c.inbox_id{}", unindexed(query)), visibility);
    filter(store, &mut wanted, visibility, query);
    let (key, descending) = order(query.sort);
    let (direction, beyond) = if descending { ("DESC", "<") } else { ("ASC", ">") };
    if let Some(cursor) = &query.cursor {
        let cursor = Cursor::read(cursor, query.sort)?;
        let (after, id) = (wanted.value(cursor.key), wanted.value(cursor.id));
        wanted.and(format!("({key}, c.id) {beyond} ({after}, {id})"));
    }
    // One more than asked for tells whether there is another page.
    let rows = wanted.value(limit as i64 + 1);
    let columns = columns_for(&mut wanted, visibility);
    let text = format!(
        "SELECT {columns}, COALESCE(r.number, 0) AS read_number, {key} AS sort_key FROM {FROM} {READS} {} \
         ORDER BY {key} {direction}, c.id {direction} LIMIT {rows}",
        wanted.text()
    );
    Ok(sql("list conversations", text).bind_all(wanted.values()))
}

/// Of the list that the query asks for, what the reader has not read: at most so many, and the query's page is none of it.
pub async fn unread_in(
    store: &Store,
    visibility: &Visibility,
    query: &Query,
    most: usize,
) -> Result<Vec<ConversationId>, ReadError> {
    let mut wanted = Where::new();
    wanted.value(query.reader);
    wanted.visible(&format!("c.inbox_id{}", unindexed(query)), visibility);
    filter(store, &mut wanted, visibility, query);
    wanted.and(UNREAD);
    let rows = wanted.value(most as i64);
    let text = format!("SELECT c.id FROM {FROM} {READS} {} LIMIT {rows}", wanted.text());
    let mut reading = store.reading().await?;
    let rows: Vec<(String,)> = reading.link().all(sql("find what is unread", text).bind_all(wanted.values())).await?;
    rows.iter().map(|(text,)| id("a conversation's id", text)).collect()
}

/// Behind an expression: no index is looked up for it. Most of what there is is closed: by number it is found in its
/// order, and any other index would mean to sort all of it. What somebody has sent has indexes of its own.
fn unindexed(query: &Query) -> &'static str {
    let closed = query.sort == Sort::Created && query.folder == Some(Folder::Closed);
    if closed || query.folder == Some(Folder::Sent) { " || ''" } else { "" }
}

fn filter(store: &Store, wanted: &mut Where, visibility: &Visibility, query: &Query) {
    if let Some(of) = query.folder {
        let (lies, also) = match folder(of) {
            Lying::All(lies) => (Some(lies), None),
            Lying::Open(also) => (Some("open"), Some(also)),
            Lying::Sent => (None, Some(SENT)),
        };
        lies.into_iter().for_each(|lies| wanted.and(format!("{LIES}{} = '{lies}'", unindexed(query))));
        also.into_iter().for_each(|also| wanted.and(also));
    }
    if let Some(inbox) = query.inbox {
        wanted.equal("c.inbox_id", inbox);
    }
    match query.assignee {
        None => {}
        Some(Assignee::Nobody) => wanted.and("c.assignees = '[]'"),
        Some(Assignee::Agent(agent)) => {
            let agent = wanted.value(agent);
            wanted.and(format!(
                "EXISTS (SELECT 1 FROM conversation_assignees AS o WHERE o.agent_id = {agent} AND o.conversation_id = c.id)"
            ));
        }
    }
    if let Some(team) = query.team {
        wanted.equal("c.team_id", team);
    }
    if let Some(status) = query.status {
        wanted.equal("c.status", status.as_str());
    }
    if let Some(channel) = query.channel {
        wanted.equal("c.channel", channel.as_str());
    }
    if let Some(priority) = query.priority {
        wanted.equal("c.priority", priority.as_str());
    }
    if let Some(tag) = &query.tag {
        let tag = wanted.value(tag.as_str());
        wanted.and(format!(
            "EXISTS (SELECT 1 FROM conversation_tags AS t WHERE t.tag = {tag} AND t.conversation_id = c.id)"
        ));
    }
    match query.last_by {
        None => {}
        Some(LastBy::Contact) => wanted.and("c.last_kind = 'in'"),
        Some(LastBy::Team) => wanted.and("c.last_kind = 'out'"),
    }
    for (column, is) in [("c.flagged", query.flagged), ("c.has_files", query.has_files)] {
        match is {
            None => {}
            Some(true) => wanted.and(column),
            Some(false) => wanted.and(format!("NOT {column}")),
        }
    }
    if let Some(language) = &query.language {
        let language = wanted.value(language.to_lowercase());
        wanted.and(format!(
            "(LOWER(c.language) = {language} \
             OR SUBSTR(LOWER(c.language), 1, LENGTH({language}) + 1) = {language} || '-')"
        ));
    }
    query.created.narrow(wanted, "c.created_at");
    query.active.narrow(wanted, "c.last_activity_at");
    if let Some(contact) = query.contact {
        let contact = wanted.value(contact);
        wanted.and(format!(
            "c.contact_id IN (SELECT {contact} UNION SELECT g.id FROM contacts AS g \
             WHERE g.person_id = (SELECT p.person_id FROM contacts AS p WHERE p.id = {contact}))"
        ));
    }
    if let Some(words) = &query.words {
        let described = search::described_by(store, wanted, visibility, words);
        wanted.and(described);
    }
}

pub(crate) fn conversation_row(row: ReadColumns) -> Result<ConversationRow, ReadError> {
    Ok(ConversationRow { read_number: row.read_number, conversation: row.columns.conversation()? })
}

pub async fn find(
    store: &Store,
    visibility: &Visibility,
    reader: AgentId,
    conversation_id: ConversationId,
) -> Result<Option<ConversationRow>, ReadError> {
    let mut wanted = Where::new();
    wanted.value(reader);
    wanted.equal("c.id", conversation_id);
    wanted.visible("c.inbox_id", visibility);
    let columns = columns_for(&mut wanted, visibility);
    let text = format!("SELECT {columns}, COALESCE(r.number, 0) AS read_number FROM {FROM} {READS} {}", wanted.text());
    let mut reading = store.reading().await?;
    let row = reading.link().one(sql("find a conversation", text).bind_all(wanted.values())).await?;
    row.map(conversation_row).transpose()
}

fn counting(visibility: &Visibility, reader: AgentId) -> Sql {
    let mut open = Where::new();
    open.value(reader);
    open.visible("c.inbox_id", visibility);
    let everybodys = open.text();
    open.and(format!("{LIES} = 'open'"));
    let (mut counted, mut own) = (Vec::new(), Vec::new());
    for of in Folder::ALL.iter().copied() {
        let name = of.as_str();
        counted.push(match folder(of) {
            // A sum of BIGINT is of another type on PostgreSQL.
            Lying::All(lies) => {
                format!("CAST(COALESCE(SUM(c.conversations) FILTER (WHERE {LIES} = '{lies}'), 0) AS BIGINT) AS {name}")
            }
            Lying::Open(condition) => {
                own.push(format!("count(*) FILTER (WHERE {condition}) AS {name}"));
                format!("COALESCE(MAX(o.{name}), 0) AS {name}")
            }
            Lying::Sent => format!("COALESCE(MAX(s.{name}), 0) AS {name}"),
        });
    }
    let nothing = Folder::ALL[1..].iter().map(|_| ", 0").collect::<String>();
    let text = format!(
        "SELECT c.inbox_id AS inbox_id, NULL AS team_id, {} FROM conversation_counts AS c LEFT JOIN (\
             SELECT c.inbox_id, {} FROM conversations AS c {READS} {} GROUP BY c.inbox_id\
         ) AS o ON o.inbox_id = c.inbox_id LEFT JOIN (\
             SELECT c.inbox_id, count(*) AS sent FROM conversations AS c WHERE {SENT} GROUP BY c.inbox_id\
         ) AS s ON s.inbox_id = c.inbox_id {everybodys} GROUP BY c.inbox_id \
         UNION ALL SELECT NULL, c.team_id, count(*) AS inbox{nothing} FROM conversations AS c {everybodys} \
             AND c.team_id IS NOT NULL AND c.place = 'inbox' AND c.status = 'open' GROUP BY c.team_id \
         ORDER BY inbox_id, team_id",
        counted.join(", "),
        own.join(", "),
        open.text()
    );
    sql("count conversations", text).bind_all(open.values())
}

/// What lies in each folder of one inbox; or, of a team, what lies in the first.
#[derive(FromRow)]
struct CountedRow {
    inbox_id: Option<String>,
    team_id: Option<String>,
    inbox: i64,
    unread: i64,
    mine: i64,
    unassigned: i64,
    snoozed: i64,
    sent: i64,
    closed: i64,
    archived: i64,
    spam: i64,
    trash: i64,
}

impl CountedRow {
    fn of(&self, folder: Folder) -> i64 {
        match folder {
            Folder::Inbox => self.inbox,
            Folder::Unread => self.unread,
            Folder::Mine => self.mine,
            Folder::Unassigned => self.unassigned,
            Folder::Snoozed => self.snoozed,
            Folder::Sent => self.sent,
            Folder::Closed => self.closed,
            Folder::Archived => self.archived,
            Folder::Spam => self.spam,
            Folder::Trash => self.trash,
        }
    }
}

/// Exact, and all true at one moment, by one statement. What is the same for everybody is kept as numbers, inbox by inbox
/// (`conversation_counts`); what is each reader's own, and what teams have, is counted over what is open, or what they have
/// sent, and over nothing else.
pub async fn counts(store: &Store, visibility: &Visibility, reader: AgentId) -> Result<Counted, ReadError> {
    let mut reading = store.reading().await?;
    let rows: Vec<CountedRow> = reading.link().all(counting(visibility, reader)).await?;
    let (of_teams, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.team_id.is_some());
    let folders = Folder::ALL
        .iter()
        .map(|of| FolderCount { folder: *of, conversations: rows.iter().map(|row| row.of(*of)).sum() })
        .collect();
    let (mut inboxes, mut teams) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| row.inbox > 0) {
        if let Some(inbox_id) = maybe_id("a conversation's inbox", row.inbox_id.as_deref())? {
            inboxes.push(InboxCount { inbox_id, conversations: row.inbox });
        }
    }
    for row in &of_teams {
        if let Some(team_id) = maybe_id("a conversation's team", row.team_id.as_deref())? {
            teams.push(TeamCount { team_id, conversations: row.inbox });
        }
    }
    Ok(Counted { folders, inboxes, teams })
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::Ulid;

    use super::*;
    use crate::{DatabaseUrl, Options};

    /// How SQLite goes about it, one step a line. What it does here it does on a large database too.
    async fn plan(store: &Store, of: Sql) -> String {
        let mut reading = store.reading().await.unwrap();
        let steps: Vec<(i64, i64, i64, String)> = reading.link().all(of.explained()).await.unwrap();
        steps.into_iter().map(|(.., step)| step + "\n").collect()
    }

    #[tokio::test]
    async fn no_folder_is_sorted_and_no_count_reads_all() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite(folder.path().join("store.db"));
        let store = Store::open(&url, Options { new_epoch: "epoch".into() }).await.unwrap();
        let reader = AgentId(Ulid(1));
        let some = Visibility::Inboxes([1, 2].map(|n| InboxId(Ulid(n))).into());
        for seen in [&Visibility::All, &Visibility::Team, &some] {
            let plan = plan(&store, counting(seen, reader)).await;
            assert!(plan.contains("<expr>=?") && !plan.contains("SCAN c\n"), "{plan}");
            for (folder, sort) in Folder::ALL.iter().flat_map(|folder| Sort::ALL.iter().map(move |sort| (folder, sort)))
            {
                // What is open, snoozed or soon thrown away is sorted by its beginning where somebody asks for it.
                if *sort == Sort::Created && *folder != Folder::Closed {
                    continue;
                }
                let cursor = Cursor { sort: *sort, key: 7, id: ConversationId(Ulid(1)) }.text();
                for cursor in [None, Some(cursor)] {
                    let query = Query { folder: Some(*folder), sort: *sort, cursor, ..Query::all(reader) };
                    let plan = self::plan(&store, listing(&store, seen, &query, 50).unwrap()).await;
                    let sorted = plan.contains("USE TEMP B-TREE FOR ORDER BY");
                    assert!(!sorted && !plan.contains("SCAN c\n"), "{folder:?} by {sort:?}:\n{plan}");
                }
            }
        }
    }
}
