//! Coming in and going out: the first owner, passwords, sessions.

use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Agent, Availability, Role};
use switchboard_protocol::rest::{ChangePassword, SetUp, SignIn};
use switchboard_protocol::{AgentId, SessionId, UnixMs};
use switchboard_store::agents::Account;
use switchboard_store::sessions::Session;
use switchboard_store::{Tx, access, agents, entry_links, sessions};

use super::for_team;
use crate::app::{App, Unasked};
use crate::caller::{Caller, Origin, network};
use crate::error::CommandError;
use crate::ids::Random;
use crate::limits;
use crate::secret::{self, Secret};

/// Prefix of the tokens in session cookies.
const PREFIX: &str = "sbs_";

/// A session that has begun: the cookie's token is known here and nowhere else.
#[derive(Debug)]
pub struct SignedIn {
    pub agent_id: AgentId,
    pub token: Secret,
}

/// Makes the first person, the owner. The link's token opens this as long as there is nobody.
pub async fn set_up(app: &App, body: SetUp, from: Origin) -> Result<SignedIn, CommandError> {
    app.limit(&format!("sign-in:{}", from.network()), app.config.limits.sign_in_per_address).await?;
    let used_up = || {
        let sentence =
            "This link is not good any more. If there is no owner yet, the hub prints a new one at its start.";
        CommandError::from(ApiError::new(ErrorCode::Forbidden, sentence))
    };
    if !secret::same(&body.token, app.setup_token.expose()) || agents::any(&app.store).await? {
        return Err(used_up());
    }
    let mut fields = Fields::new();
    let (name, email) = (fields.name("name", &body.name), fields.email("email", &body.email));
    fields.password("password", &body.password);
    fields.done()?;
    let password_hash = app.passwords.hash(Secret::new(body.password)).await?;
    let now = app.clock.now();
    let agent = Agent {
        id: AgentId(app.random.ulid(now)),
        name,
        email,
        role: Role::Owner,
        display_name: None,
        disabled: false,
    };
    let account = Account {
        agent: agent.clone(),
        password_hash: Some(password_hash),
        availability: Availability::Online,
        access_position: 0,
        created_at: now,
    };
    let (session, token) = new_session(&app.random, agent.id, &from, now);
    let token_hash = secret::hash(token.expose());
    app.write_unasked(Unasked::Entry, move |tx| {
        Box::pin(async move {
            // Again inside the transaction: two people may have opened the link at once.
            if agents::any_in(tx).await? {
                return Err(used_up());
            }
            agents::insert(tx, &account).await?;
            sessions::insert(tx, &session, &token_hash).await?;
            tx.emit(for_team(now, AgentEvent::AgentChanged { agent: account.agent }));
            Ok(())
        })
    })
    .await?;
    Ok(SignedIn { agent_id: agent.id, token })
}

/// Opens a session for the right password. Says the same, and takes as long, whatever was wrong.
pub async fn sign_in(app: &App, body: SignIn, from: Origin) -> Result<SignedIn, CommandError> {
    let email = body.email.trim().to_lowercase();
    app.limit(&format!("sign-in:{}", from.network()), app.config.limits.sign_in_per_address).await?;
    let account = agents::find_by_email(&app.store, &email).await?.filter(|account| !account.agent.disabled);
    let nobody = AgentId(app.random.ulid(0));
    let id = account.as_ref().map_or(nobody, |account| account.agent.id);
    // Strangers' guesses do not shut out somebody who is signed in from the same place already.
    let sessions = sessions::list(&app.store, id, app.clock.now()).await?;
    let here = |session: &Session| session.address.parse().is_ok_and(|address| network(address) == from.network());
    let at_home = sessions.iter().any(here);
    let place = if at_home { from.network().to_string() } else { "elsewhere".to_owned() };
    let key = format!("account:{}:{place}", secret::hash(&email));
    app.limit(&key, app.config.limits.sign_in_per_account).await?;
    let (id, hash) = match account {
        Some(account) => (Some(account.agent.id), account.password_hash),
        None => (None, None),
    };
    let right = body.password.chars().count() <= switchboard_protocol::limits::PASSWORD_MAX_CHARS
        && app.passwords.verify(Secret::new(body.password), hash.clone()).await?;
    let (true, Some(agent_id), Some(hash)) = (right, id, hash) else {
        return Err(not_right());
    };
    begin_session(app, agent_id, hash, from).await
}

fn not_right() -> CommandError {
    metrics::counter!("switchboard_sign_in_failures_total").increment(1);
    ApiError::new(ErrorCode::Unauthenticated, "Mail address or password is not right.").into()
}

/// Opens a session for somebody who has proved that they know the password behind `password_hash`. If it is no longer
/// theirs, or they are no longer let in, they have proved nothing: a new password puts out whoever knew the old one.
pub async fn begin_session(
    app: &App,
    agent_id: AgentId,
    password_hash: String,
    from: Origin,
) -> Result<SignedIn, CommandError> {
    let (session, token) = new_session(&app.random, agent_id, &from, app.clock.now());
    let hash = secret::hash(token.expose());
    app.write_unasked(Unasked::Entry, move |tx| {
        Box::pin(async move {
            let account = agents::load(tx, agent_id).await?.filter(|account| !account.agent.disabled);
            if account.is_none_or(|account| account.password_hash != Some(password_hash)) {
                return Err(not_right());
            }
            Ok(sessions::insert(tx, &session, &hash).await?)
        })
    })
    .await?;
    Ok(SignedIn { agent_id, token })
}

fn new_session(random: &Random, agent_id: AgentId, from: &Origin, now: UnixMs) -> (Session, Secret) {
    let session = Session {
        id: SessionId(random.ulid(now)),
        agent_id,
        created_at: now,
        last_seen_at: now,
        expires_at: now + limits::SESSION_MS,
        address: from.address.to_string(),
        user_agent: from.user_agent.clone(),
    };
    (session, secret::new_token(random, PREFIX))
}

/// Ends one session of the caller's: this one, or another of theirs. Its sockets close.
pub async fn end_session(app: &App, by: &Caller, id: SessionId) -> Result<(), CommandError> {
    let (agent_id, now) = (by.agent_id, app.clock.now());
    if by.by.session_id() == Some(id) {
        // Going out takes no rights.
        app.write_unasked(Unasked::Entry, move |tx| Box::pin(end(tx, agent_id, id, now))).await?;
    } else {
        app.write_as(by, move |tx| Box::pin(end(tx, agent_id, id, now))).await?;
    }
    Ok(())
}

async fn end(tx: &mut Tx, agent_id: AgentId, id: SessionId, now: UnixMs) -> Result<(), CommandError> {
    if !sessions::remove(tx, agent_id, id).await? {
        return Err(CommandError::not_found("session"));
    }
    sockets_prove_themselves(tx, agent_id, now).await
}

/// Changes one's own password. Every other session of the person ends, and a link for a new password opens no more:
/// whoever knew the old password is out, unless they have made an API token. Those stay, since programs stand on them, and
/// the page says so.
pub async fn change_password(app: &App, by: &Caller, body: ChangePassword) -> Result<(), CommandError> {
    let keep = by.in_person("change a password")?;
    app.limit(&format!("password:{}", by.agent_id), app.config.limits.sign_in_per_account).await?;
    let mut fields = Fields::new();
    fields.password("new", &body.new);
    fields.done()?;
    let account = agents::find(&app.store, by.agent_id).await?;
    let proved = account.and_then(|account| account.password_hash);
    let right = app.passwords.verify(Secret::new(body.current), proved.clone()).await?;
    let Some(proved) = proved.filter(|_| right) else { return Err(not_yours()) };
    let hash = app.passwords.hash(Secret::new(body.new)).await?;
    replace_password(app, by, keep, proved, hash).await
}

fn not_yours() -> CommandError {
    ApiError::field("current", "wrong", "This is not your password.").into()
}

/// Sets the password of somebody who has proved that they know the one behind `proved`, from the session `keep`. If it is
/// no longer theirs, or the session has ended, they have proved nothing; see [`begin_session`].
pub async fn replace_password(
    app: &App,
    by: &Caller,
    keep: SessionId,
    proved: String,
    hash: String,
) -> Result<(), CommandError> {
    let (agent_id, now) = (by.agent_id, app.clock.now());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let account = agents::load(tx, agent_id).await?;
            if account.is_none_or(|account| account.password_hash != Some(proved)) {
                return Err(not_yours());
            }
            agents::set_password(tx, agent_id, &hash).await?;
            entry_links::withdraw(tx, agent_id).await?;
            if !sessions::remove_all(tx, agent_id, Some(keep)).await?.is_empty() {
                sockets_prove_themselves(tx, agent_id, now).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// Tells every hub that this person's sockets must show anew who they are: those whose session or token has ended close.
pub(super) async fn sockets_prove_themselves(tx: &mut Tx, id: AgentId, now: UnixMs) -> Result<(), CommandError> {
    access::changed(tx, &[id], now).await?;
    Ok(())
}
