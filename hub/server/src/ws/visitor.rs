//! What the visitors' socket means.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use switchboard_protocol::agent::{Bye, ByeReason, Done, ResetReason, ResumePoint};
use switchboard_protocol::model::{Author, PageSeen};
use switchboard_protocol::visitor::{PageNow, VisitorCommand, VisitorFrame, VisitorServerFrame, VisitorSignal};
use switchboard_protocol::{ConnectionId, ContactId, ConversationId, Position, limits};
use switchboard_store::conversations;

use super::frame::{self, CloseCode};
use super::handshake::{Handshake, Upgraded};
use super::resume::{self, NoResume};
use super::socket::{self, Ended, Handler, Link, TurnedAway};
use super::{incoming, typing};
use crate::app::{App, Shared};
use crate::bots::control;
use crate::caller::Visitor;
use crate::commands::{visitor_about, visitor_rate, visitor_seen, visitor_send};
use crate::error::CommandError;
use crate::feed::Reader;
use crate::http::auth;
use crate::places::Place;
use crate::presence::{Here, LINGER_CLOSED, LINGER_CUT, Shown};
use crate::sessions::{NEVER, Person, Session, Start, Topic};

/// `GET /ws/visitor`: from the hub's own panel, or from a program. Who it is comes in the first frame.
pub async fn open(State(app): State<Shared>, request: Request<Body>) -> Response {
    match admit(&app, request) {
        Ok((place, handshake)) => handshake.accept(&app.clone().tasks, move |upgraded| async move {
            run(app, upgraded, place.address()).await;
            drop(place);
        }),
        Err(error) => error.into_response(),
    }
}

fn admit(app: &App, request: Request<Body>) -> Result<(Place, Handshake), CommandError> {
    let place = super::place(app, &request)?;
    auth::not_cross_site(app, request.headers())?;
    Ok((place, Handshake::check(request)?))
}

async fn run(app: Shared, upgraded: Upgraded, address: IpAddr) {
    let (mut link, stream) = Link::new(upgraded, limits::CLIENT_FRAME_BYTES);
    let (visitor, from, page) = match Box::pin(hello(&app, &mut link, &stream, address)).await {
        Ok(hello) => hello,
        Err(turned_away) => return socket::turn_away(&stream, turned_away).await,
    };
    let now = app.clock.now();
    let id = ConnectionId(app.random.ulid(now));
    let session = Arc::new(Session::new(id, Person::Visitor(visitor.identity_id), stream, app.clock.ticks()));
    let entered = super::enter(&app, &session);
    let mut socket = VisitorSocket {
        app: app.clone(),
        session: session.clone(),
        visitor,
        address,
        reader: incoming::Reader::default(),
        own: None,
        running: None,
        here: None,
    };
    // On the heap for as long as it runs: a socket that is idle for hours must not keep room for it.
    let ended = match Box::pin(socket.start(from)).await {
        ControlFlow::Continue(()) => {
            socket.shows(page);
            link.run(&session, &app.clock, &mut socket).await
        }
        ControlFlow::Break(bye) => {
            session.take_leave();
            session.bye(bye.why, frame::bye(bye, CloseCode::of(bye.why)));
            Ended::Cut
        }
    };
    drop(entered);
    let linger = match ended {
        Ended::Closed => LINGER_CLOSED,
        Ended::Cut => LINGER_CUT,
    };
    if let Some(here) = socket.here.take() {
        here.leaves(linger);
    }
    socket::hang_up(&session).await;
}

type Hello = (Visitor, Option<ResumePoint>, Option<PageNow>);

/// Verifying the token needs no database: a storm of reconnecting visitors does not reach it.
async fn hello(
    app: &App,
    link: &mut Link,
    stream: &tokio::net::TcpStream,
    address: IpAddr,
) -> Result<Hello, TurnedAway> {
    let text = link.first_text(stream, &app.draining).await?;
    match serde_json::from_str(&text) {
        Ok(VisitorFrame::Hello { token, from, page }) => {
            let known = auth::visitor(app, &token, address).await;
            let visitor = known.map_err(|error| super::not_let_in(&error.for_caller()))?;
            Ok((visitor, from, page))
        }
        Ok(VisitorFrame::Command { .. } | VisitorFrame::Pong) | Err(_) => Err(ByeReason::Protocol.into()),
    }
}

struct VisitorSocket {
    app: Shared,
    session: Arc<Session>,
    visitor: Visitor,
    /// Where the socket comes from.
    address: IpAddr,
    reader: incoming::Reader,
    /// The conversation last found to be this visitor's, and whose contact it is.
    own: Option<(ConversationId, ContactId)>,
    /// Where the last message went. The next one goes there too unless it says otherwise, and so takes the way of the
    /// many: finding the running conversation anew costs three times as much as writing into it.
    running: Option<ConversationId>,
    /// Shown as here, from the welcome on.
    here: Option<Here>,
}

impl Handler for VisitorSocket {
    async fn text(&mut self, text: &str) -> ControlFlow<Bye> {
        match self.reader.read(text) {
            Ok(VisitorFrame::Pong | VisitorFrame::Hello { .. }) => ControlFlow::Continue(()),
            Ok(VisitorFrame::Command { id, command }) => {
                let (app, session) = (self.app.clone(), self.session.clone());
                // As above: what a command needs is gone when it is done.
                let result = Box::pin(incoming::carry_out(&app, &session, self.command(&id, command))).await;
                incoming::reply(&self.session, id, result.map_err(CommandError::for_caller));
                ControlFlow::Continue(())
            }
            Err(unreadable) => {
                incoming::reply(&self.session, unreadable.id, Err(unreadable.error));
                if unreadable.hopeless {
                    return ControlFlow::Break(Bye { why: ByeReason::Protocol, after_ms: 0 });
                }
                ControlFlow::Continue(())
            }
        }
    }

    async fn catch_up(&mut self) -> ControlFlow<Bye> {
        // As above.
        Box::pin(self.catches_up()).await
    }

    /// It never has: no visitor's session waits.
    async fn lapsed(&mut self) -> ControlFlow<Bye> {
        ControlFlow::Continue(())
    }

    fn now(&self) -> Bytes {
        let online = self.app.presence.team_online();
        frame::visitor(&VisitorServerFrame::Signal(VisitorSignal::Team { online }))
    }
}

impl VisitorSocket {
    /// Goes on from where the client is, or from now with a reset if that is not possible: what a visitor sees is short
    /// and quickly read again, and what happens while they read it comes live.
    async fn start(&self, from: Option<ResumePoint>) -> ControlFlow<Bye> {
        match resume::start(&self.app.feed, &self.reader_of_feed(), from.as_ref(), 0).await {
            Ok(position) => self.goes_on(position)?,
            Err(NoResume::Reset(why)) => self.starts_afresh(why)?,
            Err(error) => return self.come_back(error),
        }
        self.catches_up().await
    }

    async fn catches_up(&self) -> ControlFlow<Bye> {
        match resume::catch_up(&self.app.feed, &self.session, &self.reader_of_feed()).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(NoResume::Reset(why)) => self.starts_afresh(why),
            Err(error) => self.come_back(error),
        }
    }

    fn starts_afresh(&self, why: ResetReason) -> ControlFlow<Bye> {
        // It goes on at once, and its token was good for a year.
        self.session.reset(frame::visitor(&VisitorServerFrame::Reset { why }), NEVER);
        self.goes_on(self.app.feed.delivered())
    }

    fn goes_on(&self, position: Position) -> ControlFlow<Bye> {
        self.session.start_joining();
        let topics = vec![Topic::Identity(self.visitor.identity_id), Topic::EveryVisitor];
        match resume::join(&self.app, &self.session, topics, Start { position, holds_until: NEVER }) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.come_back(error),
        }
    }

    fn reader_of_feed(&self) -> Reader {
        Reader::Visitor { identity: self.visitor.identity_id }
    }

    fn come_back(&self, error: NoResume) -> ControlFlow<Bye> {
        if let NoResume::Unreadable(error) = error {
            tracing::warn!(%error, "a visitor could not be brought up to date; they will come again");
        }
        ControlFlow::Break(super::unavailable(&self.app))
    }

    async fn command(&mut self, id: &str, command: VisitorCommand) -> Result<Done, CommandError> {
        let (identity, limits) = (self.visitor.identity_id, &self.app.config.limits);
        let (key, rate) = match &command {
            // What they say, by words or by a button: it stands in the thread.
            VisitorCommand::Send { .. } | VisitorCommand::Press { .. } => {
                (format!("visitor-messages:{identity}"), limits.visitor_messages)
            }
            _ => (format!("visitor-commands:{identity}"), limits.visitor_commands),
        };
        self.app.limit_here(&key, rate)?;
        match command {
            VisitorCommand::Send { text, attachments, conversation_id, source, about } => {
                let conversation_id = conversation_id.or(self.running);
                if conversation_id.is_none() {
                    let key = format!("conversations:{}", self.address);
                    self.app.limit(&key, limits.conversations_per_address).await?;
                }
                let client_id = id.to_owned();
                let send = visitor_send::Send { client_id, text, attachments, conversation_id, source, about };
                let sent = visitor_send::send(&self.app, self.visitor, send).await;
                // Whatever was wrong, the next try looks for the running conversation anew.
                let sent = sent.inspect_err(|_| self.running = None)?;
                self.running = Some(sent.conversation_id);
                Ok(Done {
                    position: Some(sent.position),
                    conversation_id: Some(sent.conversation_id),
                    message_id: Some(sent.message_id),
                    number: Some(sent.number),
                    at: Some(sent.at),
                    held_until: None,
                })
            }
            VisitorCommand::Describe { about } => {
                let position = visitor_about::describe(&self.app, self.visitor, *about).await?;
                Ok(Done { position, ..Done::default() })
            }
            VisitorCommand::Typing { conversation_id, on } => {
                let contact = self.own(conversation_id).await?;
                let who = Author::Contact { id: contact };
                let typing = typing::Typing { conversation_id, who, on, note: false, as_of: None };
                typing::tell_staff(&self.app, self.visitor.inbox_id, None, typing);
                Ok(Done::default())
            }
            VisitorCommand::Seen { conversation_id, delivered, read } => {
                let written = visitor_seen::seen(&self.app, self.visitor, conversation_id, delivered, read).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            VisitorCommand::Press { conversation_id, number, row, column, text } => {
                let place = (row, column);
                let written = control::press(&self.app, self.visitor, conversation_id, number, place, text).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            VisitorCommand::AskHuman { conversation_id } => {
                let written = control::ask_human(&self.app, self.visitor, conversation_id).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            VisitorCommand::Rate { conversation_id, score, words } => {
                let written = visitor_rate::rate(&self.app, self.visitor, conversation_id, score, words).await?;
                Ok(Done { position: written.position, conversation_id: Some(conversation_id), ..Done::default() })
            }
            VisitorCommand::Page { page } => {
                self.shows(Some(page));
                Ok(Done::default())
            }
        }
    }

    /// The contact of this visitor's own conversation; somebody else's is not found.
    async fn own(&mut self, id: ConversationId) -> Result<ContactId, CommandError> {
        if let Some((_, contact)) = self.own.filter(|(own, _)| *own == id) {
            return Ok(contact);
        }
        let found = conversations::find_for_identity(&self.app.store, self.visitor.identity_id, id).await?;
        let contact = found.ok_or_else(|| CommandError::not_found("conversation"))?.contact.id;
        self.own = Some((id, contact));
        Ok(contact)
    }

    fn shows(&mut self, page: Option<PageNow>) {
        let at = self.app.clock.now();
        let page = page.map(|PageNow { url, title }| PageSeen { url, title, at });
        let Visitor { inbox_id, identity_id } = self.visitor;
        match &self.here {
            Some(here) => here.shows(Shown::Page(page.as_ref())),
            None => {
                let presence = &self.app.presence;
                self.here = Some(presence.visitor_here(inbox_id, identity_id, self.session.id, page.as_ref()));
            }
        }
    }
}
