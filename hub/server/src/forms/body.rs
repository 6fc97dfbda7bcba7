//! What a form has sent, however it was written: as a form, as JSON, in parts.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use switchboard_protocol::limits::{BODY_BYTES, FORM_BYTES};
use tokio::time::timeout;

use crate::limits::BODY_READ;

/// Parts of one form, files included: a page may have fields of its own beside ours, which are not kept.
pub const PARTS: usize = 50;
/// Largest field that is not a file, bytes.
const FIELD_BYTES: usize = 64 * 1024;

/// The fields as they came; what is absent is empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    pub name: String,
    pub email: String,
    pub subject: String,
    pub message: String,
    /// People do not see it.
    pub website: String,
    pub token: String,
    pub proof: String,
    /// Address of the page that has the form.
    pub page: String,
    pub language: String,
}

impl Sent {
    pub fn set(&mut self, name: &str, text: String) {
        match name {
            "name" => self.name = text,
            "email" => self.email = text,
            "subject" => self.subject = text,
            "message" => self.message = text,
            "website" => self.website = text,
            "token" => self.token = text,
            "proof" => self.proof = text,
            "page" => self.page = text,
            "language" => self.language = text,
            _ => {}
        }
    }
}

/// How a body is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Form,
    Json,
    Parts { boundary: String },
}

impl Kind {
    /// By its Content-Type.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        if let Ok(boundary) = multer::parse_boundary(text) {
            return Some(Self::Parts { boundary });
        }
        match text.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => Some(Self::Form),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    TooLarge,
    Malformed,
}

/// Whether a request says by itself that it is too large: then nothing of it is waited for.
pub fn says_too_large(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_some_and(|bytes: usize| bytes > FORM_BYTES + BODY_BYTES)
}

/// Reads one that has no files.
pub async fn read(kind: &Kind, body: Body) -> Result<Sent, Unread> {
    let bytes = timeout(BODY_READ, axum::body::to_bytes(body, BODY_BYTES)).await;
    let bytes = bytes.map_err(|_| Unread::Malformed)?.map_err(|_| Unread::TooLarge)?;
    if *kind == Kind::Json {
        return serde_json::from_slice(&bytes).map_err(|_| Unread::Malformed);
    }
    let mut sent = Sent::default();
    for (name, text) in url::form_urlencoded::parse(&bytes).take(PARTS) {
        sent.set(&name, text.into_owned());
    }
    Ok(sent)
}

/// The parts of one that may have files.
pub fn parts(boundary: String, body: Body) -> multer::Multipart<'static> {
    let most = multer::SizeLimit::new().whole_stream((FORM_BYTES + BODY_BYTES) as u64);
    multer::Multipart::with_constraints(body.into_data_stream(), boundary, multer::Constraints::new().size_limit(most))
}

/// The text of one part.
pub async fn text(mut part: multer::Field<'_>) -> Result<String, Unread> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| unread(&error))? {
        if bytes.len() + chunk.len() > FIELD_BYTES {
            return Err(Unread::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub fn unread(error: &multer::Error) -> Unread {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => Unread::TooLarge,
        _ => Unread::Malformed,
    }
}
