//! Best and last by the writer's own rules: nothing on disk says them.

use super::series::{Found, Saved};
use crate::layout::direction;
use crate::layout::members::last_by_step;
use crate::model::{Checkpoint, Direction, Finding, Marker, MarkerKind, Run};

/// The metric is an argument of the writer's constructor, which it never writes down: its trainers' names come first.
const USUAL: &[&str] = &["eval_loss", "val_loss", "loss"];

/// Adds the markers and the metric that the run is judged by.
pub(super) fn derive(found: &[Found], run: &mut Run) {
    // The manager sees what is named by step; a save by hand or a killed one it does not.
    let seen = found.iter().filter(|found| matches!(found.saved, Saved::Step(_) | Saved::Prefix(_)));
    let seen: Vec<&Checkpoint> = seen.map(|found| &found.checkpoint).collect();
    let metric = metric(&seen);
    let best = metric.as_deref().and_then(|metric| best(&seen, metric));
    let last = last_by_step(&seen);
    if let Some(finding) = metric.as_deref().and_then(|metric| unsortable(&seen, metric)) {
        run.findings.push(finding);
    }
    run.best_metric = metric;
    run.markers = best.into_iter().chain(last).collect();
}

fn metric(seen: &[&Checkpoint]) -> Option<String> {
    let has = |name: &str| seen.iter().any(|checkpoint| value(checkpoint, name).is_some());
    let usual = USUAL.iter().find(|name| has(name)).map(|name| (*name).to_owned());
    usual.or_else(|| {
        let names = || seen.iter().flat_map(|checkpoint| &checkpoint.metrics).map(|(name, _)| name);
        names().find(|name| direction(name) != Direction::Unknown).or_else(|| names().next()).cloned()
    })
}

fn value(checkpoint: &Checkpoint, metric: &str) -> Option<f64> {
    checkpoint.metrics.iter().find(|(name, _)| name == metric).map(|(_, value)| *value)
}

/// Lowest or highest, the lower step first on a tie; never NaN. Checkpoints come in order of step.
fn best(seen: &[&Checkpoint], metric: &str) -> Option<Marker> {
    let (word, sign) = match direction(metric) {
        Direction::Lower => ("lowest", 1.0),
        Direction::Higher => ("highest", -1.0),
        Direction::Unknown => return None,
    };
    let ranked = seen.iter().filter_map(|checkpoint| Some((value(checkpoint, metric)? * sign, checkpoint)));
    let ranked = ranked.filter(|(rank, _)| !rank.is_nan());
    let (_, first) = ranked.reduce(|best, next| if next.0 < best.0 { next } else { best })?;
    let decidable = unsortable(seen, metric).is_none();
    Some(Marker {
        kind: MarkerKind::Best,
        file: None,
        says: format!("{word} {metric}, the lower step on a tie"),
        checkpoint: Some(first.name.clone()),
        agrees: decidable.then_some(true),
    })
}

/// Python's sort gives no order once a NaN is in the list: the writer may then keep and load any checkpoint as best.
fn unsortable(seen: &[&Checkpoint], metric: &str) -> Option<Finding> {
    let broken = seen.iter().find(|checkpoint| value(checkpoint, metric).is_some_and(f64::is_nan))?;
    let message = format!(
        "{metric} of {} is NaN: the writer's own choice of best checkpoints is then unreliable, and with it what it keeps",
        broken.name
    );
    let file = broken.metrics_from.as_deref().unwrap_or(&broken.path);
    Some(Finding::warning("best-unreliable", message).in_file(file))
}
