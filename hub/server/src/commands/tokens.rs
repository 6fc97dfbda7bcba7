//! API tokens: what a program shows in place of a cookie. It can do what its maker can, narrowed by its scopes.

use switchboard_domain::validate::Fields;
use switchboard_protocol::TokenId;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::Scope;
use switchboard_protocol::rest::CreateToken;
use switchboard_store::tokens::{self, Token};

use super::sign_in::sockets_prove_themselves;
use crate::app::App;
use crate::caller::Caller;
use crate::error::CommandError;
use crate::limits;
use crate::secret::{self, Secret};

/// Prefix of the tokens' secrets.
const PREFIX: &str = "sbt_";

/// Makes a token. The secret is known to the caller from here on, and to nobody else.
pub async fn create(app: &App, by: &Caller, body: CreateToken) -> Result<(Token, Secret), CommandError> {
    by.in_person("make tokens")?;
    let now = app.clock.now();
    let mut fields = Fields::new();
    let name = fields.name("name", &body.name);
    let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| body.scopes.contains(scope)).collect();
    if scopes.is_empty() {
        fields.wrong("scopes", "required", "A token needs at least one scope.");
    }
    if body.expires_at.is_some_and(|at| at <= now) {
        fields.wrong("expires_at", "past", "This time has passed.");
    }
    fields.done()?;
    let token = Token {
        id: TokenId(app.random.ulid(now)),
        agent_id: by.agent_id,
        name,
        scopes,
        created_at: now,
        last_used_at: None,
        expires_at: body.expires_at,
    };
    if tokens::list(&app.store, by.agent_id).await?.len() >= limits::TOKENS {
        let sentence = format!("A person may have at most {} tokens. Remove one first.", limits::TOKENS);
        return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
    }
    let secret = secret::new_token(&app.random, PREFIX);
    let (kept, hash) = (token.clone(), secret::hash(secret.expose()));
    app.write_as(by, move |tx| Box::pin(async move { Ok(tokens::insert(tx, &kept, &hash).await?) })).await?;
    Ok((token, secret))
}

/// Makes a token worthless. Sockets that stand on it close.
pub async fn remove(app: &App, by: &Caller, id: TokenId) -> Result<(), CommandError> {
    by.in_person("take tokens away")?;
    let (agent_id, now) = (by.agent_id, app.clock.now());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            if !tokens::remove(tx, agent_id, id).await? {
                return Err(CommandError::not_found("token"));
            }
            sockets_prove_themselves(tx, agent_id, now).await
        })
    })
    .await?;
    Ok(())
}
