//! What bots write, on channels that show less: formatting as HTML or not at all, buttons as a numbered choice.

use switchboard_protocol::bots::{Button, Format, FormatKind, Keyboard, Rich};

/// A press on a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    pub row: usize,
    pub column: usize,
}

/// Which button a customer means who cannot press: by what stands on it, or by its number among those that can be pressed, as
/// [`plain`] counts them. What stands on a button goes before the number of another.
pub fn chosen(text: &str, rich: &Rich) -> Option<Pressed> {
    let Some(Keyboard::Inline { rows }) = &rich.keyboard else { return None };
    let exactly = |text: &str| text.trim().to_lowercase();
    let (said, bare_said) = (exactly(text), bare(text));
    if bare_said.is_empty() {
        return None;
    }
    let by =
        |is: &dyn Fn(&str) -> bool| pressable(rows).find(|(_, button)| is(&button.text)).map(|(pressed, _)| pressed);
    by(&|label| exactly(label) == said).or_else(|| by(&|label| bare(label) == bare_said)).or_else(|| {
        let at = number(&bare_said)?.checked_sub(1)?;
        pressable(rows).nth(at).map(|(pressed, _)| pressed)
    })
}

/// Without what people put around an answer.
fn bare(text: &str) -> String {
    text.trim().trim_start_matches('(').trim_end_matches(['.', ')', ' ']).to_lowercase()
}

/// In whichever digits phones write them, also as emoji.
fn number(text: &str) -> Option<usize> {
    const ZEROS: [char; 5] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'];
    if text == "\u{1f51f}" {
        return Some(10);
    }
    let digit =
        |c: char| ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10));
    let mut value: Option<usize> = None;
    // An emoji of a digit is the digit and two marks.
    for c in text.chars().filter(|c| !matches!(c, '\u{fe0f}' | '\u{20e3}')) {
        value = Some(value.unwrap_or(0).checked_mul(10)?.checked_add(digit(c)? as usize)?);
    }
    value
}

/// What stands on a button.
pub fn label(rich: &Rich, pressed: Pressed) -> Option<&str> {
    let Some(Keyboard::Inline { rows }) = &rich.keyboard else { return None };
    Some(rows.get(pressed.row)?.get(pressed.column)?.text.as_str())
}

fn pressable(rows: &[Vec<Button>]) -> impl Iterator<Item = (Pressed, &Button)> {
    rows.iter()
        .enumerate()
        .flat_map(|(row, buttons)| {
            buttons.iter().enumerate().map(move |(column, button)| (Pressed { row, column }, button))
        })
        .filter(|(_, button)| button.url.is_none())
}

/// The text for channels that show neither formatting nor buttons: addresses of links stand behind their words, buttons
/// are a numbered choice whose answer comes back as a press, other choices are named.
pub fn plain(text: &str, rich: &Rich) -> String {
    let mut out = with_addresses(text, &rich.formats);
    match &rich.keyboard {
        Some(Keyboard::Inline { rows }) => {
            for (at, (_, button)) in pressable(rows).enumerate() {
                out += &format!("\n{}. {}", at + 1, button.text);
            }
            let links = rows.iter().flatten().filter_map(|button| Some((&button.text, button.url.as_ref()?)));
            for (text, url) in links {
                out += &format!("\n{text}: {url}");
            }
        }
        Some(Keyboard::Choices { rows, .. }) => {
            for choice in rows.iter().flatten() {
                out += &format!("\n- {choice}");
            }
        }
        Some(Keyboard::Remove) | None => {}
    }
    out
}

/// Puts the address of each link behind its words, unless they are the address.
fn with_addresses(text: &str, formats: &[Format]) -> String {
    let mut ends: Vec<(u32, &str)> = formats
        .iter()
        .filter(|format| format.kind == FormatKind::Link)
        .filter_map(|format| Some((format.offset.checked_add(format.length)?, format.url.as_deref()?)))
        .collect();
    ends.sort_unstable();
    let mut ends = ends.into_iter().peekable();
    let (mut out, mut units) = (String::with_capacity(text.len()), 0);
    for c in text.chars() {
        out.push(c);
        units += c.len_utf16() as u32;
        // One that ends within a character ends nowhere.
        while ends.next_if(|(end, _)| *end < units).is_some() {}
        while let Some((_, url)) = ends.next_if(|(end, _)| *end == units) {
            if !out.ends_with(url) {
                out += &format!(" ({url})");
            }
        }
    }
    out
}

/// The same with its formatting, for channels that take HTML.
pub fn html(text: &str, rich: &Rich) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    // Outer parts begin first and end last.
    let mut formats: Vec<&Format> = rich.formats.iter().filter(|format| format.length > 0).collect();
    formats.sort_by_key(|format| (format.offset, std::cmp::Reverse(format.length)));
    let mut next = formats.into_iter().peekable();
    let mut open: Vec<&Format> = Vec::new();
    let mut units = 0;
    for c in text.chars() {
        close(&mut out, &mut open, units);
        while let Some(format) = next.next_if(|format| format.offset <= units) {
            out += &begin(format);
            open.push(format);
        }
        escape(&mut out, c);
        units += c.len_utf16() as u32;
    }
    close(&mut out, &mut open, u32::MAX);
    let without_words = Rich { formats: Vec::new(), keyboard: rich.keyboard.clone() };
    for c in plain("", &without_words).chars() {
        escape(&mut out, c);
    }
    out
}

fn close(out: &mut String, open: &mut Vec<&Format>, units: u32) {
    while let Some(format) = open.pop_if(|format| format.offset.saturating_add(format.length) <= units) {
        out.push_str(end(format.kind));
    }
}

fn begin(format: &Format) -> String {
    let tag = match format.kind {
        FormatKind::Bold => "<b>",
        FormatKind::Italic => "<i>",
        FormatKind::Underline => "<u>",
        FormatKind::Strikethrough => "<s>",
        // What mails cannot cover is read.
        FormatKind::Spoiler => "<span>",
        FormatKind::Code => "<code>",
        FormatKind::Pre => "<pre>",
        FormatKind::Quote => "<blockquote>",
        FormatKind::Link => {
            let mut tag = "<a href=\"".to_owned();
            format.url.iter().flat_map(|url| url.chars()).for_each(|c| escape(&mut tag, c));
            return tag + "\">";
        }
    };
    tag.to_owned()
}

fn end(kind: FormatKind) -> &'static str {
    match kind {
        FormatKind::Bold => "</b>",
        FormatKind::Italic => "</i>",
        FormatKind::Underline => "</u>",
        FormatKind::Strikethrough => "</s>",
        FormatKind::Spoiler => "</span>",
        FormatKind::Code => "</code>",
        FormatKind::Pre => "</pre>",
        FormatKind::Quote => "</blockquote>",
        FormatKind::Link => "</a>",
    }
}

fn escape(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\n' => out.push_str("<br>"),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_becomes_html_and_words_stay_words() {
        let part = |kind, offset, length| Format { kind, offset, length, url: None };
        let formats = vec![part(FormatKind::Italic, 3, 2), part(FormatKind::Bold, 0, 5)];
        let rich = Rich { formats, ..buttons() };
        let want = "<b>1&lt;2<i> &amp;</i></b> 3<br>1. Yes<br>2. No, thanks<br>Shop: https://shop.example/";
        assert_eq!(html("1<2 & 3", &rich), want);
    }

    fn buttons() -> Rich {
        let button = |text: &str, url: Option<&str>| Button { text: text.into(), url: url.map(Into::into) };
        let rows = vec![
            vec![button("Yes", None), button("Shop", Some("https://shop.example/"))],
            vec![button("No, thanks", None)],
        ];
        Rich { formats: Vec::new(), keyboard: Some(Keyboard::Inline { rows }) }
    }

    #[test]
    fn buttons_are_a_numbered_choice_where_nothing_can_be_pressed() {
        assert_eq!(plain("Really?", &buttons()), "Really?\n1. Yes\n2. No, thanks\nShop: https://shop.example/");
        assert_eq!(chosen(" 2. ", &buttons()), Some(Pressed { row: 1, column: 0 }));
        assert_eq!(chosen("yes", &buttons()), Some(Pressed { row: 0, column: 0 }));
        assert_eq!(chosen("3", &buttons()), None);
        assert_eq!(chosen("Shop", &buttons()), None);
    }

    #[test]
    fn what_stands_on_a_button_goes_before_the_number_of_another() {
        let row = |texts: &[&str]| Rich {
            formats: Vec::new(),
            keyboard: Some(Keyboard::Inline {
                rows: vec![texts.iter().map(|text| Button { text: (*text).into(), url: None }).collect()],
            }),
        };
        let column = |text: &str, texts: &[&str]| chosen(text, &row(texts)).map(|pressed| pressed.column);
        let stars = ["5", "4", "3", "2", "1"];
        assert_eq!(column("1", &stars), Some(4));
        assert_eq!(column("5.", &stars), Some(0));
        let ended = ["Yes (free)", "Other."];
        assert_eq!(column("yes (free)", &ended), Some(0));
        assert_eq!(column("Other", &ended), Some(1));
        assert_eq!(column("Yes (free", &ended), Some(0));
        let three = ["a", "b", "c"];
        for two in ["2", " 2) ", "(2)", "\u{662}", "\u{6f2}", "2\u{fe0f}\u{20e3}", "\u{ff12}"] {
            assert_eq!(column(two, &three), Some(1), "{two}");
        }
        for none in ["", ".", "0", "4", "2 of them", "99999999999999999999999"] {
            assert_eq!(column(none, &three), None, "{none}");
        }
    }

    #[test]
    fn links_have_their_address_behind_them() {
        let link = |offset, length, url: &str| Format { kind: FormatKind::Link, offset, length, url: Some(url.into()) };
        let formats = vec![link(3, 4, "https://shop.example/"), link(12, 5, "https")];
        let rich = Rich { formats, keyboard: None };
        // A face is two units of UTF-16.
        assert_eq!(plain("😀 shop and https", &rich), "😀 shop (https://shop.example/) and https");
    }
}
