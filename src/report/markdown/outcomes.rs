//! What was asked for: verification, comparison, retention.

use super::text::{escaped, json, or_dash, shape, word};
use super::{Page, Table};
use crate::diff::{
    ConfigRow, Form, HistoryRow, MetricRow, MomentRow, NOT_PROVED, SortBy, StructureRow, UpdateRow, UpdateSide,
    WeightRow, in_order, roll_up,
};
use crate::model::{Check, IntegrityVerdict, Real, Signature, SignatureKey, order_by_key};
use crate::report::Report;
use crate::retention::{Choice, Mode, Plan};
use crate::words;

pub(super) fn integrity(report: &Report<'_>, page: &mut Page) {
    verified(report, page);
    signatures(report.signatures, page);
}

fn signatures(signatures: &[Signature], page: &mut Page) {
    if signatures.is_empty() {
        return;
    }
    page.heading(3, "Signatures");
    let mut table = Table::new(&["Signed manifest", "Digests", "Signature", "Identity", "Key"], &[]);
    for row in signatures {
        table.row(|| {
            let key =
                |key: &SignatureKey| format!("{} {}, SHA-256 {}", key.curve, key.kind.replace('_', " "), key.sha256);
            let states = [&row.digests, &row.signature, &row.identity].map(|stated| word(stated).replace("\\_", " "));
            let [digests, signature, identity] = states;
            [escaped(&row.path), digests, signature, identity, or_dash(row.key.as_ref().map(key))]
        });
    }
    page.table(table);
}

fn verified(report: &Report<'_>, page: &mut Page) {
    page.heading(2, "Integrity");
    let Some(integrity) = report.integrity else {
        return page.paragraph("Nothing was verified.");
    };
    page.paragraph(match integrity.verdict {
        IntegrityVerdict::Verified => "Verified: every listed file is there and equal.",
        IntegrityVerdict::Failed => "Failed: something differs or is missing.",
        IntegrityVerdict::Incomplete => "Incomplete: stopped, or something could not be read.",
        IntegrityVerdict::Unverified => "Unverified: no manifest names any file.",
    });
    let mut checks: Vec<&Check> = integrity.entries.iter().collect();
    order_by_key(&mut checks, |check| check.status);
    let mut table = Table::new(&["Result", "File", "Manifest", "Expected", "Found"], &[]);
    for check in checks {
        table.row(|| {
            let text = |text: &Option<String>| or_dash(text.as_deref().map(escaped));
            let (file, manifest) = (escaped(&check.path), text(&check.manifest));
            [word(&check.status), file, manifest, text(&check.expected), text(&check.actual)]
        });
    }
    page.table(table);
}

pub(super) fn comparison(report: &Report<'_>, page: &mut Page) {
    page.heading(2, "Comparison");
    let Some(comparison) = report.comparison else {
        return page.paragraph("Nothing was compared.");
    };
    page.paragraph(&format!("A is {}, B is {}.", escaped(&comparison.a), escaped(&comparison.b)));
    part("Metrics", (!comparison.metrics.is_empty()).then(|| metrics(&comparison.metrics)), page);
    if let Some(verdict) = comparison.verdict {
        page.paragraph(&format!("{}.", verdict.words()));
    }
    if !comparison.history.is_empty() {
        part("History", Some(history(&comparison.history)), page);
    }
    part("Configuration", comparison.config.as_deref().map(config), page);
    part("Structure", comparison.structure.as_deref().map(structure), page);
    part("Weights", comparison.weights.as_deref().map(weights), page);
    if let Some(rows) = comparison.weights.as_deref().filter(|rows| !rows.is_empty()) {
        let told = comparison.weights_sentence().unwrap_or_default();
        page.paragraph(&format!("{}. {NOT_PROVED}", escaped(&told)));
        part("Weights by module", Some(modules(rows)), page);
    }
    if let Some(lora) = &comparison.lora {
        part("Adapter", Some(updates(&lora.modules)), page);
        page.paragraph(&format!("{}.", escaped(&lora.sentence())));
    }
    if let Some(rows) = &comparison.optimizer {
        part("Optimizer state", Some(moments(rows)), page);
    }
}

fn part(title: &str, table: Option<Table>, page: &mut Page) {
    page.heading(3, title);
    match table.map(Table::finish) {
        None => page.paragraph("Not compared."),
        Some(None) => page.paragraph("No difference."),
        Some(Some(table)) => page.paragraph(&table),
    }
}

fn number(value: Option<Real>, form: fn(f64) -> String) -> String {
    or_dash(value.map(|value| form(value.0)))
}

fn metrics(rows: &[MetricRow]) -> Table {
    let mut table = Table::new(&["Metric", "Verdict"], &["A", "B", "Change", "Relative"]);
    for row in rows {
        table.row(|| {
            [
                escaped(&row.name),
                word(&row.verdict),
                number(row.a, words::metric),
                number(row.b, words::metric),
                number(row.delta, words::signed),
                number(row.relative, words::signed_percent),
            ]
        });
    }
    table
}

/// Both at the last position that both have: what lies before is in the other report.
fn history(rows: &[HistoryRow]) -> Table {
    let mut table = Table::new(&["Metric", "At the last that both have"], &["A", "B", "B−A"]);
    for row in rows {
        table.row(|| {
            let both = row.at.iter().zip(row.a.iter().zip(&row.b)).rev();
            let found = both.filter_map(|(at, (a, b))| Some((at.0, (*a)?, (*b)?))).next();
            let at = found.map_or_else(String::new, |(at, ..)| format!("{} {}", row.along, words::metric(at)));
            let delta = found.map(|(_, a, b)| Real(b.0 - a.0));
            let (a, b) = (found.map(|found| found.1), found.map(|found| found.2));
            [
                escaped(&row.name),
                or_dash(found.map(|_| at)),
                number(a, words::metric),
                number(b, words::metric),
                number(delta, words::signed),
            ]
        });
    }
    table
}

fn config(rows: &[ConfigRow]) -> Table {
    let mut table = Table::new(&["Key", "Change", "A", "B"], &[]);
    for row in rows {
        table.row(|| {
            let (a, b) = (row.a.as_ref().map(json), row.b.as_ref().map(json));
            let path = row.from.as_ref().map_or_else(|| row.path.clone(), |from| format!("{from} → {}", row.path));
            [escaped(&path), word(&row.change), or_dash(a), or_dash(b)]
        });
    }
    table
}

fn structure(rows: &[StructureRow]) -> Table {
    let form = |form: &Option<Form>| {
        or_dash(form.as_ref().map(|form| format!("{} {}", escaped(&form.dtype), shape(&form.shape))))
    };
    let mut table = Table::new(&["Tensor", "Change", "A", "B"], &[]);
    for row in rows {
        let name = || row.from.as_ref().map_or_else(|| row.name.clone(), |from| format!("{from} → {}", row.name));
        table.row(|| [escaped(&name()), word(&row.change), form(&row.a), form(&row.b)]);
    }
    table
}

/// Only those that moved, the most changed first.
fn weights(rows: &[WeightRow]) -> Table {
    let mut table = Table::new(&["Tensor"], &["Largest change", "‖B−A‖", "Relative", "Cosine", "Changed"]);
    for row in in_order(rows, SortBy::Relative, true) {
        table.row(|| {
            let name = row.from.as_ref().map_or_else(|| row.name.clone(), |from| format!("{from} → {}", row.name));
            let why = row.problem.as_ref().map_or_else(String::new, |why| format!(" (not compared: {why})"));
            [
                escaped(&format!("{name}{why}")),
                number(row.max_abs, words::metric),
                number(row.l2, words::metric),
                number(row.relative_l2, words::percent),
                number(row.cosine, words::metric),
                number(row.changed_fraction, words::percent),
            ]
        });
    }
    table
}

/// Only modules that moved.
fn modules(rows: &[WeightRow]) -> Table {
    let mut table = Table::new(&["Module"], &["Tensors changed", "‖B−A‖", "Relative", "Largest change"]);
    for module in roll_up(rows).into_iter().filter(|module| module.changed > 0 || module.unknown > 0) {
        table.row(|| {
            [
                escaped(&module.name),
                format!("{} of {}", words::count(module.changed), words::count(module.tensors)),
                or_dash(module.l2.map(words::metric)),
                or_dash(module.relative_l2().map(words::percent)),
                number(module.max_abs, words::metric),
            ]
        });
    }
    table
}

/// What adapters add to the weights of each module.
fn updates(rows: &[UpdateRow]) -> Table {
    let columns = ["Rank A", "Rank B", "‖ΔW A‖", "‖ΔW B‖", "‖ΔW B − ΔW A‖", "Relative", "Cosine"];
    let mut table = Table::new(&["Module"], &columns);
    for row in rows {
        table.row(|| {
            let why = row.problem.as_ref().map_or_else(String::new, |why| format!(" (not worked out: {why})"));
            let rank = |side: &Option<UpdateSide>| or_dash(side.as_ref().and_then(|side| side.rank).map(words::count));
            let l2 = |side: &Option<UpdateSide>| number(side.as_ref().and_then(|side| side.l2), words::metric);
            [
                escaped(&format!("{}{why}", row.name)),
                rank(&row.a),
                rank(&row.b),
                l2(&row.a),
                l2(&row.b),
                number(row.l2, words::metric),
                number(row.relative_l2, words::percent),
                number(row.cosine, words::metric),
            ]
        });
    }
    table
}

/// Only what moved.
fn moments(rows: &[MomentRow]) -> Table {
    let mut table = Table::new(&["Tensor", "Is", "Of"], &["‖B−A‖", "Relative", "Cosine", "Changed"]);
    for moment in rows.iter().filter(|moment| !moment.row.equal) {
        table.row(|| {
            let row = &moment.row;
            let why = row.problem.as_ref().map_or_else(String::new, |why| format!(" (not compared: {why})"));
            let told = |text: &Option<String>| or_dash(text.as_deref().map(escaped));
            [
                escaped(&format!("{}{why}", row.name)),
                told(&moment.moment),
                told(&moment.parameter),
                number(row.l2, words::metric),
                number(row.relative_l2, words::percent),
                number(row.cosine, words::metric),
                number(row.changed_fraction, words::percent),
            ]
        });
    }
    table
}

pub(super) fn retention(report: &Report<'_>, page: &mut Page) {
    page.heading(2, "Retention");
    let Some(plan) = report.retention else {
        return page.paragraph("No plan was made.");
    };
    page.paragraph(&policy(plan));
    for note in &plan.notes {
        page.paragraph(&format!("Note: {}.", escaped(note)));
    }
    let mut table = Table::new(&["Checkpoint", "Plan", "Why"], &[]);
    let mut rows = |choices: &[Choice], what: &str| {
        for choice in choices {
            table.row(|| [escaped(&choice.path), what.to_owned(), escaped(&choice.reasons.join(", "))]);
        }
    };
    rows(&plan.keep, "keep");
    rows(&plan.drop, "drop");
    page.table(table);
}

fn policy(plan: &Plan) -> String {
    let best = match (&plan.policy.metric, plan.policy.mode) {
        (Some(metric), Mode::Min) => format!(" by lowest {}", escaped(metric)),
        (Some(metric), Mode::Max) => format!(" by highest {}", escaped(metric)),
        (None, _) => String::new(),
    };
    format!(
        "Keep the last {} and the best {}{best}: {} stay, {} would be freed. Nothing was deleted.",
        plan.policy.keep_last,
        plan.policy.keep_best,
        words::size(plan.bytes_kept),
        words::size(plan.bytes_freed),
    )
}
