//! `GET /api/contacts/{id}/export`, `POST /api/contacts/{id}/erased`: all that is kept of a customer.

use std::collections::VecDeque;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures_util::stream::unfold;
use serde::Serialize;
use switchboard_domain::Visibility;
use switchboard_protocol::customers::OutsideCard;
use switchboard_protocol::model::{Contact, Conversation, Message};
use switchboard_protocol::rest::MessageBody;
use switchboard_protocol::{ContactId, ConversationId, Number, UnixMs, limits};
use switchboard_store::{ReadError, bodies, contacts, conversations, customers, messages, outside_cards};

use crate::app::Shared;
use crate::caller::{Manage, May};
use crate::commands::customer_whole;
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::Id;

/// All that is kept of a customer, as one JSON document: each of their cards, what other systems say, and each conversation
/// with its messages, notes and lines (the newest first), mails with their whole text, and the names of files (`/api/attachments/{id}` has the
/// bytes). For owners and admins.
#[utoipa::path(get, path = "/api/contacts/{id}/export", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = CustomerExport), Problems))]
pub async fn export(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<ContactId>) -> Answer<Response> {
    let found = contacts::find_seen(&app.store, &caller.visibility, id).await?;
    let person = found.ok_or_else(|| CommandError::not_found("contact"))?;
    let left = customers::conversations_of(&app.store, &caller.visibility, person.person).await?;
    let head = Head {
        exported_at: app.clock.now(),
        contact: person.contact(),
        cards: person.cards.iter().map(|card| card.contact.clone()).collect(),
        outside_cards: outside_cards::of(&app.store, &caller.visibility, id).await?,
    };
    let mut opening = text(&head);
    opening.pop();
    opening.push_str(",\"conversations\":[");
    let telling = Telling {
        visibility: caller.visibility.clone(),
        reader: caller.agent_id,
        app,
        waits: Some(opening),
        left: left.into(),
        open: None,
        first: true,
        ended: false,
    };
    let parts = unfold(telling, |mut telling| async move {
        let part = telling.next().await.transpose()?;
        // What breaks off is no JSON, and nobody takes it for the whole.
        Some((part.inspect_err(|error| tracing::warn!(%error, "the export of a customer broke off")), telling))
    });
    let file = format!("attachment; filename=\"customer-{}.json\"", person.person);
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_DISPOSITION, file)
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_stream(parts))
        .map_err(|error| CommandError::fault("beginning an export", error).into())
}

/// Deletes a customer forever: all their cards, every conversation wherever it lies, its messages, notes and files. For owners
/// and admins. There is no way back.
#[utoipa::path(post, path = "/api/contacts/{id}/erased", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 204), Problems))]
pub async fn erase(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<ContactId>) -> Answer<StatusCode> {
    customer_whole::erase(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The document, for its description: it is written part by part.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CustomerExport {
    exported_at: UnixMs,
    /// As the team sees them.
    contact: Contact,
    /// The same card by card, where several are merged.
    cards: Vec<Contact>,
    outside_cards: Vec<OutsideCard>,
    conversations: Vec<ExportedConversation>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct ExportedConversation {
    conversation: Conversation,
    messages: Vec<ExportedMessage>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct ExportedMessage {
    #[serde(flatten)]
    message: Message,
    /// Of mails: what the message does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<MessageBody>,
}

#[derive(Serialize)]
struct Head {
    exported_at: UnixMs,
    contact: Option<Contact>,
    cards: Vec<Contact>,
    outside_cards: Vec<OutsideCard>,
}

/// What has been told, and what comes next: a customer may have said more than fits into memory.
struct Telling {
    app: Shared,
    visibility: Visibility,
    reader: switchboard_protocol::AgentId,
    /// Goes out next, as it is.
    waits: Option<String>,
    left: VecDeque<ConversationId>,
    /// The one whose messages are told, from this number down.
    open: Option<(ConversationId, Number, bool)>,
    first: bool,
    ended: bool,
}

impl Telling {
    async fn next(&mut self) -> Result<Option<Bytes>, ReadError> {
        if let Some(text) = self.waits.take() {
            return Ok(Some(text.into()));
        }
        if self.ended {
            return Ok(None);
        }
        if let Some((id, before, begun)) = self.open {
            return self.messages(id, before, begun).await.map(Some);
        }
        while let Some(id) = self.left.pop_front() {
            let row = conversations::find(&self.app.store, &self.visibility, self.reader, id).await?;
            // Deleted meanwhile.
            let Some(row) = row else { continue };
            self.open = Some((id, Number::MAX, false));
            let comma = if std::mem::take(&mut self.first) { "" } else { "," };
            let told = format!("{comma}{{\"conversation\":{},\"messages\":[", text(&row.conversation));
            return Ok(Some(told.into()));
        }
        self.ended = true;
        Ok(Some(Bytes::from_static(b"]}")))
    }

    /// The newest first, as the store pages.
    async fn messages(&mut self, id: ConversationId, before: Number, begun: bool) -> Result<Bytes, ReadError> {
        let page = messages::page(&self.app.store, &self.visibility, id, Some(before), limits::PAGE_ROWS).await?;
        let (messages, more) = page.map_or((Vec::new(), false), |page| (page.messages, page.more));
        let mut told = String::new();
        let next = messages.first().map(|message| message.number);
        for message in messages.into_iter().rev() {
            let body = match message.mail {
                Some(_) => bodies::find(&self.app.store, &self.visibility, message.id).await?,
                None => None,
            };
            let body = body.map(|body| MessageBody { whole_text: body.whole_text, html: body.html });
            if begun || !told.is_empty() {
                told.push(',');
            }
            told.push_str(&text(&ExportedMessage { message, body }));
        }
        self.open = next.filter(|_| more).map(|number| (id, number, true));
        if self.open.is_none() {
            told.push_str("]}");
        }
        Ok(told.into())
    }
}

fn text(of: &impl Serialize) -> String {
    serde_json::to_string(of).expect("wire types have string keys and no failing serialiser")
}
