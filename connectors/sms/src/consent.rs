//! What a person says about being written to at all: <https://help.twilio.com/articles/223134027>.

use switchboard_connector::Consent;

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

/// `opt_out_type` is the provider's own reading, with words that an admin chose there: where it is said, it is so.
pub fn of(text: &str, opt_out_type: Option<&str>) -> Option<Consent> {
    match opt_out_type.map(str::to_ascii_uppercase).as_deref() {
        Some("STOP") => return Some(Consent::Stop),
        Some("START") => return Some(Consent::Start),
        Some("HELP") => return Some(Consent::Help),
        _ => {}
    }
    let said = text.trim();
    let is = |words: &[&str], said: &str| words.iter().any(|word| word.eq_ignore_ascii_case(said));
    // A wish to be left alone is heard also with a full stop behind it; the leave to write again only as it is agreed.
    if is(&STOP, said.trim_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace())) {
        Some(Consent::Stop)
    } else if is(&START, said) {
        Some(Consent::Start)
    } else if is(&HELP, said) {
        Some(Consent::Help)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use switchboard_connector::Consent::{Help, Start, Stop};

    use super::of;

    #[test]
    fn a_message_that_is_the_word_alone() {
        for (text, expected) in [
            ("STOP", Some(Stop)),
            (" stop \n", Some(Stop)),
            ("Stop.", Some(Stop)),
            ("\"STOP\"!", Some(Stop)),
            ("unsubscribe", Some(Stop)),
            ("Quit", Some(Stop)),
            ("Start", Some(Start)),
            ("YES", Some(Start)),
            ("Yes!", None),
            ("help", Some(Help)),
            ("Info", Some(Help)),
            ("please stop", None),
            ("When does the sale end", None),
            ("", None),
            ("...", None),
        ] {
            assert_eq!(of(text, None), expected, "{text}");
        }
    }

    #[test]
    fn the_provider_s_own_reading_wins() {
        assert_eq!(of("ARRET", Some("STOP")), Some(Stop));
        assert_eq!(of("stop", Some("START")), Some(Start));
        assert_eq!(of("stop", Some("")), Some(Stop));
    }
}
