//! What a reader of formatting writes into.

use switchboard_protocol::bots::{Format, FormatKind};

use crate::units;

/// A text, and what was marked in it so far.
#[derive(Debug, Default)]
pub(super) struct Out {
    pub text: String,
    /// Of the text, UTF-16 code units.
    pub units: u32,
    pub formats: Vec<Format>,
}

impl Out {
    pub fn push(&mut self, character: char) {
        self.text.push(character);
        self.units += units::width(character);
    }

    /// Marks what was written since.
    pub fn mark(&mut self, kind: FormatKind, offset: u32, url: Option<String>) {
        if self.units > offset {
            self.formats.push(Format { kind, offset, length: self.units - offset, url });
        }
    }
}

/// A text that is read from its beginning, by bytes where all signs that mean something are ASCII.
pub(super) struct Source<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte so many behind; 0 where there is none, which no rule waits for.
    pub fn peek(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    pub fn ended(&self) -> bool {
        self.at >= self.text.len()
    }

    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes a whole character.
    pub fn character(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// Takes bytes as long as they are wanted; only ASCII may end it.
    pub fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let from = self.at;
        while !self.ended() && wanted(self.peek(0)) {
            self.at += 1;
        }
        &self.text[from..self.at]
    }

    /// The language and the one line end with which lines of code may begin.
    pub fn skip_language(&mut self) {
        let from = self.at;
        let language = self.take_while(|byte| !blank(byte) && byte != b'`');
        if language.is_empty() || self.ended() || self.peek(0) == b'`' {
            self.at = from;
        }
        let (first, second) = (self.peek(0), self.peek(1));
        let line_end = |byte| matches!(byte, b'\n' | b'\r');
        if line_end(first) {
            self.at += if line_end(second) && first != second { 2 } else { 1 };
        }
    }
}

pub(super) fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\0' | 0x0b)
}
