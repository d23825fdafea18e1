//! Best and last pointers: a link, a text file with a path or a tag, JSON, or the checkpoint once more under another
//! name. Writers note paths from where they were started, so only the last part of one is looked for.

use super::Files;
use crate::model::{Checkpoint, Direction, Finding, Marker, MarkerKind};

/// Of equal values, which is the better one?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    Older,
    Newer,
}

/// The last part of a path as any system writes it.
pub(super) fn last_part(says: &str) -> &str {
    says.trim().trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The checkpoint that `says` names.
pub(super) fn named<'c>(checkpoints: &'c [Checkpoint], says: &str) -> Option<&'c Checkpoint> {
    let name = last_part(says);
    checkpoints.iter().find(|checkpoint| checkpoint.name == name)
}

/// What the text file or symbolic link called `name` in `folder` says: its path, and the words.
pub(super) fn said(files: &Files<'_>, folder: &str, name: &str) -> Option<(String, String)> {
    if let Some(index) = files.child(folder, name) {
        let text = files.text(index)?.trim();
        return (!text.is_empty() && !text.contains('\n')).then(|| (files.path(index).to_owned(), text.to_owned()));
    }
    let link = files.links_in(folder).iter().find(|(path, _)| last_part(path) == name)?;
    Some((link.0.to_owned(), link.1.to_owned()))
}

/// A pointer in `file`. `expected` is what the metrics or the steps say, when that can be told.
pub(super) fn pointer(
    kind: MarkerKind,
    (file, says): (&str, &str),
    checkpoints: &[Checkpoint],
    expected: Option<&Checkpoint>,
) -> Marker {
    let found = named(checkpoints, says);
    let agrees = found.zip(expected).map(|(found, expected)| found.path == expected.path);
    let checkpoint = found.map(|found| found.name.clone());
    Marker { kind, file: Some(file.to_owned()), says: says.to_owned(), checkpoint, agrees }
}

/// What is wrong with a pointer: it leads nowhere, or not where `rule` leads.
pub(super) fn check(marker: &Marker, expected: Option<&Checkpoint>, rule: &str) -> Option<Finding> {
    let (file, name) = (marker.file.as_deref()?, last_part(&marker.says));
    let finding = match (&marker.checkpoint, marker.agrees) {
        (None, _) => Finding::warning("marker-dangles", format!("names {name}, which is not there")),
        (Some(_), Some(false)) => {
            let expected = expected.map_or("another", |expected| expected.name.as_str());
            Finding::warning("marker-disagrees", format!("names {name}; {rule} it is {expected}"))
        }
        _ => return None,
    };
    Some(finding.in_file(file))
}

/// The checkpoint with the best of `value`; never one without, or with NaN. `checkpoints` are in order of time.
pub(super) fn best_of(
    checkpoints: &[Checkpoint],
    value: impl Fn(&Checkpoint) -> Option<f64>,
    direction: Direction,
    tie: Tie,
) -> Option<&Checkpoint> {
    let sign = match direction {
        Direction::Lower => 1.0,
        Direction::Higher => -1.0,
        Direction::Unknown => return None,
    };
    let ranked = checkpoints.iter().filter_map(|c| Some((value(c)? * sign, c))).filter(|(rank, _)| !rank.is_nan());
    let is_better = |next: f64, best: f64| next < best || (tie == Tie::Newer && next <= best);
    ranked.reduce(|best, next| if is_better(next.0, best.0) { next } else { best }).map(|(_, checkpoint)| checkpoint)
}

/// The value of the metric called `name`.
pub(super) fn metric(checkpoint: &Checkpoint, name: &str) -> Option<f64> {
    checkpoint.metrics.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value)
}

/// The last in order that has a number, when no other has the same.
pub(super) fn newest(checkpoints: &[Checkpoint]) -> Option<&Checkpoint> {
    let number = |c: &Checkpoint| c.step.map(|step| step as f64).or(c.epoch);
    let numbered = || checkpoints.iter().filter_map(|c| Some((number(c)?, c)));
    let (last, newest) = numbered().reduce(|last, next| if next.0 > last.0 { next } else { last })?;
    (numbered().filter(|(other, _)| *other >= last).count() == 1).then_some(newest)
}

/// A pointer to the newest, for writers that leave none.
pub(super) fn derived_last(checkpoints: &[Checkpoint]) -> Option<Marker> {
    let newest = newest(checkpoints)?;
    let what = if newest.step.is_some() { "step" } else { "epoch" };
    Some(Marker {
        kind: MarkerKind::Last,
        file: None,
        says: format!("largest {what} number"),
        checkpoint: Some(newest.name.clone()),
        agrees: Some(true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::members::empty_checkpoint;
    use crate::layout::testing::Pick;

    fn run(values: &[f64]) -> Vec<Checkpoint> {
        let one = |(at, value): (usize, &f64)| {
            let mut checkpoint = empty_checkpoint(&format!("r/epoch-{at}"));
            checkpoint.epoch = Some(at as f64);
            checkpoint.metrics = vec![("loss".to_owned(), *value)];
            checkpoint
        };
        values.iter().enumerate().map(one).collect()
    }

    #[test]
    fn ties_go_as_the_writer_lets_them() {
        let checkpoints = run(&[f64::NAN, 0.5, 0.25, 0.25]);
        let best = |direction, tie| Some(best_of(&checkpoints, |c| metric(c, "loss"), direction, tie)?.name.clone());
        assert_eq!(best(Direction::Lower, Tie::Older).as_deref(), Some("epoch-2"));
        assert_eq!(best(Direction::Lower, Tie::Newer).as_deref(), Some("epoch-3"));
        assert_eq!(best(Direction::Higher, Tie::Newer).as_deref(), Some("epoch-1"));
        assert_eq!(best(Direction::Unknown, Tie::Newer), None);
        assert_eq!(newest(&checkpoints).map(|c| c.name.as_str()), Some("epoch-3"));
    }

    #[test]
    fn a_pointer_is_followed_by_its_last_part_only() {
        let checkpoints = run(&[0.5, 0.25]);
        let mut pick = Pick::default().text("r/last", "/home/me/out/epoch-1/\n").link("r/best", "..\\epoch-0");
        let files = pick.files();
        let last = said(&files, "r", "last").unwrap();
        assert_eq!((last.0.as_str(), last.1.as_str()), ("r/last", "/home/me/out/epoch-1/"));
        let marker = pointer(MarkerKind::Last, (&last.0, &last.1), &checkpoints, checkpoints.last());
        assert_eq!((marker.checkpoint.as_deref(), marker.agrees), (Some("epoch-1"), Some(true)));
        let best = said(&files, "r", "best").unwrap();
        let marker = pointer(MarkerKind::Best, (&best.0, &best.1), &checkpoints, checkpoints.last());
        assert_eq!((marker.checkpoint.as_deref(), marker.agrees), (Some("epoch-0"), Some(false)));
        let said = check(&marker, checkpoints.last(), "by loss").unwrap().message;
        assert_eq!(said, "names epoch-0; by loss it is epoch-1");
        let gone = pointer(MarkerKind::Best, ("r/best", "epoch-7"), &checkpoints, None);
        assert_eq!((check(&gone, None, "").unwrap().code.as_str(), gone.agrees), ("marker-dangles", None));
    }
}
