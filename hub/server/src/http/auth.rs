//! Who sends a request: a browser by its cookie, a program by its token, a visitor by theirs.
//!
//! A cookie goes along with whatever a browser sends, whoever made it send that; so a request with a cookie that changes
//! something must say that a page of ours made it (`Sec-Fetch-Site` or `Origin`). A bearer token is attached by hand and
//! needs no such proof.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use switchboard_protocol::UnixMs;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::Scope;
use switchboard_store::agents::Account;
use switchboard_store::{Written, access, sessions, tokens};
use tokio::time::timeout;

use crate::app::{App, Shared, Unasked};
use crate::caller::{Caller, Credential, May, Origin, Permit, Visitor, Who, network, noted_before};
use crate::commands::identity_secrets;
use crate::config::origin_of;
use crate::error::{CommandError, Problem};
use crate::http::accept::Peer;
use crate::limits;
use crate::secret;

pub const COOKIE: &str = "switchboard_session";

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let caller = caller(app, &parts.headers, address(app, &parts.headers, peer(parts))).await?;
        if matches!(caller.by, Credential::Session { .. }) && !parts.method.is_safe() {
            same_origin(app, &parts.headers)?;
        }
        app.limit(&format!("requests:{}", caller.agent_id), app.config.limits.requests_per_caller).await?;
        Ok(caller)
    }
}

impl<P: Permit> FromRequestParts<Shared> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        Ok(Caller::from_request_parts(parts, app).await?.may()?)
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(unauthenticated)?;
        let from = address(app, &parts.headers, peer(parts));
        let visitor = visitor(app, token, from).await?;
        // Not by the token: whoever has used one up asks for the next.
        let from = network(from);
        app.limit(&format!("visitor-requests:{from}"), app.config.limits.visitor_requests_per_address).await?;
        Ok(visitor)
    }
}

/// Who a request is from: a program's token, or a browser's session cookie. Says nothing of who made the browser send it;
/// what changes something by cookie asks [`same_origin`] too. `from` is the other end, where guesses are counted.
pub async fn caller(app: &App, headers: &HeaderMap, from: IpAddr) -> Result<Caller, CommandError> {
    match (bearer(headers), cookie(headers)) {
        (Some(token), _) => caller_by_token(app, token, from).await,
        (None, Some(token)) => counted(app, from, by_session_token(app, token).await).await,
        (None, None) => Err(unauthenticated().into()),
    }
}

/// Counts what was shown and is not good, by network: too many are told to wait. Who shows something good is never told so,
/// whoever else is behind the same address, and so the look comes first.
async fn counted<T>(app: &App, from: IpAddr, shown: Result<T, CommandError>) -> Result<T, CommandError> {
    if matches!(&shown, Err(CommandError::Refused(error)) if error.code == ErrorCode::Unauthenticated) {
        app.limit(&format!("refused:{}", network(from)), app.config.limits.refused_per_address).await?;
    }
    shown
}

/// Whether the request carries a session's cookie, good or not.
pub fn has_cookie(headers: &HeaderMap) -> bool {
    cookie(headers).is_some()
}

/// Whether the request carries a token, good or not.
pub fn has_token(headers: &HeaderMap) -> bool {
    bearer(headers).is_some()
}

/// The caller whose API token this is, shown by `from`.
pub async fn caller_by_token(app: &App, token: &str, from: IpAddr) -> Result<Caller, CommandError> {
    counted(app, from, by_token(app, secret::hash(token).into()).await).await
}

/// The visitor whose token this is, shown by `from`. Needs no database, unless they are signed in on the site.
pub async fn visitor(app: &App, token: &str, from: IpAddr) -> Result<Visitor, CommandError> {
    let mut known = app.visitor_key.verify(token, app.clock.now());
    if let Some((visitor, at)) = known
        && !identity_secrets::counts(app, visitor, at).await?
    {
        known = None;
    }
    counted(app, from, known.map(|(visitor, _)| visitor).ok_or_else(|| unauthenticated().into())).await
}

/// The caller whose session cookie has this token.
pub async fn by_session_token(app: &App, token: &str) -> Result<Caller, CommandError> {
    by_session(app, secret::hash(token).into()).await
}

/// The same credential looked up anew: an error if it has ended, otherwise role and visibility as they are now.
pub async fn again(app: &App, credential: &Credential) -> Result<Caller, CommandError> {
    match credential {
        Credential::Session { token_hash, .. } => by_session(app, token_hash.clone()).await,
        Credential::Token { token_hash, .. } => by_token(app, token_hash.clone()).await,
    }
}

async fn by_session(app: &App, token_hash: Arc<str>) -> Result<Caller, CommandError> {
    let now = app.clock.now();
    let found = sessions::find(&app.store, &token_hash, now).await?;
    let (session, account) = found.ok_or_else(unauthenticated)?;
    let (id, last, put_off) = (session.id, noted_before(now), now + limits::SESSION_MS);
    let mut known = Proved {
        scopes: Scope::ALL.to_vec(),
        until: Some(session.expires_at),
        noted_at: Some(session.last_seen_at),
        by: Credential::Session { id, token_hash },
    };
    if session.last_seen_at <= last {
        let note = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(sessions::seen(tx, id, now, last, put_off).await?) })
        });
        if noted(note).await {
            (known.until, known.noted_at) = (Some(put_off), Some(now));
        }
    }
    known.caller(app, account).await
}

async fn by_token(app: &App, token_hash: Arc<str>) -> Result<Caller, CommandError> {
    let now = app.clock.now();
    let found = tokens::find(&app.store, &token_hash, now).await?;
    let (token, account) = found.ok_or_else(unauthenticated)?;
    let (id, last) = (token.id, noted_before(now));
    let mut known = Proved {
        scopes: token.scopes,
        until: token.expires_at,
        noted_at: token.last_used_at,
        by: Credential::Token { id, token_hash },
    };
    if token.last_used_at.is_none_or(|at| at <= last) {
        let note = app
            .write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(tokens::used(tx, id, now, last).await?) }));
        if noted(note).await {
            known.noted_at = Some(now);
        }
    }
    known.caller(app, account).await
}

/// Notes that a credential is in use, if that can be written just now; the next use notes it otherwise. Whether it is known
/// to be noted by this.
async fn noted(write: impl Future<Output = Result<Written<bool>, CommandError>>) -> bool {
    match timeout(limits::LAST_SEEN_PATIENCE, write).await {
        Ok(Ok(written)) => return written.value,
        Ok(Err(error)) => tracing::warn!(%error, "the use of a session or token is not noted"),
        Err(_elapsed) => tracing::debug!("the use of a session or token is noted when the writer comes to it"),
    }
    false
}

/// What a session or token says by itself of who shows it.
struct Proved {
    scopes: Vec<Scope>,
    until: Option<UnixMs>,
    noted_at: Option<UnixMs>,
    by: Credential,
}

impl Proved {
    async fn caller(self, app: &App, account: Account) -> Result<Caller, CommandError> {
        let Self { scopes, until, noted_at, by } = self;
        let Account { agent, access_position, .. } = account;
        let visibility = access::visibility_of(&app.store, agent.id).await?.ok_or_else(unauthenticated)?;
        let (agent_id, role) = (agent.id, agent.role);
        Ok(Caller::new(Who { agent_id, role, scopes, visibility, access_position, until, noted_at, by }))
    }
}

fn unauthenticated() -> ApiError {
    ApiError::new(ErrorCode::Unauthenticated, "You are not signed in, or no longer.")
}

/// The value of the session cookie.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Refuses what a page of another origin made the browser send. Used for cookie requests that change something, for
/// signing in, and for the agents' socket.
pub fn same_origin(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = match (text("sec-fetch-site"), text("origin")) {
        // Only a browser can set the first, and a page cannot change it.
        (Some("same-origin"), _) => true,
        (_, Some(origin)) => is_ours(app, origin, text("host")),
        _ => false,
    };
    if ours { Ok(()) } else { Err(wrong_origin()) }
}

/// The same for requests that carry no cookie yet (signing in): a program, which says nothing of origins, may.
pub fn not_cross_site(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let says_nothing = !headers.contains_key("sec-fetch-site") && !headers.contains_key(header::ORIGIN);
    if says_nothing { Ok(()) } else { same_origin(app, headers) }
}

fn wrong_origin() -> ApiError {
    ApiError::new(ErrorCode::WrongOrigin, "This came from a page that is not the hub's own.")
}

/// Whether an origin is the hub's own, as the request with this Host header has reached it.
pub fn is_ours(app: &App, origin: &str, host: Option<&str>) -> bool {
    if app.config.public_origin().is_some_and(|public| public == origin) {
        return true;
    }
    // Without a public address the Host header says what the browser has asked for; a page cannot forge it.
    let authority = origin_of(origin).and_then(|origin| origin.split_once("://").map(|(_, rest)| rest.to_owned()));
    authority.is_some_and(|authority| host.is_some_and(|host| host.eq_ignore_ascii_case(&authority)))
}

impl FromRequestParts<Shared> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        Ok(origin(app, parts))
    }
}

/// The other end of the connection.
fn peer(parts: &Parts) -> IpAddr {
    parts.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |Peer(peer)| peer.ip().to_canonical())
}

/// Reads it from a request's head.
pub fn origin(app: &App, parts: &Parts) -> Origin {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let peer = peer(parts);
    let trusted = app.config.trusted_proxies.contains(&peer);
    let forwarded = |name: &str| if trusted { text(name) } else { None };
    let secure = match app.config.public_origin() {
        Some(public) => public.starts_with("https://"),
        None => forwarded("x-forwarded-proto") == Some("https"),
    };
    let base_url = app.config.public_origin().unwrap_or_else(|| {
        let host = text("host").unwrap_or("localhost");
        format!("{}://{host}", if secure { "https" } else { "http" })
    });
    let user_agent = text("user-agent").unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
    Origin { address: address(app, &parts.headers, peer), user_agent, base_url, secure }
}

/// The client's address: the peer's, or what trusted proxies say of it. Each appends whom it saw, so the last one
/// that is not itself a trusted proxy is the client.
pub fn address(app: &App, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let trusted = |address: &IpAddr| app.config.trusted_proxies.contains(address);
    if !trusted(&peer) {
        return peer;
    }
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut hops =
        lines.iter().rev().flat_map(|line| line.rsplit(',')).map_while(|hop| hop.trim().parse::<IpAddr>().ok());
    hops.find(|hop| !trusted(hop)).unwrap_or(peer)
}
