//! Whether the settings are good, before they are saved.

use switchboard_connector::{Addresses, Connector, Receipts, Secrets, Trouble};
use switchboard_protocol::channels::GatewaySettings;

use crate::world::{Server, by_form, by_json, by_query, gateway, secrets, with};

#[tokio::test]
async fn good_settings_are_told_as_a_sentence_and_nothing_is_sent() {
    let server = Server::start(200, "").await;
    for settings in [by_query(&server.url), by_json(&server.url), by_form(&server.url)] {
        let sentence = gateway(settings).check().await;
        let expected = "A message can be written as a request, and 127.0.0.1 takes connections. Nothing was sent.";
        assert_eq!(sentence.as_deref(), Ok(expected));
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn each_mistake_is_told() {
    let server = Server::start(200, "").await;
    type Mistake = fn(&mut GatewaySettings);
    let mistakes: [(Mistake, &str); 9] = [
        (|settings| settings.send.method = "PUT".to_owned(), "GET or POST"),
        (|settings| settings.send.url = "gateway".to_owned(), "begins with https://"),
        (|settings| settings.send.url.push_str("&x={{ text }}"), "without `| urlencode`"),
        (|settings| settings.send.url.push_str("&x={{ to }}"), "without `| urlencode`"),
        (|settings| settings.send.url.push_str("{{ nobody }}"), "The template of the address"),
        (|settings| settings.send.body = "text={{ text }}".to_owned(), "without `| urlencode`"),
        (|settings| settings.send.body = "{\"text\": \"{{ text }}\"}".to_owned(), "not JSON"),
        (|settings| settings.send.headers.push(("a b".to_owned(), "x".to_owned())), "cannot be the name"),
        (|settings| settings.send.headers.push(("x".to_owned(), "{{ text }}".to_owned())), "cannot stand in one"),
    ];
    for (mistake, expected) in mistakes {
        let mut settings = by_query(&server.url);
        mistake(&mut settings);
        match gateway(settings).check().await {
            Err(Trouble::Settings(why)) => assert!(why.contains(expected), "{why}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
    let nameless = with(by_form(&server.url), Secrets::default(), Addresses::Any).check().await;
    assert!(matches!(nameless, Err(Trouble::Settings(_))), "{nameless:?}");
    let inside = with(by_form(&server.url), secrets(), Addresses::Public).check().await;
    assert!(matches!(inside, Err(Trouble::Settings(_))), "{inside:?}");
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = gateway(by_form(&format!("http://{free}"))).check().await;
    assert!(matches!(away, Err(Trouble::Away { .. })), "{away:?}");
}

#[test]
fn the_reply_bar_follows_the_settings() {
    let (sms, chat) = (gateway(by_form("http://a")).capabilities(), gateway(by_json("http://a")).capabilities());
    assert_eq!((sms.segments, sms.receipts), (true, Receipts::Nothing));
    assert_eq!((chat.segments, chat.receipts), (false, Receipts::Delivered));
}
