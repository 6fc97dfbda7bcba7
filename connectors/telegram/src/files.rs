//! The files of messages that came in: asked for by their id, fetched over the Bot API, handed on as bytes. The address they
//! are fetched from holds the bot's token and goes to nobody.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use serde::Deserialize;
use switchboard_connector::{File, Happened, Incoming, Trouble};
use teloxide_core::payloads::GetFile;
use teloxide_core::types::FileId;

use crate::api::{Api, Failure};
use crate::markup_in::escape;
use crate::read::Read;

/// Largest file that a bot may fetch (core.telegram.org/bots/api#getfile), bytes.
pub(crate) const MOST_BYTES: usize = 20 * 1024 * 1024;
/// So often a file is tried before its message is taken without it.
const TRIES: u8 = 5;
/// Failing files that are counted at a time.
const COUNTED: usize = 1_000;

/// A file that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub id: String,
    pub name: String,
    /// If the server has said it.
    pub bytes: Option<u64>,
}

/// What getFile answers. teloxide's has no place for an answer without a path.
#[derive(Deserialize)]
struct Place {
    file_path: Option<String>,
}

/// How often each file has failed. In memory: after a restart it is tried as often again.
#[derive(Default)]
pub(crate) struct Tries(Mutex<HashMap<String, u8>>);

/// Puts the files into their message. What cannot be had is named in its text; what may be had later is trouble now, so that
/// the message waits for it, but not for ever.
pub(crate) async fn complete(api: &Api, tries: &Tries, read: Read) -> Result<Incoming, Trouble> {
    let Read { mut item, files } = read;
    let message = match &mut item.what {
        Happened::Message(message) | Happened::Part { message, .. } => message,
        _ => return Ok(item),
    };
    for wanted in files {
        match fetch(api, tries, &wanted).await? {
            Ok(bytes) => message.files.push(File { name: wanted.name, bytes, content_id: None }),
            Err(why) => {
                let note = format!("[{}: {why}]", wanted.name);
                for text in [Some(&mut message.text), message.whole_text.as_mut()].into_iter().flatten() {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    text.push_str(&note);
                }
                if let Some(html) = &mut message.html {
                    html.push_str("<br>");
                    html.push_str(&escape(&note));
                }
            }
        }
    }
    Ok(item)
}

/// The inner error is a sentence's end for whoever reads the message.
async fn fetch(api: &Api, tries: &Tries, wanted: &Wanted) -> Result<Result<Bytes, String>, Trouble> {
    let too_large = || "a file of more than 20 MB, which bots may not fetch".to_owned();
    if let Some(bytes) = wanted.bytes.filter(|bytes| *bytes > MOST_BYTES as u64) {
        return Ok(Err(format!("{} MB; bots may fetch 20 MB at most", bytes.div_ceil(1024 * 1024))));
    }
    let failure = match get(api, &wanted.id).await {
        Ok(Got::File(bytes)) => {
            tries.forget(&wanted.id);
            return Ok(Ok(bytes));
        }
        Ok(Got::TooLarge) => return Ok(Err(too_large())),
        Ok(Got::Nowhere) => return Ok(Err("the Bot API server keeps it to itself".into())),
        Err(Failure::Refused { code: 400, sentence, .. }) if sentence.contains("too big") => {
            return Ok(Err(too_large()));
        }
        Err(Failure::Refused { code: 400, sentence, .. }) => {
            return Ok(Err(format!("Telegram does not give it: {sentence}")));
        }
        Err(failure @ (Failure::Settings(_) | Failure::Refused { code: 401 | 429, .. })) => {
            return Err(failure.trouble());
        }
        Err(failure) => failure,
    };
    if tries.again(&wanted.id) {
        let (Failure::Settings(why)
        | Failure::Unreachable(why)
        | Failure::Unknown(why)
        | Failure::Refused { sentence: why, .. }) = failure;
        return Err(Trouble::away(format!("A customer's file cannot be fetched: {why}.")));
    }
    tracing::warn!(
        ?failure,
        tries = TRIES,
        "a customer's file could not be fetched and its message goes on without it"
    );
    Ok(Err("it could not be fetched from Telegram".into()))
}

enum Got {
    File(Bytes),
    TooLarge,
    /// A server in local mode answers with a path of its own disk.
    Nowhere,
}

async fn get(api: &Api, id: &str) -> Result<Got, Failure> {
    let place: Place = api.call_for(&GetFile::new(FileId(id.to_owned())), Duration::ZERO).await?;
    let Some(path) = place.file_path.filter(|path| !path.starts_with('/')) else { return Ok(Got::Nowhere) };
    Ok(api.download(&path, MOST_BYTES).await?.map_or(Got::TooLarge, Got::File))
}

impl Tries {
    /// Counts a failure; whether there is to be another try.
    fn again(&self, id: &str) -> bool {
        let mut failed = self.0.lock();
        if failed.len() >= COUNTED && !failed.contains_key(id) {
            failed.clear();
        }
        let count = failed.entry(id.to_owned()).or_default();
        *count += 1;
        let again = *count < TRIES;
        if !again {
            failed.remove(id);
        }
        again
    }

    fn forget(&self, id: &str) {
        self.0.lock().remove(id);
    }
}
