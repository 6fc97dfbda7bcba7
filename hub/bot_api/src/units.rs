//! Lengths and places in UTF-16 code units, in which the Bot API counts ("MessageEntity"), for texts that are UTF-8 here.

/// UTF-16 code units of a text.
pub fn length(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// The byte at which so many units of the text are over; none within a character or behind the end.
pub fn byte_at(text: &str, unit: u32) -> Option<usize> {
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        if units >= unit {
            return (units == unit).then_some(byte);
        }
        units += width(character);
    }
    (units == unit).then_some(text.len())
}

/// 2 of what is not in the Basic Multilingual Plane.
pub fn width(character: char) -> u32 {
    if character.len_utf16() == 2 { 2 } else { 1 }
}
