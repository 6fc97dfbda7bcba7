//! What a form answers: a page to a person, JSON to a script; the same sentences in both.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use switchboard_protocol::error::{ApiError, ErrorCode, FieldError};
use switchboard_protocol::forms::FormLanguage;

use super::{Form, is_site};
use crate::app::App;
use crate::config::origin_of;
use crate::error::{CommandError, Problem, status};
use crate::forms::body::Sent;
use crate::forms::gate::Shut;
use crate::forms::page::Show;
use crate::forms::words::{self, Words};
use crate::http::extract::Json;

/// Nothing inline, nothing from elsewhere, and nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// The field that says that a form was begun with the hub.
const TOKEN: &str = "token";

pub enum Outcome {
    Thanks,
    Again(Again),
}

/// It was not taken, and what the sender can do.
#[derive(Debug)]
pub struct Again {
    pub code: ErrorCode,
    pub note: &'static str,
    pub fields: Vec<FieldError>,
    pub retry_after_ms: Option<u64>,
    /// A page cannot put files back into its field: they are to be chosen anew.
    pub files_again: bool,
}

impl Again {
    pub fn new(code: ErrorCode, note: &'static str) -> Self {
        Self { code, note, fields: Vec::new(), retry_after_ms: None, files_again: false }
    }

    pub fn too_large(words: &'static Words) -> Self {
        Self { files_again: true, ..Self::new(ErrorCode::TooLarge, words.too_large) }
    }

    pub fn shut(shut: Shut, words: &'static Words) -> Self {
        match shut {
            // To a script: fetch another one. A page has one in it now, and asks for a second look.
            Shut::NoToken | Shut::Trapped => {
                let sentence = words.moment.to_owned();
                let field = FieldError { field: TOKEN.into(), code: "expired".into(), message: sentence };
                Self { fields: vec![field], ..Self::new(ErrorCode::Invalid, words.moment) }
            }
            Shut::TooSoon { after_ms } => {
                Self { retry_after_ms: Some(after_ms), ..Self::new(ErrorCode::RateLimited, words.too_soon) }
            }
            Shut::TooOften { after_ms } => {
                Self { retry_after_ms: Some(after_ms), ..Self::new(ErrorCode::RateLimited, words.too_often) }
            }
        }
    }

    fn wants_token(&self) -> bool {
        self.fields.iter().any(|field| field.field == TOKEN)
    }
}

#[derive(Debug, Serialize)]
struct Thanks {
    thanks: &'static str,
}

/// To whom is answered.
pub struct Answering<'a> {
    pub app: &'a App,
    pub form: &'a Form,
    pub words: &'static Words,
    pub json: bool,
    /// As the request has called the hub.
    pub host: Option<&'a str>,
}

impl Answering<'_> {
    /// The form as it is before anything was typed.
    pub fn fresh(&self) -> Result<Response, CommandError> {
        self.form(&Sent::default(), None, None, &[])
    }

    pub fn answer(&self, sent: &Sent, outcome: Outcome) -> Result<Response, CommandError> {
        match outcome {
            Outcome::Thanks if self.json => Ok(Json(Thanks { thanks: self.words.thanks }).into_response()),
            Outcome::Thanks => {
                let inbox = &self.form.mailbox.inbox_name;
                let back = self.back(&sent.page);
                Ok(html(StatusCode::OK, self.app.forms.without_form(inbox, self.words, None, back)?))
            }
            Outcome::Again(again) if self.json => {
                let Again { code, note, fields, retry_after_ms, .. } = again;
                let error = ApiError { fields, retry_after_ms, ..ApiError::new(code, note) };
                Ok(Problem::from(error).into_response())
            }
            Outcome::Again(again) => {
                let files_note = again.files_again.then_some(self.words.files_again);
                let moment = again.wants_token();
                let mut response = self.form(sent, Some(again.note), files_note, &again.fields)?;
                *response.status_mut() = if moment { StatusCode::OK } else { status(again.code) };
                Ok(response)
            }
        }
    }

    fn form(
        &self,
        sent: &Sent,
        note: Option<&str>,
        files_note: Option<&str>,
        wrong: &[FieldError],
    ) -> Result<Response, CommandError> {
        let Self { app, form, words, .. } = self;
        let now = app.clock.now();
        // One that is good stays: a message that was sent twice over is one message.
        let stays = !wrong.iter().any(|wrong| wrong.field == TOKEN);
        let token = match app.form_key.verify(&sent.token, form.kept.inbox_id, now) {
            Some(_) if stays => sent.token.clone(),
            _ => app.form_key.sign(form.kept.inbox_id, &app.random, now),
        };
        let page = app.forms.form(&Show {
            inbox: &form.mailbox.inbox_name,
            form: &form.kept.form,
            words,
            action: format!("/form/{}", form.kept.key),
            token: Some(token),
            sent,
            note,
            files_note,
            wrong,
        })?;
        Ok(html(StatusCode::OK, page))
    }

    /// Back to where the form was, if it is a page that may have it: a link of ours leads nowhere else.
    fn back<'s>(&self, page: &'s str) -> Option<&'s str> {
        let named = !self.form.kept.form.origins.is_empty();
        let good = origin_of(page).is_some_and(|site| named && is_site(self.app, self.form, &site, self.host));
        good.then_some(page)
    }
}

/// There is no form at this address.
pub fn none(app: &App) -> Result<Response, CommandError> {
    let words = words::of(FormLanguage::En);
    Ok(html(StatusCode::NOT_FOUND, app.forms.without_form("", words, Some(words.none_here), None)?))
}

/// The page that sent it is none that may.
pub fn wrong_site(app: &App, form: &Form, words: &'static Words, json: bool) -> Result<Response, CommandError> {
    if json {
        return Ok(Problem::from(ApiError::new(ErrorCode::WrongOrigin, words.wrong_site)).into_response());
    }
    let inbox = &form.mailbox.inbox_name;
    Ok(html(StatusCode::FORBIDDEN, app.forms.without_form(inbox, words, Some(words.wrong_site), None)?))
}

fn html(status: StatusCode, page: String) -> Response {
    let mut response = (status, Html(page)).into_response();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        // Else its own form would come from nowhere ("null").
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
