//! `/media/{token}`: where a provider fetches a file of a message that goes out by it (MMS).
//!
//! The token is the file's id, when it ends, and an HMAC over both: it opens this file and no other, and for
//! [`crate::limits::MEDIA_MS`]. There is no list of files, and nothing is found by guessing.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_protocol::{AttachmentId, Ulid, UnixMs};
use switchboard_store::attachments;

use crate::app::Shared;
use crate::attachments::going::Party;
use crate::attachments::serve;
use crate::caller::Origin;
use crate::error::Answer;
use crate::http::accept::Cut;
use crate::secret::{Secret, from_hex, hex};

const CLAIM_BYTES: usize = 24;

/// Signs and verifies addresses of files.
#[derive(Clone)]
pub struct MediaKey(Hmac<Sha256>);

impl MediaKey {
    /// From the hex that is derived from the store's secret.
    pub fn from_hex(text: &Secret) -> Option<Self> {
        let key = from_hex(text.expose())?;
        (key.len() >= 32).then(|| Hmac::new_from_slice(&key).ok().map(Self))?
    }

    pub fn sign(&self, file: AttachmentId, until: UnixMs) -> String {
        let mut claim = [0; CLAIM_BYTES];
        claim[..16].copy_from_slice(&file.0.0.to_be_bytes());
        claim[16..].copy_from_slice(&until.to_be_bytes());
        format!("{}{}", hex(&claim), hex(&self.0.clone().chain_update(claim).finalize().into_bytes()))
    }

    /// The file, if we signed it and it has not ended.
    pub fn verify(&self, token: &str, now: UnixMs) -> Option<AttachmentId> {
        let bytes = from_hex(token)?;
        let (claim, mac) = bytes.split_at_checked(CLAIM_BYTES)?;
        // In constant time.
        self.0.clone().chain_update(claim).verify_slice(mac).ok()?;
        let until = UnixMs::from_be_bytes(claim[16..].try_into().ok()?);
        let file = AttachmentId(Ulid(u128::from_be_bytes(claim[..16].try_into().ok()?)));
        (now < until).then_some(file)
    }
}

/// Hands the file out, as what it is: the provider goes by its type.
pub async fn show(
    State(app): State<Shared>,
    from: Origin,
    Cut(cut): Cut,
    Path(token): Path<String>,
) -> Answer<Response> {
    let gone = || (StatusCode::NOT_FOUND, "There is no such file, or no longer.\n").into_response();
    let Some(id) = app.media_key.verify(&token, app.clock.now()) else { return Ok(gone()) };
    let Some(file) = attachments::find_sent(&app.store, id).await? else { return Ok(gone()) };
    let bytes = app.files.read(Party::Visitors(from.network()), id, cut).await?;
    let mut response = serve::respond(&file, bytes);
    if let Ok(kind) = HeaderValue::from_str(&file.media_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MediaKey {
        MediaKey::from_hex(&Secret::new(hex(&[byte; 32]))).unwrap()
    }

    #[test]
    fn an_address_opens_its_own_file_and_for_its_time() {
        let file = AttachmentId(Ulid(7));
        let token = key(1).sign(file, 1_000);
        assert_eq!(key(1).verify(&token, 999), Some(file));
        assert_eq!(key(1).verify(&token, 1_000), None);
        assert_eq!(key(2).verify(&token, 0), None);
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(key(1).verify(std::str::from_utf8(&forged).unwrap(), 0), None, "digit {at}");
        }
        for nonsense in ["", "00", "é", &token[2..]] {
            assert_eq!(key(1).verify(nonsense, 0), None, "{nonsense}");
        }
    }
}
