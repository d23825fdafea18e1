//! Plans over hand-made runs.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::model::{Checkpoint, Marker, MarkerKind, Member, Resume, Role};

fn checkpoint(step: u64, loss: Option<f64>) -> Checkpoint {
    let path = format!("run/step_{step}");
    Checkpoint {
        name: format!("step_{step}"),
        files: vec![Member { path: format!("{path}/model.npz"), role: Role::Model }],
        path,
        step: Some(step),
        epoch: None,
        metrics: loss.map(|loss| ("loss".to_owned(), loss)).into_iter().collect(),
        metrics_from: None,
        resume: Resume::default(),
        config: Vec::new(),
    }
}

fn run(checkpoints: Vec<Checkpoint>) -> Run {
    Run {
        path: "run".into(),
        layout: "unknown".into(),
        evidence: String::new(),
        markers: Vec::new(),
        checkpoints,
        directions: Vec::new(),
        best_metric: None,
        rule: None,
        files: Vec::new(),
        findings: Vec::new(),
    }
}

fn marker(file: Option<&str>, target: &str) -> Marker {
    Marker {
        kind: MarkerKind::Best,
        file: file.map(str::to_owned),
        says: target.into(),
        checkpoint: Some(target.into()),
        agrees: None,
    }
}

fn policy(keep_last: u64, keep_best: u64) -> Policy {
    Policy { keep_last, keep_best, metric: Some("loss".into()), mode: Mode::Min }
}

fn told(choices: &[Choice]) -> Vec<String> {
    choices.iter().map(|choice| format!("{}: {}", base(&choice.path), choice.reasons.join(", "))).collect()
}

fn base(path: &str) -> &str {
    crate::model::base_name(path)
}

#[test]
fn the_last_and_the_best_are_kept_with_reasons() {
    let losses = [(100, 0.9), (200, 0.3), (300, 0.5), (400, 0.3), (900, 0.8), (1000, 0.7)];
    let mut run = run(losses.iter().map(|&(step, loss)| checkpoint(step, Some(loss))).collect());
    run.markers = vec![marker(Some("run/best.json"), "step_300"), marker(None, "step_100")];
    let plan = plan(&run, |_| 10, &policy(2, 2));
    let kept = [
        "step_200: best 1",
        "step_300: named by best.json",
        "step_400: best 2",
        "step_900: last 2",
        "step_1000: last 1",
    ];
    assert_eq!(told(&plan.keep), kept);
    assert_eq!(told(&plan.drop), ["step_100: not among the last 2, rank 6 of 6 by loss"]);
    assert_eq!((plan.bytes_kept, plan.bytes_freed, plan.notes.len()), (50, 10, 0));
}

#[test]
fn nan_infinite_and_missing_values_are_never_best() {
    let losses = [(1, Some(f64::NAN)), (2, None), (3, Some(f64::NEG_INFINITY)), (4, Some(0.5)), (5, Some(0.6))];
    let run = run(losses.iter().map(|&(step, loss)| checkpoint(step, loss)).collect());
    let plan = plan(&run, |_| 1, &policy(1, 4));
    assert_eq!(told(&plan.keep), ["step_4: best 1", "step_5: best 2, last 1"]);
    let dropped = [
        "step_1: not among the last 1, loss is NaN",
        "step_2: not among the last 1, has no loss",
        "step_3: not among the last 1, loss is -Infinity",
    ];
    assert_eq!(told(&plan.drop), dropped);
}

#[test]
fn higher_is_better_when_asked_and_ties_go_to_the_older() {
    let run = run([(1, 0.5), (2, 0.9), (3, 0.9), (4, 0.1)].map(|(step, loss)| checkpoint(step, Some(loss))).to_vec());
    let plan = plan(&run, |_| 1, &Policy { mode: Mode::Max, ..policy(1, 1) });
    assert_eq!(told(&plan.keep), ["step_2: best 1", "step_4: last 1"]);
}

#[test]
fn a_policy_that_keeps_nothing_keeps_the_newest_and_says_so() {
    let run = run(vec![checkpoint(9, Some(0.1)), checkpoint(10, Some(0.2))]);
    let plan = plan(&run, |_| 1, &policy(0, 0));
    assert_eq!(told(&plan.keep), ["step_10: newest"]);
    assert_eq!(told(&plan.drop), ["step_9: not the newest"]);
    assert_eq!(plan.notes, ["the newest checkpoint is always kept"]);
}

#[test]
fn a_metric_that_nobody_has_is_noted() {
    let run = run(vec![checkpoint(1, None), checkpoint(2, None)]);
    assert_eq!(plan(&run, |_| 1, &policy(1, 1)).notes, ["no checkpoint has a finite loss: none is kept as best"]);
}

#[test]
fn a_checkpoint_of_unknown_age_stays() {
    let mut last = checkpoint(3, None);
    (last.name, last.path, last.step) = ("final".into(), "run/final".into(), None);
    let plan = plan(&run(vec![checkpoint(1, None), checkpoint(2, None), last]), |_| 1, &policy(1, 0));
    assert_eq!(told(&plan.keep), ["final: no step or epoch tells its age", "step_2: last 1"]);
}

#[test]
fn names_tell_the_age_when_nothing_else_does() {
    let mut checkpoints = vec![checkpoint(9, None), checkpoint(10, None)];
    checkpoints.iter_mut().for_each(|checkpoint| checkpoint.step = None);
    assert_eq!(told(&plan(&run(checkpoints), |_| 1, &policy(1, 0)).keep), ["step_10: last 1"]);
}

#[test]
fn a_shared_file_is_not_freed() {
    let mut checkpoints: Vec<_> = (1..=3).map(|step| checkpoint(step, None)).collect();
    let shared = Member { path: "run/tokenizer.json".into(), role: Role::Tokenizer };
    checkpoints.iter_mut().for_each(|checkpoint| checkpoint.files.push(shared.clone()));
    let plan = plan(&run(checkpoints), |path| if path.ends_with("npz") { 10 } else { 1 }, &policy(1, 0));
    assert_eq!((plan.bytes_kept, plan.bytes_freed), (11, 20));
}

#[test]
fn the_suggestion_takes_the_runs_own_metric() {
    let direction = |name: &str| if name == "loss" { Direction::Lower } else { Direction::Higher };
    let mut run = run(vec![checkpoint(1, Some(0.5))]);
    assert_eq!(Policy::suggested(&run, direction), policy(3, 1));
    run.best_metric = Some("accuracy".into());
    assert_eq!(Policy::suggested(&run, direction).mode, Mode::Max);
}

fn any_checkpoint() -> impl Strategy<Value = (Option<u64>, Option<f64>, Option<f64>, bool)> {
    let epoch = prop::option::of((0_u8..5).prop_map(f64::from));
    let loss = prop::option::of(prop_oneof![(0_u8..4).prop_map(f64::from), Just(f64::NAN), Just(f64::INFINITY)]);
    (prop::option::of(0_u64..6), epoch, loss, any::<bool>())
}

proptest! {
    #[test]
    fn a_plan_is_whole_and_never_drops_what_must_stay(
        parts in prop::collection::vec(any_checkpoint(), 0..12), last in 0_u64..5, best in 0_u64..5,
    ) {
        let mut run = run(Vec::new());
        for (index, (step, epoch, loss, named)) in (0..).zip(parts) {
            let mut one = checkpoint(index, loss);
            (one.step, one.epoch) = (step, epoch);
            one.files.push(Member { path: format!("run/shared_{}", index % 3), role: Role::Other });
            run.markers.extend(named.then(|| marker(Some("run/best.json"), &one.name)));
            run.checkpoints.push(one);
        }
        let size = |path: &str| u64::try_from(path.len()).unwrap();
        let plan = plan(&run, size, &policy(last, best));
        let set = |choices: &[Choice]| choices.iter().map(|c| c.path.clone()).collect::<BTreeSet<_>>();
        let (keep, drop) = (set(&plan.keep), set(&plan.drop));
        prop_assert!(keep.is_disjoint(&drop));
        prop_assert_eq!(keep.union(&drop).count(), run.checkpoints.len());
        prop_assert!(plan.keep.iter().chain(&plan.drop).all(|choice| !choice.reasons.is_empty()));
        let mut named = run.markers.iter().filter_map(|marker| marker.checkpoint.as_ref());
        let all_named_stay = named.all(|name| keep.contains(&format!("run/{name}")));
        prop_assert!(all_named_stay);
        let newest = run.checkpoints.iter().max_by(|a, b| rank::by_age(a, b));
        prop_assert!(newest.is_none_or(|newest| keep.contains(&newest.path)));
        let files: BTreeSet<_> = run.checkpoints.iter().flat_map(|one| &one.files).map(|file| &file.path).collect();
        let total: u64 = files.iter().map(|path| size(path)).sum();
        prop_assert_eq!(plan.bytes_kept.checked_add(plan.bytes_freed), Some(total));
    }
}
