//! Which variables stand in a template, and which of them nobody could ever fill in.

use switchboard_protocol::templates::TemplateVariable;

/// Longest name that is taken for a variable's, characters.
const NAME_CHARS: usize = 40;

/// The names between `{{` and `}}`, in order. What stands there and could be no name is text like any other.
pub fn variables(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        rest = rest[at + 2..].trim_start_matches('{');
        let Some(end) = rest.find("}}") else { break };
        let name = rest[..end].trim();
        if is_name(name) {
            names.push(name);
            rest = &rest[end + 2..];
        }
    }
    names
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= NAME_CHARS
        && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.'))
}

/// The first name that is no variable's.
pub fn unknown(text: &str) -> Option<&str> {
    variables(text).into_iter().find(|name| TemplateVariable::from_word(name).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand() {
        assert_eq!(variables("Hi {{customer.name}}, {{ case }}: {{{subject}}}"), ["customer.name", "case", "subject"]);
        assert_eq!(variables("{{}} {{ two words }} {{Case}} {{open"), Vec::<&str>::new());
        assert_eq!(variables("{{a b {{case}}"), ["case"]);
    }

    #[test]
    fn a_name_that_nobody_fills_in_is_found() {
        assert_eq!(unknown("Hi {{customer.name}}"), None);
        assert_eq!(unknown("Hi {{customer.nmae}}, {{case}}"), Some("customer.nmae"));
    }
}
