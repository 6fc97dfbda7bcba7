//! "Markdown style", the older one: nothing nests, and only `_`, `*`, `` ` `` and `[` mean something.

use switchboard_protocol::bots::FormatKind;

use super::links;
use super::out::{Out, Source};

pub(super) fn read(text: &str) -> Result<Out, String> {
    let (mut source, mut out) = (Source::new(text), Out::default());
    while !source.ended() {
        match (source.peek(0), source.peek(1)) {
            (b'\\', b'_' | b'*' | b'`' | b'[') => {
                source.at += 1;
                out.extend(source.character());
            }
            (b'_' | b'*' | b'`' | b'[', _) => part(&mut source, &mut out)?,
            _ => out.extend(source.character()),
        }
    }
    Ok(out)
}

impl Out {
    fn extend(&mut self, character: Option<char>) {
        if let Some(character) = character {
            self.push(character);
        }
    }
}

fn part(source: &mut Source<'_>, out: &mut Out) -> Result<(), String> {
    let (from, units, bytes) = (source.at, out.units, out.text.len());
    let sign = source.peek(0);
    let lines = source.rest().starts_with("```");
    let ends = match sign {
        b'`' if lines => "```",
        b'`' => "`",
        b'[' => "]",
        b'_' => "_",
        _ => "*",
    };
    source.at += ends.len();
    if lines {
        source.skip_language();
    }
    while !source.ended() && !source.rest().starts_with(ends) {
        out.extend(source.character());
    }
    if source.ended() {
        return Err(format!("Can't find end of the entity starting at byte offset {from}"));
    }
    source.at += ends.len();
    match sign {
        b'[' => {
            let address = if source.peek(0) == b'(' && out.units > units {
                source.at += 1;
                let address = source.take_while(|byte| byte != b')').to_owned();
                source.at += usize::from(!source.ended());
                address
            } else {
                out.text[bytes..].to_owned()
            };
            if let Some(url) = links::checked(&address) {
                out.mark(FormatKind::Link, units, Some(url));
            }
        }
        b'`' => out.mark(if lines { FormatKind::Pre } else { FormatKind::Code }, units, None),
        b'_' => out.mark(FormatKind::Italic, units, None),
        _ => out.mark(FormatKind::Bold, units, None),
    }
    Ok(())
}
