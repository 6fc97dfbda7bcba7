//! The part of `/hooks/{key}` that names an inbox: the same for an inbox whenever it is asked for, and no other's.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_protocol::InboxId;

use crate::secret::{Secret, from_hex, hex};

/// 160 bits: nobody finds one by trying.
const KEY_BYTES: usize = 20;

#[derive(Clone)]
pub struct HookKey(Hmac<Sha256>);

impl HookKey {
    /// From the hex that is derived from the store's secret.
    pub fn from_hex(text: &Secret) -> Option<Self> {
        let key = from_hex(text.expose())?;
        (key.len() >= 32).then(|| Hmac::new_from_slice(&key).ok().map(Self))?
    }

    pub fn of(&self, inbox: InboxId) -> String {
        let mac = self.0.clone().chain_update(inbox.0.0.to_be_bytes()).finalize().into_bytes();
        hex(&mac[..KEY_BYTES])
    }
}
