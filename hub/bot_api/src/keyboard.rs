//! Keyboards ("reply_markup"): what may be pressed under a message, or chosen in place of typing.

use serde_json::Value;
use switchboard_protocol::bots::{Button, Keyboard};
use switchboard_protocol::limits;

use crate::answer::Refusal;
use crate::formatting::links;

/// Longest "callback_data", bytes.
pub const DATA_BYTES: usize = 64;
/// Longest text in the empty field ("input_field_placeholder"), characters.
pub const PLACEHOLDER_CHARS: usize = 64;

/// What a message is to have. None: nothing, or a keyboard that means nothing here.
pub fn read(markup: Option<&Value>) -> Result<Option<Keyboard>, Refusal> {
    let markup = match markup {
        None | Some(Value::Null) => return Ok(None),
        // An empty one is how some libraries write that there is none.
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::Object(markup)) => markup,
        Some(_) => return Err(Refusal::bad("object expected as reply markup")),
    };
    if let Some(rows) = markup.get("inline_keyboard") {
        return inline(rows);
    }
    if let Some(rows) = markup.get("keyboard") {
        let rows = texts(rows)?;
        let once = flag(markup.get("one_time_keyboard"), "one_time_keyboard")?;
        return Ok(Some(Keyboard::Choices { rows, once, placeholder: placeholder(markup) }));
    }
    if flag(markup.get("remove_keyboard"), "remove_keyboard")? {
        return Ok(Some(Keyboard::Remove));
    }
    // "ForceReply" wants the next message to be an answer to this one, which every message of a customer is here: there is
    // nothing to choose, and what stands in the empty field is all of it.
    if flag(markup.get("force_reply"), "force_reply")? {
        let placeholder = placeholder(markup);
        return Ok(placeholder.is_some().then(|| Keyboard::Choices { rows: Vec::new(), once: true, placeholder }));
    }
    Ok(None)
}

/// The same where only an inline keyboard may stand: with a message that is edited.
pub fn read_inline(markup: Option<&Value>) -> Result<Option<Keyboard>, Refusal> {
    match read(markup)? {
        None => Ok(None),
        Some(Keyboard::Inline { rows }) => Ok(Some(Keyboard::Inline { rows })),
        Some(_) => Err(Refusal::bad("inline keyboard expected")),
    }
}

/// What the bot is told when this button is pressed. Rows and columns are those of [`read`]'s keyboard.
pub fn data_at(markup: &Value, row: usize, column: usize) -> Option<String> {
    let rows = markup.get("inline_keyboard")?.as_array()?.iter().filter_map(Value::as_array);
    let mut shown =
        rows.map(|row| row.iter().filter(|button| does_something(button))).filter(|row| row.clone().next().is_some());
    let button = shown.nth(row)?.nth(column)?;
    if address(button).is_some() {
        return None;
    }
    Some(button.get("callback_data")?.as_str()?.to_owned())
}

/// The others are for what only Telegram's apps can do, and are not shown.
fn does_something(button: &Value) -> bool {
    let data = button.get("callback_data").and_then(Value::as_str).filter(|data| !data.is_empty());
    match button.get("url").and_then(Value::as_str).filter(|url| !url.is_empty()) {
        Some(_) => address(button).is_some(),
        None => data.is_some(),
    }
}

fn address(button: &Value) -> Option<String> {
    links::checked(button.get("url")?.as_str()?)
}

fn inline(rows: &Value) -> Result<Option<Keyboard>, Refusal> {
    let rows = rows_of(rows, "inline_keyboard", "inline keyboard")?.map(|row| {
        // Each is looked at, shown or not: what is wrong there is wrong here.
        let buttons = row.iter().map(|given| button(given).map(|button| does_something(given).then_some(button)));
        buttons.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
    });
    let rows = rows.filter(|row| !row.as_ref().is_ok_and(Vec::is_empty)).collect::<Result<Vec<_>, _>>()?;
    few(rows.iter().map(Vec::len).sum())?;
    Ok((!rows.is_empty()).then_some(Keyboard::Inline { rows }))
}

fn button(given: &Value) -> Result<Button, Refusal> {
    let unread = |why: &str| Refusal::bad(format_args!("can't parse inline keyboard button: {why}"));
    let Value::Object(button) = given else { return Err(unread("InlineKeyboardButton must be an Object")) };
    let text = label(button.get("text"), &unread)?;
    let string = |name: &str| match button.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(unread(&format!("Field \"{name}\" must be of type String"))),
    };
    if let Some(given) = string("url")? {
        let wrong = |why| Refusal::bad(format_args!("inline keyboard button URL '{given}' is invalid: {why}"));
        let url = links::check(given).map_err(wrong)?;
        return Ok(Button { text, url });
    }
    if let Some(data) = string("callback_data")? {
        return match data.len() {
            1..=DATA_BYTES => Ok(Button { text, url: None }),
            _ => Err(Refusal::bad("BUTTON_DATA_INVALID")),
        };
    }
    let others = ["web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "copy_text"];
    if others.into_iter().chain(["switch_inline_query_chosen_chat"]).any(|name| button.contains_key(name)) {
        return Ok(Button { text, url: None });
    }
    if button.contains_key("pay") || button.contains_key("callback_game") {
        return Err(Refusal::bad("BUTTON_TYPE_INVALID"));
    }
    Err(unread("Text buttons are unallowed in the inline keyboard"))
}

/// A button of a reply keyboard is its text; what else it may ask for, customers are asked by words.
fn texts(rows: &Value) -> Result<Vec<Vec<String>>, Refusal> {
    let unread = |why: &str| Refusal::bad(format_args!("can't parse keyboard button: {why}"));
    let rows = rows_of(rows, "keyboard", "keyboard")?.map(|row| {
        let texts = row.iter().map(|button| match button {
            Value::String(text) => label(Some(&Value::String(text.clone())), &unread),
            Value::Object(button) => label(button.get("text"), &unread),
            _ => Err(unread("KeyboardButton must be an Object")),
        });
        texts.collect::<Result<Vec<_>, _>>()
    });
    let rows = rows.filter(|row| !row.as_ref().is_ok_and(Vec::is_empty)).collect::<Result<Vec<_>, _>>()?;
    few(rows.iter().map(Vec::len).sum())?;
    Ok(rows)
}

fn rows_of<'a>(
    rows: &'a Value,
    field: &str,
    what: &str,
) -> Result<impl Iterator<Item = &'a Vec<Value>> + use<'a>, Refusal> {
    let Value::Array(rows) = rows else {
        return Err(Refusal::bad(format_args!("field \"{field}\" must be of type Array")));
    };
    let rows = rows.iter().map(|row| match row {
        Value::Array(row) => Ok(row),
        _ => Err(Refusal::bad(format_args!("field \"{what}\" must be an Array of Arrays"))),
    });
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter())
}

/// What stands on it; more than is shown is cut.
fn label(text: Option<&Value>, unread: &impl Fn(&str) -> Refusal) -> Result<String, Refusal> {
    let text = match text {
        None | Some(Value::Null) => return Err(unread("Can't find field \"text\"")),
        Some(Value::String(text)) => text.trim(),
        Some(_) => return Err(unread("Field \"text\" must be of type String")),
    };
    if text.is_empty() {
        return Err(unread("Text must be non-empty"));
    }
    Ok(text.chars().take(limits::BUTTON_CHARS).collect())
}

fn few(buttons: usize) -> Result<(), Refusal> {
    if buttons > limits::BUTTONS { Err(Refusal::bad("reply markup is too long")) } else { Ok(()) }
}

fn flag(value: Option<&Value>, name: &str) -> Result<bool, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(Refusal::bad(format_args!("field \"{name}\" must be of type Boolean"))),
    }
}

fn placeholder(markup: &serde_json::Map<String, Value>) -> Option<String> {
    let text = markup.get("input_field_placeholder")?.as_str()?.trim();
    (!text.is_empty()).then(|| text.chars().take(PLACEHOLDER_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn refused(markup: Value) -> String {
        let refusal = read(Some(&markup)).unwrap_err();
        refusal.description.strip_prefix("Bad Request: ").unwrap().to_owned()
    }

    #[test]
    fn inline_keyboards_keep_their_data_to_themselves() {
        let markup = json!({"inline_keyboard": [
            [],
            [{"text": "Yes", "callback_data": "y"}, {"text": "Site", "url": "example.com"}],
            [{"text": "App", "url": "tg://resolve?domain=x"}, {"text": "Copy", "copy_text": {"text": "x"}}],
            [{"text": "App", "web_app": {"url": "https://example.com"}}, {"text": "No", "callback_data": "n"}],
        ]});
        let button = |text: &str, url: Option<&str>| Button { text: text.into(), url: url.map(str::to_owned) };
        // The next row has only what Telegram's apps can do.
        let rows =
            vec![vec![button("Yes", None), button("Site", Some("http://example.com/"))], vec![button("No", None)]];
        assert_eq!(read(Some(&markup)), Ok(Some(Keyboard::Inline { rows })));
        assert_eq!(data_at(&markup, 0, 0).as_deref(), Some("y"));
        assert_eq!(data_at(&markup, 0, 1), None);
        assert_eq!(data_at(&markup, 1, 0).as_deref(), Some("n"));
        assert_eq!(data_at(&markup, 9, 9), None);
        assert_eq!(read(Some(&json!({"inline_keyboard": []}))), Ok(None));
    }

    #[test]
    fn reply_keyboards_are_choices() {
        let markup = json!({"keyboard": [["Plain", {"text": "Number", "request_contact": true}], []],
            "one_time_keyboard": true, "input_field_placeholder": "Choose", "resize_keyboard": true});
        let rows = vec![vec!["Plain".into(), "Number".into()]];
        let choices = Keyboard::Choices { rows, once: true, placeholder: Some("Choose".into()) };
        assert_eq!(read(Some(&markup)), Ok(Some(choices)));
        assert_eq!(read(Some(&json!({"remove_keyboard": true}))), Ok(Some(Keyboard::Remove)));
        assert_eq!(read(Some(&json!({"remove_keyboard": false}))), Ok(None));
        assert_eq!(read(Some(&json!({"force_reply": true, "selective": true}))), Ok(None));
        let asked = Keyboard::Choices { rows: Vec::new(), once: true, placeholder: Some("Your name".into()) };
        assert_eq!(read(Some(&json!({"force_reply": true, "input_field_placeholder": "Your name"}))), Ok(Some(asked)));
        assert_eq!(read(None), Ok(None));
        assert_eq!(read_inline(Some(&markup)).unwrap_err().description, "Bad Request: inline keyboard expected");
    }

    #[test]
    fn keyboards_are_refused_in_telegrams_words() {
        let one = |button: Value| refused(json!({"inline_keyboard": [[button]]}));
        assert_eq!(one(json!({"text": "x", "callback_data": "x".repeat(65)})), "BUTTON_DATA_INVALID");
        let unread = "can't parse inline keyboard button: ";
        assert_eq!(
            one(json!({"text": "x", "callback_data": ""})),
            format!("{unread}Text buttons are unallowed in the inline keyboard")
        );
        assert_eq!(one(json!({"callback_data": "x"})), format!("{unread}Can't find field \"text\""));
        assert_eq!(
            one(json!({"text": "x", "callback_data": 1})),
            format!("{unread}Field \"callback_data\" must be of type String")
        );
        assert_eq!(
            one(json!({"text": "x", "url": "not-a-url"})),
            "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"
        );
        assert_eq!(
            one(json!({"text": "x", "url": "ftp://example.com"})),
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"
        );
        assert_eq!(one(json!({"text": "x", "pay": true})), "BUTTON_TYPE_INVALID");
        assert_eq!(refused(json!({"inline_keyboard": "bad"})), "field \"inline_keyboard\" must be of type Array");
        assert_eq!(refused(json!({"force_reply": "yes"})), "field \"force_reply\" must be of type Boolean");
        assert_eq!(refused(json!({"remove_keyboard": "yes"})), "field \"remove_keyboard\" must be of type Boolean");
        assert_eq!(
            refused(json!({"keyboard": [["x"]], "one_time_keyboard": "yes"})),
            "field \"one_time_keyboard\" must be of type Boolean"
        );
        assert_eq!(refused(json!({"keyboard": [vec!["x"; 101]]})), "reply markup is too long");
        assert_eq!(refused(json!(["x"])), "object expected as reply markup");
    }

    proptest! {
        #[test]
        fn whatever_is_given_nothing_breaks(text in "\\PC{0,20}", data in "\\PC{0,70}", shape in 0usize..6) {
            let markup = match shape {
                0 => json!({"inline_keyboard": [[{"text": text, "callback_data": data}]]}),
                1 => json!({"inline_keyboard": [[{"text": text, "url": data}]]}),
                2 => json!({"keyboard": [[text, {"text": data}]]}),
                3 => json!({"inline_keyboard": [text]}),
                4 => json!({text: data}),
                _ => json!(text),
            };
            if let Ok(Some(Keyboard::Inline { rows })) = read(Some(&markup)) {
                prop_assert!(rows[0][0].url.is_some() != data_at(&markup, 0, 0).is_some());
            }
        }
    }
}
