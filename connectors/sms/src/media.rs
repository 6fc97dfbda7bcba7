//! Pictures and other files of a message that came in (MMS). The provider says where they lie; we fetch them before it is
//! told that the message is taken.

use std::time::Duration;

use switchboard_connector::File;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::account::Account;

/// A file that the provider names.
pub(crate) struct Media {
    pub url: String,
    /// As the provider says; what the file is the hub finds out itself.
    pub media_type: String,
}

/// Most files of one message: what MMS has room for.
pub(crate) const FILES: usize = 10;

/// Most bytes of all files of a message together.
const BYTES: usize = 25 * 1024 * 1024;

/// How long fetching may take, all files together: the provider waits 15 s for our answer.
const TIME: Duration = Duration::from_secs(10);

/// The files, and a line for each one that could not be had: better a message that says so than none.
pub(crate) async fn fetch(account: &Account, media: &[Media]) -> (Vec<File>, Vec<String>) {
    let (mut files, mut missing, mut room) = (Vec::new(), Vec::new(), BYTES);
    let end = Instant::now() + TIME;
    for (number, one) in (1..).zip(media) {
        let fetched = match one.url.parse::<Url>() {
            Ok(url) => match timeout_at(end, account.fetch(&url, room)).await {
                Ok(Ok(fetched)) => Ok(fetched),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_elapsed) => Err("it took too long".to_owned()),
            },
            Err(error) => Err(error.to_string()),
        };
        match fetched {
            Ok(fetched) => {
                room -= fetched.bytes.len();
                let media_type = fetched.media_type.as_deref().unwrap_or(&one.media_type);
                files.push(File {
                    name: format!("{number}.{}", ending(media_type)),
                    bytes: fetched.bytes,
                    content_id: None,
                });
            }
            Err(why) => missing.push(format!("[File {number} ({}) could not be fetched: {why}]", one.media_type)),
        }
    }
    (files, missing)
}

/// The provider names no file: those that phones send get their usual ending.
fn ending(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" | "image/jpg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/heic" => "heic",
        "image/bmp" => "bmp",
        "image/tiff" => "tiff",
        "video/mp4" => "mp4",
        "video/3gpp" | "audio/3gpp" => "3gp",
        "video/quicktime" => "mov",
        "video/webm" => "webm",
        "audio/amr" => "amr",
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        "audio/wav" | "audio/x-wav" | "audio/vnd.wave" => "wav",
        "text/vcard" | "text/x-vcard" | "text/directory" => "vcf",
        "text/calendar" => "ics",
        "text/plain" => "txt",
        "text/csv" => "csv",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}
