//! Whatever strangers write: the HTML that comes out runs nothing and loads nothing. Judged by reading the tags that came
//! out, not by the sanitiser's own lists.

use proptest::prelude::*;
use switchboard_email::sanitise;

/// The attributes of each tag, as a browser would read them.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        let begins = rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?'));
        if !begins {
            assert!(rest.starts_with('/'), "a stray < in {html}");
            continue;
        }
        let name: String = rest.chars().take_while(|c| !c.is_ascii_whitespace() && *c != '>' && *c != '/').collect();
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let equals = rest.find('=').unwrap_or_else(|| panic!("an attribute without a value in {html}"));
            let attribute = rest[..equals].to_owned();
            let value = rest[equals + 1..].strip_prefix('"').unwrap_or_else(|| panic!("no quotes in {html}"));
            let end = value.find('"').unwrap_or_else(|| panic!("no end of a value in {html}"));
            let plain =
                value[..end].replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            attributes.push((attribute, plain));
            rest = &value[end + 1..];
        }
        found.push((name, attributes));
    }
    found
}

fn is_harmless(source: &str) {
    let Some(html) = sanitise(source) else { return };
    for (tag, attributes) in tags(&html) {
        let runs = [
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "applet",
            "form",
            "input",
            "button",
            "textarea",
            "select",
            "meta",
            "base",
            "link",
            "svg",
            "math",
            "video",
            "audio",
            "source",
            "template",
            "noscript",
            "frame",
            "frameset",
            "html",
            "body",
            "head",
            "title",
            "!--",
            "!doctype",
            "portal",
            "dialog",
            "slot",
            "marquee",
            "xml",
            "plaintext",
            "xmp",
            "noembed",
        ];
        assert!(!runs.contains(&tag.as_str()), "<{tag}> in {html} of {source}");
        for (name, value) in attributes {
            assert!(!name.starts_with("on") && !name.contains(':'), "{name} in {html} of {source}");
            let lower: String =
                value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect::<String>().to_lowercase();
            match name.as_str() {
                "src" => assert!(
                    lower.starts_with("cid:") || lower.starts_with("data:image/") && !lower.contains("svg"),
                    "{value} in {html}"
                ),
                "href" => assert!(
                    ["http:", "https:", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme)),
                    "{value} in {html}"
                ),
                "style" => assert!(
                    ["url", "expression", "\\", "@", "position:", "/*", "binding", "image-set"].iter().all(
                        |word| !lower.contains(word)
                            || *word == "position:" && lower.contains("background-position:")
                            || *word == "url" && !lower.contains("url(")
                    ),
                    "{value} in {html}"
                ),
                "srcset" | "background" | "poster" | "action" | "formaction" | "srcdoc" | "ping" | "xlink:href"
                | "id" | "class" | "lowsrc" | "dynsrc" => panic!("{name} in {html} of {source}"),
                "data-remote-src" | "data-remote-background" => {
                    assert!(["http:", "https:", "//"].iter().any(|start| lower.starts_with(start)), "{value} in {html}")
                }
                _ => {}
            }
        }
    }
    // What came out is safe to be read again, by another program with other ideas of what is broken.
    let again = sanitise(&html).unwrap_or_default();
    assert!(!again.contains("<script") && tags(&again).len() <= tags(&html).len(), "{html} became {again}");
}

const PIECES: [&str; 44] = [
    "<",
    ">",
    "\"",
    "'",
    "`",
    "=",
    "/",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<svg>",
    "</svg>",
    "<math>",
    "<mtext>",
    "<annotation-xml encoding=text/html>",
    "<foreignObject>",
    "<table>",
    "<td>",
    "</table>",
    "<template>",
    "<noscript>",
    "<title>",
    "<textarea>",
    "<select>",
    "<option>",
    "<img src=x onerror=alert(1)>",
    "<a href=javascript:alert(1)>",
    "<p style=\"background:url(https://evil.example/x)\">",
    "<img src=\"https://evil.example/x\">",
    "<p style='color:red;position:fixed;background:u\\72l(x)'>",
    "<td background=//evil.example/x>",
    " style=",
    "&lt;script&gt;",
    "&#x6a;avascript:",
    "\u{1}",
    "\0",
    "<plaintext>",
    "<a b=\"<img src=x onerror=y>\">",
    "text",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order(order in proptest::collection::vec(0..PIECES.len(), 1..14)) {
        is_harmless(&order.into_iter().map(|piece| PIECES[piece]).collect::<String>());
    }

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        is_harmless(&text);
    }
}

/// What bleach is tested with: a page a file, above what bleach makes of it.
#[test]
#[ignore = "needs pages that are fetched: ./dev test conformance"]
#[expect(clippy::disallowed_methods, reason = "where the pages were fetched to is for who runs the test to say")]
fn pages_of_another_sanitiser() {
    let folder =
        std::env::var("HTML_OF_BLEACH").expect("HTML_OF_BLEACH is not set: run this by ./dev test conformance");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).expect("a file")).into_owned();
        is_harmless(text.split("\n--\n").next().unwrap_or_default());
        // Its answers too: another program's idea of harmless is nobody's order.
        is_harmless(&text);
        count += 1;
    }
    assert!(count >= 20, "{count} pages are too few");
}
