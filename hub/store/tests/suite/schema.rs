//! Both engines have the same tables with the same columns.

use std::collections::{BTreeMap, BTreeSet};

/// `CREATE TABLE name (column …` of a migration, as written: names of tables with the names and types of their columns.
fn tables(migration: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut tables = BTreeMap::new();
    for statement in migration.split(';') {
        let code: String =
            statement.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
        let Some((head, body)) = code.trim().split_once('(') else { continue };
        let words: Vec<_> = head.split_whitespace().collect();
        let columns: BTreeSet<_> = match words.as_slice() {
            ["CREATE", "TABLE", _] => body
                .lines()
                .map(str::trim)
                .filter(|line| {
                    !line.is_empty()
                        && !line.starts_with(')')
                        && !line.starts_with("--")
                        && !line.starts_with("PRIMARY")
                        && !line.starts_with("UNIQUE")
                })
                // The one name for 64 bits that SQLite needs where a number is the row's own place.
                .map(|line| line.trim_end_matches(',').replace(" INTEGER ", " BIGINT "))
                .collect(),
            // A table of SQLite's full-text search has names alone, and its number without being told.
            ["CREATE", "VIRTUAL", "TABLE", _, "USING", "fts5"] => body
                .split(',')
                .filter(|part| !part.contains('='))
                .map(|part| format!("{} TEXT", part.split_whitespace().next().unwrap()))
                .chain(["rowid BIGINT".to_owned()])
                .collect(),
            _ => continue,
        };
        let name = words[words.iter().position(|word| *word == "TABLE").unwrap() + 1];
        tables.insert(name.to_owned(), columns);
    }
    tables
}

/// Names and types, without what only one of them can say.
fn plain(columns: &BTreeSet<String>) -> BTreeSet<String> {
    columns.iter().map(|column| column.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |engine: &str| -> BTreeSet<_> {
        std::fs::read_dir(folder.join(engine))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for name in names("sqlite") {
        let read = |engine: &str| tables(&std::fs::read_to_string(folder.join(engine).join(&name)).unwrap());
        let (sqlite, postgres) = (read("sqlite"), read("postgres"));
        assert!(sqlite.len() > 20, "the tables were found: {:?}", sqlite.keys());
        assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
        for (table, columns) in &sqlite {
            assert_eq!(plain(columns), plain(&postgres[table]), "{table}");
            if !table.ends_with("_words") {
                assert_eq!(columns, &postgres[table], "{table}");
            }
        }
    }
}
