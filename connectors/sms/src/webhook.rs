//! What the provider brings: messages at the inbox's own address, what became of ours at `status` under it.

use std::collections::BTreeMap;

use switchboard_connector::{Edge, Happened, Incoming, Progress, Reached, Webhook, WebhookAnswer};
use switchboard_protocol::UnixMs;

use crate::account::Account;
use crate::arrived::Arrived;
use crate::media::{self, Media};
use crate::signature::{self, Fields};
use crate::words;

/// Longest id or address of the provider's that is taken, characters. Twilio's have 34.
const NAME_CHARS: usize = 200;

pub(crate) async fn answer(account: &Account, request: &Webhook, edge: &dyn Edge) -> WebhookAnswer {
    if request.method != "POST" {
        return WebhookAnswer::malformed("Set the number's webhook to HTTP POST.\n");
    }
    let fields: Fields = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let signature = request.header("x-twilio-signature").unwrap_or_default();
    if !signature::is_good(account.token(), &request.url, &fields, signature) {
        return WebhookAnswer::forbidden();
    }
    let form = Form(fields.into_iter().collect());
    match request.rest.as_str() {
        "" => message(account, &form, request.at, edge).await,
        "status" => status(&form, request.at, edge).await,
        _ => WebhookAnswer::not_found(),
    }
}

/// A form's fields by name; of two of one name the last.
struct Form(BTreeMap<String, String>);

impl Form {
    /// A field, if there is something in it.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A field that names something, by its name of today or of old.
    fn name(&self, name: &str, old: &str) -> Option<&str> {
        self.get(name).or_else(|| self.get(old)).filter(|value| value.chars().count() <= NAME_CHARS)
    }

    fn media(&self) -> Vec<Media> {
        let count = self.get("NumMedia").and_then(|count| count.parse().ok()).unwrap_or(0);
        let one = |number| {
            let media_type = self.get(&format!("MediaContentType{number}")).unwrap_or("unknown").to_owned();
            Some(Media { url: self.get(&format!("MediaUrl{number}"))?.to_owned(), media_type })
        };
        (0..media::FILES.min(count)).filter_map(one).collect()
    }
}

async fn message(account: &Account, form: &Form, at: UnixMs, edge: &dyn Edge) -> WebhookAnswer {
    let (Some(sid), Some(from)) = (form.name("MessageSid", "SmsSid"), form.name("From", "From")) else {
        return WebhookAnswer::malformed("A message has a MessageSid and a From.\n");
    };
    let (files, missing) = media::fetch(account, &form.media()).await;
    let arrived = Arrived {
        sid,
        at,
        from,
        to: form.get("To"),
        text: form.get("Body").unwrap_or_default(),
        files,
        missing,
        name: form.get("ProfileName"),
        answers: form.get("OriginalRepliedMessageSid"),
        opt_out_type: form.get("OptOutType"),
    };
    let incoming = arrived.into_incoming();
    match edge.take(vec![incoming]).await {
        // Says that nothing is to be answered: an empty document, not an empty body, which would be an error at Twilio.
        Ok(_) => WebhookAnswer { status: 200, media_type: "text/xml", body: "<Response/>".to_owned() },
        Err(_not_taken) => WebhookAnswer::unavailable(),
    }
}

async fn status(form: &Form, at: UnixMs, edge: &dyn Edge) -> WebhookAnswer {
    let sid = form.name("MessageSid", "SmsSid");
    let (Some(sid), Some(status)) = (sid, form.name("MessageStatus", "SmsStatus")) else {
        return WebhookAnswer::malformed("A status has a MessageSid and a MessageStatus.\n");
    };
    let reached = match status {
        "sent" => Reached::Sent,
        "delivered" => Reached::Delivered,
        "read" => Reached::Read,
        "undelivered" | "failed" | "canceled" => {
            let said = form.get("ErrorMessage").or_else(|| form.get("ChannelStatusMessage"));
            Reached::Failed { why: words::why(form.get("ErrorCode").unwrap_or_default(), said) }
        }
        // Accepted, scheduled, queued, sending: it is on its way, which is known already.
        _ => return WebhookAnswer::done(),
    };
    let progress = Progress { reference: sid.to_owned(), recipient: None, reached };
    let incoming = Incoming { key: format!("{sid}:{status}"), at, what: Happened::Progress(progress) };
    match edge.take(vec![incoming]).await {
        Ok(_) => WebhookAnswer::done(),
        Err(_not_taken) => WebhookAnswer::unavailable(),
    }
}
