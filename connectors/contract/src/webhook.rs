//! A provider's HTTP request, without the HTTP library.

use std::fmt;

use bytes::Bytes;
use switchboard_protocol::UnixMs;

/// A request to an inbox's own address. The hub has bounded its body.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    pub method: String,
    /// As the provider called it, with scheme, host and query: signatures are over it.
    pub url: String,
    /// What came after the inbox's own address in the path, without the slash: "status".
    pub rest: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// When the hub got it, by the hub's clock: for what carries no time of its provider's.
    pub at: UnixMs,
}

impl Webhook {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Without what may be secret in it: headers, query, body.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("method", &self.method).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// HTTP status.
    pub status: u16,
    pub media_type: &'static str,
    pub body: String,
}

impl WebhookAnswer {
    fn plain(status: u16, body: &str) -> Self {
        Self { status, media_type: "text/plain; charset=utf-8", body: body.to_owned() }
    }

    /// Committed.
    pub fn done() -> Self {
        Self::plain(200, "")
    }

    /// The signature or secret is wrong.
    pub fn forbidden() -> Self {
        Self::plain(403, "The signature is missing or wrong.\n")
    }

    pub fn malformed(why: &str) -> Self {
        Self::plain(400, why)
    }

    pub fn not_found() -> Self {
        Self::plain(404, "Nothing is called here.\n")
    }

    /// Not committed; the provider is to come again.
    pub fn unavailable() -> Self {
        Self::plain(503, "Not taken; try again.\n")
    }
}
