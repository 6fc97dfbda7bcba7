//! The visitor's token: identity, inbox and time of issue under HMAC-SHA-256. Verifying it needs no database, so that an
//! opened chat panel costs no row and a reconnect storm no query.
//!
//! `v1.` and the hex of 16 bytes of identity id, 16 of inbox id, 8 of unix milliseconds (big-endian), 32 of HMAC.
//! It names a browser and nothing of the person. It is sent in a body or a header, never in a URL.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_domain::bots::console;
use switchboard_protocol::{IdentityId, InboxId, Ulid, UnixMs};

use crate::caller::Visitor;
use crate::limits;
use crate::secret::{Secret, from_hex, hex};

const VERSION: &str = "v1.";
const CLAIM_BYTES: usize = 40;
/// Set in the ids of those who are signed in. A browser has an id of its time, in which this bit comes in the year 6429.
const SIGNED_IN: u128 = 1 << 127;

/// Signs and verifies visitors' tokens.
#[derive(Clone)]
pub struct VisitorKey(Hmac<Sha256>);

impl VisitorKey {
    /// From the hex that stands in the store's settings.
    pub fn from_hex(text: &Secret) -> Option<Self> {
        let key = from_hex(text.expose())?;
        (key.len() >= 32).then(|| Hmac::new_from_slice(&key).ok().map(Self))?
    }

    pub fn sign(&self, visitor: Visitor, at: UnixMs) -> Secret {
        let mut bytes = Vec::with_capacity(CLAIM_BYTES + 32);
        bytes.extend(visitor.identity_id.0.0.to_be_bytes());
        bytes.extend(visitor.inbox_id.0.0.to_be_bytes());
        bytes.extend(at.to_be_bytes());
        let mac = self.0.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(mac);
        Secret::new(format!("{VERSION}{}", hex(&bytes)))
    }

    /// The visitor that somebody is who is signed in on an inbox's site: on each of their devices the same, before there is a row
    /// of them as well. Nobody can tell it from the site's id.
    pub fn signed_in(&self, inbox_id: InboxId, user_id: &str) -> Visitor {
        let mac = self.0.clone().chain_update(b"signed in").chain_update(inbox_id.0.0.to_be_bytes());
        let bytes = mac.chain_update(user_id).finalize().into_bytes();
        let (id, _) = bytes.split_first_chunk().expect("an HMAC-SHA-256 has 32 bytes");
        Visitor { identity_id: IdentityId(Ulid(u128::from_be_bytes(*id) | SIGNED_IN)), inbox_id }
    }

    /// Whether this is somebody who is signed in, and not a browser.
    pub fn is_signed_in(identity_id: IdentityId) -> bool {
        identity_id.0.0 & SIGNED_IN != 0
    }

    /// Whose token this is and when it was issued; none if it is forged, foreign or too old.
    pub fn verify(&self, token: &str, now: UnixMs) -> Option<(Visitor, UnixMs)> {
        let bytes = from_hex(token.strip_prefix(VERSION)?)?;
        let (claim, mac) = bytes.split_at_checked(CLAIM_BYTES)?;
        // In constant time.
        self.0.clone().chain_update(claim).verify_slice(mac).ok()?;
        let identity_id = IdentityId(Ulid(u128::from_be_bytes(claim[..16].try_into().ok()?)));
        let inbox_id = InboxId(Ulid(u128::from_be_bytes(claim[16..32].try_into().ok()?)));
        let at = UnixMs::from_be_bytes(claim[32..].try_into().ok()?);
        let good = if console::is_one(inbox_id) { limits::CONSOLE_TOKEN_MS } else { limits::VISITOR_TOKEN_MS };
        (now - at < good).then_some((Visitor { identity_id, inbox_id }, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> VisitorKey {
        VisitorKey::from_hex(&Secret::new(hex(&[byte; 32]))).unwrap()
    }

    #[test]
    fn only_its_own_unchanged_and_fresh_tokens_are_good() {
        let visitor = Visitor { identity_id: IdentityId(Ulid(7)), inbox_id: InboxId(Ulid(9)) };
        let token = key(1).sign(visitor, 1_000);
        let text = token.expose();
        assert_eq!(key(1).verify(text, 2_000), Some((visitor, 1_000)));
        assert_eq!(key(2).verify(text, 2_000), None);
        assert_eq!(key(1).verify(text, 1_000 + limits::VISITOR_TOKEN_MS), None);
        for at in VERSION.len()..text.len() {
            let mut forged = text.as_bytes().to_vec();
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(key(1).verify(std::str::from_utf8(&forged).unwrap(), 2_000), None, "digit {at}");
        }
        let signed_in = key(1).signed_in(InboxId(Ulid(9)), "4711");
        assert_eq!(signed_in, key(1).signed_in(InboxId(Ulid(9)), "4711"));
        assert!(VisitorKey::is_signed_in(signed_in.identity_id) && !VisitorKey::is_signed_in(visitor.identity_id));
        assert_ne!(signed_in.identity_id, key(1).signed_in(InboxId(Ulid(8)), "4711").identity_id);
        assert_ne!(signed_in.identity_id, key(1).signed_in(InboxId(Ulid(9)), "4712").identity_id);
        for nonsense in ["", "v1.", "v1.00", "v2.00", "é"] {
            assert_eq!(key(1).verify(nonsense, 2_000), None);
        }
    }
}
