//! How people join: a link that opens once, through which they choose their own password.

use switchboard_domain::validate::Fields;
use switchboard_protocol::AgentId;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Agent, Availability};
use switchboard_protocol::rest::{AcceptInvitation, Invitation, InviteAgent, LinkPurpose};
use switchboard_store::agents::Account;
use switchboard_store::{Tx, agents, teams};

use super::agents::{may_give, may_touch, save};
use super::entry_links::{self, Chosen, NewLink};
use super::sign_in::SignedIn;
use super::{for_team, idempotent};
use crate::app::App;
use crate::caller::Origin;
use crate::caller::{Manage, May};
use crate::error::CommandError;

/// Makes an agent who can sign in once they have chosen a password. Asked again for somebody who has not come yet, it
/// makes a new link, the old one opens no more, and they have the name and role of now.
pub async fn invite(app: &App, by: &May<Manage>, body: InviteAgent, from: Origin) -> Result<Invitation, CommandError> {
    let mut fields = Fields::new();
    let (name, email) = (fields.name("name", &body.name), fields.email("email", &body.email));
    fields.done()?;
    may_give(by, body.role)?;
    let (now, role, caller) = (app.clock.now(), body.role, (*by).clone());
    let (link, id) = (NewLink::new(&app.random, LinkPurpose::Join, now), AgentId(app.random.ulid(now)));
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let agent = match agents::load_by_email(tx, &email).await? {
                Some(known) if known.password_hash.is_some() => {
                    return Err(idempotent::taken("email", "Somebody with this mail address is in the team already."));
                }
                Some(known) => {
                    let agent = Agent { name, role, disabled: false, ..known.agent.clone() };
                    save(tx, &caller, &known.agent, &agent, now).await?;
                    agent
                }
                None => {
                    let agent = Agent { id, name, email, role, display_name: None, disabled: false };
                    let account = Account {
                        agent: agent.clone(),
                        password_hash: None,
                        availability: Availability::Online,
                        access_position: 0,
                        created_at: now,
                    };
                    agents::insert(tx, &account).await?;
                    tx.emit(for_team(now, AgentEvent::AgentChanged { agent: agent.clone() }));
                    agent
                }
            };
            link.keep(tx, agent.id).await?;
            Ok((agent, link))
        })
    });
    let (agent, link) = written.await?.value;
    Ok(Invitation { agent, link: link.address(&from.base_url), expires_at: link.expires_at() })
}

/// Takes an invitation back: its link opens no more, and whoever never came is nobody of the team. One whom a
/// conversation names stays, disabled, so that it can still say whose it was.
pub async fn withdraw(app: &App, by: &May<Manage>, id: AgentId) -> Result<(), CommandError> {
    let (now, caller) = (app.clock.now(), (*by).clone());
    // Not in the transaction: it reads what was written since the invitation, and nobody is to wait for that.
    let named = agents::is_named(&app.store, id).await?;
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let account = agents::load(tx, id).await?.ok_or_else(|| CommandError::not_found("agent"))?;
            if account.password_hash.is_some() {
                let sentence = "They have joined already. Disable them instead.";
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            may_touch(&caller, &account.agent)?;
            if !named && remove(tx, id, now).await? {
                return Ok(());
            }
            let out = Agent { disabled: true, ..account.agent.clone() };
            save(tx, &caller, &account.agent, &out, now).await
        })
    });
    written.await?;
    Ok(())
}

async fn remove(tx: &mut Tx, id: AgentId, now: i64) -> Result<bool, CommandError> {
    let teams = teams::load_of(tx, id).await?;
    if !agents::remove(tx, id).await? {
        return Ok(false);
    }
    for mut team in teams {
        team.members.retain(|member| *member != id);
        tx.emit(for_team(now, AgentEvent::TeamChanged { team }));
    }
    tx.emit(for_team(now, AgentEvent::AgentRemoved { agent_id: id }));
    Ok(true)
}

/// Sets the password and signs in.
pub async fn accept(app: &App, body: AcceptInvitation, from: Origin) -> Result<SignedIn, CommandError> {
    let chosen = Chosen { token: body.token, password: body.password, name: body.name };
    entry_links::open(app, LinkPurpose::Join, chosen, from).await
}
