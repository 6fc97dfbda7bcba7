use proptest::prelude::*;
use serde_json::json;
use switchboard_protocol::bots::FormatKind;

use FormatKind::*;

use super::*;
use crate::units;

/// The text, and each part as its kind and what it covers.
fn read(mode: &str, text: &str) -> (String, Vec<(FormatKind, String)>) {
    let (text, formats) = parse(text, Some(mode), None).unwrap();
    let parts = formats.iter().map(|format| (format.kind, covered(&text, format))).collect();
    (text, parts)
}

fn covered(text: &str, format: &Format) -> String {
    let at = |unit| units::byte_at(text, unit).unwrap();
    text[at(format.offset)..at(format.offset + format.length)].to_owned()
}

fn refused(mode: &str, text: &str) -> String {
    let refusal = parse(text, Some(mode), None).unwrap_err();
    assert_eq!(refusal.code, 400);
    refusal.description.strip_prefix("Bad Request: can't parse entities: ").unwrap().to_owned()
}

fn part(kind: FormatKind, text: &str) -> (FormatKind, String) {
    (kind, text.to_owned())
}

#[test]
fn html_has_all_documented_elements() {
    let text = "<b>bold</b>, <strong>bold</strong> <i>italic</i>, <em>italic</em> <u>underline</u>, <ins>underline</ins> \
        <s>strike</s>, <strike>strike</strike>, <del>strike</del> <span class=\"tg-spoiler\">spoiler</span>, \
        <tg-spoiler>spoiler</tg-spoiler> <a href=\"http://www.example.com/\">URL</a> \
        <a href=\"tg://user?id=123456789\">mention</a> <tg-emoji emoji-id=\"5368324170671202286\">👍</tg-emoji> \
        <code>code</code> <pre>pre</pre> <pre><code class=\"language-python\">lang</code></pre>\n\
        <blockquote>quote</blockquote><blockquote expandable>fold</blockquote>";
    let (plain, parts) = read("HTML", text);
    assert!(plain.starts_with("bold, bold italic, italic underline") && plain.ends_with("quotefold"));
    let expected = [
        part(Bold, "bold"),
        part(Bold, "bold"),
        part(Italic, "italic"),
        part(Italic, "italic"),
        part(Underline, "underline"),
        part(Underline, "underline"),
        part(Strikethrough, "strike"),
        part(Strikethrough, "strike"),
        part(Strikethrough, "strike"),
        part(Spoiler, "spoiler"),
        part(Spoiler, "spoiler"),
        part(Link, "URL"),
        part(Code, "code"),
        part(Pre, "pre"),
        part(Pre, "lang"),
        part(Quote, "quote"),
        part(Quote, "fold"),
    ];
    assert_eq!(parts, expected);
}

#[test]
fn html_nests_and_has_references() {
    let (plain, parts) = read(
        "html",
        "<b>bold <i>italic bold <s>s <tg-spoiler>sp</tg-spoiler></s> <u>u</u></i> bold</b> 1 &lt; 2 &amp;&quot;&gt; &#128512;&#x1F600; &nbsp; &lt",
    );
    assert_eq!(plain, "bold italic bold s sp u bold 1 < 2 &\"> 😀😀 &nbsp; <");
    assert_eq!(parts[0], part(Bold, "bold italic bold s sp u bold"));
    assert_eq!(parts[1], part(Italic, "italic bold s sp u"));
    assert_eq!(parts[2], part(Strikethrough, "s sp"));
    assert_eq!(parts[3], part(Spoiler, "sp"));
    assert_eq!(parts[4], part(Underline, "u"));
    assert_eq!(read("HTML", "<A href='https://example.com/?a=1&amp;b=2'>x</A>").1, [part(Link, "x")]);
    let (_, formats) = parse("<a href='https://example.com/?a=1&amp;b=2'>x</a>", Some("HTML"), None).unwrap();
    assert_eq!(formats[0].url.as_deref(), Some("https://example.com/?a=1&b=2"));
    assert_eq!(read("HTML", "<a>example.com</a>").1, [part(Link, "example.com")]);
    assert_eq!(read("HTML", "<a href=\"javascript:alert(1)\">x</a>"), ("x".into(), vec![]));
}

#[test]
fn html_is_refused_in_telegrams_words() {
    for (text, why) in [
        ("a <b>bold", "Can't find end tag corresponding to start tag \"b\""),
        ("ä <br/>", "Unsupported start tag \"br/\" at byte offset 3"),
        ("a < b", "Unsupported start tag \"\" at byte offset 2"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ("<a =x>x</a>", "Empty attribute name in the tag \"a\" at byte offset 0"),
        ("<a href=ä>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href=\"x", "Unclosed start tag at byte offset 0"),
    ] {
        assert_eq!(refused("HTML", text), why, "{text}");
    }
}

#[test]
fn markdown_v2_has_all_documented_signs() {
    let text = "*bold \\*text*\n_italic \\*text_\n__underline__\n~strikethrough~\n||spoiler||\n\
        *bold _italic bold ~italic bold strikethrough ||italic bold strikethrough spoiler||~ __underline italic bold___ bold*\n\
        [inline URL](http://www.example.com/)\n[inline mention](tg://user?id=123456789)\n![👍](tg://emoji?id=5368324170671202286)\n\
        `inline fixed\\`width code`\n```\npre\n```\n```python\nlang *x*\n```\n>Block quotation started\n>continued\n>last line\n\
        **>expandable\n>last||";
    let (plain, parts) = read("MarkdownV2", text);
    assert_eq!(
        plain,
        "bold *text\nitalic *text\nunderline\nstrikethrough\nspoiler\n\
         bold italic bold italic bold strikethrough italic bold strikethrough spoiler underline italic bold bold\n\
         inline URL\ninline mention\n👍\ninline fixed`width code\npre\n\nlang *x*\n\nBlock quotation started\ncontinued\nlast line\n\
         expandable\nlast"
    );
    let expected = [
        part(Bold, "bold *text"),
        part(Italic, "italic *text"),
        part(Underline, "underline"),
        part(Strikethrough, "strikethrough"),
        part(Spoiler, "spoiler"),
        part(
            Bold,
            "bold italic bold italic bold strikethrough italic bold strikethrough spoiler underline italic bold bold",
        ),
        part(Italic, "italic bold italic bold strikethrough italic bold strikethrough spoiler underline italic bold"),
        part(Strikethrough, "italic bold strikethrough italic bold strikethrough spoiler"),
        part(Spoiler, "italic bold strikethrough spoiler"),
        part(Underline, "underline italic bold"),
        part(Link, "inline URL"),
        part(Code, "inline fixed`width code"),
        part(Pre, "pre\n"),
        part(Pre, "lang *x*\n"),
        part(Quote, "Block quotation started\ncontinued\nlast line"),
        part(Quote, "expandable\nlast"),
    ];
    let trimmed: Vec<_> = parts
        .into_iter()
        .map(|(kind, text)| (kind, if kind == Quote { text.trim_end().to_owned() } else { text }))
        .collect();
    assert_eq!(trimmed, expected);
}

#[test]
fn markdown_v2_is_refused_in_telegrams_words() {
    for (text, why) in [
        ("ab *bold", "Can't find end of Bold entity at byte offset 3"),
        ("ä _x", "Can't find end of Italic entity at byte offset 3"),
        ("__x", "Can't find end of Underline entity at byte offset 0"),
        ("__x_", "Can't find end of Italic entity at byte offset 3"),
        ("~x", "Can't find end of Strikethrough entity at byte offset 0"),
        ("||x", "Can't find end of Spoiler entity at byte offset 0"),
        ("`x", "Can't find end of Code entity at byte offset 0"),
        ("```x", "Can't find end of Pre entity at byte offset 0"),
        ("[x", "Can't find end of TextUrl entity at byte offset 0"),
        ("[x](y", "Can't find end of a URL at byte offset 4"),
        ("a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
        ("a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"),
        ("a>b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        (">*x\ny*", "Can't find end of Bold entity at byte offset 1"),
        ("![x]", "Custom emoji entity must contain a tg://emoji URL"),
    ] {
        assert_eq!(refused("MarkdownV2", text), why, "{text}");
    }
}

#[test]
fn markdown_is_read_as_it_always_was() {
    let (plain, parts) = read("Markdown", "a *b* ```\npre\n``` [example.com] [x](nowhere) 1. \\_x\\_");
    assert_eq!(plain, "a b pre\n example.com x 1. _x_");
    assert_eq!(parts, [part(Bold, "b"), part(Pre, "pre\n"), part(Link, "example.com")]);
    // Within a part nothing is escaped.
    assert_eq!(refused("Markdown", "_a \\_ b_"), "Can't find end of the entity starting at byte offset 7");
    assert_eq!(read("Markdown", "*a _b_*").1, [part(Bold, "a _b_")]);
    assert_eq!(refused("Markdown", "ä snake_case"), "Can't find end of the entity starting at byte offset 8");
    assert_eq!(parse("x", Some("Textile"), None).unwrap_err().description, "Bad Request: unsupported parse_mode");
}

#[test]
fn entities_are_counted_in_units_and_trimmed_with_the_text() {
    let given = json!([
        {"type": "bold", "offset": 2, "length": 2},
        {"type": "italic", "offset": "2", "length": "5"},
        {"type": "text_link", "offset": 5, "length": 2, "url": "https://example.com"},
        {"type": "text_link", "offset": 5, "length": 2, "url": "tg://user?id=1"},
        {"type": "custom_emoji", "offset": 2, "length": 2, "custom_emoji_id": "5368324170671202286"},
        {"type": "hashtag", "offset": 2, "length": 2},
    ]);
    let (text, formats) = parse("  😀\r ab  ", None, Some(&given)).unwrap();
    assert_eq!(text, "😀 ab");
    let covered: Vec<_> = formats.iter().map(|format| (format.kind, format.offset, format.length)).collect();
    assert_eq!(covered, [(Italic, 0, 4), (Bold, 0, 2), (Link, 3, 1)]);
    for (given, why) in [
        (json!([1]), "can't parse MessageEntity: expected an Object"),
        (json!([{"type": "bold", "length": 1}]), "can't parse MessageEntity: Can't find field \"offset\""),
        (json!([{"type": "loud", "offset": 0, "length": 1}]), "can't parse MessageEntity: Unsupported type specified"),
        (
            json!([{"type": "text_link", "offset": 0, "length": 2}]),
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
        (
            json!([{"type": "text_link", "offset": 0, "length": 2, "url": "not-a-url"}]),
            "entity URL 'not-a-url' is invalid: Wrong HTTP URL",
        ),
        (
            json!([{"type": "text_link", "offset": 0, "length": 2, "url": ""}]),
            "entity URL '' is invalid: URL host is empty",
        ),
        (json!([{"type": "bold", "offset": -1, "length": 1}]), "receive an entity with incorrect offset -1"),
        (
            json!([{"type": "bold", "offset": 1, "length": 1}]),
            "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1",
        ),
        (
            json!([{"type": "bold", "offset": 0, "length": 9}]),
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9",
        ),
    ] {
        assert_eq!(parse("😀", None, Some(&given)).unwrap_err().description, format!("Bad Request: {why}"));
    }
}

#[test]
fn parts_that_cross_are_cut_and_code_is_only_code() {
    let entity = |kind: &str, offset: u32, length: u32| json!({"type": kind, "offset": offset, "length": length});
    let read = |text: &str, given: Value| -> Vec<_> {
        let (_, formats) = parse(text, None, Some(&given)).unwrap();
        formats.into_iter().map(|format| (format.kind, format.offset, format.length)).collect()
    };
    let crossing = read("abcdefgh", json!([entity("bold", 0, 5), entity("italic", 3, 5)]));
    assert_eq!(crossing, [(Bold, 0, 5), (Italic, 3, 2), (Italic, 5, 3)]);
    let over_code = read("abcdefgh", json!([entity("bold", 0, 8), entity("code", 3, 2)]));
    assert_eq!(over_code, [(Bold, 0, 3), (Code, 3, 2), (Bold, 5, 3)]);
    let quotes = read("abcdefgh", json!([entity("blockquote", 0, 5), entity("blockquote", 2, 6), entity("pre", 4, 3)]));
    assert_eq!(quotes, [(Quote, 0, 5)]);
    // Cut at code within a quote, and where another part ends within it.
    let given = json!([entity("bold", 0, 8), entity("blockquote", 2, 5), entity("code", 4, 1)]);
    assert_eq!(
        read("abcdefgh", given),
        [(Bold, 0, 2), (Quote, 2, 5), (Bold, 2, 2), (Code, 4, 1), (Bold, 5, 2), (Bold, 7, 1)]
    );
    let given = json!([entity("italic", 0, 4), entity("bold", 2, 6), entity("blockquote", 2, 4)]);
    assert_eq!(read("abcdefgh", given), [(Italic, 0, 2), (Bold, 2, 6), (Quote, 2, 4), (Italic, 2, 2)]);
    assert_eq!(read("a  b", json!([entity("bold", 1, 2)])), []);
    assert_eq!(read("abcd", json!([entity("bold", 0, 2), entity("bold", 2, 2)])), [(Bold, 0, 4)]);
}

/// Parts lie on characters of the text, in order, and each pair is apart or one in the other.
fn sound(text: &str, formats: &[Format]) -> Result<(), TestCaseError> {
    prop_assert_eq!(text.trim_matches([' ', '\n']), text);
    prop_assert!(formats.len() <= switchboard_protocol::limits::FORMATS);
    for (at, one) in formats.iter().enumerate() {
        let (start, end) = (one.offset, one.offset + one.length);
        prop_assert!(one.length > 0);
        prop_assert!(units::byte_at(text, start).is_some() && units::byte_at(text, end).is_some());
        prop_assert_eq!(one.kind == Link, one.url.is_some());
        for other in &formats[at + 1..] {
            prop_assert!(other.offset >= start);
            prop_assert!(other.offset >= end || other.offset + other.length <= end, "{:?} crosses {:?}", one, other);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_is_written_nothing_breaks(
        mode in prop::sample::select(vec!["HTML", "Markdown", "MarkdownV2"]),
        pieces in prop::collection::vec(
            prop_oneof![
                "[a-z 😀é\n\r\t.]{0,6}".boxed(),
                prop::sample::select(vec![
                    "*", "_", "__", "~", "||", "`", "```", "[", "](", ")", "](http://a.b)", "![", ">", "\n>", "**>", "\\", "!",
                ]).prop_map(str::to_owned).boxed(),
                "</?(b|i|u|s|code|pre|a|blockquote|tg-spoiler|tg-emoji)( href=[\"']?[a-z:/.&;]{0,9}[\"']?)?>".boxed(),
                "&(lt|amp|#[0-9]{1,9}|#x[0-9a-f]{1,9}|x);?".boxed(),
            ],
            0..30,
        ),
    ) {
        if let Ok((text, formats)) = parse(&pieces.concat(), Some(mode), None) {
            sound(&text, &formats)?;
        }
    }

    #[test]
    fn whatever_is_typed_nothing_breaks(mode in prop::sample::select(vec!["HTML", "Markdown", "MarkdownV2", ""]), text in "\\PC{0,60}") {
        if let Ok((text, formats)) = parse(&text, Some(mode), None) {
            sound(&text, &formats)?;
        }
    }

    #[test]
    fn wherever_entities_lie_they_nest(
        text in "[a-c 😀\n\r]{1,20}",
        given in prop::collection::vec((0usize..9, 0u32..22, 0u32..22), 0..12),
    ) {
        let kinds = ["bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "text_link"];
        let given: Vec<_> = given
            .into_iter()
            .map(|(kind, offset, length)| json!({"type": kinds[kind], "offset": offset, "length": length, "url": "https://a.b"}))
            .filter(|entity| parse(&text, None, Some(&json!([entity]))).is_ok())
            .collect();
        let (text, formats) = parse(&text, None, Some(&json!(given))).unwrap();
        sound(&text, &formats)?;
    }
}
