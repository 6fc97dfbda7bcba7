//! What the provider could not bring. It calls once: a message that came while the hub was away, or that the hub could not
//! commit, is not brought again, but it is kept there. So the hub looks, at its start and then every few minutes.
//!
//! A message that was brought before it is found is handed in once more: it has the same key, and is one. One that was found
//! is not found again ([`Place`]).

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use switchboard_connector::{Edge, File, Happened, Incoming, NotTaken, Trouble};
use switchboard_connector_http::Answer;
use switchboard_protocol::UnixMs;
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::arrived::Arrived;
use crate::media::{self, Media};
use crate::outcome::{Complaint, trouble};
use crate::place::Place;

/// Between two looks. What is brought comes at once; this is for what is not.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// Messages on a page of the list: of the longest ones, so many stay within the bound for an answer.
const PAGE: u32 = 50;

/// Most pages of one look: 10,000 messages. What is older than those stays where it is.
const PAGES: usize = 200;

/// Most messages that are handed in together, and the bytes of their files from which on they are.
const TOGETHER: usize = 50;
const TOGETHER_BYTES: usize = 25 * 1024 * 1024;

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    /// Relative to the provider's address.
    #[serde(default)]
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    sid: String,
    direction: Option<String>,
    from: Option<String>,
    to: Option<String>,
    body: Option<String>,
    date_sent: Option<String>,
    num_media: Option<String>,
    messaging_service_sid: Option<String>,
}

#[derive(Deserialize)]
struct MediaPage {
    media_list: Vec<MediaResource>,
}

#[derive(Deserialize)]
struct MediaResource {
    #[serde(default)]
    content_type: String,
    /// Of its description; without `.json` it is the file itself.
    uri: String,
}

/// Looks until `stop`. A provider that keeps no list is left alone.
pub(crate) async fn look(
    account: &Account,
    ours: &str,
    edge: &dyn Edge,
    stop: CancellationToken,
) -> Result<(), Trouble> {
    loop {
        let looked = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            looked = once(account, ours, edge) => looked?,
        };
        edge.receiving();
        if looked == Looked::NoList {
            stop.cancelled().await;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

#[derive(PartialEq, Eq)]
enum Looked {
    Done,
    NoList,
}

async fn once(account: &Account, ours: &str, edge: &dyn Edge) -> Result<Looked, Trouble> {
    let known = Place::read(edge, account.sid(), ours).await.map_err(away)?;
    let Some(Listed { place, found }) = list(account, ours, known.as_ref(), edge.now()).await? else {
        return Ok(Looked::NoList);
    };
    // At the very first look all that is there is history: only where it ends is of use.
    if known.is_some() {
        // Oldest first, as they were written.
        let missed = found.iter().rev().filter(|(_, message)| is_for(message, ours));
        let (mut items, mut bytes) = (Vec::new(), 0);
        for (at, message) in missed.filter(|(_, message)| !place.seen.contains(&message.sid)) {
            let Some(incoming) = incoming(account, *at, message).await? else { continue };
            bytes += file_bytes(&incoming);
            items.push(incoming);
            if items.len() == TOGETHER || bytes > TOGETHER_BYTES {
                edge.take(std::mem::take(&mut items)).await.map_err(away)?;
                bytes = 0;
            }
        }
        if !items.is_empty() {
            edge.take(items).await.map_err(away)?;
        }
    }
    let newest = found.iter().map(|(at, _)| *at).max();
    let seen =
        found.iter().filter(|(_, message)| is_for(message, ours)).map(|(at, message)| (*at, message.sid.as_str()));
    place.behind(newest, seen).keep(edge, account.sid(), ours).await.map_err(away)?;
    Ok(Looked::Done)
}

/// What the provider's list holds from a place on, newest first.
struct Listed {
    place: Place,
    found: Vec<(Timestamp, Message)>,
}

/// None: the provider keeps no list. Where no place is known it is the list's newest messages, as many as the next look would
/// find again.
async fn list(account: &Account, ours: &str, known: Option<&Place>, now: UnixMs) -> Result<Option<Listed>, Trouble> {
    let mut query = vec![("PageSize", PAGE.to_string())];
    // A messaging service's messages went to its numbers, which only they know.
    if !ours.starts_with("MG") {
        query.push(("To", ours.to_owned()));
    }
    if let Some(known) = known {
        query.push(("DateSent>", known.from.strftime("%Y-%m-%d").to_string()));
    }
    let mut next = Some(account.under("/Messages.json", &query)?);
    let (mut place, mut found) = (known.cloned(), Vec::new());
    for _ in 0..PAGES {
        let Some(url) = next.take() else { break };
        let Some(page) = account.get_if_there::<Page>(url).await? else { return Ok(None) };
        let is_empty = page.messages.is_empty();
        let listed: Vec<_> = page.messages.into_iter().filter_map(dated).collect();
        let newest = listed.iter().map(|(at, _)| *at).max();
        let from = place.get_or_insert_with(|| beginning(newest, is_empty, now)).from;
        let is_the_last = listed.iter().any(|(at, _)| *at < from);
        found.extend(listed.into_iter().filter(|(at, _)| *at >= from));
        if !is_the_last {
            next = page.next_page_uri.map(|next| account.beside(&next)).transpose()?;
        }
    }
    Ok(place.map(|place| Listed { place, found }))
}

fn dated(message: Message) -> Option<(Timestamp, Message)> {
    let at = jiff::fmt::rfc2822::parse(message.date_sent.as_deref()?).ok()?;
    Some((at.timestamp(), message))
}

/// Where nothing is known, by the first page of the whole list.
fn beginning(newest: Option<Timestamp>, is_empty: bool, now: UnixMs) -> Place {
    match newest {
        Some(newest) => Place::before(newest),
        // All that is there later has come since.
        None if is_empty => Place::at(Timestamp::UNIX_EPOCH),
        // What has not gone out yet, or never will, has no date, and history may lie behind it.
        None => Place::at(Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX)),
    }
}

fn is_for(message: &Message, ours: &str) -> bool {
    let inbound = message.direction.as_deref() == Some("inbound");
    let service = message.messaging_service_sid.as_deref() == Some(ours);
    inbound && (service || message.to.as_deref() == Some(ours))
}

async fn incoming(account: &Account, at: Timestamp, message: &Message) -> Result<Option<Incoming>, Trouble> {
    let Some(from) = message.from.as_deref() else { return Ok(None) };
    let (files, missing) = match message.num_media.as_deref() {
        None | Some("" | "0") => Default::default(),
        Some(_) => files(account, &message.sid).await?,
    };
    let arrived = Arrived {
        sid: &message.sid,
        at: at.as_millisecond(),
        from,
        to: message.to.as_deref(),
        text: message.body.as_deref().unwrap_or_default(),
        files,
        missing,
        name: None,
        answers: None,
        opt_out_type: None,
    };
    Ok(Some(arrived.into_incoming()))
}

fn file_bytes(incoming: &Incoming) -> usize {
    match &incoming.what {
        Happened::Message(message) => message.files.iter().map(|file| file.bytes.len()).sum(),
        _ => 0,
    }
}

/// The files, and a line for what the provider does not give: those behind this message do not wait for that. A provider that
/// is away is asked again by the next look, and all that was missed waits for it.
async fn files(account: &Account, sid: &str) -> Result<(Vec<File>, Vec<String>), Trouble> {
    let url = account.under(&format!("/Messages/{sid}/Media.json"), &[])?;
    let answer = match account.ask(url).await {
        // What is too much, or away, is so for all of them, and passes: the look after this one has them.
        Ok(answer) if matches!(answer.status, 429 | 502..=504) => {
            return Err(trouble(&answer, &Complaint::of(&answer)));
        }
        Err(failed) => return Err(failed.into()),
        Ok(answer) => answer,
    };
    match listed(account, &answer) {
        Ok(media) => Ok(media::fetch(account, &media).await),
        Err(why) => Ok((Vec::new(), vec![format!("[The files of this message could not be fetched: {why}]")])),
    }
}

fn listed(account: &Account, answer: &Answer) -> Result<Vec<Media>, String> {
    if !answer.is_success() {
        return Err(format!("HTTP {}", answer.status));
    }
    let page: MediaPage = serde_json::from_slice(&answer.body).map_err(|_| "their list cannot be read".to_owned())?;
    let one = |media: MediaResource| {
        let url = account.beside(media.uri.trim_end_matches(".json")).map_err(|failed| failed.to_string())?;
        Ok(Media { url: url.into(), media_type: media.content_type })
    };
    page.media_list.into_iter().take(media::FILES).map(one).collect()
}

fn away(error: NotTaken) -> Trouble {
    Trouble::away(error.to_string())
}
