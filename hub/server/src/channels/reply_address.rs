//! The part of a reply address that leads an answer back into its conversation: `support+TOKEN@example.com`.
//!
//! The token is the conversation's id and an HMAC over it, in letters and digits of one case only: mail servers are free to
//! change the case of what stands before the `@`, and some do. 26 signs of id and 16 of HMAC (64 bits: who guesses has to
//! send 2^63 mails) leave 20 for the mailbox's own name (RFC 5321, section 4.5.3.1.1: 64 octets).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_protocol::ConversationId;

use crate::secret::{Secret, from_hex, hex, same};

const ID_CHARS: usize = 26;
const MAC_BYTES: usize = 8;

/// Signs and verifies reply addresses.
#[derive(Clone)]
pub struct ReplyKey(Hmac<Sha256>);

impl ReplyKey {
    /// From the hex that is derived from the store's secret.
    pub fn from_hex(text: &Secret) -> Option<Self> {
        let key = from_hex(text.expose())?;
        (key.len() >= 32).then(|| Hmac::new_from_slice(&key).ok().map(Self))?
    }

    pub fn sign(&self, conversation: ConversationId) -> String {
        format!("{}{}", conversation.to_string().to_lowercase(), self.mac(conversation))
    }

    /// The conversation, if we signed it.
    pub fn verify(&self, token: &str) -> Option<ConversationId> {
        let token = token.to_ascii_lowercase();
        let (id, mac) = token.split_at_checked(ID_CHARS)?;
        let conversation = id.to_ascii_uppercase().parse().ok()?;
        same(mac, &self.mac(conversation)).then_some(conversation)
    }

    fn mac(&self, conversation: ConversationId) -> String {
        let mac = self.0.clone().chain_update(conversation.0.0.to_be_bytes()).finalize().into_bytes();
        hex(&mac[..MAC_BYTES])
    }
}

/// Whether it looks like one: for whoever does not have the key.
pub fn may_be_token(text: &str) -> bool {
    text.len() == ID_CHARS + 2 * MAC_BYTES && text.bytes().all(|sign| sign.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::Ulid;

    use super::*;

    fn key(byte: u8) -> ReplyKey {
        ReplyKey::from_hex(&Secret::new(hex(&[byte; 32]))).unwrap()
    }

    #[test]
    fn only_what_we_signed_leads_back_whatever_case_it_comes_in() {
        let conversation = ConversationId(Ulid(u128::MAX >> 5));
        let token = key(1).sign(conversation);
        assert!(token.len() <= 42, "{token}");
        assert_eq!(key(1).verify(&token), Some(conversation));
        assert!(may_be_token(&token) && !may_be_token(&token[1..]) && !may_be_token(&token.replace('0', "-")));
        assert_eq!(key(1).verify(&token.to_uppercase()), Some(conversation));
        assert_eq!(key(2).verify(&token), None);
        let mut other = token.clone();
        other.replace_range(25..26, if token.ends_with('0') { "1" } else { "0" });
        for forged in [other.as_str(), &token[..41], &format!("{token}0"), "", "ü"] {
            assert_eq!(key(1).verify(forged), None, "{forged}");
        }
    }
}
