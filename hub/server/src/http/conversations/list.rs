//! `GET /api/conversations`: a page of the list.

use axum::extract::State;
use serde::Deserialize;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Channel, Priority, Status};
use switchboard_protocol::rest::{ConversationPage, Folder, Sort};
use switchboard_protocol::{AgentId, ContactId, InboxId, TeamId};
use switchboard_store::conversations::{self, Assignee, LastBy, Query};
use utoipa::{IntoParams, ToSchema};

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Json, Params, page_limit, search_words};

/// Who spoke last in a conversation.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpokeLast {
    Contact,
    Team,
}

/// Filters; one that is absent filters nothing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    folder: Option<Folder>,
    inbox: Option<InboxId>,
    /// An agent's id, `me` or `nobody`.
    #[param(pattern = "^(me|nobody|[0-7][0-9A-HJKMNP-TV-Z]{25})$")]
    assignee: Option<String>,
    team: Option<TeamId>,
    status: Option<Status>,
    channel: Option<Channel>,
    priority: Option<Priority>,
    tag: Option<String>,
    last_by: Option<SpokeLast>,
    contact: Option<ContactId>,
    /// Words in the contact's name, the subject or the case number.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    sort: Option<Sort>,
    /// `next` of the page before.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// A page of the conversations that the caller may see, and the position that it is true at.
#[utoipa::path(get, path = "/api/conversations", tag = "conversations", params(ListParams),
    responses((status = 200, body = ConversationPage), Problems))]
pub async fn page(
    State(app): State<Shared>,
    caller: May<Read>,
    Params(params): Params<ListParams>,
) -> Answer<Json<ConversationPage>> {
    let query = query(caller.agent_id, params)?;
    let at = app.at().await?;
    let page = conversations::page(&app.store, &caller.visibility, &query).await?;
    Ok(Json(ConversationPage { rows: page.rows, next: page.next, at }))
}

fn query(reader: AgentId, params: ListParams) -> Result<Query, ApiError> {
    let assignee = match params.assignee.as_deref() {
        None => None,
        Some("me") => Some(Assignee::Agent(reader)),
        Some("nobody") => Some(Assignee::Nobody),
        Some(id) => {
            let unknown = |_| ApiError::field("assignee", "unknown", "This is an agent's id, `me` or `nobody`.");
            Some(Assignee::Agent(id.parse().map_err(unknown)?))
        }
    };
    Ok(Query {
        folder: params.folder,
        inbox: params.inbox,
        assignee,
        team: params.team,
        status: params.status,
        channel: params.channel,
        priority: params.priority,
        tag: params.tag,
        last_by: params.last_by.map(|by| match by {
            SpokeLast::Contact => LastBy::Contact,
            SpokeLast::Team => LastBy::Team,
        }),
        contact: params.contact,
        words: params.q.as_deref().map(search_words).transpose()?,
        sort: params.sort.unwrap_or(Sort::Activity),
        cursor: params.cursor,
        limit: page_limit(params.limit)?,
        ..Query::all(reader)
    })
}
