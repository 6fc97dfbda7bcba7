//! Telephone numbers in one spelling: E.164, by libphonenumber's rules (<https://github.com/google/libphonenumber>).
//!
//! Deliberately not here: whether a number is somebody's. That a provider says.

use phonenumber::country;

/// Longest text that is looked at, characters: a number with its brackets, hyphens and `tel:`.
const TEXT_CHARS: usize = 64;

/// The number in E.164 (`+4915112345678`), none if the text is not a number that can be called from abroad.
///
/// `ours` is a number of our own, in E.164: one that is written as people write it at home (`0151 12345678`) is taken to
/// be of the same country.
pub fn e164(text: &str, ours: Option<&str>) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS {
        return None;
    }
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let home = ours.and_then(country_of);
    if text.starts_with('+') {
        return from_abroad(text);
    }
    // Without a country of ours nothing is known of the prefix for abroad but the one that most of the world has.
    if let Some(rest) = text.strip_prefix("00").filter(|_| home.is_none()) {
        return from_abroad(&format!("+{rest}"));
    }
    if !text.chars().any(|character| character.is_ascii_digit()) {
        return None;
    }
    let number = phonenumber::parse(Some(home?), text).ok()?;
    if number.extension().is_some() || !phonenumber::is_valid(&number) {
        return None;
    }
    let written = number.format().mode(phonenumber::Mode::E164).to_string();
    is_e164(&written).then_some(written)
}

/// With a plus the number is all there, but for how people group it. Its digits are kept as they are: the library would take
/// a prefix of the country's off them also where it is none (Russia's `+7 800`).
fn from_abroad(text: &str) -> Option<String> {
    let grouped = text.replace("(0)", "");
    let number: String = grouped.chars().filter(|character| !" \u{a0}-./()".contains(*character)).collect();
    (is_e164(&number) && phonenumber::parse(None, &number).is_ok()).then_some(number)
}

/// A number as gateways write it: country code and all, but without the plus (`4915112345678`, an MSISDN). Where that is no
/// number, as [`e164`].
pub fn e164_of_gateway(text: &str, ours: Option<&str>) -> Option<String> {
    let digits = text.trim();
    let msisdn = (digits.len() >= 8 && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| format!("+{digits}"))
        .filter(|number| phonenumber::parse(None, number).is_ok_and(|number| phonenumber::is_valid(&number)));
    msisdn.or_else(|| e164(text, ours))
}

/// ITU-T E.164: at most 15 digits, no leading zero.
fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads the rules of all countries, which otherwise the first number waits for (some 100 ms).
pub fn read_rules() {
    e164("+14155552671", None);
}

fn country_of(number: &str) -> Option<country::Id> {
    phonenumber::parse(None, number).ok()?.country().id()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{e164, e164_of_gateway};

    #[test]
    fn one_number_has_one_spelling() {
        for (text, ours, expected) in [
            ("+4915112345678", None, Some("+4915112345678")),
            (" +49 151 1234 5678 ", None, Some("+4915112345678")),
            ("+49 (0) 151 12345678", None, Some("+4915112345678")),
            ("004915112345678", None, Some("+4915112345678")),
            ("0151 12345678", Some("+4930123456"), Some("+4915112345678")),
            ("0049 151 12345678", Some("+4930123456"), Some("+4915112345678")),
            ("(415) 555-2671", Some("+14155550100"), Some("+14155552671")),
            ("011 84 90 123 45 67", Some("+14155550100"), Some("+84901234567")),
            ("090 123 45 67", Some("+84281234567"), Some("+84901234567")),
            ("tel:+1-415-555-2671", None, Some("+14155552671")),
            ("+7 800 555-35-35", None, Some("+78005553535")),
            ("+39 06 6982 1234", None, Some("+390669821234")),
            // Who does not say the country could be anybody.
            ("0151 12345678", None, None),
            ("12345", None, None),
            ("AMAZON", None, None),
            ("", None, None),
            ("+", None, None),
            ("+999 1234567", None, None),
            ("+1 415", None, None),
        ] {
            assert_eq!(e164(text, ours).as_deref(), expected, "{text} for {ours:?}");
        }
    }

    #[test]
    fn a_gateway_leaves_the_plus_out() {
        assert_eq!(e164_of_gateway("4915112345678", None).as_deref(), Some("+4915112345678"));
        assert_eq!(e164_of_gateway("+4915112345678", None).as_deref(), Some("+4915112345678"));
        assert_eq!(e164_of_gateway("84901234567", Some("+4930123456")).as_deref(), Some("+84901234567"));
        assert_eq!(e164_of_gateway("0901234567", Some("+84281234567")).as_deref(), Some("+84901234567"));
        assert_eq!(e164_of_gateway("12345", None), None);
    }

    proptest! {
        #[test]
        fn whatever_is_written_there_is_an_answer(text in prop_oneof![any::<String>(), "[+0-9() tel:;=.-]{0,70}"]) {
            for ours in [None, Some("+4930123456"), Some("+14155550100")] {
                if let Some(number) = e164(&text, ours) {
                    prop_assert_eq!(e164(&number, ours), Some(number.clone()));
                }
                e164_of_gateway(&text, ours);
            }
        }
    }
}
