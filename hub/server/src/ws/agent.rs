//! What the agents' socket means.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use switchboard_domain::Visibility;
use switchboard_protocol::agent::{
    AgentCommand, AgentFrame, AgentServerFrame, AgentSignal, Bye, ByeReason, Done, ResumePoint,
};
use switchboard_protocol::bots::BlockBot;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Availability, ViewMode};
use switchboard_protocol::visitor::VisitorAuthor;
use switchboard_protocol::{ConnectionId, ConversationId, IdentityId, InboxId, Number, limits};
use switchboard_store::{access, conversations};
use tokio::time::timeout;

use super::frame;
use super::handshake::{Handshake, Upgraded};
use super::incoming;
use super::resume::{self, NoResume};
use super::socket::{self, Ended, Handler, Link, TurnedAway};
use super::typing::{self, Typing};
use crate::app::{App, Shared};
use crate::bots::control;
use crate::caller::{Answer, Caller, May, Read};
use crate::channels;
use crate::commands::held_replies::{self, Kept};
use crate::commands::{availability, change_conversation, mark_read, write_message};
use crate::error::CommandError;
use crate::feed::Reader;
use crate::http::auth;
use crate::presence::{Here, LINGER_CLOSED, LINGER_CUT, Shown};
use crate::sessions::{NEVER, Person, Session, Start, Topic};

/// `GET /ws/agent`: with the session's cookie and a page's Origin, or without both and `hello` as the first frame.
pub async fn open(State(app): State<Shared>, request: Request<Body>) -> Response {
    let admitted = match super::place(&app, &request) {
        Ok(place) => {
            let admitted = admit(&app, request.headers().clone(), place.address()).await;
            admitted.map(|caller| (place, caller))
        }
        Err(error) => Err(error),
    };
    match admitted.and_then(|admitted| Ok((admitted, Handshake::check(request)?))) {
        Ok(((place, caller), handshake)) => handshake.accept(&app.clone().tasks, move |upgraded| async move {
            run(app, upgraded, caller, place.address()).await;
            drop(place);
        }),
        Err(error) => error.into_response(),
    }
}

/// Who it is, if the request says so already. A cookie counts only from our own page, since a socket is not bound by
/// CORS; a token in a header is a program's own, which no page can make a browser send.
async fn admit(app: &App, headers: HeaderMap, from: IpAddr) -> Result<Option<Caller>, CommandError> {
    if auth::has_cookie(&headers) && !auth::has_token(&headers) {
        auth::same_origin(app, &headers)?;
    } else {
        auth::not_cross_site(app, &headers)?;
    }
    let known = auth::has_cookie(&headers) || auth::has_token(&headers);
    Ok(if known { Some(auth::caller(app, &headers, from).await?) } else { None })
}

async fn run(app: Shared, upgraded: Upgraded, caller: Option<Caller>, from: IpAddr) {
    let (mut link, stream) = Link::new(upgraded, limits::CLIENT_FRAME_BYTES);
    let caller = match caller {
        Some(caller) => caller,
        None => match hello(&app, &mut link, &stream, from).await {
            Ok(caller) => caller,
            Err(turned_away) => return socket::turn_away(&stream, turned_away).await,
        },
    };
    let now = app.clock.now();
    let id = ConnectionId(app.random.ulid(now));
    let session = Session::new(id, Person::Agent(caller.agent_id), stream, app.clock.ticks());
    let session = Arc::new(session.that_holds_until(holds_until(&app, &caller)));
    let entered = super::enter(&app, &session);
    let mut socket = AgentSocket {
        app: app.clone(),
        session: session.clone(),
        caller,
        reader: incoming::Reader::default(),
        viewing: None,
        here: None,
        visible_name: String::new(),
    };
    let ended = link.run(&session, &app.clock, &mut socket).await;
    drop(entered);
    socket.gone(ended);
    socket::hang_up(&session).await;
}

/// A program says who it is with its first frame.
async fn hello(app: &App, link: &mut Link, stream: &tokio::net::TcpStream, from: IpAddr) -> Result<Caller, TurnedAway> {
    let text = link.first_text(stream, &app.draining).await?;
    match serde_json::from_str(&text) {
        Ok(AgentFrame::Hello { token }) => match auth::caller_by_token(app, &token, from).await {
            Ok(caller) => Ok(caller),
            Err(CommandError::Refused(error)) => Err(super::not_let_in(&error).into()),
            Err(error) => {
                tracing::warn!(%error, "whose token this is cannot be read; the client will come again");
                Err(super::unavailable(app).into())
            }
        },
        // Without a session a page may neither resume nor command: it has to sign in.
        Ok(AgentFrame::Resume { .. } | AgentFrame::Command { .. } | AgentFrame::Pong) => {
            Err(ByeReason::SignedOut.into())
        }
        Err(_) => Err(ByeReason::Protocol.into()),
    }
}

/// When what this caller has proved ends by itself, in the clock's ticks.
fn holds_until(app: &App, caller: &Caller) -> i64 {
    caller.until.map_or(NEVER, |until| app.clock.ticks_at(until))
}

/// The conversation that a connection has open, with what a signal about it needs.
#[derive(Debug, Clone, Copy)]
struct Viewing {
    conversation: ConversationId,
    inbox: InboxId,
    identity: IdentityId,
}

struct AgentSocket {
    app: Shared,
    session: Arc<Session>,
    /// As last proved: at the handshake, at every resume, and when a command found that the rights have changed.
    caller: Caller,
    reader: incoming::Reader,
    viewing: Option<(Viewing, Here)>,
    /// Shown as here, from the first resume or word about it on.
    here: Option<Here>,
    /// What visitors see as the name, as of the last resume.
    visible_name: String,
}

impl Handler for AgentSocket {
    async fn text(&mut self, text: &str) -> ControlFlow<Bye> {
        match self.reader.read(text) {
            Ok(AgentFrame::Pong) => {
                self.is_used().await;
                ControlFlow::Continue(())
            }
            Ok(AgentFrame::Hello { .. }) => ControlFlow::Continue(()),
            Ok(AgentFrame::Resume { from }) => self.resume(from).await,
            Ok(AgentFrame::Command { id, command }) => {
                let (app, session) = (self.app.clone(), self.session.clone());
                let result = incoming::carry_out(&app, &session, self.command(&id, command)).await;
                incoming::reply(&self.session, id, result.map_err(CommandError::for_caller));
                ControlFlow::Continue(())
            }
            Err(unreadable) => {
                incoming::reply(&self.session, unreadable.id, Err(unreadable.error));
                if unreadable.hopeless { bye(ByeReason::Protocol) } else { ControlFlow::Continue(()) }
            }
        }
    }

    /// By what was last proved: whatever has changed since stands in the feed, and resets the session there.
    async fn catch_up(&mut self) -> ControlFlow<Bye> {
        let reader = Reader::Agent { id: self.caller.agent_id, visibility: self.caller.visibility.clone() };
        match resume::catch_up(&self.app.feed, &self.session, &reader).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.no_resume(error),
        }
    }

    /// Its client was told to resume and has not, or has never resumed and its session or token runs out: it ends, with the
    /// reason that the store has for it.
    async fn lapsed(&mut self) -> ControlFlow<Bye> {
        match self.prove().await {
            Ok(()) => bye(ByeReason::Silent),
            Err(CommandError::Refused(_)) => bye(ByeReason::SignedOut),
            Err(error) => self.come_back(&error),
        }
    }

    /// The whole team, who is at which conversation, and whether the visitor of the one that is open is on the site; of the
    /// other visitors the page hears when it opens theirs.
    fn now(&self) -> Bytes {
        let mut bytes = BytesMut::new();
        let presence = &self.app.presence;
        put_signal(&mut bytes, AgentSignal::Team { changed: presence.team(), whole: true });
        put_signal(&mut bytes, AgentSignal::AllViewers { open: presence.all_viewers(&self.caller.visibility) });
        self.put_visitor(&mut bytes);
        bytes.freeze()
    }
}

impl AgentSocket {
    /// Goes on from where the client is, if what it may see has not changed since.
    async fn resume(&mut self, from: Option<ResumePoint>) -> ControlFlow<Bye> {
        if let Err(limited) = self.counted() {
            return ControlFlow::Break(super::too_often(&limited));
        }
        match self.join(from).await {
            Ok(()) => {
                self.catch_up().await?;
                self.here().await
            }
            Err(NoJoin::Resume(error)) => self.no_resume(error),
            Err(NoJoin::Proof(CommandError::Refused(_))) => bye(ByeReason::SignedOut),
            Err(NoJoin::Proof(error)) => self.come_back(&error),
        }
    }

    fn no_resume(&self, error: NoResume) -> ControlFlow<Bye> {
        self.app.feed.registry().listen(self.session.id, Vec::new());
        match error {
            NoResume::Reset(why) => {
                let until = self.app.clock.ticks() + self.app.feed.heartbeat().as_millis() as i64;
                self.session.reset(frame::agent(&AgentServerFrame::Reset { why }), until);
                ControlFlow::Continue(())
            }
            NoResume::Gone => ControlFlow::Continue(()),
            NoResume::Unreadable(error) => self.come_back(&error),
        }
    }

    /// Listens before it proves: a change of rights that the proof does not show yet finds the session listening, and
    /// resets it.
    async fn join(&mut self, from: Option<ResumePoint>) -> Result<(), NoJoin> {
        self.session.start_joining();
        self.app.feed.registry().listen(self.session.id, vec![Topic::Agent(self.caller.agent_id)]);
        self.prove().await.map_err(NoJoin::Proof)?;
        self.caller.may::<Read>().map_err(NoJoin::Proof)?;
        let (id, visibility, access) =
            (self.caller.agent_id, self.caller.visibility.clone(), self.caller.access_position);
        let mut topics = vec![Topic::Team, Topic::Agent(id)];
        match &visibility {
            Visibility::All | Visibility::Team => topics.push(Topic::EveryInbox),
            Visibility::Inboxes(inboxes) => topics.extend(inboxes.iter().map(|id| Topic::Inbox(*id))),
        }
        let reader = Reader::Agent { id, visibility };
        let position = resume::start(&self.app.feed, &reader, from.as_ref(), access).await?;
        let start = Start { position, holds_until: holds_until(&self.app, &self.caller) };
        Ok(resume::join(&self.app, &self.session, topics, start)?)
    }

    /// Looks the caller up anew. What is open here and no longer theirs to see is closed.
    async fn prove(&mut self) -> Result<(), CommandError> {
        self.caller = auth::again(&self.app, &self.caller.by).await?;
        if let Some((_, here)) = self.viewing.take_if(|(open, _)| !self.caller.visibility.sees(open.inbox)) {
            here.leaves(Duration::ZERO);
        }
        Ok(())
    }

    /// A socket that is alive is a use of the session or token that it stands on, as a request is, and puts off a session's
    /// end: looked up as for a request, and so noted, when what is known of it is an hour old.
    async fn is_used(&mut self) {
        if self.caller.is_noted(self.app.clock.now()) {
            return;
        }
        // No longer than a command: meanwhile nothing is read here. The next heartbeat tries again.
        let looked_up = timeout(self.app.command_time, auth::again(&self.app, &self.caller.by)).await;
        // A change of rights, or their end, stands in the feed and resets the session there.
        if let Ok(Ok(caller)) = looked_up
            && caller.access_position == self.caller.access_position
        {
            self.caller = caller;
            self.session.put_off(holds_until(&self.app, &self.caller));
        }
    }

    /// A part of the hub is away: the client is to try again, in a moment of its own.
    fn come_back(&self, error: &dyn std::error::Error) -> ControlFlow<Bye> {
        tracing::warn!(%error, "a client could not be brought up to date; it will come again");
        ControlFlow::Break(super::unavailable(&self.app))
    }

    fn counted(&self) -> Result<(), ApiError> {
        let key = format!("agent:{}", self.caller.agent_id);
        self.app.limit_here(&key, self.app.config.limits.agent_commands)
    }

    /// Nobody does anything by rights that have ended, wherever they ended: what is written is refused in its own
    /// transaction, and before what only tells one looks.
    async fn command(&mut self, id: &str, command: AgentCommand) -> Result<Done, CommandError> {
        self.counted()?;
        let only_tells = matches!(command, AgentCommand::Typing { .. } | AgentCommand::View { .. });
        // Reset, or not yet resumed, or run out: what was proved before may hold no longer.
        let joined = self.session.has_joined();
        if !joined && matches!(command, AgentCommand::View { .. } | AgentCommand::Availability { .. }) {
            // Who is shown as here hears of the end of their rights, whether or not they listen to anything else.
            self.app.feed.registry().listen(self.session.id, vec![Topic::Agent(self.caller.agent_id)]);
        }
        let proved = joined && !self.caller.has_run_out(self.app.clock.now());
        if !proved || only_tells && self.access_has_changed().await? {
            self.prove().await?;
        }
        match self.carry_out(id, command.clone()).await {
            Err(CommandError::AccessChanged) => {
                self.prove().await?;
                self.carry_out(id, command).await
            }
            done => done,
        }
    }

    async fn access_has_changed(&self) -> Result<bool, CommandError> {
        let position = access::position_of(&self.app.store, self.caller.agent_id).await?;
        Ok(position != Some(self.caller.access_position))
    }

    async fn carry_out(&mut self, id: &str, command: AgentCommand) -> Result<Done, CommandError> {
        match command {
            AgentCommand::Reply { conversation_id, text, attachments, seen, over, answers, mail, after, hold } => {
                let client_id = id.to_owned();
                let write = write_message::Write {
                    conversation_id,
                    text,
                    attachments,
                    answers,
                    client_id,
                    mail,
                    after,
                    mentions: Vec::new(),
                };
                let seen = (!over).then_some(seen);
                if let Some(seconds) = hold.filter(|seconds| *seconds > 0) {
                    return self.hold(write, seen, seconds).await;
                }
                Ok(done(write_message::reply(&self.app, &self.may()?, write, seen).await?))
            }
            AgentCommand::TakeBack { client_id } => {
                let written = held_replies::take_back(&self.app, &self.may()?, client_id).await?;
                Ok(Done { position: written.position, ..Done::default() })
            }
            AgentCommand::Note { conversation_id, text, attachments, mentions } => {
                let client_id = id.to_owned();
                let (answers, mail, after) = (None, None, None);
                let write = write_message::Write {
                    conversation_id,
                    text,
                    attachments,
                    answers,
                    client_id,
                    mail,
                    after,
                    mentions,
                };
                Ok(done(write_message::note(&self.app, &self.may()?, write).await?))
            }
            AgentCommand::Change { conversation_id, change } => {
                let written = change_conversation::change(&self.app, &self.may()?, conversation_id, change).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            AgentCommand::Read { conversation_id, number } => {
                let written = mark_read::mark_read(&self.app, &self.caller.may()?, conversation_id, number).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            AgentCommand::Unread { conversation_id } => {
                let written = mark_read::mark_unread(&self.app, &self.caller.may()?, conversation_id).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            AgentCommand::Typing { conversation_id, on, note } => self.typing(conversation_id, on, note).await,
            AgentCommand::View { conversation_id, mode } => self.view(conversation_id, mode).await,
            AgentCommand::BlockBot { conversation_id, bot_id, until, put_back } => {
                let wanted = BlockBot { until, put_back };
                let written = control::block(&self.app, &self.may()?, conversation_id, bot_id, wanted).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            AgentCommand::UnblockBot { conversation_id, bot_id } => {
                let written = control::unblock(&self.app, &self.may()?, conversation_id, bot_id).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            AgentCommand::RunBot { conversation_id, bot_id } => {
                let written = control::run_now(&self.app, &self.may()?, conversation_id, bot_id).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            AgentCommand::Availability { availability } => {
                availability::say(&self.app, &self.caller.may()?, availability).await?;
                self.show(availability);
                Ok(Done::default())
            }
        }
    }

    async fn hold(
        &self,
        write: write_message::Write,
        seen: Option<Number>,
        seconds: u32,
    ) -> Result<Done, CommandError> {
        let conversation_id = Some(write.conversation_id);
        let written = held_replies::hold(&self.app, &self.may()?, write, seen, seconds).await?;
        let position = written.position;
        Ok(match written.value {
            Kept::Held { until } => Done { position, conversation_id, held_until: Some(until), ..Done::default() },
            Kept::TakenBack => Done { position, conversation_id, ..Done::default() },
            Kept::Gone(appended) => done(*appended),
        })
    }

    fn may(&self) -> Result<May<Answer>, CommandError> {
        self.caller.may()
    }

    async fn typing(&mut self, id: ConversationId, on: bool, note: bool) -> Result<Done, CommandError> {
        self.may()?;
        let viewing = match &self.viewing {
            Some((viewing, _)) if viewing.conversation == id => *viewing,
            _ => self.look_up(id).await?,
        };
        let who = self.caller.author();
        let except = Some(self.session.person);
        let typing = Typing { conversation_id: id, who, on, note, as_of: None };
        typing::tell_staff(&self.app, viewing.inbox, except, typing);
        if !note {
            let name = self.visible_name.clone();
            typing::tell_visitor(&self.app, viewing.identity, VisitorAuthor::Agent { name }, typing);
            if on {
                channels::show_typing(&self.app, viewing.inbox, id, viewing.identity);
            }
        }
        Ok(Done::default())
    }

    /// Shows to the others what this connection has open.
    async fn view(&mut self, id: Option<ConversationId>, mode: ViewMode) -> Result<Done, CommandError> {
        self.caller.may::<Read>()?;
        let Some(id) = id else {
            self.unview(Duration::ZERO);
            return Ok(Done::default());
        };
        if !matches!(&self.viewing, Some((open, _)) if open.conversation == id) {
            let next = self.look_up(id).await?;
            self.unview(Duration::ZERO);
            let here = self.app.presence.view(next.inbox, id, self.caller.agent_id, self.session.id, mode);
            self.viewing = Some((next, here));
        }
        if let Some((_, here)) = &self.viewing {
            here.shows(Shown::Mode(mode));
        }
        self.session.tell(self.open());
        Ok(Done::default())
    }

    /// The conversation, if this caller may see it.
    async fn look_up(&self, id: ConversationId) -> Result<Viewing, CommandError> {
        let caller = &self.caller;
        let found = conversations::find(&self.app.store, &caller.visibility, caller.agent_id, id).await?;
        let row = found.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
        Ok(Viewing { conversation: id, inbox: row.inbox_id, identity: row.identity_id })
    }

    /// Closes the conversation that is open, if one is.
    fn unview(&mut self, linger: Duration) {
        if let Some((_, here)) = self.viewing.take() {
            here.leaves(linger);
        }
    }

    /// Shows to the others that this person is here, until [`AgentSocket::gone`].
    fn show(&mut self, availability: Availability) {
        let now = self.app.clock.now();
        match &self.here {
            Some(here) => here.shows(Shown::Availability(availability, now)),
            None => {
                let (agent, connection) = (self.caller.agent_id, self.session.id);
                self.here = Some(self.app.presence.agent_here(agent, connection, availability, now));
            }
        }
    }

    async fn here(&mut self) -> ControlFlow<Bye> {
        let (availability, name) = match availability::of(&self.app, self.caller.agent_id).await {
            Ok(known) => known,
            Err(error) => return self.come_back(&error),
        };
        self.visible_name = name;
        self.show(availability);
        ControlFlow::Continue(())
    }

    /// Who is at the conversation that is open here, and whether its visitor is on the site.
    fn open(&self) -> Bytes {
        let mut bytes = BytesMut::new();
        if let Some((Viewing { conversation, inbox, .. }, _)) = self.viewing {
            let viewers = self.app.presence.viewers(inbox, conversation);
            put_signal(&mut bytes, AgentSignal::Viewers { conversation_id: conversation, viewers });
        }
        self.put_visitor(&mut bytes);
        bytes.freeze()
    }

    /// Whether the visitor of the conversation that is open here is on the site.
    fn put_visitor(&self, bytes: &mut BytesMut) {
        let Some((Viewing { inbox, identity, .. }, _)) = self.viewing else { return };
        let visitor = self.app.presence.visitor(inbox, identity);
        put_signal(bytes, AgentSignal::Visitors { inbox_id: inbox, changed: vec![visitor] });
    }

    /// A closed tab is gone at once; a cut connection gets the time to come back.
    fn gone(&mut self, ended: Ended) {
        let linger = match ended {
            Ended::Closed => LINGER_CLOSED,
            Ended::Cut => LINGER_CUT,
        };
        self.unview(linger);
        if let Some(here) = self.here.take() {
            here.leaves(linger);
        }
    }
}

/// Why a client was not brought up to date.
#[derive(Debug)]
enum NoJoin {
    /// It could not prove who it is.
    Proof(CommandError),
    Resume(NoResume),
}

impl From<NoResume> for NoJoin {
    fn from(error: NoResume) -> Self {
        Self::Resume(error)
    }
}

fn put_signal(bytes: &mut BytesMut, signal: AgentSignal) {
    bytes.extend_from_slice(&frame::agent(&AgentServerFrame::Signal(signal)));
}

fn bye(why: ByeReason) -> ControlFlow<Bye> {
    ControlFlow::Break(Bye { why, after_ms: 0 })
}

fn done(appended: switchboard_store::AppendedAt) -> Done {
    let message = appended.message;
    Done {
        position: Some(appended.position),
        conversation_id: Some(message.conversation_id),
        message_id: Some(message.id),
        number: Some(message.number),
        at: Some(message.at),
        held_until: None,
    }
}
