//! Search over texts, subjects, customers and case numbers. The index follows the feed by a cursor.
use switchboard_domain::Visibility;
use switchboard_protocol::AgentId;
use switchboard_protocol::rest::SearchPage;

use crate::error::ReadError;
use crate::{Store, WriteError};

/// Newest activity first; `cursor` from the page before.
pub async fn page(
    _store: &Store,
    _visibility: &Visibility,
    _reader: AgentId,
    _words: &str,
    _cursor: Option<&str>,
    _limit: usize,
) -> Result<SearchPage, ReadError> {
    todo!()
}
/// Takes into the index what has been committed since it last was. The store does this by itself soon after commits.
pub async fn catch_up(_store: &Store) -> Result<(), WriteError<ReadError>> {
    todo!()
}
