//! Bots: programs that answer beside the agents.
//!
//! ```text
//! the feed ──► asking, rounds: who is asked, what is told ──► bot_updates, in one transaction with the place in the feed
//!                                                        ├─► waiting: a bot fetches (long poll)
//!                                                        └─► webhooks: a bot is called
//! a bot's call ──► http::bot_api ──► writing, behind the fence ──► the feed, like every other message
//! agents, visitors ──► control: block, unblock, run now, talk to a person
//! ```
//!
//! One hub does this at a time, under a lease, and every hub where nobody can be asked for it. That nothing is told twice does
//! not depend on it, but on the place in the feed, which moves in the transaction that writes what is told, and on the claim of
//! what is brought. Deliberately not here: the dialect that
//! bots speak (`hub/bot_api`) and its methods (`http::bot_api`); who may write and who is asked (`domain::bots`).

mod asking;
mod calls;
mod chats;
pub mod control;
mod delivery;
mod fetching;
pub mod rooms;
mod rounds;
mod telling;
mod timers;
mod waiting;
mod webhooks;
mod writing;

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_backplane::Lease;
use switchboard_connector_http::Http;
use switchboard_protocol::{BotId, ConversationId, Number};
use switchboard_store::bots::{self as rows, Known};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Shared, Unasked};
use crate::channels::pause;
use crate::error::CommandError;
use crate::secret;

pub use calls::{Call, note_call};
pub use chats::{Chat, Sent, chat, file, hours, message};
pub use delivery::{Webhook, WebhookInfo, commands, set_commands, set_webhook, webhook_info};
pub use fetching::fetch;
pub use telling::NOT_FETCHED;
pub use waiting::{Asked, Updates, updates};
pub use writing::{
    BotEdit, BotWrite, change, delete, edit, hand_over, may_send, note, send, set_attribute, tell, typing, upload,
};

/// How long the hub that asks bots keeps that to itself when it dies.
const LEASE: Duration = Duration::from_secs(3);
/// How often a hub whose turn it is not asks for it.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// That a bot called is noted so often at most, milliseconds.
const SEEN_EVERY_MS: i64 = 60_000;

/// What is under way for bots in this process.
pub struct Bots {
    /// Calls webhooks, at addresses that the operator allows.
    http: Http,
    /// Who fetches for which bot: a second one ends the first.
    fetching: Mutex<HashMap<BotId, CancellationToken>>,
    /// What is being brought, whoever has begun it: a turn that ends leaves it to end.
    under_way: webhooks::UnderWay,
    /// Moves when something waits for a bot that is called.
    news: watch::Sender<u64>,
    /// Moves when a bot was set up here.
    set_up: watch::Sender<u64>,
    /// Room in memory for calls with files.
    pub rooms: rooms::Rooms,
    /// Calls that are to be noted.
    lines: calls::Lines,
}

/// A bot that has shown its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotCaller {
    pub id: BotId,
    /// Its id in the Bot API.
    pub number: Number,
    pub name: String,
    pub username: String,
}

/// Why a bot's call comes to nothing.
#[derive(Debug)]
pub enum BotRefusal {
    /// No such conversation, or none of its inboxes.
    ChatNotFound,
    /// The bot may not write there now.
    Blocked {
        conversation_id: ConversationId,
    },
    MessageNotFound,
    /// It stands there like that already.
    NotModified,
    /// Somebody else wrote it, or it cannot be changed any more.
    NotYours,
    /// Nothing is done with the conversation where it is now.
    TakesNothing(TakesNothing),
    /// So soon after its last words these would be another message to the customer.
    TooSoon {
        conversation_id: ConversationId,
        seconds: u64,
    },
    /// What is asked for cannot be; why, as a sentence.
    Closed(String),
    /// The file cannot be taken; why.
    BadFile(String),
    /// The hub does not fetch files there.
    WrongAddress,
    /// The file did not come, or is too large.
    NotFetched,
    /// What was pressed was pressed too long ago.
    QueryTooOld,
    Failed(CommandError),
}

/// Why nothing is done with a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakesNothing {
    Trash,
    Spam,
    InboxRemoved,
}

impl<E: Into<CommandError>> From<E> for BotRefusal {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Who has this token. None: nobody.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<BotCaller>, CommandError> {
    let Some(known) = rows::find_by_token(&app.store, &secret::hash(token)).await? else { return Ok(None) };
    let (now, id) = (app.clock.now(), known.id);
    if known.last_seen_at.is_none_or(|at| now - at >= SEEN_EVERY_MS) {
        app.write_unasked(Unasked::Bot, move |tx| Box::pin(async move { Ok(rows::seen(tx, id, now).await?) })).await?;
    }
    Ok(Some(caller(known)))
}

fn caller(known: Known) -> BotCaller {
    BotCaller { id: known.id, number: known.number, name: known.name, username: known.username }
}

/// The key under which those are woken who wait for a bot's updates.
fn key(bot: BotId) -> String {
    format!("bot:{bot}")
}

impl Bots {
    pub fn new(http: Http) -> Self {
        Self {
            http,
            fetching: Mutex::default(),
            under_way: webhooks::UnderWay::default(),
            news: watch::Sender::new(0),
            set_up: watch::Sender::new(0),
            rooms: rooms::Rooms::default(),
            lines: calls::Lines::new(),
        }
    }

    /// A bot was set up: which inboxes have one is looked at anew. Other hubs do so within a second.
    pub fn look_again(&self) {
        self.set_up.send_modify(|count| *count += 1);
    }

    /// Whoever fetches for this bot, on any hub, has shown a token that is no longer good, or is switched off.
    pub fn end_fetching(&self, app: &App, bot: BotId) {
        if let Some(over) = self.fetching.lock().remove(&bot) {
            over.cancel();
        }
        app.wakes.tell(&app.backplane, &waiting::taken_key(bot));
    }

    /// Something waits for these bots.
    fn call(&self, app: &App, bots: &[BotId]) {
        for bot in bots {
            app.wakes.tell_here(&key(*bot));
            app.wakes.tell(&app.backplane, &key(*bot));
        }
        self.news.send_modify(|count| *count += 1);
    }
}

/// Bots' own work, until the hub is told to go.
pub async fn run(app: Shared) {
    tokio::join!(ask(&app), calls::write(&app));
}

/// Asks bots, whenever it is this hub's turn, until the hub is told to go. While nobody can say whose turn it is, it is
/// everybody's: what is done twice at once is decided by the store.
async fn ask(app: &Shared) {
    let mut away = false;
    while !app.draining.is_cancelled() {
        let over = app.draining.child_token();
        match app.backplane.lease("bots", LEASE).await {
            Ok(Some(lease)) => {
                away = false;
                let keeping = keep(lease, &over);
                tokio::join!(keeping, work(app, &over));
            }
            Ok(None) => pause(&over, ASK_EVERY).await,
            Err(error) => {
                if !std::mem::replace(&mut away, true) {
                    tracing::warn!(%error, "Redis cannot be asked whose turn it is to ask bots: every hub does");
                }
                let ending = async {
                    // Until it can be asked again.
                    while !over.is_cancelled() && app.backplane.lease("bots", LEASE).await.is_err() {
                        pause(&over, ASK_EVERY).await;
                    }
                    over.cancel();
                };
                tokio::join!(ending, work(app, &over));
            }
        }
    }
}

/// Holds the lease until it is lost or the hub goes.
async fn keep(mut lease: Lease, over: &CancellationToken) {
    while !over.is_cancelled() {
        pause(over, LEASE / 3).await;
        if lease.renew().await.is_err() {
            over.cancel();
        }
    }
    lease.release().await;
}

async fn work(app: &Shared, over: &CancellationToken) {
    tokio::join!(asking::run(app, over), timers::run(app, over), webhooks::run(app, over));
}
