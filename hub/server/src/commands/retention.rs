//! After how long what is put away is deleted forever, and the deleting.

use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::Place;
use switchboard_protocol::views::Retention;
use switchboard_protocol::{UnixMs, limits};
use switchboard_store::{Store, deleting, settings};

use super::delete_forever::Old;
use crate::app::{App, Unasked};
use crate::caller::{Manage, May};
use crate::error::CommandError;

const ARCHIVED: &str = "retention_archived_days";
const TRASH: &str = "retention_trash_days";
/// Kept in place of a number of days.
const NEVER: &str = "never";

const DAY_MS: i64 = 24 * 3_600_000;
/// So many are noted to lie where they lie in one transaction.
const NOTED: usize = 1_000;
/// Most transactions of each kind in a round: the next goes on.
const STEPS: usize = 50;

pub async fn show(app: &App) -> Result<Retention, CommandError> {
    let store = &app.store;
    Ok(Retention { archived_days: days(store, ARCHIVED).await?, trash_days: days(store, TRASH).await? })
}

async fn days(store: &Store, name: &str) -> Result<Option<u32>, CommandError> {
    let kept = settings::find(store, name).await?;
    match kept.as_deref() {
        None => Ok(Some(limits::RETENTION_DEFAULT_DAYS)),
        Some(NEVER) => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|error| CommandError::fault("reading a number of days", error)),
    }
}

pub async fn set(app: &App, by: &May<Manage>, body: Retention) -> Result<Retention, CommandError> {
    for (field, days) in [("archived_days", body.archived_days), ("trash_days", body.trash_days)] {
        if days.is_some_and(|days| !(1..=limits::RETENTION_DAYS).contains(&days)) {
            let sentence = format!("From 1 to {} days, or none for never.", limits::RETENTION_DAYS);
            return Err(ApiError::field(field, "invalid", sentence).into());
        }
    }
    app.write_as(by, move |tx| {
        Box::pin(async move {
            for (name, days) in [(ARCHIVED, body.archived_days), (TRASH, body.trash_days)] {
                let kept = days.map_or_else(|| NEVER.to_owned(), |days| days.to_string());
                settings::set(tx, name, &kept).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(body)
}

/// Deletes what has lain long enough, by the hub's clock since it first saw it there.
pub async fn round(app: &App, now: UnixMs) -> Result<(), CommandError> {
    for _ in 0..STEPS {
        let noted = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(deleting::note_placed(tx, now, NOTED).await?) })
        });
        if !noted.await?.value {
            break;
        }
    }
    let Retention { archived_days, trash_days } = show(app).await?;
    for (place, days) in [(Place::Archived, archived_days), (Place::Trash, trash_days)] {
        let Some(days) = days else { continue };
        let mut old = Old::lying_in(place, now - i64::from(days) * DAY_MS);
        for _ in 0..STEPS {
            if !old.some(app).await? {
                break;
            }
        }
    }
    Ok(())
}
