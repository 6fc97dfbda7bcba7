//! Admins say when an inbox is open.

use switchboard_domain::validate::Fields;
use switchboard_domain::{Visibility, hours};
use switchboard_protocol::InboxId;
use switchboard_protocol::hours::InboxHours;
use switchboard_store::{ChangeError, inboxes};

use crate::app::App;
use crate::caller::{Manage, May};
use crate::error::CommandError;

/// They count from the next message on.
pub async fn set(app: &App, by: &May<Manage>, id: InboxId, body: InboxHours) -> Result<InboxHours, CommandError> {
    let mut fields = Fields::new();
    let hours = body.hours.map(|hours| hours::checked(&mut fields, hours));
    fields.done()?;
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if inboxes::load(tx, &Visibility::Team, id).await?.is_none() {
                return Err(CommandError::not_found("inbox"));
            }
            inboxes::set_hours(tx, id, hours.as_ref()).await.map_err(|error| match error {
                ChangeError::Missing { .. } => CommandError::not_found("inbox"),
                other => other.into(),
            })?;
            Ok(InboxHours { hours })
        })
    });
    Ok(written.await?.value)
}
