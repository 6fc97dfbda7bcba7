//! The token of one message by a form, and the proof that somebody has worked for it.
//!
//! `f1.` and the hex of 16 bytes of inbox id, 8 of unix milliseconds (big-endian), 16 random ones, 32 of HMAC-SHA-256. The
//! random part names the message: sent twice it is one message, and a token that somebody has used is used up.
//!
//! The proof is a number: SHA-256 over the last 32 signs of the token, `:` and the number in decimal begins with as many
//! zero bits as are asked for (hashcash). The part that is hashed fits one block, so a browser does some 200,000 a second.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use switchboard_protocol::{InboxId, UnixMs};

use crate::ids::Random;
use crate::limits::FORM_TOKEN_MS;
use crate::secret::{Secret, from_hex, hex};

const VERSION: &str = "f1.";
const CLAIM_BYTES: usize = 40;
const NONCE_AT: usize = 24;
/// Signs of the token that are worked on.
const WORKED_ON: usize = 32;
/// Digits of a proof: more than 2^64 nobody needs.
const PROOF_DIGITS: usize = 20;

/// Signs and verifies forms' tokens.
#[derive(Clone)]
pub struct FormKey(Hmac<Sha256>);

/// A token that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Of the message that it is for.
    pub nonce: String,
    pub issued_at: UnixMs,
    worked_on: String,
}

impl FormKey {
    /// From the hex that is derived from the store's secret.
    pub fn from_hex(text: &Secret) -> Option<Self> {
        let key = from_hex(text.expose())?;
        (key.len() >= 32).then(|| Hmac::new_from_slice(&key).ok().map(Self))?
    }

    pub fn sign(&self, inbox: InboxId, random: &Random, at: UnixMs) -> String {
        let mut bytes = [0; CLAIM_BYTES];
        bytes[..16].copy_from_slice(&inbox.0.0.to_be_bytes());
        bytes[16..NONCE_AT].copy_from_slice(&at.to_be_bytes());
        random.fill(&mut bytes[NONCE_AT..]);
        let mac = self.0.clone().chain_update(bytes).finalize().into_bytes();
        format!("{VERSION}{}{}", hex(&bytes), hex(&mac))
    }

    /// None: it is forged, another form's, or too old.
    pub fn verify(&self, token: &str, inbox: InboxId, now: UnixMs) -> Option<Ticket> {
        let bytes = from_hex(token.strip_prefix(VERSION)?)?;
        let (claim, mac) = bytes.split_at_checked(CLAIM_BYTES)?;
        // In constant time.
        self.0.clone().chain_update(claim).verify_slice(mac).ok()?;
        let issued_at = UnixMs::from_be_bytes(claim[16..NONCE_AT].try_into().ok()?);
        let good = claim[..16] == inbox.0.0.to_be_bytes() && now - issued_at < FORM_TOKEN_MS;
        let worked_on = token[token.len() - WORKED_ON..].to_ascii_lowercase();
        good.then(|| Ticket { nonce: hex(&claim[NONCE_AT..]), issued_at, worked_on })
    }
}

impl Ticket {
    /// Whether this number is a proof of so much work.
    pub fn is_proved(&self, proof: &str, bits: u32) -> bool {
        let number = proof.len() <= PROOF_DIGITS && !proof.is_empty() && proof.bytes().all(|c| c.is_ascii_digit());
        number && zero_bits(&Sha256::digest(format!("{}:{proof}", self.worked_on))) >= bits
    }
}

fn zero_bits(hash: &[u8]) -> u32 {
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    zeros as u32 * 8 + hash.get(zeros).map_or(0, |byte| byte.leading_zeros())
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::Ulid;

    use super::*;

    fn key(byte: u8) -> FormKey {
        FormKey::from_hex(&Secret::new(hex(&[byte; 32]))).unwrap()
    }

    #[test]
    fn only_its_own_unchanged_and_fresh_tokens_are_good() {
        let (inbox, other) = (InboxId(Ulid(7)), InboxId(Ulid(8)));
        let random = Random::seeded(1);
        let token = key(1).sign(inbox, &random, 1_000);
        let ticket = key(1).verify(&token, inbox, 2_000).unwrap();
        assert_eq!(ticket.issued_at, 1_000);
        assert_ne!(Some(ticket), key(1).verify(&key(1).sign(inbox, &random, 1_000), inbox, 2_000));
        assert_eq!(key(1).verify(&token, other, 2_000), None);
        assert_eq!(key(2).verify(&token, inbox, 2_000), None);
        assert_eq!(key(1).verify(&token, inbox, 1_000 + FORM_TOKEN_MS), None);
        for at in VERSION.len()..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(key(1).verify(std::str::from_utf8(&forged).unwrap(), inbox, 2_000), None, "digit {at}");
        }
        for nonsense in ["", "f1.", "f1.00", "f2.00", "é"] {
            assert_eq!(key(1).verify(nonsense, inbox, 2_000), None);
        }
    }

    #[test]
    fn a_proof_is_a_number_with_enough_zero_bits_and_of_this_token_alone() {
        let (inbox, random) = (InboxId(Ulid(7)), Random::seeded(2));
        let ticket = |_| key(1).verify(&key(1).sign(inbox, &random, 0), inbox, 1).unwrap();
        let (one, other) = (ticket(1), ticket(2));
        let proof = (0_u64..).map(|n| n.to_string()).find(|n| one.is_proved(n, 10)).unwrap();
        assert!(!one.is_proved(&proof, 200));
        assert!(!other.is_proved(&proof, 10));
        for nonsense in ["", "-1", "0x1", "1 ", "111111111111111111111"] {
            assert!(!one.is_proved(nonsense, 0), "{nonsense}");
        }
        assert_eq!(zero_bits(&[0, 0, 0b0001_0000]), 19);
        assert_eq!(zero_bits(&[0; 4]), 32);
    }
}
