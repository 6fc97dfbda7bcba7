//! The secret by which a web inbox's site signs who is signed in there: made, renewed, taken away, and what it has signed checked.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_connector::Secrets;
use switchboard_domain::Visibility;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::Channel;
use switchboard_protocol::rest::{InboxIdentity, NewIdentitySecret, RenewIdentitySecret, SignedUser};
use switchboard_protocol::{InboxId, UnixMs, limits};
use switchboard_store::identity_secrets::{self as rows, Kept};
use switchboard_store::{Tx, inboxes, settings};

use crate::app::{App, Shared};
use crate::caller::{Manage, May, Visitor};
use crate::error::CommandError;
use crate::secret::{Secret, from_hex, new_token};
use crate::visitor_token::VisitorKey;

/// How a leaked one is recognised.
const PREFIX: &str = "sbid_";
/// Under which name the vault's text has the one that is used; the others are named by when they end, unix milliseconds.
const USED: &str = "used";
/// How long the one before counts, hours: unless it is said, and at most.
const OLD_HOURS: u32 = 24;
const OLD_HOURS_MOST: u32 = 168;
const HOUR_MS: UnixMs = 3_600_000;
/// Older ones that count, the newest.
const OLD_KEPT: usize = 5;

/// Whose secrets the vault has sealed here.
fn whose(inbox_id: InboxId) -> String {
    format!("identity of {inbox_id}")
}

pub async fn show(app: &App, inbox_id: InboxId) -> Result<InboxIdentity, CommandError> {
    is_web(inboxes::find(&app.store, &Visibility::Team, inbox_id).await?.map(|inbox| inbox.channel))?;
    Ok(said(rows::find(&app.store, inbox_id).await?.as_ref(), app.clock.now()))
}

fn said(kept: Option<&Kept>, now: UnixMs) -> InboxIdentity {
    let old_until = kept.and_then(|kept| kept.old_until).filter(|until| *until > now);
    InboxIdentity { made_at: kept.map(|kept| kept.made_at), old_until }
}

/// Makes one, or one in the place of that which is there.
pub async fn renew(
    app: &Shared,
    by: &May<Manage>,
    inbox_id: InboxId,
    body: RenewIdentitySecret,
) -> Result<NewIdentitySecret, CommandError> {
    let hours = body.old_hours.unwrap_or(OLD_HOURS);
    if hours > OLD_HOURS_MOST {
        let sentence = format!("The one before can count for at most {OLD_HOURS_MOST} hours.");
        return Err(ApiError::field("old_hours", "too_long", sentence).into());
    }
    let (now, secret) = (app.clock.now(), new_token(&app.random, PREFIX));
    let until = (hours > 0).then(|| now + UnixMs::from(hours) * HOUR_MS);
    let hub = app.clone();
    let made = secret.clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            of_web(tx, inbox_id).await?;
            let before = rows::load(tx, inbox_id).await?;
            let mut secrets = older(&hub, inbox_id, before.as_ref(), now, until);
            let old_until = secrets.keys().filter_map(|name| name.parse().ok()).max();
            secrets.insert(USED.to_owned(), switchboard_connector::Secret::new(made.expose()));
            let sealed = hub.vault.seal(whose(inbox_id), &Secrets(secrets), &hub.random);
            let kept = Kept { sealed, made_at: now, old_until };
            rows::save(tx, inbox_id, &kept).await?;
            if until.is_none() {
                end_tokens(tx, inbox_id, now).await?;
            }
            Ok(said(Some(&kept), now))
        })
    });
    Ok(NewIdentitySecret { identity: written.await?.value, secret: secret.expose().to_owned() })
}

/// Those that still count when a new one is made: the one that was used until `until`, and older ones for as long as was said.
fn older(
    app: &App,
    inbox_id: InboxId,
    before: Option<&Kept>,
    now: UnixMs,
    until: Option<UnixMs>,
) -> BTreeMap<String, switchboard_connector::Secret> {
    // Another key has sealed them: nobody can check by them any more.
    let opened = before.and_then(|kept| app.vault.open_sealed(whose(inbox_id), &kept.sealed).ok());
    let Some((Secrets(mut old), mut until)) = opened.zip(until) else { return BTreeMap::new() };
    let used = old.remove(USED);
    old.retain(|name, _| name.parse::<UnixMs>().is_ok_and(|end| end > now));
    // Made twice in a moment, both have their own name.
    while old.contains_key(&until.to_string()) {
        until += 1;
    }
    old.extend(used.map(|used| (until.to_string(), used)));
    let surplus = old.len().saturating_sub(OLD_KEPT);
    old.into_iter().skip(surplus).collect()
}

/// Nobody is known by a signature any more.
pub async fn remove(app: &App, by: &May<Manage>, inbox_id: InboxId) -> Result<(), CommandError> {
    let now = app.clock.now();
    app.write_as(by, move |tx| {
        Box::pin(async move {
            of_web(tx, inbox_id).await?;
            rows::remove(tx, inbox_id).await?;
            end_tokens(tx, inbox_id, now).await
        })
    })
    .await?;
    Ok(())
}

/// Whoever has had a secret that leaked has been anybody by it: what was given out for its signatures ends with it.
async fn end_tokens(tx: &mut Tx, inbox_id: InboxId, now: UnixMs) -> Result<(), CommandError> {
    Ok(settings::set(tx, &signed_in_since(inbox_id), &now.to_string()).await?)
}

/// Where stands since when tokens count of those who are signed in.
fn signed_in_since(inbox_id: InboxId) -> String {
    format!("signed_in_since {inbox_id}")
}

/// Whether a token that was given out then still counts: also its visitor's signature must not have been taken back.
pub async fn counts(app: &App, visitor: Visitor, given_at: UnixMs) -> Result<bool, CommandError> {
    if !VisitorKey::is_signed_in(visitor.identity_id) {
        return Ok(true);
    }
    let since = settings::find(&app.store, &signed_in_since(visitor.inbox_id)).await?;
    Ok(since.and_then(|since| since.parse::<UnixMs>().ok()).is_none_or(|since| given_at >= since))
}

async fn of_web(tx: &mut Tx, inbox_id: InboxId) -> Result<(), CommandError> {
    is_web(inboxes::load(tx, &Visibility::Team, inbox_id).await?.map(|inbox| inbox.channel))
}

fn is_web(channel: Option<Channel>) -> Result<(), CommandError> {
    match channel {
        Some(Channel::Web) => Ok(()),
        Some(_) | None => Err(CommandError::not_found("inbox")),
    }
}

/// The visitor who is signed in, if the site's server has said so. Whoever is refused is nobody else instead.
pub async fn prove(app: &App, inbox_id: InboxId, user: &SignedUser) -> Result<Visitor, CommandError> {
    let chars = user.id.chars().count();
    if chars == 0 || chars > limits::USER_ID_CHARS || user.id.chars().any(char::is_control) {
        let sentence = format!("Between 1 and {} characters.", limits::USER_ID_CHARS);
        return Err(ApiError::field("user.id", "invalid", sentence).into());
    }
    let now = app.clock.now();
    let refused = |code: &str, sentence: &str| ApiError::field("user.hash", code, sentence);
    let kept = rows::find(&app.store, inbox_id).await?;
    let kept =
        kept.ok_or_else(|| refused("no_secret", "This inbox has no identity secret: make one in its settings."))?;
    let opened = app.vault.open_sealed(whose(inbox_id), &kept.sealed);
    let Secrets(secrets) = opened.map_err(|error| {
        tracing::warn!(%error, inbox = %inbox_id, "nobody can be known by a signature here: make the identity secret anew");
        refused("no_secret", "The identity secret cannot be read: make it anew.")
    })?;
    let counts = |name: &str| name == USED || name.parse::<UnixMs>().is_ok_and(|end| end > now);
    let hash = from_hex(&user.hash.to_ascii_lowercase()).unwrap_or_default();
    let signed = secrets.iter().filter(|(name, _)| counts(name)).any(|(_, secret)| {
        let key = Secret::new(secret.expose());
        let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).expect("HMAC takes keys of any length");
        // In constant time.
        mac.chain_update(user.id.as_bytes()).verify_slice(&hash).is_ok()
    });
    if !signed {
        return Err(refused("wrong", "This is not the HMAC-SHA-256 of this id under the identity secret.").into());
    }
    Ok(app.visitor_key.signed_in(inbox_id, &user.id))
}
