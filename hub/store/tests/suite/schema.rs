//! Both engines have the same tables, columns, keys and indexes: as a migrated database says of itself.

use std::collections::BTreeSet;

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::world::*;

/// What a database says, a line each, in one wording for both.
async fn said(world: &World, sqlite: &'static str, postgres: &'static str) -> BTreeSet<String> {
    let lines: Vec<(String,)> = match &world.file {
        Some(file) => {
            let options = SqliteConnectOptions::new().filename(file);
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            sqlx::query_as(sqlite).fetch_all(&mut connection).await.unwrap()
        }
        None => {
            let mut connection = PgConnection::connect(&world.address).await.unwrap();
            sqlx::query_as(postgres).fetch_all(&mut connection).await.unwrap()
        }
    };
    lines.into_iter().map(|(line,)| line).collect()
}

/// Tables of our own: without those of the drivers, of the engines, and behind SQLite's full-text search.
macro_rules! sqlite_tables {
    () => {
        "(SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%_words_%' \
         AND name <> '_sqlx_migrations') AS t"
    };
}

/// SQLite's names for 64 bits are two, its tables of words have neither types nor a visible number.
const SQLITE_COLUMNS: &str = concat!(
    "SELECT t.name || '.' || c.name || ' ' || \
     CASE c.type WHEN '' THEN 'text' WHEN 'INTEGER' THEN 'bigint' ELSE lower(c.type) END || \
     CASE WHEN c.\"notnull\" OR c.type = '' THEN ' not null' ELSE '' END \
     FROM ",
    sqlite_tables!(),
    ", pragma_table_info(t.name) AS c UNION SELECT t.name || '.rowid bigint not null' FROM ",
    sqlite_tables!(),
    " WHERE t.name LIKE '%_words'"
);
const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || \
     CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'";

/// Each index and key: its table, whether it is unique, whether it holds some rows only, its columns in order.
const SQLITE_INDEXES: &str = concat!(
    "SELECT t.name || CASE WHEN i.\"unique\" THEN ' unique' ELSE '' END || CASE WHEN i.partial THEN ' partial' ELSE '' END \
     || ' (' || (SELECT group_concat(COALESCE(name, 'expression'), ', ') FROM \
         (SELECT name FROM pragma_index_xinfo(i.name) WHERE key ORDER BY seqno)) || ')' FROM ",
    sqlite_tables!(),
    ", pragma_index_list(t.name) AS i \
     UNION SELECT t.name || ' unique (' || (SELECT group_concat(name, ', ') FROM \
         (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)) || ')' FROM ",
    sqlite_tables!(),
    " WHERE t.name NOT LIKE '%_words'"
);
const POSTGRES_INDEXES: &str = "SELECT CAST(c.relname AS TEXT) || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || \
         CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END || ' (' || \
         (SELECT string_agg(COALESCE(CAST(a.attname AS TEXT), 'expression'), ', ' ORDER BY k.n) \
          FROM unnest(CAST(i.indkey AS SMALLINT[])) WITH ORDINALITY AS k (attribute, n) \
          LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attribute AND k.attribute > 0) || ')' \
     FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid \
     WHERE c.relnamespace = CAST('public' AS regnamespace) AND c.relname <> '_sqlx_migrations' \
         AND c.relname NOT LIKE '%\\_words'";

/// What refers to what, and what becomes of it when that goes.
const SQLITE_REFERENCES: &str = concat!(
    "SELECT t.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\" || ' ' || lower(f.on_delete) FROM ",
    sqlite_tables!(),
    ", pragma_foreign_key_list(t.name) AS f"
);
const POSTGRES_REFERENCES: &str = "SELECT CAST(c.conrelid AS regclass) || '.' || a.attname || ' ' || \
         CAST(c.confrelid AS regclass) || '.' || b.attname || ' ' || \
         CASE c.confdeltype WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'other' END \
     FROM pg_constraint AS c CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (own, other) \
     JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.own \
     JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = k.other WHERE c.contype = 'f'";

const SQLITE_TRIGGERS: &str = "SELECT name || ' on ' || tbl_name FROM sqlite_schema WHERE type = 'trigger'";
const POSTGRES_TRIGGERS: &str =
    "SELECT tgname || ' on ' || CAST(tgrelid AS regclass) FROM pg_trigger WHERE NOT tgisinternal";

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    let (sqlite, postgres) = (World::new(On::Sqlite).await, World::new(On::Postgres).await);
    for (what, least, of_sqlite, of_postgres) in [
        ("columns", 150, SQLITE_COLUMNS, POSTGRES_COLUMNS),
        ("indexes", 40, SQLITE_INDEXES, POSTGRES_INDEXES),
        ("references", 20, SQLITE_REFERENCES, POSTGRES_REFERENCES),
        ("triggers", 6, SQLITE_TRIGGERS, POSTGRES_TRIGGERS),
    ] {
        let (here, there) =
            (said(&sqlite, of_sqlite, of_postgres).await, said(&postgres, of_sqlite, of_postgres).await);
        let only =
            |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<_> { one.difference(other).cloned().collect() };
        let (only_here, only_there) = (only(&here, &there), only(&there, &here));
        assert!(
            only_here.is_empty() && only_there.is_empty(),
            "{what}: SQLite {only_here:#?} PostgreSQL {only_there:#?}"
        );
        assert!(here.len() >= least, "{what} were found: {here:#?}");
    }
}

/// A migration has the same name on both, and so comes in the same place.
#[test]
fn migrations_go_in_pairs() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |engine: &str| -> BTreeSet<_> {
        std::fs::read_dir(folder.join(engine))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
