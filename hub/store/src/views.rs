//! Views: lists that somebody has kept under a name.

use sqlx::FromRow;
use switchboard_protocol::views::View;
use switchboard_protocol::{AgentId, ViewId};

use crate::agents::touched;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json};
use crate::{Store, Tx};

/// A view and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// `mine_to_change` is for who asks to say, and false here.
    pub view: View,
    pub made_by: AgentId,
}

#[derive(FromRow)]
struct Columns {
    id: String,
    agent_id: String,
    shared: bool,
    name: String,
    query: String,
}

fn seen_by(reader: AgentId) -> Where {
    let mut seen = Where::new();
    let me = seen.value(reader);
    seen.and(format!("(w.shared OR w.agent_id = {me})"));
    seen
}

/// Those that the reader sees: the shared ones, then their own, each in order.
pub async fn list(store: &Store, reader: AgentId) -> Result<Vec<Kept>, ReadError> {
    select(&mut store.reading().await?.link(), seen_by(reader)).await
}

/// The same, to be changed.
pub async fn load_all(tx: &mut Tx, reader: AgentId) -> Result<Vec<Kept>, ReadError> {
    select(&mut tx.link(), seen_by(reader)).await
}

/// Those of everybody that show one tag, to be changed.
pub async fn load_with_tag(tx: &mut Tx, tag: &str) -> Result<Vec<Kept>, ReadError> {
    let mut filtered = Where::new();
    // The engines read JSON differently; which tag it is, is looked at here.
    filtered.and("w.query LIKE '%\"tag\":%'");
    let mut kept = select(&mut tx.link(), filtered).await?;
    kept.retain(|one| one.view.query.tag.as_deref() == Some(tag));
    Ok(kept)
}

/// One that the reader sees.
pub async fn load(tx: &mut Tx, reader: AgentId, view_id: ViewId) -> Result<Option<Kept>, ReadError> {
    let mut seen = seen_by(reader);
    seen.equal("w.id", view_id);
    Ok(select(&mut tx.link(), seen).await?.pop())
}

async fn select(link: &mut Link<'_>, seen: Where) -> Result<Vec<Kept>, ReadError> {
    let text = format!(
        "SELECT w.id, w.agent_id, w.shared, w.name, w.query FROM views AS w {} ORDER BY w.shared DESC, w.rank, w.id",
        seen.text()
    );
    let rows: Vec<Columns> = link.all(sql("read views", text).bind_all(seen.values())).await?;
    rows.into_iter()
        .map(|row| {
            let view = View {
                id: id("a view's id", &row.id)?,
                name: row.name,
                query: json("a view's list", &row.query)?,
                shared: row.shared,
                mine_to_change: false,
            };
            Ok(Kept { view, made_by: id("who made a view", &row.agent_id)? })
        })
        .collect()
}

/// Stands last.
pub async fn insert(tx: &mut Tx, Kept { view, made_by }: &Kept) -> Result<(), ChangeError> {
    let insert = sql(
        "keep a view",
        "INSERT INTO views (id, agent_id, shared, name, query, rank) \
         SELECT $1, $2, $3, $4, $5, COALESCE(MAX(w.rank), 0) + 1 FROM views AS w",
    )
    .bind(view.id)
    .bind(*made_by)
    .bind(view.shared)
    .bind(view.name.as_str())
    .bind(to_json(&view.query));
    tx.link().run(insert).await?;
    Ok(())
}

pub async fn update(tx: &mut Tx, Kept { view, made_by }: &Kept) -> Result<(), ChangeError> {
    let doing = "change a view";
    let update = sql(doing, "UPDATE views SET agent_id = $2, shared = $3, name = $4, query = $5 WHERE id = $1")
        .bind(view.id)
        .bind(*made_by)
        .bind(view.shared)
        .bind(view.name.as_str())
        .bind(to_json(&view.query));
    touched(doing, tx.link().run(update).await?)
}

pub async fn set_rank(tx: &mut Tx, view_id: ViewId, rank: i64) -> Result<(), ChangeError> {
    let doing = "give a view its place";
    let update = sql(doing, "UPDATE views SET rank = $2 WHERE id = $1").bind(view_id).bind(rank);
    touched(doing, tx.link().run(update).await?)
}

pub async fn remove(tx: &mut Tx, view_id: ViewId) -> Result<(), ChangeError> {
    let doing = "remove a view";
    let delete = sql(doing, "DELETE FROM views WHERE id = $1").bind(view_id);
    touched(doing, tx.link().run(delete).await?)
}
