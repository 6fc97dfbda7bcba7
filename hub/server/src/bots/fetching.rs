//! Files that a bot sends by their address.

use std::time::Duration;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use switchboard_connector_http::{Failed, NotFetched};
use tokio::time::timeout;
use url::Url;

use super::BotRefusal;
use crate::app::App;

/// How long a file may take to come: within the call that sends it.
const WHOLE: Duration = Duration::from_secs(15);
/// Most of a picture and of any other file, bytes, as in the Bot API ("Sending files").
const PHOTO_BYTES: usize = 5 * 1024 * 1024;
const FILE_BYTES: usize = 20 * 1024 * 1024;

/// What lies at an address that a bot names. The hub goes where the operator lets it go and nowhere else.
pub async fn fetch(app: &App, address: &str, photo: bool) -> Result<(Option<String>, Bytes), BotRefusal> {
    let url = Url::parse(address.trim()).map_err(|_| BotRefusal::WrongAddress)?;
    let most = if photo { PHOTO_BYTES } else { FILE_BYTES };
    match timeout(WHOLE, app.bots.http.fetch(&url, None, most)).await {
        Ok(Ok(file)) => {
            let name = url.path_segments().and_then(|mut parts| {
                parts.next_back().map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned())
            });
            Ok((name.filter(|name| !name.is_empty()), file.bytes))
        }
        // It is not said whether there is anything at an address where the hub may not go.
        Ok(Err(NotFetched::Failed(Failed::Settings(_)))) => Err(BotRefusal::WrongAddress),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a file that a bot sends by its address did not come");
            Err(BotRefusal::NotFetched)
        }
        Err(_elapsed) => Err(BotRefusal::NotFetched),
    }
}
