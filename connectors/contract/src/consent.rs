//! The words by which people say over SMS whether they want to be written to: those that carriers and providers agree on
//! (<https://help.twilio.com/articles/223134027>).

use crate::Consent;

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

impl Consent {
    /// What a message means that is such a word and nothing else.
    pub fn of_sms(text: &str) -> Option<Self> {
        let said = text.trim();
        let is = |words: &[&str], said: &str| words.iter().any(|word| word.eq_ignore_ascii_case(said));
        // A wish to be left alone is heard also with a full stop behind it; the leave to write again only as it is agreed.
        if is(&STOP, said.trim_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace())) {
            Some(Self::Stop)
        } else if is(&START, said) {
            Some(Self::Start)
        } else if is(&HELP, said) {
            Some(Self::Help)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Consent::{self, Help, Start, Stop};

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
            assert_eq!(Consent::of_sms(text), expected, "{text}");
        }
    }
}
