//! Passwords: argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives first (19 MiB, 2 passes, one
//! lane), off the event loop and a bounded number at once: a flood of sign-ins costs a bounded amount of memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::ids::Random;
use crate::limits;
use crate::secret::Secret;

/// Memory of one hash, KiB.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    random: Random,
    /// Checked against when there is no such account, so that the answer takes as long as when there is one.
    nobody: Arc<str>,
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("too many passwords wait to be checked")]
    Overloaded,
    #[error("argon2 refused to work: {0}")]
    Hash(String),
}

impl Passwords {
    pub fn new(random: Random) -> Self {
        // A real hash of a text that nobody knows, made once ahead of time: start-up need not wait for argon2.
        let nobody =
            "$argon2id$v=19$m=19456,t=2,p=1$c3dpdGNoYm9hcmRub2JvZA$1lNXZUqhPPGJBBwrDw9CKxtzAxfwzRBfXi9ZzbRTRGA";
        Self {
            running: Arc::new(Semaphore::new(limits::PASSWORD_HASHES)),
            waiting: Arc::default(),
            random,
            nobody: nobody.into(),
        }
    }

    /// The text that the store keeps: algorithm, parameters, salt and hash.
    pub async fn hash(&self, password: Secret) -> Result<String, PasswordError> {
        let mut salt = [0; SALT_BYTES];
        self.random.fill(&mut salt);
        self.run(move || {
            let hash = argon2()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| PasswordError::Hash(error.to_string()))
        })
        .await
    }

    /// Whether it is the password of this hash. None for "there is no such account": takes as long, and says no.
    pub async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool, PasswordError> {
        let (known, hash) = (hash.is_some(), hash.unwrap_or_else(|| self.nobody.to_string()));
        self.run(move || {
            let parsed = PasswordHash::new(&hash).map_err(|error| PasswordError::Hash(error.to_string()))?;
            Ok(argon2()?.verify_password(password.expose().as_bytes(), &parsed).is_ok() && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _waiting = Waiting::enter(&self.waiting)?;
        let permit = self.running.clone().acquire_owned().await.map_err(|_| PasswordError::Overloaded)?;
        tokio::task::spawn_blocking(move || {
            // Held by the work and not by the caller: one who hangs up does not let a third one start.
            let _permit = permit;
            work()
        })
        .await
        .map_err(|error| PasswordError::Hash(error.to_string()))?
    }
}

/// A place in the queue, given back however the wait ends.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Result<Self, PasswordError> {
        let place = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) >= limits::PASSWORD_QUEUE {
            return Err(PasswordError::Overloaded);
        }
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let passwords = Passwords::new(Random::seeded(1));
        let hash = passwords.hash(Secret::new("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify(Secret::new("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(Secret::new("correct horsf"), Some(hash)).await.unwrap());
        assert!(!passwords.verify(Secret::new("correct horse"), None).await.unwrap());
    }
}
