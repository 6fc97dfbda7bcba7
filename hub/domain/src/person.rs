//! One person, several cards: what a reader is shown of them, what a change to it means, and which cards go together.
//!
//! A merge copies nothing. Each card keeps what stands on it and each identity its card; merged cards are shown as one, made
//! anew for each reader from the cards that they may see. So nobody learns by a merge of a customer whom they could not see
//! before, and separating them gives back what was there.

use std::collections::BTreeSet;

use switchboard_protocol::model::{Contact, MergedContact};
use switchboard_protocol::rest::ChangeContact;
use switchboard_protocol::{AgentId, ContactId, UnixMs};

/// A card as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// With its own identities, and nothing of the cards that are merged with it.
    pub contact: Contact,
    /// None: it is at the top.
    pub merged: Option<Merged>,
}

/// Since when a card is a part of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    pub into: ContactId,
    pub at: UnixMs,
    pub by: Option<AgentId>,
}

/// What a reader sees of a person whose cards these are, of those that they see. The first leads, the one at the top before
/// those that were merged earlier; what it does not have is filled from the others. None: they see none of them.
pub fn shown(person: ContactId, cards: &[Card]) -> Option<Contact> {
    let (lead, others) = cards.split_first()?;
    let first = |of: fn(&Contact) -> &Option<String>| cards.iter().find_map(|card| of(&card.contact).clone());
    let mut identities: Vec<_> = cards.iter().flat_map(|card| card.contact.identities.clone()).collect();
    identities.sort_by_key(|one| one.id);
    let tags: BTreeSet<_> = cards.iter().flat_map(|card| card.contact.tags.clone()).collect();
    // Of several values the first card's stays.
    let attributes = cards.iter().rev().flat_map(|card| card.contact.attributes.clone()).collect();
    Some(Contact {
        id: person,
        name: first(|card| &card.name),
        email: first(|card| &card.email),
        phone: first(|card| &card.phone),
        language: first(|card| &card.language),
        time_zone: first(|card| &card.time_zone),
        notes: texts(cards).join(PARAGRAPH),
        tags: if others.is_empty() { lead.contact.tags.clone() } else { tags.into_iter().collect() },
        attributes,
        identities,
        merged: others.iter().filter_map(part).collect(),
        created_at: cards.iter().map(|card| card.contact.created_at).min().unwrap_or(lead.contact.created_at),
    })
}

/// Between the notes of several cards.
const PARAGRAPH: &str = "\n\n";

/// What stands on any of them, once.
fn texts(cards: &[Card]) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for text in cards.iter().map(|card| card.contact.notes.as_str()) {
        if !text.is_empty() && !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

/// The notes of the cards, in their order, when what was shown of all is now `new`. A line that stood on a card stays on it,
/// wherever it stands now, and gets onto no other, whose readers may be others. What is new takes the place of what it
/// replaced, or stands with what is before it; where nothing was, it is the first card's.
fn notes_after(cards: &[Card], new: &str) -> Vec<String> {
    let texts = texts(cards);
    let old: Vec<(&str, usize)> = texts
        .iter()
        .enumerate()
        .flat_map(|(of, text)| text.split('\n').filter(|line| !is_blank(line)).map(move |line| (line, of)))
        .collect();
    let mut parts: Vec<Vec<&str>> = vec![Vec::new(); texts.len().max(1)];
    let (mut from, mut before) = (0, 0);
    let mut fresh: Vec<&str> = Vec::new();
    for line in new.split('\n') {
        let known = |place: &(&str, usize)| !is_blank(line) && place.0 == line;
        if let Some(at) = old[from..].iter().position(known).map(|at| from + at) {
            place(&mut parts, &mut fresh, &old[from..at], before);
            before = old[at].1;
            parts[before].push(line);
            from = at + 1;
        } else if let Some((_, of)) = old.iter().find(|place| known(place)) {
            // It was moved up or down.
            place(&mut parts, &mut fresh, &[], before);
            parts[*of].push(line);
        } else {
            fresh.push(line);
        }
    }
    place(&mut parts, &mut fresh, &old[from..], before);
    let text = |of: usize| parts[of].join("\n").trim_matches('\n').to_owned();
    let of = |card: &Card| texts.iter().position(|text| *text == card.contact.notes).map(text).unwrap_or_default();
    let mut notes: Vec<String> = cards.iter().map(of).collect();
    if let (true, Some(first)) = (texts.is_empty(), notes.first_mut()) {
        *first = text(0);
    }
    notes
}

/// Where each of the fresh lines belongs: to whom the lines did in whose place they stand, or to whom the one before them
/// does.
fn place<'n>(parts: &mut [Vec<&'n str>], fresh: &mut Vec<&'n str>, gone: &[(&str, usize)], before: usize) {
    let last = gone.last().map_or(before, |(_, of)| *of);
    let (mut of, mut gone) = (before, gone.iter());
    for line in fresh.drain(..) {
        if !is_blank(line) {
            of = gone.next().map_or(last, |(_, of)| *of);
        }
        parts[of].push(line);
    }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn part(card: &Card) -> Option<MergedContact> {
    let Merged { at, by, .. } = card.merged?;
    let Contact { id, name, email, phone, identities, .. } = card.contact.clone();
    let identities = identities.into_iter().map(|one| one.id).collect();
    Some(MergedContact { id, name, email, phone, identities, at, by })
}

/// The cards that a change to what is shown of them changes, as they are after it. What is written is written on each card
/// that the writer sees, for they say it of the person; what they leave as it was shown stays as each card has it. Notes are
/// each card's own, also when they are changed together.
pub fn changed(person: ContactId, cards: &[Card], change: &ChangeContact) -> Vec<Contact> {
    let Some(before) = shown(person, cards) else { return Vec::new() };
    let notes = change.notes.as_ref().filter(|notes| **notes != before.notes).map(|notes| notes_after(cards, notes));
    let after = |number: usize, card: &Card| {
        let mut contact = card.contact.clone();
        set(&mut contact.name, &before.name, &change.name);
        set(&mut contact.email, &before.email, &change.email);
        set(&mut contact.phone, &before.phone, &change.phone);
        set(&mut contact.language, &before.language, &change.language);
        if let Some(notes) = &notes {
            contact.notes.clone_from(&notes[number]);
        }
        if let Some(tags) = &change.tags {
            let (had, wanted): (BTreeSet<_>, BTreeSet<_>) = (before.tags.iter().collect(), tags.iter().collect());
            let mut own: BTreeSet<String> = contact.tags.iter().filter(|tag| wanted.contains(tag)).cloned().collect();
            own.extend(wanted.difference(&had).map(|tag| (*tag).clone()));
            contact.tags = own.into_iter().collect();
        }
        for (name, value) in change.attributes.iter().flatten() {
            if before.attributes.get(name).map_or("", String::as_str) == value {
                continue;
            }
            if value.is_empty() {
                contact.attributes.remove(name);
            } else {
                contact.attributes.insert(name.clone(), value.clone());
            }
        }
        contact
    };
    cards
        .iter()
        .enumerate()
        .map(|(number, card)| (card, after(number, card)))
        .filter(|(card, after)| card.contact != *after)
        .map(|(_, c)| c)
        .collect()
}

/// An empty text takes the value away.
fn set(value: &mut Option<String>, shown: &Option<String>, new: &Option<String>) {
    let Some(new) = new else { return };
    let new = Some(new.clone()).filter(|text| !text.is_empty());
    if new != *shown {
        *value = new;
    }
}

/// A card and all that were merged into it, of a person's cards as (card, the one into which it was merged).
pub fn with_its_parts(of: ContactId, cards: &[(ContactId, Option<ContactId>)]) -> BTreeSet<ContactId> {
    let mut found = BTreeSet::from([of]);
    loop {
        let before = found.len();
        let parts = cards.iter().filter(|(_, into)| into.is_some_and(|into| found.contains(&into))).map(|(id, _)| *id);
        let parts: Vec<_> = parts.collect();
        found.extend(parts);
        if found.len() == before {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use switchboard_protocol::Ulid;

    fn id(n: u128) -> ContactId {
        ContactId(Ulid(n))
    }

    fn card(n: u128, into: Option<u128>, name: Option<&str>, email: Option<&str>) -> Card {
        let contact = Contact {
            id: id(n),
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            phone: None,
            language: None,
            time_zone: None,
            notes: format!("Note {n}"),
            tags: vec![format!("tag {n}")],
            attributes: BTreeMap::new(),
            identities: Vec::new(),
            merged: Vec::new(),
            created_at: n as UnixMs,
        };
        Card { contact, merged: into.map(|into| Merged { into: id(into), at: 7, by: None }) }
    }

    #[test]
    fn one_card_is_shown_as_it_is() {
        let one = card(1, None, None, Some("ann@example.org"));
        assert_eq!(shown(id(1), std::slice::from_ref(&one)), Some(one.contact));
        assert_eq!(shown(id(1), &[]), None);
    }

    #[test]
    fn what_the_first_does_not_have_comes_from_the_others_that_are_seen() {
        let (top, part) =
            (card(1, None, None, Some("ann@example.org")), card(2, Some(1), Some("Ann"), Some("a@b.example")));
        let both = shown(id(1), &[top.clone(), part.clone()]).unwrap();
        assert_eq!((both.name.as_deref(), both.email.as_deref()), (Some("Ann"), Some("ann@example.org")));
        assert_eq!((both.notes.as_str(), both.tags.len(), both.created_at), ("Note 1\n\nNote 2", 2, 1));
        assert_eq!(both.merged.iter().map(|one| one.id).collect::<Vec<_>>(), [id(2)]);
        // Who sees the part alone sees the part, under the person's id, and of no merge.
        let alone = shown(id(1), std::slice::from_ref(&part)).unwrap();
        assert_eq!(alone, Contact { id: id(1), ..part.contact });
    }

    #[test]
    fn what_is_written_is_written_on_each_card_that_is_seen_and_the_rest_stays() {
        let cards = [card(1, None, Some("Ann"), None), card(2, Some(1), None, Some("ann@example.org"))];
        let change = |change| changed(id(1), &cards, &change);
        let name = |name: &str| ChangeContact { name: Some(name.into()), ..ChangeContact::default() };
        assert!(change(name("Ann")).is_empty());
        let renamed = change(name("Ann Lee"));
        assert_eq!(renamed.iter().map(|one| one.name.as_deref()).collect::<Vec<_>>(), [Some("Ann Lee"); 2]);
        assert_eq!(renamed[1].email.as_deref(), Some("ann@example.org"));
        assert!(change(name("")).iter().all(|one| one.name.is_none()));
        let tags = vec!["tag 1".to_owned(), "vip".to_owned()];
        let tagged = change(ChangeContact { tags: Some(tags), ..ChangeContact::default() });
        assert_eq!(tagged.iter().map(|one| one.tags.join(",")).collect::<Vec<_>>(), ["tag 1,vip", "vip"]);
    }

    #[test]
    fn attributes_are_those_of_all_cards_and_the_first_card_has_the_last_word() {
        let with = |n, into, all: &[(&str, &str)]| {
            let mut card = card(n, into, None, None);
            card.contact.attributes = all.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            card
        };
        let cards = [with(1, None, &[("plan", "gold")]), with(2, Some(1), &[("plan", "free"), ("shop", "12")])];
        let told = |attributes: &BTreeMap<String, String>| {
            attributes.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(&shown(id(1), &cards).unwrap().attributes), "plan=gold shop=12");
        let change = |name: &str, value: &str| {
            let attributes = Some(BTreeMap::from([(name.to_owned(), value.to_owned())]));
            let after = changed(id(1), &cards, &ChangeContact { attributes, ..ChangeContact::default() });
            after.iter().map(|one| told(&one.attributes)).collect::<Vec<_>>()
        };
        // What it is shown as stays as each card has it.
        assert!(change("plan", "gold").is_empty());
        assert_eq!(change("plan", "silver"), ["plan=silver", "plan=silver shop=12"]);
        assert_eq!(change("shop", ""), ["plan=free"]);
        assert_eq!(change("plan", ""), ["", "shop=12"]);
    }

    #[test]
    fn a_note_that_is_changed_stays_with_its_card() {
        let cards = [card(1, None, None, None), card(2, Some(1), None, None), card(3, Some(1), None, None)];
        let noted = |cards: &[Card], notes: &str| -> Vec<(u128, String)> {
            let change = ChangeContact { notes: Some(notes.into()), ..ChangeContact::default() };
            changed(id(1), cards, &change).into_iter().map(|one| (one.id.0.0, one.notes)).collect()
        };
        let all = "Note 1\n\nNote 2\n\nNote 3";
        assert!(noted(&cards, all).is_empty());
        for (written, changed) in [
            ("Note 1\n\nNote 2\n\nNote 3\n\nMornings.", vec![(3, "Note 3\n\nMornings.")]),
            ("Note 1\n\nMornings.\n\nNote 2\n\nNote 3", vec![(1, "Note 1\n\nMornings.")]),
            ("Note 1\n\nNote two\n\nNote 3", vec![(2, "Note two")]),
            ("New\n\nNote two\n\nNote 3", vec![(1, "New"), (2, "Note two")]),
            ("Note 3", vec![(1, ""), (2, "")]),
            ("Note 2\n\nNote 1\n\nNote 3", vec![]),
            ("Note 1\nNote 2\nAnd more.\n\nNote 3", vec![(2, "Note 2\nAnd more.")]),
            ("", vec![(1, ""), (2, ""), (3, "")]),
        ] {
            let changed: Vec<_> = changed.into_iter().map(|(card, text)| (card, text.to_owned())).collect();
            assert_eq!(noted(&cards, written), changed, "{written:?}");
        }
        let mut bare = cards;
        for one in &mut bare {
            one.contact.notes.clear();
        }
        assert_eq!(noted(&bare, "A first one"), [(1, "A first one".to_owned())]);
        // The same on several cards is one text.
        bare[0].contact.notes = "Same".into();
        bare[2].contact.notes = "Same".into();
        assert_eq!(
            noted(&bare, "Same, but more"),
            [(1, "Same, but more".to_owned()), (3, "Same, but more".to_owned())]
        );
    }

    #[test]
    fn a_card_goes_with_what_was_merged_into_it() {
        let all = [(id(1), None), (id(2), Some(id(1))), (id(3), Some(id(2))), (id(4), Some(id(1)))];
        assert_eq!(with_its_parts(id(2), &all), BTreeSet::from([id(2), id(3)]));
        assert_eq!(with_its_parts(id(1), &all).len(), 4);
    }
}
