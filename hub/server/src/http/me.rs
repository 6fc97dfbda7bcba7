//! Who is signed in, and all that a page needs before it can show the first list.

use switchboard_protocol::rest::Me;
use switchboard_store::{agents, bots, channels, inboxes, teams};

use crate::app::App;
use crate::caller::Caller;
use crate::error::CommandError;

/// Reads it, at a position that is taken first: whatever happens meanwhile is told by the feed.
pub async fn me(app: &App, caller: &Caller) -> Result<Me, CommandError> {
    let at = app.at().await?;
    let account = agents::find(&app.store, caller.agent_id).await?.ok_or_else(|| CommandError::not_found("agent"))?;
    Ok(Me {
        agent: account.agent,
        availability: account.availability,
        scopes: caller.scopes.clone(),
        agents: agents::list(&app.store).await?,
        teams: teams::list(&app.store).await?,
        inboxes: inboxes::list(&app.store, &caller.visibility).await?,
        health: channels::healths(&app.store, &caller.visibility).await?,
        bots: bots::briefs(&app.store).await?,
        present: app.presence.team(),
        at,
    })
}
