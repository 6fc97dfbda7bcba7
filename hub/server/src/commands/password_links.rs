//! For somebody who has forgotten their password: a link through which they set a new one. Whoever holds it can be them,
//! so an owner's is made by owners only, and nobody makes their own, which takes the old password.

use switchboard_protocol::AgentId;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::rest::{LinkPurpose, PasswordLink, SetPassword};
use switchboard_store::agents::{self, Account};

use super::agents::may_touch;
use super::entry_links::{self, Chosen, NewLink};
use super::sign_in::SignedIn;
use crate::app::App;
use crate::caller::{Manage, May, Origin};
use crate::error::CommandError;

/// Makes a link for somebody else. The one before it opens no more.
pub async fn make(app: &App, by: &May<Manage>, id: AgentId, from: Origin) -> Result<PasswordLink, CommandError> {
    by.in_person("make a link for a new password")?;
    if id == by.agent_id {
        let sentence = "Change your own password under Settings, Password.";
        return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
    }
    let (link, caller) = (NewLink::new(&app.random, LinkPurpose::NewPassword, app.clock.now()), (*by).clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let account = agents::load(tx, id).await?.ok_or_else(|| CommandError::not_found("agent"))?;
            may_touch(&caller, &account.agent)?;
            may_come_in(&account)?;
            link.keep(tx, id).await?;
            Ok(link)
        })
    });
    let link = written.await?.value;
    tracing::info!(by = %by.agent_id, agent = %id, "a link for a new password was made");
    Ok(PasswordLink { link: link.address(&from.base_url), expires_at: link.expires_at() })
}

/// A new password lets in who could sign in before, and nobody else.
pub fn may_come_in(account: &Account) -> Result<(), CommandError> {
    let sentence = if account.agent.disabled {
        "They may not sign in. Enable them first."
    } else if account.password_hash.is_none() {
        "They have not joined yet. Give them a new invitation."
    } else {
        return Ok(());
    };
    Err(ApiError::new(ErrorCode::Conflict, sentence).into())
}

/// Sets the new password, ends every session that was open with the old one, and signs in.
pub async fn set(app: &App, body: SetPassword, from: Origin) -> Result<SignedIn, CommandError> {
    let chosen = Chosen { token: body.token, password: body.password, name: None };
    entry_links::open(app, LinkPurpose::NewPassword, chosen, from).await
}
