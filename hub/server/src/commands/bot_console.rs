//! A bot's console: whoever sets a bot up talks to it before any customer does.

use switchboard_domain::bots::console;
use switchboard_protocol::bots::{BotConsole, BotConsoleNow};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::{BotId, IdentityId};
use switchboard_store::bots::console as rows;
use switchboard_store::bots::{self, log, updates};

use super::bots::{changed, load};
use super::inboxes::fresh_web;
use crate::app::App;
use crate::caller::{Manage, May, Visitor};
use crate::error::CommandError;

/// Begins a new talk. What was said in those before it stays for a while, for others may be at it.
pub async fn open(app: &App, by: &May<Manage>, id: BotId) -> Result<BotConsole, CommandError> {
    let now = app.clock.now();
    let fresh = fresh_web(&app.random);
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let bot = load(tx, id).await?;
            if bot.off {
                return Err(ApiError::new(ErrorCode::Conflict, "The bot is switched off: it is asked nothing.").into());
            }
            let asked_before = bots::any_asked(tx).await?;
            let (inbox, new) = rows::open(tx, &bot, fresh, now).await?;
            if new {
                if !asked_before {
                    updates::begin(tx).await?;
                }
                tx.emit(changed(&bot, now));
            }
            rows::forget(tx, id, rows::KEPT - 1).await?;
            Ok(inbox)
        })
    });
    let inbox = written.await?.value;
    app.bots.look_again();
    let visitor = Visitor { identity_id: IdentityId(app.random.ulid(now)), inbox_id: console::of(id) };
    Ok(BotConsole {
        widget_key: inbox.web.map(|web| web.widget_key).unwrap_or_default(),
        token: app.visitor_key.sign(visitor, now).expose().to_owned(),
        identity_id: visitor.identity_id,
    })
}

/// How the bot does in what this identity has begun.
pub async fn show(app: &App, id: BotId, identity: IdentityId) -> Result<BotConsoleNow, CommandError> {
    let bot = bots::find(&app.store, id).await?.ok_or_else(|| CommandError::not_found("bot"))?;
    let Some((conversation, stands)) = rows::find(&app.store, id, identity, app.clock.now()).await? else {
        return Ok(BotConsoleNow { bot, stands: None, lines: Vec::new() });
    };
    Ok(BotConsoleNow { bot, stands, lines: log::list(&app.store, id, Some(conversation)).await? })
}
