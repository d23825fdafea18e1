//! What all rows come to, in a sentence.

use super::{ModuleRow, WeightRow, roll_up, total};
use crate::model::{Finding, keyed};
use crate::words;

/// What comparing values does not show.
pub const NOT_PROVED: &str = "This says how far the numbers moved. It does not say whether the model became better, or which of \
the changes matters.";

/// The finding of a comparison that was stopped.
pub const STOPPED: &str = "weights-stopped";

/// Names told of modules that changed.
const NAMED: usize = 3;
/// Tensors that a finding each is made of.
const TOLD: usize = 100;

/// What changed: "Only `lm_head` and 2 of 24 blocks changed; the weights moved 0.3 %".
pub fn sentence(rows: &[WeightRow]) -> String {
    let compared = rows.iter().filter(|row| row.was_compared()).count();
    let changed = rows.iter().filter(|row| row.was_compared() && !row.equal).count();
    let not_compared = match rows.len().saturating_sub(compared) {
        0 => String::new(),
        rest => format!("; {} could not be compared", words::plural(rest as u64, "tensor")),
    };
    if rows.is_empty() {
        return "No tensor is on both sides".to_owned();
    }
    if changed == 0 {
        let all = words::plural(compared as u64, "tensor");
        return format!("{all} compared, every bit the same{}{not_compared}", by_digest(rows));
    }
    let modules = roll_up(rows);
    let is_all = modules.iter().all(|module| module.changed > 0);
    let what = if is_all { "Every module".to_owned() } else { format!("Only {}", changed_modules(&modules)) };
    format!("{what} changed{}{}{not_compared}", moved(rows), by_digest(rows))
}

/// How many are equal by their digests: both sides of them were not read for it.
fn by_digest(rows: &[WeightRow]) -> String {
    match rows.iter().filter(|row| row.known_by().is_some()).count() {
        0 => String::new(),
        known => format!("; {} equal by digest", words::plural(known as u64, "tensor")),
    }
}

/// The sentence of a comparison; when it was stopped, of how much of it.
pub(in crate::diff) fn sentence_of(rows: &[WeightRow], findings: &[Finding]) -> String {
    let told = sentence(rows);
    let Some(stopped) = findings.iter().find(|finding| finding.code == STOPPED) else { return told };
    let lower = |text: &str| text.chars().take(1).flat_map(char::to_lowercase).chain(text.chars().skip(1)).collect();
    let (how, told): (String, String) = (stopped.message.clone(), lower(&told));
    let how = how.replacen("stopped", "Stopped", 1);
    if rows.is_empty() { how } else { format!("{how}. Of these: {told}") }
}

/// Layers with a number are told by how many of their kind, the others by name.
fn changed_modules(modules: &[ModuleRow]) -> String {
    let mut families = keyed(modules.iter().filter_map(|module| Some((family(&module.name)?, (0_u64, 0_u64)))));
    let mut single: Vec<&str> = Vec::new();
    for module in modules {
        match family(&module.name).and_then(|name| families.get_mut(name)) {
            Some((changed, all)) => {
                *all = all.saturating_add(1);
                *changed = changed.saturating_add(u64::from(module.changed > 0));
            }
            None if module.changed > 0 => single.push(&module.name),
            None => {}
        }
    }
    let mut told: Vec<String> = single.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if let Some(rest) = single.len().checked_sub(NAMED).filter(|rest| *rest > 0) {
        told.push(format!("{} more", words::count(rest as u64)));
    }
    for (name, (changed, all)) in families {
        if changed > 0 {
            told.push(format!("{} of {} {name}", words::count(changed), words::count(all)));
        }
    }
    match told.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// `blocks` of `blocks.3`.
fn family(module: &str) -> Option<&str> {
    let bare = module.trim_end_matches(|c: char| c.is_ascii_digit());
    (bare.len() < module.len() && bare.len() > 1).then(|| bare.trim_end_matches(['.', '/', '_']))
}

/// How far what can train moved.
fn moved(rows: &[WeightRow]) -> String {
    total(rows.iter())
        .relative_l2()
        .map_or_else(String::new, |share| format!("; the weights moved {}", words::percent(share)))
}

/// What of the comparison must not be overlooked: numbers that are not finite, tensors that were not compared.
pub fn findings(rows: &[WeightRow], file: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut more = 0_u64;
    for row in rows {
        let finding = match (&row.problem, row.specials()) {
            (Some(problem), _) => Finding::note("weights-not-compared", format!("{}: {problem}", row.name)),
            (None, 0) => continue,
            (None, _) => {
                let (a, b) = (&row.a, &row.b);
                Finding::warning(
                    "weights-not-finite",
                    format!(
                        "{}: {} NaN and {} infinite elements in A, {} and {} in B; the others were compared",
                        row.name, a.nan, a.infinite, b.nan, b.infinite
                    ),
                )
            }
        };
        if found.len() < TOLD {
            found.push(finding.in_file(file));
        } else {
            more = more.saturating_add(1);
        }
    }
    if more > 0 {
        let message = format!("{more} more tensors were not compared, or hold what is not finite");
        found.push(Finding::note("weights-findings-cut", message).in_file(file));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::EqualBy;
    use crate::model::Real;

    fn rows(changed: &[&str], same: &[&str]) -> Vec<WeightRow> {
        let row = |name: &&str, equal: bool| {
            let mut row = WeightRow { name: (*name).to_owned(), equal, l2: Some(Real(0.0)), ..WeightRow::default() };
            row.a.l2 = Some(Real(1.0));
            row.l2 = Some(Real(if equal { 0.0 } else { 0.01 }));
            row
        };
        changed.iter().map(|name| row(name, false)).chain(same.iter().map(|name| row(name, true))).collect()
    }

    #[test]
    fn what_changed_is_named_or_counted() {
        let found = sentence(&rows(&["lm_head.weight", "blocks.1.w", "blocks.7.w"], &["blocks.0.w", "embed.w"]));
        assert_eq!(found, "Only `lm_head` and 2 of 3 blocks changed; the weights moved 0.77\u{202f}%");
        let found = sentence(&rows(&["a.w", "b.w", "c.w", "d.w"], &["e.w"]));
        assert!(found.starts_with("Only `a`, `b`, `c` and 1 more changed"), "{found}");
        assert!(sentence(&rows(&["a.w", "h.0.w"], &[])).starts_with("Every module changed"));
        assert_eq!(sentence(&rows(&[], &["a", "b"])), "2\u{202f}tensors compared, every bit the same");
        assert_eq!(sentence(&[]), "No tensor is on both sides");
    }

    #[test]
    fn how_it_is_known_is_told() {
        let mut found = rows(&["lm_head.weight"], &["embed.w", "norm.w"]);
        found[1].equal_by = Some(EqualBy::TensorDigest);
        found[2].equal_by = Some(EqualBy::Bytes);
        assert!(sentence(&found).ends_with("; 1\u{202f}tensor equal by digest"), "{}", sentence(&found));
        found.remove(0);
        found[1].equal_by = Some(EqualBy::FileDigest);
        let expected = "2\u{202f}tensors compared, every bit the same; 2\u{202f}tensors equal by digest";
        assert_eq!(sentence(&found), expected);
    }

    #[test]
    fn what_a_generator_keeps_is_no_movement_of_weights() {
        let mut found = rows(&["head.w", "rng"], &[]);
        (found[0].a.dtype, found[1].a.dtype) = ("F32".into(), "U8".into());
        found[1].l2 = Some(Real(1000.0));
        assert_eq!(sentence(&found), "Every module changed; the weights moved 1\u{202f}%");
        found.remove(0);
        assert!(sentence(&found).ends_with("the weights moved 100\u{202f}000\u{202f}%"), "{}", sentence(&found));
    }

    #[test]
    fn what_was_stopped_is_not_told_as_all() {
        let found = rows(&["a.w"], &["b.w"]);
        let findings = [Finding::note(STOPPED, "stopped: 2 of 9 tensors were compared")];
        let expected =
            "Stopped: 2 of 9 tensors were compared. Of these: only `a` changed; the weights moved 0.71\u{202f}%";
        assert_eq!(sentence_of(&found, &findings), expected);
        assert_eq!(sentence_of(&found, &[]), sentence(&found));
    }

    #[test]
    fn what_was_not_compared_is_never_the_same() {
        let mut found = rows(&[], &["a"]);
        found.push(WeightRow { name: "b".into(), problem: Some("other shapes".into()), ..WeightRow::default() });
        assert_eq!(
            sentence(&found),
            "1\u{202f}tensor compared, every bit the same; 1\u{202f}tensor could not be compared"
        );
        let told = findings(&found, "x");
        assert_eq!((told.len(), told[0].message.as_str()), (1, "b: other shapes"));
    }

    #[test]
    fn what_is_not_finite_is_told() {
        let mut found = rows(&["a"], &[]);
        (found[0].a.nan, found[0].b.infinite) = (2, 1);
        let message = "a: 2 NaN and 0 infinite elements in A, 0 and 1 in B; the others were compared";
        assert_eq!(findings(&found, "x")[0].message, message);
    }
}
