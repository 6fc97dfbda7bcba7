//! Setting up the channel of an inbox: what is filled in is tried before it is kept, and secrets are kept sealed.

use std::time::Duration;

use switchboard_connector::Secrets;
use switchboard_domain::Visibility;
use switchboard_domain::validate::Fields;
use switchboard_protocol::channels::{
    ChannelCapabilities, ChannelHealth, ChannelSettings, ChannelSetup, ChannelState, ChannelTried, HeldMessages,
    SaveChannel,
};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Channel, Inbox};
use switchboard_protocol::{InboxId, limits};
use switchboard_store::channels::{self as rows, Save, Setup};
use switchboard_store::inboxes;
use tokio::time::timeout;

use super::{channel_bounds, channel_secrets};
use crate::app::{Shared, Unasked};
use crate::caller::{Manage, May};
use crate::channels::webhook_address;
use crate::error::CommandError;

/// A provider must have answered a try by then: before the request that asks for it is over ([`crate::limits::REQUEST`]).
const TRY: Duration = Duration::from_secs(15);
/// Longest secret, characters.
const SECRET_CHARS: usize = 4_000;
/// Most secrets of one channel.
const SECRETS: usize = 10;

/// How an inbox's channel is set up, and how it does.
pub async fn show(app: &Shared, id: InboxId) -> Result<ChannelSetup, CommandError> {
    let inbox = inbox(app, id).await?;
    let setup = rows::find(&app.store, id).await?;
    let health = rows::health(&app.store, id).await?;
    Ok(ChannelSetup {
        channel: inbox.channel,
        webhook: setup.as_ref().and_then(|setup| webhook_address(app, setup)),
        secrets: setup.as_ref().map(|setup| setup.secret_names.clone()).unwrap_or_default(),
        settings: setup.map(|setup| setup.settings),
        health: health.unwrap_or(ChannelHealth {
            state: ChannelState::Starting,
            trouble: None,
            since: None,
            last_received_at: None,
            last_sent_at: None,
            waiting: 0,
            failed: 0,
        }),
    })
}

/// Asks the provider whether these settings are good, and keeps nothing.
pub async fn try_out(app: &Shared, id: InboxId, body: SaveChannel) -> Result<ChannelTried, CommandError> {
    let (setup, _) = merged(app, id, body).await?;
    tried(app, &setup).await
}

/// Keeps the settings, if the provider finds them good or the admin says so; the channel starts anew with them.
pub async fn save(
    app: &Shared,
    by: &May<Manage>,
    id: InboxId,
    body: SaveChannel,
) -> Result<ChannelSetup, CommandError> {
    let (untested, now) = (body.untested, app.clock.now());
    let (setup, mut save) = merged(app, id, body).await?;
    let seen = setup.version;
    if !untested {
        let tried = tried(app, &setup).await?;
        if !tried.ok {
            return Err(ApiError::field("settings", "not_working", tried.sentence).into());
        }
    }
    save.carries = app.channels.try_out(app, &setup).ok().map(|connector| connector.capabilities());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            // What was merged is what was there: two who save at once would lose one's secrets.
            if rows::load(tx, id).await?.map_or(0, |setup| setup.version) != seen {
                let sentence = "Somebody else has changed this channel meanwhile. Look, and save again.";
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            rows::save(tx, &save, now).await?;
            super::inboxes::tell(tx, id, now).await
        })
    })
    .await?;
    app.channels.look_again();
    show(app, id).await
}

/// Notes what a channel's connector says that it carries: a newer hub's may carry more than was noted.
pub async fn note_carries(app: &Shared, setup: &Setup, carries: ChannelCapabilities) -> Result<(), CommandError> {
    let (id, version, now) = (setup.inbox_id, setup.version, app.clock.now());
    app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move {
            if rows::note_carries(tx, id, version, &carries).await? {
                super::inboxes::tell(tx, id, now).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// What of an inbox has not gone out.
pub async fn held(app: &Shared, id: InboxId) -> Result<HeldMessages, CommandError> {
    inbox(app, id).await?;
    Ok(rows::held(&app.store, id, limits::PAGE_ROWS).await?)
}

async fn inbox(app: &Shared, id: InboxId) -> Result<Inbox, CommandError> {
    let inbox = inboxes::find(&app.store, &Visibility::Team, id).await?;
    inbox.ok_or_else(|| CommandError::not_found("inbox"))
}

/// The settings with the secrets that are kept and those that come with them: to be tried, and to be kept.
async fn merged(app: &Shared, id: InboxId, body: SaveChannel) -> Result<(Setup, Save), CommandError> {
    let inbox = inbox(app, id).await?;
    let before = rows::find(&app.store, id).await?;
    let mut fields = Fields::new();
    if kind(&body.settings) != inbox.channel {
        let sentence = format!("This inbox takes settings of the kind {}.", inbox.channel.as_str());
        fields.wrong("settings.kind", "unknown", sentence);
    }
    channel_bounds::check(&mut fields, &body.settings);
    if body.secrets.len() > SECRETS || body.secrets.values().any(|secret| secret.chars().count() > SECRET_CHARS) {
        fields.wrong("secrets", "too_long", format!("A secret may have at most {SECRET_CHARS} characters."));
    }
    let secrets = channel_secrets::merged(&app.vault, id, before.as_ref(), &body.settings, body.secrets, &mut fields);
    fields.done()?;
    let secret_names: Vec<String> = secrets.keys().cloned().collect();
    let sealed = (!secrets.is_empty()).then(|| app.vault.seal(id, &Secrets(secrets), &app.random));
    let webhook_key = before.as_ref().map_or_else(
        // The same at the test before it is kept: there the provider's side is set up.
        || app.hook_key.of(id),
        |before| before.webhook_key.clone(),
    );
    let setup = Setup {
        inbox_id: id,
        channel: inbox.channel,
        case_prefix: inbox.case_prefix,
        inbox_name: inbox.name,
        settings: body.settings.clone(),
        sealed: sealed.clone(),
        secret_names: secret_names.clone(),
        webhook_key: webhook_key.clone(),
        version: before.map_or(0, |before| before.version),
    };
    Ok((setup, Save { inbox_id: id, settings: body.settings, sealed, secret_names, webhook_key, carries: None }))
}

async fn tried(app: &Shared, setup: &Setup) -> Result<ChannelTried, CommandError> {
    let bad = |sentence: String| Ok(ChannelTried { ok: false, sentence });
    let connector = match app.channels.try_out(app, setup) {
        Ok(connector) => connector,
        Err(trouble) => return bad(trouble.to_string()),
    };
    if let Some(other) = holder(app, setup).await? {
        let sentence =
            "has it already: each message would come into both, as two conversations. Remove it there first.";
        return bad(format!("The inbox \u{201c}{}\u{201d} {sentence}", other.inbox_name));
    }
    match timeout(TRY, connector.check()).await {
        Ok(Ok(sentence)) => Ok(ChannelTried { ok: true, sentence }),
        Ok(Err(trouble)) => bad(trouble.to_string()),
        Err(_) => bad(format!("The provider did not answer within {} seconds. Check address and port.", TRY.as_secs())),
    }
}

/// Another inbox to which the same messages come.
async fn holder(app: &Shared, setup: &Setup) -> Result<Option<Setup>, CommandError> {
    let Some(ours) = account(app, setup) else { return Ok(None) };
    let others = rows::list(&app.store).await?.into_iter().filter(|other| other.inbox_id != setup.inbox_id);
    Ok(others.into_iter().find(|other| account(app, other).as_deref() == Some(&*ours)))
}

/// Whose messages come in by this setup. A gateway's are known to nobody but the gateway.
fn account(app: &Shared, setup: &Setup) -> Option<String> {
    match &setup.settings {
        ChannelSettings::Email(email) => Some(format!("email {}", email.address.trim().to_lowercase())),
        ChannelSettings::Sms(sms) => Some(format!("sms {} {}", sms.account_sid, sms.from)),
        ChannelSettings::Telegram(_) => {
            let secrets = app.vault.open_sealed(setup.inbox_id, setup.sealed.as_deref()?).ok()?;
            // What stands before the colon is the bot's id, whatever token it has now.
            let bot = secrets.0.get("token")?.expose().split(':').next()?.to_owned();
            Some(format!("telegram {bot}"))
        }
        ChannelSettings::Gateway(_) => None,
    }
}

fn kind(settings: &ChannelSettings) -> Channel {
    match settings {
        ChannelSettings::Email(_) => Channel::Email,
        ChannelSettings::Sms(_) => Channel::Sms,
        ChannelSettings::Telegram(_) => Channel::Telegram,
        ChannelSettings::Gateway(_) => Channel::Gateway,
    }
}
