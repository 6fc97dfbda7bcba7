//! Whom the hub may write to by itself, by the address alone (RFC 3834, section 2): somebody who reads it, and no program that
//! answers. What a mail says of itself is its connector's to read; how often is the store's.

use crate::threading::is_ours;

/// Names, before the `@`, behind which no person reads. As everybody calls them.
const NOBODY: [&str; 12] = [
    "autoreply",
    "autoresponder",
    "bounce",
    "bounces",
    "daemon",
    "donotreply",
    "listserv",
    "mailerdaemon",
    "majordomo",
    "nobody",
    "noreply",
    "postmaster",
];
/// What such names begin with: "noreply-orders".
const NOBODY_BEGINS: [&str; 3] = ["noreply", "donotreply", "mailerdaemon"];

/// Whether somebody is there who reads it. `mailboxes` are the hub's own addresses.
pub fn reads_mail(address: &str, mailboxes: &[String]) -> bool {
    let address = address.to_lowercase();
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    if local.is_empty() || domain.is_empty() || mailboxes.iter().any(|ours| is_ours(&address, ours)) {
        return false;
    }
    // What stands after a plus is the reader's own note, or a bounce's.
    let name = local.split('+').next().unwrap_or_default();
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_list = local.starts_with("owner-") || local.ends_with("-request") || local.ends_with("-owner");
    !is_list && !NOBODY.contains(&plain.as_str()) && !NOBODY_BEGINS.iter().any(|begin| plain.starts_with(begin))
}

/// Whoever reads what is sent there, as an address that all their spellings have: what stands after a plus is their own note.
pub fn reader(address: &str) -> String {
    let address = address.to_lowercase();
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let name = local.split('+').next().filter(|name| !name.is_empty()).unwrap_or(local);
            format!("{name}@{domain}")
        }
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::{reader, reads_mail};

    #[test]
    fn notes_behind_a_plus_are_the_same_reader() {
        for address in ["maria@example.nl", "Maria+1@Example.nl", "maria+a+b@example.nl"] {
            assert_eq!(reader(address), "maria@example.nl");
        }
        assert_eq!((reader("+31@example.nl"), reader("x")), ("+31@example.nl".to_owned(), "x".to_owned()));
    }

    #[test]
    fn who_reads_mail() {
        let mailboxes = ["Help@shop.example".to_owned()];
        for address in
            ["maria@example.nl", "Maria+shop@example.nl", "norbert.eply@example.nl", "help@other.example", "bo@x"]
        {
            assert!(reads_mail(address, &mailboxes), "{address}");
        }
        for address in [
            "",
            "unknown",
            "@example.nl",
            "noreply@example.nl",
            "No-Reply@example.nl",
            "no_reply+17@example.nl",
            "do.not.reply@example.nl",
            "noreply-orders@example.nl",
            "MAILER-DAEMON@example.nl",
            "postmaster@example.nl",
            "bounces+4711=maria@example.nl",
            "owner-list@example.nl",
            "list-request@example.nl",
            "help@shop.example",
            "help+t0ken@SHOP.example",
        ] {
            assert!(!reads_mail(address, &mailboxes), "{address}");
        }
    }
}
