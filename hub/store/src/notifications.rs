//! What people of the team are told because it concerns them.
//!
//! It is written in the transaction that causes it ([`tell`]), so nobody is told of what did not happen, nor twice. Whoever
//! has no part in it asks here for nothing: not who did it, not who may not see the conversation, not who wants no word
//! of that kind.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_domain::bots::console;
use switchboard_domain::notifying::{by_default, is_told};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Author, Conversation};
use switchboard_protocol::notifications::{Notification, NotificationChoice, NotificationKind};
use switchboard_protocol::{AgentId, ConversationId, Number, UnixMs};

use crate::access::sees_inbox;
use crate::conversations::{COLUMNS, Columns, FROM};
use crate::db::{Sql, sql};
use crate::error::{ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::row::{Where, id, json, to_json, word};
use crate::{Store, Tx};

/// Most that are listed.
pub const LISTED: usize = 100;
/// Most forgotten at once.
pub const PRUNE_ROWS: i64 = 1_000;

/// What happened, and where.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    pub kind: NotificationKind,
    pub row: &'a Conversation,
    /// Of the message or line that tells of it.
    pub number: Number,
    pub by: Author,
    pub at: UnixMs,
}

/// Tells these people of it, as each of them wants to be told: a row in their list, an event to their sockets.
pub async fn tell(tx: &mut Tx, about: &About<'_>, whom: &[AgentId]) -> Result<(), ChangeError> {
    tell_all(tx, &[(*about, whom)]).await
}

/// The same of much at once, by few statements: each thing to those who are named with it, and no person twice of the same
/// kind about the same conversation.
pub async fn tell_all(tx: &mut Tx, all: &[(About<'_>, &[AgentId])]) -> Result<(), ChangeError> {
    #[derive(Serialize)]
    struct Asked {
        nth: usize,
        kind: &'static str,
        inbox: String,
        agent: String,
    }
    let mut asked = Vec::new();
    for (nth, (about, whom)) in all.iter().enumerate() {
        let others = whom.iter().filter(|agent| about.by != Author::Agent { id: **agent });
        for agent in others.collect::<BTreeSet<_>>() {
            let (kind, inbox) = (about.kind.as_str(), about.row.inbox_id.to_string());
            asked.push(Asked { nth, kind, inbox, agent: agent.to_string() });
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    let select = sql(
        "find who is told",
        concat!(
            "SELECT CAST(p.value->>'nth' AS BIGINT) AS nth, a.id, n.app, n.sound, n.desktop \
             FROM jsonb_each($1) AS p JOIN agents AS a ON a.id = p.value->>'agent' \
             LEFT JOIN notification_choices AS n ON n.agent_id = a.id AND n.kind = p.value->>'kind' WHERE ",
            sees_inbox!("p.value->>'inbox'")
        ),
    );
    let all: Vec<_> = all.iter().map(|(about, _)| *about).collect();
    told(tx, &all, select.bind(to_json(&asked))).await
}

/// Tells everybody who has asked to hear of this kind, which nobody does by default.
pub async fn tell_who_wants(tx: &mut Tx, about: &About<'_>) -> Result<(), ChangeError> {
    debug_assert!(!is_told(by_default(about.kind)), "who has chosen nothing would not be found");
    let select = sql(
        "find who wants to be told",
        concat!(
            "SELECT CAST(0 AS BIGINT) AS nth, a.id, n.app, n.sound, n.desktop \
             FROM notification_choices AS n JOIN agents AS a ON a.id = n.agent_id WHERE n.kind = $2 AND (n.app OR n.sound OR n.desktop) AND ",
            sees_inbox!()
        ),
    );
    told(tx, &[*about], select.bind(about.row.inbox_id).bind(about.kind.as_str())).await
}

/// `whom`: of which of these each is told, and how they want to be.
async fn told(tx: &mut Tx, all: &[About<'_>], whom: Sql) -> Result<(), ChangeError> {
    #[derive(FromRow)]
    struct Wants {
        nth: i64,
        id: String,
        app: Option<bool>,
        sound: Option<bool>,
        desktop: Option<bool>,
    }
    let (mut told, mut listed) = (BTreeSet::new(), Vec::new());
    for one in tx.link().all::<Wants>(whom).await? {
        let nth = one.nth as usize;
        let about = all.get(nth).ok_or_else(|| ReadError::unreadable("who is told"))?;
        // Nobody's screens show these.
        if console::is_one(about.row.inbox_id) {
            continue;
        }
        let usual = by_default(about.kind);
        let choice = NotificationChoice {
            kind: about.kind,
            app: one.app.unwrap_or(usual.app),
            sound: one.sound.unwrap_or(usual.sound),
            desktop: one.desktop.unwrap_or(usual.desktop),
        };
        let agent: AgentId = id("an agent's id", &one.id)?;
        if is_told(choice) {
            told.insert((nth, agent));
        }
        if choice.app {
            listed.push((about, agent));
        }
    }
    list(tx, &listed).await?;
    for (nth, agent) in told {
        let about = &all[nth];
        tx.emit(Emit {
            at: about.at,
            audience: Audience::Agent(agent),
            conversation_id: Some(about.row.id),
            staff: AgentEvent::Notified { notification: Box::new(notification(about, false)) },
            visitor: None,
        });
    }
    Ok(())
}

async fn list(tx: &mut Tx, listed: &[(&About<'_>, AgentId)]) -> Result<(), ChangeError> {
    #[derive(Serialize)]
    struct Listed {
        agent: String,
        conversation: String,
        kind: &'static str,
        number: Number,
        author: String,
        at: UnixMs,
    }
    if listed.is_empty() {
        return Ok(());
    }
    let row = |(about, agent): &(&About<'_>, AgentId)| Listed {
        agent: agent.to_string(),
        conversation: about.row.id.to_string(),
        kind: about.kind.as_str(),
        number: about.number,
        author: to_json(&about.by),
        at: about.at,
    };
    let upsert = sql(
        "tell people of something",
        "INSERT INTO notifications (agent_id, conversation_id, kind, number, author, at) \
         SELECT v.value->>'agent', v.value->>'conversation', v.value->>'kind', CAST(v.value->>'number' AS BIGINT), \
             v.value->>'author', CAST(v.value->>'at' AS BIGINT) FROM jsonb_each($1) AS v WHERE TRUE \
         ON CONFLICT (agent_id, conversation_id, kind) DO UPDATE SET \
             number = excluded.number, author = excluded.author, at = excluded.at, read_at = NULL",
    )
    .bind(to_json(&listed.iter().map(row).collect::<Vec<_>>()));
    tx.link().run(upsert).await?;
    Ok(())
}

fn notification(about: &About<'_>, read: bool) -> Notification {
    let row = about.row;
    Notification {
        kind: about.kind,
        conversation_id: row.id,
        number: about.number,
        at: about.at,
        by: about.by,
        read,
        contact: row.contact.clone(),
        case_number: row.case_number.clone(),
        subject: row.subject.clone(),
        preview: row.preview.clone(),
    }
}

/// What somebody was told, newest first, of conversations that they may see now.
pub async fn of(store: &Store, agent_id: AgentId, visibility: &Visibility) -> Result<Vec<Notification>, ReadError> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        conversation: Columns,
        told_kind: String,
        told_number: i64,
        told_by: String,
        told_at: i64,
        seen_at: Option<i64>,
    }
    let mut wanted = Where::new();
    wanted.equal("x.agent_id", agent_id);
    wanted.visible("c.inbox_id", visibility);
    let text = format!(
        "SELECT {COLUMNS}, x.kind AS told_kind, x.number AS told_number, x.author AS told_by, x.at AS told_at, \
             x.read_at AS seen_at \
         FROM {FROM} JOIN notifications AS x ON x.conversation_id = c.id {} ORDER BY x.at DESC, c.id LIMIT {LISTED}",
        wanted.text()
    );
    let rows: Vec<Row> =
        store.reading().await?.link().all(sql("list notifications", text).bind_all(wanted.values())).await?;
    let read = |row: Row| {
        let about = About {
            kind: word("a notification's kind", &row.told_kind, NotificationKind::from_word)?,
            row: &row.conversation.conversation()?,
            number: row.told_number,
            by: json("an author", &row.told_by)?,
            at: row.told_at,
        };
        Ok(notification(&about, row.seen_at.is_some()))
    };
    rows.into_iter().map(read).collect()
}

/// Somebody has seen what they were told of this conversation up to this number. Whether there was any.
pub async fn seen(
    tx: &mut Tx,
    agent_id: AgentId,
    conversation_id: ConversationId,
    upto: Number,
    at: UnixMs,
) -> Result<bool, ChangeError> {
    Ok(!seen_many(tx, agent_id, &[(conversation_id, upto)], at).await?.is_empty())
}

/// The same of many, which are different. Of which there was any.
pub async fn seen_many(
    tx: &mut Tx,
    agent_id: AgentId,
    upto: &[(ConversationId, Number)],
    at: UnixMs,
) -> Result<BTreeSet<ConversationId>, ChangeError> {
    #[derive(Serialize)]
    struct Upto {
        id: String,
        number: Number,
    }
    if upto.is_empty() {
        return Ok(BTreeSet::new());
    }
    let upto: Vec<_> = upto.iter().map(|(id, number)| Upto { id: id.to_string(), number: *number }).collect();
    let update = sql(
        "note that notifications were seen",
        "UPDATE notifications SET read_at = $3 FROM jsonb_each($2) AS v \
         WHERE agent_id = $1 AND conversation_id = v.value->>'id' AND number <= CAST(v.value->>'number' AS BIGINT) \
             AND read_at IS NULL RETURNING conversation_id",
    )
    .bind(agent_id)
    .bind(to_json(&upto))
    .bind(at);
    let rows: Vec<(String,)> = tx.link().all(update).await?;
    Ok(rows.iter().map(|(of,)| id("a conversation's id", of)).collect::<Result<_, ReadError>>()?)
}

/// The same of everything. Whether there was any.
pub async fn seen_all(tx: &mut Tx, agent_id: AgentId, at: UnixMs) -> Result<bool, ChangeError> {
    let update = sql(
        "note that all notifications were seen",
        "UPDATE notifications SET read_at = $2 WHERE agent_id = $1 AND read_at IS NULL",
    );
    Ok(tx.link().run(update.bind(agent_id).bind(at)).await? > 0)
}

/// How somebody wants to be told, of every kind.
pub async fn choices_of(store: &Store, agent_id: AgentId) -> Result<Vec<NotificationChoice>, ReadError> {
    let rows = store.reading().await?.link().all(chosen(agent_id)).await?;
    filled(rows)
}

/// The same in a transaction.
pub async fn load_choices_of(tx: &mut Tx, agent_id: AgentId) -> Result<Vec<NotificationChoice>, ReadError> {
    filled(tx.link().all(chosen(agent_id)).await?)
}

#[derive(FromRow)]
struct Chosen {
    kind: String,
    app: bool,
    sound: bool,
    desktop: bool,
}

fn chosen(agent_id: AgentId) -> Sql {
    sql(
        "read how somebody is told",
        "SELECT n.kind, n.app, n.sound, n.desktop FROM notification_choices AS n WHERE n.agent_id = $1",
    )
    .bind(agent_id)
}

fn filled(rows: Vec<Chosen>) -> Result<Vec<NotificationChoice>, ReadError> {
    let mut by_kind = BTreeMap::new();
    for Chosen { kind, app, sound, desktop } in rows {
        let kind = word("a notification's kind", &kind, NotificationKind::from_word)?;
        by_kind.insert(kind, NotificationChoice { kind, app, sound, desktop });
    }
    let choice = |kind: &NotificationKind| by_kind.get(kind).copied().unwrap_or_else(|| by_default(*kind));
    Ok(NotificationKind::ALL.iter().map(choice).collect())
}

pub async fn choose(tx: &mut Tx, agent_id: AgentId, choice: NotificationChoice) -> Result<(), ChangeError> {
    let upsert = sql(
        "note how somebody wants to be told",
        "INSERT INTO notification_choices (kind, agent_id, app, sound, desktop) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (kind, agent_id) DO UPDATE SET \
             app = excluded.app, sound = excluded.sound, desktop = excluded.desktop",
    )
    .bind(choice.kind.as_str())
    .bind(agent_id)
    .bind(choice.app)
    .bind(choice.sound)
    .bind(choice.desktop);
    tx.link().run(upsert).await?;
    Ok(())
}

/// Forgets what is older, at most [`PRUNE_ROWS`]; how many.
pub async fn prune(tx: &mut Tx, before: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget old notifications",
        "DELETE FROM notifications WHERE (agent_id, conversation_id, kind) IN \
         (SELECT o.agent_id, o.conversation_id, o.kind FROM notifications AS o WHERE o.at < $1 LIMIT $2)",
    );
    Ok(tx.link().run(delete.bind(before).bind(PRUNE_ROWS)).await?)
}
