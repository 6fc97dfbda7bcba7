//! No two programs write to each other for long: hubs that acknowledge, among themselves and with a program that answers
//! whatever it gets, through real mail servers (Postfix, Dovecot).

use serde_json::{Value, json};
use testkit::MailHost;

use crate::mailbox::{Shop, begun, header};
use crate::support::eventually;
use crate::support::people::text;

fn acknowledges() -> Value {
    json!({ "acknowledgement": { "subject": "We have your mail", "text": "It is {case_number}." } })
}

/// How many mails somebody has ever got.
fn mails_of(shop: &Shop, user: &str) -> usize {
    let folders = ["new", "cur", "tmp"].map(|folder| shop.host.maildir(user).join(folder));
    folders.iter().filter_map(|folder| Some(std::fs::read_dir(folder).ok()?.count())).sum()
}

/// What stands in a conversation: which way it went, and whether a program wrote it.
async fn thread(shop: &Shop, conversation: &str) -> Vec<(String, bool)> {
    let detail = shop.owner.detail(conversation).await;
    let messages = detail["messages"].as_array().expect("messages").iter();
    messages.map(|one| (text(&one["kind"]), one["mail"]["automatic"] == "reply")).collect()
}

/// Everything that this shop had to say has been said.
async fn is_still(shop: &Shop) {
    eventually("nothing waits", || async {
        let health = shop.owner.get(&format!("/api/inboxes/{}/channel", shop.inbox)).await["health"].clone();
        (health["waiting"] == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hubs_that_acknowledge_write_to_each_other_once() {
    if !MailHost::can_run() {
        return;
    }
    let mut ours = Shop::with("loop-a", acknowledges()).await;
    let mut theirs = Shop::with("loop-b", acknowledges()).await;
    let there = json!([{ "kind": "address", "address": "loop-b@shop.test" }]);
    let body =
        json!({ "inbox_id": ours.inbox, "text": "Do you have lamps?", "mail": { "subject": "Lamps" }, "to": there });
    let started = ours.owner.post("/api/conversations", body).await;
    let asked = text(&started["started"][0]["conversation_id"]);
    let question = text(&begun(&mut theirs.agent).await["conversation"]["id"]);
    // Their acknowledgement comes into the conversation that was begun here, and that is the end of it.
    let told = ours.agent.wait_for("their acknowledgement", |frame| {
        (frame["event"] == "message_created" && frame["message"]["kind"] == "in").then(|| frame["message"].clone())
    });
    let told = told.await;
    assert_eq!((&told["conversation_id"], &told["mail"]["automatic"]), (&json!(asked), &json!("reply")));
    is_still(&ours).await;
    is_still(&theirs).await;
    assert_eq!(thread(&ours, &asked).await, [("out".to_owned(), false), ("in".to_owned(), true)]);
    assert_eq!(thread(&theirs, &question).await, [("in".to_owned(), false), ("out".to_owned(), true)]);
    assert_eq!((mails_of(&ours, "loop-a"), mails_of(&theirs, "loop-b")), (1, 1));

    // Somebody types their address into our form: our confirmation comes there, and that is the end of it, too.
    let form = json!({
        "on": true, "origins": [], "language": "en", "name": "optional", "subject": "optional", "files": false,
        "confirm": true,
    });
    let form = ours.owner.put(&format!("/api/inboxes/{}/form", ours.inbox), form).await;
    let (_, key) = text(&form["address"]).rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a key");
    let address = format!("http://{}/form/{key}", ours.world.address(0));
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let token: Value =
        http.get(format!("{address}/token")).send().await.expect("an answer").json().await.expect("JSON");
    let fields = json!({ "token": token["token"], "email": "loop-b@shop.test", "message": "Hello?" });
    assert!(http.post(&address).json(&fields).send().await.expect("an answer").status().is_success());
    let confirmed = theirs.agent.wait_for("our confirmation", |frame| {
        (frame["event"] == "message_created" && frame["message"]["kind"] == "in").then(|| frame["message"].clone())
    });
    let confirmed = confirmed.await;
    assert_eq!((&confirmed["conversation_id"], &confirmed["mail"]["automatic"]), (&json!(question), &json!("reply")));
    is_still(&ours).await;
    is_still(&theirs).await;
    let told = [("in".to_owned(), false), ("out".to_owned(), true), ("in".to_owned(), true)];
    assert_eq!(thread(&theirs, &question).await, told);
    assert_eq!((mails_of(&ours, "loop-a"), mails_of(&theirs, "loop-b")), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_answers_everything_and_says_nothing_of_itself_gets_one_mail() {
    if !MailHost::can_run() {
        return;
    }
    let mut shop = Shop::with("loop-c", acknowledges()).await;
    for round in 0..3 {
        let headers = format!("Subject: Thank you for your mail {round}\r\nMessage-ID: <r{round}@example.test>\r\n");
        shop.post("robot@example.test", "loop-c@shop.test", &headers, "We will look at it.").await;
        begun(&mut shop.agent).await;
        is_still(&shop).await;
    }
    let told = shop.mail_of("robot").await;
    assert_eq!(mails_of(&shop, "robot"), 1);
    assert_eq!(header(&told, "auto-submitted"), "auto-replied");
    assert_eq!(header(&told, "x-auto-response-suppress"), "All");
    assert_eq!(header(&told, "precedence"), "auto_reply");
    assert_eq!(header(&told, "in-reply-to"), "<r0@example.test>");
    assert_eq!(header(&told, "subject"), "We have your mail [SB-1]");
    assert!(told.contains("It is SB-1.") && !told.contains("Thank you for your mail"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_that_a_program_wrote_it_is_not_acknowledged() {
    if !MailHost::can_run() {
        return;
    }
    let mut shop = Shop::with("loop-d", acknowledges()).await;
    let signs = [
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: no\r\nAuto-Submitted: auto-notified; owner-email=x@example.test",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "List-Subscribe: <mailto:list@example.test>",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "From: somebody@example.test",
    ];
    for (n, sign) in signs.iter().enumerate() {
        let headers = format!("Subject: {n}\r\nMessage-ID: <s{n}@example.test>\r\n{sign}\r\n");
        shop.post(&format!("sign{n}@example.test"), "loop-d@shop.test", &headers, "Hello").await;
        begun(&mut shop.agent).await;
    }
    // Nobody sent it: the envelope of a report.
    shop.post("<>", "loop-d@shop.test", "Subject: none\r\n", "Hello").await;
    begun(&mut shop.agent).await;
    let headers = "Subject: hi\r\nAuto-Submitted: no (a person)\r\nX-Auto-Response-Suppress: DR, RN\r\n";
    shop.post("person@example.test", "loop-d@shop.test", headers, "Hello").await;
    begun(&mut shop.agent).await;
    shop.mail_of("person").await;
    is_still(&shop).await;
    let told: usize = (0..signs.len()).map(|n| mails_of(&shop, &format!("sign{n}"))).sum();
    assert_eq!((told, mails_of(&shop, "person"), mails_of(&shop, "somebody")), (0, 1, 0));
}
