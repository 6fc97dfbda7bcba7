//! Fetching mails: together, and each alone that did not come. One that the server never gives holds nobody up for long: it is
//! passed by, and its reader gets a word about it. Whether it is the mail's fault or the server's is learned from the server's
//! code (RFC 5530), never from its words for people, from whether it gives another mail in the same look, and from time. While
//! it gives none of those that were tried, none is passed by.

use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, Response};
use bytes::Bytes;
use mail_parser::DateTime;
use switchboard_connector::Trouble;

use super::Account;
use super::place::{DOUBTED, HELD, HELD_HOURS, Patience, Place};
use super::session::{Broken, End, ImapSession, NOT_UNDERSTOOD, OFTEN_WAIT, is_later, open};
use crate::limits::MAIL_BYTES;
use crate::parse::HEAD_BYTES;

/// The bytes of mails that are fetched together; one larger mail goes alone.
const CHUNK_BYTES: u64 = 16 * 1024 * 1024;
/// Other mails of a folder that are asked for, when one is refused, to learn whether it is this one or all.
const OTHERS: usize = 5;
/// So often the server is signed in to anew because of what cannot be read, until all is read: providers lock who knocks more.
const RENEWED: u32 = 5;

/// A mail that is to be fetched.
pub(super) struct Waiting {
    pub uid: u32,
    /// None: the server does not tell.
    pub bytes: Option<u64>,
    pub at: Option<i64>,
}

/// How a command for mails ended.
enum Ended {
    /// As if that were all.
    Done,
    Refused(String),
    /// With what cannot be read; it is connected anew.
    Unreadable,
}

impl Ended {
    /// What a mail that it did not give has to outlast before it is passed by, though the server gives others.
    fn patience(&self) -> Option<Patience> {
        match self {
            // What cannot be read is this mail's answer, and the same each time.
            Self::Unreadable => None,
            Self::Refused(said) if is_later(said) => Some(HELD),
            Self::Refused(_) | Self::Done => Some(DOUBTED),
        }
    }

    fn said(&self) -> &str {
        match self {
            Self::Unreadable => NOT_UNDERSTOOD,
            Self::Refused(said) => said,
            Self::Done => "nothing of it.",
        }
    }

    /// Each try of what cannot be read is a sign-in or more.
    fn rest(&self) -> Option<Duration> {
        matches!(self, Self::Unreadable).then_some(OFTEN_WAIT)
    }
}

/// The folder that mails are fetched from.
#[derive(Clone, Copy)]
pub(super) struct Folder<'a> {
    pub account: &'a Account<'a>,
    pub name: &'a str,
    /// By which the server numbers its mails.
    pub validity: Option<u32>,
}

impl Folder<'_> {
    /// How a command ended. After what cannot be read nobody knows where the next answer begins: the server is connected to
    /// anew, and what it had told until then stands.
    async fn end(&self, session: &mut ImapSession, asked: Result<End, Broken>) -> Result<Ended, Broken> {
        match asked {
            Err(Broken::Unreadable) if session.renewed >= RENEWED => Err(Broken::Often),
            Err(Broken::Unreadable) => {
                let renewed = session.renewed + 1;
                *session = open(self.account).await?;
                session.renewed = renewed;
                if session.examine(self.name).await?.opened()?.uid_validity != self.validity {
                    return Err(Trouble::away("The mail server has numbered its mails anew.").into());
                }
                Ok(Ended::Unreadable)
            }
            Err(broken) => Err(broken),
            Ok(End::Done) => Ok(Ended::Done),
            Ok(End::Refused(said)) => Ok(Ended::Refused(said)),
        }
    }

    /// The sentence names the mail: whoever reads it may look at it, and move it away.
    fn holds(&self, uid: u32, said: &str, after: Option<Duration>) -> Trouble {
        let why = format!(
            "The mail server does not give a mail just now (folder {}, UID {uid}). Those behind it wait, at most \
             {HELD_HOURS} hours if the server gives others. It says: {said}",
            self.name
        );
        Trouble::Away { why, after }
    }
}

pub(super) async fn sizes(session: &mut ImapSession, from: &Folder<'_>, uids: &[u32]) -> Result<Vec<Waiting>, Broken> {
    // What the server does not tell of is asked for all the same: it may be there.
    let mut waiting: Vec<Waiting> = uids.iter().map(|uid| Waiting { uid: *uid, bytes: None, at: None }).collect();
    let command = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", set(uids.iter().copied()));
    let asked = session
        .ask(&command, |answer| {
            let Response::Fetch(_, values) = answer else { return };
            let Some(mail) = waiting.iter_mut().find(|mail| Some(mail.uid) == uid_among(values)) else { return };
            for value in values {
                match value {
                    AttributeValue::Rfc822Size(bytes) => mail.bytes = Some(u64::from(*bytes)),
                    AttributeValue::InternalDate(date) => mail.at = unix_ms(date),
                    _ => {}
                }
            }
        })
        .await;
    // One that refuses to tell sizes is asked for the mails: what it says of one of them is said of that one.
    from.end(session, asked).await?;
    Ok(waiting)
}

fn uid_among(values: &[AttributeValue<'_>]) -> Option<u32> {
    values.iter().find_map(|value| if let AttributeValue::Uid(uid) = value { Some(*uid) } else { None })
}

/// `17-Jul-1996 02:44:25 -0700`.
fn unix_ms(date: &str) -> Option<i64> {
    let date = DateTime::parse_rfc822(&date.trim().replacen('-', " ", 2))?;
    date.is_valid().then(|| date.to_timestamp() * 1000)
}

/// How much of the mails of a chunk is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    All,
    /// The beginning of one that is too large to be read.
    Head,
    /// Of one whose size nobody knows, as much as is read of any and a byte more.
    Bounded,
    /// Only whether there is anything to be had.
    Taste,
}

impl Part {
    pub fn of(mail: &Waiting) -> Self {
        match mail.bytes {
            None => Self::Bounded,
            Some(bytes) if bytes > MAIL_BYTES as u64 => Self::Head,
            Some(_) => Self::All,
        }
    }

    fn words(self) -> String {
        match self {
            Self::All => "BODY.PEEK[]".to_owned(),
            Self::Head => format!("BODY.PEEK[]<0.{HEAD_BYTES}>"),
            Self::Bounded => format!("BODY.PEEK[]<0.{}>", MAIL_BYTES + 1),
            Self::Taste => "BODY.PEEK[]<0.1>".to_owned(),
        }
    }
}

/// Runs that are fetched at once: bounded by bytes, and one that is not asked for as a whole is alone. So is the one that was
/// `held`: what comes with it would be thrown away, each time that it is not given.
pub(super) fn by_bytes(waiting: &[Waiting], held: Option<u32>) -> impl Iterator<Item = &[Waiting]> {
    let mut rest = waiting;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let mut bytes = first.bytes.unwrap_or_default();
        let mut count = 1;
        let goes_along = |mail: &Waiting| Part::of(mail) == Part::All && Some(mail.uid) != held;
        while let Some(next) = rest.get(count).filter(|next| goes_along(first) && goes_along(next)) {
            bytes = bytes.saturating_add(next.bytes.unwrap_or_default());
            if bytes > CHUNK_BYTES {
                break;
            }
            count += 1;
        }
        let (chunk, after) = rest.split_at(count);
        rest = after;
        Some(chunk)
    })
}

/// What the server gives of a chunk.
pub(super) struct Given<'a> {
    /// Without bytes: one that is passed by.
    pub mails: Vec<(&'a Waiting, Option<Bytes>)>,
    /// The mail that it does not give just now, and why: those behind it wait.
    pub stopped: Option<(u32, Trouble)>,
}

/// Those of the chunk that there are, until one that the server does not give just now.
pub(super) async fn given<'a>(
    session: &mut ImapSession,
    from: &Folder<'_>,
    chunk: &'a [Waiting],
    place: &Place,
    now: i64,
) -> Result<Given<'a>, Broken> {
    let part = chunk.first().map_or(Part::All, Part::of);
    let (together, ended) = bodies(session, from, chunk, part).await?;
    let mut known = (chunk.len() == 1).then_some(ended);
    let mut gives_others = together.iter().any(Option::is_some);
    let mut given = Given { mails: Vec::with_capacity(chunk.len()), stopped: None };
    for (mail, body) in chunk.iter().zip(together) {
        let one = match body {
            Some(body) => One::Given(body),
            None => Asked { mail, part, place, now, gives_others }.alone(session, from, known.take()).await?,
        };
        match one {
            One::Given(body) => {
                gives_others = true;
                given.mails.push((mail, Some(body)));
            }
            One::Withheld => given.mails.push((mail, None)),
            One::Gone => {}
            One::NotNow(trouble) => {
                given.stopped = Some((mail.uid, trouble));
                break;
            }
        }
    }
    Ok(given)
}

/// What comes of one mail.
enum One {
    Given(Bytes),
    /// It was deleted meanwhile.
    Gone,
    /// Not for anybody, as far as can be known.
    Withheld,
    NotNow(Trouble),
}

/// A mail that did not come with the others.
struct Asked<'a> {
    mail: &'a Waiting,
    part: Part,
    /// How long it has been waited for.
    place: &'a Place,
    /// Unix ms.
    now: i64,
    /// The server has given the bytes of another one of its chunk, in this look.
    gives_others: bool,
}

impl Asked<'_> {
    /// One that the server cannot give makes some refuse all that were asked for with it, and one whose answer cannot be read
    /// hides those after it: so it is asked for alone, unless it was, and then it is known how that `ended`.
    async fn alone(&self, session: &mut ImapSession, from: &Folder<'_>, ended: Option<Ended>) -> Result<One, Broken> {
        match self.ask(session, from, ended).await {
            Err(Broken::Often) => Ok(One::NotNow(from.holds(self.mail.uid, NOT_UNDERSTOOD, Some(OFTEN_WAIT)))),
            asked => asked,
        }
    }

    async fn ask(&self, session: &mut ImapSession, from: &Folder<'_>, ended: Option<Ended>) -> Result<One, Broken> {
        let uid = self.mail.uid;
        let ended = match ended {
            Some(ended) => ended,
            None => {
                let (mut bodies, ended) = bodies(session, from, std::slice::from_ref(self.mail), self.part).await?;
                if let Some(body) = bodies.pop().flatten() {
                    return Ok(One::Given(body));
                }
                ended
            }
        };
        if !session.exists(uid).await? {
            return Ok(One::Gone);
        }
        if self.is_passed(session, from, &ended).await? {
            return Ok(One::Withheld);
        }
        Ok(One::NotNow(from.holds(uid, ended.said(), ended.rest())))
    }

    /// Whether it is passed by. A server whose store is away refuses each and knows all: that is no mail's fault, and it may be
    /// away for days.
    async fn is_passed(&self, session: &mut ImapSession, from: &Folder<'_>, ended: &Ended) -> Result<bool, Broken> {
        let outlasts = |patience| self.place.has_outlasted(self.mail.uid, patience, self.now);
        if ended.patience().is_some_and(|patience| !outlasts(patience)) {
            return Ok(false);
        }
        if self.gives_others {
            return Ok(true);
        }
        Ok(match others(session, from, self.mail.uid).await? {
            Others::Given => true,
            Others::Withheld => false,
            Others::Absent => outlasts(HELD),
        })
    }
}

/// What the server does with the other mails of a folder.
enum Others {
    /// It has given one, now.
    Given,
    /// None of those that were tried.
    Withheld,
    /// There are none: nothing waits behind the one, and nothing tells whose fault it is.
    Absent,
}

/// Those that are asked for lie far apart: what is wrong with one may be wrong with those beside it.
async fn others(session: &mut ImapSession, from: &Folder<'_>, withheld: u32) -> Result<Others, Broken> {
    let mut others = session.uids_after(0).await?;
    others.retain(|uid| *uid != withheld);
    if others.is_empty() {
        return Ok(Others::Absent);
    }
    // The last of each fifth, the newest first.
    let mut apart: Vec<usize> = (1..=OTHERS).rev().map(|fifth| (others.len() * fifth).div_ceil(OTHERS)).collect();
    apart.dedup();
    for uid in apart.into_iter().filter_map(|place| others.get(place.checked_sub(1)?)) {
        let other = [Waiting { uid: *uid, bytes: None, at: None }];
        if bodies(session, from, &other, Part::Taste).await?.0.iter().any(Option::is_some) {
            return Ok(Others::Given);
        }
    }
    Ok(Others::Withheld)
}

/// The bytes of these mails, or of their beginnings; none of one that the server did not give.
async fn bodies(
    session: &mut ImapSession,
    from: &Folder<'_>,
    chunk: &[Waiting],
    part: Part,
) -> Result<(Vec<Option<Bytes>>, Ended), Broken> {
    let command = format!("UID FETCH {} (UID {})", set(chunk.iter().map(|mail| mail.uid)), part.words());
    let mut bodies = vec![None; chunk.len()];
    let asked = session
        .ask(&command, |answer| {
            let Response::Fetch(_, values) = answer else { return };
            let place = chunk.iter().position(|mail| Some(mail.uid) == uid_among(values));
            let body = values.iter().find_map(|value| match value {
                AttributeValue::BodySection { section: None, data: Some(data), .. } => Some(data),
                _ => None,
            });
            if let (Some(place), Some(body)) = (place, body) {
                bodies[place] = Some(Bytes::copy_from_slice(body));
            }
        })
        .await;
    let ended = from.end(session, asked).await?;
    Ok((bodies, ended))
}

/// `3:5,8`.
fn set(uids: impl Iterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == uid => *end = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let words = runs.into_iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}:{to}") });
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(bytes: &[u64]) -> Vec<Waiting> {
        (1..).zip(bytes).map(|(uid, bytes)| Waiting { uid, bytes: Some(*bytes), at: None }).collect()
    }

    #[test]
    fn chunks_are_bounded_and_what_is_too_large_is_alone() {
        let large = MAIL_BYTES as u64 + 1;
        let mails = waiting(&[1, 2, CHUNK_BYTES, large, 1, 1, large, CHUNK_BYTES + 5]);
        let runs: Vec<Vec<u32>> =
            by_bytes(&mails, None).map(|chunk| chunk.iter().map(|mail| mail.uid).collect()).collect();
        assert_eq!(runs, [vec![1, 2], vec![3], vec![4], vec![5, 6], vec![7], vec![8]]);
        let unknown = [1, 2].map(|uid| Waiting { uid, bytes: None, at: None });
        assert_eq!(by_bytes(&unknown, None).count(), 2, "what nobody knows the size of is alone");
        let small = waiting(&[1, 1, 1, 1]);
        let runs: Vec<usize> = by_bytes(&small, Some(2)).map(<[Waiting]>::len).collect();
        assert_eq!(runs, [1, 1, 2], "what was held is alone");
    }

    #[test]
    fn sets() {
        assert_eq!(set([3, 4, 5, 8, 10, 11].into_iter()), "3:5,8,10:11");
    }
}
