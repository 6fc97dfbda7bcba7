//! What a browser has said becomes somebody's who signs in: its conversations, its files that no message names yet, and the keys
//! by which what it sends again is known.

use switchboard_protocol::IdentityId;
use switchboard_protocol::model::Conversation;
use switchboard_protocol::visitor::VisitorConversation;

use crate::Tx;
use crate::attachments::Uploader;
use crate::conversations::{COLUMNS, Columns, FROM};
use crate::db::sql;
use crate::edge_keys::Scope;
use crate::error::ChangeError;
use crate::visitor;

/// Moves them. A key that its new owner has already stays the browser's: both have counted from one. The conversations, oldest
/// first, as they are then.
pub async fn adopt(tx: &mut Tx, from: IdentityId, to: IdentityId) -> Result<Vec<Conversation>, ChangeError> {
    let text = format!("SELECT {COLUMNS} FROM {FROM} WHERE c.identity_id = $1 ORDER BY c.number");
    let rows: Vec<Columns> = tx.link().all(sql("read a browser's conversations", text).bind(from)).await?;
    let mut conversations = rows.into_iter().map(Columns::conversation).collect::<Result<Vec<_>, _>>()?;
    let keys = sql(
        "give somebody the keys of a browser's messages",
        "UPDATE edge_keys SET scope = $2 WHERE scope = $1 AND name IN (SELECT m.client_id FROM messages AS m \
             JOIN conversations AS c ON c.id = m.conversation_id WHERE c.identity_id = $3 AND m.client_id IS NOT NULL) \
             AND name NOT IN (SELECT k.name FROM edge_keys AS k WHERE k.scope = $2)",
    );
    let (had, has) = (Scope::Identity(from).to_string(), Scope::Identity(to).to_string());
    tx.link().run(keys.bind(had).bind(has).bind(from)).await?;
    let files = sql(
        "give somebody a browser's files",
        "UPDATE attachments SET uploader = $2 WHERE uploader = $1 AND message_id IS NULL",
    );
    let (had, has) = (Uploader::Identity(from).to_string(), Uploader::Identity(to).to_string());
    tx.link().run(files.bind(had).bind(has)).await?;
    let moved = sql(
        "give somebody a browser's conversations",
        "UPDATE conversations SET identity_id = $2 WHERE identity_id = $1",
    );
    tx.link().run(moved.bind(from).bind(to)).await?;
    for conversation in &mut conversations {
        conversation.identity_id = to;
    }
    Ok(conversations)
}

/// As its visitor sees it.
pub fn shown(conversation: &Conversation) -> VisitorConversation {
    visitor::conversation(conversation)
}
