//! Links that open once, through which somebody chooses their own password: to join the team (`invitations`), or to come
//! in again (`password_links`).

use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::Agent;
use switchboard_protocol::rest::{LinkPurpose, LinkShown, ShowLink};
use switchboard_protocol::{AgentId, UnixMs};
use switchboard_store::entry_links::{self, EntryLink};
use switchboard_store::{Tx, agents, sessions};

use super::for_team;
use super::sign_in::{self, SignedIn, sockets_prove_themselves};
use crate::app::{App, Unasked};
use crate::caller::Origin;
use crate::error::CommandError;
use crate::ids::Random;
use crate::limits;
use crate::secret::{self, Secret};

/// A link that is to be made. Its token is known here and nowhere else.
pub struct NewLink {
    purpose: LinkPurpose,
    made_at: UnixMs,
    token: Secret,
}

impl NewLink {
    pub fn new(random: &Random, purpose: LinkPurpose, now: UnixMs) -> Self {
        let prefix = match purpose {
            LinkPurpose::Join => "sbi_",
            LinkPurpose::NewPassword => "sbp_",
        };
        Self { purpose, made_at: now, token: secret::new_token(random, prefix) }
    }

    pub fn expires_at(&self) -> UnixMs {
        let lasts = match self.purpose {
            LinkPurpose::Join => limits::INVITATION_MS,
            LinkPurpose::NewPassword => limits::PASSWORD_LINK_MS,
        };
        self.made_at + lasts
    }

    /// Lets it open for this agent, in place of any other.
    pub async fn keep(&self, tx: &mut Tx, agent_id: AgentId) -> Result<(), CommandError> {
        let link =
            EntryLink { agent_id, purpose: self.purpose, created_at: self.made_at, expires_at: self.expires_at() };
        Ok(entry_links::replace(tx, &link, &secret::hash(self.token.expose())).await?)
    }

    /// Behind the `#` because that part of an address is in no server's or proxy's log.
    pub fn address(&self, base_url: &str) -> String {
        let page = match self.purpose {
            LinkPurpose::Join => "invitation",
            LinkPurpose::NewPassword => "password",
        };
        format!("{base_url}/{page}#{}", self.token.expose())
    }
}

/// What somebody has typed behind a link.
pub(super) struct Chosen {
    pub token: String,
    pub password: String,
    pub name: Option<String>,
}

/// What a link is good for, before anything is typed. Nothing is used up.
pub async fn show(app: &App, body: ShowLink, from: Origin) -> Result<LinkShown, CommandError> {
    let (link, agent) = find(app, &body.token, &from).await?;
    Ok(LinkShown { purpose: link.purpose, name: agent.name, email: agent.email, expires_at: link.expires_at })
}

/// Uses a link up: sets the password, ends what sessions there were, and signs in.
pub(super) async fn open(
    app: &App,
    purpose: LinkPurpose,
    chosen: Chosen,
    from: Origin,
) -> Result<SignedIn, CommandError> {
    // Looked at first: a stranger's guesses cost no argon2.
    let (link, _) = find(app, &chosen.token, &from).await?;
    if link.purpose != purpose {
        return Err(gone());
    }
    let mut fields = Fields::new();
    fields.password("password", &chosen.password);
    let name = chosen.name.as_deref().map(|name| fields.name("name", name));
    fields.done()?;
    let (now, token_hash) = (app.clock.now(), secret::hash(&chosen.token));
    let hash = app.passwords.hash(Secret::new(chosen.password)).await?;
    let set = hash.clone();
    let agent_id = app.write_unasked(Unasked::Entry, move |tx| {
        Box::pin(async move {
            let agent = entry_links::take(tx, &token_hash, purpose, now).await?.ok_or_else(gone)?.agent;
            agents::set_password(tx, agent.id, &set).await?;
            if let Some(name) = name.filter(|name| *name != agent.name) {
                let agent = Agent { name, ..agent.clone() };
                agents::update(tx, &agent).await?;
                tx.emit(for_team(now, AgentEvent::AgentChanged { agent }));
            }
            if !sessions::remove_all(tx, agent.id, None).await?.is_empty() {
                sockets_prove_themselves(tx, agent.id, now).await?;
            }
            Ok(agent.id)
        })
    });
    sign_in::begin_session(app, agent_id.await?.value, hash, from).await
}

async fn find(app: &App, token: &str, from: &Origin) -> Result<(EntryLink, Agent), CommandError> {
    app.limit(&format!("sign-in:{}", from.network()), app.config.limits.sign_in_per_address).await?;
    entry_links::find(&app.store, &secret::hash(token), app.clock.now()).await?.ok_or_else(gone)
}

fn gone() -> CommandError {
    let sentence = "This link is not good any more. Ask for a new one.";
    ApiError::new(ErrorCode::NotFound, sentence).into()
}
