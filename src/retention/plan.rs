//! The plan itself.

use std::collections::BTreeSet;

use super::rank::{Standing, newest_first, standings};
use super::{Choice, Plan, Policy};
use crate::model::{Checkpoint, Real, Run, base_name, distinct, natural_cmp, order_by};

/// What `policy` means for the checkpoints of `run`; `size` says how many bytes the file at a path has.
///
/// Kept are the last N by step, epoch and name, the best K by the metric, every checkpoint that a best or last file of
/// the run names, every one whose age is not known, and always the newest. NaN and infinite values are never best; of
/// equal ones the older is. A file that a kept checkpoint or the run itself also uses is not freed.
pub fn plan(run: &Run, size: impl Fn(&str) -> u64, policy: &Policy) -> Plan {
    let facts = Facts::of(run, policy);
    let (mut keep, mut drop) = (Vec::new(), Vec::new());
    for (index, checkpoint) in run.checkpoints.iter().enumerate() {
        let reasons = facts.to_keep(index, checkpoint);
        if reasons.is_empty() {
            drop.push((checkpoint, facts.to_drop(index)));
        } else {
            keep.push((checkpoint, reasons));
        }
    }
    let kept = paths(keep.iter().map(|(checkpoint, _)| *checkpoint));
    let shared = distinct(run.files.iter().map(|member| member.path.as_str()));
    let (freed, stay): (BTreeSet<&str>, BTreeSet<&str>) = paths(drop.iter().map(|(checkpoint, _)| *checkpoint))
        .into_iter()
        .partition(|path| !kept.contains(path) && !shared.contains(path));
    let bytes = |paths: &mut dyn Iterator<Item = &&str>| paths.fold(0_u64, |sum, path| sum.saturating_add(size(path)));
    Plan {
        policy: policy.clone(),
        notes: facts.notes(run),
        bytes_kept: bytes(&mut kept.union(&stay)),
        bytes_freed: bytes(&mut freed.iter()),
        keep: choices(keep),
        drop: choices(drop),
    }
}

fn paths<'a>(checkpoints: impl Iterator<Item = &'a Checkpoint>) -> BTreeSet<&'a str> {
    distinct(checkpoints.flat_map(|checkpoint| &checkpoint.files).map(|member| member.path.as_str()))
}

fn choices(checkpoints: Vec<(&Checkpoint, Vec<String>)>) -> Vec<Choice> {
    let mut choices: Vec<_> = checkpoints
        .into_iter()
        .map(|(checkpoint, reasons)| Choice { path: checkpoint.path.clone(), reasons })
        .collect();
    order_by(&mut choices, |a, b| natural_cmp(&a.path, &b.path));
    choices
}

/// What is known of each checkpoint, by its index in the run.
struct Facts<'a> {
    policy: &'a Policy,
    /// Place among the dated ones, from 1 for the newest.
    ages: Vec<Option<u64>>,
    standings: Option<(&'a str, Vec<Standing>)>,
    ranked: u64,
    /// Name of a checkpoint, and the file that names it.
    named: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Facts<'a> {
    fn of(run: &'a Run, policy: &'a Policy) -> Self {
        let mut ages = vec![None; run.checkpoints.len()];
        for (age, index) in (1..).zip(newest_first(&run.checkpoints)) {
            if let Some(place) = ages.get_mut(index) {
                *place = Some(age);
            }
        }
        let metric = policy.metric.as_deref().filter(|_| policy.keep_best > 0);
        let standings = metric.map(|metric| (metric, standings(&run.checkpoints, metric, policy.mode)));
        let ranks = standings.iter().flat_map(|(_, standings)| standings);
        let ranked =
            ranks.filter(|standing| matches!(standing, Standing::Ranked(_))).fold(0_u64, |n, _| n.saturating_add(1));
        let named = run
            .markers
            .iter()
            .filter_map(|marker| Some((marker.checkpoint.as_deref()?, base_name(marker.file.as_deref()?))))
            .collect();
        Self { policy, ages, standings, ranked, named }
    }

    fn age(&self, index: usize) -> Option<u64> {
        self.ages.get(index).copied().flatten()
    }

    fn standing(&self, index: usize) -> Option<(&'a str, Standing)> {
        let (metric, standings) = self.standings.as_ref()?;
        Some((metric, standings.get(index).copied()?))
    }

    fn to_keep(&self, index: usize, checkpoint: &Checkpoint) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some((_, Standing::Ranked(rank))) = self.standing(index)
            && rank <= self.policy.keep_best
        {
            reasons.push(format!("best {rank}"));
        }
        match self.age(index) {
            Some(age) if age <= self.policy.keep_last => reasons.push(format!("last {age}")),
            Some(1) => reasons.push("newest".to_owned()),
            Some(_) => {}
            None => reasons.push("no step or epoch tells its age".to_owned()),
        }
        let files = self.named.iter().filter(|(name, _)| *name == checkpoint.name);
        reasons.extend(files.map(|(_, file)| format!("named by {file}")));
        reasons
    }

    fn to_drop(&self, index: usize) -> Vec<String> {
        let mut reasons = Vec::new();
        match self.policy.keep_last {
            0 => reasons.push("not the newest".to_owned()),
            last => reasons.push(format!("not among the last {last}")),
        }
        match self.standing(index) {
            Some((metric, Standing::Ranked(rank))) => {
                reasons.push(format!("rank {rank} of {} by {metric}", self.ranked));
            }
            Some((metric, Standing::NotFinite(value))) => {
                reasons.push(format!("{metric} is {}", Real(value).word().unwrap_or_default()));
            }
            Some((metric, Standing::Missing)) => reasons.push(format!("has no {metric}")),
            None => {}
        }
        reasons
    }

    fn notes(&self, run: &Run) -> Vec<String> {
        let mut notes = Vec::new();
        if run.checkpoints.is_empty() {
            return notes;
        }
        if self.policy.keep_last == 0 {
            notes.push("the newest checkpoint is always kept".to_owned());
        }
        match &self.standings {
            Some((metric, _)) if self.ranked == 0 => {
                notes.push(format!("no checkpoint has a finite {metric}: none is kept as best"));
            }
            None if self.policy.keep_best > 0 => notes.push("no metric is named: none is kept as best".to_owned()),
            _ => {}
        }
        notes
    }
}
