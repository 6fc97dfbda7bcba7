//! Who asks, from where, and the proof that they may.
//!
//! A command that not everybody may give takes [`May<Answer>`] or [`May<Manage>`] in place of a [`Caller`]. The only way to
//! such a value is [`Caller::may`], over HTTP the extractor of the same name: a handler or socket that has not asked
//! does not compile. What somebody may *see* is apart from it ([`Visibility`]) and is asked for in the query itself.

use std::marker::PhantomData;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::Deref;
use std::sync::Arc;

use switchboard_domain::Visibility;
use switchboard_domain::permission::Permission;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Author, Role, Scope};
use switchboard_protocol::{AgentId, IdentityId, InboxId, Position, SessionId, TokenId, UnixMs};

use switchboard_store::Sender;

use crate::error::CommandError;
use crate::limits;

/// A person of the team, signed in, or a program with a token of theirs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Who>);

/// What is known of a caller.
#[derive(Debug)]
pub struct Who {
    pub agent_id: AgentId,
    pub role: Role,
    /// What this session or token may do; never more than the role.
    pub scopes: Vec<Scope>,
    /// What the role and the access lists showed when the caller was last looked up.
    pub visibility: Visibility,
    /// Feed position of the last change to any of this as of then. What a client knows from before is not to be built
    /// upon; once it has moved nothing is written for this caller.
    pub access_position: Position,
    /// When the session or token runs out, as far as was known then; a session's use puts it off.
    pub until: Option<UnixMs>,
    /// When its use was last noted, as far as was known then.
    pub noted_at: Option<UnixMs>,
    pub by: Credential,
}

/// How a caller has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credential {
    Session { id: SessionId, token_hash: Arc<str> },
    Token { id: TokenId, token_hash: Arc<str> },
}

impl Credential {
    /// The session, if it is one.
    pub fn session_id(&self) -> Option<SessionId> {
        match self {
            Self::Session { id, .. } => Some(*id),
            Self::Token { .. } => None,
        }
    }
}

impl Caller {
    pub fn new(who: Who) -> Self {
        Self(Arc::new(who))
    }

    /// The proof that they may, or `forbidden`.
    pub fn may<P: Permit>(&self) -> Result<May<P>, CommandError> {
        if P::PERMISSION.granted_to(self.role, &self.scopes) {
            return Ok(May { caller: self.clone(), permit: PhantomData });
        }
        let sentence = match P::PERMISSION {
            Permission::Read => "This token may not read.",
            Permission::Mark => "This token may not write.",
            Permission::Answer => "You may read here, but not write.",
            Permission::ShareTemplates => "Only owners and admins share templates and change those that are shared.",
            Permission::Manage => "Only owners and admins may do this.",
            Permission::ManageOwners => "Only an owner may do this.",
        };
        Err(ApiError::new(ErrorCode::Forbidden, sentence).into())
    }

    /// The session of somebody who is signed in; a program's token is not let near sessions, passwords and tokens, or it
    /// could outlive its own end. `what` is what it cannot do: "end sessions".
    pub fn in_person(&self, what: &str) -> Result<SessionId, CommandError> {
        self.by.session_id().ok_or_else(|| {
            let sentence = format!("A token cannot {what}; sign in for it.");
            ApiError::new(ErrorCode::Forbidden, sentence).into()
        })
    }

    /// Whether the session or token should have run out by `now`.
    pub fn has_run_out(&self, now: UnixMs) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether the session or token was used in this hour, as far as is noted; so it is written once in it.
    pub fn is_noted(&self, now: UnixMs) -> bool {
        self.noted_at.is_some_and(|at| at > noted_before(now))
    }

    /// Who sends a message, with what they may see.
    pub fn sender(&self) -> Sender {
        let Who { agent_id, visibility, access_position, .. } = &**self;
        Sender::Agent { id: *agent_id, visibility: visibility.clone(), access_position: *access_position }
    }

    pub fn author(&self) -> Author {
        Author::Agent { id: self.agent_id }
    }
}

impl Deref for Caller {
    type Target = Who;

    fn deref(&self) -> &Who {
        &self.0
    }
}

/// The use of a session or token at `now` is to be noted if the last one that is noted was then or earlier.
pub fn noted_before(now: UnixMs) -> UnixMs {
    now - limits::LAST_SEEN_STEP_MS
}

/// A kind of permission, as a type.
pub trait Permit: Send + Sync + 'static {
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Permit for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

permits! {
    /// See what one's visibility shows.
    Read
    /// Say what one has read, and whether one is here: the customer and the team see it.
    Mark
    /// Answer, note, assign, close.
    Answer
    /// Make and change the templates of teams and of all.
    ShareTemplates
    /// Agents, teams, inboxes, access.
    Manage
    /// Make or unmake owners.
    ManageOwners
}

/// A caller who may `P`.
#[derive(Debug)]
pub struct May<P> {
    caller: Caller,
    permit: PhantomData<P>,
}

impl<P> Deref for May<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// Where a request came from: address, whether over TLS, and how the hub was called.
#[derive(Debug, Clone)]
pub struct Origin {
    pub address: IpAddr,
    pub user_agent: String,
    /// What links begin with.
    pub base_url: String,
    /// Cookies can be marked `Secure`.
    pub secure: bool,
}

impl Origin {
    /// What limits count: see [`network`].
    pub fn network(&self) -> IpAddr {
        network(self.address)
    }
}

/// One customer of an IPv6 provider has a /64 of addresses (RFC 6177); they count as one.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

/// A visitor of an inbox's site, known by their token. There may be no row of them yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    pub identity_id: IdentityId,
    pub inbox_id: InboxId,
}
