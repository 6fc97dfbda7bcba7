//! What a word is, for search: one folding and one way to take a text apart, for both engines. The database is handed
//! words, not texts, so that neither engine's own idea of a word, of case or of accents comes into it.
//!
//! Small and capital letters are the same, and so are letters with and without accents, as people type them. Whatever is
//! no letter and no digit parts words: `SB-4711` is two, a mail address three. Scripts that write without spaces between
//! words are taken sign by sign.

use std::collections::BTreeSet;
use std::iter::{from_fn, once};
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// Most words of a query that are looked for.
const QUERY_WORDS: usize = 12;
/// Most different words of a text that are kept.
const TEXT_WORDS: usize = 4_000;
/// A word is known by so much of its beginning, characters.
const WORD_CHARS: usize = 40;
/// From so many characters on a query's word is the beginning of one; a shorter one stands for itself alone, since half
/// of all texts have a word that begins so.
const BEGINNING_CHARS: usize = 2;
/// An end of a telephone number has at least so many digits.
const NUMBER_DIGITS: usize = 3;
/// The Arabic article, which is written in one with its word.
const ARTICLE: &str = "ال";
/// Begins what is kept among the words and is none: no letter and no digit, so that nothing that is typed asks for it.
const MARK: char = '\u{e000}';

/// A word that a query asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub word: String,
    /// Also as the beginning of a longer one.
    pub beginning: bool,
}

impl Wanted {
    /// Whether this word of a text is what is asked for.
    pub fn is(&self, word: &str) -> bool {
        let same = |word: &str| word == self.word || (self.beginning && word.starts_with(&self.word));
        same(word) || without_article(word).is_some_and(same)
    }

    /// The same for a telephone number, which is found by each of its ends.
    pub fn is_in_telephone(&self, number: &str) -> bool {
        self.beginning && telephone_digits(number).contains(&self.word)
    }
}

/// What a query asks for: all of these. Letters and digits only, so nothing of it is read as a query language.
pub(crate) fn wanted(query: &str) -> Vec<Wanted> {
    let mut words = split(query);
    words.truncate(QUERY_WORDS);
    words
        .into_iter()
        .map(|word| {
            let word = without_article(&word).unwrap_or(&word).to_owned();
            Wanted { beginning: word.chars().count() >= BEGINNING_CHARS, word }
        })
        .collect()
}

/// What stands for an inbox among the words of all that is in it.
pub(crate) fn inbox_mark(id: &str) -> String {
    format!("{MARK}{}", id.to_lowercase())
}

/// The words under which a text is found, and the mark of its inbox: never none, however little the text says.
pub(crate) struct Words(BTreeSet<String>);

impl Words {
    pub fn in_inbox(id: &str) -> Self {
        Self([inbox_mark(id)].into())
    }

    pub fn add(&mut self, text: &str) {
        for word in split(text) {
            if self.0.len() >= TEXT_WORDS {
                return;
            }
            if let Some(bare) = without_article(&word) {
                self.0.insert(bare.to_owned());
            }
            self.0.insert(word);
        }
    }

    /// A number that people leave parts out of: it is found by each of its ends, however its digits are grouped.
    pub fn add_telephone(&mut self, number: &str) {
        let digits = telephone_digits(number);
        for end in 0..(digits.len() + 1).saturating_sub(NUMBER_DIGITS) {
            self.0.insert(digits[end..].to_owned());
        }
    }

    /// A number such as `SB-4711`, also as `sb4711`.
    pub fn add_number(&mut self, number: &str) {
        self.add(number);
        self.add(&joined(number));
    }

    /// As the database keeps them: with a space between each two.
    pub fn text(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// The words of a number such as `SB-4711` in one: `sb4711`.
pub(crate) fn joined(number: &str) -> String {
    split(number).concat()
}

fn telephone_digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).take(WORD_CHARS).collect()
}

fn without_article(word: &str) -> Option<&str> {
    word.strip_prefix(ARTICLE).filter(|rest| rest.chars().nth(1).is_some())
}

fn split(text: &str) -> Vec<String> {
    take_apart(fold(text.chars()).map(|c| (0..0, c))).map(|(_, word)| word).collect()
}

/// The words of a text, each with where it stands in it, bytes.
pub(crate) fn places(text: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    let folded =
        text.char_indices().flat_map(|(at, c)| fold(once(c)).map(move |folded| (at..at + c.len_utf8(), folded)));
    take_apart(folded).map(|(mut place, word)| {
        place.end += text[place.end..].chars().take_while(|c| is_mark(*c)).map(char::len_utf8).sum::<usize>();
        (place, word)
    })
}

fn take_apart(folded: impl Iterator<Item = (Range<usize>, char)>) -> impl Iterator<Item = (Range<usize>, String)> {
    let mut folded = folded.peekable();
    from_fn(move || {
        let (mut place, first) = folded.find(|(_, c)| c.is_alphanumeric())?;
        let mut word = String::from(first);
        if stands_alone(first) {
            return Some((place, word));
        }
        let mut length = 1;
        while let Some((at, c)) = folded.next_if(|(_, c)| c.is_alphanumeric() && !stands_alone(*c)) {
            place.end = at.end;
            if length < WORD_CHARS {
                word.push(c);
                length += 1;
            }
        }
        Some((place, word))
    })
}

/// As it is compared: small letters, without what is written above and below them.
fn fold(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_mark(*c)).flat_map(|c| plain(c).chars().chain(own(c)))
}

/// Accents of the Latin, Greek and Cyrillic letters, points of the Hebrew and vowel signs of the Arabic ones, and the
/// line that makes Arabic words longer. The vowels of the Indian scripts are letters to their readers and stay.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// What keyboards without the letter have in its place; empty: it has none.
fn plain(c: char) -> &'static str {
    match c {
        'ø' => "o",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        _ => "",
    }
}

fn own(c: char) -> Option<char> {
    plain(c).is_empty().then_some(c)
}

/// Chinese characters and Japanese syllables.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_apart_the_same_way_however_it_is_written() {
        assert_eq!(split("SB-4711, foo@bar.com; 3.14"), ["sb", "4711", "foo", "bar", "com", "3", "14"]);
        assert_eq!(split("Ålesund ÅLESUND A\u{30a}lesund alesund"), ["alesund"; 4]);
        assert_eq!(split("Øyvind Ærø STRAẞE ﬁn İzmir"), ["oyvind", "aero", "strasse", "fin", "izmir"]);
        assert_eq!(split("田中さん"), ["田", "中", "さ", "ん"]);
        assert_eq!(split("مُحَمَّد"), split("محمد"));
        assert_eq!(split(" \0'\"*:&|!() "), [""; 0]);
        assert_eq!(split(&inbox_mark("AB12")), ["ab12"], "a mark is nothing that a text can have");
    }

    #[test]
    fn words_and_queries_are_bounded() {
        let long = "é".repeat(1_000);
        assert_eq!(split(&long), ["e".repeat(WORD_CHARS)]);
        let many: String = (0..10_000).map(|n| format!("w{n} ")).collect();
        let mut words = Words(BTreeSet::new());
        words.add(&many);
        assert!(words.0.len() <= TEXT_WORDS + 1);
        assert_eq!(wanted(&many).len(), QUERY_WORDS);
    }

    #[test]
    fn a_telephone_number_is_found_by_its_ends() {
        let mut words = Words(BTreeSet::new());
        words.add_telephone("+47 12 34");
        assert_eq!(words.text(), "1234 234 471234 71234");
        let mut short = Words(BTreeSet::new());
        short.add_telephone("1");
        assert_eq!(short.text(), "");
    }
}
