//! The one place where randomness comes in: ids and tokens are made from what stands here.

use std::sync::Arc;

use parking_lot::Mutex;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng};
use switchboard_protocol::{Ulid, UnixMs};

/// A cryptographic generator, seeded by the operating system or, in a test, by a number.
///
/// A mutex and not one generator per thread: an id takes some 20 ns under it, and a test that seeds it gets the same
/// ids whatever thread asks.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    pub fn system() -> Self {
        let rng = StdRng::try_from_rng(&mut SysRng).expect("an operating system without randomness cannot run a hub");
        Self(Arc::new(Mutex::new(rng)))
    }

    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill_bytes(bytes);
    }

    /// A new id: `MessageId(random.ulid(now))`.
    pub fn ulid(&self, now: UnixMs) -> Ulid {
        let mut rng = self.0.lock();
        let random = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        Ulid::from_parts(now.max(0) as u64, random)
    }

    /// A number below `bound`, for spreading things out. (Its tiny bias does not matter for that.)
    pub fn below(&self, bound: u64) -> u64 {
        self.0.lock().next_u64() % bound.max(1)
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}
