//! Messages of words: "sendMessage", and places and people, which customers of every channel can read as words.

use serde::Serialize;
use serde_json::{Value, json};
use switchboard_bot_api::things::{self, Beside};
use switchboard_bot_api::{Call, Refusal, answer, formatting, keyboard, units};
use switchboard_protocol::bots::{Format, Rich};
use switchboard_protocol::model::Message;
use switchboard_protocol::{AttachmentId, Number};

use super::refusals::{Refused, Wanted, about, plain};
use super::{Ask, Done, Outcome, markup_of};
use crate::bots::{self, BotRefusal, BotWrite, Sent};

pub async fn message(ask: &Ask<'_>) -> Outcome {
    let (text, formats) = text_of(ask.call)?;
    send(ask, text, formats, Vec::new()).await
}

pub async fn location(ask: &Ask<'_>) -> Outcome {
    let place = place_of(ask.call)?;
    send_as_words(ask, place.words(), json!({ "location": place })).await
}

pub async fn venue(ask: &Ask<'_>) -> Outcome {
    let place = place_of(ask.call)?;
    let title = ask.call.text("title").ok_or_else(|| Refusal::bad("title is empty"))?;
    let address = ask.call.text("address").ok_or_else(|| Refusal::bad("address is empty"))?;
    let (title, address) = (title.trim(), address.trim());
    let told = json!({ "location": place, "venue": { "location": place, "title": title, "address": address } });
    send_as_words(ask, format!("{title}\n{address}\n{}", place.words()), told).await
}

pub async fn contact(ask: &Ask<'_>) -> Outcome {
    let number = ask.call.text("phone_number").ok_or_else(|| Refusal::bad("phone number is empty"))?;
    let first = ask.call.text("first_name").ok_or_else(|| Refusal::bad("first name is empty"))?;
    let (first, number) = (first.trim(), number.trim());
    let mut told = json!({ "contact": { "phone_number": number, "first_name": first } });
    let mut name = first.to_owned();
    if let Some(last) = ask.call.text("last_name").map(str::trim).filter(|last| !last.is_empty()) {
        told["contact"]["last_name"] = json!(last);
        name = format!("{first} {last}");
    }
    send_as_words(ask, format!("{name}\n{number}"), told).await
}

/// What the customer reads as words, the bot is told of as what it has sent: libraries look for it in the answer.
async fn send_as_words(ask: &Ask<'_>, words: String, as_sent: Value) -> Outcome {
    let (sent, answered) = Draft::of(ask.call, words, Vec::new())?.send(ask, Vec::new()).await?;
    let markup = markup_of(ask.call)?;
    let beside = Beside { answered: answered.as_ref(), markup: markup.as_ref() };
    let mut told = things::message(&ask.talk(&sent.conversation), &sent.message, beside);
    if let (Value::Object(told), Value::Object(as_sent)) = (&mut told, as_sent) {
        told.remove("text");
        told.extend(as_sent);
    }
    Ok(Done::of(told).in_conversation(sent.conversation.id))
}

/// The text of a call, plain, and its parts.
pub fn text_of(call: &Call) -> Result<(String, Vec<Format>), Refusal> {
    let given = call.text("text").ok_or(answer::EMPTY_TEXT)?;
    let entities = call.json("entities", "message entities")?;
    let (text, formats) = formatting::parse(given, call.text("parse_mode"), entities.as_ref())?;
    match units::length(&text) {
        0 => Err(answer::BLANK_TEXT),
        1..=formatting::TEXT_UNITS => Ok((text, formats)),
        _ => Err(answer::TEXT_TOO_LONG),
    }
}

/// The words with a file.
pub fn caption_of(call: &Call) -> Result<(String, Vec<Format>), Refusal> {
    let entities = call.json("caption_entities", "caption entities")?;
    let given = call.text("caption").unwrap_or_default();
    let (text, formats) = formatting::parse(given, call.text("parse_mode"), entities.as_ref())?;
    if units::length(&text) > formatting::CAPTION_UNITS {
        return Err(answer::CAPTION_TOO_LONG);
    }
    Ok((text, formats))
}

/// "Location".
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Place {
    latitude: f64,
    longitude: f64,
}

impl Place {
    /// An address that opens everywhere.
    fn words(self) -> String {
        let Self { latitude, longitude } = self;
        format!(
            "https://www.openstreetmap.org/?mlat={latitude:.6}&mlon={longitude:.6}#map=16/{latitude:.6}/{longitude:.6}"
        )
    }
}

fn place_of(call: &Call) -> Result<Place, Refusal> {
    let degrees = |name: &str, most: f64| {
        let number = call.float(name).filter(|number| number.abs() <= most);
        number.ok_or_else(|| {
            let why = if call.text(name).is_none() { "is empty" } else { "must be a valid number" };
            Refusal::bad(format_args!("{name} {why}"))
        })
    };
    Ok(Place { latitude: degrees("latitude", 90.0)?, longitude: degrees("longitude", 180.0)? })
}

async fn send(ask: &Ask<'_>, text: String, formats: Vec<Format>, attachments: Vec<AttachmentId>) -> Outcome {
    let draft = Draft::of(ask.call, text, formats)?;
    let (sent, answered) = draft.send(ask, attachments).await?;
    let markup = markup_of(ask.call)?;
    Ok(ask.sent(&sent, Beside { answered: answered.as_ref(), markup: markup.as_ref() }))
}

/// A message that is read and not sent yet: whatever is wrong with it is said before files are kept for it.
pub struct Draft {
    write: BotWrite,
    /// Which message it answers, and whether it may go without; none once that was looked up.
    answers: Option<(Number, bool)>,
    answered: Option<Message>,
}

impl Draft {
    pub fn of(call: &Call, text: String, formats: Vec<Format>) -> Result<Self, Refusal> {
        let answers = call.answered()?;
        let markup = markup_of(call)?;
        let keyboard = keyboard::read(markup.as_ref())?;
        let rich = (!formats.is_empty() || keyboard.is_some()).then(|| Box::new(Rich { formats, keyboard }));
        let chat = call.chat("chat_id")?;
        Ok(Self {
            write: BotWrite { chat, text, rich, markup, answers: None, attachments: Vec::new() },
            answers,
            answered: None,
        })
    }

    /// Files are kept only for what may be sent: a bot that is blocked, or answers what is not there, fills no disk.
    pub async fn may_be_sent(&mut self, ask: &Ask<'_>) -> Result<(), Refused> {
        bots::may_send(ask.app, ask.bot, self.write.chat).await.map_err(plain)?;
        self.look_up(ask).await
    }

    async fn look_up(&mut self, ask: &Ask<'_>) -> Result<(), Refused> {
        if let Some((number, alone)) = self.answers.take() {
            match bots::message(ask.app, ask.bot, self.write.chat, number).await {
                Ok(message) => self.answered = Some(message),
                Err(BotRefusal::MessageNotFound) if alone => {}
                Err(refusal) => return Err(about(Wanted::Answered)(refusal)),
            }
        }
        Ok(())
    }

    /// Sends it. What it answers is for the answer to tell.
    pub async fn send(
        mut self,
        ask: &Ask<'_>,
        attachments: Vec<AttachmentId>,
    ) -> Result<(Sent, Option<Message>), Refused> {
        self.look_up(ask).await?;
        let answered = self.answered;
        self.write.answers = answered.as_ref().map(|message| message.number);
        self.write.attachments = attachments;
        let sent = bots::send(ask.app, ask.bot, self.write).await.map_err(plain)?;
        Ok((sent, answered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_text_is_said_as_there() {
        let of = |query: &str| text_of(&Call::of_query("sendMessage", query).unwrap());
        assert_eq!(of("text="), Err(answer::EMPTY_TEXT));
        assert_eq!(of("text=%20%0a"), Err(answer::BLANK_TEXT));
        assert_eq!(of(&format!("text={}", "x".repeat(4_097))), Err(answer::TEXT_TOO_LONG));
        assert_eq!(of(&format!("text=%20{}", "x".repeat(4_096))).unwrap().0.len(), 4_096);
        assert_eq!(of("text=%3Cb%3Ex%3C/b%3E&parse_mode=HTML").unwrap().1.len(), 1);
    }

    #[test]
    fn a_place_is_an_address() {
        let of = |query: &str| place_of(&Call::of_query("sendLocation", query).unwrap());
        let place = "https://www.openstreetmap.org/?mlat=48.208200&mlon=16.373800#map=16/48.208200/16.373800";
        assert_eq!(of("latitude=48.2082&longitude=16.3738").unwrap().words(), place);
        assert_eq!(of("longitude=1").unwrap_err().description, "Bad Request: latitude is empty");
        assert_eq!(
            of("latitude=91&longitude=1").unwrap_err().description,
            "Bad Request: latitude must be a valid number"
        );
    }
}
