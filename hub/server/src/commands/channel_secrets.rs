//! Which of a channel's secrets may be kept when its settings change. A secret is never shown, and so it must not be had by
//! having it sent: one that was typed for a server goes to that server and to no other.

use std::collections::BTreeMap;

use switchboard_connector::{Secret, Secrets};
use switchboard_domain::validate::Fields;
use switchboard_protocol::InboxId;
use switchboard_protocol::channels::{ChannelSettings, MailServer};
use switchboard_store::channels::Setup;

use crate::vault::Vault;

/// What is kept and what was typed now (an empty text takes a secret away), in one. What has to be typed again is said in
/// `fields`.
pub fn merged(
    vault: &Vault,
    inbox: InboxId,
    before: Option<&Setup>,
    settings: &ChannelSettings,
    typed: BTreeMap<String, String>,
    fields: &mut Fields,
) -> BTreeMap<String, Secret> {
    let mut secrets = BTreeMap::new();
    if let Some(before) = before {
        let opened = before.sealed.as_deref().map(|sealed| vault.open_sealed(inbox, sealed));
        let readable = !matches!(opened, Some(Err(_)));
        for name in before.secret_names.iter().filter(|name| !typed.contains_key(*name)) {
            if !readable {
                let sentence = "This hub has another key than the one it was kept with: type it again.";
                fields.wrong(&format!("secrets.{name}"), "required", sentence);
            } else if goes_to(&before.settings, name) != goes_to(settings, name) {
                let sentence = "It was typed for another server: type it again.";
                fields.wrong(&format!("secrets.{name}"), "required", sentence);
            }
        }
        if let Some(Ok(Secrets(kept))) = opened {
            secrets = kept;
        }
    }
    for (name, secret) in typed {
        if secret.is_empty() {
            secrets.remove(&name);
        } else {
            secrets.insert(name, Secret::new(secret));
        }
    }
    secrets
}

/// The server that a secret is sent to; none: to nobody, or the settings have no server of this kind now.
fn goes_to(settings: &ChannelSettings, secret: &str) -> Option<String> {
    let mail = |server: &Option<MailServer>| {
        server
            .as_ref()
            .map(|server| format!("{}:{} {}", server.host.trim().to_lowercase(), server.port, server.security.as_str()))
    };
    match settings {
        ChannelSettings::Email(of) => match secret {
            "imap_password" => mail(&of.imap),
            "smtp_password" => mail(&of.smtp),
            // Shown to us, by who pushes.
            _ => None,
        },
        ChannelSettings::Sms(of) => Some(of.base_url.trim().to_owned()),
        ChannelSettings::Telegram(of) => Some(of.base_url.trim().to_owned()),
        // Any of them may stand in any template.
        ChannelSettings::Gateway(of) => Some(origin(&of.send.url).to_owned()),
    }
}

/// The part of an address that names the server; all of it where a template may name it.
fn origin(url: &str) -> &str {
    let url = url.trim();
    let end = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
    let origin = &url[..end];
    if origin.contains('{') { url } else { origin }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn the_server_of_an_address() {
        assert_eq!(origin("https://gw.example/send?to={{ to }}"), "https://gw.example");
        assert_eq!(origin("https://gw.example?key={{ secret.key }}"), "https://gw.example?key={{ secret.key }}");
        assert_eq!(origin("https://{{ from }}.example/send"), "https://{{ from }}.example/send");
        assert_eq!(origin("https://user@evil.example/x"), "https://user@evil.example");
    }
}
