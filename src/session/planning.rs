//! The retention page: a policy, and what it would keep and drop of the selected run. Nothing is ever deleted.

use std::collections::HashMap;

use super::Session;
use crate::retention::{Plan, Policy, plan};

/// The retention page.
#[derive(Debug, Clone, Default)]
pub struct Planning {
    /// The policy: suggested for the selected run until the user sets one.
    pub policy: Option<Policy>,
    /// What it means for the selected run; `None` until asked for, or without checkpoints.
    pub plan: Option<Plan>,
    is_asked: bool,
}

impl Session {
    /// Sets the policy and plans.
    pub fn set_policy(&mut self, policy: Policy) {
        self.planning.policy = Some(policy);
        self.ask_for_plan();
    }

    /// Plans, with the policy suggested for the run if none was set.
    pub fn ask_for_plan(&mut self) {
        self.planning.is_asked = true;
        self.replan();
    }

    /// Metric names of the selected run, the one it is judged by first.
    pub fn retention_metrics(&self) -> Vec<String> {
        let Some((_, run)) = self.selected_run() else { return Vec::new() };
        let mut names: Vec<String> = run.best_metric.iter().cloned().collect();
        for (name, _) in run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.metrics) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    pub(super) fn replan(&mut self) {
        let metrics = self.retention_metrics();
        let is_known = |policy: &Policy| policy.metric.as_ref().is_none_or(|metric| metrics.contains(metric));
        let kept = self.planning.policy.take().filter(is_known);
        let suggested = || Some(Policy::suggested(self.selected_run()?.1, |metric| self.direction(metric)));
        let policy = kept.or_else(suggested);
        let planned = || {
            let (opened, run) = self.selected_run().filter(|(_, run)| !run.checkpoints.is_empty())?;
            let sizes: HashMap<&str, u64> =
                opened.entries.iter().map(|entry| (entry.path.as_str(), entry.size)).collect();
            Some(plan(run, |path| sizes.get(path).copied().unwrap_or(0), policy.as_ref()?))
        };
        let plan = if self.planning.is_asked { planned() } else { None };
        (self.planning.policy, self.planning.plan) = (policy, plan);
    }
}
