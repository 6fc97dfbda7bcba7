//! The demo's mailbox, number and bot: filled in with what belongs to nobody, and connected to nothing
//! ([`ChannelState::Unconnected`]). Whoever saves settings of their own for one of them has a channel like any other.

use switchboard_connector::{Addresses, Secret, Secrets};
use switchboard_protocol::channels::{
    ChannelCapabilities, ChannelSettings, ChannelState, EmailSettings, MailAuth, MailServer, Security, SmsSettings,
    TelegramMode, TelegramSettings,
};
use switchboard_protocol::model::{Channel, Inbox};
use switchboard_protocol::rest::Access;
use switchboard_protocol::{InboxId, UnixMs};
use switchboard_store::channels::{Save, Setup};
use switchboard_store::{Tx, access, channels, inboxes};

use super::{inbox_id, team_id};
use crate::channels::by_kind;
use crate::error::CommandError;

/// Places of the inboxes among the demo's.
pub const MAIL: usize = 3;
pub const SMS: usize = 4;
pub const TELEGRAM: usize = 5;

/// The shop's mail address.
pub const ADDRESS: &str = "help@demo.example";
/// Of a block that is given to nobody (Ofcom's for drama).
const NUMBER: &str = "+447700900100";

/// Makes those that are not there, and fills them in; one that somebody has set up stays as it is.
pub async fn set_up(tx: &mut Tx, now: UnixMs) -> Result<(), CommandError> {
    for (n, name, prefix) in
        [(MAIL, "Fjord & Field mail", "FM-"), (SMS, "Text messages", "TX-"), (TELEGRAM, "Telegram", "TG-")]
    {
        let (id, settings) = (inbox_id(n), settings(n));
        let before = channels::load(tx, id).await?;
        if before.as_ref().is_some_and(|before| before.version > 1) {
            continue;
        }
        let (name, case_prefix) = (name.to_owned(), prefix.to_owned());
        let setup = setup(id, name, case_prefix, settings);
        if before.is_none() {
            make(tx, &setup, now).await?;
        }
        let carries = carries(&setup);
        let Setup { settings, webhook_key, secret_names, .. } = setup;
        let save = Save { inbox_id: id, settings, sealed: None, secret_names, webhook_key, carries };
        channels::save(tx, &save, now).await?;
        let version = channels::load(tx, id).await?.map_or(1, |setup| setup.version);
        channels::note_state(tx, id, version, ChannelState::Unconnected, None, now).await?;
    }
    Ok(())
}

async fn make(tx: &mut Tx, setup: &Setup, now: UnixMs) -> Result<(), CommandError> {
    let (name, case_prefix) = (setup.inbox_name.clone(), setup.case_prefix.clone());
    let (id, channel) = (setup.inbox_id, setup.channel);
    inboxes::insert(tx, &Inbox { id, name, channel, case_prefix, web: None, carries: None, address: None }, now)
        .await?;
    let both = Access { agents: Vec::new(), teams: vec![team_id(0), team_id(1)] };
    access::set(tx, id, &both).await?;
    Ok(())
}

/// As what comes in is taken.
pub fn setup(inbox_id: InboxId, inbox_name: String, case_prefix: String, settings: ChannelSettings) -> Setup {
    let channel = match settings {
        ChannelSettings::Email(_) => Channel::Email,
        ChannelSettings::Sms(_) => Channel::Sms,
        ChannelSettings::Telegram(_) => Channel::Telegram,
        ChannelSettings::Gateway(_) => Channel::Gateway,
    };
    let webhook_key = format!("demo-{}", channel.as_str());
    let (sealed, secret_names, version) = (None, Vec::new(), 1);
    Setup { inbox_id, channel, case_prefix, inbox_name, settings, sealed, secret_names, webhook_key, version }
}

fn settings(n: usize) -> ChannelSettings {
    let server = |host: &str, port, security| {
        let (host, username, auth) = (host.to_owned(), ADDRESS.to_owned(), MailAuth::Password);
        Some(MailServer { host, port, security, username, auth })
    };
    match n {
        SMS => ChannelSettings::Sms(SmsSettings {
            account_sid: "AC00000000000000000000000000000000".to_owned(),
            from: NUMBER.to_owned(),
            base_url: String::new(),
        }),
        TELEGRAM => {
            ChannelSettings::Telegram(TelegramSettings { mode: TelegramMode::Polling, base_url: String::new() })
        }
        _ => ChannelSettings::Email(EmailSettings {
            address: ADDRESS.to_owned(),
            imap: server("imap.demo.example", 993, Security::Tls),
            folders: Vec::new(),
            smtp: server("smtp.demo.example", 465, Security::Tls),
            plus_addresses: true,
            acknowledgement: None,
            import_since: String::new(),
        }),
    }
}

/// What such a channel carries, so that the answering field is what it would be.
fn carries(setup: &Setup) -> Option<ChannelCapabilities> {
    // A bot is none without a token; this one is nobody's, and is not kept.
    let secrets = Secrets([("token".to_owned(), Secret::new("1:demo"))].into());
    // A number carries pictures where a provider could fetch them.
    let address = Some("https://demo.example/hooks/demo".to_owned());
    let connector = by_kind(Addresses::Public).ok()?(setup, secrets, address).ok()?;
    Some(connector.capabilities())
}
