//! The pieces of a text: by cases that the dashboard's counter reads too, and by what must hold of every text.

use proptest::prelude::*;
use serde::Deserialize;
use switchboard_sms::segments::{Encoding, Segments, split};

#[derive(Deserialize)]
struct Case {
    name: String,
    /// Each text so many times, in a row.
    text: Vec<(String, usize)>,
    encoding: String,
    units: usize,
    count: usize,
    left: usize,
}

#[test]
fn cases() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("segments.json")).unwrap();
    assert!(cases.len() > 20);
    for case in cases {
        let text: String = case.text.iter().map(|(text, times)| text.repeat(*times)).collect();
        let encoding = match case.encoding.as_str() {
            "gsm7" => Encoding::Gsm7,
            "ucs2" => Encoding::Ucs2,
            other => panic!("{other}"),
        };
        let expected = Segments { encoding, units: case.units, count: case.count, left: case.left };
        assert_eq!(Segments::of(&text), expected, "{}", case.name);
    }
}

/// Texts about the edges: of one alphabet or the other, with what counts two.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 @£Δñ]{0,400}",
        "[a-z€\\[\\]{}^~|\\\\]{140,330}",
        "[a-zạếợ€]{60,210}",
        "[a😀🇻é]{30,140}",
        any::<String>(),
    ]
}

/// What a piece takes on the wire, reckoned by the other road: octets of the encoded text.
fn octets(encoding: Encoding, piece: &str) -> usize {
    match encoding {
        Encoding::Ucs2 => piece.encode_utf16().count() * 2,
        Encoding::Gsm7 => {
            let septets: usize = piece.chars().map(|c| if "\u{c}^{}\\[~]|€".contains(c) { 2 } else { 1 }).sum();
            (septets * 7).div_ceil(8)
        }
    }
}

proptest! {
    #[test]
    fn pieces_are_the_text_and_fit(text in texts()) {
        let (segments, pieces) = (Segments::of(&text), split(&text));
        prop_assert_eq!(pieces.concat(), text.as_str());
        prop_assert_eq!(pieces.len(), segments.count);
        // An SMS has 140 octets; the head of a piece takes six of them.
        let room = if pieces.len() > 1 { 134 } else { 140 };
        for piece in &pieces {
            prop_assert!(!piece.is_empty());
            prop_assert!(octets(segments.encoding, piece) <= room);
        }
    }

    #[test]
    fn no_piece_had_room_for_what_begins_the_next(text in texts()) {
        let (encoding, pieces) = (Encoding::of(&text), split(&text));
        for pair in pieces.windows(2) {
            let longer: String = pair[0].chars().chain(pair[1].chars().next()).collect();
            let units = match encoding {
                Encoding::Ucs2 => longer.encode_utf16().count(),
                Encoding::Gsm7 => longer.chars().map(|c| if "\u{c}^{}\\[~]|€".contains(c) { 2 } else { 1 }).sum(),
            };
            prop_assert!(units > encoding.piece());
        }
    }

    #[test]
    fn one_more_character_never_makes_fewer(text in texts(), more in any::<char>()) {
        let longer = format!("{text}{more}");
        prop_assert!(Segments::of(&longer).count >= Segments::of(&text).count);
    }
}
