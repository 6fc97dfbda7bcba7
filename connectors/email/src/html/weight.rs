//! How much a parser makes of strangers' HTML, found by letting it parse and keeping nothing.
//!
//! A parser makes more than it is given: what is bold when a paragraph is cut off is opened anew, with all its attributes,
//! in each one that follows (WHATWG HTML, "reconstruct the active formatting elements"). So a mail of 400 KB can become
//! gigabytes. When that happens is hard to tell from the tags; so the same parser is asked, tag by tag, and stopped as soon
//! as it is too much.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use html5ever::driver::{ParseOpts, parse_fragment};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, LocalName, QualName, local_name, namespace_url, ns};

use crate::limits::{HTML_BYTES, HTML_DEPTH, HTML_ELEMENTS};

/// Names and attributes of all elements, bytes: twice as much as there can be of them in what comes in.
const TAG_BYTES: usize = 2 * HTML_BYTES;

/// Whether what a parser makes of this is within bounds.
pub(super) fn is_bearable(html: &str) -> bool {
    let scales = Scales::default();
    let counts = scales.counts.clone();
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let mut parser = parse_fragment(scales, ParseOpts::default(), context, Vec::new());
    for piece in html.split_inclusive('>') {
        parser.process(StrTendril::from_slice(piece));
        if counts.are_over() {
            return false;
        }
    }
    true
}

#[derive(Default)]
struct Counts {
    elements: Cell<usize>,
    bytes: Cell<usize>,
    /// Elements that the parser holds: those that are open, and those that it would open anew.
    held: Cell<usize>,
}

impl Counts {
    fn are_over(&self) -> bool {
        self.elements.get() > HTML_ELEMENTS || self.bytes.get() > TAG_BYTES || self.held.get() > HTML_DEPTH
    }
}

/// The tree that is not built.
#[derive(Default)]
struct Scales {
    counts: Rc<Counts>,
}

type Handle = Rc<Element>;

struct Element {
    name: QualName,
    counts: Rc<Counts>,
}

impl Drop for Element {
    fn drop(&mut self) {
        self.counts.held.set(self.counts.held.get() - 1);
    }
}

impl Scales {
    fn made(&self, name: QualName) -> Handle {
        self.counts.held.set(self.counts.held.get() + 1);
        Rc::new(Element { name, counts: self.counts.clone() })
    }

    fn nameless(&self) -> Handle {
        self.made(QualName::new(None, ns!(), LocalName::from("")))
    }
}

impl TreeSink for Scales {
    type Handle = Handle;
    type Output = ();

    fn finish(self) {}

    fn get_document(&mut self) -> Handle {
        self.nameless()
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&mut self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        let bytes: usize = attributes.iter().map(|one| one.name.local.len() + one.value.len()).sum();
        self.counts.elements.set(self.counts.elements.get() + 1);
        self.counts.bytes.set(self.counts.bytes.get() + name.local.len() + bytes);
        self.made(name)
    }

    fn create_comment(&mut self, _: StrTendril) -> Handle {
        self.nameless()
    }

    fn create_pi(&mut self, _: StrTendril, _: StrTendril) -> Handle {
        self.nameless()
    }

    fn get_template_contents(&mut self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        Rc::ptr_eq(one, other)
    }

    fn parse_error(&mut self, _: Cow<'static, str>) {}
    fn append(&mut self, _: &Handle, _: NodeOrText<Handle>) {}
    fn append_based_on_parent_node(&mut self, _: &Handle, _: &Handle, _: NodeOrText<Handle>) {}
    fn append_doctype_to_document(&mut self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn set_quirks_mode(&mut self, _: QuirksMode) {}
    fn append_before_sibling(&mut self, _: &Handle, _: NodeOrText<Handle>) {}
    fn add_attrs_if_missing(&mut self, _: &Handle, _: Vec<Attribute>) {}
    fn remove_from_parent(&mut self, _: &Handle) {}
    fn reparent_children(&mut self, _: &Handle, _: &Handle) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(times: usize, piece: impl Fn(usize) -> String) -> String {
        (0..times).map(piece).collect()
    }

    #[test]
    fn what_grows_in_the_parser_is_found_before_it_has_grown() {
        let bold = many(400, |number| format!("<b a{number}=\"\">"));
        let long = format!("<font face=\"{}\">", "x".repeat(1_000_000));
        let ended = "</b>".repeat(400);
        let growing = [
            format!("<p>{bold}{}", "<p>x".repeat(100_000)),
            // Ends that end nothing: the bold stands outside the cell.
            format!("<p>{bold}<table><tr><td>{ended}</table>{}", "<p>x".repeat(100_000)),
            format!("<p>{bold}<table>{ended}</table>{}", "<p>x".repeat(100_000)),
            // A cell outside of a table is none, and its end ends nothing either.
            format!("<p><td>{bold}</td>{}", "<li>x</li><p>".repeat(100_000)),
            format!("<p>{long}{}", "<p>x".repeat(100)),
            "<div>".repeat(HTML_DEPTH + 2),
            format!("<svg>{}", "<td>".repeat(HTML_DEPTH + 2)),
            "<i></i>".repeat(HTML_ELEMENTS + 1),
        ];
        for html in growing {
            assert!(html.len() <= HTML_BYTES && !is_bearable(&html), "{}", &html[..60]);
        }
    }

    #[test]
    fn what_people_write_is_not() {
        let rows = many(4_000, |number| format!("<tr><td><b>{number}</b><td><font size=2>x</font></tr>"));
        let written = [
            String::new(),
            "a < b > c".to_owned(),
            format!("<table>{rows}</table>"),
            // A mail program that never ends what it begins.
            "<p><font face=Arial>Hello<p><font face=Arial>there".repeat(20),
            "<blockquote>".repeat(100),
        ];
        for html in written {
            assert!(is_bearable(&html), "{html}");
        }
    }
}
