//! What bots write. Each goes through the fence in the transaction that commits it: [`standings::admit`].

mod changes;
mod edits;
mod presses;
mod sending;
mod typing;

use switchboard_domain::Visibility;
use switchboard_protocol::model::{Conversation, Place};
use switchboard_protocol::{MessageId, Number, UnixMs};
use switchboard_store::bots::standings::{self, Admitted, Kept};
use switchboard_store::{BoxFuture, Tx, inboxes};

use super::{BotCaller, BotRefusal, TakesNothing};
use crate::app::App;
use crate::ids::Random;

pub use changes::{change, hand_over, set_attribute};
pub use edits::{BotEdit, delete, edit};
pub(super) use presses::Query;
pub use presses::tell;
pub use sending::{BotWrite, note, send, upload};
pub(super) use typing::show_typing;
pub use typing::typing;

/// Longest `reply_markup` kept, bytes: a hundred buttons with all that they may say.
const MARKUP_BYTES: usize = 20_000;

/// Time and ids of one operation.
#[derive(Clone)]
struct Moment {
    now: UnixMs,
    random: Random,
}

impl Moment {
    fn of(app: &App) -> Self {
        Self { now: app.clock.now(), random: app.random.clone() }
    }

    fn message_id(&self) -> MessageId {
        MessageId(self.random.ulid(self.now))
    }
}

/// Carries something out behind the fence. What is refused leaves nothing, not even a pass that was used up.
async fn within<T, F>(app: &App, bot: &BotCaller, chat: Number, op: F) -> Result<T, BotRefusal>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx, Admitted, Conversation) -> BoxFuture<'t, Result<T, BotRefusal>> + Send + 'static,
{
    let (id, now) = (bot.id, app.clock.now());
    let written = app
        .write_for_bot(move |tx| {
            Box::pin(async move {
                let thread = standings::load_chat(tx, id, chat).await?.ok_or(BotRefusal::ChatNotFound)?;
                takes(tx, &thread.conversation).await?;
                match standings::admit(tx, id, &thread, now).await? {
                    Ok(admitted) => op(tx, admitted, thread.conversation).await,
                    Err(Kept::Unknown) => Err(BotRefusal::ChatNotFound),
                    Err(Kept::Out) => Err(BotRefusal::Blocked { conversation_id: thread.conversation.id }),
                }
            })
        })
        .await;
    app.channels.call_senders();
    Ok(written?.value)
}

/// Whether a message would be taken now. It is asked before files are kept for one; the answer counts for nothing else.
pub async fn may_send(app: &App, bot: &BotCaller, chat: Number) -> Result<(), BotRefusal> {
    let (id, now) = (bot.id, app.clock.now());
    let asked = app.write_for_bot(move |tx| {
        Box::pin(async move {
            let thread = standings::load_chat(tx, id, chat).await?.ok_or(BotRefusal::ChatNotFound)?;
            takes(tx, &thread.conversation).await?;
            if standings::may_write(tx, id, &thread, now).await? {
                return Ok(());
            }
            Err(BotRefusal::Blocked { conversation_id: thread.conversation.id })
        })
    });
    asked.await.map(|_| ())
}

/// Whether anything is done with a conversation where it is. What a customer is not answered in, no program changes, shows
/// or sorts either.
async fn takes(tx: &mut Tx, row: &Conversation) -> Result<(), BotRefusal> {
    let why = match row.place {
        Place::Trash => Some(TakesNothing::Trash),
        Place::Spam => Some(TakesNothing::Spam),
        Place::Inbox | Place::Archived => None,
    };
    if let Some(why) = why {
        return Err(BotRefusal::TakesNothing(why));
    }
    let inbox = inboxes::load(tx, &Visibility::All, row.inbox_id).await?;
    inbox.map(|_| ()).ok_or(BotRefusal::TakesNothing(TakesNothing::InboxRemoved))
}

fn bounded(markup: Option<&serde_json::Value>) -> Result<(), BotRefusal> {
    match markup {
        Some(markup) if markup.to_string().len() > MARKUP_BYTES => {
            Err(BotRefusal::Closed("reply markup is too long".to_owned()))
        }
        _ => Ok(()),
    }
}
