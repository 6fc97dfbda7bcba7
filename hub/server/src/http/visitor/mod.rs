//! `/api/visitor`: what the chat panel asks. A visitor is known by their token and by nothing else.

pub mod attachments;
pub mod history;
pub mod session;
