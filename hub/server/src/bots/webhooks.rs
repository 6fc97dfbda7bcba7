//! Brings updates to bots that want to be called: in order within a conversation, several conversations at once, again after
//! trouble. One conversation's trouble holds up no other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use switchboard_bot_api::things;
use switchboard_connector_http::Answer;
use switchboard_protocol::bots::{BlockReason, BotLogKind};
use switchboard_protocol::{BotId, ConversationId, Position, UnixMs};
use switchboard_store::bots::updates::{self, Update};
use switchboard_store::bots::{self as rows, Known};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::caller;
use super::calls::{Call, note_call};
use super::delivery::SECRET;
use super::timers::give_way;
use crate::app::{Shared, Unasked};
use crate::error::CommandError;
use crate::http::bot_api;

/// It is looked so often for what is due, if nothing is heard.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a webhook may take to answer.
const ANSWER: Duration = Duration::from_secs(20);
/// How long one that is being brought is in nobody else's hand, milliseconds: longer than [`ANSWER`], and shorter than the time
/// after which people take over, so that a hub that dies with it costs the customer no answer. As long again while a call in
/// the answer is carried out.
const IN_HAND_MS: i64 = 25_000;
/// The first wait after trouble, and the longest, milliseconds.
const BACK_OFF_MS: (i64, i64) = (1_000, 5 * 60_000);
/// After so many failures in a row people take the conversation over: some fifteen seconds.
const GIVE_WAY_AFTER: i64 = 5;
/// The kind of the updates that tell a bot of its blocks.
const MY_CHAT_MEMBER: &str = "my_chat_member";
/// What no customer waits for is brought so often at most: many bots fail on kinds of updates that they do not know, and what
/// the customer wrote next stands behind it.
const MEMBERSHIP_TRIES: i64 = 3;
/// The header by which a bot knows from whom an update is.
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

/// What is being brought: a conversation of a bot is in one hand at a time.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<HashMap<BotId, HashSet<ConversationId>>>>);

impl UnderWay {
    /// Conversations of this bot of which something is being brought.
    fn of(&self, bot: BotId) -> HashSet<ConversationId> {
        self.0.lock().get(&bot).cloned().unwrap_or_default()
    }

    /// Takes a conversation in hand for something that was looked for when `before` was under way. Of a conversation among
    /// those it may have been brought since: that is looked for again.
    fn take(&self, bot: BotId, conversation: ConversationId, before: &HashSet<ConversationId>) -> Option<Hand> {
        let taken = !before.contains(&conversation) && self.0.lock().entry(bot).or_default().insert(conversation);
        taken.then(|| Hand { under_way: self.clone(), bot, conversation })
    }

    fn leave(&self, bot: BotId, conversation: ConversationId) {
        if let Some(conversations) = self.0.lock().get_mut(&bot) {
            conversations.remove(&conversation);
        }
    }
}

/// A conversation of a bot in hand, until this is dropped: also by what is cut off.
struct Hand {
    under_way: UnderWay,
    bot: BotId,
    conversation: ConversationId,
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.under_way.leave(self.bot, self.conversation);
    }
}

pub(super) async fn run(app: &Shared, over: &CancellationToken) {
    let under_way = app.bots.under_way.clone();
    let mut news = app.bots.news.subscribe();
    let mut calls = JoinSet::new();
    while !over.is_cancelled() {
        if let Err(error) = round(app, &under_way, &mut calls).await {
            tracing::warn!(%error, "what bots are to be brought will be looked for again");
        }
        tokio::select! {
            () = over.cancelled() => break,
            _ = news.changed() => {}
            Some(_) = calls.join_next(), if !calls.is_empty() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    // What is under way is answered first, and what is not answered by then is brought again after its time in hand: a webhook
    // that has taken it all the same hears it twice, as with the Bot API.
    // Whoever asks bots next waits for none of that.
    app.tasks.spawn(async move {
        let _late = timeout(ANSWER, async { while calls.join_next().await.is_some() {} }).await;
    });
}

async fn round(app: &Shared, under_way: &UnderWay, calls: &mut JoinSet<()>) -> Result<(), CommandError> {
    for id in updates::bots_with_webhooks(&app.store).await? {
        let bot = match rows::find_known(&app.store, id).await {
            Ok(Some(bot)) => bot,
            Ok(None) => continue,
            // It keeps no other bot's from being brought.
            Err(error) => {
                tracing::error!(%error, bot = %id, "a bot cannot be read: nothing is brought to it");
                continue;
            }
        };
        let Some(webhook) = bot.webhook.clone() else { continue };
        let before = under_way.of(id);
        let mut room = (webhook.max_connections as usize).saturating_sub(before.len());
        if room == 0 {
            continue;
        }
        // Those under way are among the due.
        let due = updates::due(&app.store, id, app.clock.now(), room + before.len()).await?;
        let bot = Arc::new(bot);
        for (update, attempts) in due {
            if room == 0 {
                break;
            }
            let Some(hand) = under_way.take(id, update.conversation_id, &before) else { continue };
            room -= 1;
            let (app, bot) = (app.clone(), bot.clone());
            calls.spawn(async move {
                let _hand = hand;
                if let Err(error) = bring(&app, &bot, update, attempts).await {
                    tracing::warn!(%error, "how an update was brought could not be noted: it is brought again");
                    // A store that takes nothing is not asked at once again.
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            });
        }
    }
    Ok(())
}

async fn bring(app: &Shared, bot: &Known, update: Update, attempts: i64) -> Result<(), CommandError> {
    let (id, position) = (bot.id, update.position);
    // Whoever dies with it in hand has it brought again after that; who cannot note what came of it does not call at once again.
    let taken_until = app.clock.now() + IN_HAND_MS;
    let now = app.clock.now();
    let claimed = app.write_unasked(Unasked::Bot, move |tx| {
        Box::pin(async move { Ok(updates::claim(tx, id, position, now, taken_until).await?) })
    });
    if !claimed.await?.value {
        return Ok(());
    }
    let unwanted = bot.allowed.as_ref().is_some_and(|kinds| !kinds.contains(&update.kind));
    let begun = Instant::now();
    let answer = if unwanted { Ok(None) } else { call(app, bot, &update).await.map(Some) };
    if !unwanted {
        let (status, note) = match &answer {
            Ok(taken) => (taken.as_ref().map_or(0, |taken| taken.status), None),
            Err((status, why)) => (*status, Some(why.clone())),
        };
        let call = Call {
            kind: BotLogKind::Delivery,
            what: update.kind.clone(),
            conversation_id: Some(update.conversation_id),
            status,
            note,
            took_ms: begun.elapsed().as_millis() as u32,
        };
        note_call(app, id, call);
    }
    let now = app.clock.now();
    match answer {
        Ok(taken) => {
            // Before it is noted that the bot has the update: whoever is killed here brings it again.
            if let Some(taken) = taken.filter(|taken| bot_api::may_be_call(&taken.body)) {
                said_in_answer(app, bot, position, &taken.body).await?;
            }
            app.write_unasked(Unasked::Bot, move |tx| {
                Box::pin(async move {
                    updates::taken(tx, id, position).await?;
                    rows::set_trouble(tx, id, None, now).await?;
                    Ok(())
                })
            })
            .await?;
        }
        Err((_, why)) => {
            let nobody_waits = update.kind == MY_CHAT_MEMBER;
            let given_up = nobody_waits && attempts + 1 >= MEMBERSHIP_TRIES;
            let due_at = now + wait_ms(attempts);
            let told = why.clone();
            app.write_unasked(Unasked::Bot, move |tx| {
                Box::pin(async move {
                    if given_up {
                        updates::taken(tx, id, position).await?;
                    } else {
                        updates::again(tx, id, position, due_at).await?;
                    }
                    rows::set_trouble(tx, id, Some(&told), now).await?;
                    Ok(())
                })
            })
            .await?;
            if !nobody_waits && attempts + 1 >= GIVE_WAY_AFTER {
                give_way(app, update.conversation_id, id, BlockReason::Failing, Some(why), now).await?;
            }
        }
    }
    Ok(())
}

/// Carries out a call in a webhook's answer, if the webhook may still say something: its token may have been taken back while
/// it thought.
async fn said_in_answer(app: &Shared, bot: &Known, position: Position, body: &Bytes) -> Result<(), CommandError> {
    let (id, until) = (bot.id, app.clock.now() + IN_HAND_MS);
    let held = app.write_unasked(Unasked::Bot, move |tx| {
        Box::pin(async move {
            updates::hold(tx, id, position, until).await?;
            Ok(rows::load_known(tx, id).await?)
        })
    });
    let url = |known: &Known| known.webhook.as_ref().map(|webhook| webhook.url.clone());
    if let Some(known) = held.await?.value.filter(|known| url(known) == url(bot)) {
        bot_api::said_in_answer(app, &caller(known), body).await;
    }
    Ok(())
}

/// Doubled each time.
fn wait_ms(attempts: i64) -> UnixMs {
    let (first, longest) = BACK_OFF_MS;
    first.saturating_mul(1 << attempts.clamp(0, 20)).min(longest)
}

/// A good answer; else the status (0: none) and why, for people.
async fn call(app: &Shared, bot: &Known, update: &Update) -> Result<Answer, (u16, String)> {
    let Some(webhook) = &bot.webhook else { return Err((0, "There is no webhook any more.".to_owned())) };
    let fields = RawValue::from_string(update.content.clone()).map_err(|error| (0, error.to_string()))?;
    let body = things::update(update.position, &fields);
    let http = &app.bots.http;
    let mut request = http.client().post(&webhook.url).header("content-type", "application/json").body(body);
    if let Some(sealed) = &webhook.secret {
        let secrets = app.vault.open_sealed(bot.id, sealed).map_err(|error| (0, error.to_string()))?;
        request = request.header(SECRET_HEADER, secrets.of(SECRET).expose());
    }
    match timeout(ANSWER, http.call(request)).await {
        Ok(Ok(answer)) if answer.is_success() => Ok(answer),
        Ok(Ok(answer)) => Err((answer.status, format!("Wrong response from the webhook: {}", answer.status))),
        // The words are those of channels' providers.
        Ok(Err(failed)) => Err((0, failed.to_string().replace("the provider", "the webhook"))),
        Err(_elapsed) => Err((0, "Read timeout expired".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::Ulid;

    use super::*;

    #[test]
    fn what_was_found_while_a_call_was_under_way_is_not_begun_when_that_has_ended() {
        let (under_way, bot) = (UnderWay::default(), BotId(Ulid(1)));
        let (called, quiet) = (ConversationId(Ulid(2)), ConversationId(Ulid(3)));
        let hand = under_way.take(bot, called, &under_way.of(bot)).expect("nobody has it");
        let before = under_way.of(bot);
        drop(hand);
        assert!(under_way.take(bot, called, &before).is_none(), "it may have been brought by the call that has ended");
        let hand = under_way.take(bot, quiet, &before).expect("nobody has it");
        assert!(under_way.take(bot, quiet, &HashSet::new()).is_none(), "it is in somebody's hand");
        drop(hand);
        assert!(under_way.take(bot, called, &under_way.of(bot)).is_some(), "the next time it is looked for");
    }
}
