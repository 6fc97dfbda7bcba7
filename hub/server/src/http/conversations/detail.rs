//! `GET /api/conversations/{id}`: what a page needs to open a conversation.

use axum::extract::State;
use switchboard_protocol::ConversationId;
use switchboard_protocol::rest::ConversationDetail;
use switchboard_store::held::{self, Held};
use switchboard_store::{contacts, conversations, messages};

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, Json};
use crate::limits::DETAIL_MESSAGES;

/// A conversation with its contact, its newest messages and who has it open.
#[utoipa::path(get, path = "/api/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)),
    responses((status = 200, body = ConversationDetail), Problems))]
pub async fn show(
    State(app): State<Shared>,
    caller: May<Read>,
    Id(id): Id<ConversationId>,
) -> Answer<Json<ConversationDetail>> {
    let not_found = || CommandError::not_found("conversation");
    let at = app.at().await?;
    let row = conversations::find(&app.store, &caller.visibility, caller.agent_id, id).await?.ok_or_else(not_found)?;
    let (inbox_id, identity_id) = (row.conversation.inbox_id, row.conversation.identity_id);
    let contact = contacts::find(&app.store, &caller.visibility, row.conversation.contact.id).await?;
    let page =
        messages::page(&app.store, &caller.visibility, id, None, DETAIL_MESSAGES).await?.ok_or_else(not_found)?;
    let held = held::in_conversation(&app.store, id).await?;
    let visitor = app.presence.visitor(inbox_id, identity_id);
    Ok(Json(ConversationDetail {
        row,
        contact: contact.ok_or_else(not_found)?,
        messages: page.messages,
        more: page.more,
        held: held.iter().filter_map(Held::shown).collect(),
        viewers: app.presence.viewers(inbox_id, id),
        visitor_here: visitor.here,
        visitor_page: visitor.page,
        at,
    }))
}
