//! `switchboard reset-password`: for whom nobody can make a link, because they are the only owner and have forgotten their
//! password. Whoever can read the data folder or the database may do it; the hub may run meanwhile.

use switchboard_protocol::rest::LinkPurpose;
use switchboard_store::agents;

use crate::clock::Clock;
use crate::commands::entry_links::NewLink;
use crate::commands::password_links;
use crate::config::Config;
use crate::error::CommandError;
use crate::ids::Random;
use crate::ops::database::{self, NoDatabase};

/// Why there is no link. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum NoLink {
    #[error(transparent)]
    Database(#[from] NoDatabase),
    #[error("nobody of the team has the mail address {0}")]
    Nobody(String),
    #[error("{0}")]
    Refused(String),
}

/// The address of a link that opens once, within [`crate::limits::PASSWORD_LINK_MS`].
pub async fn link(config: &Config, email: &str) -> Result<String, NoLink> {
    let store = database::open(config).await?;
    let (random, clock) = (Random::system(), Clock::system());
    let (link, email) = (NewLink::new(&random, LinkPurpose::NewPassword, clock.now()), email.trim().to_lowercase());
    let kept = store.write(move |tx| {
        Box::pin(async move {
            let Some(account) = agents::load_by_email(tx, &email).await? else { return Ok(Err(email)) };
            password_links::may_come_in(&account)?;
            link.keep(tx, account.agent.id).await?;
            Ok::<_, CommandError>(Ok(link))
        })
    });
    let kept = kept.await;
    store.close().await;
    match kept.map_err(CommandError::from) {
        Ok(written) => written.value.map(|link| link.address(&base(config))).map_err(NoLink::Nobody),
        Err(error) => Err(NoLink::Refused(error.for_caller().message)),
    }
}

/// Where the dashboard is, as far as can be known here.
fn base(config: &Config) -> String {
    config.public_origin().unwrap_or_else(|| format!("http://{}", config.listen))
}
