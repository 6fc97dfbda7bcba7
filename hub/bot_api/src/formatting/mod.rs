//! Formatting ("Formatting options"): a text in HTML, MarkdownV2 or Markdown, or with a list of entities, becomes a plain
//! text and the parts of it that are set in something.
//!
//! What is read and what is refused is as Telegram's server does it (td/telegram/MessageEntity.cpp of
//! <https://github.com/tdlib/td>), down to the byte offsets in its sentences: bots catch them and send the text plain.
//! Kinds that conversations with customers do not have (mentions, hashtags, custom emoji) leave their text and no mark.

mod entities;
mod html;
pub(crate) mod links;
mod markdown;
mod markdown_v2;
mod out;
mod tidy;

use serde_json::Value;
use switchboard_protocol::bots::Format;

use crate::answer::Refusal;

/// Longest text of a message, UTF-16 code units ("sendMessage").
pub const TEXT_UNITS: u32 = 4_096;
/// Longest text with a file, UTF-16 code units ("sendPhoto").
pub const CAPTION_UNITS: u32 = 1_024;

/// The plain text and its parts. Blanks at both ends are gone, and the parts lie on characters of the text, nest, and are
/// sorted from the outer to the inner. `parse_mode` counts more than `entities`, as there.
pub fn parse(text: &str, parse_mode: Option<&str>, entities: Option<&Value>) -> Result<(String, Vec<Format>), Refusal> {
    let out = match parse_mode.unwrap_or_default().to_ascii_lowercase().as_str() {
        "html" => html::read(text).map_err(Refusal::unparsable)?,
        "markdownv2" => markdown_v2::read(text).map_err(Refusal::unparsable)?,
        "markdown" => markdown::read(text).map_err(Refusal::unparsable)?,
        "" | "none" => entities::read(text, entities)?,
        _ => return Err(Refusal::bad("unsupported parse_mode")),
    };
    Ok(tidy::tidy(&out.text, out.formats))
}

#[cfg(test)]
mod tests;
