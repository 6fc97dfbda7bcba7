//! Against servers that behave as providers do, and worse.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use switchboard_connector::{Addresses, SendError};
use switchboard_connector_http::{Failed, Http, NotFetched};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use url::Url;

async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("the port is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/").parse().expect("an address")
}

fn any() -> Http {
    Http::new(Addresses::Any).expect("a client")
}

#[tokio::test]
async fn an_answer_is_told_whatever_it_is() {
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")], "slowly") };
    let url = serve(Router::new().route("/", get(busy))).await;
    let http = any();
    let answer = http.call(http.client().get(url)).await.unwrap();
    assert_eq!((answer.status, answer.retry_after), (429, Some(Duration::from_secs(7))));
    assert_eq!(&answer.body[..], b"slowly");
}

#[tokio::test]
async fn a_silly_time_to_wait_is_bounded_or_not_heeded() {
    let six_hours = Duration::from_secs(6 * 3_600);
    for (said, heeded) in [
        ("0", Some(Duration::ZERO)),
        (" 30 ", Some(Duration::from_secs(30))),
        ("+5", Some(Duration::from_secs(5))),
        ("999999999999", Some(six_hours)),
        ("18446744073709551615", Some(six_hours)),
        // More than any number of seconds, less than none, no number, or a day: the hub's own waits are as good.
        ("99999999999999999999999", None),
        ("-1", None),
        ("-9223372036854775808", None),
        ("1.5", None),
        ("1e3", None),
        ("NaN", None),
        ("", None),
        ("soon", None),
        ("5, 10", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("\u{6f4}", None),
    ] {
        let value = header::HeaderValue::from_bytes(said.as_bytes()).expect("a header");
        let busy = move || async move { (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, value)]) };
        let url = serve(Router::new().route("/", get(busy))).await;
        let http = any();
        let answer = http.call(http.client().get(url)).await.expect("an answer");
        assert_eq!((answer.status, answer.retry_after), (429, heeded), "{said:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let url = serve(Router::new().route("/", get(|| async { "x".repeat(3 * 1024 * 1024) }))).await;
    let http = any();
    let answer = http.call(http.client().get(url)).await.unwrap();
    assert_eq!((answer.body.len(), answer.whole), (1024 * 1024, false));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let url = serve(Router::new().route("/", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/x")]) }))).await;
    let http = any();
    assert_eq!(http.call(http.client().get(url)).await.unwrap().status, 302);
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let url = serve(Router::new().route("/", get(|| async { "secret" }))).await;
    let http = Http::new(Addresses::Public).unwrap();
    let port = url.port().unwrap();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let place: Url = format!("http://{host}:{port}/").parse().unwrap();
        let failed = http.call(http.client().get(place.clone())).await.unwrap_err();
        assert_eq!(failed, http.reach(&place).await.unwrap_err(), "{host}");
        assert!(matches!(failed, Failed::Settings(_)), "{host}: {failed}");
        assert!(matches!(SendError::from(failed), SendError::Broken { .. }));
        assert!(matches!(http.fetch(&place, None, 10).await, Err(NotFetched::Failed(Failed::Settings(_)))));
    }
}

#[tokio::test]
async fn what_never_left_may_be_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let http = any();
    let failed = http.call(http.client().post(url.clone()).body("x")).await.unwrap_err();
    assert!(matches!(failed, Failed::NotSent(_)), "{failed}");
    assert!(matches!(SendError::from(failed), SendError::Later { all: true, .. }));
    assert!(matches!(http.reach(&url).await, Err(Failed::NotSent(_))));
    let nowhere = http.call(http.client().get("http://name.invalid/")).await.unwrap_err();
    assert!(matches!(nowhere, Failed::NotSent(_)), "{nowhere}");
}

#[tokio::test]
async fn what_left_without_an_answer_is_uncertain() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/?password=hush", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
        }
    });
    let http = any();
    let failed = http.call(http.client().post(&url).body("x")).await.unwrap_err();
    assert!(matches!(failed, Failed::Unknown(_)), "{failed}");
    let slow = http.client().post(&url).timeout(Duration::from_nanos(1)).body("x");
    let slow = http.call(slow).await.unwrap_err();
    for failed in [failed, slow] {
        assert!(!failed.to_string().contains("hush"));
        assert!(matches!(SendError::from(failed), SendError::Uncertain { .. } | SendError::Later { .. }));
    }
}

#[tokio::test]
async fn a_file_is_followed_to_where_it_lies_without_the_login() {
    let file = |headers: HeaderMap| async move {
        ([(header::CONTENT_TYPE, "image/png")], format!("{:?}", headers.get(header::AUTHORIZATION)))
    };
    let store = serve(Router::new().route("/file", get(file))).await;
    let target = store.join("file").unwrap().to_string();
    let api = Router::new()
        .route(
            "/media",
            get(move |request: Request| async move {
                if !request.headers().contains_key(header::AUTHORIZATION) {
                    return Err(StatusCode::UNAUTHORIZED);
                }
                Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, target)]))
            }),
        )
        .route("/round", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/round")]) }));
    let api = serve(api).await;
    let http = any();
    let login = Some(("AC1", "token"));

    let media = api.join("media").unwrap();
    let fetched = http.fetch(&media, login, 100).await.unwrap();
    assert_eq!(fetched.media_type.as_deref(), Some("image/png"));
    assert_eq!(&fetched.bytes[..], b"None");
    assert_eq!(http.fetch(&media, None, 100).await.unwrap_err(), NotFetched::Status(401));
    assert_eq!(http.fetch(&media, login, 3).await.unwrap_err(), NotFetched::Cut(3));
    assert_eq!(http.fetch(&api.join("round").unwrap(), login, 100).await.unwrap_err(), NotFetched::Redirects);
}
