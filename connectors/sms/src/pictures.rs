//! Files that go out: the provider fetches them and sends them on as MMS
//! (<https://www.twilio.com/docs/messaging/guides/accepted-mime-types>).

use switchboard_connector::{OutFile, SendError};

/// Files of one message.
pub const FILES: u32 = 10;
/// All of them together, bytes.
pub const BYTES: i64 = 5 * 1024 * 1024;

/// What telephones show. Of other pictures the provider makes nothing, and takes the message all the same.
const PICTURES: [&str; 3] = ["image/jpeg", "image/png", "image/gif"];
/// What the provider passes on as it is.
const OTHERS: [&str; 8] = [
    "application/pdf",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "text/vcard",
    "video/3gpp",
    "video/mp4",
    "video/quicktime",
];

/// Where the provider fetches each; or why it cannot.
pub fn addresses(files: &[OutFile]) -> Result<Vec<&str>, SendError> {
    let carried = |file: &OutFile| PICTURES.contains(&&*file.media_type) || OTHERS.contains(&&*file.media_type);
    if let Some(file) = files.iter().find(|file| !carried(file)) {
        let why = format!("{} cannot go by MMS. Send it as JPEG, PNG, GIF or PDF.", file.name);
        return Err(SendError::Refused { why });
    }
    let addresses: Option<Vec<&str>> = files.iter().map(|file| file.address.as_deref()).collect();
    addresses.ok_or_else(|| SendError::Refused {
        why: "Files go by MMS only when the hub has a public address: set public_url in its configuration.".to_owned(),
    })
}
