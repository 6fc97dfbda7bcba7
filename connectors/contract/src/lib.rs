//! The contract between the hub and a channel: mail, SMS, Telegram, whatever comes next.
//!
//! A channel is a crate beside this one with one type that implements [`Connector`]. It knows its provider and nothing of
//! the hub: what comes in it hands to the [`Edge`], what goes out it is handed as [`Outgoing`], and that is all it sees. So
//! the same connector runs inside the hub and as a process of its own.
//!
//! # The rules that everything here stands on
//!
//! * **Acknowledge upward only after the commit.** [`Edge::take`] returns when what came in is committed. Only then may the
//!   provider be told "received", by whatever means it has: an offset, a cursor, a 200.
//! * **The same thing twice is one thing.** Each [`Incoming`] has a `key`, the provider's own id for it, unique within the
//!   inbox. The hub knows a key for 30 days from when it took it first: so long a connector may hand the thing in as often
//!   as it comes by. What it would come by for longer (the newest message of a list, and nothing comes behind it) it knows
//!   by the place that it keeps, and passes over.
//! * **One person's messages in order.** What one call of [`Edge::take`] is given is committed in that order. A connector
//!   does not hand in a later message of a person before the call with the earlier one has returned.
//! * **Never twice outward.** [`Connector::send`] is called once for a message. It says what is true of it: it went out, it
//!   certainly did not ([`SendError::Later`], [`SendError::Refused`], [`SendError::Broken`]), or nobody can know
//!   ([`SendError::Uncertain`]). The hub tries again only what certainly did not go out.
//! * **A state of delivery is the channel's own word.** [`Progress`] is told when the provider tells it, never guessed.
//!
//! # To add a channel
//!
//! 1. A crate `connectors/<name>` with a settings struct in `switchboard_protocol::channels` (what the admin fills in; what
//!    is secret is a [`Secrets`] entry), and a type that implements [`Connector`]. It is made of the settings, the secrets,
//!    and what else it needs: this inbox's own address under the hub's, if the provider is to be told with each message
//!    where to call us, and the process's one HTTP client (`switchboard_connector_http::Http`). That one keeps to bounds and
//!    to the [`Addresses`] that the hub allows, and sorts what fails by whether it left. Making one asks nobody and cannot
//!    fail: what is wrong with the settings, [`Connector::check`] and [`Connector::send`] say.
//! 2. Its [`Capabilities`] decide what the reply bar offers.
//! 3. If the provider calls us, implement [`Connector::webhook`]: check the signature first, hand in, answer.
//!    [`Webhook::rest`] tells several addresses of one inbox apart. A signature or secret is compared in constant time, and
//!    where none is set nobody is let in. What has no time of the provider's has [`Webhook::at`]. If we fetch, implement
//!    [`Connector::receive`]: fetch, hand in, confirm; keep the place in an [`Edge::keep_cursor`].
//! 4. Everything that comes in has a `key` of the provider's making and names its person in one spelling
//!    (`switchboard_numbers::e164` for telephone numbers). Messages and words about messages share the keys: `7` came in,
//!    `7:delivered` is what became of ours.
//! 5. [`Connector::send`], with each of the provider's answers sorted into [`Sent`] or one of [`SendError`]. An answer that
//!    did not arrive, or that makes no sense, is [`SendError::Uncertain`] unless the request certainly never left. Where the
//!    provider gives no id, ours ([`Outgoing::message_id`]) is the reference, if the provider can be made to say it back.
//! 6. [`Connector::check`]: one harmless call that proves the settings. It is behind the button "Test" and before "Save".
//!    Where no call is harmless, it looks at what would be sent, and says that nothing was.
//! 7. A variant in `switchboard_protocol::model::Channel` if it is a kind of its own, and a line in the hub's
//!    `channels::connect`, which makes connectors from settings.
//! 8. Tests against the provider's real server, or a fake that the provider's own SDK accepts; `testing::Kept` is the hub's
//!    side. Those that need something installed are a `[[test]]` with `test = false` that `./dev test conformance` runs.
//!
//! Deliberately not here: retries, back-off, rates, leases, the outbox, conversations, who may see what. They are the hub's,
//! the same for all channels.

mod addresses;
mod capabilities;
mod consent;
mod edge;
mod incoming;
pub mod limits;
mod outgoing;
mod settings;
#[cfg(feature = "testing")]
pub mod testing;
mod trouble;
mod webhook;

pub use addresses::Addresses;
pub use capabilities::{Capabilities, Receipts, Threads};
pub use edge::{Edge, NotTaken, Taken};
pub use incoming::{
    Automatic, Consent, File, Happened, Incoming, IncomingMessage, MailHead, Origin, Person, Progress, Quote, Reached,
    Thread,
};
pub use outgoing::{ASK_FIRST, MailOut, OutFile, Outgoing, Recipient, SendError, Sent};
pub use settings::{Secret, Secrets};
pub use trouble::Trouble;
pub use webhook::{Webhook, WebhookAnswer};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// One mailbox, number or bot at its provider.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    fn capabilities(&self) -> Capabilities;

    /// Asks the provider whether the settings are good; nothing reaches a customer. The sentence says what was found
    /// ("@shop_bot", "1,204 mails in INBOX"), for the admin.
    async fn check(&self) -> Result<String, Trouble>;

    /// Fetches what comes in until `stop`. Returns before only with trouble: the hub shows it, waits, and calls again. One
    /// call runs at a time in the whole deployment. A channel that only gets webhooks leaves this as it is.
    async fn receive(&self, edge: &dyn Edge, stop: CancellationToken) -> Result<(), Trouble> {
        edge.receiving();
        stop.cancelled().await;
        Ok(())
    }

    /// Before the first [`Connector::receive`] and after each change of settings: tells the provider where to call us, if
    /// it wants to be told. `address` is this inbox's own address under the hub's public one; none: the hub has none.
    async fn announce(&self, address: Option<&str>) -> Result<(), Trouble> {
        let _ = address;
        Ok(())
    }

    /// One request of the provider to this inbox's address. It may come to any hub, also while another one receives.
    async fn webhook(&self, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
        let (_, _) = (request, edge);
        WebhookAnswer::not_found()
    }

    /// Largest body that a request to this inbox's address may have; a larger one is refused before it is read. At most
    /// [`limits::MESSAGE_BYTES`].
    fn webhook_bytes(&self) -> usize {
        limits::CALL_BYTES
    }

    /// Sends one message, once.
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError>;

    /// Shows the customer that somebody writes, if the channel can; called again every few seconds while it is so, by
    /// whichever hub hears of it. What is shown runs out by itself.
    async fn typing(&self, to: &Recipient) {
        let _ = to;
    }
}
