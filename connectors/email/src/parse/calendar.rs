//! An invitation (RFC 5545) in words. Times are shown as they stand, with their zone: whoever wrote them meant them so.

/// Events of one invitation that are told.
const EVENTS: usize = 10;

pub(super) fn readable(calendar: &str) -> Option<String> {
    let unfolded = calendar.replace("\n ", "").replace("\n\t", "");
    let mut lines = unfolded.lines().filter_map(property);
    let mut told = Vec::new();
    let mut event: Option<Event> = None;
    let mut cancelled = false;
    for (name, parameters, value) in lines.by_ref() {
        match (name.as_str(), &mut event) {
            ("METHOD", _) => cancelled = value.eq_ignore_ascii_case("cancel"),
            ("BEGIN", None) if value.eq_ignore_ascii_case("vevent") => event = Some(Event::default()),
            ("END", Some(_)) if value.eq_ignore_ascii_case("vevent") => told.extend(event.take().map(Event::told)),
            ("SUMMARY", Some(event)) => event.summary = unescape(value),
            ("LOCATION", Some(event)) => event.place = unescape(value),
            ("DTSTART", Some(event)) => event.start = time(&parameters, value),
            ("DTEND", Some(event)) => event.end = time(&parameters, value),
            ("ORGANIZER", Some(event)) => event.organiser = organiser(&parameters, value),
            _ => {}
        }
        if told.len() == EVENTS {
            break;
        }
    }
    let head = if cancelled { "Invitation cancelled" } else { "Invitation" };
    (!told.is_empty()).then(|| format!("{head}\n{}", told.join("\n\n")))
}

#[derive(Default)]
struct Event {
    summary: String,
    place: String,
    start: String,
    end: String,
    organiser: String,
}

impl Event {
    fn told(self) -> String {
        let when = if self.end.is_empty() { self.start } else { format!("{} – {}", self.start, self.end) };
        let lines = [("", self.summary), ("When: ", when), ("Where: ", self.place), ("Organiser: ", self.organiser)];
        let filled = lines.into_iter().filter(|(_, value)| !value.trim().is_empty());
        filled.map(|(name, value)| format!("{name}{value}")).collect::<Vec<_>>().join("\n")
    }
}

/// Name in upper case and value of each.
type Parameters = Vec<(String, String)>;

/// Name in upper case, parameters, value.
fn property(line: &str) -> Option<(String, Parameters, &str)> {
    let mut quoted = false;
    let colon = line.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b':' && !quoted
    })?;
    let (head, value) = (&line[..colon], line[colon + 1..].trim());
    let mut words = head.split(';');
    let name = words.next()?.trim().to_ascii_uppercase();
    let parameters = words.filter_map(|word| word.split_once('='));
    Some((
        name,
        parameters.map(|(key, value)| (key.to_ascii_uppercase(), value.trim_matches('"').to_owned())).collect(),
        value,
    ))
}

/// `20261122T103000Z` as `2026-11-22 10:30 UTC`.
fn time(parameters: &[(String, String)], value: &str) -> String {
    let digits = value.as_bytes();
    let is_date = digits.len() >= 8 && digits[..8].iter().all(u8::is_ascii_digit);
    if !is_date || !value.is_ascii() {
        return value.to_owned();
    }
    let mut text = format!("{}-{}-{}", &value[..4], &value[4..6], &value[6..8]);
    if digits.len() >= 13 && digits[8] == b'T' {
        text.push_str(&format!(" {}:{}", &value[9..11], &value[11..13]));
        let zone = parameters.iter().find(|(key, _)| key == "TZID").map(|(_, zone)| zone.as_str());
        if let Some(zone) = if value.ends_with('Z') { Some("UTC") } else { zone } {
            text.push_str(&format!(" ({zone})"));
        }
    }
    text
}

fn organiser(parameters: &[(String, String)], value: &str) -> String {
    let address = value.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).map_or(value, |_| &value[7..]);
    match parameters.iter().find(|(key, _)| key == "CN") {
        Some((_, name)) if name != address => format!("{name} <{address}>"),
        _ => address.to_owned(),
    }
}

fn unescape(value: &str) -> String {
    value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        let calendar = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nDTSTART:19700101T000000\nEND:VTIMEZONE\nBEGIN:VEVENT\n\
            SUMMARY:Fitting\\, second\n try\nDTSTART;TZID=Europe/Berlin:20261122T103000\nDTEND:20261122T113000Z\n\
            ORGANIZER;CN=\"Lee: Ann\":mailto:ann@example.org\nLOCATION:Shop\nEND:VEVENT\nEND:VCALENDAR\n";
        assert_eq!(
            readable(calendar).as_deref(),
            Some(
                "Invitation\nFitting, secondtry\nWhen: 2026-11-22 10:30 (Europe/Berlin) – 2026-11-22 11:30 (UTC)\n\
                 Where: Shop\nOrganiser: Lee: Ann <ann@example.org>"
            )
        );
        assert_eq!(readable("no calendar"), None);
        assert_eq!(time(&[], "20261122"), "2026-11-22");
        assert_eq!(time(&[], "2026é"), "2026é");
    }
}
