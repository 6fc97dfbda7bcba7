//! Files that a message refers to.

use bytes::Bytes;
use reqwest::header;
use url::Url;

use crate::{Failed, Http, read};

/// Providers answer with a redirect to where their files lie, which may redirect once more.
const REDIRECTS: usize = 3;

/// A file as it came.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// As it was said with it.
    pub media_type: Option<String>,
    pub bytes: Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFetched {
    #[error(transparent)]
    Failed(#[from] Failed),
    #[error("HTTP {0}")]
    Status(u16),
    #[error("it is redirected too often, or to nowhere")]
    Redirects,
    #[error("it is larger than {0} bytes, or the connection broke")]
    Cut(usize),
}

impl Http {
    /// Fetches a file. The login goes to the origin of `url` and nowhere else; each step of a redirect is checked as the
    /// first one was.
    pub async fn fetch(
        &self,
        url: &Url,
        login: Option<(&str, &str)>,
        most_bytes: usize,
    ) -> Result<Fetched, NotFetched> {
        let mut place = url.clone();
        for _ in 0..=REDIRECTS {
            let mut request = self.client().get(place.clone());
            if let Some((user, password)) = login.filter(|_| place.origin() == url.origin()) {
                request = request.basic_auth(user, Some(password));
            }
            let response = self.open(request).await?;
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
            match response.status() {
                status if status.is_redirection() => {
                    let next = header(header::LOCATION).and_then(|next| place.join(&next).ok());
                    place = next
                        .filter(|next| next.scheme() == "https" || next.scheme() == place.scheme())
                        .ok_or(NotFetched::Redirects)?;
                }
                status if status.is_success() => {
                    let media_type = header(header::CONTENT_TYPE);
                    let (bytes, whole) = read(response, most_bytes).await;
                    return if whole { Ok(Fetched { media_type, bytes }) } else { Err(NotFetched::Cut(most_bytes)) };
                }
                status => return Err(NotFetched::Status(status.as_u16())),
            }
        }
        Err(NotFetched::Redirects)
    }
}
