//! Whatever is in a request, there is an answer, and what is not signed changes nothing.

use proptest::prelude::*;
use switchboard_connector::testing::Kept;
use switchboard_connector::{Addresses, Connector, Incoming, Webhook};

use crate::provider::{OURS, line, webhook};

/// Fields that mean something, with values that may be anything.
fn fields() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        4 => prop::sample::select(vec![
            "MessageSid", "SmsSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "MessageStatus",
            "SmsStatus", "ErrorCode", "ErrorMessage", "OptOutType", "ProfileName", "OriginalRepliedMessageSid",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let value = prop_oneof![
        any::<String>(),
        "[+0-9() -]{0,20}",
        "whatsapp:{0,40}\\+[0-9]{0,20}",
        prop::sample::select(vec!["delivered", "failed", "30003", "STOP", "SM1", "+14155552671", "-1", "99999999999"])
            .prop_map(str::to_owned),
        "(https?|file|data)://[a-z0-9.:\\[\\]]{0,12}",
    ];
    prop::collection::vec((name, value), 0..12)
}

fn call(request: Webhook) -> (u16, Vec<Incoming>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let kept = Kept::default();
    // No address is allowed where a picture could be fetched from but public ones, and names do not resolve.
    let line = line("http://127.0.0.1:1", OURS, Addresses::Public);
    let status = runtime.block_on(line.webhook(request, &kept)).status;
    (status, kept.items())
}

proptest! {
    #[test]
    fn signed(fields in fields(), rest in prop_oneof![Just(""), Just("status")]) {
        let fields: Vec<_> = fields.iter()
            .filter(|(name, _)| !name.starts_with("MediaUrl"))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let (status, items) = call(webhook(rest, &fields));
        prop_assert!([200, 400].contains(&status), "{}", status);
        prop_assert!(status == 200 || items.is_empty());
        for item in items {
            prop_assert!(!item.key.is_empty() && item.key.chars().count() <= Incoming::KEY_CHARS);
        }
    }

    #[test]
    fn unsigned(
        fields in fields(),
        body in any::<Vec<u8>>(),
        url in any::<String>(),
        signature in prop_oneof![any::<String>(), "[A-Za-z0-9+/]{27}="],
    ) {
        let mut request = webhook("", &fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>());
        request.headers = vec![("x-twilio-signature".to_owned(), signature)];
        let bodies = [request.body.clone(), body.into()];
        for body in bodies {
            for url in [request.url.clone(), url.clone()] {
                let request = Webhook { body: body.clone(), url, ..request.clone() };
                prop_assert_eq!(call(request), (403, Vec::new()));
            }
        }
    }
}
