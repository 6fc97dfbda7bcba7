//! The contact form of a mail inbox, as an admin sets it.

use switchboard_domain::Visibility;
use switchboard_domain::validate::Fields;
use switchboard_protocol::InboxId;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::forms::{ContactForm, ContactFormSetup};
use switchboard_protocol::model::Channel;
use switchboard_store::contact_forms::{self, Kept};
use switchboard_store::{channels, inboxes};

use super::inboxes::origins;
use crate::app::App;
use crate::caller::{Manage, May, Origin};
use crate::error::CommandError;
use crate::forms::words;
use crate::secret;

/// Signs of the address to which pages send.
const KEY_CHARS: usize = 24;

/// How it is set; a form that nobody has set is off.
pub async fn show(app: &App, from: &Origin, id: InboxId) -> Result<ContactFormSetup, CommandError> {
    mail_inbox(app, id).await?;
    let kept = contact_forms::find(&app.store, id).await?;
    match kept {
        Some(kept) => setup(app, from, &kept),
        None => Ok(ContactFormSetup { form: ContactForm::default(), address: String::new(), snippet: String::new() }),
    }
}

/// Sets it. It keeps its address for as long as the inbox is there, also while it is off.
pub async fn save(
    app: &App,
    by: &May<Manage>,
    from: &Origin,
    id: InboxId,
    form: ContactForm,
) -> Result<ContactFormSetup, CommandError> {
    mail_inbox(app, id).await?;
    let mut fields = Fields::new();
    let origins = origins(&mut fields, "origins", &form.origins);
    fields.done()?;
    if form.on && channels::find(&app.store, id).await?.is_none() {
        let sentence = "Set the mailbox up first: answers to the form go out by it.";
        return Err(ApiError::field("on", "no_mailbox", sentence).into());
    }
    let fresh = secret::new_token(&app.random, "").expose()[..KEY_CHARS].to_owned();
    let kept = Kept { inbox_id: id, key: fresh, form: ContactForm { origins, ..form } };
    app.write_as(by, move |tx| Box::pin(async move { Ok(contact_forms::save(tx, &kept).await?) })).await?;
    show(app, from, id).await
}

async fn mail_inbox(app: &App, id: InboxId) -> Result<(), CommandError> {
    let inbox = inboxes::find(&app.store, &Visibility::Team, id).await?;
    let inbox = inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
    if inbox.channel != Channel::Email {
        return Err(ApiError::field("id", "unknown", "Only mail inboxes have contact forms.").into());
    }
    Ok(())
}

fn setup(app: &App, from: &Origin, kept: &Kept) -> Result<ContactFormSetup, CommandError> {
    let hub = app.config.public_origin().unwrap_or_else(|| from.base_url.clone());
    let address = format!("{hub}/form/{}", kept.key);
    let words = words::of(kept.form.language);
    let snippet = app.forms.snippet(&kept.form, words, &address, &format!("{hub}/form.js"))?;
    Ok(ContactFormSetup { form: kept.form.clone(), address, snippet })
}
