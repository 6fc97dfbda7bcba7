//! Raw mails by HTTP: a provider, or a pipe of one's own mail server, posts them to the inbox's address.
//!
//! Secrets do not stand in addresses, which are logged everywhere. Of the two ways to show one, the header is for those who
//! can send any, Basic for providers who can do only that; its user name is not looked at.

use mail_parser::decoders::base64::base64_decode;
use subtle::ConstantTimeEq;
use switchboard_connector::{Secret, Webhook};

/// Holds the secret `push_secret`.
const SECRET_HEADER: &str = "x-switchboard-secret";

/// Whether the request shows the secret. None is set: nobody can.
pub(crate) fn is_allowed(request: &Webhook, secret: &Secret) -> bool {
    let expected = secret.expose().as_bytes();
    let given = match request.header(SECRET_HEADER) {
        Some(given) => Some(given.as_bytes().to_vec()),
        None => request.header("authorization").and_then(basic_password),
    };
    !expected.is_empty() && given.is_some_and(|given| bool::from(given.ct_eq(expected)))
}

/// RFC 7617.
fn basic_password(value: &str) -> Option<Vec<u8>> {
    let (scheme, coded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = base64_decode(coded.trim().as_bytes())?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[colon + 1..].to_vec())
}
