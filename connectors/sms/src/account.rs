//! Calls to the provider's API: which address, which login, what is in the answer.

use reqwest::RequestBuilder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use switchboard_connector::{Secret, Trouble};
use switchboard_connector_http::{Answer, Failed, Fetched, Http, NotFetched};
use url::Url;

use crate::outcome::{Complaint, trouble};

const TWILIO: &str = "https://api.twilio.com";

pub(crate) struct Account {
    http: Http,
    sid: String,
    token: Secret,
    /// Empty: Twilio's own.
    base_url: String,
}

/// What is read of an account.
#[derive(Deserialize)]
struct AccountResource {
    #[serde(default)]
    friendly_name: String,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
struct Numbers {
    incoming_phone_numbers: Vec<Number>,
}

/// What is read of a number.
#[derive(Deserialize)]
pub(crate) struct Number {
    /// Where the provider brings what comes in.
    #[serde(default)]
    pub sms_url: String,
    #[serde(default)]
    pub capabilities: NumberCapabilities,
}

#[derive(Deserialize, Default)]
pub(crate) struct NumberCapabilities {
    #[serde(default, alias = "SMS")]
    pub sms: bool,
}

impl Account {
    pub fn new(http: Http, sid: String, token: Secret, base_url: String) -> Self {
        Self { http, sid: sid.trim().to_owned(), token, base_url }
    }

    pub fn sid(&self) -> &str {
        &self.sid
    }

    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// `.../Messages.json`: sends, once.
    pub async fn post_message(&self, form: &[(&str, &str)]) -> Result<Answer, Failed> {
        let url = self.url("/Messages.json")?;
        self.call(self.http.client().post(url).form(form)).await
    }

    /// The account's name, if it is one that works.
    pub async fn check(&self) -> Result<String, Trouble> {
        if self.sid.is_empty() || self.token.expose().is_empty() {
            return Err(Trouble::Settings("The account's SID and its auth token are both needed.".to_owned()));
        }
        let account: AccountResource = self.get(self.url(".json")?).await?;
        if account.status.is_empty() || account.status == "active" {
            Ok(account.friendly_name)
        } else {
            Err(Trouble::Settings(format!("The account “{}” is {}.", account.friendly_name, account.status)))
        }
    }

    /// A number that is the account's own.
    pub async fn number(&self, number: &str) -> Result<Number, Trouble> {
        let url = self.under("/IncomingPhoneNumbers.json", &[("PhoneNumber", number.to_owned())])?;
        let found: Numbers = self.get(url).await?;
        let missing = || Trouble::Settings(format!("{number} is not a number of this account."));
        found.incoming_phone_numbers.into_iter().next().ok_or_else(missing)
    }

    /// A file of a message that came in. The login is for the provider alone, wherever the file is said to be.
    pub async fn fetch(&self, url: &Url, most_bytes: usize) -> Result<Fetched, NotFetched> {
        let ours = self.url("")?.origin() == url.origin();
        let login = ours.then_some((self.sid.as_str(), self.token.expose()));
        self.http.fetch(url, login, most_bytes).await
    }

    /// A resource under the account's.
    pub fn under(&self, path: &str, query: &[(&str, String)]) -> Result<Url, Failed> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// An address that the provider gives relative to its own. One that leads elsewhere is none: it is called with the login.
    pub fn beside(&self, uri: &str) -> Result<Url, Failed> {
        let account = self.url("")?;
        let there = account.join(uri).ok().filter(|there| there.origin() == account.origin());
        there.ok_or_else(|| Failed::Settings("The provider names an address that is not its own.".to_owned()))
    }

    /// None where the provider has nothing of the kind.
    pub async fn get_if_there<Resource: DeserializeOwned>(&self, url: Url) -> Result<Option<Resource>, Trouble> {
        let answer = self.ask(url).await?;
        if matches!(answer.status, 404 | 405 | 501) { Ok(None) } else { resource(&answer).map(Some) }
    }

    async fn get<Resource: DeserializeOwned>(&self, url: Url) -> Result<Resource, Trouble> {
        resource(&self.ask(url).await?)
    }

    /// Whatever the answer is.
    pub async fn ask(&self, url: Url) -> Result<Answer, Failed> {
        self.call(self.http.client().get(url)).await
    }

    async fn call(&self, request: RequestBuilder) -> Result<Answer, Failed> {
        self.http.call(request.basic_auth(&self.sid, Some(self.token.expose()))).await
    }

    /// Of the account's own resource, and what is under it.
    fn url(&self, rest: &str) -> Result<Url, Failed> {
        let base = if self.base_url.is_empty() { TWILIO } else { &self.base_url };
        let base = base.trim_end_matches('/');
        if self.sid.is_empty() || !self.sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Failed::Settings("An account's SID has letters and digits only.".to_owned()));
        }
        Url::parse(base)
            .ok()
            .filter(|base| matches!(base.scheme(), "https" | "http") && base.has_host())
            .and_then(|_| Url::parse(&format!("{base}/2010-04-01/Accounts/{}{rest}", self.sid)).ok())
            .ok_or_else(|| Failed::Settings("The provider's address is not one that begins with https://.".to_owned()))
    }
}

fn resource<Resource: DeserializeOwned>(answer: &Answer) -> Result<Resource, Trouble> {
    if !answer.is_success() {
        return Err(trouble(answer, &Complaint::of(answer)));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| Trouble::Settings("What answers at this address does not speak Twilio's dialect.".to_owned()))
}
