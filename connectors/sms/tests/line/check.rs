//! Whether the settings are good, before they are saved.

use switchboard_connector::{Addresses, Connector, Trouble};

use crate::provider::{ADDRESS, OURS, Provider, Rule, line, on};

const ACCOUNT: &str = r#"{"friendly_name":"Example Shop","status":"active","type":"Full"}"#;

fn number(body: &str) -> Rule {
    on("/IncomingPhoneNumbers.json?PhoneNumber=%2B14155550100", 200, body)
}

async fn check(rules: impl IntoIterator<Item = Rule>) -> Result<String, Trouble> {
    Provider::start(rules).await.line().check().await
}

#[tokio::test]
async fn good_settings_are_told_as_a_sentence() {
    let found = format!(r#"{{"incoming_phone_numbers":[{{"sms_url":"{ADDRESS}","capabilities":{{"sms":true}}}}]}}"#);
    let sentence = check([number(&found), on("/Accounts/", 200, ACCOUNT)]).await;
    let expected = "+14155550100 is a number of the account “Example Shop” and can do SMS.";
    assert_eq!(sentence.as_deref(), Ok(expected));

    let elsewhere = r#"{"incoming_phone_numbers":[{"sms_url":"","capabilities":{"SMS":true}}]}"#;
    let sentence = check([number(elsewhere), on("/Accounts/", 200, ACCOUNT)]).await.unwrap();
    let hint = format!(" What customers write to it does not come here yet: let it come to {ADDRESS}.");
    assert_eq!(sentence, format!("{expected}{hint}"));

    let service = Provider::start([on("/Accounts/", 200, ACCOUNT)]).await;
    let sentence = service.line_from("MG1").check().await;
    assert_eq!(sentence.as_deref(), Ok("The account “Example Shop” is active."));
}

#[tokio::test]
async fn what_an_admin_must_mend_is_told_apart_from_what_passes() {
    let denied = r#"{"code":20003,"message":"Authenticate"}"#;
    let none = r#"{"incoming_phone_numbers":[]}"#;
    let mute = r#"{"incoming_phone_numbers":[{"capabilities":{"sms":false}}]}"#;
    let closed = r#"{"friendly_name":"Example Shop","status":"suspended"}"#;
    for rules in [
        vec![on("/Accounts/", 401, denied)],
        vec![on("/Accounts/", 200, closed)],
        vec![on("/Accounts/", 200, "<html>")],
        vec![on("/Accounts/", 302, "").with("location", "/login")],
        vec![number(none), on("/Accounts/", 200, ACCOUNT)],
        vec![number(mute), on("/Accounts/", 200, ACCOUNT)],
    ] {
        let found = check(rules).await;
        assert!(matches!(found, Err(Trouble::Settings(_))), "{found:?}");
    }
    for status in [429, 500, 503] {
        let found = check([on("/Accounts/", status, "")]).await;
        assert!(matches!(found, Err(Trouble::Away { .. })), "{found:?}");
    }
    let inside = line("http://127.0.0.1:1", OURS, Addresses::Public).check().await;
    assert!(matches!(inside, Err(Trouble::Settings(_))), "{inside:?}");
}
