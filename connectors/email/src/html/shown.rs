//! Strangers' HTML as it stands in a document of its own: pictures from other sites in their place or left out, the mail's own
//! pictures at the addresses of its files, and each link saying where it leads.
//!
//! Not here: the document around it and the policy that it is shown under.

use super::{sanitise, with_remote};

/// What of a mail may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub html: String,
    /// There are pictures from other sites in it, or there would be.
    pub remote: bool,
}

/// Made harmless again by today's rules, whoever kept it and when. `file` gives the address of a picture of the mail by its
/// Content-ID; `pictures` lets those of other sites in, over TLS alone. None: there is nothing to show.
pub fn shown(html: &str, pictures: bool, file: impl Fn(&str) -> Option<String>) -> Option<Shown> {
    let clean = sanitise(&with_remote(html))?;
    let mut out = String::with_capacity(clean.len());
    let mut remote = false;
    let mut rest = clean.as_str();
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        out.push('<');
        let (name, attributes, after) = attributes(tag);
        rest = after;
        out.push_str(name);
        remote |= attributes.iter().any(|(name, _)| name.starts_with(REMOTE));
        for (name, value) in placed(name, &attributes, pictures, &file) {
            out.push_str(&format!(" {name}=\"{value}\""));
        }
    }
    out.push_str(rest);
    Some(Shown { html: out, remote })
}

const REMOTE: &str = "data-remote-";

type Attributes<'a> = Vec<(&'a str, &'a str)>;

/// The name of a tag, its attributes, and what comes after them. Sanitised HTML writes them as ` name="value"`, and no `"`
/// or `<` within.
fn attributes(tag: &str) -> (&str, Attributes<'_>, &str) {
    let (name, mut rest) = tag.split_at(tag.find([' ', '>']).unwrap_or(tag.len()));
    let mut attributes = Vec::new();
    while let Some(next) = rest.strip_prefix(' ')
        && let Some((name, value)) = next.split_once("=\"")
        && let Some((value, after)) = value.split_once('"')
    {
        attributes.push((name, value));
        rest = after;
    }
    (name, attributes, rest)
}

fn placed<'a>(
    tag: &str,
    attributes: &Attributes<'a>,
    pictures: bool,
    file: &impl Fn(&str) -> Option<String>,
) -> Vec<(&'a str, String)> {
    let mut placed: Vec<(&str, String)> = Vec::with_capacity(attributes.len() + 1);
    for &(name, value) in attributes {
        match (name, name.strip_prefix(REMOTE)) {
            (_, Some(_)) if !pictures => {}
            (_, Some("style")) => match placed.last_mut() {
                Some(("style", style)) => style.push_str(&over_tls(value)),
                _ => placed.push(("style", over_tls(value))),
            },
            (_, Some(name)) => placed.push((name, over_tls(value))),
            ("src", None) if is_cid(value) => {
                placed.extend(file(&content_id(value)).map(|address| ("src", address)));
            }
            ("href", None) if tag == "a" => {
                placed.push((name, value.to_owned()));
                placed.push(("title", value.to_owned()));
            }
            _ => placed.push((name, value.to_owned())),
        }
    }
    placed
}

/// What is fetched in the clear tells everybody on the way what is read.
fn over_tls(value: &str) -> String {
    let value = value.replace("http://", "https://");
    match value.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("http://") => format!("https://{}", &value[7..]),
        _ => value,
    }
}

fn is_cid(value: &str) -> bool {
    value.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid:"))
}

/// RFC 2392: the Content-ID is percent-encoded in its address; here the address is in HTML besides.
fn content_id(value: &str) -> String {
    let value = value[4..].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let coded = (byte == b'%').then(|| std::str::from_utf8(after.get(..2)?).ok()).flatten();
        match coded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).trim_matches(['<', '>', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(html: &str, pictures: bool) -> String {
        shown(html, pictures, |id| (id == "logo+1@shop").then(|| "/files/1".to_owned()))
            .map(|shown| shown.html)
            .unwrap_or_default()
    }

    #[test]
    fn pictures_of_other_sites_are_left_out_or_come_over_tls() {
        let mail = "<p style=\"color:red;background:url(http://a.example/c.png);\">x</p><p>a > b \" src=\"x</p>\
            <img src=\"HTTP://a.example/1.gif\" alt=\"1\">";
        let kept = sanitise(mail).unwrap_or_default();
        let without = html(&kept, false);
        assert!(!without.contains("a.example"), "{without}");
        assert!(without.contains("<p style=\"color:red;\">x</p>"), "{without}");
        let with = html(&kept, true);
        assert!(with.contains("color:red;background:url(https://a.example/c.png);"), "{with}");
        assert!(with.contains("<img src=\"https://a.example/1.gif\" alt=\"1\">"), "{with}");
        assert!(shown(&kept, true, |_| None).is_some_and(|shown| shown.remote));
        assert!(shown("<p>x</p>", true, |_| None).is_some_and(|shown| !shown.remote));
    }

    #[test]
    fn a_mails_own_pictures_are_at_the_addresses_of_its_files_and_others_nowhere() {
        assert_eq!(html("<img src=\"CID:logo%2B1@shop\" alt=\"Logo\">", false), "<img src=\"/files/1\" alt=\"Logo\">");
        assert_eq!(html("<img src=\"cid:other\" alt=\"Logo\">", true), "<img alt=\"Logo\">");
    }

    #[test]
    fn a_link_says_where_it_leads_whatever_it_says_it_does() {
        let link = html("<a title=\"https://bank.example\" href=\"https://evil.example/?a=1&b=2\">bank</a>", false);
        assert!(
            link.contains("href=\"https://evil.example/?a=1&amp;b=2\" title=\"https://evil.example/?a=1&amp;b=2\""),
            "{link}"
        );
        assert!(!link.contains("bank.example"), "{link}");
        assert!(link.contains("target=\"_blank\"") && link.contains("rel=\"noopener noreferrer nofollow\""), "{link}");
    }

    #[test]
    fn what_was_kept_by_other_rules_is_made_harmless() {
        let kept = "<p onclick=x>a</p><script>x</script><img data-remote-src=\"javascript:x\"><p data-remote-style=\"position:fixed\">b</p>";
        assert_eq!(html(kept, true), "<p>a</p><img><p>b</p>");
    }
}
