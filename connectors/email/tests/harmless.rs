//! Whatever strangers write: the HTML that comes out runs nothing and loads nothing. Judged by reading the tags that came
//! out, not by the sanitiser's own lists.

use std::collections::BTreeSet;
use std::path::PathBuf;

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
    // What came out is safe to be read again, by another program with other ideas of what is broken: it may close a link
    // earlier and open it once more, and finds nothing that was not there.
    let again = sanitise(&html).unwrap_or_default();
    let kinds = |page: &str| tags(page).into_iter().map(|(tag, _)| tag).collect::<BTreeSet<_>>();
    assert!(kinds(&again).is_subset(&kinds(&html)), "{html} became {again}");
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
    #![proptest_config(ProptestConfig { cases: 4 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order(order in proptest::collection::vec(0..PIECES.len(), 1..14)) {
        is_harmless(&order.into_iter().map(|piece| PIECES[piece]).collect::<String>());
    }

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        is_harmless(&text);
    }
}

#[expect(clippy::disallowed_methods, reason = "where the pages were fetched to is for who runs the test to say")]
fn pages_in(variable: &str) -> Vec<(PathBuf, String)> {
    let folder = std::env::var(variable);
    let folder = folder.unwrap_or_else(|_| panic!("{variable} is not set: run this by ./dev test conformance"));
    let files = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.is_file());
    files
        .map(|path| (path.clone(), String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned()))
        .collect()
}

/// What bleach is tested with: a page a file, above what bleach makes of it.
#[test]
#[ignore = "needs pages that are fetched: ./dev test conformance"]
fn pages_of_another_sanitiser() {
    let pages = pages_in("HTML_OF_BLEACH");
    for (_, text) in &pages {
        is_harmless(text.split("\n--\n").next().unwrap_or_default());
        // Its answers too: another program's idea of harmless is nobody's order.
        is_harmless(text);
    }
    assert!(pages.len() >= 20, "{} pages are too few", pages.len());
}

/// What browsers are made by (html5lib's tree construction): each broken page beside the tree that is to be made of it. Every
/// word that a browser would show is to be read in the mail.
#[test]
#[ignore = "needs pages that are fetched: ./dev test conformance"]
fn pages_that_browsers_are_made_by() {
    let (mut count, mut words, mut lost) = (0, 0, Vec::new());
    for (path, text) in pages_in("HTML_OF_HTML5LIB") {
        for case in text.split("#data\n").skip(1) {
            let Some((page, rest)) = case.split_once("\n#errors") else { continue };
            is_harmless(page);
            count += 1;
            let Some((said, tree)) = rest.split_once("#document\n") else { continue };
            // A piece of a page, and what is shown only where scripts run, are no mail.
            let is_mail = !said.contains("#document-fragment") && !said.contains("#script-on");
            // These go with all that is in them, and where they end unclosed is not looked for.
            let ends_openly = ["<svg", "<math", "<noscript", "<xmp"].iter().any(|tag| page.contains(tag));
            if !is_mail || ends_openly {
                continue;
            }
            let html = sanitise(page).unwrap_or_default();
            let shown =
                html.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}").replace("&amp;", "&");
            for word in shown_words(tree) {
                words += 1;
                if !shown.contains(&word) {
                    lost.push(format!("{}: {word:?} of {page:?} in {html:?}", path.display()));
                }
            }
        }
    }
    assert!(count > 1_000 && words > 500, "{count} pages and {words} words are too few");
    assert!(lost.is_empty(), "{} of {words} words are lost:\n{}", lost.len(), lost.join("\n"));
}

/// Elements that say nothing to who reads a mail, or are another language's: they go with what is in them.
const UNSHOWN: &str = "head script style title noscript template iframe object embed applet svg math audio video canvas select \
    textarea button frameset noframes noembed xmp plaintext";

/// The words of a tree as html5lib writes it: two columns for each element that is around.
fn shown_words(tree: &str) -> Vec<String> {
    let (mut words, mut within) = (Vec::new(), Vec::<String>::new());
    let mut lines = tree.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(node) = line.strip_prefix("| ") else { continue };
        let depth = (node.len() - node.trim_start().len()) / 2;
        let node = node.trim_start();
        if let Some(name) = node.strip_prefix('<') {
            within.truncate(depth);
            within.push(name.split([' ', '>']).next().unwrap_or_default().to_owned());
        } else if let Some(begin) = node.strip_prefix('"') {
            let mut text = begin.to_owned();
            // A text may have several lines.
            while let Some(next) = lines.next_if(|next| !next.starts_with("| ") && !next.starts_with('#')) {
                text.push('\n');
                text.push_str(next);
            }
            let is_shown = !within.iter().take(depth).any(|name| UNSHOWN.split_whitespace().any(|one| one == name));
            if is_shown {
                words.extend(text.trim_end().trim_end_matches('"').split_whitespace().map(str::to_owned));
            }
        }
    }
    words
}
