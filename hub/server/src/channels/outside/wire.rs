//! What hubs and processes say to each other, where it lies, and the bounds of it.
//!
//! The number in the keys is raised with each change that one side would not understand of the other: then they do not see
//! each other, which both say, rather than misread each other.

use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use switchboard_backplane::{Backplane, IngestStream, Offer, Unavailable};
use switchboard_connector::{Incoming, SendError, Sent, Taken, limits};
use switchboard_protocol::InboxId;
use switchboard_protocol::channels::ChannelState;
use switchboard_protocol::model::Channel;
use switchboard_store::channels::Setup;
use tokio::time::Instant;

/// The number in the keys.
const WIRE: u32 = 4;

fn key(what: &str) -> String {
    format!("outside{WIRE}/{what}")
}

/// Hubs publish them every second; without hubs they are soon gone.
pub const SETUPS_KEPT: Duration = Duration::from_secs(60);

/// An ask that is not answered by then is given up, and what came in is fetched again.
pub const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// Answers wait so long for whoever asked.
pub const ANSWER_KEPT: Duration = Duration::from_secs(3_600);
/// What an entry of a stream carries in pieces beside it.
pub const PARCEL_KEPT: Duration = Duration::from_secs(3_600);
/// Largest ask or job, bytes: the largest mail with its texts and what is around them, and the most that a channel carries out
/// (Telegram's 50 MB). It lies in Redis in pieces, and whoever opens it has it in memory whole: [`super::Room`] bounds how many.
pub const PARCEL_BYTES: usize = 64 * 1024 * 1024;
const _: () = assert!(PARCEL_BYTES > limits::MESSAGE_BYTES + 4 * limits::BODY_BYTES);
/// A parcel up to this size lies in its entry, bytes.
pub const INLINE_BYTES: usize = 16 * 1024;

/// After so long no process may begin a job any more: longer than it takes until another has the lease of one that died.
pub const BEGUN_WITHIN: Duration = Duration::from_secs(30);
/// Whether a job was begun is known for so long.
pub const OFFER_KEPT: Duration = Duration::from_secs(3_600);
/// Whoever has begun a job says so often that it still has it in hand,
pub const BEAT_EVERY: Duration = Duration::from_secs(2);
/// and is believed for so long.
pub const BEAT_KEPT: Duration = Duration::from_secs(6);

/// Whoever waits looks so often by itself, if nothing wakes it.
pub const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A setup as a process needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub setup: Setup,
    /// Where the provider calls the hubs.
    pub webhook: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Ask {
    pub inbox: InboxId,
    pub what: What,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum What {
    Take(Vec<Incoming>),
    Cursor { name: String },
    KeepCursor { name: String, place: String },
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    Taken(Vec<Taken>),
    Cursor(Option<String>),
    Kept,
    /// Nothing is known to be committed.
    NotTaken(String),
}

/// A message that is to go out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    pub name: String,
    pub parcel: Parcel,
    /// Offered once more, because Redis may have forgotten: only to the holder that had the lease at the first time and has
    /// had it since, by its number. Nobody else knows that it was not begun.
    pub again: Option<u64>,
}

impl Job {
    pub fn offer(&self) -> Offer {
        Offer { name: self.name.clone(), nonce: self.parcel.id.clone() }
    }
}

/// What became of a job.
pub type Outcome = Result<Sent, SendError>;

/// How a channel does, said by whoever holds it, for as long as it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Of the setup.
    pub version: i64,
    /// The number of the lease of whoever has it: what is to go out may be handed to it. None: said by one who could not run
    /// the channel.
    pub holder: Option<u64>,
    pub state: ChannelState,
    pub trouble: Option<String>,
}

/// Whether the connection to Redis was lost since: it may have forgotten what was laid out.
pub fn has_been_away(backplane: &Backplane, since: Instant) -> bool {
    let health = backplane.health();
    health.connected && health.since > since
}

/// Where the setups of one kind lie, as JSON: a list of [`Published`]. Each kind by itself: a hub that does not name a kind in
/// `channels.outside` says nothing of it, and takes nothing out of what the others say.
pub fn setups_key(kind: Channel) -> String {
    key(&format!("setups/{}", kind.as_str()))
}

pub fn jobs(backplane: &Backplane, inbox: InboxId) -> IngestStream {
    backplane.stream(&jobs_key(inbox))
}

/// Also what whoever waits for jobs is woken by.
pub fn jobs_key(inbox: InboxId) -> String {
    key(&format!("jobs/{inbox}"))
}

pub fn asks(backplane: &Backplane) -> IngestStream {
    backplane.stream(&key("asks"))
}

pub fn report_key(inbox: InboxId) -> String {
    key(&format!("report/{inbox}"))
}

/// Of an ask or a job.
pub fn answer_key(id: &str) -> String {
    key(&format!("answer/{id}"))
}

pub fn beat_key(id: &str) -> String {
    key(&format!("beat/{id}"))
}

/// Something of any size behind an entry of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    pub id: String,
    pub bytes: usize,
    inline: Option<Bytes>,
}

impl Parcel {
    /// Lays it out, so that whoever gets the entry can open it.
    pub async fn lay_out(backplane: &Backplane, id: String, payload: Bytes) -> Result<Self, Unavailable> {
        let bytes = payload.len();
        if bytes <= INLINE_BYTES {
            return Ok(Self { id, bytes, inline: Some(payload) });
        }
        backplane.keep_large(&parcel_key(&id), &payload, PARCEL_KEPT).await?;
        Ok(Self { id, bytes, inline: None })
    }

    /// None: it is gone, and so is whoever waited for what would come of it, or Redis has forgotten.
    pub async fn open(&self, backplane: &Backplane) -> Result<Option<Bytes>, Unavailable> {
        match &self.inline {
            Some(payload) => Ok(Some(payload.clone())),
            // Nobody of ours has laid it out.
            None if self.bytes > PARCEL_BYTES => Ok(None),
            None => backplane.kept_large(&parcel_key(&self.id), self.bytes).await,
        }
    }

    /// What is not thrown away is gone by itself, later.
    pub async fn throw_away(&self, backplane: &Backplane) {
        if self.inline.is_none() {
            Self::forget(backplane, &self.id, self.bytes).await;
        }
    }

    /// What lies beside its entry, of one that may not have been laid out whole.
    pub async fn forget(backplane: &Backplane, id: &str, bytes: usize) {
        let _ = backplane.forget_large(&parcel_key(id), bytes).await;
    }
}

fn parcel_key(id: &str) -> String {
    key(&format!("parcel/{id}"))
}

pub fn encode(value: &impl Serialize) -> Bytes {
    postcard::to_stdvec(value).expect("what is said here has a binary form").into()
}

/// None: it is not ours.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use switchboard_connector::{
        Automatic, Consent, File, Happened, IncomingMessage, MailHead, MailOut, Origin, OutFile, Outgoing, Person,
        Progress, Quote, Reached, Recipient, Thread,
    };
    use switchboard_protocol::{ConversationId, MessageId};

    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
        "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("an id")
    }

    fn person() -> Person {
        Person { key: "p".into(), address: some("a"), name: some("n"), language: some("nl") }
    }

    /// Something of everything that may come in.
    fn ask() -> Ask {
        let message = IncomingMessage {
            from: person(),
            text: "t".into(),
            whole_text: some("w"),
            html: some("h"),
            files: vec![File { name: "f".into(), bytes: Bytes::from_static(b"b"), content_id: some("c") }],
            references: vec!["r".into()],
            answers: some("s"),
            quote: Some(Quote::Whole("q".into())),
            thread: Thread::References { reply_tokens: vec!["k".into()], references: vec!["e".into()] },
            automatic: Automatic::Report,
            mail: Some(MailHead {
                subject: "u".into(),
                to: vec![(some("n"), "o".into())],
                cc: vec![(None, "c".into())],
                reply_to: some("y"),
                references: vec!["m".into()],
            }),
            consent: Some(Consent::Help),
            origin: Origin { payload: some("l") },
        };
        let progress =
            Progress { reference: "r".into(), recipient: some("o"), reached: Reached::Failed { why: "x".into() } };
        let all = [
            Happened::Message(Box::new(message.clone())),
            Happened::Part { whole: "w".into(), message: Box::new(IncomingMessage { mail: None, ..message }) },
            Happened::Consent { from: person(), consent: Consent::Start },
            Happened::Edited { reference: "r".into(), text: "t".into() },
            Happened::Deleted { reference: "r".into() },
            Happened::Progress(progress),
        ];
        let items = all.into_iter().map(|what| Incoming { key: "k".into(), at: 300, what }).collect();
        Ask { inbox: id(), what: What::Take(items) }
    }

    /// The message of a job, with something of everything.
    fn outgoing() -> Outgoing {
        let file =
            OutFile { name: "f".into(), media_type: "m".into(), bytes: Bytes::from_static(b"b"), address: some("a") };
        Outgoing {
            message_id: id::<MessageId>(),
            conversation_id: id::<ConversationId>(),
            at: 300,
            queued_at: 300,
            to: Recipient { key: "k".into(), name: some("n") },
            text: "t".into(),
            html: some("h"),
            files: vec![file],
            answers: vec!["a".into()],
            mail: Some(MailOut {
                from_name: "n".into(),
                subject: "s".into(),
                cc: vec!["c".into()],
                bcc: vec!["b".into()],
                reply_to: some("y"),
                message_id: "i".into(),
                references: vec!["r".into()],
                reply_token: "t".into(),
                automatic: true,
            }),
        }
    }

    #[test]
    fn the_number_in_the_keys_stands_for_what_is_said_under_it() {
        let message = encode(&outgoing());
        let parcel = Parcel { id: "p".into(), bytes: message.len(), inline: Some(message) };
        let job = Job { name: "n".into(), parcel, again: Some(300) };
        let told = [Told::Taken(vec![Taken::Ignored]), Told::Cursor(some("c")), Told::Kept, Told::NotTaken("w".into())];
        let later = SendError::Later { why: "w".into(), after: Some(Duration::from_millis(1_500)), all: true };
        let uncertain = SendError::Uncertain { why: "w".into() };
        let outcomes: [Outcome; 3] = [Ok(Sent { references: vec!["r".into()] }), Err(later), Err(uncertain)];
        let said = [encode(&ask()), encode(&job), encode(&told), encode(&outcomes)];
        let said = said.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        assert_eq!(
            (WIRE, said.each_ref().map(String::as_str)),
            (4, SAID),
            "hubs and processes of before would misread this: raise the number of the keys with it"
        );
    }

    /// By number 4: an ask, a job, what is told of asks, what is told of jobs.
    const SAID: [&str; 4] = [
        "1a303141525a334e44454b545356345252464651363947354641560006016bd80400017001016101016e01026e6c017401017701016801\
         01660162010163010172010173010101710101016b010165030101750101016e016f0100016301017901016d010201016c016bd8040101\
         77017001016101016e01026e6c01740101770101680101660162010163010172010173010101710101016b0101650300010201016c016b\
         d80402017001016101016e01026e6c01016bd8040301720174016bd804040172016bd80405017201016f040178",
        "016e01706701671a303141525a334e44454b545356345252464651363947354641561a303141525a334e44454b54535634525246465136\
         394735464156d804d804016b01016e0174010168010166016d016201016101016101016e01730101630101620101790169010172017401\
         01ac02",
        "0001020101016302030177",
        "0001017201000177010180cab5ee010101030177",
    ];
}
