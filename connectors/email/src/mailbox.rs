//! A mailbox as a channel.

use std::collections::BTreeSet;

use async_trait::async_trait;
use parking_lot::Mutex;
use switchboard_connector::{
    Addresses, Capabilities, Connector, Edge, Happened, Incoming, Outgoing, Receipts, Recipient, Secret, Secrets,
    SendError, Sent, Thread, Threads, Trouble, Webhook, WebhookAnswer,
};
use switchboard_protocol::channels::EmailSettings;
use tokio_util::sync::CancellationToken;

use crate::apart::{apart, apart_for_the_team};
use crate::compose::compose;
use crate::limits::MAIL_BYTES;
use crate::net::Net;
use crate::parse::{is_address, read};
use crate::{imap, smtp, webhook};

/// Files with one mail. Their bytes become a third more in base64, and many servers take 35 MiB at most.
const FILES: u32 = 10;
const FILE_BYTES: i64 = 25 * 1024 * 1024;
const TEXT_CHARS: u32 = 100_000;

/// One address with its servers.
pub struct Mailbox {
    settings: EmailSettings,
    imap_password: Secret,
    smtp_password: Secret,
    push_secret: Secret,
    net: Net,
    /// The folders of which it was said last that they are not read.
    unread: Mutex<BTreeSet<String>>,
}

impl Mailbox {
    /// Secrets: `imap_password`, `smtp_password`, `push_secret`.
    pub fn new(mut settings: EmailSettings, secrets: &Secrets, addresses: Addresses) -> Result<Self, Trouble> {
        settings.address = settings.address.trim().to_owned();
        if !is_address(&settings.address) {
            return Err(Trouble::Settings(format!("“{}” is not a mail address.", settings.address)));
        }
        settings.folders.retain(|folder| !folder.trim().is_empty());
        let push_secret = secrets.of("push_secret");
        if settings.imap.is_none() && settings.smtp.is_none() && push_secret.expose().is_empty() {
            return Err(Trouble::Settings("Neither a server to read from nor one to send by is given.".to_owned()));
        }
        Ok(Self {
            settings,
            imap_password: secrets.of("imap_password"),
            smtp_password: secrets.of("smtp_password"),
            push_secret,
            net: Net::new(addresses),
            unread: Mutex::default(),
        })
    }

    /// Believes this authority too (a certificate in DER), beside those of the operating system.
    pub fn trusting(mut self, authority: Vec<u8>) -> Self {
        self.net.trust(authority);
        self
    }

    fn ours(&self) -> &str {
        &self.settings.address
    }

    fn domain(&self) -> &str {
        self.ours().rsplit_once('@').map_or("localhost", |(_, domain)| domain)
    }

    fn incoming(&self) -> Option<imap::Account<'_>> {
        let server = self.settings.imap.as_ref()?;
        Some(imap::Account {
            net: &self.net,
            server,
            password: &self.imap_password,
            folders: &self.settings.folders,
            since: &self.settings.import_since,
            ours: self.ours(),
            unread: &self.unread,
        })
    }
}

#[async_trait]
impl Connector for Mailbox {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rich_text: true,
            files: FILES,
            file_bytes: FILE_BYTES,
            text_chars: TEXT_CHARS,
            subject: true,
            typing: false,
            receipts: Receipts::Nothing,
            threads: Threads::Subject,
            writes_first: self.settings.smtp.is_some(),
            segments: false,
            answers: false,
        }
    }

    async fn check(&self) -> Result<String, Trouble> {
        let mut found = Vec::new();
        if let Some(account) = self.incoming() {
            found.push(imap::check(&account).await?);
        }
        if let Some(server) = &self.settings.smtp {
            smtp::check(&self.net, server, &self.smtp_password, self.domain()).await.map_err(trouble)?;
            found.push(format!("{} takes our mails", server.host));
        }
        if !self.push_secret.expose().is_empty() {
            found.push("mails may be pushed".to_owned());
        }
        Ok(found.join("; "))
    }

    async fn receive(&self, edge: &dyn Edge, stop: CancellationToken) -> Result<(), Trouble> {
        let Some(account) = self.incoming() else {
            edge.receiving();
            stop.cancelled().await;
            return Ok(());
        };
        // What is cut off here is fetched again: the place is kept only after the commit.
        tokio::select! {
            biased;
            () = stop.cancelled() => Ok(()),
            trouble = imap::receive(&account, edge) => trouble,
        }
    }

    /// `POST <address>/raw` with the mail's bytes as the body.
    async fn webhook(&self, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
        if request.rest != "raw" {
            return WebhookAnswer::not_found();
        }
        if !webhook::is_allowed(&request, &self.push_secret) {
            return WebhookAnswer::forbidden();
        }
        if !request.method.eq_ignore_ascii_case("post") || request.body.is_empty() {
            return WebhookAnswer::malformed("The body has to be a mail (message/rfc822).\n");
        }
        let ours = self.ours().to_owned();
        let items = apart(move || read(&request.body, &ours, Some(request.at))).await;
        let Ok(items) = items else { return WebhookAnswer::unavailable() };
        match edge.take(with_our_tokens(items, edge)).await {
            Ok(_) => WebhookAnswer::done(),
            Err(_) => WebhookAnswer::unavailable(),
        }
    }

    fn webhook_bytes(&self) -> usize {
        MAIL_BYTES
    }

    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let Some(server) = &self.settings.smtp else {
            return Err(SendError::Broken { why: "No server to send by is set up.".to_owned() });
        };
        let (ours, plus, message) = (self.ours().to_owned(), self.settings.plus_addresses, message.clone());
        let composing = apart_for_the_team(move || compose(&ours, plus, &message)).await;
        let mail = composing.map_err(|_| SendError::Refused { why: "it cannot be written as a mail".to_owned() })??;
        smtp::send(&self.net, server, &self.smtp_password, self.domain(), &mail).await?;
        Ok(Sent { references: vec![mail.message_id] })
    }

    async fn typing(&self, _: &Recipient) {}
}

/// Leaves those reply tokens that the hub signed: a stranger's `+` is no token.
pub(crate) fn with_our_tokens(mut items: Vec<Incoming>, edge: &dyn Edge) -> Vec<Incoming> {
    for item in &mut items {
        if let Happened::Message(message) = &mut item.what
            && let Thread::References { reply_tokens, .. } = &mut message.thread
        {
            reply_tokens.retain(|token| edge.is_reply_token(token));
        }
    }
    items
}

fn trouble(error: SendError) -> Trouble {
    match error {
        SendError::Broken { why } | SendError::Refused { why } => Trouble::Settings(why),
        SendError::Later { why, after, .. } => Trouble::Away { why, after },
        SendError::Uncertain { why } => Trouble::away(why),
    }
}
