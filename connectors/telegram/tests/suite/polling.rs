//! Long polling: in order, once, and confirmed only after the commit.

use serde_json::json;
use switchboard_connector::{Connector, Trouble};
use switchboard_protocol::channels::TelegramMode;

use crate::bot_api::{BotApi, Surprise};
use crate::hub::{Hub, bot, message, polling, trouble, while_receiving};

#[tokio::test]
async fn messages_come_in_order_and_are_confirmed_after_the_commit() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let (an, bo) = (api.user(42), api.user(43));
    an.writes("one");
    bo.writes("two");
    an.writes("three");
    let bot = polling(&api.url);
    let ((), ended) = while_receiving(&bot, &hub, async {
        let texts: Vec<String> = hub.has(3).await.iter().map(|item| message(item).0.text.clone()).collect();
        assert_eq!(texts, ["one", "two", "three"]);
        // Asked for what comes after them, the server forgets them.
        api.until(|api| api.waiting() == 0).await;
        an.writes("four");
        hub.has(4).await;
    })
    .await;
    ended.unwrap();
    assert_eq!(hub.receiving(), 1);
    assert_eq!(hub.again(), 0);
    assert_eq!(api.calls()[0], "deletewebhook");
}

#[tokio::test]
async fn what_was_not_committed_comes_again_and_what_was_is_not_doubled() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let an = api.user(42);
    an.writes("hello");
    let bot = polling(&api.url);
    hub.refuse(1);
    let away = trouble(&bot, &hub).await;
    assert!(matches!(away, Trouble::Away { .. }), "{away:?}");
    assert_eq!((hub.items().len(), api.waiting()), (0, 1));
    // As after a crash between the commit and keeping the place.
    hub.lose_place(1);
    trouble(&bot, &hub).await;
    assert_eq!((hub.items().len(), hub.again(), api.waiting()), (1, 0, 1));
    let (_, ended) = while_receiving(&bot, &hub, api.until(|api| api.waiting() == 0)).await;
    ended.unwrap();
    assert_eq!((hub.items().len(), hub.again()), (1, 1));
}

#[tokio::test]
async fn a_second_process_goes_on_where_the_first_one_was() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let an = api.user(42);
    an.writes("one");
    let first = polling(&api.url);
    while_receiving(&first, &hub, async {
        hub.has(1).await;
        api.until(|_| !hub.cursors().is_empty()).await;
    })
    .await
    .1
    .unwrap();
    an.writes("two");
    while_receiving(&polling(&api.url), &hub, async { drop(hub.has(2).await) }).await.1.unwrap();
    assert_eq!(hub.again(), 0);
    assert_eq!(hub.cursors().into_iter().collect::<Vec<_>>(), [("updates:110201543".to_owned(), "1003".to_owned())]);
}

#[tokio::test]
async fn updates_that_are_counted_anew_after_a_quiet_week_still_come() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let an = api.user(42);
    an.writes("before");
    while_receiving(&polling(&api.url), &hub, async {
        hub.has(1).await;
        api.until(|api| api.waiting() == 0).await;
        api.count_updates_from(17);
        an.writes("after");
        an.writes("and more");
        hub.has(3).await;
        api.until(|api| api.waiting() == 0).await;
    })
    .await
    .1
    .unwrap();
}

#[tokio::test]
async fn two_programs_with_one_bot_are_told_of_each_other() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let bot = polling(&api.url);
    let other = async {
        api.until(|api| api.calls().iter().filter(|call| *call == "getupdates").count() == 2).await;
        let url = format!("{}/bot{}/getUpdates", api.url, crate::bot_api::TOKEN);
        reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
    };
    let (away, ()) = tokio::join!(trouble(&bot, &hub), other);
    let Trouble::Away { why, .. } = away else { panic!("{away:?}") };
    assert!(why.contains("Another program"), "{why}");
}

#[tokio::test]
async fn a_wrong_token_is_the_admins_to_mend_and_is_nowhere_in_the_sentence() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let bot = bot(&api.url, "1:wrong-token", TelegramMode::Polling);
    for trouble in [trouble(&bot, &hub).await, bot.check().await.unwrap_err()] {
        assert!(
            matches!(&trouble, Trouble::Settings(why) if why.contains("token") && !why.contains("wrong")),
            "{trouble:?}"
        );
    }
}

#[tokio::test]
async fn an_unreachable_server_is_away_and_its_sentence_holds_no_token() {
    let bot = polling("http://127.0.0.1:9");
    let trouble = bot.check().await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Away { why, .. } if !why.contains("AAHd")), "{trouble:?}");
}

#[tokio::test]
async fn the_check_names_the_bot() {
    let api = BotApi::start().await;
    assert_eq!(polling(&api.url).check().await.unwrap(), "@shop_bot");
}

#[tokio::test]
async fn a_file_that_cannot_be_had_now_is_waited_for_and_not_for_ever() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let an = api.user(42);
    let bot = polling(&api.url);
    api.fail_downloads(2);
    an.writes("first");
    an.says(json!({"photo": an.photo(b"\xff\xd8\xffpicture"), "caption": "look"}));
    for _ in 0..2 {
        let away = trouble(&bot, &hub).await;
        assert!(matches!(away, Trouble::Away { .. }), "{away:?}");
        assert_eq!(hub.items().len(), 1, "what came before it is not held up");
    }
    while_receiving(&bot, &hub, async { drop(hub.has(2).await) }).await.1.unwrap();
    assert_eq!(&message(&hub.items()[1]).0.files[0].bytes[..], b"\xff\xd8\xffpicture");

    api.fail_downloads(5);
    an.says(json!({"photo": an.photo(b"\xff\xd8\xffother"), "caption": "and this"}));
    for _ in 0..4 {
        trouble(&bot, &hub).await;
    }
    while_receiving(&bot, &hub, async { drop(hub.has(3).await) }).await.1.unwrap();
    let items = hub.items();
    let (last, _) = message(&items[2]);
    assert!(last.files.is_empty());
    assert!(last.text.starts_with("and this\n[photo-") && last.text.contains("could not be fetched"), "{}", last.text);
}

#[tokio::test]
async fn a_server_that_is_busy_says_when_to_come_again() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let description = "Too Many Requests: retry after 9";
    api.surprise("getupdates", Surprise::Refuse { code: 429, description, retry_after: Some(9) });
    let away = trouble(&polling(&api.url), &hub).await;
    let Trouble::Away { after, .. } = away else { panic!("{away:?}") };
    assert_eq!(after, Some(std::time::Duration::from_secs(9)));
}

#[tokio::test]
async fn a_server_whose_updates_lead_nowhere_is_not_asked_over_and_over() {
    let (api, hub) = (BotApi::start().await, Hub::default());
    let an = api.user(42);
    let bot = polling(&api.url);
    an.writes("before");
    while_receiving(&bot, &hub, api.until(|api| api.waiting() == 0)).await.1.unwrap();
    // Without a number that can be read, and with the one that was confirmed.
    for result in [json!([{"update_id": "x"}, {}]), json!([{"update_id": 1001}])] {
        api.surprise("getupdates", Surprise::Result(result));
        let away = trouble(&bot, &hub).await;
        assert!(matches!(&away, Trouble::Away { why, .. } if why.contains("without a number")), "{away:?}");
    }
    an.writes("after");
    while_receiving(&bot, &hub, async { drop(hub.has(2).await) }).await.1.unwrap();
}
