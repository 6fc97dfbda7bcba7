//! A bot's console ([`switchboard_domain::bots::console`]): the inbox that it is, and what was said in it.

use std::collections::BTreeSet;

use switchboard_domain::Visibility;
use switchboard_domain::bots::console;
use switchboard_protocol::bots::{Bot, BotAnswers, ConversationBot};
use switchboard_protocol::model::{Channel, Inbox, WebSettings};
use switchboard_protocol::{BotId, ConversationId, IdentityId, InboxId, UnixMs};

use super::standings;
use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::set;
use crate::{Store, Tx, conversations, inboxes};

/// Conversations that stay when another one is begun: several admins may be at it.
pub const KEPT: usize = 10;

/// The inbox in which the bot is always asked, under its name. `fresh`: what its widget is to be if there is none yet. Whether
/// it is new.
pub async fn open(tx: &mut Tx, bot: &Bot, fresh: WebSettings, now: UnixMs) -> Result<(Inbox, bool), ChangeError> {
    let inbox_id = console::of(bot.id);
    if let Some(inbox) = inboxes::load(tx, &Visibility::All, inbox_id).await? {
        let named = Inbox { name: bot.name.clone(), ..inbox.clone() };
        if named != inbox {
            inboxes::update(tx, &named).await?;
        }
        return Ok((named, false));
    }
    let inbox = Inbox {
        id: inbox_id,
        name: bot.name.clone(),
        channel: Channel::Web,
        case_prefix: String::new(),
        web: Some(fresh),
        carries: None,
        address: None,
    };
    inboxes::insert(tx, &inbox, now).await?;
    let insert = sql(
        "let a bot be asked in its console",
        "INSERT INTO bot_inboxes (bot_id, inbox_id, rank, answers) VALUES ($1, $2, 0, $3)",
    );
    tx.link().run(insert.bind(bot.id).bind(inbox_id).bind(BotAnswers::Always.as_str())).await?;
    Ok((inbox, true))
}

/// How the bot stands in what this identity has begun last in its console; none: nothing was begun.
pub async fn find(
    store: &Store,
    bot_id: BotId,
    identity_id: IdentityId,
    now: UnixMs,
) -> Result<Option<(ConversationId, Option<ConversationBot>)>, ReadError> {
    let Some(conversation) = conversations::newest_of(store, &[identity_id]).await?.remove(&identity_id) else {
        return Ok(None);
    };
    let here = Visibility::Inboxes(BTreeSet::from([console::of(bot_id)]));
    let found = standings::find(store, &here, conversation, now).await?;
    Ok(found.map(|found| (conversation, found.bots.into_iter().find(|one| one.bot_id == bot_id))))
}

/// Forgets what was said, but for the newest conversations. The bytes of files go with the next old uploads.
pub async fn forget(tx: &mut Tx, bot_id: BotId, keep: usize) -> Result<(), ChangeError> {
    let inbox_id = console::of(bot_id);
    let select = sql(
        "find a console's conversations",
        "SELECT id, contact_id FROM conversations WHERE inbox_id = $1 ORDER BY number DESC",
    );
    let rows: Vec<(String, String)> = tx.link().all(select.bind(inbox_id)).await?;
    let old = rows.get(keep..).unwrap_or_default();
    if old.is_empty() {
        return Ok(());
    }
    let conversations = set(old.iter().map(|(conversation, _)| conversation));
    for (doing, text) in [
        (
            "note a console's files that are to be removed",
            "INSERT INTO uploads (id, begun_at) SELECT f.id, 0 FROM attachments AS f JOIN messages AS m ON m.id = f.message_id \
             WHERE m.conversation_id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v) \
             ON CONFLICT (id) DO UPDATE SET begun_at = 0",
        ),
        (
            "forget what waits for a bot in its console",
            "DELETE FROM bot_updates WHERE conversation_id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
        ),
        (
            "forget what a bot did in its console",
            "DELETE FROM bot_log WHERE conversation_id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
        ),
        (
            "forget a console's conversations",
            "DELETE FROM conversations WHERE id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
        ),
    ] {
        tx.link().run(sql(doing, text).bind(conversations.clone())).await?;
    }
    let contacts = sql(
        "forget who has written in a console",
        "DELETE FROM contacts WHERE id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v) \
         AND NOT EXISTS (SELECT 1 FROM conversations AS c WHERE c.contact_id = contacts.id)",
    );
    tx.link().run(contacts.bind(set(old.iter().map(|(_, contact)| contact)))).await?;
    Ok(())
}

/// Takes the console away with all that was said in it.
pub(super) async fn remove(tx: &mut Tx, bot_id: BotId) -> Result<(), ChangeError> {
    forget(tx, bot_id, 0).await?;
    let inbox_id: InboxId = console::of(bot_id);
    tx.link().run(sql("remove a console", "DELETE FROM inboxes WHERE id = $1").bind(inbox_id)).await?;
    Ok(())
}
