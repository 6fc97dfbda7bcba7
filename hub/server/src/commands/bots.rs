//! Admins set bots up: who they are, where they are asked, their tokens, what an inbox's bots do when people answer.

use std::collections::BTreeSet;

use switchboard_domain::Visibility;
use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::bots::{
    Bot, BotBrief, BotInbox, BotOrder, BotPlace, BotRules, BotWithToken, ChangeBot, CreateBot,
};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::limits::{BOT_PATIENCE_SECONDS, BOTS, BOTS_OF_INBOX};
use switchboard_protocol::{BotId, InboxId, UnixMs};
use switchboard_store::bots::{self as rows, updates};
use switchboard_store::{ChangeError, Tx, inboxes};

use super::{for_team, idempotent};
use crate::app::App;
use crate::caller::{Manage, May};
use crate::error::CommandError;
use crate::secret;

/// Numbers of bots lie below this: they are in their tokens, and 52 bits is what the Bot API promises.
const NUMBERS: u64 = 1 << 40;
/// The least of them, so that all look alike.
const NUMBERS_FROM: u64 = 1_000_000_000;
/// Longest username, characters (Bot API: 5 to 32).
const USERNAME_CHARS: usize = 32;
/// Longest time for which an answer keeps bots out, minutes: a week.
const QUIET_MINUTES: u32 = 7 * 24 * 60;

/// Makes a bot. Its token is known to the caller from here on, and to nobody else.
pub async fn create(app: &App, by: &May<Manage>, body: CreateBot) -> Result<BotWithToken, CommandError> {
    by.in_person("make bots")?;
    let now = app.clock.now();
    let mut fields = Fields::new();
    let name = fields.name("name", &body.name);
    let username = username(&mut fields, &body.username);
    let inboxes = places(&mut fields, body.inboxes);
    fields.done()?;
    let number = (NUMBERS_FROM + app.random.below(NUMBERS - NUMBERS_FROM)) as i64;
    let (token, hint) = token(app, number);
    let bot = Bot {
        id: BotId(app.random.ulid(now)),
        number,
        name,
        username,
        off: false,
        token_hint: Some(hint),
        inboxes,
        webhook: None,
        waiting: 0,
        trouble: None,
        created_at: now,
        last_seen_at: None,
    };
    let hash = secret::hash(&token);
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if rows::count(tx).await? >= BOTS as i64 {
                let sentence = format!("There may be at most {BOTS} bots. Remove one first.");
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            ready(tx, &bot, &BTreeSet::new()).await?;
            rows::insert(tx, &bot, &hash).await.map_err(username_taken)?;
            tx.emit(changed(&bot, now));
            Ok(bot)
        })
    });
    let bot = written.await?.value;
    app.bots.look_again();
    Ok(BotWithToken { bot, token })
}

/// Changes name and inboxes, switches it off or on.
pub async fn change(app: &App, by: &May<Manage>, id: BotId, body: ChangeBot) -> Result<Bot, CommandError> {
    let now = app.clock.now();
    let mut fields = Fields::new();
    let name = body.name.as_deref().map(|name| fields.name("name", name));
    let inboxes = body.inboxes.map(|inboxes| places(&mut fields, inboxes));
    let changed_places = body.places.unwrap_or_default();
    if inboxes.is_some() && !changed_places.is_empty() {
        fields.wrong("places", "invalid", "Either all inboxes or some of them.");
    }
    fields.done()?;
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = load(tx, id).await?;
            let inboxes = match inboxes {
                Some(all) => all,
                None => placed(tx, &before, &changed_places).await?,
            };
            let after = Bot {
                name: name.unwrap_or_else(|| before.name.clone()),
                off: body.off.unwrap_or(before.off),
                inboxes,
                ..before.clone()
            };
            if after != before {
                let was = before.inboxes.iter().map(|place| place.inbox_id).collect();
                ready(tx, &after, &was).await?;
                rows::update(tx, &after).await?;
                tx.emit(changed(&after, now));
            }
            // What it is not to hear any more does not wait for it either.
            let left =
                before.inboxes.iter().any(|place| !after.inboxes.iter().any(|now| now.inbox_id == place.inbox_id));
            let out = left || after.off && !before.off;
            if out {
                updates::leave(tx, id).await?;
            }
            Ok((after, out))
        })
    });
    let (bot, out) = written.await?.value;
    app.bots.look_again();
    if out {
        app.bots.end_fetching(app, id);
    }
    Ok(bot)
}

/// Its inboxes with these changes. One that it comes into has it asked after all others.
async fn placed(tx: &mut Tx, bot: &Bot, changes: &[BotPlace]) -> Result<Vec<BotInbox>, CommandError> {
    let mut inboxes = bot.inboxes.clone();
    for &BotPlace { inbox_id, answers } in changes {
        let rank = match inboxes.iter().position(|place| place.inbox_id == inbox_id) {
            Some(at) => inboxes.remove(at).rank,
            None => rows::ranks(tx, inbox_id).await?.last().map_or(0, |(_, rank)| rank + 1),
        };
        inboxes.extend(answers.map(|answers| BotInbox { inbox_id, rank, answers }));
    }
    Ok(inboxes)
}

/// In which order the bots of an inbox are asked. One that has come or gone meanwhile is no reason to refuse it.
pub async fn set_order(app: &App, by: &May<Manage>, id: InboxId, wanted: BotOrder) -> Result<BotOrder, CommandError> {
    let now = app.clock.now();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if inboxes::load(tx, &Visibility::Team, id).await?.is_none() {
                return Err(CommandError::not_found("inbox"));
            }
            let mut order = rows::ranks(tx, id).await?;
            // Stable: those that are not named stay among themselves as they are.
            order.sort_by_key(|(bot, _)| wanted.bots.iter().position(|one| one == bot).unwrap_or(usize::MAX));
            for (rank, (bot, before)) in (0..).zip(&order) {
                if rank != *before {
                    rows::set_rank(tx, *bot, id, rank).await?;
                    let bot = load(tx, *bot).await?;
                    tx.emit(changed(&bot, now));
                }
            }
            Ok(BotOrder { bots: order.into_iter().map(|(bot, _)| bot).collect() })
        })
    });
    let order = written.await?.value;
    app.bots.look_again();
    Ok(order)
}

/// Takes a bot away: its token is worthless, what it wrote keeps its name.
pub async fn remove(app: &App, by: &May<Manage>, id: BotId) -> Result<(), CommandError> {
    let now = app.clock.now();
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let bot = load(tx, id).await?;
            rows::remove(tx, id, now).await?;
            tx.emit(changed(&Bot { off: true, ..bot }, now));
            Ok(())
        })
    })
    .await?;
    app.bots.end_fetching(app, id);
    Ok(())
}

/// Gives the bot another token. The one before is worthless at once, with the webhook that it has set.
pub async fn rotate(app: &App, by: &May<Manage>, id: BotId) -> Result<BotWithToken, CommandError> {
    by.in_person("make tokens for bots")?;
    let fresh = secret::new_token(&app.random, "");
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let bot = load(tx, id).await?;
            let (token, hint) = spelled(bot.number, fresh.expose());
            rows::set_token(tx, id, Some((&secret::hash(&token), &hint))).await?;
            rows::forget_webhook(tx, id).await?;
            Ok(BotWithToken { bot: Bot { token_hint: Some(hint), webhook: None, ..bot }, token })
        })
    });
    let made = written.await?.value;
    app.bots.end_fetching(app, id);
    Ok(made)
}

/// Makes the bot's token worthless.
pub async fn revoke(app: &App, by: &May<Manage>, id: BotId) -> Result<(), CommandError> {
    app.write_as(by, move |tx| {
        Box::pin(async move {
            load(tx, id).await?;
            rows::set_token(tx, id, None).await?;
            Ok(rows::forget_webhook(tx, id).await?)
        })
    })
    .await?;
    app.bots.end_fetching(app, id);
    Ok(())
}

/// What the bots of an inbox do when people answer.
pub async fn set_rules(app: &App, by: &May<Manage>, id: InboxId, rules: BotRules) -> Result<BotRules, CommandError> {
    let mut fields = Fields::new();
    if rules.quiet_minutes.is_some_and(|minutes| minutes > QUIET_MINUTES) {
        fields.wrong("quiet_minutes", "too_long", "At most a week; or until the case closes.");
    }
    if !(1..=BOT_PATIENCE_SECONDS).contains(&rules.patience_seconds) {
        fields.wrong("patience_seconds", "invalid", format!("From 1 to {BOT_PATIENCE_SECONDS} seconds."));
    }
    fields.done()?;
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let inbox = inboxes::load(tx, &Visibility::Team, id).await?;
            inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
            rows::set_rules(tx, id, &rules).await.map_err(|error| match error {
                ChangeError::Missing { .. } => CommandError::not_found("inbox"),
                other => other.into(),
            })?;
            Ok(rules)
        })
    });
    Ok(written.await?.value)
}

/// As in the Bot API: `number:secret`, the secret of 35 characters there; and what is shown of it later.
fn token(app: &App, number: i64) -> (String, String) {
    spelled(number, secret::new_token(&app.random, "").expose())
}

fn spelled(number: i64, secret: &str) -> (String, String) {
    let hint = secret.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    (format!("{number}:{secret}"), hint)
}

fn username(fields: &mut Fields, text: &str) -> String {
    let text = text.trim().trim_start_matches('@');
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let ends = text.to_ascii_lowercase().ends_with("bot");
    if !letters || !begins || !ends || text.len() < 5 || text.len() > USERNAME_CHARS {
        let sentence = format!(
            "From 5 to {USERNAME_CHARS} letters, digits and underscores, begun by a letter and ending in “bot”."
        );
        fields.wrong("username", "invalid", sentence);
    }
    text.to_owned()
}

fn places(fields: &mut Fields, inboxes: Vec<BotInbox>) -> Vec<BotInbox> {
    let mut seen = BTreeSet::new();
    for (at, place) in inboxes.iter().enumerate() {
        if !seen.insert(place.inbox_id) {
            fields.wrong(&format!("inboxes.{at}"), "taken", "An inbox stands here once.");
        }
    }
    inboxes
}

pub(super) async fn load(tx: &mut Tx, id: BotId) -> Result<Bot, CommandError> {
    rows::load(tx, id).await?.ok_or_else(|| CommandError::not_found("bot"))
}

/// Whether the bot may be where it is to be; `was`: the inboxes that it is in. The first bot of all begins to hear now.
async fn ready(tx: &mut Tx, bot: &Bot, was: &BTreeSet<InboxId>) -> Result<(), CommandError> {
    for (at, place) in bot.inboxes.iter().enumerate().filter(|(_, place)| !was.contains(&place.inbox_id)) {
        let field = format!("inboxes.{at}");
        if inboxes::load(tx, &Visibility::Team, place.inbox_id).await?.is_none() {
            return Err(ApiError::field(field, "unknown", "There is no such inbox.").into());
        }
        if rows::count_in(tx, place.inbox_id).await? >= BOTS_OF_INBOX as i64 {
            let sentence = format!("An inbox may have at most {BOTS_OF_INBOX} bots.");
            return Err(ApiError::field(field, "too_many", sentence).into());
        }
    }
    // Also of one that is in no inbox: it may have a console.
    if !bot.off && !rows::any_asked(tx).await? {
        updates::begin(tx).await?;
    }
    Ok(())
}

fn username_taken(error: ChangeError) -> CommandError {
    match error {
        ChangeError::Taken { .. } => idempotent::taken("username", "Another bot has this username."),
        other => other.into(),
    }
}

pub(super) fn changed(bot: &Bot, at: UnixMs) -> switchboard_store::Emit {
    let brief = BotBrief { id: bot.id, name: bot.name.clone(), off: bot.off };
    for_team(at, AgentEvent::BotChanged { bot: brief })
}
