//! How many of something are open, in all and from one address: connections, and sockets. A socket counts from its
//! handshake on: somebody who never says who they are holds a place too.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::caller::network;

/// What is open, counted.
#[derive(Debug, Default)]
pub struct Places {
    /// One lock for both counts, so that they agree; held for a look-up.
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// No entry stays at zero: the map is as large as there are addresses with places.
    by_address: HashMap<IpAddr, usize>,
}

/// How many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    pub in_all: usize,
    /// From one address, or one provider's network.
    pub from_one: usize,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    InAll,
    FromOne,
}

/// One place; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    /// A place for one more from this address, if there is one.
    pub fn take(self: &Arc<Self>, address: IpAddr, most: Most) -> Result<Place, Full> {
        let address = network(address);
        let mut taken = self.taken.lock();
        let from_here = taken.by_address.get(&address).copied().unwrap_or(0);
        if from_here >= most.from_one {
            return Err(Full::FromOne);
        }
        if taken.all >= most.in_all {
            return Err(Full::InAll);
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
