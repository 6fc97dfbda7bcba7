//! `GET /api/search`: words in messages, subjects, customers' names and case numbers.

use axum::extract::State;
use serde::Deserialize;
use switchboard_protocol::rest::SearchPage;
use switchboard_store::search;
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Json, Params, page_limit, search_words};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// What to look for: every word must be there.
    #[param(min_length = 1, max_length = 200)]
    q: String,
    /// `next` of the page before.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Searches what the caller may see, newest activity first.
#[utoipa::path(get, path = "/api/search", tag = "conversations", params(SearchParams),
    responses((status = 200, body = SearchPage), Problems))]
pub async fn page(
    State(app): State<Shared>,
    caller: May<Read>,
    Params(params): Params<SearchParams>,
) -> Answer<Json<SearchPage>> {
    let limit = page_limit(params.limit)?;
    let words = search_words(&params.q)?;
    let cursor = params.cursor.as_deref();
    Ok(Json(search::page(&app.store, &caller.visibility, caller.agent_id, &words, cursor, limit).await?))
}
