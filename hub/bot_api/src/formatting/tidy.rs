//! What Telegram does with a text and its entities before it sends them ("fix_formatted_text" of its server): blanks at both
//! ends go, signs that nobody sees go, and parts that cross are cut or left out so that they nest.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use switchboard_protocol::bots::{Format, FormatKind};
use switchboard_protocol::limits;

use crate::units;

/// May be cut into pieces that mean the same.
const CUTTABLE: [FormatKind; 5] =
    [FormatKind::Bold, FormatKind::Italic, FormatKind::Underline, FormatKind::Strikethrough, FormatKind::Spoiler];

struct Part {
    kind: FormatKind,
    range: Range<u32>,
    url: Option<String>,
}

pub(super) fn tidy(text: &str, formats: Vec<Format>) -> (String, Vec<Format>) {
    let (text, places) = clean(text);
    let place = |unit: u32| places.get(unit as usize).copied().unwrap_or_else(|| places.last().copied().unwrap_or(0));
    let parts = formats.into_iter().map(|format| {
        let range = place(format.offset)..place(format.offset.saturating_add(format.length));
        Part { kind: format.kind, range, url: format.url }
    });
    let blanks: Vec<bool> = text.chars().flat_map(|c| vec![matches!(c, ' ' | '\n'); c.len_utf16()]).collect();
    let parts = nested(parts.filter_map(|part| shrunk(part, &blanks)).collect());
    let mut formats: Vec<Format> = parts
        .into_iter()
        .filter_map(|part| shrunk(part, &blanks))
        .map(|Part { kind, range, url }| Format { kind, offset: range.start, length: range.end - range.start, url })
        .collect();
    formats.sort_by_key(order);
    // As many as are kept; whatever those behind them were in is kept with them.
    formats.truncate(limits::FORMATS);
    (text, formats)
}

/// Outer ones first.
fn order(format: &Format) -> (u32, Reverse<u32>, u8) {
    (format.offset, Reverse(format.length), priority(format.kind))
}

fn priority(kind: FormatKind) -> u8 {
    match kind {
        FormatKind::Quote => 0,
        FormatKind::Pre => 1,
        FormatKind::Code => 2,
        FormatKind::Link => 3,
        _ => 4,
    }
}

/// The text as it is shown, and for every unit of the old one where it is now.
fn clean(old: &str) -> (String, Vec<u32>) {
    let mut text = String::with_capacity(old.len());
    let mut places = Vec::with_capacity(old.len() + 1);
    let mut unit = 0;
    for character in old.chars() {
        let shown = match character {
            '\n' => Some('\n'),
            // Line and paragraph separators, and what turns the direction of the text around.
            '\r' | '\u{2028}'..='\u{202e}' => None,
            '\0'..=' ' => Some(' '),
            other => Some(other),
        };
        for at in 0..units::width(character) {
            places.push(unit + if shown.is_some() { at } else { 0 });
        }
        if let Some(shown) = shown {
            text.push(shown);
            unit += units::width(shown);
        }
    }
    places.push(unit);
    let blank = [' ', '\n'];
    let before = units::length(&text) - units::length(text.trim_start_matches(blank));
    let text = text.trim_matches(blank).to_owned();
    let most = units::length(&text);
    for place in &mut places {
        *place = place.saturating_sub(before).min(most);
    }
    (text, places)
}

/// Without the blanks with which it begins; none if there is nothing else.
fn shrunk(mut part: Part, blanks: &[bool]) -> Option<Part> {
    while !part.range.is_empty() && blanks.get(part.range.start as usize).copied().unwrap_or(true) {
        part.range.start += 1;
    }
    (!part.range.is_empty()).then_some(part)
}

fn nested(parts: Vec<Part>) -> Vec<Part> {
    let (mut cuttable, mut whole): (Vec<Part>, Vec<Part>) =
        parts.into_iter().partition(|part| CUTTABLE.contains(&part.kind));
    whole.sort_by_key(|part| (part.range.start, Reverse(part.range.end), priority(part.kind)));
    let whole = beside_each_other(whole);
    cuttable.sort_by_key(|part| (part.range.start, Reverse(part.range.end)));
    // What is cut where another part ends may not lie around a quote any more.
    let mut parts = cut_all(crossing_cut(cut_all(joined(cuttable).collect(), &whole)), &whole);
    parts.extend(whole);
    parts
}

/// Quotes do not lie in quotes, and neither do links and code in one another; they may lie in a quote.
fn beside_each_other(parts: Vec<Part>) -> Vec<Part> {
    let mut kept: Vec<Part> = Vec::new();
    // Quotes first: what crosses one goes.
    let (quotes, others): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.kind == FormatKind::Quote);
    let mut end = 0;
    for part in quotes {
        if part.range.start >= end {
            end = part.range.end;
            kept.push(part);
        }
    }
    let quotes = kept.len();
    let mut end = 0;
    for part in others {
        let crosses = kept[..quotes].iter().any(|quote| {
            overlap(&quote.range, &part.range)
                && !(quote.range.start <= part.range.start && part.range.end <= quote.range.end)
        });
        if part.range.start >= end && !crosses {
            end = part.range.end;
            kept.push(part);
        }
    }
    kept
}

fn overlap(one: &Range<u32>, other: &Range<u32>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Parts of one kind that touch or overlap are one.
fn joined(parts: Vec<Part>) -> impl Iterator<Item = Part> {
    let mut kept: Vec<Part> = Vec::new();
    for part in parts {
        match kept.iter_mut().rev().find(|last| last.kind == part.kind) {
            Some(last) if part.range.start <= last.range.end => last.range.end = last.range.end.max(part.range.end),
            _ => kept.push(part),
        }
    }
    kept.into_iter()
}

/// Until no piece can be cut: one that lay around a quote and was cut at code within it crosses the quote.
fn cut_all(mut parts: Vec<Part>, whole: &[Part]) -> Vec<Part> {
    loop {
        let before: Vec<_> = parts.iter().map(|part| part.range.clone()).collect();
        parts = parts.into_iter().flat_map(|part| cut(part, whole)).collect();
        if parts.iter().map(|part| &part.range).eq(&before) {
            return parts;
        }
    }
}

/// The pieces of a part that are not in code, and that lie in or around each link and quote.
fn cut(part: Part, whole: &[Part]) -> Vec<Part> {
    let mut cuts = BTreeSet::from([part.range.start, part.range.end]);
    let mut code = Vec::new();
    for other in whole.iter().filter(|other| overlap(&other.range, &part.range)) {
        let in_code = matches!(other.kind, FormatKind::Code | FormatKind::Pre);
        let around = part.range.start <= other.range.start && other.range.end <= part.range.end;
        if in_code || !around {
            cuts.extend([other.range.start, other.range.end]);
        }
        if in_code {
            code.push(other.range.clone());
        }
    }
    let cuts: Vec<u32> = cuts.into_iter().filter(|at| (part.range.start..=part.range.end).contains(at)).collect();
    let pieces = cuts.windows(2).map(|cut| cut[0]..cut[1]);
    let pieces = pieces.filter(|piece| !code.iter().any(|code| overlap(code, piece)));
    pieces.map(|range| Part { kind: part.kind, range, url: None }).collect()
}

/// A part that begins in another and goes on behind it is cut where that one ends.
fn crossing_cut(parts: Vec<Part>) -> Vec<Part> {
    let key = |part: &Part| Reverse((part.range.start, Reverse(part.range.end), part.kind));
    let mut waiting = parts;
    waiting.sort_by_key(key);
    let (mut open, mut done) = (Vec::<u32>::new(), Vec::new());
    while let Some(mut part) = waiting.pop() {
        while open.last().is_some_and(|end| *end <= part.range.start) {
            open.pop();
        }
        if let Some(end) = open.last().copied().filter(|end| *end < part.range.end) {
            let rest = Part { kind: part.kind, range: end..part.range.end, url: None };
            let at = waiting.partition_point(|other| key(other) < key(&rest));
            waiting.insert(at, rest);
            part.range.end = end;
        }
        open.push(part.range.end);
        done.push(part);
    }
    done
}
