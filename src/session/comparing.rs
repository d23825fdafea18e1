//! The comparison page: which two, with what tolerance, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use super::selection::{best_or_last, marked};
use super::{ActivityId, Command, Looked, Session, Weighing};
pub use crate::diff::Tolerance;
use crate::diff::{Comparison, Side, compare, patch_of_configs};
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
    /// Tensors of b that the user does not hold for renamed ones of a.
    pub rejected: BTreeSet<String>,
    /// Whether what the optimizers remember is compared too.
    pub with_optimizer: bool,
    /// Addresses of two files that a link wants to have compared, until they are.
    pub(super) linked: Vec<String>,
    /// The result; `None` until asked for.
    pub result: Option<Comparison>,
    /// The comparison of values; `None` until asked for.
    pub weighing: Option<Weighing>,
    /// The tensor whose difference is looked at.
    pub looked: Option<Looked>,
    /// Grows whenever the result is another.
    pub revision: u64,
}

impl Comparing {
    pub(super) fn revise(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    pub(super) fn forget(&mut self) {
        *self = Self {
            tolerance: self.tolerance,
            with_optimizer: self.with_optimizer,
            directions: std::mem::take(&mut self.directions),
            revision: self.revision.wrapping_add(1),
            ..Self::default()
        };
    }
}

impl Session {
    /// Chooses the two checkpoints; a result about others is dropped, and work on it stopped.
    pub fn choose_comparison(&mut self, a: Option<String>, b: Option<String>) -> Vec<Command> {
        if (&self.comparing.a, &self.comparing.b) == (&a, &b) {
            return Vec::new();
        }
        let commands = self.drop_comparison();
        (self.comparing.a, self.comparing.b) = (a, b);
        self.comparing.rejected.clear();
        commands
    }

    fn drop_comparison(&mut self) -> Vec<Command> {
        let mut commands = self.cancel(ActivityId::Weigh);
        commands.extend(self.cancel(ActivityId::Deltas));
        (self.comparing.result, self.comparing.weighing, self.comparing.looked) = (None, None, None);
        self.comparing.revise();
        commands
    }

    /// Compares the chosen two: at once what is known of them, and then their values, unless those are far away.
    pub fn compare(&mut self) -> Vec<Command> {
        let (Some(a), Some(b)) = (self.comparing.a.clone(), self.comparing.b.clone()) else { return Vec::new() };
        let mut commands = self.drop_comparison();
        self.comparing.result = self.compared(&a, &b);
        self.comparing.revise();
        if self.is_weighing_cheap() {
            commands.extend(self.weigh());
        } else {
            self.finished = self.finished.saturating_add(1);
        }
        commands
    }

    /// Whether a tensor of b is held for a renamed one of a, where a rule says so; compares again.
    pub fn accept_renaming(&mut self, name: &str, is_accepted: bool) -> Vec<Command> {
        if is_accepted {
            self.comparing.rejected.remove(name);
        } else {
            self.comparing.rejected.insert(name.to_owned());
        }
        if self.comparing.result.is_some() { self.compare() } else { Vec::new() }
    }

    /// Whether what the optimizers remember is compared too; values that were compared are compared again.
    pub fn set_with_optimizer(&mut self, is_wanted: bool) -> Vec<Command> {
        self.comparing.with_optimizer = is_wanted;
        if self.comparing.weighing.is_some() { self.weigh() } else { Vec::new() }
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
            self.comparing.revise();
            self.attach_weights();
        }
    }

    /// What makes b's configuration of a's, as a JSON Patch (RFC 6902); `None` without two configurations.
    pub fn config_patch(&self) -> Option<String> {
        let shown = self.comparing.result.as_ref()?;
        patch_of_configs(self.side(&shown.a)?, self.side(&shown.b)?)
    }

    fn side(&self, path: &str) -> Option<Side<'_>> {
        let found = self.checkpoint_at(path)?;
        Some(Side { opened: found.opened, checkpoint: found.checkpoint, shared: &found.run.files })
    }

    fn compared(&self, a: &str, b: &str) -> Option<Comparison> {
        let (a, b) = (self.side(a)?, self.side(b)?);
        let Comparing { tolerance, rejected, .. } = &self.comparing;
        Some(compare(a, b, |metric| self.direction(metric), *tolerance, rejected))
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
        let is_chosen = exists(&self.comparing.a) && exists(&self.comparing.b);
        if is_chosen && (self.comparing.a != self.comparing.b || self.comparing.result.is_some()) {
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
            // Nothing is compared any more: what was chosen is gone.
            drop(self.choose_comparison(Some(a), Some(b)));
        }
    }
}
