//! Where the two engines truly differ. Equal signatures; everything else is one text for both.

use crate::connect::{SOUND_LIMIT, no_answer};
use crate::db::{Link, Value, sql};
use crate::error::Unavailable;
use crate::open::Engine;

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

/// A condition on `message_words AS w` for texts that hold every one of `words` (each the beginning of a word), and the
/// value of its parameter `parameter`.
pub(crate) fn matches(engine: Engine, parameter: &str, words: &[String]) -> (String, Value) {
    match engine {
        Engine::Sqlite => {
            let query = words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ");
            (format!("w.message_words MATCH {parameter}"), query.into())
        }
        Engine::Postgres => {
            let query = words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ");
            (format!("to_tsvector('simple', w.text) @@ to_tsquery('simple', {parameter})"), query.into())
        }
    }
}
