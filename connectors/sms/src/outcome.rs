//! What an answer of the provider says of the message, or of the settings: <https://www.twilio.com/docs/api/errors>.

use serde::Deserialize;
use switchboard_connector::{SendError, Sent, Trouble};
use switchboard_connector_http::Answer;

/// Longest sentence of the provider that is passed on, characters.
const SENTENCE_CHARS: usize = 300;

/// Too many requests, or more than the sender's queue holds: true of the next message as well.
const BUSY: [u32; 3] = [14107, 20429, 21611];

/// About the account or the sender, whoever the recipient is: credentials, an account that is closed, a `From` that is not
/// ours or cannot do SMS, a messaging service that is not there or has no number, a status address that is none.
const SETTINGS: [u32; 14] =
    [20003, 20005, 20006, 20404, 21212, 21603, 21606, 21609, 21659, 21660, 21701, 21703, 21704, 21705];

/// About the recipient, also where HTTP calls it forbidden: not a number, in a country that the account does not write to,
/// unsubscribed, out of reach for this sender, not a mobile.
const RECIPIENT: [u32; 6] = [21211, 21408, 21608, 21610, 21612, 21614];

#[derive(Deserialize)]
struct Created {
    sid: String,
}

/// The body of an answer that is an error.
#[derive(Deserialize, Default)]
pub(crate) struct Complaint {
    #[serde(default)]
    code: Option<u32>,
    #[serde(default)]
    message: String,
}

impl Complaint {
    pub fn of(answer: &Answer) -> Self {
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    fn is_one_of(&self, codes: &[u32]) -> bool {
        self.code.is_some_and(|code| codes.contains(&code))
    }

    /// For an agent or an admin.
    fn sentence(&self, status: u16) -> String {
        let message: String = self.message.chars().take(SENTENCE_CHARS).collect();
        match (message.is_empty(), self.code) {
            (false, Some(code)) => format!("{message} (error {code})"),
            (false, None) => message,
            (true, Some(code)) => format!("the provider answered with error {code}"),
            (true, None) => format!("the provider answered HTTP {status} and said no more"),
        }
    }
}

/// What became of a message that was posted.
pub(crate) fn of_sending(answer: &Answer) -> Result<Sent, SendError> {
    if answer.is_success() {
        return match serde_json::from_slice::<Created>(&answer.body) {
            Ok(Created { sid }) if !sid.is_empty() => Ok(Sent { references: vec![sid] }),
            _ => Err(SendError::Uncertain { why: "the provider took it and did not say by which name".to_owned() }),
        };
    }
    let complaint = Complaint::of(answer);
    let why = complaint.sentence(answer.status);
    Err(match answer.status {
        429 => SendError::Later { why, after: answer.retry_after, all: true },
        _ if complaint.is_one_of(&BUSY) => SendError::Later { why, after: answer.retry_after, all: true },
        // It may have been taken before something broke, or before somebody on the way lost patience.
        500.. | 408 => SendError::Uncertain { why },
        _ if complaint.is_one_of(&RECIPIENT) => SendError::Refused { why },
        300..=399 => SendError::Broken { why: redirected() },
        401 | 403..=405 => SendError::Broken { why },
        _ if complaint.is_one_of(&SETTINGS) => SendError::Broken { why },
        _ => SendError::Refused { why },
    })
}

/// What is wrong, when a question about the account is not answered.
pub(crate) fn trouble(answer: &Answer, complaint: &Complaint) -> Trouble {
    let why = complaint.sentence(answer.status);
    match answer.status {
        429 | 500.. | 408 => Trouble::Away { why, after: answer.retry_after },
        300..=399 => Trouble::Settings(redirected()),
        401 | 403 => Trouble::Settings(format!("The provider does not accept the account's SID and auth token: {why}")),
        _ => Trouble::Settings(why),
    }
}

fn redirected() -> String {
    "the provider's address leads to another one: write that one into the settings".to_owned()
}
