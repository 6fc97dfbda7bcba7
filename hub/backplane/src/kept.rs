//! Bytes that are kept under a key for a time, for whoever knows the key: what is too large or too many-sided for a
//! publication. They are gone by themselves, and earlier if Redis forgets.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::{Backplane, Unavailable};

/// Longest value of one key, bytes: what is longer lies in pieces ([`Backplane::keep_large`]). One has to pass within the
/// patience that a command has.
pub const PIECE_BYTES: usize = 512 * 1024;

/// Longest value that is kept in pieces, bytes. How long one is its reader is told by others: a number beyond this is no
/// length of ours, and nothing is reserved for it.
pub const LARGE_BYTES: usize = 256 * 1024 * 1024;

impl Backplane {
    /// Keeps `value` for `ttl`, in the place of what was there. At most [`PIECE_BYTES`] of it are meant to be.
    pub async fn keep(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), Unavailable> {
        match self {
            Self::Local(node) => {
                node.keep(key, value, ttl);
                Ok(())
            }
            Self::Redis(node) => node.keep(key, &value, ttl).await,
        }
    }

    pub async fn kept(&self, key: &str) -> Result<Option<Bytes>, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.kept(key)),
            Self::Redis(node) => node.kept(key).await,
        }
    }

    /// Before its time.
    pub async fn forget(&self, keys: &[String]) -> Result<(), Unavailable> {
        if keys.is_empty() {
            return Ok(());
        }
        match self {
            Self::Local(node) => {
                node.forget(keys);
                Ok(())
            }
            Self::Redis(node) => node.forget(keys).await,
        }
    }

    /// Keeps a value of at most [`LARGE_BYTES`], in pieces one after another.
    pub async fn keep_large(&self, key: &str, value: &Bytes, ttl: Duration) -> Result<(), Unavailable> {
        for (number, name) in pieces(key, value.len()).enumerate() {
            let from = number * PIECE_BYTES;
            self.keep(&name, value.slice(from..value.len().min(from + PIECE_BYTES)), ttl).await?;
        }
        Ok(())
    }

    /// All of a value that was kept so; none if a piece of it is gone.
    pub async fn kept_large(&self, key: &str, bytes: usize) -> Result<Option<Bytes>, Unavailable> {
        if bytes > LARGE_BYTES {
            return Ok(None);
        }
        let mut value = BytesMut::new();
        for name in pieces(key, bytes) {
            let Some(piece) = self.kept(&name).await? else { return Ok(None) };
            value.extend_from_slice(&piece);
        }
        Ok((value.len() == bytes).then(|| value.freeze()))
    }

    pub async fn forget_large(&self, key: &str, bytes: usize) -> Result<(), Unavailable> {
        self.forget(&pieces(key, bytes.min(LARGE_BYTES)).collect::<Vec<_>>()).await
    }
}

fn pieces(key: &str, bytes: usize) -> impl Iterator<Item = String> {
    (0..bytes.div_ceil(PIECE_BYTES)).map(move |number| format!("{key}/{number}"))
}
