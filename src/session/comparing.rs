//! The comparison page: which two, with what tolerance, and what came of it.

use std::collections::BTreeMap;

use super::Session;
use super::selection::{best_or_last, marked};
pub use crate::diff::Tolerance;
use crate::diff::{Comparison, Side, compare};
use crate::layout::direction;
use crate::model::{Direction, MarkerKind};

/// The comparison page.
#[derive(Debug, Clone, Default)]
pub struct Comparing {
    /// Path of the first checkpoint.
    pub a: Option<String>,
    /// Path of the second.
    pub b: Option<String>,
    /// What counts as equal.
    pub tolerance: Tolerance,
    /// Directions that the user set.
    pub directions: BTreeMap<String, Direction>,
    /// The result; `None` until asked for.
    pub result: Option<Comparison>,
}

impl Comparing {
    pub(super) fn forget(&mut self) {
        *self = Self { tolerance: self.tolerance, directions: std::mem::take(&mut self.directions), ..Self::default() };
    }
}

impl Session {
    /// Chooses the two checkpoints; a result about others is dropped.
    pub fn choose_comparison(&mut self, a: Option<String>, b: Option<String>) {
        if (&self.comparing.a, &self.comparing.b) != (&a, &b) {
            (self.comparing.a, self.comparing.b, self.comparing.result) = (a, b, None);
        }
    }

    /// Compares the chosen two.
    pub fn compare(&mut self) {
        let (Some(a), Some(b)) = (self.comparing.a.clone(), self.comparing.b.clone()) else { return };
        self.comparing.result = self.compared(&a, &b);
        self.finished = self.finished.saturating_add(1);
    }

    /// Changes what counts as equal, and compares again if there is a result.
    pub fn set_tolerance(&mut self, tolerance: Tolerance) {
        self.comparing.tolerance = tolerance;
        self.compare_again();
    }

    /// Sets whether lower is better for a metric, and compares again if there is a result.
    pub fn set_direction(&mut self, metric: &str, direction: Direction) {
        self.comparing.directions.insert(metric.to_owned(), direction);
        self.compare_again();
        self.replan();
    }

    fn compare_again(&mut self) {
        if let Some(shown) = &self.comparing.result {
            let (a, b) = (shown.a.clone(), shown.b.clone());
            self.comparing.result = self.compared(&a, &b);
        }
    }

    fn compared(&self, a: &str, b: &str) -> Option<Comparison> {
        let side = |path: &str| {
            let found = self.checkpoint_at(path)?;
            Some(Side { opened: found.opened, checkpoint: found.checkpoint })
        };
        let (a, b) = (side(a)?, side(b)?);
        Some(compare(a, b, |metric| self.direction(metric), self.comparing.tolerance))
    }

    /// Whether lower is better: what the user set, else what a layout knows, else what the name says.
    pub fn direction(&self, metric: &str) -> Direction {
        if let Some(set) = self.comparing.directions.get(metric) {
            return *set;
        }
        let runs = self.picks.iter().flat_map(|pick| &pick.opened.runs);
        let known = runs.flat_map(|run| &run.directions).find(|(name, _)| name == metric);
        known.map_or_else(|| direction(metric), |(_, direction)| *direction)
    }

    /// Best against last of the selected run, else the first two checkpoints there are.
    pub(super) fn suggest_comparison(&mut self) {
        let exists = |path: &Option<String>| path.as_ref().is_some_and(|path| self.checkpoint_at(path).is_some());
        if exists(&self.comparing.a) && exists(&self.comparing.b) {
            return;
        }
        let paths: Vec<String> = self.checkpoints().map(|found| found.checkpoint.path.clone()).collect();
        let in_run = self.selected_run().and_then(|(_, run)| {
            let (best, last) =
                (best_or_last(run)?, marked(run, MarkerKind::Last).or(run.checkpoints.len().checked_sub(1))?);
            let path = |at: usize| run.checkpoints.get(at).map(|checkpoint| checkpoint.path.clone());
            let other = if best == last { last.checked_sub(1)? } else { last };
            Some((path(best)?, path(other)?))
        });
        let fallback = || Some((paths.first()?.clone(), paths.get(1).or(paths.first())?.clone()));
        if let Some((a, b)) = in_run.or_else(fallback) {
            self.choose_comparison(Some(a), Some(b));
        }
    }
}
