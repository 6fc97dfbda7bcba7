//! The people of the team: their names, roles, and whether they may come in.

use switchboard_domain::permission::Permission;
use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Agent, Role};
use switchboard_protocol::rest::ChangeAgent;
use switchboard_protocol::{AgentId, limits};
use switchboard_store::{Tx, access, agents, entry_links, sessions};

use super::for_team;
use crate::app::App;
use crate::caller::{Caller, ManageOwners};
use crate::error::CommandError;

/// Changes an agent. One's own names everybody may change; the rest needs the right to manage, and owners are made and
/// unmade by owners. There is always one owner left.
pub async fn change(app: &App, by: &Caller, id: AgentId, body: ChangeAgent) -> Result<Agent, CommandError> {
    let mut fields = Fields::new();
    let name = body.name.as_deref().map(|name| fields.name("name", name));
    let display_name =
        body.display_name.as_deref().map(|name| fields.bounded("display_name", name, 0, limits::NAME_CHARS));
    fields.done()?;
    let only_names = body.role.is_none() && body.disabled.is_none();
    if id == by.agent_id && only_names {
        by.may::<crate::caller::Answer>()?;
    } else {
        by.may::<crate::caller::Manage>()?;
    }
    let (caller, now) = (by.clone(), app.clock.now());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let account = agents::load(tx, id).await?.ok_or_else(|| CommandError::not_found("agent"))?;
            let before = account.agent;
            let after = Agent {
                name: name.unwrap_or_else(|| before.name.clone()),
                display_name: match display_name {
                    Some(name) => Some(name).filter(|name| !name.is_empty()),
                    None => before.display_name.clone(),
                },
                role: body.role.unwrap_or(before.role),
                disabled: body.disabled.unwrap_or(before.disabled),
                ..before.clone()
            };
            save(tx, &caller, &before, &after, now).await?;
            Ok(after)
        })
    });
    Ok(written.await?.value)
}

pub(super) async fn save(
    tx: &mut Tx,
    by: &Caller,
    before: &Agent,
    after: &Agent,
    now: i64,
) -> Result<(), CommandError> {
    if before == after {
        return Ok(());
    }
    let owner_touched = before.role == Role::Owner || after.role == Role::Owner;
    let rights_changed = before.role != after.role || before.disabled != after.disabled;
    if owner_touched && (rights_changed || before.id != by.agent_id) {
        by.may::<ManageOwners>()?;
    }
    agents::update(tx, after).await?;
    if agents::active_owners(tx).await? == 0 {
        return Err(ApiError::new(ErrorCode::Conflict, "There must be an owner: make somebody else one first.").into());
    }
    if after.disabled {
        sessions::remove_all(tx, after.id, None).await?;
    }
    tx.emit(for_team(now, AgentEvent::AgentChanged { agent: after.clone() }));
    if rights_changed {
        // Whoever holds a link to them would come in with rights that were not theirs to hand out.
        entry_links::withdraw(tx, after.id).await?;
        access::changed(tx, &[after.id], now).await?;
    }
    Ok(())
}

/// An owner is let in, changed and kept out by owners only.
pub(super) fn may_touch(by: &Caller, agent: &Agent) -> Result<(), CommandError> {
    if agent.role == Role::Owner {
        by.may::<ManageOwners>()?;
    }
    Ok(())
}

/// Whether `by` may give this role.
pub(super) fn may_give(by: &Caller, role: Role) -> Result<(), CommandError> {
    if role == Role::Owner && !Permission::ManageOwners.granted_to(by.role, &by.scopes) {
        return Err(ApiError::new(ErrorCode::Forbidden, "Only an owner may make owners.").into());
    }
    Ok(())
}
