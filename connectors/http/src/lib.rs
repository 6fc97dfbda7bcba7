//! HTTP to a provider, as every channel wants it: bounded in time and size, to allowed addresses only, and with an answer to
//! the one question that matters when it fails: did the request leave?
//!
//! Deliberately not here: trying again (the hub's outbox), and redirects, which a provider's API has no use for. Only
//! [`Http::fetch`] follows them, since files lie elsewhere. A proxy named by the environment is not used: it would resolve
//! names where [`Addresses`] cannot see.

mod failed;
mod fetch;
mod resolve;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, redirect};
use switchboard_connector::Addresses;
use tokio::net::TcpStream;
use url::{Host, Url};

pub use failed::Failed;
pub use fetch::{Fetched, NotFetched};
use resolve::{Forbidden, Resolver};

/// Until the provider's machine has taken the connection, TLS and all.
const CONNECT: Duration = Duration::from_secs(10);

/// From the first byte out to the last one in.
const WHOLE: Duration = Duration::from_secs(30);

/// Most of an answer that is read, bytes: what providers say is a few kilobytes.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Longest that a provider's `Retry-After` is heeded: beyond it somebody should hear of it first.
const RETRY_AFTER: Duration = Duration::from_secs(6 * 60 * 60);

/// One for the whole process: it keeps connections open for the next message.
#[derive(Clone)]
pub struct Http {
    client: Client,
    addresses: Addresses,
}

/// What the provider answered, whatever it was.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// In seconds; a date is not read.
    pub retry_after: Option<Duration>,
    /// As much as came: cut at a bound or where the connection broke.
    pub body: Bytes,
    /// That was all of it.
    pub whole: bool,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Http {
    pub fn new(addresses: Addresses) -> Result<Self, Failed> {
        let client = Self::builder(addresses).build().map_err(|error| Failed::of(&error))?;
        Ok(Self { client, addresses })
    }

    /// The same client for a library that brings its own requests. A host that is written as an IP address never comes to
    /// the resolver: whoever uses this asks [`Addresses`] about it.
    pub fn builder(addresses: Addresses) -> ClientBuilder {
        Client::builder()
            .user_agent("Switchboard")
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Resolver::new(addresses))
    }

    /// To make requests with; [`Http::call`] sends them.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request once. That there is an answer means that it was read by somebody.
    pub async fn call(&self, request: RequestBuilder) -> Result<Answer, Failed> {
        let response = self.open(request).await?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(reqwest::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER));
        let (body, whole) = read(response, ANSWER_BYTES).await;
        Ok(Answer { status, retry_after, body, whole })
    }

    /// Whether somebody takes connections at the address; nothing is said to them.
    pub async fn reach(&self, url: &Url) -> Result<(), Failed> {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let connect = async {
            let found = tokio::net::lookup_host((host, port)).await?;
            let allowed: Vec<_> = found.filter(|address| self.addresses.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(std::io::Error::other(Forbidden));
            }
            TcpStream::connect(allowed.as_slice()).await
        };
        match tokio::time::timeout(CONNECT, connect).await {
            Ok(Ok(_stream)) => Ok(()),
            Ok(Err(error)) if error.get_ref().is_some_and(|inner| inner.is::<Forbidden>()) => Err(Failed::forbidden()),
            Ok(Err(error)) => Err(Failed::NotSent(format!("{host} could not be reached: {error}"))),
            Err(_elapsed) => {
                Err(Failed::NotSent(format!("{host} could not be reached within {} s", CONNECT.as_secs())))
            }
        }
    }

    /// Sends a request once and leaves the body to whoever reads it within a bound of their own.
    pub async fn open(&self, request: RequestBuilder) -> Result<Response, Failed> {
        let request = request.build().map_err(|error| Failed::of(&error))?;
        self.allow(request.url())?;
        self.client.execute(request).await.map_err(|error| Failed::of(&error))
    }

    /// A host that is an address already is never resolved.
    fn allow(&self, url: &Url) -> Result<(), Failed> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(Failed::Settings("the address names no host".to_owned())),
        };
        if self.addresses.allows(address) { Ok(()) } else { Err(Failed::forbidden()) }
    }
}

/// At most so many bytes, and whether that was all.
async fn read(mut response: Response, most: usize) -> (Bytes, bool) {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > most => {
                body.extend_from_slice(&chunk[..most - body.len()]);
                return (body.freeze(), false);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body.freeze(), true),
            Err(_broken) => return (body.freeze(), false),
        }
    }
}
