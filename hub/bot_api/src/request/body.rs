//! The kinds of body.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::Value;

use super::{Call, FILE_BYTES, FILES, FILES_BYTES, File, PARAMETERS_BYTES};
use crate::answer::{self, Refusal};

pub(super) async fn read<E>(
    call: &mut Call,
    content_type: &str,
    body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
) -> Result<(), Refusal>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/x-www-form-urlencoded" => call.form(&whole(body).await?),
        "application/json" => json(call, &whole(body).await?),
        "multipart/form-data" => parts(call, content_type, body).await,
        _ => Ok(()),
    }
}

async fn whole<E>(mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| broken())?;
        if bytes.len() + piece.len() > PARAMETERS_BYTES {
            return Err(answer::TOO_LARGE);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn json(call: &mut Call, bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.trim_ascii().is_empty() {
        return Ok(());
    }
    let Ok(Value::Object(fields)) = serde_json::from_slice(bytes) else {
        return Err(Refusal::bad("can't parse parameters: expected a JSON object"));
    };
    for (name, value) in fields {
        match value {
            // Libraries that do not leave out what was not given mean nothing by it.
            Value::Null => {}
            Value::String(text) => call.take(&name, text)?,
            other => call.take(&name, other.to_string())?,
        }
    }
    Ok(())
}

async fn parts<E>(
    call: &mut Call,
    content_type: &str,
    body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
) -> Result<(), Refusal>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let boundary = multer::parse_boundary(content_type).map_err(|_| broken())?;
    let most = multer::SizeLimit::new().whole_stream((FILES_BYTES + 2 * PARAMETERS_BYTES) as u64);
    let most = multer::Constraints::new().size_limit(most.per_field(FILE_BYTES as u64));
    let mut parts = multer::Multipart::with_constraints(body, boundary, most);
    while let Some(part) = parts.next_field().await.map_err(|error| unread(&error))? {
        let at = part.name().unwrap_or_default().to_owned();
        let Some(name) = part.file_name().map(str::to_owned) else {
            let text = parameter(part).await?;
            call.take(&at, text)?;
            continue;
        };
        if call.files.len() >= FILES {
            return Err(Refusal::bad("too many files in one request"));
        }
        let bytes = part.bytes().await.map_err(|error| unread(&error))?;
        call.files.push(File { at, name, bytes });
    }
    Ok(())
}

async fn parameter(mut part: multer::Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| unread(&error))? {
        if bytes.len() + piece.len() > PARAMETERS_BYTES {
            return Err(answer::TOO_LARGE);
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Refusal::bad("strings must be encoded in UTF-8"))
}

fn unread(error: &multer::Error) -> Refusal {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => answer::TOO_LARGE,
        _ => broken(),
    }
}

fn broken() -> Refusal {
    Refusal::bad("the request cannot be read")
}
