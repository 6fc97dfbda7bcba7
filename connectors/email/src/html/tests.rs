use super::*;

fn clean(html: &str) -> String {
    sanitise(html).unwrap_or_default()
}

#[test]
fn nothing_runs() {
    let hostile = [
        "<script>alert(1)</script>x",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><p>x</svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\" jAvAsCrIpT:alert(1)\">x</a>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<a href=\"vbscript:x\">x</a>",
        "<iframe src=\"https://evil.example\"></iframe>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<object data=\"x\"></object><embed src=x>",
        "<form action=\"https://evil.example\"><input name=password><button>go</button></form>",
        "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
        "<base href=\"https://evil.example/\">",
        "<link rel=stylesheet href=\"https://evil.example/x.css\">",
        "<style>@import 'https://evil.example/x.css';</style>",
        "<img src=\"data:image/svg+xml;base64,PHN2Zz4=\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<p style=\"background:url(javascript:alert(1))\">x</p>",
        "<p style=\"width:expression(alert(1))\">x</p>",
        "<p style=\"-moz-binding:url(https://evil.example/x.xml#x)\">x</p>",
        "<div style=\"position:fixed;top:0;left:0;width:100%\">x</div>",
        "<!--[if mso]><script>alert(1)</script><![endif]-->x",
        "<img src=\"cid:a\" srcset=\"https://evil.example/a.png 2x\">",
        "<video poster=\"https://evil.example/a.png\" src=\"https://evil.example/a.mp4\"></video>",
        "<plaintext><script>alert(1)</script>",
        "<img src=`javascript:alert(1)`>",
        "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
    ];
    for html in hostile {
        let clean = clean(html).to_ascii_lowercase();
        for word in [
            "<script",
            "onerror=",
            "onload=",
            "javascript:",
            "vbscript:",
            "<iframe",
            "<object",
            "<embed",
            "<form",
            "<input",
            "<meta",
            "<base",
            "<link",
            "<style",
            "svg",
            "srcset",
            "expression",
            "binding",
            "position",
            "<video",
            " src=\"http",
            "url(",
            "@import",
            "data:text",
        ] {
            // What stands in text is text.
            let tags = clean.match_indices('<').map(|(at, _)| clean[at..].split('>').next().unwrap_or_default());
            let shown = tags.into_iter().any(|tag| tag.contains(word));
            assert!(!shown, "{html} became {clean}: {word}");
        }
    }
}

#[test]
fn what_is_remote_waits_to_be_asked_for() {
    let cases = [
        (
            "<img src=\"https://shop.example/a.png\" alt=\"A\">",
            "<img data-remote-src=\"https://shop.example/a.png\" alt=\"A\">",
        ),
        (
            "<table background=\"http://shop.example/b.png\"><tbody><tr><td>x</td></tr></tbody></table>",
            "<table data-remote-background=\"http://shop.example/b.png\"><tbody><tr><td>x</td></tr></tbody></table>",
        ),
        (
            "<p style=\"color:red;background:url('https://shop.example/c.png')\">x</p>",
            "<p style=\"color:red;\" data-remote-style=\"background:url('https://shop.example/c.png');\">x</p>",
        ),
        (
            "<p style=\"background:url(https://shop.example/c.png)\">x</p>",
            "<p data-remote-style=\"background:url(https://shop.example/c.png);\">x</p>",
        ),
    ];
    for (html, expected) in cases {
        assert_eq!(clean(html), expected);
    }
}

#[test]
fn what_is_remote_goes_out_in_its_place() {
    let html = "<p><img src=\"https://shop.example/a.png\"></p><p style=\"color:red;background:url(https://shop.example/b.png);\">x</p>\
        <p style=\"background:url(https://shop.example/c.png);\">y</p>";
    assert_eq!(with_remote(&clean(html)), html);
}

#[test]
fn the_mark_of_what_is_remote_cannot_be_sent() {
    let html = "<p>a \u{1}\" src=\"\u{1}b</p><img alt=\"\u{1}\" src=\"cid:a\u{1}\">";
    assert_eq!(clean(html), "<p>a \" src=\"b</p><img alt=\"\" src=\"cid:a\">");
}

#[test]
fn what_is_harmless_survives() {
    let cases = [
        "<img src=\"cid:logo@shop\">",
        "<table border=\"0\" width=\"600\" cellpadding=\"0\"><tbody><tr><td align=\"center\" bgcolor=\"#ffffff\">x</td></tr></tbody></table>",
        "<blockquote>old</blockquote><p>new <b>bold</b></p>",
        "<p style=\"color:rgb(1, 2, 3);font-size:14px;\">x</p>",
    ];
    for html in cases {
        assert_eq!(clean(html), html);
    }
    assert_eq!(
        clean("<a href=\"https://shop.example/?a=1&amp;b=2\">x</a>"),
        "<a href=\"https://shop.example/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">x</a>"
    );
}

#[test]
fn nothing_is_as_high_as_the_frame_that_is_as_high_as_it() {
    for height in ["100vh", "calc(1px + 50.5VH)", "1.dvh", "3vmax"] {
        assert_eq!(
            clean(&format!("<p style=\"color:red;min-height:{height}\">x</p>")),
            "<p style=\"color:red;\">x</p>"
        );
    }
    let font = "<p style=\"font-family:Movh, 3vw;\">x</p>";
    assert_eq!(clean(font), font);
}

#[test]
fn too_much_is_not_shown_as_html() {
    assert_eq!(sanitise(&"<div>".repeat(100_000)), None);
    assert_eq!(sanitise(&"<div></x>".repeat(100_000)), None);
    assert_eq!(sanitise(&format!("<svg>{}", "<td>".repeat(100_000))), None);
    assert_eq!(sanitise(&"x".repeat(HTML_BYTES + 1)), None);
    assert!(sanitise(&"<p>many".repeat(20_000)).is_some());
    assert!(sanitise(&"<font color=red>x</font>".repeat(20_000)).is_some());
    let attributes: String = (0..200_000).map(|n| format!(" a{n}")).collect();
    assert_eq!(sanitise(&format!("<p{attributes}>x</p>")).as_deref(), Some("<p>x</p>"));
}
