//! From what an admin has filled in to the connector that runs it: the one place that knows all channels.

use std::sync::Arc;

use switchboard_connector::{Addresses, Connector, Secrets, Trouble};
use switchboard_connector_http::{Failed, Http};
use switchboard_email::Mailbox;
use switchboard_gateway::Gateway;
use switchboard_protocol::channels::ChannelSettings;
use switchboard_sms::Line;
use switchboard_store::channels::Setup;
use switchboard_telegram::Bot;

use super::discreet::discreet;
use crate::vault::Vault;

/// Makes the connector of a setup, with its secrets and the address at which its provider calls us.
pub type Connect = Arc<dyn Fn(&Setup, Secrets, Option<String>) -> Result<Arc<dyn Connector>, Trouble> + Send + Sync>;

/// The connector of a setup, whose secrets the vault opens.
pub fn open(
    connect: &Connect,
    vault: &Vault,
    setup: &Setup,
    address: Option<String>,
) -> Result<Arc<dyn Connector>, Trouble> {
    let secrets = match &setup.sealed {
        None => Secrets::default(),
        Some(sealed) => vault
            .open_sealed(setup.inbox_id, sealed)
            .map_err(|error| Trouble::Settings(format!("The passwords of this channel cannot be read: {error}.")))?,
    };
    connect(setup, secrets, address)
}

/// By what the channel is. Nothing that it says holds a secret.
pub fn by_kind(addresses: Addresses) -> Result<Connect, Failed> {
    let http = Http::new(addresses)?;
    Ok(Arc::new(move |setup, secrets, address| {
        let connector: Arc<dyn Connector> = match setup.settings.clone() {
            ChannelSettings::Sms(settings) => Arc::new(Line::new(settings, &secrets, address, http.clone())),
            ChannelSettings::Telegram(settings) => Arc::new(Bot::new(settings, &secrets, http.clone())?),
            ChannelSettings::Gateway(settings) => {
                Arc::new(Gateway::new(settings, secrets.clone(), address, http.clone()))
            }
            ChannelSettings::Email(settings) => Arc::new(Mailbox::new(settings, &secrets, addresses)?),
        };
        Ok(discreet(connector, &secrets))
    }))
}
