//! Names are resolved here, and what they resolve to is checked here: the address that is allowed is the one that is
//! connected to, whatever the name says a moment later.

use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use switchboard_connector::Addresses;

pub(crate) struct Resolver(Addresses);

impl Resolver {
    pub(crate) fn new(addresses: Addresses) -> Arc<Self> {
        Arc::new(Self(addresses))
    }
}

/// The name leads to addresses, none of which is allowed.
#[derive(Debug, thiserror::Error)]
#[error("the address is in a private network")]
pub(crate) struct Forbidden;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|address| addresses.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
