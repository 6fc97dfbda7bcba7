//! Whether the provider made a request: <https://www.twilio.com/docs/usage/security#validating-requests>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use switchboard_connector::Secret;

/// Fields of a form, decoded.
pub(crate) type Fields = Vec<(String, String)>;

/// The signature is over the address as it was called and the form's fields. Providers are of two minds about a port in the
/// address, so both readings count, as in their own libraries.
pub(crate) fn is_good(token: &Secret, url: &str, fields: &Fields, signature: &str) -> bool {
    // With an empty key anybody could sign.
    if token.expose().is_empty() {
        return false;
    }
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort();
    fields.dedup();
    readings(url).iter().any(|url| {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes()) else { return false };
        mac.update(url.as_bytes());
        for (name, value) in &fields {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        mac.verify_slice(&signature).is_ok()
    })
}

/// The address with its port and without, otherwise letter for letter.
fn readings(url: &str) -> [String; 2] {
    let Some((scheme, rest)) = url.split_once("://") else { return [url.to_owned(), url.to_owned()] };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let bare = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let ported = if bare == host { format!("{bare}:{port}") } else { host.to_owned() };
    [format!("{scheme}://{bare}{path}"), format!("{scheme}://{ported}{path}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation, with the token that it is signed with there.
    #[test]
    fn the_documented_example() {
        let fields: Fields = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let (url, signature) = ("https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        let token = Secret::new("12345");
        assert!(is_good(&token, url, &fields, signature));
        assert!(!is_good(&Secret::new("12346"), url, &fields, signature));
        assert!(!is_good(&token, "https://mycompany.com/myapp.php?foo=1&bar=3", &fields, signature));
        assert!(!is_good(&token, url, &fields[1..].to_vec(), signature));
        for wrong in ["", "?", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "RSOYDt4T1cUTdK1PDd93/VVr8A8="] {
            assert!(!is_good(&token, url, &fields, wrong), "{wrong}");
        }
    }

    #[test]
    fn nobody_signs_with_no_token() {
        let mac = Hmac::<Sha1>::new_from_slice(b"").unwrap().chain_update("https://a.example/").finalize();
        let signature = STANDARD.encode(mac.into_bytes());
        assert!(!is_good(&Secret::new(""), "https://a.example/", &Vec::new(), &signature));
    }

    #[test]
    fn an_address_is_read_with_its_port_and_without() {
        for (url, bare, ported) in [
            ("https://a.example/x?y=1:2", "https://a.example/x?y=1:2", "https://a.example:443/x?y=1:2"),
            ("https://a.example:8443/x", "https://a.example/x", "https://a.example:8443/x"),
            ("http://[::1]/x", "http://[::1]/x", "http://[::1]:80/x"),
            ("http://[::1]:81?x", "http://[::1]?x", "http://[::1]:81?x"),
        ] {
            assert_eq!(readings(url), [bare.to_owned(), ported.to_owned()]);
        }
    }
}
