//! Where the two engines truly differ. Equal signatures; everything else is one text for both.

use std::fmt::Write;

use crate::connect::{SOUND_LIMIT, no_answer};
use crate::db::{Link, sql};
use crate::error::Unavailable;
use crate::open::Engine;
use crate::words::Wanted;

/// The advisory lock that puts the writers of all processes in a row: positions rise in the order of commits, and no
/// hole is ever filled later. Any number that nothing else on this database uses.
const FEED_LOCK: i64 = 0x5357_4244_4645_4544;

/// Begins the writer's transaction as the only one of all processes.
pub(crate) async fn begin(link: &mut Link<'_>) -> Result<(), Unavailable> {
    let doing = "begin a transaction";
    match link.engine() {
        // IMMEDIATE takes the write lock now; a deferred one would fail half-way when another process writes.
        Engine::Sqlite => link.run(sql(doing, "BEGIN IMMEDIATE")).await?,
        Engine::Postgres => {
            // It waits for nothing and nobody: a server that does not answer it soon is not there.
            let begun = tokio::time::timeout(SOUND_LIMIT, link.run(sql(doing, "BEGIN"))).await;
            begun.map_err(|_| Unavailable::new(doing, no_answer()))??;
            link.run(sql("take the feed's lock", "SELECT pg_advisory_xact_lock($1)").bind(FEED_LOCK)).await?
        }
    };
    Ok(())
}

/// Before the writer's connection closes: what was committed lies in the one file that somebody may copy then. By itself
/// SQLite does it only if the last connection to close is one that may write.
pub(crate) async fn settle(link: &mut Link<'_>) -> Result<(), Unavailable> {
    if link.engine() == Engine::Sqlite {
        link.run(sql("empty the log of writes", "PRAGMA wal_checkpoint(TRUNCATE)")).await?;
    }
    Ok(())
}

/// Brings of the log of writes into the database file what nobody needs there any more, without waiting for anybody.
pub(crate) async fn shorten_log(link: &mut Link<'_>) -> Result<(), Unavailable> {
    if link.engine() == Engine::Sqlite {
        link.run(sql("shorten the log of writes", "PRAGMA wal_checkpoint(PASSIVE)")).await?;
    }
    Ok(())
}

/// Whether there is a table of this name.
pub(crate) async fn has_table(link: &mut Link<'_>, name: &str) -> Result<bool, Unavailable> {
    let text = match link.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1",
        Engine::Postgres => "SELECT CAST($1 AS TEXT) WHERE to_regclass($1) IS NOT NULL",
    };
    Ok(link.one::<(String,)>(sql("look for a table", text).bind(name)).await?.is_some())
}

/// The `number`th value of a statement whose values stand in their order. The driver for SQLite looks each named one up by
/// its name, from the first on: with a thousand of them that is half a million steps. One without a name costs nothing.
pub(crate) fn next_value(engine: Engine, text: &mut String, number: usize) {
    match engine {
        Engine::Sqlite => text.push('?'),
        Engine::Postgres => write!(text, "${number}").expect("a String takes all that is written to it"),
    }
}

/// What a row must have: all of `words`, and one of `inboxes` if they are given. None of them has a quote in it.
pub(crate) fn words_query(engine: Engine, words: &[Wanted], inboxes: Option<&[String]>) -> String {
    let (quote, beginning, and, or) = match engine {
        Engine::Sqlite => ('"', "*", " AND ", " OR "),
        Engine::Postgres => ('\'', ":*", " & ", " | "),
    };
    let mut parts: Vec<_> = words
        .iter()
        .map(|wanted| format!("{quote}{}{quote}{}", wanted.word, if wanted.beginning { beginning } else { "" }))
        .collect();
    if let Some(inboxes) = inboxes {
        let inboxes: Vec<_> = inboxes.iter().map(|inbox| format!("{quote}{inbox}{quote}")).collect();
        parts.push(format!("({})", inboxes.join(or)));
    }
    parts.join(and)
}

/// A condition on a table of words: a row has what the query in this parameter asks for.
pub(crate) fn words_match(engine: Engine, table: &str, parameter: &str) -> String {
    match engine {
        Engine::Sqlite => format!("{table} MATCH {parameter}"),
        Engine::Postgres => {
            format!("array_to_tsvector(string_to_array(text, ' ')) @@ CAST({parameter} AS tsquery)")
        }
    }
}
