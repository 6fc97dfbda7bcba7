//! A small business on a fresh database: what the tests begin with. Ids and times are counted, never drawn.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::Connection;
use switchboard_domain::Visibility;
use switchboard_domain::thread::NewMessage;
use switchboard_protocol::model::{
    Agent, Author, Availability, Channel, Contact, Conversation, Identity, Inbox, MessageKind, Role, Source,
    WebSettings,
};
use switchboard_protocol::{AgentId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Ulid};
use switchboard_store::conversations::{self, Begin, Begun};
use switchboard_store::{Append, ChangeError, DatabaseUrl, Options, Sender, Store, agents, contacts, inboxes};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// The next id of all: rising, never twice in one run of the tests.
pub fn ulid() -> Ulid {
    let n = COUNTER.fetch_add(1, Ordering::Relaxed);
    // Far apart, so that nothing that counts up from one reaches the next.
    Ulid(u128::from(n) << 32)
}

/// A time for whatever happens, one millisecond after the one before.
pub fn now() -> i64 {
    1_700_000_000_000 + COUNTER.fetch_add(1, Ordering::Relaxed) as i64
}

pub struct World {
    pub store: Store,
    pub url: DatabaseUrl,
    /// As a driver wants it: the file of SQLite, the address of PostgreSQL.
    pub file: Option<std::path::PathBuf>,
    pub address: String,
    _folder: Option<tempfile::TempDir>,
}

impl World {
    pub async fn new(on: On) -> Self {
        let (folder, address) = match on {
            On::Sqlite => (Some(tempfile::tempdir().unwrap()), String::new()),
            On::Postgres => (None, testkit::Postgres::shared().database().await),
        };
        let file = folder.as_ref().map(|folder| folder.path().join("store.db"));
        let url = file.as_ref().map_or_else(|| address.parse().unwrap(), DatabaseUrl::sqlite);
        let store = open(&url).await;
        Self { store, url, file, address, _folder: folder }
    }

    /// Another process's handle on the same database.
    pub async fn another(&self) -> Store {
        open(&self.url).await
    }

    /// Statements past the store: what only another program, or a fault, would do to its tables.
    pub async fn run(&self, statements: &[&str]) {
        for statement in statements {
            let statement = sqlx::AssertSqlSafe((*statement).to_owned());
            match &self.file {
                Some(file) => {
                    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
                    let mut connection = sqlx::sqlite::SqliteConnection::connect_with(&options).await.unwrap();
                    sqlx::query(statement).execute(&mut connection).await.unwrap();
                }
                None => {
                    let mut connection = sqlx::postgres::PgConnection::connect(&self.address).await.unwrap();
                    sqlx::query(statement).execute(&mut connection).await.unwrap();
                }
            }
        }
    }

    pub async fn inbox(&self) -> InboxId {
        self.inbox_on(Channel::Web).await
    }

    pub async fn inbox_on(&self, channel: Channel) -> InboxId {
        let id = InboxId(ulid());
        let web = (channel == Channel::Web).then(|| WebSettings {
            widget_key: id.to_string(),
            origins: vec!["https://shop.example".into()],
            accent: "#336699".into(),
            greeting: "Hello".into(),
            ask_rating: false,
            before: None,
        });
        let inbox = Inbox {
            id,
            name: format!("Inbox {id}"),
            channel,
            case_prefix: "SB-".into(),
            web,
            carries: None,
            address: None,
        };
        let at = now();
        self.store.write(move |tx| Box::pin(async move { inboxes::insert(tx, &inbox, at).await })).await.unwrap();
        id
    }

    pub async fn agent(&self, role: Role) -> AgentId {
        let id = AgentId(ulid());
        let account = agents::Account {
            agent: Agent {
                id,
                name: format!("Agent {id}"),
                email: format!("{id}@example.com").to_lowercase(),
                role,
                display_name: Some("An".into()),
                disabled: false,
            },
            password_hash: Some("hash".into()),
            availability: Availability::Online,
            access_position: 0,
            created_at: now(),
        };
        self.store.write(move |tx| Box::pin(async move { agents::insert(tx, &account).await })).await.unwrap();
        id
    }

    pub async fn visitor(&self, inbox_id: InboxId) -> Visitor {
        self.visitor_on(inbox_id, Channel::Web).await
    }

    pub async fn visitor_on(&self, inbox_id: InboxId, channel: Channel) -> Visitor {
        let visitor = Visitor { contact: ContactId(ulid()), identity: IdentityId(ulid()), inbox: inbox_id };
        let contact = Contact {
            id: visitor.contact,
            name: Some(format!("Visitor {}", visitor.contact)),
            email: None,
            phone: None,
            language: None,
            time_zone: None,
            notes: String::new(),
            tags: Vec::new(),
            attributes: Default::default(),
            identities: Vec::new(),
            merged: Vec::new(),
            created_at: now(),
        };
        let identity =
            Identity { id: visitor.identity, inbox_id, channel, address: None, verified: false, stopped_at: None };
        let (v, at) = (visitor, now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    contacts::insert(tx, &contact).await?;
                    contacts::insert_identity(tx, v.contact, &identity, &v.identity.to_string(), at).await
                })
            })
            .await
            .unwrap();
        visitor
    }

    /// A conversation that this visitor has begun.
    pub async fn begun(&self, visitor: Visitor) -> Conversation {
        self.begin(visitor, "Hello?").await.conversation
    }

    pub async fn begin(&self, visitor: Visitor, text: &str) -> Begun {
        let begin = visitor.begin(text);
        self.store.write(|tx| Box::pin(conversations::begin(tx, begin))).await.unwrap().value
    }

    /// A conversation in a new inbox.
    pub async fn conversation(&self) -> (Visitor, Conversation) {
        let inbox = self.inbox().await;
        let visitor = self.visitor(inbox).await;
        (visitor, self.begun(visitor).await)
    }

    pub async fn change(
        &self,
        id: ConversationId,
        by: AgentId,
        change: switchboard_protocol::agent::ConversationChange,
    ) -> Option<conversations::ChangedAt> {
        self.store.write(move |tx| Box::pin(change_in(tx, id, by, change))).await.unwrap().value
    }
}

pub async fn change_in(
    tx: &mut switchboard_store::Tx,
    id: ConversationId,
    by: AgentId,
    change: switchboard_protocol::agent::ConversationChange,
) -> Result<Option<conversations::ChangedAt>, ChangeError> {
    let thread = conversations::load(tx, &Visibility::All, id).await?.unwrap();
    let at = now();
    let changed = switchboard_domain::change::change(&thread.conversation, &change, at).unwrap();
    let by = Author::Agent { id: by };
    conversations::change(tx, &thread.conversation, changed, by, at, &mut || MessageId(ulid())).await
}

/// Longer than anything here may take; a test that reaches it has failed.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it should have come by now")
}

pub async fn open(url: &DatabaseUrl) -> Store {
    Store::open(url, Options { new_epoch: ulid().to_string() }).await.unwrap()
}

#[derive(Debug, Clone, Copy)]
pub struct Visitor {
    pub contact: ContactId,
    pub identity: IdentityId,
    pub inbox: InboxId,
}

impl Visitor {
    pub fn sender(self) -> Sender {
        Sender::Visitor { identity_id: self.identity }
    }

    pub fn begin(self, text: &str) -> Begin {
        Begin {
            id: ConversationId(ulid()),
            contact_id: self.contact,
            identity_id: self.identity,
            inbox_id: self.inbox,
            subject: None,
            language: Some("nl".into()),
            source: Source { url: Some("https://shop.example/".into()), ..Source::default() },
            first: message(MessageKind::In, text, None),
            sender: self.sender(),
            attachment_ids: Vec::new(),
        }
    }

    pub fn says(self, conversation_id: ConversationId, text: &str, client_id: Option<&str>) -> Append {
        append(conversation_id, self.sender(), message(MessageKind::In, text, client_id))
    }
}

/// An agent who sees everything writes.
pub fn reply(agent: AgentId, conversation_id: ConversationId, text: &str, client_id: Option<&str>) -> Append {
    let sender = Sender::Agent { id: agent, visibility: Visibility::All, access_position: 0 };
    append(conversation_id, sender, message(MessageKind::Out, text, client_id))
}

pub fn note(agent: AgentId, conversation_id: ConversationId, text: &str) -> Append {
    let sender = Sender::Agent { id: agent, visibility: Visibility::All, access_position: 0 };
    append(conversation_id, sender, message(MessageKind::Note, text, None))
}

pub fn append(conversation_id: ConversationId, sender: Sender, message: NewMessage) -> Append {
    let line_ids = [MessageId(ulid()), MessageId(ulid())];
    Append { conversation_id, sender, message, attachment_ids: Vec::new(), line_ids }
}

pub fn message(kind: MessageKind, text: &str, client_id: Option<&str>) -> NewMessage {
    NewMessage {
        id: MessageId(ulid()),
        kind,
        author: Author::System,
        at: now(),
        text: text.into(),
        attachments: Vec::new(),
        mail: None,
        client_id: client_id.map(str::to_owned),
        answers: None,
        rich: None,
        quote: None,
        mentions: Vec::new(),
        seen: None,
    }
}

/// Only these inboxes.
pub fn only(inboxes: impl IntoIterator<Item = InboxId>) -> Visibility {
    Visibility::Inboxes(inboxes.into_iter().collect())
}

pub async fn all_messages(store: &Store, id: ConversationId) -> Vec<switchboard_protocol::model::Message> {
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = switchboard_store::messages::page(store, &Visibility::All, id, before, 100).await.unwrap().unwrap();
        before = page.messages.first().map(|message| message.number);
        all.splice(0..0, page.messages);
        if !page.more {
            return all;
        }
    }
}
