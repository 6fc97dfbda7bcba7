//! What the provider could not bring is found there.

use switchboard_connector::testing::Kept;
use switchboard_connector::{Connector, Edge, Happened, IncomingMessage, Trouble};
use tokio_util::sync::CancellationToken;

use crate::provider::{OURS, Provider, Rule, SID, on, webhook};

/// One of the list, as much as is read of it.
fn listed(sid: &str, date: &str, direction: &str, to: &str, media: u32) -> String {
    format!(
        r#"{{"sid":"{sid}","date_sent":"{date}","direction":"{direction}","from":"+4915112345678","to":"{to}",
            "body":"Text of {sid}","num_media":"{media}","messaging_service_sid":null}}"#
    )
}

/// What a message's list of files says: it has one.
fn media_of(sid: &str) -> String {
    format!(
        r#"{{"media_list":[{{"content_type":"image/png","uri":"/2010-04-01/Accounts/{SID}/Messages/{sid}/Media/ME1.json"}}]}}"#
    )
}

fn page(messages: &[String], next: Option<&str>) -> String {
    let next = next.map_or("null".to_owned(), |next| format!("\"{next}\""));
    format!(r#"{{"messages":[{}],"next_page_uri":{next}}}"#, messages.join(","))
}

/// Looks once.
async fn look(provider: &Provider, kept: &Kept, from: &str) -> Result<(), Trouble> {
    let (line, stop) = (provider.line_from(from), CancellationToken::new());
    let mut receiving = line.receive(kept, stop.clone());
    tokio::select! {
        ended = &mut receiving => ended,
        () = kept.is_receiving() => {
            stop.cancel();
            receiving.await
        }
    }
}

/// By the name and in the form that places had once, which are still read.
async fn looked_until(place: &str) -> Kept {
    let kept = Kept::default();
    kept.keep_cursor("messages", place).await.expect("it is only remembered");
    kept
}

/// From when on the next look lists.
async fn place(kept: &Kept) -> String {
    place_of(kept, OURS).await
}

async fn place_of(kept: &Kept, ours: &str) -> String {
    let place = kept.cursor(&format!("messages:{SID}:{ours}")).await.expect("it is only remembered");
    let place: serde_json::Value = serde_json::from_str(&place.expect("there is one")).expect("JSON");
    place["from"].as_str().expect("a time").to_owned()
}

fn messages(kept: &Kept) -> Vec<IncomingMessage> {
    let message = |what| match what {
        Happened::Message(message) => *message,
        other => panic!("{other:?}"),
    };
    kept.items().into_iter().map(|item| message(item.what)).collect()
}

/// On Tuesday, 9:58.
const NOW: i64 = 1_794_909_480_000;
const TUESDAY: &str = "Tue, 17 Nov 2026 10:00:00 +0000";
const JUST_BEFORE: &str = "Tue, 17 Nov 2026 09:57:00 +0000";
const EARLIER: &str = "Tue, 17 Nov 2026 09:00:00 +0000";
const MUCH_EARLIER: &str = "Tue, 17 Nov 2026 08:00:00 +0000";

#[tokio::test]
async fn at_the_first_look_all_is_history() {
    let more = [("SM9", TUESDAY), ("SM8", JUST_BEFORE), ("SM7", EARLIER)];
    let more = more.map(|(sid, date)| listed(sid, date, "inbound", OURS, 0));
    let rules = || {
        let all = on("/Messages.json?PageSize=50&To=%2B14155550100", 200, page(&more, Some("/never-asked-for")));
        Provider::start([all])
    };
    let (provider, kept) = (rules().await, Kept::default());
    assert_eq!(look(&provider, &kept, OURS).await, Ok(()));
    assert_eq!((kept.items(), place(&kept).await.as_str()), (Vec::new(), "2026-11-17T09:50:00Z"));
    assert_eq!(provider.asked().len(), 1);
    // And stays that at those after it.
    assert_eq!(look(&rules().await, &kept, OURS).await, Ok(()));
    assert_eq!(kept.items(), []);

    // Where nothing was, all that is there later has come since.
    let nothing = Provider::start([on("/Messages.json", 200, page(&[], None))]).await;
    let kept = Kept::default();
    assert_eq!(look(&nothing, &kept, OURS).await, Ok(()));
    let later = Provider::start([on("/Messages.json", 200, page(&more, None))]).await;
    assert_eq!(look(&later, &kept, OURS).await, Ok(()));
    assert_eq!(kept.items().len(), 3);
}

#[tokio::test]
async fn what_was_handed_in_is_not_again_however_long_nothing_comes_behind_it() {
    let mut there = vec![listed("MM2", TUESDAY, "inbound", OURS, 1), listed("SM1", JUST_BEFORE, "inbound", OURS, 0)];
    let kept = looked_until("2026-11-17T09:55:00Z").await;
    for _ in 0..3 {
        let provider = Provider::start([
            on("/Messages.json", 200, page(&there, None)),
            on("/Messages/MM2/Media.json", 200, media_of("MM2")),
            on("/Messages/MM2/Media/ME1", 200, "picture"),
        ])
        .await;
        let before = kept.items().len();
        assert_eq!(look(&provider, &kept, OURS).await, Ok(()));
        assert_eq!(kept.items().len(), 2);
        // Nor is its picture fetched.
        assert_eq!(provider.asked().len(), if before == 0 { 3 } else { 1 });
        // The hub knows a key for some weeks.
        kept.forget_keys();
    }
    // The list is not in order to the second: what is late in it is found, and alone.
    there.insert(1, listed("SM3", JUST_BEFORE, "inbound", OURS, 0));
    let provider = Provider::start([on("/Messages.json", 200, page(&there, None))]).await;
    assert_eq!(look(&provider, &kept, OURS).await, Ok(()));
    let keys: Vec<_> = kept.items().into_iter().map(|item| item.key).collect();
    assert_eq!(keys, ["SM1", "MM2", "SM3"]);
}

#[tokio::test]
async fn of_very_many_at_once_none_is_handed_in_twice_either() {
    // More than are known by name, three a second.
    let date = |number: u32| format!("Tue, 17 Nov 2026 10:{:02}:{:02} +0000", number / 180, number / 3 % 60);
    let many: Vec<_> =
        (0..900).rev().map(|number| listed(&format!("SM{number}"), &date(number), "inbound", OURS, 0)).collect();
    let kept = looked_until("2026-11-17T10:00:00Z").await;
    for _ in 0..2 {
        let provider = Provider::start([on("/Messages.json", 200, page(&many, None))]).await;
        assert_eq!(look(&provider, &kept, OURS).await, Ok(()));
        assert_eq!(kept.items().len(), 900);
        kept.forget_keys();
    }
}

#[tokio::test]
async fn what_was_missed_is_handed_in_oldest_first() {
    let next = format!("/2010-04-01/Accounts/{SID}/Messages.json?Page=1");
    let first =
        page(&[listed("SM3", TUESDAY, "inbound", OURS, 0), listed("SM2", EARLIER, "inbound", OURS, 1)], Some(&next));
    let second = page(
        &[
            listed("SM-ours", EARLIER, "outbound-api", OURS, 0),
            listed("SM-other", EARLIER, "inbound", "+14155550199", 0),
            listed("SM1", EARLIER, "inbound", OURS, 0),
            listed("SM0", MUCH_EARLIER, "inbound", OURS, 0),
        ],
        Some("/never-asked-for"),
    );
    let media = media_of("SM2");
    let rules = || -> [Rule; 4] {
        [
            on("/Messages.json?PageSize=50&To=%2B14155550100&DateSent%3E=2026-11-17", 200, first.clone()),
            on("/Messages.json?Page=1", 200, second.clone()),
            on("/Messages/SM2/Media.json", 200, media.clone()),
            on("/Messages/SM2/Media/ME1", 200, "picture").with("content-type", "image/png"),
        ]
    };
    let provider = Provider::start(rules()).await;
    let kept = looked_until("2026-11-17T09:05:00Z").await;
    assert_eq!(look(&provider, &kept, OURS).await, Ok(()));
    let found = messages(&kept);
    assert_eq!(
        found.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(),
        ["Text of SM1", "Text of SM2", "Text of SM3"]
    );
    assert_eq!((found[1].files[0].name.as_str(), &found[1].files[0].bytes[..]), ("1.png", &b"picture"[..]));
    assert_eq!(kept.items()[0].at, 1_794_906_000_000);
    assert_eq!(place(&kept).await, "2026-11-17T09:50:00Z");

    // What the provider brings after all is the same thing.
    let brought = webhook("", &[("MessageSid", "SM3"), ("From", "+4915112345678"), ("Body", "Text of SM3")]);
    assert_eq!(provider.line().webhook(brought, &kept).await.status, 200);
    assert_eq!(kept.items().len(), 3);

    // And what could not be committed is looked for again, from the same place.
    let away = Kept::away();
    away.keep_cursor("messages", "2026-11-17T09:05:00Z").await.unwrap();
    let failed = look(&Provider::start(rules()).await, &away, OURS).await;
    assert!(matches!(failed, Err(Trouble::Away { .. })), "{failed:?}");
    assert_eq!(away.cursor("messages").await.unwrap().as_deref(), Some("2026-11-17T09:05:00Z"));
    assert_eq!(away.cursor(&format!("messages:{SID}:{OURS}")).await, Ok(None));
}

#[tokio::test]
async fn a_messaging_service_knows_its_own() {
    let ours = listed("SM1", TUESDAY, "inbound", "+14155550101", 0).replace("null", "\"MG1\"");
    let all = page(&[ours, listed("SM2", TUESDAY, "inbound", "+14155550102", 0)], None);
    let provider = Provider::start([on("/Messages.json?PageSize=50&DateSent%3E=2026-11-17", 200, all)]).await;
    let kept = looked_until("2026-11-17T09:05:00Z").await;
    assert_eq!(look(&provider, &kept, "MG1").await, Ok(()));
    assert_eq!(kept.one().key, "SM1");
}

#[tokio::test]
async fn at_the_first_look_of_a_messaging_service_all_is_history_too() {
    let service = |sid, date| listed(sid, date, "inbound", "+14155550101", 0).replace("null", "\"MG1\"");
    // The newest of the account have yet to go out.
    let queued =
        |sid| listed(sid, "", "outbound-api", "+14155550103", 0).replace("\"date_sent\":\"\"", "\"date_sent\":null");
    let history = [queued("SM9"), queued("SM8"), service("SM7", EARLIER), service("SM6", MUCH_EARLIER)];
    let kept = Kept::at(NOW);
    for _ in 0..2 {
        let provider = Provider::start([on("/Messages.json", 200, page(&history, None))]).await;
        assert_eq!(look(&provider, &kept, "MG1").await, Ok(()));
        assert_eq!((kept.items(), place_of(&kept, "MG1").await.as_str()), (Vec::new(), "2026-11-17T08:50:00Z"));
    }
    // Or so many of them that no date is seen.
    let kept = Kept::at(NOW);
    let undated = Provider::start([
        on("Page=1", 200, page(&history[2..], Some("/all-that-ever-came"))),
        on("/Messages.json", 200, page(&history[..2], Some("/Messages.json?Page=1"))),
    ]);
    assert_eq!(look(&undated.await, &kept, "MG1").await, Ok(()));
    assert_eq!(place_of(&kept, "MG1").await, "2026-11-17T09:58:00Z");
    let later = [&[service("SM10", TUESDAY)], &history[..]].concat();
    let later = Provider::start([on("/Messages.json", 200, page(&later, None))]).await;
    assert_eq!(look(&later, &kept, "MG1").await, Ok(()));
    assert_eq!(kept.one().key, "SM10");
}

#[tokio::test]
async fn another_number_s_messages_are_history() {
    let kept = looked_until("2026-11-17T09:05:00Z").await;
    // Also if nothing has come since the place was kept.
    let nothing = on("/Messages.json", 200, page(&[], None));
    assert_eq!(look(&Provider::start([nothing]).await, &kept, OURS).await, Ok(()));
    const OTHER: &str = "+14155550199";
    let more = [listed("SM3", TUESDAY, "inbound", OTHER, 0), listed("SM2", JUST_BEFORE, "inbound", OTHER, 0)];
    for _ in 0..2 {
        let provider = Provider::start([on("/Messages.json", 200, page(&more, None))]).await;
        assert_eq!(look(&provider, &kept, OTHER).await, Ok(()));
        assert_eq!(kept.items(), []);
    }
    // And what came to the first one meanwhile is found when it is the inbox's again.
    let ours = page(&[listed("SM4", TUESDAY, "inbound", OURS, 0)], None);
    assert_eq!(look(&Provider::start([on("/Messages.json", 200, ours)]).await, &kept, OURS).await, Ok(()));
    assert_eq!(kept.one().key, "SM4");
}

#[tokio::test]
async fn a_provider_without_a_list_is_left_alone_and_one_in_trouble_is_told() {
    let none = Provider::start([]).await;
    assert_eq!(look(&none, &Kept::default(), OURS).await, Ok(()));
    assert_eq!(none.asked().len(), 1);

    let denied = Provider::start([on("/Messages.json", 401, r#"{"code":20003,"message":"Authenticate"}"#)]).await;
    assert!(matches!(look(&denied, &Kept::default(), OURS).await, Err(Trouble::Settings(_))));
    let away = Provider::start([on("/Messages.json", 503, "")]).await;
    assert!(matches!(look(&away, &Kept::default(), OURS).await, Err(Trouble::Away { .. })));
}

#[tokio::test]
async fn a_message_whose_files_are_not_told_holds_up_nobody() {
    let there = page(&[listed("SM2", TUESDAY, "inbound", OURS, 0), listed("MM1", EARLIER, "inbound", OURS, 1)], None);
    let elsewhere = r#"{"media_list":[{"content_type":"image/png","uri":"https://elsewhere.example/ME1.json"}]}"#;
    for (status, media, why) in [
        (404, "", "HTTP 404"),
        (403, "", "HTTP 403"),
        (500, "", "HTTP 500"),
        (200, "<html>", "their list cannot be read"),
        (200, elsewhere, "The provider names an address that is not its own."),
    ] {
        let rules = [on("/MM1/Media.json", status, media), on("/Messages.json", 200, there.clone())];
        let kept = looked_until("2026-11-17T09:05:00Z").await;
        assert_eq!(look(&Provider::start(rules).await, &kept, OURS).await, Ok(()), "{status} {media}");
        let texts: Vec<_> = messages(&kept).into_iter().map(|message| message.text).collect();
        let first = format!("Text of MM1\n[The files of this message could not be fetched: {why}]");
        assert_eq!(texts, [first.as_str(), "Text of SM2"]);
    }
    // One that is away gives them later, and one that is asked too much.
    let rules = [on("/MM1/Media.json", 503, ""), on("/Messages.json", 200, there.clone())];
    let kept = looked_until("2026-11-17T09:05:00Z").await;
    let away = look(&Provider::start(rules).await, &kept, OURS).await;
    assert!(matches!(away, Err(Trouble::Away { .. })), "{away:?}");
    assert_eq!(kept.items(), []);
    let rules = [on("/MM1/Media.json", 429, "").with("retry-after", "7"), on("/Messages.json", 200, there)];
    let kept = looked_until("2026-11-17T09:05:00Z").await;
    let busy = look(&Provider::start(rules).await, &kept, OURS).await;
    let after = Some(std::time::Duration::from_secs(7));
    assert!(matches!(&busy, Err(Trouble::Away { after: said, .. }) if *said == after), "{busy:?}");
    assert_eq!(kept.items(), []);
}

#[tokio::test]
async fn the_next_page_is_the_providers_own_or_none() {
    let stranger = Provider::start([on("", 200, page(&[], None))]).await;
    let next = format!("{}/steal", stranger.url);
    let first = page(&[listed("SM3", TUESDAY, "inbound", OURS, 0)], Some(&next));
    let provider = Provider::start([on("/Messages.json", 200, first)]).await;
    let kept = looked_until("2026-11-17T09:05:00Z").await;
    assert!(matches!(look(&provider, &kept, OURS).await, Err(Trouble::Settings(_))));
    assert!(stranger.asked().is_empty());
}
