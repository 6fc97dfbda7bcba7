//! Bodies, parameters and ids as they come in: bounded, and refused in the one error shape.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::limits;

use axum::response::{IntoResponse, Response};

use tokio::time::timeout;

use crate::error::Problem;
use crate::limits::BODY_READ;

/// A JSON body of at most [`limits::BODY_BYTES`]; as an answer, JSON that no cache keeps.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let sentence = "The body must be JSON, with the header `Content-Type: application/json`.";
            return Err(ApiError::new(ErrorCode::Malformed, sentence).into());
        }
        let bytes = body(request).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            ApiError::new(ErrorCode::Malformed, format!("The body is not what this takes: {error}.")).into()
        })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], axum::Json(self.0)).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

async fn body(request: Request) -> Result<Bytes, Problem> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let too_large = || {
        let sentence = format!("A body may have at most {} bytes.", limits::BODY_BYTES);
        Problem::from(ApiError::new(ErrorCode::TooLarge, sentence))
    };
    if declared.is_some_and(|bytes: usize| bytes > limits::BODY_BYTES) {
        return Err(too_large());
    }
    let body = axum::body::to_bytes(request.into_body(), limits::BODY_BYTES);
    let Ok(body) = timeout(BODY_READ, body).await else {
        return Err(ApiError::new(ErrorCode::Malformed, "The body did not come in time.").into());
    };
    match body {
        Ok(bytes) => Ok(bytes),
        Err(error) => {
            use std::error::Error;
            if error.source().is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>()) {
                return Err(too_large());
            }
            Err(ApiError::new(ErrorCode::Malformed, "The body broke off.").into())
        }
    }
}

/// Parameters after the `?`.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(params)| Self(params)).map_err(
            |error| {
                ApiError::new(
                    ErrorCode::Malformed,
                    format!("A parameter is not what this takes: {}.", error.body_text()),
                )
                .into()
            },
        )
    }
}

/// The id in the path. One that is not even an id names nothing.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| ApiError::new(ErrorCode::NotFound, "There is no such thing.").into())
    }
}

/// The `Idempotency-Key` of a request that makes something.
#[derive(Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let key = value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= limits::CLIENT_ID_CHARS);
        match key {
            Some(key) => Ok(Self(Some(key.to_owned()))),
            None => {
                let sentence = format!("An idempotency key has 1 to {} ASCII characters.", limits::CLIENT_ID_CHARS);
                Err(ApiError::field("Idempotency-Key", "invalid", sentence).into())
            }
        }
    }
}

/// How many rows a page is to have.
pub fn page_limit(asked: Option<usize>) -> Result<usize, ApiError> {
    match asked {
        None => Ok(crate::limits::PAGE_DEFAULT),
        Some(limit) if (1..=limits::PAGE_ROWS).contains(&limit) => Ok(limit),
        Some(_) => Err(ApiError::field("limit", "invalid", format!("A page has 1 to {} rows.", limits::PAGE_ROWS))),
    }
}

/// Longest search, characters.
const SEARCH_CHARS: usize = 200;

/// Words to look for.
pub fn search_words(text: &str) -> Result<String, ApiError> {
    let mut fields = switchboard_domain::validate::Fields::new();
    let words = fields.bounded("q", text, 1, SEARCH_CHARS);
    fields.done().map(|()| words)
}
