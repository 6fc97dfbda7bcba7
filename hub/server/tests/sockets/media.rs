//! Where a provider fetches the files of a message that goes out by it.

use reqwest::{Method, StatusCode};
use serde_json::json;
use switchboard_protocol::AttachmentId;

use crate::channels::{Business, delivery};
use crate::provider::settings;
use crate::support::Setting;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_goes_out_is_fetched_by_its_own_address_and_no_other_is() {
    let business = Business::open_on(Setting::Alone, "sms", settings("good")).await;
    business.provider.carries_files(2);
    let mut agent = business.owner.connects().await;
    let first = json!({ "id": "first", "from": "+31611111111", "text": "Hello?" });
    assert_eq!(business.called(0, first).await, StatusCode::OK);
    let begun = agent.event("conversation_created").await;
    let conversation = begun["conversation"]["id"].clone();
    let (file, secret) =
        (business.owner.sends_up("lamp.png", PNG).await, business.owner.sends_up("secret.png", PNG).await);
    let note = json!({ "do": "note", "conversation_id": conversation, "text": "For us", "attachments": [secret] });
    assert_eq!(agent.does(note).await["ok"], "yes");
    let reply =
        json!({ "do": "reply", "conversation_id": conversation, "text": "Look", "seen": 1, "attachments": [file] });
    let reply = agent.does(reply).await;
    delivery(&mut agent, &reply, "sent").await;

    let sent = business.provider.last();
    let address = sent.files[0].address.clone().expect("an address");
    let path = address.strip_prefix("https://support.example.com").expect("the hub's own address").to_owned();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let fetch = |method: Method, path: String| {
        let address = format!("http://{}{path}", business.world.address(0));
        let request = http.request(method, address);
        async move { request.send().await.expect("an answer") }
    };
    let answer = fetch(Method::GET, path.clone()).await;
    assert_eq!((answer.status(), answer.headers()["content-type"].to_str().ok()), (StatusCode::OK, Some("image/png")));
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.bytes().await.expect("its bytes"), PNG);

    let app = business.world.app(0);
    let id = |text: &str| text.parse::<AttachmentId>().expect("an id");
    let now = app.clock.now();
    let mut forged = path.clone();
    forged.replace_range(forged.len() - 1.., if path.ends_with('0') { "1" } else { "0" });
    for nothing in [
        forged,
        "/media/".into(),
        format!("/media/{file}"),
        // Its time is over; and what the team has said among itself goes to no provider, whatever is signed.
        format!("/media/{}", app.media_key.sign(id(&file), now)),
        format!("/media/{}", app.media_key.sign(id(&secret), now + 60_000)),
    ] {
        let answer = fetch(Method::GET, nothing.clone()).await;
        assert!(
            answer.status() == StatusCode::NOT_FOUND || answer.headers()["content-type"] != "image/png",
            "{nothing}"
        );
        assert_ne!(answer.bytes().await.expect("a body"), PNG, "{nothing}");
    }
    assert_eq!(fetch(Method::POST, path.clone()).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    business.owner.delete(&format!("/api/inboxes/{}", business.inbox)).await;
    assert_eq!(fetch(Method::GET, path).await.status(), StatusCode::NOT_FOUND, "nor of an inbox that is removed");
}
