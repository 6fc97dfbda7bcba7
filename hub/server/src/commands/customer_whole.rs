//! All that is kept of a customer: handed out, and erased. For owners and admins, who answer to the customer for it.

use switchboard_protocol::ContactId;
use switchboard_store::{contacts, deleting};

use super::delete_forever::remove_bytes;
use crate::app::App;
use crate::caller::{Manage, May};
use crate::error::CommandError;

/// Conversations that one transaction deletes: the writer has others to serve.
const AT_ONCE: usize = 50;

/// Deletes a person forever: every conversation of theirs, wherever it lies, and all their cards. In several transactions; what
/// is not done when one of them fails is done by the same again.
pub async fn erase(app: &App, by: &May<Manage>, id: ContactId) -> Result<(), CommandError> {
    let now = app.clock.now();
    let mut first = true;
    loop {
        let (visibility, known) = (by.visibility.clone(), !first);
        let written = app.write_as(by, move |tx| {
            Box::pin(async move {
                let seen = contacts::load_seen(tx, &visibility, id).await?;
                if seen.is_none() && !known {
                    return Err(CommandError::not_found("contact"));
                }
                let lying = deleting::of_customer(tx, id, AT_ONCE).await?;
                let none_left = lying.is_empty();
                let files = deleting::conversations(tx, lying, now).await?;
                if none_left {
                    deleting::customers_without_conversations(tx, [id].into(), now).await?;
                }
                Ok((none_left, files))
            })
        });
        let (done, files) = written.await?.value;
        remove_bytes(app, files).await;
        if done {
            return Ok(());
        }
        first = false;
    }
}
