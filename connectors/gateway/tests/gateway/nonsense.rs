//! Whatever is in a request, there is an answer, and who does not show the secret changes nothing.

use proptest::prelude::*;
use switchboard_connector::testing::Kept;
use switchboard_connector::{Connector, Incoming, Webhook};
use switchboard_protocol::channels::GatewaySettings;

use crate::world::{by_json, by_query, gateway, webhook};

fn call(settings: GatewaySettings, request: Webhook) -> (u16, Vec<Incoming>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let kept = Kept::default();
    let status = runtime.block_on(gateway(settings).webhook(request, &kept)).status;
    (status, kept.items())
}

/// JSON that looks like what the settings expect, and is not.
fn json() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::json!(text).to_string()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
    ];
    (value.clone(), value.clone(), value).prop_map(|(id, from, text)| {
        format!(r#"{{"event":{{"id":{id},"from":{{"id":{from}}},"text":{text}}},"id":{id},"state":{text}}}"#)
    })
}

proptest! {
    #[test]
    fn requests(
        body in prop_oneof![json().prop_map(String::into_bytes), any::<Vec<u8>>()],
        query in "[a-z%&=0-9+]{0,60}",
        rest in prop_oneof![Just(""), Just("status")],
        known in any::<bool>(),
    ) {
        let secret = if known { "hush" } else { "hus" };
        let headers = [("x-gateway-secret", secret), ("content-type", "application/x-www-form-urlencoded")];
        let mut request = webhook("POST", rest, &format!("secret={secret}&{query}"), &headers, "");
        request.body = body.into();
        for settings in [by_query("http://gateway.example"), by_json("http://gateway.example")] {
            let (status, items) = call(settings, request.clone());
            prop_assert!(if known { [200, 400].contains(&status) } else { status == 403 }, "{}", status);
            prop_assert!(status == 200 || items.is_empty());
            for item in items {
                prop_assert!(!item.key.is_empty() && item.key.chars().count() <= Incoming::KEY_CHARS);
            }
        }
    }
}
