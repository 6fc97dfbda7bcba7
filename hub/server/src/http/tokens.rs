//! `/api/tokens`: one's own tokens for programs.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::TokenId;
use switchboard_protocol::rest::{CreateToken, CreatedToken, Token, Tokens};
use switchboard_store::tokens as rows;

use crate::app::Shared;
use crate::caller::{Caller, May, Read};
use crate::commands::tokens;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// One's own tokens, newest first.
#[utoipa::path(get, path = "/api/tokens", tag = "tokens", responses((status = 200, body = Tokens), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Tokens>> {
    let rows = rows::list(&app.store, caller.agent_id).await?;
    Ok(Json(Tokens { tokens: rows.into_iter().map(shown).collect() }))
}

/// Makes a token. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/tokens", tag = "tokens", request_body = CreateToken,
    responses((status = 201, body = CreatedToken), Problems))]
pub async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(body): Json<CreateToken>,
) -> Answer<(StatusCode, Json<CreatedToken>)> {
    let (row, secret) = tokens::create(&app, &caller, body).await?;
    Ok((StatusCode::CREATED, Json(CreatedToken { token: shown(row), secret: secret.expose().to_owned() })))
}

/// Makes a token worthless.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "tokens", params(("id" = TokenId, Path)),
    responses((status = 204), Problems))]
pub async fn remove(State(app): State<Shared>, caller: Caller, Id(id): Id<TokenId>) -> Answer<StatusCode> {
    tokens::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(row: rows::Token) -> Token {
    let rows::Token { id, name, scopes, created_at, last_used_at, expires_at, .. } = row;
    Token { id, name, scopes, created_at, last_used_at, expires_at }
}
