//! The pages of forms, the snippet for other people's, and the confirmation: from templates.

use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;
use switchboard_protocol::error::FieldError;
use switchboard_protocol::forms::{ContactForm, FormField};
use switchboard_protocol::limits;

use super::body::Sent;
use super::gate::ADDRESS_CHARS;
use super::words::Words;
use crate::error::CommandError;

const PAGE: &str = include_str!("../../assets/forms/page.html");
const SNIPPET: &str = include_str!("../../assets/forms/snippet.txt");
/// How the page looks.
pub const STYLE: &str = include_str!("../../assets/forms/form.css");

/// The templates. What goes into the page is escaped, by its name's ending; what goes into the snippet is all ours, and an
/// admin is to read it.
#[derive(Debug)]
pub struct Pages(Environment<'static>);

/// A field as templates see it.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    complete: &'static str,
    required: bool,
    most: usize,
    value: &'a str,
    error: Option<&'a str>,
}

/// The page with the form.
#[derive(Debug)]
pub struct Show<'a> {
    pub inbox: &'a str,
    pub form: &'a ContactForm,
    pub words: &'static Words,
    /// To which the form is sent.
    pub action: String,
    pub token: Option<String>,
    pub sent: &'a Sent,
    /// What is to be said above it.
    pub note: Option<&'a str>,
    pub files_note: Option<&'a str>,
    pub wrong: &'a [FieldError],
}

impl Pages {
    pub fn new() -> Self {
        let mut templates = Environment::new();
        for (name, source) in [("page.html", PAGE), ("snippet.txt", SNIPPET)] {
            templates.add_template(name, source).expect("the templates are part of the program, and tested");
        }
        Self(templates)
    }

    pub fn form(&self, show: &Show<'_>) -> Result<String, CommandError> {
        let Show { inbox, form, words, action, token, sent, note, files_note, wrong } = show;
        self.render(
            "page.html",
            context! {
                inbox => *inbox, action => action.as_str(), page => sent.page.as_str(), files => form.files,
                words => Serde(words), token => Serde(token), note => Serde(note), files_note => Serde(files_note),
                fields => Serde(fields(form, words, sent, wrong)),
            },
        )
    }

    /// A page that has no form: it says thank you, or why there is none.
    pub fn without_form(
        &self,
        inbox: &str,
        words: &Words,
        instead: Option<&str>,
        back: Option<&str>,
    ) -> Result<String, CommandError> {
        let (thanks, gone, back) = (instead.is_none(), Serde(instead), Serde(back));
        self.render("page.html", context! { inbox, words => Serde(words), thanks, gone, back })
    }

    /// HTML for a page of somebody's own.
    pub fn snippet(
        &self,
        form: &ContactForm,
        words: &Words,
        action: &str,
        script: &str,
    ) -> Result<String, CommandError> {
        let nothing = Sent::default();
        let (fields, words) = (Serde(fields(form, words, &nothing, &[])), Serde(words));
        self.render("snippet.txt", context! { words, action, script, fields, files => form.files })
    }

    /// Subject and text of the mail that says that a message is here. They are given the case number, and nothing else.
    pub fn confirmation(&self, words: &Words, case_number: &str) -> Result<(String, String), CommandError> {
        let render = |template| self.0.render_str(template, context! { case_number }).map_err(cannot);
        Ok((render(words.confirmation_subject)?, render(words.confirmation)?))
    }

    fn render(&self, name: &str, context: minijinja::Value) -> Result<String, CommandError> {
        self.0.get_template(name).and_then(|template| template.render(context)).map_err(cannot)
    }
}

impl Default for Pages {
    fn default() -> Self {
        Self::new()
    }
}

fn cannot(error: minijinja::Error) -> CommandError {
    CommandError::fault("writing a form's page", error)
}

fn fields<'a>(form: &ContactForm, words: &Words, sent: &'a Sent, wrong: &'a [FieldError]) -> Vec<Shown<'a>> {
    let shown = |name, label, kind, complete, asked: FormField, most, value: &'a str| {
        let error = wrong.iter().find(|one| one.field == name).map(|one| one.message.as_str());
        let required = asked == FormField::Required;
        (asked != FormField::Off).then_some(Shown { name, label, kind, complete, required, most, value, error })
    };
    let always = FormField::Required;
    [
        shown("name", words.name, "text", "name", form.name, limits::NAME_CHARS, &sent.name),
        shown("email", words.email, "email", "email", always, ADDRESS_CHARS, &sent.email),
        shown("subject", words.subject, "text", "", form.subject, limits::SUBJECT_CHARS, &sent.subject),
        shown("message", words.message, "", "", always, limits::MESSAGE_TEXT_CHARS, &sent.message),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::forms::FormLanguage;

    use super::*;
    use crate::forms::words;

    #[test]
    fn every_language_has_its_pages_and_a_confirmation_with_nothing_but_the_number() {
        let pages = Pages::new();
        for language in FormLanguage::ALL {
            let words = words::of(*language);
            assert_eq!(words.tag, language.as_str());
            let (subject, text) = pages.confirmation(words, "SB-7").unwrap();
            assert!(subject.contains("[SB-7]") && text.contains("SB-7"), "{subject} {text}");
            assert!(!format!("{subject}{text}").contains("{{"), "{subject} {text}");
            let snippet = pages.snippet(&ContactForm::default(), words, "https://x/form/1", "https://x/form.js");
            assert!(snippet.unwrap().contains(words.send));
        }
    }

    #[test]
    fn what_somebody_typed_is_text_on_the_page() {
        let typed = "\"><script>alert(1)</script>".to_owned();
        let sent = Sent { name: typed.clone(), message: typed, ..Sent::default() };
        let (form, words) = (ContactForm::default(), words::of(FormLanguage::En));
        let show = Show {
            inbox: "<b>Shop</b>",
            form: &form,
            words,
            action: "/form/1".into(),
            token: None,
            sent: &sent,
            note: None,
            files_note: None,
            wrong: &[],
        };
        let page = Pages::new().form(&show).unwrap();
        assert!(!page.contains("<script>alert") && !page.contains("<b>Shop"), "{page}");
    }
}
