//! The writer.
use switchboard_protocol::Position;

use crate::event::Emit;

/// What an operation made, and the position of the last event that it emitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    pub value: T,
    pub position: Option<Position>,
}

/// The writer's running transaction, as an operation sees it.
pub struct Tx {}

impl Tx {
    /// Tells of what the operation did, once it is committed. The position is certain as soon as the operation is kept.
    pub fn emit(&mut self, _emit: Emit) -> Position {
        todo!()
    }
}
