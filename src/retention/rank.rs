//! Orders of the checkpoints of a run: by age and by a metric.

use std::cmp::Ordering;

use super::Mode;
use crate::model::{Checkpoint, natural_cmp, order_by};

/// Where a checkpoint stands by the policy's metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Standing {
    /// Its rank, from 1.
    Ranked(u64),
    /// Its value is NaN or infinite: it is never best.
    NotFinite(f64),
    /// It does not have the metric.
    Missing,
}

/// By step, epoch, then natural order of names: the oldest first.
pub(super) fn by_age(a: &Checkpoint, b: &Checkpoint) -> Ordering {
    let epoch = |checkpoint: &Checkpoint| checkpoint.epoch.unwrap_or(f64::NEG_INFINITY);
    a.step
        .cmp(&b.step)
        .then_with(|| epoch(a).total_cmp(&epoch(b)))
        .then_with(|| natural_cmp(&a.name, &b.name))
        .then_with(|| natural_cmp(&a.path, &b.path))
}

/// Indexes of the checkpoints, the newest first. Those without step and epoch are left out when others have one: their
/// age is not known. When none has, their names tell.
pub(super) fn newest_first(checkpoints: &[Checkpoint]) -> Vec<usize> {
    let is_dated = |checkpoint: &Checkpoint| checkpoint.step.is_some() || checkpoint.epoch.is_some();
    let any_dated = checkpoints.iter().any(is_dated);
    let mut dated: Vec<_> =
        checkpoints.iter().enumerate().filter(|(_, checkpoint)| !any_dated || is_dated(checkpoint)).collect();
    order_by(&mut dated, |(_, a), (_, b)| by_age(b, a));
    dated.into_iter().map(|(index, _)| index).collect()
}

/// The standing of each checkpoint by `metric`. Of two equal values the older checkpoint is better, as most writers
/// have it.
pub(super) fn standings(checkpoints: &[Checkpoint], metric: &str, mode: Mode) -> Vec<Standing> {
    let value = |checkpoint: &Checkpoint| {
        checkpoint.metrics.iter().rev().find(|(name, _)| name == metric).map(|(_, value)| *value)
    };
    let mut standings: Vec<_> =
        checkpoints.iter().map(|checkpoint| value(checkpoint).map_or(Standing::Missing, Standing::NotFinite)).collect();
    let mut finite: Vec<_> = checkpoints
        .iter()
        .zip(&mut standings)
        .filter_map(|(checkpoint, standing)| match *standing {
            Standing::NotFinite(value) if value.is_finite() => Some((value, checkpoint, standing)),
            _ => None,
        })
        .collect();
    order_by(&mut finite, |(x, a, _), (y, b, _)| {
        let order = if mode == Mode::Min { x.partial_cmp(y) } else { y.partial_cmp(x) };
        order.unwrap_or(Ordering::Equal).then_with(|| by_age(a, b))
    });
    for (rank, (_, _, standing)) in (1..).zip(finite) {
        *standing = Standing::Ranked(rank);
    }
    standings
}
