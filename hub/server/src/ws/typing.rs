//! Who is writing, to those who want to know. A signal with an expiry: a client that hears nothing more forgets it,
//! so that it never sticks whatever happens to whoever was typing.

use switchboard_protocol::agent::{AgentServerFrame, AgentSignal};
use switchboard_protocol::limits::TYPING_TTL_MS;
use switchboard_protocol::model::Author;
use switchboard_protocol::visitor::{VisitorAuthor, VisitorServerFrame, VisitorSignal};
use switchboard_protocol::{ConversationId, IdentityId, InboxId};

use crate::app::App;
use crate::feed::fences::AsOf;
use crate::feed::{Reach, Signal};
use crate::presence::staff_of;
use crate::sessions::{Person, SignalKey, Topic};

/// That somebody writes in a conversation, or no more.
#[derive(Debug, Clone, Copy)]
pub struct Typing {
    pub conversation_id: ConversationId,
    pub who: Author,
    pub on: bool,
    pub note: bool,
    /// Of bots: as of when they were allowed to.
    pub as_of: Option<AsOf>,
}

/// To everybody who may see the inbox, on every hub, but not to who types.
pub fn tell_staff(app: &App, inbox: InboxId, except: Option<Person>, typing: Typing) {
    let Typing { conversation_id, who, on, note, as_of } = typing;
    let signal = AgentSignal::Typing { conversation_id, who, on, note, ttl_ms: TYPING_TTL_MS };
    let key = SignalKey::Typing(conversation_id, who);
    tell(app, staff_of(inbox), except, key, as_of, &AgentServerFrame::Signal(signal));
}

/// To the visitor, who sees a name and no id.
pub fn tell_visitor(app: &App, identity: IdentityId, name: VisitorAuthor, typing: Typing) {
    let Typing { conversation_id, who, on, note: _, as_of } = typing;
    let signal = VisitorSignal::Typing { conversation_id, who: name, on, ttl_ms: TYPING_TTL_MS };
    let key = SignalKey::Typing(conversation_id, who);
    tell(app, vec![Topic::Identity(identity)], None, key, as_of, &VisitorServerFrame::Signal(signal));
}

fn tell(
    app: &App,
    topics: Vec<Topic>,
    except: Option<Person>,
    key: SignalKey,
    as_of: Option<AsOf>,
    frame: &impl serde::Serialize,
) {
    match serde_json::to_string(frame) {
        Ok(json) => app.feed.signal(Signal { topics, except, key, json, as_of }, Reach::Everywhere),
        Err(error) => tracing::error!(%error, "a signal cannot be written"),
    }
}
