//! What a client's text message is, or why it is nothing: the same for agents and visitors.

use std::pin::pin;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use switchboard_protocol::agent::{AgentServerFrame, Done, Outcome};
use switchboard_protocol::error::{ApiError, ErrorCode};
use tokio::time::timeout;

use super::frame;
use crate::app::App;
use crate::error::CommandError;
use crate::sessions::Session;

/// Unreadable messages in a row after which a client is told good-bye: it speaks something else.
const UNREADABLE_IN_A_ROW: u32 = 20;

/// The parts of a command that are looked at when the whole cannot be read.
#[derive(Deserialize)]
struct Outline {
    t: Option<String>,
    id: Option<String>,
    #[serde(rename = "do")]
    command: Option<String>,
}

/// Reads messages and counts those that cannot be read.
#[derive(Debug, Default)]
pub struct Reader {
    unreadable: u32,
}

/// Why a message could not be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The id of the command, if there was one.
    pub id: String,
    pub error: ApiError,
    /// Enough of it: the socket should end.
    pub hopeless: bool,
}

impl Reader {
    pub fn read<F: DeserializeOwned>(&mut self, text: &str) -> Result<F, Box<Unreadable>> {
        match serde_json::from_str(text) {
            Ok(frame) => {
                self.unreadable = 0;
                Ok(frame)
            }
            Err(error) => {
                self.unreadable += 1;
                Err(Box::new(self.explain(text, &error)))
            }
        }
    }

    fn explain(&self, text: &str, error: &serde_json::Error) -> Unreadable {
        let outline = serde_json::from_str::<Outline>(text).ok();
        let said = error.to_string();
        let code = match (&outline, error.classify()) {
            (None, _) => ErrorCode::Malformed,
            // serde says "unknown variant" for a `t` or `do` that is none of ours.
            (Some(Outline { t, command, .. }), _)
                if said.contains("unknown variant") && (t.is_some() || command.is_some()) =>
            {
                ErrorCode::Unknown
            }
            _ => ErrorCode::Invalid,
        };
        let sentence = match code {
            ErrorCode::Malformed => "This is not a message that can be read (JSON).".to_owned(),
            ErrorCode::Unknown => "There is no such command here.".to_owned(),
            _ => format!("The message does not fit: {said}."),
        };
        let id = outline.and_then(|outline| outline.id).unwrap_or_default();
        Unreadable { id, error: ApiError::new(code, sentence), hopeless: self.unreadable >= UNREADABLE_IN_A_ROW }
    }
}

/// Carries a command out, for as long as it may take, and lets out meanwhile what waits for the client: a store that is
/// slow makes nobody a stalled reader.
pub async fn carry_out(
    app: &App,
    session: &Session,
    command: impl Future<Output = Result<Done, CommandError>>,
) -> Result<Done, CommandError> {
    let mut command = pin!(timeout(app.command_time, command));
    loop {
        let blocked = session.blocked();
        tokio::select! {
            done = &mut command => return done.unwrap_or_else(|elapsed| {
                Err(CommandError::Unavailable { attempted: "carrying out a command", source: elapsed.into() })
            }),
            () = session.woken() => {}
            // That it has ended is for the socket's task to find.
            _ = session.transport().writable(), if blocked => {}
        }
        session.flush(app.clock.ticks());
    }
}

/// Answers a command. Both kinds of client read the same reply.
pub fn reply(session: &Session, id: String, result: Result<Done, ApiError>) {
    let outcome = match result {
        Ok(done) => Outcome::Done { done },
        Err(error) => Outcome::Refused { error },
    };
    session.send(frame::agent(&AgentServerFrame::Reply { id, outcome }));
}
