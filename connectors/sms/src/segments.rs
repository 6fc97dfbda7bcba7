//! How a text is cut into SMS, which is what a provider charges for: 3GPP TS 23.038, section 6.2 (the GSM alphabet and its
//! extension) and TS 23.040, section 9.2.3.24.1 (the head of each piece of a longer text).
//!
//! `hub/dashboard/src/desk/segments.ts` does the same while an agent types; `tests/segments.json` proves both.
//!
//! Deliberately not here: the national shift tables, which providers do not use, and the replacing of characters by similar
//! ones ("smart encoding"), which is the provider's.

/// How the characters of a text travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Seven bits a character, two of them for one of the extension table.
    Gsm7,
    /// UTF-16: for every text that the GSM alphabet cannot write.
    Ucs2,
}

impl Encoding {
    pub fn of(text: &str) -> Self {
        if text.chars().all(|character| gsm_units(character).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// Units in an SMS that stands alone.
    pub const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units in each piece of a longer text: six bytes less, which say whose piece it is.
    pub const fn piece(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// What a character takes. It is never cut: two septets of the extension table, or two halves of a surrogate pair, stay
    /// in one piece.
    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 => gsm_units(character).unwrap_or(1),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// A text as SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    pub encoding: Encoding,
    /// Septets, or UTF-16 units.
    pub units: usize,
    /// How many SMS; none for an empty text.
    pub count: usize,
    /// Units that the last one still has room for.
    pub left: usize,
}

impl Segments {
    pub fn of(text: &str) -> Self {
        let encoding = Encoding::of(text);
        let pieces = split(text);
        let units_of = |text: &str| text.chars().map(|character| encoding.units(character)).sum::<usize>();
        let (units, last) = (units_of(text), pieces.last().map_or(0, |piece| units_of(piece)));
        let room = if pieces.len() > 1 { encoding.piece() } else { encoding.alone() };
        Self { encoding, units, count: pieces.len(), left: room - last }
    }
}

/// The text's pieces, one an SMS.
pub fn split(text: &str) -> Vec<&str> {
    let encoding = Encoding::of(text);
    let units: usize = text.chars().map(|character| encoding.units(character)).sum();
    if units <= encoding.alone() {
        return if text.is_empty() { Vec::new() } else { vec![text] };
    }
    let mut pieces = Vec::with_capacity(units.div_ceil(encoding.piece()));
    let (mut start, mut filled) = (0, 0);
    for (place, character) in text.char_indices() {
        let wanted = encoding.units(character);
        if filled + wanted > encoding.piece() {
            pieces.push(&text[start..place]);
            (start, filled) = (place, 0);
        }
        filled += wanted;
    }
    pieces.push(&text[start..]);
    pieces
}

/// Septets of a character, none if the GSM alphabet does not have it.
fn gsm_units(character: char) -> Option<usize> {
    match character {
        // Basic table, but for the escape itself.
        '\n' | '\r' | ' '..='#' | '%'..='?' | 'A'..='Z' | 'a'..='z' => Some(1),
        '@' | '£' | '$' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | '_' | 'Æ' | 'æ' | 'ß'
        | 'É' => Some(1),
        'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' => Some(1),
        '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => Some(1),
        // Extension table.
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        _ => None,
    }
}
