//! What visitors are asked before their first message, as somebody has set it: in order, or what is wrong with it.

use std::collections::BTreeSet;

use switchboard_protocol::limits::{ATTRIBUTE_CHARS, ATTRIBUTE_NAME_CHARS, BEFORE_CHOICES, BEFORE_FIELDS};
use switchboard_protocol::model::{BeforeChat, BeforeField, BeforeKind};

use crate::validate::Fields;

pub fn checked(fields: &mut Fields, before: BeforeChat) -> BeforeChat {
    let BeforeChat { when, fields: asked } = before;
    if asked.is_empty() {
        fields.wrong("web.before.fields", "required", "Something has to be asked.");
    }
    if asked.len() > BEFORE_FIELDS {
        fields.wrong("web.before.fields", "too_many", format!("At most {BEFORE_FIELDS} fields."));
    }
    // Two that would stand in one place on the card.
    let mut places = BTreeSet::new();
    let asked = asked.into_iter().take(BEFORE_FIELDS).enumerate().map(|(at, field)| {
        let field = field_of(fields, at, field);
        if !places.insert(place_of(&field)) {
            fields.wrong(&format!("web.before.fields.{at}.label"), "twice", "This is asked already.");
        }
        field
    });
    BeforeChat { when, fields: asked.collect() }
}

/// Asked in the site's own words.
fn free(kind: BeforeKind) -> bool {
    matches!(kind, BeforeKind::Text | BeforeKind::Choice)
}

/// Where the answer stands on the card.
fn place_of(field: &BeforeField) -> (Option<BeforeKind>, String) {
    if free(field.kind) { (None, field.label.clone()) } else { (Some(field.kind), String::new()) }
}

fn field_of(fields: &mut Fields, at: usize, field: BeforeField) -> BeforeField {
    let BeforeField { kind, label, required, choices } = field;
    let label =
        fields.bounded(&format!("web.before.fields.{at}.label"), &label, usize::from(free(kind)), ATTRIBUTE_NAME_CHARS);
    if kind != BeforeKind::Choice {
        return BeforeField { kind, label, required, choices: Vec::new() };
    }
    let name = format!("web.before.fields.{at}.choices");
    if !(2..=BEFORE_CHOICES).contains(&choices.len()) {
        fields.wrong(&name, "invalid", format!("Between 2 and {BEFORE_CHOICES} choices."));
    }
    let mut once = BTreeSet::new();
    let choices: Vec<String> = choices
        .into_iter()
        .take(BEFORE_CHOICES)
        .map(|choice| fields.bounded(&name, &choice, 1, ATTRIBUTE_CHARS))
        .collect();
    if !choices.iter().all(|choice| once.insert(choice)) {
        fields.wrong(&name, "twice", "Each choice once.");
    }
    BeforeField { kind, label, required, choices }
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::model::BeforeWhen;

    use super::*;

    fn field(kind: BeforeKind, label: &str, choices: &[&str]) -> BeforeField {
        let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
        BeforeField { kind, label: label.to_owned(), required: true, choices }
    }

    fn wrong(asked: Vec<BeforeField>) -> Vec<String> {
        let mut fields = Fields::new();
        checked(&mut fields, BeforeChat { when: BeforeWhen::Always, fields: asked });
        let error = fields.done().err();
        let fields = error.map(|error| error.fields).unwrap_or_default();
        fields.into_iter().map(|one| format!("{} {}", one.field, one.code)).collect()
    }

    #[test]
    fn what_can_be_asked_is_kept_in_its_order() {
        let asked = vec![
            field(BeforeKind::Name, "", &["left out"]),
            field(BeforeKind::Email, " Your mail ", &[]),
            field(BeforeKind::Choice, "Topic", &["Order", " Else "]),
            field(BeforeKind::Text, "Order number", &[]),
        ];
        let mut fields = Fields::new();
        let kept = checked(&mut fields, BeforeChat { when: BeforeWhen::Away, fields: asked });
        assert!(fields.done().is_ok());
        let labels: Vec<_> = kept.fields.iter().map(|one| (one.label.as_str(), one.choices.len())).collect();
        assert_eq!(labels, [("", 0), ("Your mail", 0), ("Topic", 2), ("Order number", 0)]);
        assert_eq!(kept.fields[2].choices[1], "Else");
    }

    #[test]
    fn what_cannot_be_asked_is_told_with_its_place() {
        assert_eq!(wrong(vec![]), ["web.before.fields required"]);
        let name = || field(BeforeKind::Name, "", &[]);
        assert_eq!(wrong(vec![name(), name()]), ["web.before.fields.1.label twice"]);
        let text = |label| field(BeforeKind::Text, label, &[]);
        assert_eq!(wrong(vec![text(" "), text("x")]), ["web.before.fields.0.label required"]);
        let twice = vec![text("Topic"), field(BeforeKind::Choice, "Topic", &["a", "b"])];
        assert_eq!(wrong(twice), ["web.before.fields.1.label twice"]);
        let choice = |choices| vec![field(BeforeKind::Choice, "Topic", choices)];
        assert_eq!(wrong(choice(&["one"])), ["web.before.fields.0.choices invalid"]);
        assert_eq!(wrong(choice(&["a", "a "])), ["web.before.fields.0.choices twice"]);
        let many = (0..=BEFORE_FIELDS).map(|n| text(Box::leak(n.to_string().into_boxed_str()))).collect();
        assert_eq!(wrong(many), ["web.before.fields too_many"]);
    }
}
