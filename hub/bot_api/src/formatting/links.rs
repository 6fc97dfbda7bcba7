//! Addresses of links.

use switchboard_protocol::limits;
use url::Url;

/// The address, if it is one that a page may open. One without a scheme is a site's (`example.com`), as Telegram takes it.
/// None: it is fine there and no link here (`tg:`), and its text stays. The sentences are Telegram's.
pub(crate) fn check(address: &str) -> Result<Option<String>, &'static str> {
    let address = address.trim();
    if address.is_empty() {
        return Err("URL host is empty");
    }
    let url = match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "mailto" | "tel") => url,
        Ok(url) if matches!(url.scheme(), "tg" | "ton" | "tonsite") => return Ok(None),
        // `example.com:8080` reads like a scheme with a dot in it.
        Ok(url) if !url.scheme().contains('.') => return Err("Unsupported URL protocol"),
        _ => {
            let of_a_site = |host: &str| host.trim_matches('.').contains('.');
            let url = Url::parse(&format!("http://{address}")).ok();
            url.filter(|url| url.host_str().is_some_and(of_a_site)).ok_or("Wrong HTTP URL")?
        }
    };
    let url = String::from(url);
    Ok((url.chars().count() <= limits::URL_CHARS).then_some(url))
}

/// The same of formatting, where an address that is none makes no link and is no mistake.
pub(crate) fn checked(address: &str) -> Option<String> {
    check(address).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_page_may_open_is_a_link() {
        assert_eq!(checked("https://example.com/a?b=c#d").as_deref(), Some("https://example.com/a?b=c#d"));
        assert_eq!(checked("example.com").as_deref(), Some("http://example.com/"));
        assert_eq!(checked("example.com:8080/x").as_deref(), Some("http://example.com:8080/x"));
        assert_eq!(checked("mailto:an@example.com").as_deref(), Some("mailto:an@example.com"));
        assert_eq!(checked("tel:+49301").as_deref(), Some("tel:+49301"));
        let not = [
            "",
            "javascript:alert(1)",
            "tg://user?id=1",
            "data:text/html,x",
            "JaVaScRiPt:x",
            "word",
            "http://",
            "ftp://a.b/",
        ];
        for address in not {
            assert_eq!(checked(address), None, "{address}");
        }
        assert_eq!(check("ftp://example.com"), Err("Unsupported URL protocol"));
        assert_eq!(check("not-a-url"), Err("Wrong HTTP URL"));
        assert_eq!(check("tg://user?id=1"), Ok(None));
        assert_eq!(checked(&format!("https://example.com/{}", "x".repeat(2_000))), None);
    }
}
