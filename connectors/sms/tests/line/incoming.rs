//! What the provider brings.

use switchboard_connector::testing::Kept;
use switchboard_connector::{
    Connector, Consent, Happened, Incoming, IncomingMessage, Progress, Reached, Webhook, WebhookAnswer,
};

use crate::provider::{OURS, Provider, SID, TOKEN, on, webhook};

const MESSAGE: [(&str, &str); 7] = [
    ("ToCountry", "US"),
    ("MessageSid", "SM1"),
    ("AccountSid", SID),
    ("From", "+4915112345678"),
    ("To", OURS),
    ("Body", "Xin chào, where is my order & why? + 1"),
    ("NumMedia", "0"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more).copied().collect()
}

async fn bring(request: Webhook, kept: &Kept) -> WebhookAnswer {
    Provider::start([]).await.line().webhook(request, kept).await
}

async fn message_of(fields: &[(&str, &str)]) -> IncomingMessage {
    let kept = Kept::default();
    assert_eq!(bring(webhook("", fields), &kept).await.status, 200);
    match kept.one().what {
        Happened::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_handed_in_and_answered_with_nothing_to_say() {
    let kept = Kept::default();
    let answer = bring(webhook("", &MESSAGE), &kept).await;
    let nothing = WebhookAnswer { status: 200, media_type: "text/xml", body: "<Response/>".to_owned() };
    assert_eq!(answer, nothing);
    let Incoming { key, at, what: Happened::Message(message) } = kept.one() else { panic!("{:?}", kept.items()) };
    assert_eq!((key.as_str(), at), ("SM1", 1_700_000_000_000));
    assert_eq!(message.from.key, "+4915112345678");
    assert_eq!(message.text, "Xin chào, where is my order & why? + 1");
    assert_eq!(message.references, ["SM1"]);
    assert_eq!(message.consent, None);
}

#[tokio::test]
async fn what_the_hub_does_not_take_the_provider_is_not_told_to_forget() {
    let away = Kept::away();
    assert_eq!(bring(webhook("", &MESSAGE), &away).await.status, 503);
    let fields = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
    assert_eq!(bring(webhook("status", &fields), &away).await.status, 503);
}

#[tokio::test]
async fn what_the_provider_did_not_sign_is_refused() {
    let kept = Kept::default();
    let good = webhook("", &MESSAGE);
    let unsigned = Webhook { headers: Vec::new(), ..good.clone() };
    let elsewhere = Webhook { url: "https://hub.example/hooks/i2".to_owned(), ..good.clone() };
    let other = Webhook { body: "From=%2B4915112345678&MessageSid=SM1&Body=other".into(), ..good.clone() };
    let mut more = good.clone();
    more.body = [&good.body[..], b"&MediaUrl0=http%3A%2F%2F10.0.0.1"].concat().into();
    for request in [unsigned, elsewhere, other, more] {
        assert_eq!(bring(request, &kept).await.status, 403);
    }
    let got = Webhook { method: "GET".to_owned(), ..good };
    assert_eq!(bring(got, &kept).await.status, 400);
    assert_eq!(bring(webhook("elsewhere", &MESSAGE), &kept).await.status, 404);
    assert_eq!(kept.items(), []);
}

#[tokio::test]
async fn what_is_signed_and_makes_no_sense_is_malformed() {
    let kept = Kept::default();
    let long = "S".repeat(500);
    for fields in [
        vec![],
        vec![("Body", "x")],
        vec![("MessageSid", "SM1"), ("Body", "x")],
        vec![("MessageSid", long.as_str()), ("From", "+4915112345678")],
    ] {
        assert_eq!(bring(webhook("", &fields), &kept).await.status, 400, "{fields:?}");
        assert_eq!(bring(webhook("status", &fields), &kept).await.status, 400, "{fields:?}");
    }
    assert_eq!(kept.items(), []);
}

#[tokio::test]
async fn a_person_has_one_spelling() {
    for (from, key) in [
        ("+4915112345678", "+4915112345678"),
        ("+49 151 12345678", "+4915112345678"),
        ("(415) 555-2671", "+14155552671"),
        ("72975", "72975"),
        ("ExampleBank", "ExampleBank"),
        ("whatsapp:+4915112345678", "whatsapp:+4915112345678"),
        ("WhatsApp:+49 151 12345678", "whatsapp:+4915112345678"),
    ] {
        assert_eq!(message_of(&with(&MESSAGE, &[("From", from)])).await.from.key, key);
    }
}

#[tokio::test]
async fn stop_start_and_help_are_understood() {
    for (fields, consent) in [
        (vec![("Body", " Stop ")], Some(Consent::Stop)),
        (vec![("Body", "UNSTOP")], Some(Consent::Start)),
        (vec![("Body", "info")], Some(Consent::Help)),
        (vec![("Body", "DỪNG"), ("OptOutType", "STOP")], Some(Consent::Stop)),
        (vec![("Body", "stop"), ("OptOutType", "START")], Some(Consent::Start)),
        (vec![("Body", "stop"), ("OptOutType", "")], Some(Consent::Stop)),
        (vec![("Body", "Stop it now")], None),
    ] {
        assert_eq!(message_of(&with(&MESSAGE, &fields)).await.consent, consent, "{fields:?}");
    }
}

#[tokio::test]
async fn pictures_are_fetched_with_the_login_and_what_is_missing_is_named() {
    let png = b"\x89PNG\r\n\x1a\n".to_vec();
    let provider = Provider::start([
        on("/Media/ME1", 307, "").with("location", "/stored/1"),
        on("/stored/1", 200, png.clone()).with("content-type", "image/png"),
        on("/Media/ME2", 410, ""),
        on("/Media/ME3", 200, "BEGIN:VCARD"),
    ])
    .await;
    let url = |media: &str| format!("{}/2010-04-01/Accounts/{SID}/Messages/MM1/Media/{media}", provider.url);
    let (one, two, three) = (url("ME1"), url("ME2"), url("ME3"));
    let request = webhook(
        "",
        &with(
            &MESSAGE,
            &[
                ("NumMedia", "3"),
                ("MediaUrl0", &one),
                ("MediaContentType0", "image/png"),
                ("MediaUrl1", &two),
                ("MediaContentType1", "image/jpeg"),
                ("MediaUrl2", &three),
                ("MediaContentType2", "text/vcard"),
            ],
        ),
    );
    let kept = Kept::default();
    assert_eq!(provider.line().webhook(request, &kept).await.status, 200);
    let Happened::Message(message) = kept.one().what else { panic!("{:?}", kept.items()) };
    let files: Vec<_> = message.files.iter().map(|file| (file.name.as_str(), &file.bytes[..])).collect();
    assert_eq!(files, [("1.png", &png[..]), ("3.vcf", b"BEGIN:VCARD")]);
    assert_eq!(message.text, format!("{}\n[File 2 (image/jpeg) could not be fetched: HTTP 410]", MESSAGE[5].1));
    assert!(provider.asked().iter().all(|asked| asked.login == format!("{SID}:{TOKEN}")));
}

#[tokio::test]
async fn the_login_goes_to_nobody_but_the_provider() {
    let stranger = Provider::start([on("/picture", 200, "x")]).await;
    let url = format!("{}/picture", stranger.url);
    let provider = Provider::start([]).await;
    let request = webhook("", &with(&MESSAGE, &[("NumMedia", "1"), ("MediaUrl0", &url)]));
    assert_eq!(provider.line().webhook(request, &Kept::default()).await.status, 200);
    assert_eq!(stranger.asked().iter().map(|asked| asked.login.as_str()).collect::<Vec<_>>(), [""]);
}

#[tokio::test]
async fn an_absurd_number_of_pictures_is_bounded() {
    let provider = Provider::start([on("/picture", 200, "x")]).await;
    let names: Vec<_> = (0..60).map(|number| format!("MediaUrl{number}")).collect();
    let url = format!("{}/picture", provider.url);
    let mut fields = with(&MESSAGE, &[("NumMedia", "4000000000")]);
    fields.extend(names.iter().map(|name| (name.as_str(), url.as_str())));
    assert_eq!(provider.line().webhook(webhook("", &fields), &Kept::default()).await.status, 200);
    assert_eq!(provider.asked().len(), 10);
}

#[tokio::test]
async fn what_became_of_a_message_is_passed_on() {
    for (fields, expected) in [
        (vec![("MessageStatus", "sent")], Some(Reached::Sent)),
        (vec![("MessageStatus", "delivered")], Some(Reached::Delivered)),
        (vec![("MessageStatus", "read")], Some(Reached::Read)),
        (vec![("SmsStatus", "delivered")], Some(Reached::Delivered)),
        (
            vec![("MessageStatus", "undelivered"), ("ErrorCode", "30003")],
            Some(Reached::Failed {
                why: "The provider says: the phone is off, out of reach or does not exist (error 30003).".to_owned(),
            }),
        ),
        (
            vec![("MessageStatus", "failed"), ("ErrorCode", "39999"), ("ErrorMessage", "Tuesday")],
            Some(Reached::Failed { why: "The provider says: Tuesday (error 39999).".to_owned() }),
        ),
        (vec![("MessageStatus", "failed")], Some(Reached::Failed { why: "The provider gave no reason.".to_owned() })),
        (vec![("MessageStatus", "queued")], None),
        (vec![("MessageStatus", "sending")], None),
    ] {
        let kept = Kept::default();
        let status = fields[0].1;
        let answer = bring(webhook("status", &with(&fields, &[("MessageSid", "SM7")])), &kept).await;
        assert_eq!(answer, WebhookAnswer::done());
        let progress = expected.map(|reached| Incoming {
            key: format!("SM7:{status}"),
            at: 1_700_000_000_000,
            what: Happened::Progress(Progress { reference: "SM7".to_owned(), recipient: None, reached }),
        });
        assert_eq!(kept.items(), Vec::from_iter(progress));
    }
}
