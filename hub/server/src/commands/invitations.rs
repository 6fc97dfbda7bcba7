//! How people join: a link that opens once, through which they choose their own password.

use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Agent, Availability};
use switchboard_protocol::rest::{AcceptInvitation, Invitation, InviteAgent};
use switchboard_protocol::{AgentId, InvitationId};
use switchboard_store::agents::Account;
use switchboard_store::{agents, invitations};

use super::agents::{may_give, save};
use super::for_team;
use super::sign_in::{self, SignedIn};
use crate::app::App;
use crate::caller::Origin;
use crate::caller::{Manage, May};
use crate::error::CommandError;
use crate::limits;
use crate::secret::{self, Secret};

/// Prefix of the tokens in invitations.
const PREFIX: &str = "sbi_";

/// Makes an agent who can sign in once they have chosen a password. Asked again for somebody who has not come yet, it
/// makes a new link and the old one opens no more.
pub async fn invite(app: &App, by: &May<Manage>, body: InviteAgent, from: Origin) -> Result<Invitation, CommandError> {
    let mut fields = Fields::new();
    let (name, email) = (fields.name("name", &body.name), fields.email("email", &body.email));
    fields.done()?;
    may_give(by, body.role)?;
    let now = app.clock.now();
    let token = secret::new_token(&app.random, PREFIX);
    let (id, agent_id) = (InvitationId(app.random.ulid(now)), AgentId(app.random.ulid(now)));
    let expires_at = now + limits::INVITATION_MS;
    let hash = secret::hash(token.expose());
    let role = body.role;
    let agent = app.write_as(by, move |tx| {
        Box::pin(async move {
            let agent = match agents::load_by_email(tx, &email).await? {
                Some(known) if known.password_hash.is_some() || known.agent.role != role => {
                    let sentence = "Somebody with this mail address is in the team already.";
                    return Err(
                        ApiError { code: ErrorCode::Conflict, ..ApiError::field("email", "taken", sentence) }.into()
                    );
                }
                // Invited once, withdrawn, and wanted again.
                Some(known) if known.agent.disabled => {
                    let agent = Agent { disabled: false, ..known.agent };
                    agents::update(tx, &agent).await?;
                    tx.emit(for_team(now, AgentEvent::AgentChanged { agent: agent.clone() }));
                    agent
                }
                Some(known) => known.agent,
                None => {
                    let agent = Agent { id: agent_id, name, email, role, display_name: None, disabled: false };
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
            let invitation = invitations::Invitation { id, agent_id: agent.id, created_at: now, expires_at };
            invitations::insert(tx, &invitation, &hash).await?;
            Ok(agent)
        })
    });
    let agent = agent.await?.value;
    let link = format!("{}/invitation#{}", from.base_url, token.expose());
    Ok(Invitation { id, agent, link, expires_at })
}

/// Takes an invitation back: its link opens no more, and whoever never came stays out.
pub async fn withdraw(app: &App, by: &May<Manage>, id: AgentId) -> Result<(), CommandError> {
    let (now, caller) = (app.clock.now(), (*by).clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let account = agents::load(tx, id).await?.ok_or_else(|| CommandError::not_found("agent"))?;
            if account.password_hash.is_some() {
                let sentence = "They have joined already. Disable them instead.";
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            invitations::withdraw(tx, id).await?;
            let out = Agent { disabled: true, ..account.agent.clone() };
            save(tx, &caller, &account.agent, &out, now).await
        })
    });
    written.await?;
    Ok(())
}

/// Sets the password and signs in.
pub async fn accept(app: &App, body: AcceptInvitation, from: Origin) -> Result<SignedIn, CommandError> {
    app.limit(&format!("sign-in:{}", from.network()), app.config.limits.sign_in_per_address).await?;
    let (now, token_hash) = (app.clock.now(), secret::hash(&body.token));
    let gone = || {
        let sentence = "This invitation is not good any more. Ask for a new one.";
        CommandError::from(ApiError::new(ErrorCode::NotFound, sentence))
    };
    // Looked at first: a stranger's guesses cost no argon2.
    invitations::find(&app.store, &token_hash, now).await?.ok_or_else(gone)?;
    let mut fields = Fields::new();
    fields.password("password", &body.password);
    let name = body.name.as_deref().map(|name| fields.name("name", name));
    fields.done()?;
    let hash = app.passwords.hash(Secret::new(body.password)).await?;
    let chosen = hash.clone();
    let agent_id = app.write(move |tx| {
        Box::pin(async move {
            let invitation = invitations::take(tx, &token_hash, now).await?.ok_or_else(gone)?;
            let account = agents::load(tx, invitation.agent_id).await?.filter(|account| !account.agent.disabled);
            let mut agent = account.ok_or_else(gone)?.agent;
            agents::set_password(tx, agent.id, &chosen).await?;
            if let Some(name) = name.filter(|name| *name != agent.name) {
                agent.name = name;
                agents::update(tx, &agent).await?;
                tx.emit(for_team(now, AgentEvent::AgentChanged { agent: agent.clone() }));
            }
            Ok(agent.id)
        })
    });
    sign_in::begin_session(app, agent_id.await?.value, hash, from).await
}
