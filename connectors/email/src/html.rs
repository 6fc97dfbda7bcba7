//! HTML of strangers, made harmless: the one place where it is decided what of it is shown.
//!
//! What comes out can run nothing and loads nothing by itself. What would be fetched from elsewhere stands in
//! `data-remote-src`, `data-remote-background` and `data-remote-style`, so that the page can put it back when a person asks
//! for it: as `src`, as `background`, and added to `style`. Pictures of the mail itself stay as `cid:`. [`shown`] puts both in
//! their place when it is read.
//!
//! Style sheets in `<style>` are dropped; what mail programs write they write into `style` attributes as well. The page
//! shows the result in a sandboxed frame under a policy of its own: this is the first of two fences, not the only one.

mod shown;
mod tags;
mod weight;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use crate::limits::HTML_BYTES;
pub use shown::{Shown, shown};

/// Stands before what is remote until the attribute can be renamed. It is taken out of what came in.
const REMOTE: char = '\u{1}';

/// The HTML to show; none if there is too much of it, a parser would make too much of it, or nothing is in it.
pub fn sanitise(html: &str) -> Option<String> {
    if html.len() > HTML_BYTES {
        return None;
    }
    let html = tags::rewritten(&html.replace([REMOTE, '\0'], ""));
    if !weight::is_bearable(&html) {
        return None;
    }
    let clean = rename_remote(&CLEANER.clean(&html).to_string());
    (!clean.trim().is_empty()).then_some(clean)
}

/// Sanitised HTML with what is remote in its place again: for those to whom we send it, who load it as they like.
pub(crate) fn with_remote(sanitised: &str) -> String {
    sanitised
        .replace("\" data-remote-style=\"", "")
        .replace(" data-remote-style=\"", " style=\"")
        .replace(" data-remote-src=\"", " src=\"")
        .replace(" data-remote-background=\"", " background=\"")
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(TAGS.split_whitespace().collect())
        .clean_content_tags(DROPPED.split_whitespace().collect())
        .generic_attributes(GENERIC.split_whitespace().collect())
        .tag_attributes(tag_attributes())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid", "data"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(attribute);
    builder
});

const TAGS: &str = "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col \
    colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main map \
    mark nav ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr";

/// Gone with what is in them.
const DROPPED: &str = "script style title head noscript template iframe object embed applet svg math audio video canvas \
    select textarea button frameset noframes";

const GENERIC: &str = "align bgcolor color dir height lang style title valign width";

fn tag_attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    let table =
        "background border cellpadding cellspacing rules frame summary colspan rowspan nowrap scope headers abbr span";
    let mut attributes: HashMap<_, HashSet<_>> =
        ["table", "tbody", "thead", "tfoot", "tr", "td", "th", "col", "colgroup"]
            .into_iter()
            .map(|tag| (tag, table.split_whitespace().collect()))
            .collect();
    let own = [
        ("a", "href name"),
        ("img", "src alt border hspace vspace"),
        ("font", "face size"),
        ("ol", "start type reversed"),
        ("ul", "type"),
        ("li", "value type"),
        ("hr", "size noshade"),
        ("blockquote", "type"),
        ("del", "datetime"),
        ("ins", "datetime"),
        ("time", "datetime"),
    ];
    attributes.extend(own.map(|(tag, names)| (tag, names.split_whitespace().collect())));
    attributes
}

/// What becomes of an attribute that may stay.
fn attribute<'a>(element: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    match (element, name) {
        ("img", "src") => picture(value),
        (_, "src") => None,
        (_, "background") => is_remote(value).then(|| Cow::Owned(format!("{REMOTE}{}", value.trim()))),
        (_, "style") => Some(style(value)).filter(|style| !style.is_empty()).map(Cow::Owned),
        ("a", "href") => is_link(value).then_some(Cow::Borrowed(value)),
        // There it says where the link leads.
        ("a", "title") => None,
        _ => Some(Cow::Borrowed(value)),
    }
}

fn picture(value: &str) -> Option<Cow<'_, str>> {
    let trimmed = value.trim();
    if is_remote(trimmed) {
        return Some(Cow::Owned(format!("{REMOTE}{trimmed}")));
    }
    let lower = lowered_start(trimmed);
    let harmless =
        ["cid:", "data:image/png;", "data:image/jpeg;", "data:image/jpg;", "data:image/gif;", "data:image/webp;"];
    harmless.iter().any(|start| lower.starts_with(start)).then(|| Cow::Owned(trimmed.to_owned()))
}

fn is_remote(value: &str) -> bool {
    let lower = lowered_start(value.trim());
    // `//host/x` takes the page's scheme.
    lower.starts_with("http:") || lower.starts_with("https:") || lower.starts_with("//")
}

fn is_link(value: &str) -> bool {
    let lower = lowered_start(value.trim());
    ["http:", "https:", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme))
}

fn lowered_start(value: &str) -> String {
    value.chars().take(24).collect::<String>().to_ascii_lowercase()
}

/// Properties that change how a thing looks in its place, and neither where it is nor what is around it.
static PROPERTIES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    "background background-color background-image background-position background-repeat background-size border \
     border-bottom border-bottom-color border-bottom-style border-bottom-width border-collapse border-color border-left \
     border-left-color border-left-style border-left-width border-radius border-right border-right-color \
     border-right-style border-right-width border-spacing border-style border-top border-top-color border-top-style \
     border-top-width border-width box-sizing caption-side clear color direction display empty-cells float font \
     font-family font-size font-style font-variant font-weight height letter-spacing line-height list-style \
     list-style-position list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width \
     min-height min-width opacity overflow padding padding-bottom padding-left padding-right padding-top table-layout \
     text-align text-decoration text-decoration-color text-decoration-line text-indent text-transform unicode-bidi \
     vertical-align white-space width word-break word-spacing word-wrap overflow-wrap"
        .split_whitespace()
        .collect()
});

/// A style attribute's harmless declarations; those that name a remote picture after the mark.
fn style(value: &str) -> String {
    let (mut safe, mut remote) = (String::new(), String::new());
    // Escapes and comments can hide any word from whoever reads only a little CSS: nobody writes them by hand into mails.
    let honest = !value.contains(['\\', '<', '{', '}', '@']) && !value.contains("/*");
    for declaration in value.split(';').filter(|_| honest) {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let (property, value) = (property.trim().to_ascii_lowercase(), value.trim());
        if !PROPERTIES.contains(property.as_str()) || follows_the_frame(value) {
            continue;
        }
        let into = match functions(value) {
            Functions::Harmless => &mut safe,
            Functions::Remote => &mut remote,
            Functions::Other => continue,
        };
        into.push_str(&property);
        into.push(':');
        into.push_str(value);
        into.push(';');
    }
    if !remote.is_empty() {
        safe.push(REMOTE);
        safe.push_str(&remote);
    }
    safe
}

/// Measured by the frame, which is as high as what is in it.
fn follows_the_frame(value: &str) -> bool {
    let bytes = value.as_bytes();
    let units = ["vh", "vb", "vmin", "vmax"];
    (1..bytes.len()).any(|at| {
        let from = at + usize::from(matches!(bytes[at], b's' | b'S' | b'l' | b'L' | b'd' | b'D'));
        let unit =
            |unit: &str| value.get(from..from + unit.len()).is_some_and(|found| found.eq_ignore_ascii_case(unit));
        (bytes[at - 1].is_ascii_digit() || bytes[at - 1] == b'.') && units.into_iter().any(unit)
    })
}

enum Functions {
    Harmless,
    /// A picture from elsewhere, and else nothing but harmless ones.
    Remote,
    Other,
}

fn functions(value: &str) -> Functions {
    let lower = value.to_ascii_lowercase();
    let (mut found, mut rest) = (Functions::Harmless, lower.as_str());
    while let Some(open) = rest.find('(') {
        let name = rest[..open].rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
        rest = &rest[open + 1..];
        match name {
            "rgb" | "rgba" | "hsl" | "hsla" | "calc" | "linear-gradient" => {}
            "url" => {
                let Some(close) = rest.find(')') else { return Functions::Other };
                let address = rest[..close].trim().trim_matches(['"', '\'']);
                if !is_remote(address) || address.contains(['(', '"', '\'', ' ']) {
                    return Functions::Other;
                }
                rest = &rest[close..];
                found = Functions::Remote;
            }
            _ => return Functions::Other,
        }
    }
    found
}

/// Gives what is marked as remote its name. The serialiser writes attributes as `name="value"` with no `"` in the value,
/// and no `<` but at a tag.
fn rename_remote(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(mark) = rest.find(REMOTE) {
        let (before, after) = (&rest[..mark], &rest[mark + REMOTE.len_utf8()..]);
        rest = after;
        let Some(quote) = before.rfind('"') else {
            out.push_str(before);
            continue;
        };
        let value = &before[quote + 1..];
        if value.is_empty()
            && let Some(name) = ["src", "background", "style"].iter().find(|n| named(before, quote, n))
        {
            out.push_str(&before[..quote - 1 - name.len()]);
            out.push_str("data-remote-");
            out.push_str(&before[quote - 1 - name.len()..]);
        } else {
            out.push_str(before);
            out.push_str("\" data-remote-style=\"");
        }
    }
    out.push_str(rest);
    out
}

/// Whether ` name=` stands before the quote.
fn named(before: &str, quote: usize, name: &str) -> bool {
    before[..quote].strip_suffix('=').and_then(|head| head.strip_suffix(name)).is_some_and(|head| head.ends_with(' '))
}

#[cfg(test)]
mod tests;
