//! Into which conversation a mail goes. The first that holds decides, and the reason is kept with the mail:
//!
//! 1. it was sent to a reply address that we signed for a conversation: whoever has that address had our mail;
//! 2. it answers a mail that we know, and its sender takes part in that conversation;
//! 3. its subject has a case number, and its sender takes part in that conversation;
//! 4. else it begins one.
//!
//! A sender who does not take part never joins: what a stranger quotes or guesses opens no thread to them.

use switchboard_protocol::model::{MessageMail, ThreadedBy};
use switchboard_protocol::{ConversationId, Number};

/// A conversation that a mail may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub conversation_id: ConversationId,
    /// Where the mail's sender has written or been written to: in it, or in one that was merged into it and had what the
    /// mail answers.
    pub takes_part_in: Option<ConversationId>,
}

/// Where a mail goes, and in what those who are in it take part from then on: the same, or one that was merged into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    pub conversation_id: ConversationId,
    pub takes_part_in: ConversationId,
}

impl Candidate {
    fn chosen(&self) -> Option<Chosen> {
        let Self { conversation_id, takes_part_in } = *self;
        takes_part_in.map(|takes_part_in| Chosen { conversation_id, takes_part_in })
    }
}

/// What is known of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hints {
    /// Of the reply address, once its signature has been checked.
    pub signed: Option<ConversationId>,
    /// What it answers, the nearest first.
    pub answered: Vec<Candidate>,
    /// By the case number in its subject.
    pub numbered: Option<Candidate>,
}

/// The conversation, or none: a new one; and why.
pub fn choose(hints: &Hints) -> (Option<Chosen>, ThreadedBy) {
    if let Some(signed) = hints.signed {
        return (Some(Chosen { conversation_id: signed, takes_part_in: signed }), ThreadedBy::ReplyAddress);
    }
    if let Some(known) = hints.answered.iter().find_map(Candidate::chosen) {
        return (Some(known), ThreadedBy::References);
    }
    if let Some(known) = hints.numbered.as_ref().and_then(Candidate::chosen) {
        return (Some(known), ThreadedBy::CaseNumber);
    }
    let stranger = !hints.answered.is_empty() || hints.numbered.is_some();
    (None, if stranger { ThreadedBy::Stranger } else { ThreadedBy::Nothing })
}

/// To whom an answer goes, after these mails of customers, the newest first: where the newest asks for answers, else who wrote
/// it. What programs wrote by themselves counts only where nobody else wrote. Of a mail that is there by its number alone only
/// the sender is believed: they take part, and where they would have answers go anybody could have written. None: nobody has
/// an address.
pub fn answer_to<'a>(mails: &'a [MessageMail], ours: &str) -> Option<&'a str> {
    let by_hand = mails.iter().find(|mail| mail.automatic.is_none());
    let mail = by_hand.or(mails.first())?;
    let from = mail.from.as_ref().map(|from| from.address.as_str());
    let asked = mail.reply_to.as_deref().filter(|_| mail.threaded != Some(ThreadedBy::CaseNumber));
    asked.into_iter().chain(from).find(|address| address.contains('@') && !is_ours(address, ours))
}

/// Who takes part after a mail, in lower case: who wrote it, and to whom. Not we (`ours`): whoever writes in our name would
/// take part everywhere.
pub fn participants(mail: &MessageMail, ours: &str) -> Vec<String> {
    let all = mail.from.iter().chain(&mail.to).chain(&mail.cc).map(|one| one.address.to_lowercase());
    let all = all.chain(mail.reply_to.as_deref().map(str::to_lowercase));
    all.filter(|address| !is_ours(address, ours)).collect()
}

/// Whether an address is the mailbox's own (`ours`), with whatever after a `+`.
pub fn is_ours(address: &str, ours: &str) -> bool {
    let (address, ours) = (address.to_lowercase(), ours.to_lowercase());
    let (Some((name, domain)), Some((our_name, our_domain))) = (address.rsplit_once('@'), ours.rsplit_once('@')) else {
        return false;
    };
    domain == our_domain && name.split('+').next() == Some(our_name)
}

/// The number of a case that a subject names: `prefix` and digits that stand by themselves, "Re: [SB-4711] My order". Of
/// several the last: an answer's subject begins with what it answers.
pub fn case_number(subject: &str, prefix: &str) -> Option<Number> {
    // Without a prefix any number would be one.
    if prefix.is_empty() {
        return None;
    }
    let (subject, prefix) = (subject.to_ascii_lowercase(), prefix.to_ascii_lowercase());
    let number = |(at, _): (usize, &str)| -> Option<Number> {
        let before = subject[..at].chars().next_back();
        let rest = &subject[at + prefix.len()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let alone = !before.is_some_and(char::is_alphanumeric) && !rest[digits..].starts_with(char::is_alphanumeric);
        alone.then(|| rest[..digits].parse().ok()).flatten()
    };
    subject.rmatch_indices(&prefix).find_map(number)
}

/// A subject without what answering and forwarding have put before it, and without the case number: what stays the same.
/// The words are those of the mail programs that people use here.
pub fn bare_subject<'a>(subject: &'a str, prefix: &str) -> &'a str {
    const ANSWERS: [&str; 14] =
        ["re", "aw", "antw", "sv", "vs", "odp", "ref", "rif", "r", "fw", "fwd", "wg", "tr", "doorst"];
    let mut rest = subject.trim();
    loop {
        let before = rest;
        if let Some((word, after)) = rest.split_once(':') {
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || "[]".contains(c)).trim();
            if ANSWERS.iter().any(|known| word.eq_ignore_ascii_case(known)) {
                rest = after.trim_start();
            }
        }
        if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
            && case_number(inside, prefix).is_some()
        {
            rest = after.trim_start();
        }
        if rest == before {
            return rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_protocol::Ulid;

    fn conversation(n: u128) -> ConversationId {
        ConversationId(Ulid(n))
    }

    fn candidate(n: u128, takes_part: bool) -> Candidate {
        Candidate { conversation_id: conversation(n), takes_part_in: takes_part.then(|| conversation(n)) }
    }

    fn whole(n: u128) -> Option<Chosen> {
        Some(Chosen { conversation_id: conversation(n), takes_part_in: conversation(n) })
    }

    #[test]
    fn the_first_that_holds_decides() {
        let all = Hints {
            signed: Some(conversation(1)),
            answered: vec![candidate(2, false), candidate(3, true)],
            numbered: Some(candidate(4, true)),
        };
        assert_eq!(choose(&all), (whole(1), ThreadedBy::ReplyAddress));
        let answers = Hints { signed: None, ..all.clone() };
        assert_eq!(choose(&answers), (whole(3), ThreadedBy::References));
        let numbered = Hints { answered: vec![candidate(2, false)], ..answers };
        assert_eq!(choose(&numbered), (whole(4), ThreadedBy::CaseNumber));
        assert_eq!(choose(&Hints::default()), (None, ThreadedBy::Nothing));
    }

    #[test]
    fn an_answer_goes_where_the_newest_mail_asks_for_it() {
        use switchboard_protocol::model::{Automatic, MailAddress};
        let mail = |from: &str, reply_to: Option<&str>, automatic| MessageMail {
            from: Some(MailAddress { name: None, address: from.to_owned() }),
            reply_to: reply_to.map(str::to_owned),
            automatic,
            ..MessageMail::default()
        };
        let ours = "Help@shop.example";
        let form = mail("noreply@shop.example", Some("ann@example.org"), None);
        let bob = mail("bob@example.org", None, None);
        let away = mail("carl@example.org", None, Some(Automatic::Reply));
        let mirrored = mail("eve@example.org", Some("help+x@shop.example"), None);
        for (mails, to) in [
            (vec![], None),
            (vec![form.clone()], Some("ann@example.org")),
            (vec![bob.clone(), form.clone()], Some("bob@example.org")),
            (vec![away.clone(), form], Some("ann@example.org")),
            (vec![away], Some("carl@example.org")),
            (vec![mirrored], Some("eve@example.org")),
            (vec![mail("help@shop.example", None, None), bob], None),
            (vec![mail("unknown", None, None)], None),
        ] {
            assert_eq!(answer_to(&mails, ours), to, "{mails:?}");
        }
    }

    #[test]
    fn a_stranger_never_joins() {
        let guessed = Hints { signed: None, answered: vec![candidate(2, false)], numbered: Some(candidate(2, false)) };
        assert_eq!(choose(&guessed), (None, ThreadedBy::Stranger));
    }

    #[test]
    fn a_case_number_stands_by_itself() {
        for (subject, number) in [
            ("Re: [SB-4711] My order", Some(4711)),
            ("sb-12: where is it?", Some(12)),
            ("[SB-1] answers [SB-2]", Some(2)),
            ("XSB-12", None),
            ("SB-12b", None),
            ("SB-", None),
            ("SB-99999999999999999999999", None),
            ("Größe SB-7 ß", Some(7)),
            ("My order", None),
        ] {
            assert_eq!(case_number(subject, "SB-"), number, "{subject}");
        }
        assert_eq!(case_number("order 4711", ""), None);
    }

    #[test]
    fn what_answering_adds_is_taken_off() {
        for (subject, bare) in [
            ("Re: AW: [SB-4711] My order", "My order"),
            ("RE[2]: Fwd: My order", "My order"),
            ("Antw:My order", "My order"),
            ("[SB-4711] Re: My order", "My order"),
            ("[EXTERNAL] My order", "[EXTERNAL] My order"),
            ("Note: read this", "Note: read this"),
            ("", ""),
            ("Re:", ""),
        ] {
            assert_eq!(bare_subject(subject, "SB-"), bare, "{subject}");
        }
    }
}
