//! Everything that a request, a socket or a task needs, wired once at start. There are no globals: whoever needs a part
//! gets it from here, and a test that wants another clock hands one in.

use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use switchboard_backplane::{Backplane, Quota, RetryAfter};
use switchboard_protocol::agent::ResumePoint;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Channel, Delivery};
use switchboard_protocol::{AttachmentId, MessageId, UnixMs};
use switchboard_store::access;
use switchboard_store::append::LINES_MAX;
use switchboard_store::{Append, AppendError, AppendedAt, BoxFuture, Sender, Store, Tx, WriteError, Written};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::attachments::Files;
use crate::bots::{BotRefusal, Bots};
use crate::caller::Caller;
use crate::channels::media::MediaKey;
use crate::channels::reply_address::ReplyKey;
use crate::channels::{Channels, HookKey};
use crate::clock::Clock;
use crate::config::{Config, Rate};
use crate::error::CommandError;
use crate::feed::Feed;
use crate::forms::page::Pages;
use crate::forms::token::FormKey;
use crate::ids::Random;
use crate::limits::MEDIA_MS;
use crate::ops::health::Probe;
use crate::password::Passwords;
use crate::places::Places;
use crate::presence::Presence;
use crate::secret::Secret;
use crate::vault::Vault;
use crate::visitor_token::VisitorKey;
use crate::wakes::Wakes;

/// The hub's parts. Shared as `Arc<App>`.
pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub random: Random,
    pub store: Store,
    pub backplane: Backplane,
    pub passwords: Passwords,
    pub visitor_key: VisitorKey,
    /// Signs the addresses to which customers answer.
    pub reply_key: ReplyKey,
    /// Signs the tokens of contact forms.
    pub form_key: FormKey,
    /// Signs the addresses at which providers fetch files.
    pub media_key: MediaKey,
    /// Makes the addresses at which providers call.
    pub hook_key: HookKey,
    /// What contact forms show.
    pub forms: Pages,
    /// Seals the secrets of channels.
    pub vault: Vault,
    /// What is under way for bots here.
    pub bots: Bots,
    /// Who waits here for what another process says.
    pub wakes: Wakes,
    /// Those that this process runs.
    pub channels: Channels,
    /// Opens the way to the first owner, as long as there is none.
    pub setup_token: Secret,
    pub files: Files,
    /// Its registry knows the sockets that are open here.
    pub feed: Arc<Feed>,
    pub presence: Presence,
    /// Whether the store answers, as of a moment ago.
    pub store_answers: Probe,
    /// Counts the sockets that are open here.
    pub sockets: Arc<Places>,
    pub metrics: PrometheusHandle,
    /// Serves the demo shop.
    pub demo: bool,
    /// Cancelled when the hub is told to go: it is no longer ready and takes no new connections.
    pub draining: CancellationToken,
    /// Cancelled when a part has ended without which the hub answers and does nothing; see [`crate::Running::failed`].
    pub failed: CancellationToken,
    /// What must have ended before the process may: connections, sockets.
    pub tasks: TaskTracker,
    /// How long a command over a socket may take.
    pub command_time: Duration,
}

pub type Shared = Arc<App>;

/// Why something is written without asking, in its transaction, whether somebody of the team still may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// The hub does it by itself: what is due, what is to be forgotten, that a session was used.
    Hub,
    /// A visitor does it. Their token says who they are, and the operation touches nothing but what is theirs.
    Visitor,
    /// Somebody comes in or goes out: a password, a link or the session's own end is their proof, looked at in the operation.
    Entry,
    /// A file that no message names yet. Whoever names it is asked then.
    Upload,
    /// A bot writes. Whether it may is looked at in the operation.
    Bot,
    /// A channel brings what a customer did, or what became of a message: it touches nothing but its own inbox.
    Channel,
}

impl App {
    /// One operation in the writer's transaction for somebody of the team, if their rights are still what they were when
    /// they were looked up.
    pub async fn write_as<T: Send + 'static>(
        &self,
        by: &Caller,
        op: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, CommandError>> + Send + 'static,
    ) -> Result<Written<T>, CommandError> {
        let (id, looked_up) = (by.agent_id, by.access_position);
        self.write("team", move |tx| {
            Box::pin(async move {
                if access::load_position_of(tx, id).await? != Some(looked_up) {
                    return Err(CommandError::AccessChanged);
                }
                op(tx).await
            })
        })
        .await
    }

    /// The same without asking for anybody's rights, and why none are asked for: there is no other way past
    /// [`App::write_as`].
    pub async fn write_unasked<T: Send + 'static>(
        &self,
        why: Unasked,
        op: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, CommandError>> + Send + 'static,
    ) -> Result<Written<T>, CommandError> {
        let behalf = match why {
            Unasked::Hub => "hub",
            Unasked::Visitor => "visitor",
            Unasked::Entry => "entry",
            Unasked::Upload => "upload",
            Unasked::Bot => "bot",
            Unasked::Channel => "channel",
        };
        self.write(behalf, op).await
    }

    /// The same for what a bot does, which has refusals of its own.
    pub async fn write_for_bot<T: Send + 'static>(
        &self,
        op: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, BotRefusal>> + Send + 'static,
    ) -> Result<Written<T>, BotRefusal> {
        self.write("bot", op).await
    }

    async fn write<T: Send + 'static, E: From<CommandError> + Send + 'static>(
        &self,
        behalf: &'static str,
        op: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<Written<T>, E> {
        let written = self.store.write(op).await.map_err(|error| match error {
            WriteError::Refused(error) => error,
            WriteError::Overloaded => CommandError::Overloaded.into(),
            WriteError::Unavailable(error) => CommandError::from(error).into(),
        })?;
        metrics::counter!("switchboard_store_writes_total", "kind" => "operation", "behalf" => behalf).increment(1);
        Ok(written)
    }

    /// A message into an existing conversation; see [`Store::append`].
    pub async fn append(&self, append: Append) -> Result<AppendedAt, CommandError> {
        Ok(self.try_append(append).await?)
    }

    /// The same for who has an answer to the store's refusal.
    pub async fn try_append(&self, append: Append) -> Result<AppendedAt, AppendError> {
        let behalf = match append.sender {
            Sender::Agent { .. } => "team",
            Sender::Visitor { .. } => "visitor",
            Sender::Bot(_) => "bot",
            Sender::Channel { .. } => "channel",
            Sender::Hub { .. } => "hub",
        };
        let appended = self.store.append(append).await?;
        if appended.message.delivery == Some(Delivery::Queued) {
            self.channels.call_senders();
        }
        metrics::counter!("switchboard_store_writes_total", "kind" => "message", "behalf" => behalf).increment(1);
        Ok(appended)
    }

    /// The position that what is read after this call is true at, or later than.
    pub async fn at(&self) -> Result<ResumePoint, CommandError> {
        let position = switchboard_store::feed::head(&self.store).await?;
        Ok(ResumePoint { epoch: self.store.epoch().to_owned(), position })
    }

    /// Where a provider fetches a file that goes out, on channels whose providers do.
    pub fn media_address(&self, channel: Channel, file: AttachmentId) -> Option<String> {
        let origin = self.config.public_origin().filter(|_| channel == Channel::Sms)?;
        Some(format!("{origin}/media/{}", self.media_key.sign(file, self.clock.now() + MEDIA_MS)))
    }

    /// Ids for the system lines that one message may cause.
    pub fn line_ids(&self, now: UnixMs) -> [MessageId; LINES_MAX] {
        std::array::from_fn(|_| MessageId(self.random.ulid(now)))
    }

    /// Counts one use of `key`, or says when the next one is allowed.
    pub async fn limit(&self, key: &str, rate: Rate) -> Result<(), ApiError> {
        let Rate::Of { burst, per } = rate else { return Ok(()) };
        self.backplane.limit(key, Quota { burst: burst.get(), per }).await.map_err(too_often)
    }

    /// The same over this hub alone, without waiting for anybody: for each message of a socket.
    pub fn limit_here(&self, key: &str, rate: Rate) -> Result<(), ApiError> {
        let Rate::Of { burst, per } = rate else { return Ok(()) };
        self.backplane.limit_here(key, Quota { burst: burst.get(), per }).map_err(too_often)
    }
}

fn too_often(RetryAfter(after): RetryAfter) -> ApiError {
    let sentence = "That was too often in too short a time. Wait a little.";
    ApiError { retry_after_ms: Some(after.as_millis() as u64 + 1), ..ApiError::new(ErrorCode::RateLimited, sentence) }
}
