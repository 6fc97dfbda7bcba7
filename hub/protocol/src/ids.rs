//! Newtype ids. Each is a ULID; on the wire and in the store 26 characters of text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
pub use ulid::Ulid;

/// The text was not a ULID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid id")
    }
}

impl std::error::Error for InvalidId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(transparent)]
        #[ts(type = "string", export_to = "generated.ts")]
        pub struct $name(pub Ulid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; ulid::ULID_LEN];
                f.write_str(self.0.array_to_str(&mut text))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Ulid::from_string(text).map(Self).map_err(|_| InvalidId)
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .min_length(Some(26))
                    .max_length(Some(26))
                    .pattern(Some("^[0-7][0-9A-HJKMNP-TV-Z]{25}$"))
                    .examples([serde_json::json!("01JD6Q4Z8V3M6W0X5T9R2K7B1C")])
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A person of the team who can sign in.
    AgentId;
    /// A file that came with a message, or waits to be sent with one.
    AttachmentId;
    /// A program that answers.
    BotId;
    /// A customer, whatever the channels they come by.
    ContactId;
    /// A conversation with one contact in one inbox.
    ConversationId;
    /// How a contact is known on one channel of one inbox (a visitor's browser, a mail address, a number).
    IdentityId;
    /// A place where customers' messages come in: one brand's mail address, widget, number.
    InboxId;
    /// A message, note or system line.
    MessageId;
    /// A department.
    TeamId;
    /// A text that is written once and sent often.
    TemplateId;
    /// A list with its filters that somebody has kept under a name.
    ViewId;
    /// A signed-in browser.
    SessionId;
    /// An API token.
    TokenId;
    /// One connected socket.
    ConnectionId;
}
