//! A message that came, whether the provider brought it or we found it there.

use switchboard_connector::{Automatic, Consent, File, Happened, Incoming, IncomingMessage, Origin, Person, Thread};
use switchboard_numbers::e164;
use switchboard_protocol::UnixMs;

/// What a provider tells of a message.
pub(crate) struct Arrived<'a> {
    pub sid: &'a str,
    pub at: UnixMs,
    pub from: &'a str,
    /// Our number, by which a number that is written as at home is understood.
    pub to: Option<&'a str>,
    pub text: &'a str,
    pub files: Vec<File>,
    /// A line for each file that could not be had.
    pub missing: Vec<String>,
    /// Chat channels that come by the same dialect tell it; SMS does not.
    pub name: Option<&'a str>,
    /// The message of ours that this one answers, where the channel knows it.
    pub answers: Option<&'a str>,
    pub opt_out_type: Option<&'a str>,
}

impl Arrived<'_> {
    pub fn into_incoming(self) -> Incoming {
        let key = one_spelling(self.from, self.to);
        let said = (!self.text.is_empty()).then(|| self.text.to_owned());
        let message = IncomingMessage {
            from: Person { address: Some(key.clone()), key, name: self.name.map(str::to_owned), language: None },
            text: said.into_iter().chain(self.missing).collect::<Vec<_>>().join("\n"),
            whole_text: None,
            html: None,
            files: self.files,
            references: vec![self.sid.to_owned()],
            answers: self.answers.map(str::to_owned),
            quote: None,
            thread: Thread::Person,
            automatic: Automatic::No,
            mail: None,
            consent: self.opt_out_type.and_then(opt_out).or_else(|| Consent::of_sms(self.text)),
            origin: Origin::default(),
        };
        Incoming { key: self.sid.to_owned(), at: self.at, what: Happened::Message(Box::new(message)) }
    }
}

/// The provider's own reading of the message, by words that an admin chose there: where it is said, it is so.
fn opt_out(kind: &str) -> Option<Consent> {
    match kind.to_ascii_uppercase().as_str() {
        "STOP" => Some(Consent::Stop),
        "START" => Some(Consent::Start),
        "HELP" => Some(Consent::Help),
        _ => None,
    }
}

/// A number in E.164; with `whatsapp:` or the like before it where the provider brings other channels. What is no number (a
/// short code, a name) stays as it is.
fn one_spelling(from: &str, ours: Option<&str>) -> String {
    match from.split_once(':') {
        Some((channel, address)) => format!("{}:{}", channel.trim().to_ascii_lowercase(), one_spelling(address, None)),
        None => e164(from, ours).unwrap_or_else(|| from.trim().to_owned()),
    }
}
