//! What the provider could not bring. It calls once: a message that came while the hub was away, or that the hub could not
//! commit, is not brought again, but it is kept there. So the hub looks, at its start and then every few minutes.
//!
//! The same message found and brought has the same key, and is one.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use switchboard_connector::{Edge, Happened, Incoming, NotTaken, Trouble};
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::arrived::Arrived;
use crate::media::{self, Media};

/// Between two looks. What is brought comes at once; this is for what is not.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// So far before the newest message that was seen the next look begins: the provider's lists are not in order to the second.
const OVERLAP: Duration = Duration::from_secs(10 * 60);

/// Messages on a page of the list: of the longest ones, so many stay within the bound for an answer.
const PAGE: u32 = 50;

/// Most pages of one look: 10,000 messages. What is older than those stays where it is.
const PAGES: usize = 200;

/// Most messages that are handed in together, and the bytes of their files from which on they are.
const TOGETHER: usize = 50;
const TOGETHER_BYTES: usize = 25 * 1024 * 1024;

/// Where the place is kept up to which was looked.
const CURSOR: &str = "messages";

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
    let place = edge.cursor(CURSOR).await.map_err(away)?;
    let place = place.and_then(|place| place.parse::<Timestamp>().ok());
    let since = place.map(|place| place.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN));
    let Some(mut found) = list(account, ours, since).await? else { return Ok(Looked::NoList) };
    // Oldest first, as they were written.
    found.reverse();
    // At the very first look all that is there is history: only where it ends is of use.
    if since.is_some() {
        let wanted = found.iter().filter(|(_, message)| is_for(message, ours));
        let (mut items, mut bytes) = (Vec::new(), 0);
        for (at, message) in wanted {
            let Some(incoming) = incoming(account, *at, message).await? else { continue };
            bytes += file_bytes(&incoming);
            items.push(incoming);
            if items.len() == TOGETHER || bytes > TOGETHER_BYTES {
                edge.take(std::mem::take(&mut items)).await.map_err(away)?;
                bytes = 0;
            }
        }
        edge.take(items).await.map_err(away)?;
    }
    let newest = found.iter().map(|(at, _)| *at).chain(place).max().unwrap_or(Timestamp::UNIX_EPOCH);
    edge.keep_cursor(CURSOR, &newest.to_string()).await.map_err(away)?;
    Ok(Looked::Done)
}

/// Newest first, none older than `since`; without a `since` the newest alone.
async fn list(
    account: &Account,
    ours: &str,
    since: Option<Timestamp>,
) -> Result<Option<Vec<(Timestamp, Message)>>, Trouble> {
    let size = if since.is_some() { PAGE.to_string() } else { "1".to_owned() };
    let mut query = vec![("PageSize", size)];
    // A messaging service's messages went to its numbers, which only they know.
    if !ours.starts_with("MG") {
        query.push(("To", ours.to_owned()));
    }
    if let Some(since) = since {
        query.push(("DateSent>", since.strftime("%Y-%m-%d").to_string()));
    }
    let mut url = account.under("/Messages.json", &query)?;
    let mut found = Vec::new();
    for _ in 0..PAGES {
        let Some(page) = account.get_if_there::<Page>(url).await? else { return Ok(None) };
        for message in page.messages {
            let Some(at) = message.date_sent.as_deref().and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else {
                continue;
            };
            let at = at.timestamp();
            if since.is_some_and(|since| at < since) {
                return Ok(Some(found));
            }
            found.push((at, message));
        }
        match page.next_page_uri.filter(|_| since.is_some()) {
            Some(next) => url = account.beside(&next)?,
            None => break,
        }
    }
    Ok(Some(found))
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
        Some(_) => media::fetch(account, &media_of(account, &message.sid).await?).await,
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

async fn media_of(account: &Account, sid: &str) -> Result<Vec<Media>, Trouble> {
    let url = account.under(&format!("/Messages/{sid}/Media.json"), &[])?;
    let Some(page) = account.get_if_there::<MediaPage>(url).await? else { return Ok(Vec::new()) };
    let one = |media: MediaResource| {
        let url = account.beside(media.uri.trim_end_matches(".json"))?;
        Ok(Media { url: url.into(), media_type: media.content_type })
    };
    page.media_list.into_iter().take(media::FILES).map(one).collect()
}

fn away(error: NotTaken) -> Trouble {
    Trouble::away(error.to_string())
}
