//! Which cards are one person's: merged, separated, suggested, and said not to be the same.
//!
//! Nothing moves when cards are merged. Conversations and identities stay with their cards; a card at the top, whose id the
//! others have as `person_id`, stands for all of them, and `merged_into` remembers how they came together.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_domain::person::with_its_parts;
use switchboard_protocol::model::{Channel, Contact};
use switchboard_protocol::rest::{ContactSuggestion, Shared, SharedKind};
use switchboard_protocol::{AgentId, ContactId, UnixMs, limits};

use crate::agents::touched;
use crate::contacts::{self, Seen, in_order};
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, maybe_id, set, word};
use crate::{Store, Tx};

/// Rows of what cards share that are looked at for suggestions: an office's number may stand on any number of cards.
const SHARED_ROWS: i64 = 100;

/// Makes `part` and all that is merged into it one person with `top`. Both are at the top of their persons. By nobody: they have
/// signed in as who they are.
pub async fn merge(
    tx: &mut Tx,
    top: ContactId,
    part: ContactId,
    by: Option<AgentId>,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let doing = "merge two contacts";
    let update =
        sql(doing, "UPDATE contacts SET merged_into = $2, merged_at = $3, merged_by = $4 WHERE id = $1").bind(part);
    touched(doing, tx.link().run(update.bind(top).bind(at).bind(by)).await?)?;
    let update = sql(doing, "UPDATE contacts SET person_id = $1 WHERE id IN ($1, $2) OR person_id IN ($1, $2)");
    tx.link().run(update.bind(top).bind(part)).await?;
    Ok(())
}

/// Takes `part`, and what was merged into it, out of the person that it is merged into; false: it is merged into none.
pub async fn separate(tx: &mut Tx, part: ContactId) -> Result<bool, ChangeError> {
    let all = cards(tx, part).await?;
    if !all.iter().any(|(card, into)| *card == part && into.is_some()) {
        return Ok(false);
    }
    let going = with_its_parts(part, &all);
    let staying: BTreeSet<_> = all.iter().map(|(card, _)| *card).filter(|card| !going.contains(card)).collect();
    let clear = sql(
        "separate a contact",
        "UPDATE contacts SET merged_into = NULL, merged_at = NULL, merged_by = NULL WHERE id = $1",
    );
    tx.link().run(clear.bind(part)).await?;
    stand_for(tx, &going, part).await?;
    if staying.len() == 1 {
        stand_for(tx, &staying, part).await?;
    }
    Ok(true)
}

/// These cards are one person's, with `top` at the top; a card alone stands for nobody else.
async fn stand_for(tx: &mut Tx, cards: &BTreeSet<ContactId>, top: ContactId) -> Result<(), ChangeError> {
    let person = (cards.len() > 1).then_some(top);
    let update = sql(
        "write whose cards these are",
        "UPDATE contacts SET person_id = $1 WHERE id IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    );
    tx.link().run(update.bind(person).bind(set(cards))).await?;
    Ok(())
}

/// The card at the top of the person whose card this is.
pub async fn top(tx: &mut Tx, of: ContactId) -> Result<ContactId, ReadError> {
    let find = sql("find a person", "SELECT person_id FROM contacts WHERE id = $1").bind(of);
    let row: Option<(Option<String>,)> = tx.link().one(find).await?;
    Ok(maybe_id("a contact's id", row.and_then(|(top,)| top).as_deref())?.unwrap_or(of))
}

/// All cards of the person whose card this is, whoever may see them, each with the one that it was merged into.
pub async fn cards(tx: &mut Tx, of: ContactId) -> Result<Vec<(ContactId, Option<ContactId>)>, ReadError> {
    let text = concat!(
        "SELECT k.id, k.merged_into FROM contacts AS k \
         WHERE k.id = $1 OR k.person_id = (SELECT p.person_id FROM contacts AS p WHERE p.id = $1) ORDER BY ",
        in_order!("k")
    );
    let rows: Vec<(String, Option<String>)> = tx.link().all(sql("find a person's cards", text).bind(of)).await?;
    rows.iter()
        .map(|(card, into)| Ok((id("a contact's id", card)?, maybe_id("a contact's id", into.as_deref())?)))
        .collect()
}

/// The team says that these are two people; kept until somebody takes it back. Both are at the top of their persons.
pub async fn tell_apart(
    tx: &mut Tx,
    one: ContactId,
    other: ContactId,
    by: AgentId,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let insert = sql(
        "note that contacts are not the same",
        "INSERT INTO not_the_same (contact_id, other_id, said_by, said_at) VALUES ($1, $2, $3, $4), ($2, $1, $3, $4) \
         ON CONFLICT (contact_id, other_id) DO NOTHING",
    );
    tx.link().run(insert.bind(one).bind(other).bind(by).bind(at)).await?;
    Ok(())
}

/// It is not known any more that these are two people, by whichever of their cards it was said.
pub async fn doubt(tx: &mut Tx, one: ContactId, other: ContactId) -> Result<(), ChangeError> {
    let delete = sql(
        "forget that contacts are not the same",
        "DELETE FROM not_the_same WHERE (contact_id IN (SELECT k.id FROM contacts AS k WHERE k.id = $1 OR k.person_id = $1) \
             AND other_id IN (SELECT k.id FROM contacts AS k WHERE k.id = $2 OR k.person_id = $2)) \
         OR (contact_id IN (SELECT k.id FROM contacts AS k WHERE k.id = $2 OR k.person_id = $2) \
             AND other_id IN (SELECT k.id FROM contacts AS k WHERE k.id = $1 OR k.person_id = $1))",
    );
    tx.link().run(delete.bind(one).bind(other)).await?;
    Ok(())
}

/// Who may be the same person: who shares a mail address or a number with what is seen of this one. Only people of whom a
/// conversation is seen, and only by cards and identities that are. None: the person is not seen.
pub async fn suggestions(
    store: &Store,
    visibility: &Visibility,
    of: ContactId,
) -> Result<Option<Vec<ContactSuggestion>>, ReadError> {
    let Some(seen) = contacts::find_seen(store, visibility, of).await? else { return Ok(None) };
    let rows = sharing(&mut store.reading().await?.link(), visibility, &seen).await?;
    let mut people: BTreeMap<ContactId, BTreeMap<(SharedKind, String), bool>> = BTreeMap::new();
    let mut likeliest = Vec::new();
    for row in rows {
        let person = id("a contact's id", &row.person_id)?;
        let kind = word("what contacts share", &row.kind, SharedKind::from_word)?;
        if !likeliest.contains(&person) {
            likeliest.push(person);
        }
        let typed = people.entry(person).or_default().entry((kind, row.value)).or_insert(true);
        *typed = *typed && row.typed != 0;
    }
    let own = addresses(&seen);
    let mut found = Vec::new();
    for person in likeliest.into_iter().take(limits::SUGGESTIONS) {
        let Some(contact) = contacts::find(store, visibility, person).await? else { continue };
        let shared = people.remove(&person).unwrap_or_default().into_iter();
        let shared = shared.map(|((kind, value), typed)| {
            let typed = typed || own.get(&(kind, value.clone())).copied().unwrap_or(true);
            Shared { kind, value, typed }
        });
        found.push(ContactSuggestion { contact, shared: shared.collect() });
    }
    Ok(Some(found))
}

/// By what each identity's address is compared; none: it says nothing of who it is.
fn compared(channel: Channel) -> Option<SharedKind> {
    match channel {
        Channel::Email => Some(SharedKind::Email),
        Channel::Sms | Channel::Gateway => Some(SharedKind::Phone),
        Channel::Web | Channel::Telegram | Channel::Api => None,
    }
}

/// What of a person somebody has written from, with `false`; the rest of what is compared is typed.
fn addresses(seen: &Seen) -> BTreeMap<(SharedKind, String), bool> {
    let contacts = seen.cards.iter().map(|card: &_| -> &Contact { &card.contact });
    let identities = contacts.flat_map(|contact| &contact.identities);
    identities
        .filter_map(|one| {
            let (kind, address) = (compared(one.channel)?, one.address.as_ref()?);
            let value = if kind == SharedKind::Email { address.to_lowercase() } else { address.clone() };
            Some(((kind, value), false))
        })
        .collect()
}

#[derive(FromRow)]
struct Sharing {
    person_id: String,
    kind: String,
    value: String,
    typed: i64,
}

/// What others share with these cards, what somebody has written from before what was typed.
async fn sharing(link: &mut Link<'_>, visibility: &Visibility, seen: &Seen) -> Result<Vec<Sharing>, ReadError> {
    let mut asked = Where::new();
    let cards = asked.value(set(seen.cards.iter().map(|card| card.contact.id)));
    let person = asked.value(seen.person);
    let there = |asked: &mut Where, column: &str| asked.sees(column, visibility).unwrap_or_else(|| "TRUE".into());
    let (mine, theirs) = (there(&mut asked, "i.inbox_id"), there(&mut asked, "d.inbox_id"));
    let known = contacts::seen_by(&mut asked, visibility);
    let most = asked.value(SHARED_ROWS);
    let kind = "CASE {}.channel WHEN 'email' THEN 'email' ELSE 'phone' END";
    let (of_mine, of_theirs) = (kind.replace("{}", "i"), kind.replace("{}", "d"));
    let text = format!(
        "WITH own AS (SELECT v.value->>'id' AS id FROM jsonb_each({cards}) AS v), \
         had AS (\
             SELECT {of_mine} AS kind, i.provider_key AS value FROM own JOIN identities AS i ON i.contact_id = own.id \
                 WHERE i.channel IN ('email', 'sms', 'gateway') AND {mine} \
             UNION SELECT 'email', e.email_key FROM own JOIN contacts AS e ON e.id = own.id WHERE e.email_key IS NOT NULL \
             UNION SELECT 'phone', t.phone_key FROM own JOIN contacts AS t ON t.id = own.id WHERE t.phone_key IS NOT NULL), \
         have AS (\
             SELECT d.contact_id, had.kind, had.value, CAST(0 AS BIGINT) AS typed FROM had \
                 JOIN identities AS d ON d.provider_key = had.value \
                 WHERE d.channel IN ('email', 'sms', 'gateway') AND {of_theirs} = had.kind AND {theirs} \
             UNION ALL SELECT e.id, had.kind, had.value, CAST(1 AS BIGINT) FROM had \
                 JOIN contacts AS e ON e.email_key = had.value WHERE had.kind = 'email' \
             UNION ALL SELECT t.id, had.kind, had.value, CAST(1 AS BIGINT) FROM had \
                 JOIN contacts AS t ON t.phone_key = had.value WHERE had.kind = 'phone'), \
         apart AS (\
             SELECT COALESCE(b.person_id, b.id) AS id FROM contacts AS a JOIN not_the_same AS n ON n.contact_id = a.id \
                 JOIN contacts AS b ON b.id = n.other_id WHERE a.id = {person} OR a.person_id = {person}) \
         SELECT COALESCE(k.person_id, k.id) AS person_id, have.kind, have.value, have.typed \
         FROM have JOIN contacts AS k ON k.id = have.contact_id \
         WHERE COALESCE(k.person_id, k.id) <> {person} \
         AND {known} \
         AND COALESCE(k.person_id, k.id) NOT IN (SELECT id FROM apart) \
         ORDER BY have.typed, k.id LIMIT {most}"
    );
    Ok(link.all(sql("find who may be the same person", text).bind_all(asked.values())).await?)
}
