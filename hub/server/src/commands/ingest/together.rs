//! What of all that came is taken together: in one transaction of a hub, and in one ask of a process that runs a channel. Said
//! in one place, so that what belongs together passes both.

use std::iter::Peekable;

use switchboard_connector::{Happened, Incoming};

/// Things taken in one transaction: everybody else's writes wait for it.
const AT_ONCE: usize = 20;
/// The same where one thing is the words of a long report.
const REPORT_AT_ONCE: usize = 120;

/// The next that are taken together, in order; none when there are no more. Beyond `bytes` only one that has more alone, and
/// what belongs to the one before.
pub fn next(rest: &mut Peekable<impl Iterator<Item = Incoming>>, bytes: usize) -> Vec<Incoming> {
    let (mut together, mut taken) = (Vec::new(), 0_usize);
    while let Some(next) = rest.peek() {
        let more = bytes_of(next);
        let fits = together.is_empty() || together.len() < AT_ONCE && taken.saturating_add(more) <= bytes;
        // A report comes with what it has said.
        let is_said = matches!(together.last(), Some(Incoming { what: Happened::Progress(_), .. }));
        let belongs = is_said && together.len() < REPORT_AT_ONCE;
        if !(fits || belongs) {
            break;
        }
        taken = taken.saturating_add(more);
        together.extend(rest.next());
    }
    together
}

/// About as much as it takes when it is packed.
pub fn bytes_of(item: &Incoming) -> usize {
    match &item.what {
        Happened::Message(message) | Happened::Part { message, .. } => {
            let texts = [Some(&message.text), message.whole_text.as_ref(), message.html.as_ref()];
            let texts: usize = texts.into_iter().flatten().map(String::len).sum();
            texts + message.files.iter().map(|file| file.bytes.len()).sum::<usize>()
        }
        Happened::Edited { text, .. } => text.len(),
        Happened::Consent { .. } | Happened::Deleted { .. } | Happened::Progress(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use switchboard_connector::{Progress, Reached};

    use super::*;

    fn edited(text: &str) -> Incoming {
        let what = Happened::Edited { reference: "r".into(), text: text.into() };
        Incoming { key: "k".into(), at: 0, what }
    }

    fn word() -> Incoming {
        let progress = Progress { reference: "r".into(), recipient: None, reached: Reached::Delivered };
        Incoming { key: "k".into(), at: 0, what: Happened::Progress(progress) }
    }

    /// How many are taken together, one time after the other.
    fn cut(items: Vec<Incoming>, bytes: usize) -> Vec<usize> {
        let mut rest = items.into_iter().peekable();
        std::iter::from_fn(|| Some(next(&mut rest, bytes).len()).filter(|some| *some > 0)).collect()
    }

    #[test]
    fn a_report_is_taken_with_what_it_has_said_wherever_it_stands() {
        for before in [0, AT_ONCE - 2, AT_ONCE - 1] {
            let mut items: Vec<Incoming> = (0..before).map(|_| edited("a")).collect();
            items.extend([word(), word(), word(), edited("the report")]);
            assert_eq!(cut(items.clone(), usize::MAX), [before + 4], "{before}");
            // The bytes of the report itself count as little.
            assert_eq!(cut(items, before + 1), [before + 4], "{before}");
        }
        let many: Vec<Incoming> = (0..2 * AT_ONCE).map(|_| edited("a")).chain([word(), edited("b")]).collect();
        assert_eq!(cut(many, usize::MAX), [AT_ONCE, AT_ONCE, 2]);
        assert_eq!(cut((0..REPORT_AT_ONCE + 1).map(|_| word()).collect(), usize::MAX), [REPORT_AT_ONCE, 1]);
    }

    #[test]
    fn what_is_large_goes_alone() {
        assert_eq!(cut(vec![edited("abc"), edited("d"), edited("ef"), edited("g")], 2), [1, 1, 1, 1]);
        assert_eq!(cut(vec![edited("a"), edited("d"), edited("ef")], 2), [2, 1]);
    }
}
