//! What a person wrote, apart from the history that their mail program put under it.
//!
//! Only history at the end is folded, or at the beginning with the answer below. Where answers stand between what they
//! answer, where a mail is forwarded, and in any doubt, nothing is.

/// An introduction ("On Monday … wrote:") may be wrapped over so many lines.
const INTRODUCTION_LINES: usize = 4;
/// Longest introduction, characters.
const INTRODUCTION_CHARS: usize = 400;

/// What the person wrote, or none if that is all there is.
pub(super) fn fold(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| !line.trim().is_empty())?;
    let history = history(&lines)?;
    if lines[..history].iter().any(|line| is_forward(line)) || is_forward(lines[history]) {
        return None;
    }
    if history > first {
        return kept(&lines[..history]);
    }
    // Nothing above the history: an answer may stand below it.
    let last_quoted = lines.iter().rposition(|line| is_quoted(line))?;
    let end_of_run = end_of_quote(&lines, lines.iter().position(|line| is_quoted(line))?);
    (end_of_run > last_quoted).then(|| kept(&lines[end_of_run..])).flatten()
}

fn kept(lines: &[&str]) -> Option<String> {
    let text = lines.join("\n");
    let text = text.trim_matches('\n').trim_end();
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// The first line of the history, if there is any that is folded.
fn history(lines: &[&str]) -> Option<usize> {
    for at in 0..lines.len() {
        if is_quoted(lines[at]) {
            return quoted_history(lines, at);
        }
        if is_forward(lines[at]) {
            return None;
        }
        if is_separator(lines[at]) || is_header_block(lines, at) {
            return Some(with_rule(lines, at));
        }
        if let Some(length) = introduction(&lines[at..]) {
            let next =
                lines[at + length..].iter().position(|line| !line.trim().is_empty()).map(|skip| at + length + skip);
            return match next {
                Some(next) if is_quoted(lines[next]) => quoted_history(lines, next).map(|_| at),
                // Some mark nothing: all that follows is history.
                Some(_) => Some(at),
                None => None,
            };
        }
    }
    None
}

/// History whose first marked line is this: it has to reach to the end, or to begin the mail.
fn quoted_history(lines: &[&str], at: usize) -> Option<usize> {
    let rest = end_of_quote(lines, at);
    let start = introduction_above(lines, at);
    let begins = lines[..start].iter().all(|line| line.trim().is_empty());
    let ends = lines[rest..].iter().all(|line| line.trim().is_empty() || is_quoted(line));
    (begins || ends).then_some(start)
}

/// The line after the last of a run of marked ones. Programs that wrap what they quote leave single words unmarked.
fn end_of_quote(lines: &[&str], from: usize) -> usize {
    let mut end = from;
    for (at, line) in lines.iter().enumerate().skip(from) {
        if is_quoted(line) {
            end = at + 1;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    end
}

/// The first line of the introduction above a marked line: whatever its language, it has a date or an address, and ends
/// with a colon.
fn introduction_above(lines: &[&str], quoted: usize) -> usize {
    let Some(last) = lines[..quoted].iter().rposition(|line| !line.trim().is_empty()) else { return quoted };
    if quoted - last > 2 || !ends_with_colon(lines[last]) {
        return quoted;
    }
    for count in 1..=INTRODUCTION_LINES.min(last + 1) {
        let start = last + 1 - count;
        if lines[start].trim().is_empty() {
            break;
        }
        let joined = lines[start..=last].join(" ");
        if joined.chars().count() <= INTRODUCTION_CHARS && has_date(&joined) {
            return start;
        }
    }
    quoted
}

/// How many lines from here are an introduction that is known as one by its words alone.
fn introduction(lines: &[&str]) -> Option<usize> {
    let first = bare(lines[0]);
    if first.is_empty() || !begins_introduction(&first) {
        return None;
    }
    for count in 1..=INTRODUCTION_LINES.min(lines.len()) {
        if count > 1 && lines[count - 1].trim().is_empty() {
            return None;
        }
        let joined = bare(&lines[..count].join(" "));
        if joined.chars().count() > INTRODUCTION_CHARS {
            return None;
        }
        if ends_with_colon(&joined) {
            let says = words(VERBS).any(|verb| joined.contains(verb)) || joined.contains('@');
            return (says && has_date(&joined)).then_some(count);
        }
    }
    None
}

/// What "On …, … wrote:" begins with; a date may begin it as well.
const BEGINNINGS: &str = "on |le |am |w dniu |dnia |op |på |den |vào |el |em |il |il giorno |in data |ons |tor |fre |lør |\
    lör |søn |sön |man |mån |tir |tis |pe |dne |ke |în |a |у ";

/// "wrote", as mail programs say it.
const VERBS: &str = "wrote|sent|a écrit|schrieb|geschrieben|napisał|napisał(a)|schreef|verzond|geschreven|skrev|đã viết|\
    escribió|escreveu|ha scritto|scrisse|написал|написала|пишет|пише|kirjoitti|napsal|napísal|írta|\
    a scris|yazdı|έγραψε|写道|のメール|が書きました|님이 작성|כתב|كتب";

fn begins_introduction(line: &str) -> bool {
    let lower = line.to_lowercase();
    let starts_dated = lower.starts_with(|c: char| c.is_ascii_digit()) || is_weekday(&lower);
    starts_dated || words(BEGINNINGS).any(|word| lower.starts_with(word))
}

/// "Thu, 26 Jun 2014 …": a short word and a comma before a digit.
fn is_weekday(line: &str) -> bool {
    line.split_once(',').is_some_and(|(word, rest)| {
        word.chars().count() <= 10
            && word.chars().all(|c| c.is_alphabetic() || c == '.')
            && rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
    })
}

fn ends_with_colon(line: &str) -> bool {
    // Programs that write from the right mark where that ends.
    let mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    line.trim_end_matches(|c: char| c.is_whitespace() || c == '-' || c == '*' || mark(c)).ends_with([':', '：'])
}

/// A year of ours, or a time of day.
fn has_date(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let words = text.split(|c: char| !c.is_ascii_digit() && c != ':');
    words.filter(|word| !word.is_empty()).any(|word| {
        let year = word.trim_matches(':');
        (year.len() == 4 && digits(year) && (year.starts_with("19") || year.starts_with("20")))
            || word.split_once(':').is_some_and(|(hour, rest)| {
                (1..=2).contains(&hour.len()) && digits(hour) && rest.len() >= 2 && digits(&rest[..2])
            })
    })
}

/// "-----Original Message-----".
fn is_separator(line: &str) -> bool {
    const NAMES: &str = "original message|reply message|original appointment|ursprüngliche nachricht|antwort nachricht|\
        originalnachricht|oprindelig meddelelse|original besked|message d'origine|message original|\
        message d’origine|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|\
        ursprungligt meddelande|originalmeddelande|opprinnelig melding|wiadomość oryginalna|\
        oryginalna wiadomość|исходное сообщение|původní zpráva";
    let line = bare(line).to_lowercase();
    let Some(name) = line.strip_prefix('-').map(|rest| rest.trim_matches(['-', ' ', '\u{a0}'])) else { return false };
    line.ends_with('-') && (is_one_of(name, NAMES) || (name.ends_with(" wrote") && has_letters_only(name)))
}

fn has_letters_only(text: &str) -> bool {
    text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '\'' | '@' | '<' | '>' | '"'))
}

/// What was forwarded is what the person wanted to be read.
fn is_forward(line: &str) -> bool {
    const NAMES: &str = "forwarded message|begin forwarded message|weitergeleitete nachricht|message transféré|\
        mensaje reenviado|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|\
        vidarebefordrat meddelande|videresendt melding|videresendt meddelelse|przekazana wiadomość|\
        пересылаемое сообщение|fwd message";
    let line = bare(line).to_lowercase();
    let name = line.trim_matches(['-', ' ', ':', '\u{a0}']);
    line.starts_with(['-', 'b', 'a']) && is_one_of(name, NAMES)
}

/// Headers that a mail program put above what it quotes: a sender first, then at least two more, of which one is a date.
/// Below a rule the date may be the first.
fn is_header_block(lines: &[&str], at: usize) -> bool {
    const LOOKED_AT: usize = 8;
    const FROM: &str = "from|von|de|van|fra|från|da|od|от|от кого|lähettäjä|feladó|kimden|από|发件人|寄件者|差出人|보낸 사람|от:|nadawca|\
        отправитель";
    const DATE: &str = "date|sent|datum|gesendet|envoyé|fecha|enviado|enviado el|enviada em|data|inviato|verzonden|skickat|\
        sendt|dato|wysłano|дата|отправлено|odesláno|odoslané|lähetetty|elküldve|gönderilme|发送时间|日期|送信日時|\
        보낸 날짜|date envoi";
    const OTHER: &str = "to|cc|subject|an|betreff|à|objet|para|asunto|assunto|a|oggetto|aan|onderwerp|till|ämne|til|emne|do|\
        temat|кому|тема|komu|předmět|predmet|收件人|主题|宛先|件名|reply-to";
    let Some((name, value)) = header(lines[at]) else { return false };
    let (mut from, mut dated) = (is_one_of(&name, FROM), is_one_of(&name, DATE));
    if value.is_empty() || !(from || dated && with_rule(lines, at) < at) {
        return false;
    }
    let mut known = 0;
    for line in lines[at + 1..].iter().take(LOOKED_AT).filter(|line| !line.trim().is_empty()) {
        let Some((name, _)) = header(line) else { continue };
        let (is_from, is_date) = (is_one_of(&name, FROM), is_one_of(&name, DATE));
        from |= is_from;
        dated |= is_date;
        if is_from || is_date || is_one_of(&name, OTHER) {
            known += 1;
        }
    }
    from && dated && known >= 2
}

/// Name in lower case and value of a line that looks like a header.
fn header(line: &str) -> Option<(String, String)> {
    let line = bare(line).replace('*', "");
    let (name, value) = line.split_once([':', '：'])?;
    let name = name.trim().to_lowercase();
    (name.chars().count() <= 16).then(|| (name, value.trim().to_owned()))
}

/// The line above, if it is only a rule.
fn with_rule(lines: &[&str], at: usize) -> usize {
    let above = lines[..at].iter().rposition(|line| !line.trim().is_empty());
    let rule = |line: &str| {
        let line = line.trim();
        line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '—' | '–'))
    };
    above.filter(|above| rule(lines[*above])).unwrap_or(at)
}

fn is_quoted(line: &str) -> bool {
    line.trim_start_matches([' ', '\t']).starts_with('>') && !line.trim_start().starts_with(">From ")
}

/// Words of a list, with `|` between them.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|')
}

fn is_one_of(word: &str, list: &'static str) -> bool {
    words(list).any(|known| known == word)
}

/// Without the spaces and bold marks around it.
fn bare(line: &str) -> String {
    line.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '\u{200e}').replace(['\u{a0}', '\u{202f}'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_at_the_end_is_folded() {
        let introductions = [
            "On Tue, Apr 11, 2017 at 10:07 PM, Ann Lee <ann@example.org> wrote:",
            "On Tue, Apr 11, 2017 at 10:07 PM, Ann Lee <\nann@example.org> wrote:",
            "Le 10 avril 2017 à 11:00, Ann <ann@example.org> a écrit :",
            "Am 11.04.2017 um 10:07 schrieb Ann Lee:",
            "Op 13 dec. 2011 10:20 schreef Ann het volgende:",
            "W dniu 1 grudnia 2011 10:07 użytkownik Ann <ann@example.org> napisał:",
            "Den 11. apr. 2017 10:07 skrev Ann:",
            "El 11 de abril de 2017, 10:07, Ann<ann@example.org> escribió:",
            "Il giorno 11 aprile 2017 10:07, Ann ha scritto:",
            "Em ter., 11 de abr. de 2017 às 10:07, Ann <ann@example.org> escreveu:",
            "02.04.2012 14:20 пользователь \"ann@example.org\" <\nann@example.org> написал:",
            "2014-10-17 11:28 GMT+03:00 Ann <ann@example.org>:",
            "Thu, 26 Jun 2014 14:00:51 +0400 Ann <ann@example.org>:",
            "2017年4月11日(火) 10:07 Ann <ann@example.org>:",
        ];
        for introduction in introductions {
            let marked = format!("Hello.\n\nAnn\n\n{introduction}\n\n> What is it?\n> Ann\n");
            assert_eq!(fold(&marked).as_deref(), Some("Hello.\n\nAnn"), "{introduction}");
            let unmarked = format!("Hello.\n{introduction}\nWhat is it?\n");
            assert_eq!(fold(&unmarked).as_deref(), Some("Hello."), "{introduction}");
        }
    }

    #[test]
    fn marked_history_is_folded_in_whatever_language_it_is_introduced() {
        let introductions = [
            "Den mån 11 apr. 2017 kl 10:07 skrev Ann <ann@example.org>:",
            "Den tir. 11. apr. 2017 kl. 10.07 skrev Ann <ann@example.org>:",
            "ti 11. huhtik. 2017 klo 10.07 Ann (ann@example.org) kirjoitti:",
            "út 11. 4. 2017 v 10:07 odesílatel Ann <ann@example.org> napsal:",
            "Ann <ann@example.org>, 11 Nis 2017 Sal, 10:07 tarihinde şunu yazdı:",
            "Ann <ann@example.org> ezt írta (időpont: 2017. ápr. 11., K, 10:07):",
            "вт, 11 квіт. 2017 р. о 10:07 Ann <ann@example.org> пише:",
            "Ann <ann@example.org> 于2017年4月11日周二 10:07写道：",
            "2017년 4월 11일 (화) 오전 10:07, Ann <ann@example.org>님이 작성:",
            "في الثلاثاء، 11 أبريل 2017 في 10:07 ص تمت كتابة ما يلي بواسطة Ann <ann@example.org>:",
            "\u{202b}בתאריך יום ג׳, 11 באפר׳ 2017 ב-10:07 מאת \u{202a}Ann\u{202c}\u{200f} <ann@example.org>:\u{202c}",
            "Στις Τρί, 11 Απρ 2017 στις 10:07 π.μ., ο χρήστης Ann <ann@example.org> έγραψε:",
            "Vào Th 3, 11 thg 4, 2017 vào lúc 10:07 Ann <ann@example.org> đã viết:",
            "În mar., 11 apr. 2017 la 10:07, Ann <ann@example.org> a scris:",
            "El dt., 11 d’abr. 2017, 10:07, Ann <ann@example.org> va escriure:",
            "Pada tanggal Sel, 11 Apr 2017 pukul 10.07 Ann <ann@example.org> menulis:",
            "ในวันที่ อ. 11 เม.ย. 2017 เวลา 10:07 Ann <ann@example.org> เขียนว่า:",
        ];
        for introduction in introductions {
            let mail = format!("Hello.\n\nAnn\n\n{introduction}\n\n> What is it?\n> Ann\n");
            assert_eq!(fold(&mail).as_deref(), Some("Hello.\n\nAnn"), "{introduction}");
        }
    }

    #[test]
    fn outlooks_history_is_folded() {
        let separators = [
            "-----Original Message-----\nFrom: Ann",
            "-----Ursprüngliche Nachricht-----\nVon: Ann",
            "________________________________\nFrom: Ann <ann@example.org>\nSent: Monday\nTo: Shop\nSubject: Hi",
            "From: Ann [mailto:ann@example.org]\nSent: Monday\nTo: Shop\nSubject: Hi",
            "Von: Ann\nGesendet: Montag\nAn: Shop\nBetreff: Hallo",
            "De : Ann\nEnvoyé : lundi\nÀ : Shop\nObjet : Salut",
            "*From:* Ann\n*Date:* Monday\n*To:* Shop",
            "________________________________\nDate: Thu, 26 Jun 2014 13:53:45 +0400\nSubject: Hi\nFrom: Ann\nTo: Shop",
        ];
        for separator in separators {
            let mail = format!("Hello.\n\n{separator}\n\nWhat is it?\n");
            assert_eq!(fold(&mail).as_deref(), Some("Hello."), "{separator}");
        }
    }

    #[test]
    fn an_answer_below_is_kept() {
        let mail = "On Mon, 3 Apr 2017 at 10:07, Ann wrote:\n> What is it?\n>\n> Ann\n\nA lamp.\n";
        assert_eq!(fold(mail).as_deref(), Some("A lamp."));
    }

    #[test]
    fn in_doubt_nothing_is_folded() {
        let mails = [
            "Hello.",
            "",
            "> all of it\n> quoted",
            "Dear shop,\n\nOn Monday I wrote:\nnothing came.",
            "Answers between:\n\n> What is it?\n\nA lamp.\n\n> How much?\n\nTen.",
            "See below.\n\n---------- Forwarded message ----------\nFrom: Ann\nDate: Monday\nSubject: Hi\n\nText",
            "Fwd:\n\nBegin forwarded message:\n\nOn Mon, 3 Apr 2017 at 10:07, Ann wrote:\n> What is it?",
            "From: the beginning\nto the end it was wrong.",
            "I ordered at 10:30:\n- a lamp\n- a table",
            "On 3 April 2017 at 10:07, Ann wrote:",
            "My order:\nFrom: Berlin\nTo: Hamburg\nthanks",
            "My trip:\nDate: Monday\nFrom: Berlin\nTo: Hamburg\nthanks",
        ];
        for mail in mails {
            assert_eq!(fold(mail), None, "{mail}");
        }
    }
}
