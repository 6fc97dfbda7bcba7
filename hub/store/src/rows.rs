//! Many rows by few statements: `INSERT … VALUES ($1, $2), ($3, $4) …`.
//!
//! Values are bound, not sent as one JSON text that the database takes apart again: on SQLite that was a fifth of what a
//! message cost. The number of rows in a statement is a power of two, so that few texts exist and all stay prepared.
//! Such a statement has no other values.

use crate::db::Value;
use crate::dialect;
use crate::open::Engine;

/// Most rows of one statement.
const ROWS_AT_ONCE: usize = 64;

/// The rows in the order given, a statement's worth at a time: the text that stands after `VALUES`, and what it binds.
pub(crate) fn at_once<const N: usize>(
    engine: Engine,
    rows: Vec<[Value; N]>,
) -> impl Iterator<Item = (String, Vec<Value>)> {
    let mut left = rows.into_iter();
    std::iter::from_fn(move || {
        let count = largest(left.len())?;
        Some((values::<N>(engine, count), left.by_ref().take(count).flatten().collect()))
    })
}

/// The largest power of two that is not more than `left` and [`ROWS_AT_ONCE`].
fn largest(left: usize) -> Option<usize> {
    left.checked_ilog2().map(|power| (1 << power).min(ROWS_AT_ONCE))
}

fn values<const N: usize>(engine: Engine, rows: usize) -> String {
    let mut text = String::with_capacity(rows * N * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..N {
            text.push_str(if column == 0 { "" } else { ", " });
            dialect::next_value(engine, &mut text, row * N + column + 1);
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_in_one_statement_in_order() {
        let rows: Vec<[Value; 2]> = (0..ROWS_AT_ONCE as i64 + 3).map(|n| [n.into(), (-n).into()]).collect();
        let all: Vec<Value> = rows.iter().flatten().cloned().collect();
        let statements: Vec<_> = at_once(Engine::Postgres, rows).collect();
        assert_eq!(statements.iter().map(|(_, bound)| bound.len() / 2).collect::<Vec<_>>(), [ROWS_AT_ONCE, 2, 1]);
        assert_eq!(statements[1].0, "($1, $2), ($3, $4)");
        assert_eq!(statements.into_iter().flat_map(|(_, bound)| bound).collect::<Vec<_>>(), all);
    }

    #[test]
    fn sqlite_counts_by_itself() {
        let text = at_once(Engine::Sqlite, vec![[1.into(), 2.into()]; 2]).map(|(text, _)| text).collect::<Vec<_>>();
        assert_eq!(text, ["(?, ?), (?, ?)"]);
    }

    #[test]
    fn nothing_is_no_statement() {
        assert_eq!(at_once(Engine::Sqlite, Vec::<[Value; 3]>::new()).count(), 0);
    }
}
