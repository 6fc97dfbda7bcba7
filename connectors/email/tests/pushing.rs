//! Mails that are pushed by HTTP.

mod support;

use bytes::Bytes;
use support::edge::Recorder;
use support::{OURS, mail};
use switchboard_connector::{Addresses, Connector, Secret, Secrets, Webhook};
use switchboard_email::Mailbox;
use switchboard_protocol::channels::EmailSettings;

fn mailbox(secret: &str) -> Mailbox {
    let settings = EmailSettings {
        address: OURS.to_owned(),
        imap: None,
        folders: Vec::new(),
        import_since: String::new(),
        smtp: None,
        plus_addresses: true,
        acknowledgement: None,
    };
    let mut secrets = Secrets::default();
    secrets.0.insert("push_secret".to_owned(), Secret::new(secret));
    Mailbox::new(settings, &secrets, Addresses::Any).expect("good settings")
}

fn request(rest: &str, headers: &[(&str, &str)]) -> Webhook {
    Webhook {
        at: 1_795_338_000_000,
        method: "POST".to_owned(),
        url: format!("https://hub.example/hooks/inbox/{rest}"),
        rest: rest.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: Bytes::from(mail("answer")),
    }
}

#[tokio::test]
async fn whoever_shows_the_secret_is_heard() {
    let (mailbox, edge) = (mailbox("s3:cret"), Recorder::new());
    let status = async |request| mailbox.webhook(request, &edge).await.status;
    // "any:s3:cret"
    for headers in [("x-switchboard-secret", "s3:cret"), ("authorization", "Basic YW55OnMzOmNyZXQ=")] {
        assert_eq!(status(request("raw", &[headers])).await, 200);
    }
    let messages = edge.messages(1).await;
    assert_eq!((messages.len(), edge.again(), messages[0].text.as_str()), (1, 1, "Ja, gerne."));
    // Of what stands after a `+` what the hub signed.
    assert_eq!(format!("{:?}", messages[0].thread).matches("tok3n").count(), 0);

    for headers in [
        &[][..],
        &[("x-switchboard-secret", "s3:cre")],
        &[("authorization", "Basic eDp5")],
        &[("authorization", "Bearer s3:cret")],
    ] {
        assert_eq!(status(request("raw", headers)).await, 403);
    }
    assert_eq!(status(request("s3:cret", &[])).await, 404);
    assert_eq!(status(request("raw/s3:cret", &[])).await, 404);
    let secret = [("x-switchboard-secret", "s3:cret")];
    assert_eq!(status(Webhook { body: Bytes::new(), ..request("raw", &secret) }).await, 400);
    assert_eq!(status(Webhook { method: "GET".to_owned(), ..request("raw", &secret) }).await, 400);
    edge.refuse(true);
    assert_eq!(status(request("raw", &secret)).await, 503);
}

#[tokio::test]
async fn without_a_secret_nobody_is() {
    let settings = EmailSettings {
        address: OURS.to_owned(),
        imap: None,
        folders: Vec::new(),
        import_since: String::new(),
        smtp: None,
        plus_addresses: true,
        acknowledgement: None,
    };
    assert!(Mailbox::new(settings, &Secrets::default(), Addresses::Any).is_err());
    let edge = Recorder::new();
    for headers in [&[][..], &[("x-switchboard-secret", "")], &[("authorization", "Basic Og==")]] {
        assert_eq!(mailbox("x").webhook(request("raw", headers), &edge).await.status, 403);
    }
}
