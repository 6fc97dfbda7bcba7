//! Templates, who sees them, and the files that they hold on to.

use std::collections::HashMap;

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::model::Attachment;
use switchboard_protocol::templates::{Template, TemplateFor};
use switchboard_protocol::{AgentId, AttachmentId, TemplateId, UnixMs};

use crate::agents::touched;
use crate::append::Files;
use crate::attachments::{self, Uploader};
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, maybe_id, set};
use crate::{Store, Tx};

/// A template and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// `mine_to_change` is for who asks to say, and false here.
    pub template: Template,
    pub made_by: AgentId,
}

#[derive(FromRow)]
struct Columns {
    id: String,
    name: String,
    text: String,
    html: Option<String>,
    scope: String,
    agent_id: String,
    team_id: Option<String>,
    changed_at: i64,
}

#[derive(FromRow)]
struct FileColumns {
    template_id: String,
    #[sqlx(flatten)]
    columns: attachments::Columns,
}

/// Whose template `t` is seen by this reader: the condition, with its values.
pub(crate) fn seen_by(seen: &mut Where, visibility: &Visibility, reader: AgentId) -> String {
    let me = seen.value(reader);
    let team = match visibility {
        Visibility::All | Visibility::Team => "TRUE".to_owned(),
        Visibility::Inboxes(_) => {
            format!("EXISTS (SELECT 1 FROM team_members AS tm WHERE tm.team_id = t.team_id AND tm.agent_id = {me})")
        }
    };
    format!(
        "t.removed_at IS NULL AND (t.scope = 'all' OR (t.scope = 'personal' AND t.agent_id = {me}) \
         OR (t.scope = 'team' AND {team}))"
    )
}

/// Those that the reader sees, by name.
pub async fn list(store: &Store, visibility: &Visibility, reader: AgentId) -> Result<Vec<Kept>, ReadError> {
    let mut seen = Where::new();
    let condition = seen_by(&mut seen, visibility, reader);
    seen.and(condition);
    select(&mut store.reading().await?.link(), seen).await
}

/// One that the reader sees.
pub async fn load(
    tx: &mut Tx,
    visibility: &Visibility,
    reader: AgentId,
    template_id: TemplateId,
) -> Result<Option<Kept>, ReadError> {
    let mut seen = Where::new();
    let condition = seen_by(&mut seen, visibility, reader);
    seen.and(condition);
    seen.equal("t.id", template_id);
    Ok(select(&mut tx.link(), seen).await?.pop())
}

/// One that was removed and is not gone yet; whether it is the reader's to see is for the caller to ask.
pub async fn load_removed(tx: &mut Tx, template_id: TemplateId) -> Result<Option<Kept>, ReadError> {
    let mut seen = Where::new();
    seen.equal("t.id", template_id);
    seen.and("t.removed_at IS NOT NULL");
    Ok(select(&mut tx.link(), seen).await?.pop())
}

async fn select(link: &mut Link<'_>, seen: Where) -> Result<Vec<Kept>, ReadError> {
    let files = format!(
        "SELECT tf.template_id, f.id, f.name, f.media_type, f.bytes, f.picture FROM template_files AS tf \
         JOIN attachments AS f ON f.id = tf.attachment_id JOIN templates AS t ON t.id = tf.template_id {} \
         ORDER BY tf.template_id, tf.place",
        seen.text()
    );
    let text = format!(
        "SELECT t.id, t.name, t.text, t.html, t.scope, t.agent_id, t.team_id, t.changed_at FROM templates AS t {} \
         ORDER BY t.name, t.id",
        seen.text()
    );
    let values = seen.values();
    let rows: Vec<Columns> = link.all(sql("read templates", text).bind_all(values.clone())).await?;
    let mut by_template: HashMap<String, Vec<Attachment>> = HashMap::new();
    for row in link.all::<FileColumns>(sql("read the files of templates", files).bind_all(values)).await? {
        by_template.entry(row.template_id).or_default().push(row.columns.attachment()?);
    }
    rows.into_iter()
        .map(|row| {
            let whose = match row.scope.as_str() {
                "personal" => TemplateFor::Personal,
                "team" => TemplateFor::Team { team_id: maybe_id("a template's team", row.team_id.as_deref())? },
                "all" => TemplateFor::All,
                _ => return Err(ReadError::unreadable("whom a template is for")),
            };
            let template = Template {
                id: id("a template's id", &row.id)?,
                attachments: by_template.remove(&row.id).unwrap_or_default(),
                name: row.name,
                text: row.text,
                html: row.html,
                whose,
                changed_at: row.changed_at,
                mine_to_change: false,
            };
            Ok(Kept { template, made_by: id("who made a template", &row.agent_id)? })
        })
        .collect()
}

/// How many are shared, or this person's own.
pub async fn count(tx: &mut Tx, own_of: Option<AgentId>) -> Result<i64, ReadError> {
    let text = match own_of {
        Some(_) => "SELECT COUNT(*) FROM templates WHERE scope = 'personal' AND agent_id = $1 AND removed_at IS NULL",
        None => {
            "SELECT COUNT(*) FROM templates WHERE scope <> 'personal' AND COALESCE($1, '') = '' AND removed_at IS NULL"
        }
    };
    let row: Option<(i64,)> = tx.link().one(sql("count templates", text).bind(own_of)).await?;
    Ok(row.map_or(0, |(count,)| count))
}

fn columns(whose: TemplateFor) -> (&'static str, Option<switchboard_protocol::TeamId>) {
    match whose {
        TemplateFor::Personal => ("personal", None),
        TemplateFor::Team { team_id } => ("team", team_id),
        TemplateFor::All => ("all", None),
    }
}

pub async fn insert(tx: &mut Tx, Kept { template, made_by }: &Kept) -> Result<(), ChangeError> {
    let (scope, team_id) = columns(template.whose);
    let insert = sql(
        "make a template",
        "INSERT INTO templates (id, name, text, html, scope, agent_id, team_id, changed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(template.id)
    .bind(template.name.as_str())
    .bind(template.text.as_str())
    .bind(template.html.clone())
    .bind(scope)
    .bind(*made_by)
    .bind(team_id)
    .bind(template.changed_at);
    tx.link().run(insert).await?;
    Ok(())
}

/// All but its files.
pub async fn update(tx: &mut Tx, Kept { template, made_by }: &Kept) -> Result<(), ChangeError> {
    let doing = "change a template";
    let (scope, team_id) = columns(template.whose);
    let update = sql(
        doing,
        "UPDATE templates SET name = $2, text = $3, html = $4, scope = $5, agent_id = $6, team_id = $7, changed_at = $8 \
         WHERE id = $1",
    )
    .bind(template.id)
    .bind(template.name.as_str())
    .bind(template.text.as_str())
    .bind(template.html.clone())
    .bind(scope)
    .bind(*made_by)
    .bind(team_id)
    .bind(template.changed_at);
    touched(doing, tx.link().run(update).await?)
}

/// Gives it these files in this order: some that it has, some that `by` sent up and that are in no message. None: one of
/// them is neither. What it has besides it lets go.
pub async fn set_files(
    tx: &mut Tx,
    template_id: TemplateId,
    by: AgentId,
    files: &[AttachmentId],
) -> Result<Option<Vec<Attachment>>, ChangeError> {
    let mut free = Files::load(tx, files).await?;
    let mine = Uploader::Template(template_id);
    let mut taken: Vec<Attachment> = Vec::with_capacity(files.len());
    for file in files {
        let one = free.take(Uploader::Agent(by), &[*file]).or_else(|| free.take(mine, &[*file]));
        match one.and_then(|mut one| one.pop()) {
            Some(one) if taken.iter().all(|other| other.id != one.id) => taken.push(one),
            _ => return Ok(None),
        }
    }
    let clear = sql("clear a template's files", "DELETE FROM template_files WHERE template_id = $1").bind(template_id);
    tx.link().run(clear).await?;
    // Whoever sends up what is taken out again finds it among the orphans, as if they had thrown it away.
    let let_go = sql("let a template's files go", "UPDATE attachments SET kept = FALSE WHERE uploader = $1");
    tx.link().run(let_go.bind(mine.to_string())).await?;
    let keep = sql(
        "keep a template's files",
        "UPDATE attachments SET kept = TRUE, uploader = $1 WHERE id IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    );
    tx.link().run(keep.bind(mine.to_string()).bind(set(files))).await?;
    for (place, file) in files.iter().enumerate() {
        let insert = sql(
            "give a template a file",
            "INSERT INTO template_files (template_id, place, attachment_id) VALUES ($1, $2, $3)",
        );
        tx.link().run(insert.bind(template_id).bind(place as i64).bind(*file)).await?;
    }
    Ok(Some(taken))
}

/// Thrown away at `at`, or with none taken back.
pub async fn set_removed(tx: &mut Tx, template_id: TemplateId, at: Option<UnixMs>) -> Result<(), ChangeError> {
    let doing = "remove a template";
    let update = sql(doing, "UPDATE templates SET removed_at = $2 WHERE id = $1").bind(template_id).bind(at);
    touched(doing, tx.link().run(update).await?)
}

/// Forgets those that were thrown away before then; their files are orphans from now on.
pub async fn prune(tx: &mut Tx, before: UnixMs) -> Result<(), ChangeError> {
    let let_go = sql(
        "let the files of templates go",
        "UPDATE attachments SET kept = FALSE WHERE id IN (SELECT tf.attachment_id FROM template_files AS tf \
         JOIN templates AS t ON t.id = tf.template_id WHERE t.removed_at < $1)",
    );
    tx.link().run(let_go.bind(before)).await?;
    let forget = sql("forget templates", "DELETE FROM templates WHERE removed_at < $1").bind(before);
    tx.link().run(forget).await?;
    Ok(())
}
