//! What an answer of the gateway says of the message.

use serde_json::Value;
use switchboard_connector::{SendError, Sent};
use switchboard_connector_http::Answer;

use crate::incoming::text_of;

/// Longest that a gateway's id is taken for one, characters.
pub(crate) const ID_CHARS: usize = 200;

/// How much of the gateway's answer is passed on, characters.
const SAID_CHARS: usize = 200;

/// What a gateway means that answers 404.
pub(crate) enum Missing {
    /// The address names the recipient, and others were reached by it.
    Recipient,
    /// Other messages went by the same address: the recipient in the body, or the gateway is being changed. Or the address
    /// names the recipient and nothing has gone yet: it may be theirs, or everybody's.
    Something,
    /// Nothing has gone by this address yet.
    Address,
}

/// HTTP's own words are all that is known of a gateway that nobody has met: 401, 403 and 405 are about the address and the
/// login, 404 may be about either, the rest of 4xx about the message. The references are our own id, which goes out with the
/// status address, and the gateway's.
pub(crate) fn of_sending(answer: &Answer, id_at: &str, ours: String, missing: Missing) -> Result<Sent, SendError> {
    let said = said(answer);
    match answer.status {
        200..=299 => match id(answer, id_at) {
            Ok(theirs) => Ok(Sent { references: [ours].into_iter().chain(theirs).collect() }),
            Err(()) if !answer.whole => Err(SendError::Uncertain { why: "the gateway's answer breaks off".to_owned() }),
            Err(()) => Err(SendError::Uncertain { why: format!("there is no id at {id_at} in the answer: {said}") }),
        },
        300..=399 => Err(SendError::Broken { why: "the gateway's address leads to another one".to_owned() }),
        404 => Err(match missing {
            Missing::Recipient => SendError::Refused { why: said },
            // Tried for some hours, as what nobody but this message waits for.
            Missing::Something => SendError::Later { why: said, after: None, all: false },
            Missing::Address => SendError::Broken { why: said },
        }),
        401 | 403 | 405 => Err(SendError::Broken { why: said }),
        429 => Err(SendError::Later { why: said, after: answer.retry_after, all: true }),
        // It may have been taken before something broke, or before somebody on the way lost patience.
        408 | 500.. => Err(SendError::Uncertain { why: said }),
        _ => Err(SendError::Refused { why: said }),
    }
}

/// The gateway's id. With no place named it is the whole body, if that looks like one: many say "OK" in a sentence. Of an
/// answer that breaks off nothing is one: the beginning of an id may be another message's.
fn id(answer: &Answer, id_at: &str) -> Result<Option<String>, ()> {
    if !answer.whole {
        return if id_at.is_empty() { Ok(None) } else { Err(()) };
    }
    let is_id = |id: &String| !id.is_empty() && id.chars().count() <= ID_CHARS;
    if id_at.is_empty() {
        let body = std::str::from_utf8(&answer.body).unwrap_or_default().trim().to_owned();
        let one_word =
            |body: &String| body.chars().all(|c| c.is_ascii_graphic()) && body.chars().any(|c| c.is_ascii_digit());
        return Ok(Some(body).filter(is_id).filter(one_word));
    }
    let json: Value = serde_json::from_slice(&answer.body).map_err(|_| ())?;
    json.pointer(id_at).and_then(text_of).filter(is_id).map(Some).ok_or(())
}

fn said(answer: &Answer) -> String {
    let body = String::from_utf8_lossy(&answer.body);
    let body: String = body.trim().chars().take(SAID_CHARS).collect();
    match (answer.is_success(), body.is_empty()) {
        (true, _) => body,
        (false, true) => format!("the gateway answered HTTP {} and said no more", answer.status),
        (false, false) => format!("the gateway answered HTTP {}: {body}", answer.status),
    }
}
