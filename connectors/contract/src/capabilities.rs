//! What a channel can carry. The reply bar, the composer's counters and the hub's checks follow from it.

pub use switchboard_protocol::channels::{ChannelCapabilities as Capabilities, Receipts, Threads};
