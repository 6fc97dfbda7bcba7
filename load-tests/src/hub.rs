//! The hub's HTTP side as a client sees it: the first owner, the team, an inbox, visitors' sessions, what the store says
//! in the end. The one place in the generator that knows paths and bodies of the API.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use switchboard_protocol::agent::ResumePoint;
use switchboard_protocol::bots::{BotAnswers, BotInbox, BotWithToken, CreateBot};
use switchboard_protocol::channels::{ChannelSetup, ChannelState, SaveChannel};
use switchboard_protocol::model::{Agent, Channel, Inbox, Message, Role};
use switchboard_protocol::rest::{
    AcceptInvitation, Access, CreateInbox, Invitation, InviteAgent, Me, MessagePage, OpenVisitorSession, SetUp, SignIn,
    VisitorSession, WriteMessage,
};
use switchboard_protocol::{AgentId, ConversationId, InboxId};

use crate::swarm::SOURCES;

const PASSWORD: &str = "a load test, not a secret";
/// An idle connection is used again within this time.
const REUSED_WITHIN: Duration = Duration::from_secs(1);
/// Requests under way at once while a run is prepared.
const AT_ONCE: usize = 32;
/// A channel that was just saved is looked at so often, so far apart, until it works.
const WORKS_WITHIN_LOOKS: u32 = 100;
const WORKS_LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error("{what} could not be asked for")]
    Send { what: String, source: reqwest::Error },
    #[error("{what} was answered with {status}: {body}")]
    Refused { what: String, status: u16, body: String },
    #[error("{what} was answered with something that is not its body: {body}")]
    Body { what: String, body: String, source: serde_json::Error },
    #[error("{what} set no session cookie")]
    NoCookie { what: String },
}

/// A signed-in person of the team.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub id: AgentId,
    /// `switchboard_session=…`, as it goes into a `Cookie` header.
    pub cookie: String,
}

/// An inbox with a channel.
#[derive(Debug)]
pub struct OpenedChannel {
    pub inbox: InboxId,
    pub setup: ChannelSetup,
}

/// The API of one hub.
#[derive(Clone)]
pub struct Hub {
    base: String,
    /// One client for each source address.
    clients: Vec<Client>,
}

impl Hub {
    pub fn at(address: SocketAddr) -> Result<Self, HubError> {
        let clients = (1..=SOURCES)
            .map(|last| {
                let from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
                // Between requests nobody drives the client, so it does not see the hub closing an idle connection.
                Client::builder().local_address(from).pool_idle_timeout(REUSED_WITHIN).no_proxy().build()
            })
            .collect::<Result<_, _>>()
            .map_err(|source| HubError::Send { what: "a client".into(), source })?;
        Ok(Self { base: format!("http://{address}"), clients })
    }

    /// Makes the owner with the one-time token.
    pub async fn set_up(&self, token: String) -> Result<SignedIn, HubError> {
        let body = SetUp { token, name: "Load".into(), email: "owner@load.test".into(), password: PASSWORD.into() };
        self.sign(Method::POST, "/api/setup", &body).await
    }

    pub async fn me(&self, who: &SignedIn) -> Result<Me, HubError> {
        self.ask(self.request(0, Method::GET, "/api/session").header(COOKIE, &who.cookie), "GET /api/session").await
    }

    /// Where the feed is now.
    pub async fn point(&self, who: &SignedIn) -> Result<ResumePoint, HubError> {
        Ok(self.me(who).await?.at)
    }

    /// Invites so many agents and signs each of them in.
    pub async fn hire(&self, owner: &SignedIn, people: usize) -> Result<Vec<SignedIn>, HubError> {
        stream::iter(0..people)
            .map(|index| async move {
                let body = InviteAgent {
                    name: format!("Agent {index}"),
                    email: format!("agent{index}@load.test"),
                    role: Role::Agent,
                };
                let invited: Invitation = self.as_person(owner, index, Method::POST, "/api/agents", &body).await?;
                let token = last_word(&invited.link).to_owned();
                let accept = AcceptInvitation { token, password: PASSWORD.into(), name: None };
                let path = "/api/invitations/accept";
                match self.sign_from(index, Method::POST, path, &accept).await {
                    // Accepted, but not signed in by it.
                    Err(HubError::NoCookie { .. }) => {
                        let body = SignIn { email: invited.agent.email, password: PASSWORD.into() };
                        self.sign_from(index, Method::POST, "/api/session", &body).await
                    }
                    other => other,
                }
            })
            .buffered(4)
            .try_collect()
            .await
    }

    /// A web chat inbox that these agents may see.
    pub async fn open_inbox(&self, owner: &SignedIn, agents: &[SignedIn]) -> Result<Inbox, HubError> {
        self.open_named_inbox(owner, agents, "Load", "LT-").await
    }

    /// The same by this name; its cases are numbered with this prefix.
    pub async fn open_named_inbox(
        &self,
        owner: &SignedIn,
        agents: &[SignedIn],
        name: &str,
        prefix: &str,
    ) -> Result<Inbox, HubError> {
        let body =
            CreateInbox { name: name.into(), channel: Channel::Web, case_prefix: Some(prefix.into()), web: None };
        let inbox: Inbox = self.as_person(owner, 0, Method::POST, "/api/inboxes", &body).await?;
        let access = Access { agents: agents.iter().map(|agent| agent.id).collect(), teams: Vec::new() };
        let path = format!("/api/inboxes/{}/access", inbox.id);
        let _: serde::de::IgnoredAny = self.as_person(owner, 0, Method::PUT, &path, &access).await?;
        Ok(inbox)
    }

    /// A bot that is asked in this inbox whatever comes, with its token.
    pub async fn make_bot(&self, owner: &SignedIn, inbox: InboxId, number: usize) -> Result<BotWithToken, HubError> {
        let body = CreateBot {
            name: format!("Robot {number}"),
            username: format!("load_{number}_bot"),
            inboxes: vec![BotInbox { inbox_id: inbox, rank: 1, answers: BotAnswers::Always }],
        };
        self.as_person(owner, number, Method::POST, "/api/bots", &body).await
    }

    /// So many inboxes, each for those agents that this says.
    pub async fn open_inboxes(
        &self,
        owner: &SignedIn,
        agents: impl Fn(usize) -> Vec<SignedIn>,
        count: usize,
    ) -> Result<Vec<Inbox>, HubError> {
        let agents = &agents;
        stream::iter(0..count)
            .map(|number| async move {
                let (name, prefix) = (format!("Lane {number}"), format!("B{number}-"));
                self.open_named_inbox(owner, &agents(number), &name, &prefix).await
            })
            .buffered(4)
            .try_collect()
            .await
    }

    /// An inbox of another channel, set up with these settings, that these agents may see.
    pub async fn open_channel(
        &self,
        owner: &SignedIn,
        agents: &[SignedIn],
        channel: Channel,
        save: SaveChannel,
    ) -> Result<OpenedChannel, HubError> {
        let body = CreateInbox { name: "Channel".into(), channel, case_prefix: Some("CH-".into()), web: None };
        let inbox: Inbox = self.as_person(owner, 0, Method::POST, "/api/inboxes", &body).await?;
        let access = Access { agents: agents.iter().map(|agent| agent.id).collect(), teams: Vec::new() };
        let path = format!("/api/inboxes/{}", inbox.id);
        let _: serde::de::IgnoredAny =
            self.as_person(owner, 0, Method::PUT, &format!("{path}/access"), &access).await?;
        let path = format!("{path}/channel");
        let mut setup: ChannelSetup = self.as_person(owner, 0, Method::PUT, &path, &save).await?;
        // Saved; it works when its holder has said so.
        for _ in 0..WORKS_WITHIN_LOOKS {
            if setup.health.state == ChannelState::Working {
                break;
            }
            tokio::time::sleep(WORKS_LOOK_EVERY).await;
            setup = self.ask(self.request(0, Method::GET, &path).header(COOKIE, &owner.cookie), &path).await?;
        }
        Ok(OpenedChannel { inbox: inbox.id, setup })
    }

    /// An agent answers; the same key again is the same answer again.
    pub async fn answer(
        &self,
        who: &SignedIn,
        conversation: ConversationId,
        key: &str,
        text: String,
    ) -> Result<Message, HubError> {
        let path = format!("/api/conversations/{conversation}/messages");
        let body = WriteMessage {
            note: false,
            text,
            attachments: Vec::new(),
            seen: None,
            answers: None,
            mail: None,
            after: None,
            mentions: Vec::new(),
        };
        let request = self.request(0, Method::POST, &path).header(COOKIE, &who.cookie).header("Idempotency-Key", key);
        self.ask(request.json(&body), &path).await
    }

    /// Tokens of so many new visitors.
    pub async fn visitors(&self, inbox: &Inbox, count: usize) -> Result<Vec<String>, HubError> {
        let widget_key = inbox.web.as_ref().map(|web| web.widget_key.clone()).unwrap_or_default();
        let widget_key = &widget_key;
        stream::iter(0..count)
            .map(|index| async move {
                let path = "/api/visitor/session";
                let body = OpenVisitorSession { widget_key: widget_key.clone(), token: None, user: None };
                let session: VisitorSession =
                    self.ask(self.request(index, Method::POST, path).json(&body), path).await?;
                Ok(session.token)
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    /// All messages of a conversation, as the store has them, in rising number.
    pub async fn messages(&self, who: &SignedIn, conversation: ConversationId) -> Result<Vec<Message>, HubError> {
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let before_part = before.map(|number: i64| format!("&before={number}")).unwrap_or_default();
            let path = format!("/api/conversations/{conversation}/messages?limit=100{before_part}");
            let page: MessagePage =
                self.ask(self.request(0, Method::GET, &path).header(COOKIE, &who.cookie), &path).await?;
            before = page.messages.first().map(|message| message.number);
            all.splice(0..0, page.messages);
            if !page.more || before.is_none() {
                return Ok(all);
            }
        }
    }

    /// Sum of a metric over all of its labels; none: there is no such metric.
    pub async fn metric(&self, name: &str) -> Result<Option<f64>, HubError> {
        let what = || "GET /metrics".to_owned();
        let answer = self
            .request(0, Method::GET, "/metrics")
            .send()
            .await
            .map_err(|source| HubError::Send { what: what(), source })?;
        let text = answer.text().await.map_err(|source| HubError::Send { what: what(), source })?;
        let values = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            rest.starts_with([' ', '{']).then(|| rest.rsplit(' ').next()?.parse::<f64>().ok())?
        });
        Ok(values.reduce(|sum, value| sum + value))
    }

    fn request(&self, client: usize, method: Method, path: &str) -> RequestBuilder {
        self.clients[client % self.clients.len()]
            .request(method, format!("{}{path}", self.base))
            .header(ORIGIN, &self.base)
    }

    async fn as_person<T: DeserializeOwned>(
        &self,
        who: &SignedIn,
        client: usize,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, HubError> {
        self.ask(self.request(client, method, path).header(COOKIE, &who.cookie).json(body), path).await
    }

    async fn sign(&self, method: Method, path: &str, body: &impl Serialize) -> Result<SignedIn, HubError> {
        self.sign_from(0, method, path, body).await
    }

    async fn sign_from(
        &self,
        client: usize,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<SignedIn, HubError> {
        /// Of [`Me`], only who it is: the rest is long with many agents.
        #[derive(serde::Deserialize)]
        struct Who {
            agent: Agent,
        }
        let send = |source| HubError::Send { what: path.to_owned(), source };
        let answer = self.request(client, method, path).json(body).send().await.map_err(send)?;
        let cookie = answer
            .headers()
            .get(SET_COOKIE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next());
        let cookie = cookie.map(str::to_owned);
        let who: Result<Who, HubError> = read(answer, path).await;
        let cookie = match (&who, cookie) {
            (Err(HubError::Refused { .. }), _) => String::new(),
            (_, Some(cookie)) => cookie,
            (_, None) => return Err(HubError::NoCookie { what: path.to_owned() }),
        };
        Ok(SignedIn { id: who?.agent.id, cookie })
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder, what: &str) -> Result<T, HubError> {
        let answer = request.send().await.map_err(|source| HubError::Send { what: what.to_owned(), source })?;
        read(answer, what).await
    }
}

async fn read<T: DeserializeOwned>(answer: reqwest::Response, what: &str) -> Result<T, HubError> {
    let status = answer.status();
    let body = answer.text().await.map_err(|source| HubError::Send { what: what.to_owned(), source })?;
    if !status.is_success() {
        return Err(HubError::Refused { what: what.to_owned(), status: status.as_u16(), body });
    }
    // An answer without a body (204) is read as null.
    let text = if body.is_empty() { "null" } else { &body };
    serde_json::from_str(text).map_err(|source| HubError::Body { what: what.to_owned(), body: body.clone(), source })
}

/// The token at the end of a link: behind the last of `=`, `#` and `/`.
pub fn last_word(link: &str) -> &str {
    let end = link.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    end.rsplit(['=', '#', '/']).next().unwrap_or(end)
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_at_the_end_of_links() {
        for link in ["http://127.0.0.1:8080/setup?token=aB-3_x", "http://h/setup#aB-3_x", "\"http://h/setup/aB-3_x\","]
        {
            assert_eq!(super::last_word(link), "aB-3_x");
        }
    }
}
