//! What seals the secrets of channels: passwords and tokens lie in the database as nobody can read them who has only the
//! database.
//!
//! The key stands outside it: in the configuration, or, where the hub is alone on SQLite, in a file of the data folder that
//! it makes by itself. Hubs that share a database must be given the same key; a hub with another one says so and seals
//! nothing. XChaCha20-Poly1305 with a random nonce; what is sealed is bound to the inbox that it belongs to, so that one
//! inbox's secrets cannot be put into another's row.

use std::fmt::Display;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use switchboard_connector::Secrets;

use crate::ids::Random;
use crate::secret::{Secret, from_hex, hex};

/// Name of the key's file in the data folder.
pub const KEY_FILE: &str = "secrets.key";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// Seals and opens secrets.
pub struct Vault {
    cipher: XChaCha20Poly1305,
    /// Tells keys apart, and nothing about them.
    fingerprint: String,
}

/// Why a vault cannot be had, or something in it not be read.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("secrets.key must be 64 hexadecimal digits: make one with `openssl rand -hex 32`")]
    NotAKey,
    #[error("secrets.key is empty, and there is no file {0}: set secrets.key to the key of the hubs")]
    NoKey(String),
    #[error("the file {0} cannot be read or made")]
    File(String, #[source] std::io::Error),
    #[error("it was sealed with another key: give every hub the same secrets.key, and after a restore the old one")]
    OtherKey,
}

impl Vault {
    /// By the key that the configuration gives, or the one in the data folder, which is made if it is not there.
    pub fn open(configured: &Secret, data: &Path, random: &Random) -> Result<Self, VaultError> {
        let text = if configured.is_empty() { in_file(&data.join(KEY_FILE), random)? } else { configured.clone() };
        Self::by_key(&text)
    }

    /// The same for one who has nothing to seal: a key that is not there is not made.
    pub fn open_existing(configured: &Secret, data: &Path) -> Result<Self, VaultError> {
        if !configured.is_empty() {
            return Self::by_key(configured);
        }
        let path = data.join(KEY_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::by_key(&Secret::new(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(VaultError::NoKey(path.display().to_string()))
            }
            Err(error) => Err(VaultError::File(path.display().to_string(), error)),
        }
    }

    fn by_key(text: &Secret) -> Result<Self, VaultError> {
        let key = from_hex(text.expose().trim()).filter(|key| key.len() == KEY_BYTES).ok_or(VaultError::NotAKey)?;
        let cipher = XChaCha20Poly1305::new_from_slice(&key).map_err(|_| VaultError::NotAKey)?;
        let mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| VaultError::NotAKey)?;
        let fingerprint = hex(&mac.chain_update(b"which key").finalize().into_bytes()[..8]);
        Ok(Self { cipher, fingerprint })
    }

    /// `fingerprint:nonce:sealed`, the last two in hexadecimal.
    pub fn seal(&self, whose: impl Display, secrets: &Secrets, random: &Random) -> String {
        let mut nonce = [0; NONCE_BYTES];
        random.fill(&mut nonce);
        let plain = serde_json::to_vec(secrets).expect("texts by name have a JSON form");
        let aad = whose.to_string();
        let payload = Payload { msg: &plain, aad: aad.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).expect("a short text can be sealed");
        format!("{}:{}:{}", self.fingerprint, hex(&nonce), hex(&sealed))
    }

    pub fn open_sealed(&self, whose: impl Display, sealed: &str) -> Result<Secrets, VaultError> {
        let mut parts = sealed.splitn(3, ':');
        let mut part = || parts.next().ok_or(VaultError::OtherKey);
        let (fingerprint, nonce, sealed) = (part()?, part()?, part()?);
        let (nonce, sealed) = (from_hex(nonce), from_hex(sealed));
        let (Some(nonce), Some(sealed)) = (nonce.filter(|nonce| nonce.len() == NONCE_BYTES), sealed) else {
            return Err(VaultError::OtherKey);
        };
        if fingerprint != self.fingerprint {
            return Err(VaultError::OtherKey);
        }
        let aad = whose.to_string();
        let payload = Payload { msg: &sealed, aad: aad.as_bytes() };
        let nonce = XNonce::try_from(nonce.as_slice()).map_err(|_| VaultError::OtherKey)?;
        let plain = self.cipher.decrypt(&nonce, payload).map_err(|_| VaultError::OtherKey)?;
        serde_json::from_slice(&plain).map_err(|_| VaultError::OtherKey)
    }
}

fn in_file(path: &Path, random: &Random) -> Result<Secret, VaultError> {
    let trouble = |error| VaultError::File(path.display().to_string(), error);
    match std::fs::read_to_string(path) {
        Ok(text) => return Ok(Secret::new(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(trouble(error)),
    }
    let mut key = [0; KEY_BYTES];
    random.fill(&mut key);
    // Made whole under another name and then given its own: half a key would lock everything that it seals.
    let half = path.with_extension("half");
    let written = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half);
    let mut file = written.map_err(trouble)?;
    file.write_all(format!("{}\n", hex(&key)).as_bytes()).map_err(trouble)?;
    file.sync_all().map_err(trouble)?;
    // Does not take the place of one that another process has made meanwhile.
    match std::fs::hard_link(&half, path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(trouble(error)),
    }
    std::fs::remove_file(&half).map_err(trouble)?;
    std::fs::read_to_string(path).map(Secret::new).map_err(trouble)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use switchboard_protocol::{InboxId, Ulid};

    use super::*;

    fn secrets() -> Secrets {
        Secrets(BTreeMap::from([("token".to_owned(), switchboard_connector::Secret::new("hunter2"))]))
    }

    #[test]
    fn what_is_sealed_is_opened_for_its_own_inbox_and_by_its_own_key_alone() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (none, random) = (Secret::new(""), Random::system());
        let vault = Vault::open(&none, here.path(), &random).unwrap();
        let (mine, other) = (InboxId(Ulid(1)), InboxId(Ulid(2)));
        let sealed = vault.seal(mine, &secrets(), &random);
        assert!(!sealed.contains("hunter2") && !sealed.contains(&hex(b"hunter2")));
        assert_ne!(sealed, vault.seal(mine, &secrets(), &random));
        let again = Vault::open(&none, here.path(), &random).unwrap();
        assert_eq!(again.open_sealed(mine, &sealed).unwrap(), secrets());
        assert!(again.open_sealed(other, &sealed).is_err());
        let stranger = Vault::open(&none, there.path(), &random).unwrap();
        assert!(matches!(stranger.open_sealed(mine, &sealed), Err(VaultError::OtherKey)));
        for nonsense in ["", ":", "::", "a:b:c", &sealed[..sealed.len() - 2]] {
            assert!(again.open_sealed(mine, nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn the_keys_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Vault::open(&Secret::new(""), folder.path(), &Random::system()).unwrap();
        let mode = std::fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let opened = Vault::open(&Secret::new("hunter2"), folder.path(), &Random::system());
        assert!(matches!(opened, Err(VaultError::NotAKey)));
    }
}
