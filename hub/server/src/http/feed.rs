//! `GET /api/feed`: the events over HTTP, for programs that hold no socket.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use switchboard_protocol::Position;
use switchboard_protocol::agent::{AgentEventFrame, ResetReason, ResumePoint};
use switchboard_protocol::error::ApiError;
use switchboard_store::{access, feed};
use utoipa::{IntoParams, ToSchema};

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Json, Params};
use crate::limits::FEED_PAGE;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedParams {
    /// The epoch that `from` belongs to.
    epoch: Option<String>,
    /// Events after this position; none: from now on.
    #[param(minimum = 0)]
    from: Option<Position>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A part of the feed, as the caller may see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedPage {
    /// The same frames that the agents' socket sends.
    #[schema(value_type = Vec<AgentEventFrame>)]
    events: Vec<Box<RawValue>>,
    /// Go on from here.
    at: ResumePoint,
    /// Set: `from` cannot be gone on from. Read what you need anew, then follow from `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<ResetReason>,
}

/// Events after a position. At the end of the feed the page is empty; ask again later.
#[utoipa::path(get, path = "/api/feed", tag = "feed", params(FeedParams),
    responses((status = 200, body = FeedPage), Problems))]
pub async fn page(
    State(app): State<Shared>,
    caller: May<Read>,
    Params(params): Params<FeedParams>,
) -> Answer<Json<FeedPage>> {
    let limit = params.limit.unwrap_or(FEED_PAGE);
    if !(1..=FEED_PAGE).contains(&limit) {
        return Err(ApiError::field("limit", "invalid", format!("A page has 1 to {FEED_PAGE} events.")).into());
    }
    if params.from.is_some_and(|from| from < 0) {
        return Err(ApiError::field("from", "invalid", "Positions are counted from 0.").into());
    }
    let at = app.at().await?;
    let nothing = |reset| Ok(Json(FeedPage { events: Vec::new(), at: at.clone(), reset }));
    let Some(from) = params.from else { return nothing(None) };
    if params.epoch.is_some_and(|epoch| epoch != at.epoch) || from > at.position {
        return nothing(Some(ResetReason::OtherEpoch));
    }
    if from < caller.access_position {
        return nothing(Some(ResetReason::AccessChanged));
    }
    let slice = feed::since_for_staff(&app.store, &caller.visibility, caller.agent_id, from, limit).await?;
    let Some(slice) = slice else { return nothing(Some(ResetReason::TooOld)) };
    // Read with what the caller might see when they were looked up: nothing behind the change is theirs by that.
    if access::position_of(&app.store, caller.agent_id).await? != Some(caller.access_position) {
        return nothing(Some(ResetReason::AccessChanged));
    }
    let frames = slice.events.into_iter().map(|told| RawValue::from_string(told.frame.to_string()));
    let events = frames.collect::<Result<_, _>>().map_err(|error| CommandError::fault("reading the feed", error))?;
    Ok(Json(FeedPage { events, at: ResumePoint { epoch: at.epoch, position: slice.upto }, reset: None }))
}
