//! `GET /api/conversations`: a page of the list.

use axum::extract::State;
use serde::Deserialize;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Channel, Priority, Status};
use switchboard_protocol::rest::{ConversationPage, Folder, Sort};
use switchboard_protocol::views::SpokeLast;
use switchboard_protocol::{AgentId, ContactId, InboxId, TeamId, UnixMs};
use switchboard_store::conversations::{self, Assignee, Between, LastBy, Query};
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Json, Params, page_limit, search_words};

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
    flagged: Option<bool>,
    /// BCP 47: also what is narrower, so `pt` finds `pt-BR`.
    #[param(min_length = 1, max_length = 35)]
    language: Option<String>,
    /// Whether a file came with one of its messages.
    has_files: Option<bool>,
    /// Begun at this time or later, milliseconds since 1970.
    created_from: Option<UnixMs>,
    created_before: Option<UnixMs>,
    /// Last written in at this time or later.
    active_from: Option<UnixMs>,
    active_before: Option<UnixMs>,
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

/// What the parameters ask for.
pub fn query(reader: AgentId, params: ListParams) -> Result<Query, ApiError> {
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
        flagged: params.flagged,
        language: params.language,
        has_files: params.has_files,
        created: Between { from: params.created_from, before: params.created_before },
        active: Between { from: params.active_from, before: params.active_before },
        words: params.q.as_deref().map(search_words).transpose()?,
        sort: params.sort.unwrap_or(Sort::Activity),
        cursor: params.cursor,
        limit: page_limit(params.limit)?,
        ..Query::all(reader)
    })
}
