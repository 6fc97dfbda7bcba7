//! Contact forms: what comes by one is a case of its mail inbox, and whoever sends it is told "thank you" and nothing else.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchboard::config::{Config, Rate};

use crate::channels::{Business, replies};
use crate::provider::mailbox;
use crate::support::people::text;
use crate::support::{Setting, Socket, eventually};

const MARIA: &str = "maria@example.nl";
const SHOP: &str = "https://shop.example";
/// Little work, so that a test has it done at once.
const BITS: u32 = 6;

/// A shop with a mailbox and a contact form.
struct Shop {
    business: Business,
    agent: Socket,
    path: String,
    http: reqwest::Client,
}

impl Shop {
    async fn open() -> Self {
        Self::tuned(Setting::Alone, json!({}), |_| {}).await
    }

    async fn tuned(setting: Setting, form: Value, tune: impl Fn(&mut Config) + Send + Sync + 'static) -> Self {
        let business = Business::open_tuned(setting, "email", mailbox(), move |config| {
            config.limits.form_proof_bits = BITS;
            config.limits.form_soonest_ms = 0;
            tune(config);
        })
        .await;
        let mut settings = json!({
            "on": true, "origins": [SHOP], "language": "en", "name": "optional", "subject": "optional", "files": true,
            "confirm": true,
        });
        for (name, value) in form.as_object().expect("settings") {
            settings[name] = value.clone();
        }
        let saved = business.owner.put(&format!("/api/inboxes/{}/form", business.inbox), settings).await;
        let address = text(&saved["address"]);
        let path = address.strip_prefix("https://support.example.com").expect("the hub's address").to_owned();
        assert!(text(&saved["snippet"]).contains(&format!("action=\"{address}\"")), "{saved}");
        let agent = business.owner.connects().await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { business, agent, path, http }
    }

    fn ask(&self, method: Method, rest: &str) -> RequestBuilder {
        self.ask_at(0, method, rest)
    }

    fn ask_at(&self, hub: usize, method: Method, rest: &str) -> RequestBuilder {
        let address = format!("http://{}{}{rest}", self.business.world.address(hub), self.path);
        self.http.request(method, address).header("origin", SHOP)
    }

    async fn token(&self) -> String {
        let answer = self.ask(Method::GET, "/token").send().await.expect("an answer");
        assert_eq!(answer.headers()["access-control-allow-origin"], SHOP);
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(answer["bits"], BITS);
        text(&answer["token"])
    }

    /// Fields as a script sends them, with a token and the work for it.
    async fn worked(&self, email: &str, message: &str) -> Value {
        let token = self.token().await;
        let proof = proof(&token);
        let page = format!("{SHOP}/contact?from=footer#form");
        json!({ "token": token, "proof": proof, "email": email, "message": message, "page": page })
    }

    async fn sends(&self, fields: &Value) -> (StatusCode, Value) {
        let answer = self.ask(Method::POST, "").json(fields).send().await.expect("an answer");
        // Else the page's script could read no error.
        assert_eq!(answer.headers()["access-control-allow-origin"], SHOP);
        (answer.status(), answer.json().await.expect("JSON"))
    }

    async fn is_thanked(&self, fields: &Value) {
        let (status, answer) = self.sends(fields).await;
        let thanks = "Thank you. Your message is here, and we will answer by e-mail.";
        assert_eq!((status, &answer), (StatusCode::OK, &json!({ "thanks": thanks })));
    }

    async fn rows(&self) -> Vec<Value> {
        self.business.owner.get("/api/conversations").await["rows"].as_array().expect("rows").clone()
    }
}

/// The work for a token.
fn proof(token: &str) -> String {
    let worked_on = &token[token.len() - 32..];
    let proves = |n: &String| {
        let hash = Sha256::digest(format!("{worked_on}:{n}"));
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros() >= BITS
    };
    (0_u64..).map(|n| n.to_string()).find(proves).expect("a proof")
}

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("the field");
    rest.split('"').next().expect("its end").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_opens_a_case_and_its_sender_gets_one_mail_with_nothing_of_theirs_in_it() {
    let mut shop = Shop::open().await;
    let mut fields = shop.worked("Maria@Example.NL", "Buy pills at http://spam.example\r\nNow").await;
    fields["name"] = json!("Cheap Pills");
    fields["subject"] = json!("Re: Pills [SB-1]");
    shop.is_thanked(&fields).await;
    let begun = shop.agent.event("conversation_created").await;
    let message = &begun["messages"][0];
    assert_eq!(begun["conversation"]["source"]["url"], format!("{SHOP}/contact?from=footer"));
    assert_eq!(begun["conversation"]["subject"], "Re: Pills [SB-1]");
    assert_eq!(message["mail"]["form"], format!("{SHOP}/contact?from=footer"));
    assert_eq!(message["mail"]["from"], json!({ "name": "Cheap Pills", "address": MARIA }));
    assert_eq!(message["text"], "Buy pills at http://spam.example\nNow");

    eventually("a confirmation goes out", || async { (shop.business.provider.handed().len() == 1).then_some(()) })
        .await;
    let mail = shop.business.provider.last();
    let head = mail.mail.clone().expect("a mail's head");
    assert_eq!((mail.to.key.as_str(), mail.to.name.as_deref()), (MARIA, None));
    assert_eq!(head.subject, "We have received your message [SB-1]");
    assert!(head.automatic);
    assert!(mail.html.is_none() && mail.files.is_empty() && head.cc.is_empty() && head.bcc.is_empty());
    assert!(head.references.iter().all(|name| name.ends_with("@shop.example")), "{:?}", head.references);
    let all = format!("{mail:?}").to_lowercase();
    assert!(!all.contains("pill") && !all.contains("spam"), "{all}");

    // The confirmation answers nobody: Maria waits, and who answers need not have seen it.
    let conversation = text(&begun["conversation"]["id"]);
    let row = shop.business.owner.detail(&conversation).await["row"].clone();
    assert_eq!((&row["waiting_since"], &row["preview"]["number"]), (&row["created_at"], &json!(1)));
    replies(&mut shop.agent, &conversation, "No, thanks.", 1).await;
    eventually("the answer goes out", || async { (shop.business.provider.handed().len() == 2).then_some(()) }).await;
    assert_eq!(shop.business.provider.last().mail.expect("a head").subject, "Re: Re: Pills [SB-1] [SB-1]");

    // What comes next joins the case as long as it is not closed, and is not confirmed again.
    shop.is_thanked(&shop.worked(MARIA, "And another thing").await).await;
    let next = shop.agent.wait_for("a message", |frame| {
        (frame["event"] == "message_created" && frame["message"]["kind"] == "in").then(|| frame.clone())
    });
    assert_eq!(next.await["message"]["conversation_id"], conversation.as_str());
    shop.business.owner.patch(&format!("/api/conversations/{conversation}"), json!({ "status": "closed" })).await;
    shop.is_thanked(&shop.worked(MARIA, "A third thing").await).await;
    assert_ne!(shop.agent.event("conversation_created").await["conversation"]["id"], conversation.as_str());
    assert_eq!(shop.business.provider.handed().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_sent_again_and_again_is_one() {
    let shop = Shop::tuned(Setting::Pair, json!({}), |_| {}).await;
    let fields = shop.worked(MARIA, "Hello").await;
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..10 {
        let call = shop.ask_at(n % 2, Method::POST, "");
        let call = if n % 3 == 0 { call.json(&fields) } else { call.form(&fields) };
        calls.spawn(async move { call.send().await.expect("an answer").status() });
    }
    while let Some(status) = calls.join_next().await {
        assert_eq!(status.expect("the call ends"), StatusCode::OK);
    }
    // Nor does a token carry another message.
    let mut other = fields.clone();
    other["message"] = json!("Something else");
    other["email"] = json!("jan@example.nl");
    let (status, refused) = shop.sends(&other).await;
    assert_eq!((status, &refused["error"]["fields"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("token")));
    let rows = shop.rows().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["last_in_number"], &rows[0]["preview"]["text"]), (&json!(1), &json!("Hello")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_the_hubs_own_page_asks_once_more() {
    let mut shop = Shop::tuned(Setting::Alone, json!({ "language": "nl" }), |_| {}).await;
    let fields = [("email", MARIA), ("message", "Goedendag <b>"), ("subject", "\"Jas\"")];
    let post = shop.ask(Method::POST, "").header("referer", format!("{SHOP}/contact")).form(&fields);
    let answer = post.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers()["content-security-policy"].to_str().expect("text").contains("script-src 'self'"));
    let page = answer.text().await.expect("a page");
    assert!(
        page.contains("Een ogenblik") && page.contains("Goedendag &lt;b&gt;") && page.contains("&quot;Jas&quot;"),
        "{page}"
    );
    assert!(shop.rows().await.is_empty());

    let (token, from) = (hidden(&page, "token"), format!("{SHOP}/contact"));
    let fields = [("token", token.as_str()), ("page", &from), ("email", MARIA), ("message", "Goedendag")];
    let again = shop.http.post(format!("http://{}{}", shop.business.world.address(0), shop.path)).form(&fields);
    let answer = again.header("origin", "https://support.example.com").send().await.expect("an answer");
    let page = answer.text().await.expect("a page").replace("&#x2f;", "/");
    assert!(page.contains("Dank u wel") && page.contains(&format!("href=\"{from}\"")), "{page}");
    let begun = shop.agent.event("conversation_created").await;
    assert_eq!(
        (&begun["conversation"]["language"], &begun["messages"][0]["mail"]["form"]),
        (&json!("nl"), &json!(from))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_too_soon_too_late_or_with_a_strange_token_is_not_taken() {
    let shop = Shop::tuned(Setting::Alone, json!({}), |config| config.limits.form_soonest_ms = 60_000).await;
    let fields = shop.worked(MARIA, "Hello").await;
    let (status, answer) = shop.sends(&fields).await;
    assert_eq!((status, &answer["error"]["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited")));
    let other = Shop::open().await;
    for strange in [other.token().await, String::new(), "f1.00".into(), text(&fields["token"]).replace('0', "1")] {
        let fields = json!({ "token": strange, "email": MARIA, "message": "Hello" });
        let (status, answer) = shop.sends(&fields).await;
        assert_eq!(
            (status, &answer["error"]["fields"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("token"))
        );
    }
    assert!(shop.rows().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_break_out_of_a_header_and_what_is_no_form_is_refused() {
    let shop = Shop::open().await;
    for (field, hostile) in [
        ("email", "maria@example.nl\r\nBcc: victim@example.com"),
        ("email", "maria@example.nl, victim@example.com"),
        ("email", "<victim@example.com>"),
        ("email", "victim%example.com@example.nl"),
        ("email", "help+token@shop.example"),
        ("name", "Maria\r\nBcc: victim@example.com"),
        ("subject", "Hello\nTo: victim@example.com"),
        ("name", &"x".repeat(121)),
        ("message", &"x".repeat(10_001)),
        ("message", " \r\n "),
    ] {
        let mut fields = shop.worked(MARIA, "Hello").await;
        fields[field] = json!(hostile);
        let (status, answer) = shop.sends(&fields).await;
        let told: BTreeSet<_> =
            answer["error"]["fields"].as_array().expect("fields").iter().map(|one| text(&one["field"])).collect();
        assert_eq!(
            (status, told),
            (StatusCode::UNPROCESSABLE_ENTITY, [field.to_owned()].into()),
            "{field}: {hostile:?}"
        );
    }
    for (kind, body) in
        [("application/json", "[1"), ("text/plain", "email=x"), ("multipart/form-data; boundary=x", "--y")]
    {
        let answer =
            shop.ask(Method::POST, "").header("content-type", kind).body(body).send().await.expect("an answer");
        assert!(answer.status().is_client_error(), "{kind}: {}", answer.status());
    }
    let big = vec![b'a'; 1024 * 1024];
    let endless = futures_util::stream::iter((0..50).map(move |_| Ok::<_, std::io::Error>(big.clone())));
    let kind = "multipart/form-data; boundary=x";
    let head = futures_util::stream::iter([Ok(
        "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\n".into(),
    )]);
    let body = reqwest::Body::wrap_stream(futures_util::StreamExt::chain(head, endless));
    // It may hang up in the middle.
    if let Ok(answer) = shop.ask(Method::POST, "").header("content-type", kind).body(body).send().await {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    assert!(shop.rows().await.is_empty() && shop.business.provider.handed().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sites_that_it_names_may_have_a_form() {
    let shop = Shop::open().await;
    let fields = shop.worked(MARIA, "Hello").await;
    let elsewhere = |request: RequestBuilder| {
        let origin = HeaderMap::from_iter([(
            "origin".parse().expect("a name"),
            HeaderValue::from_static("https://evil.example"),
        )]);
        request.headers(origin)
    };
    for request in [
        shop.ask(Method::POST, "").json(&fields),
        shop.ask(Method::POST, "").form(&fields),
        shop.ask(Method::GET, "/token"),
    ] {
        let answer = elsewhere(request).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
    let asked = elsewhere(shop.ask(Method::OPTIONS, "")).send().await.expect("an answer");
    assert!(!asked.headers().contains_key("access-control-allow-origin"));
    let asked = shop.ask(Method::OPTIONS, "").send().await.expect("an answer");
    assert_eq!(asked.headers()["access-control-allow-origin"], SHOP);
    assert!(shop.rows().await.is_empty());

    let form = format!("/api/inboxes/{}/form", shop.business.inbox);
    let mut off = shop.business.owner.get(&form).await["form"].clone();
    off["on"] = json!(false);
    shop.business.owner.put(&form, off).await;
    assert_eq!(
        shop.ask(Method::POST, "").json(&fields).send().await.expect("an answer").status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(shop.ask(Method::GET, "").send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_get_few_messages_in_and_a_strangers_address_gets_one_mail() {
    const FEW: u32 = 5;
    let hour = |burst| Rate::Of { burst: NonZeroU32::new(burst).expect("some"), per: Duration::from_secs(3_600) };
    let shop =
        Shop::tuned(Setting::Alone, json!({}), move |config| config.limits.form_unproved_per_address = hour(FEW)).await;
    let mut refused = 0;
    for n in 0..100 {
        // The field that people do not see is a machine's to fill in: it is thanked, and that is all.
        let trapped =
            json!({ "token": shop.token().await, "email": MARIA, "message": "Hi", "website": "http://spam.example" });
        shop.is_thanked(&trapped).await;
        let fields =
            json!({ "token": shop.token().await, "email": "victim@example.com", "message": format!("Spam {n}") });
        let (status, _) = shop.sends(&fields).await;
        refused += u32::from(status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 100 - FEW);
    for n in 0..20 {
        shop.is_thanked(&shop.worked("Victim@example.com", &format!("Worked spam {n}")).await).await;
    }
    let rows = shop.rows().await;
    assert_eq!((rows.len(), &rows[0]["last_in_number"]), (1, &rows[0]["last_number"]));
    shop.is_thanked(&shop.worked("jan@example.nl", "Hello").await).await;
    // The outbox is in order: had there been another mail to the victim, it would have gone before Jan's.
    eventually("Jan has his mail", || async { (shop.business.provider.handed().len() >= 2).then_some(()) }).await;
    let to: Vec<_> = shop.business.provider.handed().into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, ["victim@example.com", "jan@example.nl"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_with_a_message_that_may_come_and_with_no_other() {
    let mut shop = Shop::open().await;
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
    let file = |name: &'static str, bytes: &'static [u8]| Part::bytes(bytes).file_name(name);
    let worked = shop.worked(MARIA, "See the picture").await;
    let fields =
        |form: Form| ["email", "message"].into_iter().fold(form, |form, name| form.text(name, text(&worked[name])));
    let pass = || ["token", "proof"].into_iter().fold(Form::new(), |form, name| form.text(name, text(&worked[name])));

    // Nobody's yet: the page keeps what was typed and asks for the files anew.
    let form = fields(Form::new()).part("files", file("a.png", PNG));
    let page =
        shop.ask(Method::POST, "").multipart(form).send().await.expect("an answer").text().await.expect("a page");
    assert!(page.contains("choose your files once more") && page.contains("See the picture"), "{page}");

    let form = fields(pass().part("files", file("a.exe", b"MZ\x90\0program")));
    let answer = shop.ask(Method::POST, "").header("accept", "application/json").multipart(form).send().await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let form = fields(pass().part("files", file("a.exe", b"MZ\x90\0program")));
    let page =
        shop.ask(Method::POST, "").multipart(form).send().await.expect("an answer").text().await.expect("a page");
    assert!(page.contains("no programs") && page.contains("See the picture"), "{page}");

    let form = fields(pass().part("files", file("a.png", PNG)).part("files", file("", b"")));
    let answer = shop.ask(Method::POST, "").multipart(form).send().await.expect("an answer");
    let status = answer.status();
    assert_eq!(status, StatusCode::OK, "{}", answer.text().await.expect("a page"));
    let begun = shop.agent.event("conversation_created").await;
    let files = begun["messages"][0]["attachments"].as_array().expect("files").clone();
    assert_eq!((files.len(), &files[0]["name"], &files[0]["media_type"]), (1, &json!("a.png"), &json!("image/png")));
}

/// One message with a file, as a browser posts it.
async fn posted(shop: &Shop, fields: &Value, order: &[&str]) -> (StatusCode, Value) {
    let mut form = Form::new();
    for name in order {
        form = match *name {
            "files" => form.part("files", Part::bytes(b"%PDF-1.4 a bill".to_vec()).file_name("bill.pdf")),
            name => form.text((*name).to_owned(), text(&fields[name])),
        };
    }
    let request = shop.ask(Method::POST, "").header("accept", "application/json").multipart(form);
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

const TOKEN_FIRST: [&str; 5] = ["token", "proof", "email", "message", "files"];

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_thanked_for_files_that_were_thrown_away() {
    let shop = Shop::tuned(Setting::Alone, json!({ "files": false }), |_| {}).await;
    let fields = shop.worked(MARIA, "Here is the bill").await;
    let (status, refused) = posted(&shop, &fields, &TOKEN_FIRST).await;
    assert_eq!((status, &refused["error"]["code"]), (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!("unsupported_file")));
    assert!(text(&refused["error"]["message"]).contains("no files"), "{refused}");
    assert!(shop.rows().await.is_empty());

    // A program that writes the token behind them.
    let shop = Shop::open().await;
    let fields = shop.worked(MARIA, "Here is the bill").await;
    let (_, refused) = posted(&shop, &fields, &["files", "token", "proof", "email", "message"]).await;
    assert_eq!(refused["error"]["fields"][0]["field"], "token", "{refused}");
    assert!(shop.rows().await.is_empty());
    let (status, thanks) = posted(&shop, &fields, &TOKEN_FIRST).await;
    assert_eq!(status, StatusCode::OK, "{thanks}");
    let rows = shop.rows().await;
    let path = format!("/api/conversations/{}/messages", text(&rows[0]["id"]));
    assert_eq!(shop.business.owner.get(&path).await["messages"][0]["attachments"][0]["name"], "bill.pdf");

    // Sent again it is here; with another file, or with none, it is not.
    assert_eq!(posted(&shop, &fields, &TOKEN_FIRST).await.0, StatusCode::OK);
    for other in [&["token", "proof", "email", "message", "files", "files"][..], &TOKEN_FIRST[..4]] {
        let (_, again) = posted(&shop, &fields, other).await;
        assert_eq!(again["error"]["fields"][0]["field"], "token", "{other:?}: {again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_corrected_after_an_answer_that_was_lost_is_asked_for_with_a_new_token() {
    let shop = Shop::open().await;
    let mut fields = shop.worked(MARIA, "My order is late").await;
    shop.is_thanked(&fields).await;
    // The same again is the same message.
    shop.is_thanked(&fields).await;
    fields["message"] = json!("My order is late, and the box was open");
    let (_, again) = shop.sends(&fields).await;
    assert_eq!(again["error"]["fields"][0]["field"], "token", "{again}");
    let page = shop.ask(Method::POST, "").form(&fields).send().await.expect("an answer").text().await.expect("a page");
    let token = hidden(&page, "token");
    assert_ne!(token, text(&fields["token"]));
    fields["proof"] = json!(proof(&token));
    fields["token"] = json!(token);
    shop.is_thanked(&fields).await;
    let rows = shop.rows().await;
    assert_eq!(rows.len(), 1, "it joins the active case");
    let path = format!("/api/conversations/{}/messages", text(&rows[0]["id"]));
    let messages = shop.business.owner.get(&path).await["messages"].clone();
    let said = messages.as_array().expect("messages").iter().filter(|one| one["kind"] == "in");
    let said: Vec<_> = said.map(|one| text(&one["text"])).collect();
    assert_eq!(said, ["My order is late", "My order is late, and the box was open"]);
}
