//! What comes of itself after its time: a bot that has not answered gives way to people, a block that was for a time ends.

use std::time::Duration;

use switchboard_domain::Visibility;
use switchboard_domain::bots::Standing;
use switchboard_protocol::bots::{BlockReason, BotBlock};
use switchboard_protocol::limits::BOT_PATIENCE_SECONDS;
use switchboard_protocol::model::{Author, SystemLine};
use switchboard_protocol::{BotId, ConversationId, UnixMs};
use switchboard_store::bots::{standings, updates};
use switchboard_store::conversations;
use tokio_util::sync::CancellationToken;

use super::control::{self, Shut};
use crate::app::{App, Shared, Unasked};
use crate::channels::pause;
use crate::error::CommandError;

/// How often it is looked: a read each, unless something is due.
const EVERY: Duration = Duration::from_millis(500);
/// Most that are looked after in a round.
const AT_ONCE: usize = 200;

pub(super) async fn run(app: &Shared, over: &CancellationToken) {
    // What was due before could not be answered while no hub was here to hear it.
    let begun = app.clock.now();
    while !over.is_cancelled() {
        if let Err(error) = round(app, begun).await {
            tracing::warn!(%error, "how bots stand will be looked at again");
        }
        pause(over, EVERY).await;
    }
}

async fn round(app: &App, begun: UnixMs) -> Result<(), CommandError> {
    let now = app.clock.now();
    for (conversation, bot) in standings::silent(&app.store, now, AT_ONCE).await? {
        let done = give_way(app, conversation, bot, BlockReason::Silent, None, begun).await;
        passed_over(done, conversation)?;
    }
    for (conversation, bot) in standings::over(&app.store, now, AT_ONCE).await? {
        passed_over(let_in_again(app, conversation, bot).await, conversation)?;
    }
    Ok(())
}

/// One that cannot be done holds up no other; a store that is away holds up all.
fn passed_over(done: Result<(), CommandError>, id: ConversationId) -> Result<(), CommandError> {
    match done {
        Err(error) if error.is_for_good() => {
            tracing::error!(%error, %id, "how a bot stands in a conversation cannot be changed");
            Ok(())
        }
        other => other,
    }
}

/// The bot is out until the case closes; who is next in order is asked, if there is one.
pub(super) async fn give_way(
    app: &App,
    conversation_id: ConversationId,
    bot_id: BotId,
    why: BlockReason,
    note: Option<String>,
    begun: UnixMs,
) -> Result<(), CommandError> {
    let (now, random) = (app.clock.now(), app.random.clone());
    app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move {
            let Some(thread) = conversations::load(tx, &Visibility::All, conversation_id).await? else {
                return Ok(());
            };
            let row = thread.conversation;
            // It may have answered since it was found.
            let all = standings::load(tx, &row).await?;
            let waits = |one: &&Standing| {
                one.id() == bot_id && (why != BlockReason::Silent || one.due_at.is_some_and(|due| due <= now))
            };
            let Some(one) = all.iter().find(waits) else {
                // A bot that has left the inbox is waited for by nobody; and nobody else was asked in its place.
                standings::forget(tx, conversation_id, bot_id, now).await?;
                let left = why == BlockReason::Silent && all.iter().all(|one| one.id() != bot_id);
                if left && row.waiting_since.is_some() && all.iter().all(|one| one.due_at.is_none()) {
                    // Who hears the line asks the next in order. Nobody hears it where no bot is on.
                    if all.iter().all(|one| one.off) {
                        control::left_to_people(tx, &row, Vec::new(), Author::System, now, &random).await?;
                    } else {
                        let line = SystemLine::BotBlocked { bot_id, why, until: None, note };
                        control::say(tx, &row, vec![line], Author::Bot { id: bot_id }, now, &random).await?;
                    }
                }
                return Ok(());
            };
            if why == BlockReason::Silent && one.due_at.is_some_and(|due| due < begun) {
                let later = begun + i64::from(BOT_PATIENCE_SECONDS) * 1_000;
                standings::put_off(tx, conversation_id, bot_id, later.max(now + 1)).await?;
                return Ok(());
            }
            // Where no bot is on, nobody hears the line that follows and would ask the next.
            let nobody = row.waiting_since.is_some() && all.iter().all(|one| one.off);
            let shut = Shut { why, by: Author::Bot { id: bot_id }, until: None, note };
            if control::shut_one(tx, &row, bot_id, &shut, now, &random).await? == 0 {
                standings::forget(tx, conversation_id, bot_id, now).await?;
            }
            if nobody && let Some(thread) = conversations::load(tx, &Visibility::All, conversation_id).await? {
                control::left_to_people(tx, &thread.conversation, Vec::new(), Author::System, now, &random).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

async fn let_in_again(app: &App, conversation_id: ConversationId, bot_id: BotId) -> Result<(), CommandError> {
    let (now, random) = (app.clock.now(), app.random.clone());
    app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move {
            let Some(thread) = conversations::load(tx, &Visibility::All, conversation_id).await? else {
                return Ok(());
            };
            let row = thread.conversation;
            let mut all = standings::load(tx, &row).await?;
            let ended = |one: &Standing| one.id() == bot_id && one.bot.blocked.is_some() && one.block(now).is_none();
            let Some(one) = all.iter_mut().find(|one| ended(one)) else {
                standings::forget(tx, conversation_id, bot_id, now).await?;
                return Ok(());
            };
            if row.asked_person {
                // The customer waits for a person by now: it stays out, for that.
                let by = Author::Contact { id: row.contact.id };
                one.shut(BotBlock { why: BlockReason::Asked, by, at: now, until: None }, now);
                standings::save(tx, &row, &all, now).await?;
                return Ok(());
            }
            one.let_in(now);
            let off = one.off;
            standings::save(tx, &row, &all, now).await?;
            if off {
                return Ok(());
            }
            updates::try_now(tx, bot_id, Some(row.id), now).await?;
            let line = SystemLine::BotUnblocked { bot_id, closed: false };
            control::say(tx, &row, vec![line], Author::System, now, &random).await
        })
    })
    .await?;
    Ok(())
}
