//! The commands that a bot says it has ("setMyCommands"), for each scope and language apart. They are kept and given back;
//! agents see them, customers are offered buttons.

use serde_json::{Map, Value, json};
use switchboard_bot_api::{Call, Refusal};

use super::refusals::failed;
use super::{Ask, Done, Outcome};
use crate::bots;

/// Most commands of one list.
const COMMANDS: usize = 100;
/// Longest name and description of a command, characters ("BotCommand").
const NAME_CHARS: usize = 32;
const DESCRIPTION_CHARS: usize = 256;
/// Most lists of one bot.
const LISTS: usize = 100;

pub async fn set(ask: &Ask<'_>) -> Outcome {
    let commands = commands_of(ask.call)?;
    let key = key_of(ask.call)?;
    let mut lists = lists(ask).await?;
    if commands.is_empty() {
        lists.remove(&key);
    } else if lists.len() >= LISTS && !lists.contains_key(&key) {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH").into());
    } else {
        lists.insert(key, Value::Array(commands));
    }
    bots::set_commands(ask.app, ask.bot, Value::Object(lists)).await.map_err(failed)?;
    Ok(Done::yes())
}

pub async fn get(ask: &Ask<'_>) -> Outcome {
    let key = key_of(ask.call)?;
    Ok(Done::of(lists(ask).await?.remove(&key).unwrap_or_else(|| json!([]))))
}

pub async fn delete(ask: &Ask<'_>) -> Outcome {
    let key = key_of(ask.call)?;
    let mut lists = lists(ask).await?;
    if lists.remove(&key).is_some() {
        bots::set_commands(ask.app, ask.bot, Value::Object(lists)).await.map_err(failed)?;
    }
    Ok(Done::yes())
}

/// What was kept last, by scope and language.
async fn lists(ask: &Ask<'_>) -> Result<Map<String, Value>, Refusal> {
    match bots::commands(ask.app, ask.bot).await.map_err(failed)? {
        Value::Object(lists) => Ok(lists),
        _ => Ok(Map::new()),
    }
}

fn commands_of(call: &Call) -> Result<Vec<Value>, Refusal> {
    let given = call.json("commands", "commands")?.unwrap_or_else(|| json!([]));
    let Value::Array(given) = given else { return Err(Refusal::bad("expected an Array of BotCommand")) };
    if given.len() > COMMANDS {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    given.iter().map(command).collect()
}

fn command(given: &Value) -> Result<Value, Refusal> {
    let name = given["command"].as_str().unwrap_or_default().trim_start_matches('/');
    let of_a_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=NAME_CHARS).contains(&name.len()) || !name.bytes().all(of_a_name) {
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    let description = given["description"].as_str().unwrap_or_default().trim();
    if !(1..=DESCRIPTION_CHARS).contains(&description.chars().count()) {
        return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(json!({ "command": name, "description": description }))
}

/// Names a list ("BotCommandScope", "language_code").
fn key_of(call: &Call) -> Result<String, Refusal> {
    let language = call.text("language_code").unwrap_or_default();
    let of_a_language = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if !language.is_empty() && !of_a_language {
        return Err(Refusal::bad("invalid language code specified"));
    }
    let scope = call.json("scope", "BotCommandScope")?.unwrap_or_else(|| json!({ "type": "default" }));
    let chat = |name: &str| scope[name].as_i64().map(|number| format!(":{number}")).unwrap_or_default();
    match scope["type"].as_str().unwrap_or_default() {
        kind @ ("default"
        | "all_private_chats"
        | "all_group_chats"
        | "all_chat_administrators"
        | "chat"
        | "chat_administrators"
        | "chat_member") => Ok(format!("{kind}{}{}|{language}", chat("chat_id"), chat("user_id"))),
        _ => Err(Refusal::bad("can't parse BotCommandScope: unsupported type specified")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(query: &str) -> Call {
        Call::of_query("setMyCommands", query).unwrap()
    }

    #[test]
    fn commands_are_looked_at_as_there() {
        let good = commands_of(&call(r#"commands=[{"command":"/start","description":" Begin "}]"#)).unwrap();
        assert_eq!(good, [json!({"command": "start", "description": "Begin"})]);
        for (given, why) in [
            (r#"[{"command":"Start","description":"x"}]"#, "BOT_COMMAND_INVALID"),
            (r#"[{"command":"start","description":""}]"#, "BOT_COMMAND_DESCRIPTION_INVALID"),
            ("{}", "expected an Array of BotCommand"),
        ] {
            let refusal = commands_of(&call(&format!("commands={given}"))).unwrap_err();
            assert_eq!(refusal.description, format!("Bad Request: {why}"));
        }
    }

    #[test]
    fn lists_are_told_apart_by_scope_and_language() {
        assert_eq!(key_of(&call("")).unwrap(), "default|");
        assert_eq!(key_of(&call(r#"scope={"type":"chat","chat_id":4711}&language_code=de"#)).unwrap(), "chat:4711|de");
        assert!(key_of(&call("language_code=german")).is_err());
        assert!(key_of(&call(r#"scope={"type":"moon"}"#)).is_err());
    }
}
