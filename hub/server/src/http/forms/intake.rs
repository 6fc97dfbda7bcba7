//! Takes one message by a form: reads it, lets it through, keeps its files, hands it on.

use std::pin::Pin;

use axum::body::Body;
use futures_util::StreamExt;
use switchboard_protocol::error::ErrorCode;
use switchboard_protocol::{AttachmentId, limits};
use switchboard_store::edge_keys::{self, Scope};

use super::Form;
use super::answer::{Again, Outcome};
use crate::app::Shared;
use crate::caller::Origin;
use crate::commands::contact_form::{self, ByForm, Taken};
use crate::commands::uploads::{self, Person};
use crate::error::CommandError;
use crate::forms::body::{self, Kind, Sent, Unread};
use crate::forms::gate::{self, FileDigest, FileDigesting, Shut};
use crate::forms::token::Ticket;
use crate::forms::words::Words;

/// What it said, and what came of it.
pub async fn take(app: &Shared, form: &Form, from: &Origin, kind: Kind, body: Body) -> (Sent, Outcome) {
    let mut intake = Intake {
        app,
        form,
        from,
        sent: Sent::default(),
        ticket: None,
        files: Vec::new(),
        digests: Vec::new(),
        left: None,
        passed_by: false,
        refused: None,
    };
    let outcome = match intake.run(kind, body).await {
        Ok(()) => Outcome::Thanks,
        Err(outcome) => outcome,
    };
    (intake.sent, outcome)
}

struct Intake<'a> {
    app: &'a Shared,
    form: &'a Form,
    from: &'a Origin,
    sent: Sent,
    /// Once it is through.
    ticket: Option<Ticket>,
    files: Vec<AttachmentId>,
    /// Of the files that are kept or are here already: one token is good for these and no others.
    digests: Vec<FileDigest>,
    /// Files were not kept, because it was not through when they came, or the form takes none: what is said of that.
    left: Option<Again>,
    /// Files were not kept, because the token says that the message is here with its own.
    passed_by: bool,
    /// Why a file was not kept.
    refused: Option<Outcome>,
}

impl Intake<'_> {
    fn words(&self) -> &'static Words {
        gate::words_for(&self.form.kept.form, &self.sent.language)
    }

    async fn run(&mut self, kind: Kind, body: Body) -> Result<(), Outcome> {
        match kind {
            Kind::Parts { boundary } => self.read_parts(boundary, body).await?,
            kind => self.sent = body::read(&kind, body).await.map_err(|why| self.unread(why))?,
        }
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        let (kept, words) = (&self.form.kept, self.words());
        let checked = gate::check(&kept.form, &self.form.mailbox.settings, words, &self.sent);
        let checked = match checked {
            Ok(checked) => checked,
            // A machine hears no more of it than a person whose message is taken.
            Err(_) if !self.sent.website.is_empty() => return Ok(()),
            Err(wrong) => {
                let again = Again::new(ErrorCode::Invalid, words.look_again);
                let again = Again { fields: wrong, files_again: self.files_again(), ..again };
                return Err(Outcome::Again(again));
            }
        };
        let ticket = self.pass().await?;
        // Not even where it is through by now: nobody is thanked for what was thrown away.
        if let Some(left) = self.left.take() {
            return Err(Outcome::Again(left));
        }
        let by_form = ByForm {
            nonce: ticket.nonce,
            digest: checked.digest(&self.digests),
            checked,
            words,
            files: std::mem::take(&mut self.files),
            confirm: kept.form.confirm,
        };
        match contact_form::take(self.app, &self.form.mailbox, by_form).await {
            Ok(Taken::Here) => Ok(()),
            Ok(Taken::TokenSpent) => {
                let again = Again::shut(Shut::NoToken, words);
                Err(Outcome::Again(Again { files_again: self.passed_by, ..again }))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Counted once, whether its files or its end ask first.
    async fn pass(&mut self) -> Result<Ticket, Outcome> {
        if let Some(ticket) = &self.ticket {
            return Ok(ticket.clone());
        }
        match gate::pass(self.app, &self.form.kept, self.from, &self.sent).await {
            Ok(ticket) => Ok(self.ticket.insert(ticket).clone()),
            Err(Shut::Trapped) => Err(Outcome::Thanks),
            Err(shut) => {
                Err(Outcome::Again(Again { files_again: self.files_again(), ..Again::shut(shut, self.words()) }))
            }
        }
    }

    fn files_again(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.files_again) || !self.files.is_empty()
    }

    async fn read_parts(&mut self, boundary: String, body: Body) -> Result<(), Outcome> {
        let mut parts = body::parts(boundary, body);
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|error| self.unread(body::unread(&error)))? {
            count += 1;
            if count > body::PARTS {
                return Err(self.unread(Unread::TooLarge));
            }
            match part.file_name().map(str::to_owned) {
                Some(name) => self.take_file(name, part).await?,
                None => {
                    let name = part.name().unwrap_or_default().to_owned();
                    let text = body::text(part).await.map_err(|why| self.unread(why))?;
                    self.sent.set(&name, text);
                }
            }
        }
        Ok(())
    }

    /// Keeps a file, if what stands before it in the form lets it through: a stranger's bytes are not kept on the chance. A
    /// script and our own page write the token first.
    async fn take_file(&mut self, name: String, part: multer::Field<'static>) -> Result<(), Outcome> {
        let mut part = part.peekable();
        while Pin::new(&mut part).next_if(|chunk| chunk.as_ref().is_ok_and(|bytes| bytes.is_empty())).await.is_some() {}
        // A field for files that was left empty comes as a file with nothing in it.
        if Pin::new(&mut part).peek().await.is_none() {
            return Ok(());
        }
        let passed = self.refused.is_none() && self.lets_files_in().await;
        let known = match (&self.ticket, passed) {
            (Some(ticket), true) => self.is_known(ticket).await?,
            _ => true,
        };
        let mut digesting = FileDigesting::of(&name);
        if known {
            self.passed_by |= passed;
            // What is not kept is read all the same: the fields behind it are wanted.
            while let Some(chunk) = part.next().await {
                digesting.read(&chunk.map_err(|error| self.unread(body::unread(&error)))?);
            }
            self.digests.push(digesting.done());
            return Ok(());
        }
        if self.files.len() == limits::FORM_FILES {
            self.refused = Some(self.file_refused());
            return Ok(());
        }
        let by = Person::Form(self.form.kept.inbox_id);
        let part = part.inspect(|chunk| chunk.iter().for_each(|bytes| digesting.read(bytes)));
        match uploads::take(self.app, by, self.from, &name, part).await {
            Ok(file) => {
                self.files.push(file.id);
                self.digests.push(digesting.done());
            }
            // Only told at the end: what was typed stands behind it and is to be there when the page is shown again.
            Err(error) => self.refused = Some(self.failed(error)),
        }
        Ok(())
    }

    /// Whether a file that comes now is kept; else what is to be said of it is noted.
    async fn lets_files_in(&mut self) -> bool {
        if !self.form.kept.form.files {
            let words = self.words();
            self.left.get_or_insert_with(|| Again::new(ErrorCode::UnsupportedFile, words.no_files));
            return false;
        }
        match self.pass().await {
            Ok(_) => true,
            Err(Outcome::Thanks) => false,
            Err(Outcome::Again(shut)) => {
                self.left.get_or_insert(Again { files_again: true, ..shut });
                false
            }
        }
    }

    /// Only to keep no files twice; the claim in the transaction decides.
    async fn is_known(&self, ticket: &Ticket) -> Result<bool, Outcome> {
        let scope = Scope::Inbox(self.form.kept.inbox_id);
        let known = edge_keys::known(&self.app.store, scope, &[contact_form::key(&ticket.nonce)]).await;
        known.map(|known| !known.is_empty()).map_err(|error| self.failed(error.into()))
    }

    fn unread(&self, why: Unread) -> Outcome {
        Outcome::Again(match why {
            Unread::TooLarge => Again::too_large(self.words()),
            Unread::Malformed => Again::new(ErrorCode::Malformed, self.words().failed),
        })
    }

    fn file_refused(&self) -> Outcome {
        let words = self.words();
        let again = Again::new(ErrorCode::UnsupportedFile, words.file_refused);
        Outcome::Again(Again { files_again: true, ..again })
    }

    /// What a person is told of an error; the operator reads it in the log.
    fn failed(&self, error: CommandError) -> Outcome {
        let (error, words) = (error.for_caller(), self.words());
        match error.code {
            ErrorCode::UnsupportedFile => self.file_refused(),
            ErrorCode::TooLarge => Outcome::Again(Again::too_large(words)),
            ErrorCode::RateLimited => {
                let after_ms = error.retry_after_ms.unwrap_or_default();
                Outcome::Again(Again::shut(Shut::TooOften { after_ms }, words))
            }
            code => Outcome::Again(Again { retry_after_ms: error.retry_after_ms, ..Again::new(code, words.failed) }),
        }
    }
}
