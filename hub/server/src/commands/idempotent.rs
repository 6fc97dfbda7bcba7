//! Making a thing once, however often the request comes: `Idempotency-Key` on what creates.
//!
//! The key is claimed in the transaction that makes the thing, so the constraint decides between two requests at once.
//! The same key with another body is refused.

use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard_protocol::UnixMs;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_store::Tx;
use switchboard_store::edge_keys::{self, Claim, Scope};

use crate::error::CommandError;
use crate::secret;

/// A request that may come again.
pub struct Request {
    scope: Scope,
    key: Option<String>,
    /// Of what is made and the body.
    hash: String,
}

impl Request {
    /// `makes` names the kind of thing, so that one key cannot stand for two.
    pub fn new(scope: Scope, key: Option<String>, makes: &str, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("wire types have string keys and no failing serialiser");
        Self { scope, key: key.map(|key| format!("{makes}:{key}")), hash: secret::hash(&body) }
    }

    /// What the first one made, if this is a repeat.
    pub async fn answered<T: DeserializeOwned>(&self, tx: &mut Tx, now: UnixMs) -> Result<Option<T>, CommandError> {
        let Some(key) = &self.key else { return Ok(None) };
        match edge_keys::claim(tx, self.scope, key, &self.hash, now).await? {
            Claim::New => Ok(None),
            Claim::Taken { target, answer: Some(answer) } if target == self.hash => serde_json::from_str(&answer)
                .map(Some)
                .map_err(|error| CommandError::fault("reading a kept answer", error)),
            Claim::Taken { target, answer: None } if target == self.hash => {
                let sentence = "What this request made has been deleted forever.";
                Err(ApiError::new(ErrorCode::NotFound, sentence).into())
            }
            Claim::Taken { .. } => {
                let sentence = "This idempotency key was used for another request.";
                Err(ApiError::new(ErrorCode::KeyReused, sentence).into())
            }
        }
    }

    /// Keeps what was made for a repeat.
    pub async fn keep(&self, tx: &mut Tx, made: &impl Serialize) -> Result<(), CommandError> {
        let Some(key) = &self.key else { return Ok(()) };
        let answer = serde_json::to_string(made).expect("wire types have string keys and no failing serialiser");
        Ok(edge_keys::keep_answer(tx, self.scope, key, &answer).await?)
    }
}

/// `conflict`, with the field that somebody else has the value of.
pub(super) fn taken(field: &str, sentence: &str) -> CommandError {
    ApiError { code: ErrorCode::Conflict, ..ApiError::field(field, "taken", sentence) }.into()
}
