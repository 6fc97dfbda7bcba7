//! What a person of the team says of themselves: online, away, busy. Kept, so that it holds tomorrow; whether they are
//! here at all is presence, which is not kept.

use switchboard_protocol::AgentId;
use switchboard_protocol::model::Availability;
use switchboard_store::agents;

use crate::app::App;
use crate::caller::{Mark, May};
use crate::error::CommandError;

pub async fn say(app: &App, by: &May<Mark>, availability: Availability) -> Result<(), CommandError> {
    let id = by.agent_id;
    app.write_as(by, move |tx| Box::pin(async move { Ok(agents::set_availability(tx, id, availability).await?) }))
        .await?;
    Ok(())
}

/// What somebody has said last, and the name that visitors see.
pub async fn of(app: &App, id: AgentId) -> Result<(Availability, String), CommandError> {
    let account = agents::find(&app.store, id).await?.ok_or_else(|| CommandError::not_found("agent"))?;
    let name = account.agent.display_name.unwrap_or(account.agent.name);
    Ok((account.availability, name))
}
