//! How many sockets are open, in all and from one address. Counted from the handshake on: somebody who never says who
//! they are holds a place too.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_protocol::error::{ApiError, ErrorCode};

use crate::caller::network;
use crate::config::Limits;

/// When somebody with too many sockets may try again, milliseconds.
const TRY_AGAIN_MS: u64 = 5_000;

/// The sockets of this hub, counted.
#[derive(Debug, Default)]
pub struct Places {
    /// One lock for both counts, so that they agree; held for a look-up.
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// No entry stays at zero: the map is as large as there are addresses with sockets.
    by_address: HashMap<IpAddr, usize>,
}

/// One socket's place; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    /// A place for one more socket from this address, if there is one.
    pub fn take(self: &Arc<Self>, address: IpAddr, limits: &Limits) -> Result<Place, ApiError> {
        let address = network(address);
        let mut taken = self.taken.lock();
        let from_here = taken.by_address.get(&address).copied().unwrap_or(0);
        let too_many = if limits.sockets_per_address > 0 && from_here >= limits.sockets_per_address {
            Some((ErrorCode::RateLimited, "Too many sockets are open from your address. Close some."))
        } else if taken.all >= limits.sockets {
            Some((ErrorCode::Overloaded, "This hub has as many sockets open as it may. Try again in a moment."))
        } else {
            None
        };
        if let Some((code, sentence)) = too_many {
            return Err(ApiError { retry_after_ms: Some(TRY_AGAIN_MS), ..ApiError::new(code, sentence) });
        }
        taken.all += 1;
        taken.by_address.insert(address, from_here + 1);
        Ok(Place { places: self.clone(), address })
    }
}

impl Place {
    /// Whose place it is: an address, or a provider's network.
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        taken.all -= 1;
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}
