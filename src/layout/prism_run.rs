//! prism (`omriwen/PRISM`, run at d28c77c): a run folder with one `checkpoint.pt` that each sample overwrites, beside
//! `args.pt`, `args.txt`, `config.yaml` and `sample_points.pt`; `best_checkpoint.pt` from `prism.utils.io`.
//!
//! Metrics are one-dimensional tensors inside, one value a sample: the last is the final one. `config.yaml` is written
//! before defaults are resolved and can contradict the arguments.

use super::markers::{self, Tie};
use super::members::{checkpoint_order, claim_members, empty_checkpoint, empty_run, note_non_finite, same_content};
use super::{Files, Layout, dict, direction, resume, role_of_name};
use crate::model::{Checkpoint, Direction, Finding, Marker, MarkerKind, Role, Run, Value, order_by};

/// The layout.
pub struct PrismRun;

const WEIGHTS: &[&str] = &["checkpoint.pt", "best_checkpoint.pt"];
/// Documents of the arguments, the resolved ones first.
const CONFIG: &[&str] = &["args.pt", "args.txt", "config.yaml"];

impl Layout for PrismRun {
    fn id(&self) -> &'static str {
        "prism_run"
    }

    fn name(&self) -> &'static str {
        "prism run"
    }

    fn signature(&self) -> &'static str {
        "`args.pt` beside `checkpoint.pt`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let has_args = |files: &Files<'_>, folder: &str| files.child(folder, "args.pt").is_some();
        let has_weights =
            |files: &Files<'_>, folder: &str| WEIGHTS.iter().any(|name| files.child(folder, name).is_some());
        let folders = files.folders().into_iter();
        let ours: Vec<&str> = folders.filter(|folder| has_args(files, folder) && has_weights(files, folder)).collect();
        ours.into_iter().map(|folder| run(files, self.id(), folder)).collect()
    }
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str) -> Run {
    let has_points = files.child(folder, "sample_points.pt").is_some();
    let evidence =
        if has_points { "args.pt and sample_points.pt beside checkpoint.pt" } else { "args.pt beside checkpoint.pt" };
    let mut run = empty_run(layout, folder, evidence);
    let weights: Vec<usize> = WEIGHTS.iter().filter_map(|name| files.child(folder, name)).collect();
    let config: Vec<String> =
        CONFIG.iter().filter_map(|name| files.child(folder, name)).map(|at| files.path(at).to_owned()).collect();
    run.findings.extend(contradictions(files, folder));
    for &at in &weights {
        let checkpoint = checkpoint(files, at, &config);
        note_non_finite(&checkpoint, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let names = run.checkpoints.iter().flat_map(|c| &c.metrics).map(|(name, _)| name.clone());
    run.best_metric = names.into_iter().find(|name| direction(name) != Direction::Unknown);
    run.markers = point(files, &weights, &run);
    run.rule = Some("keeps the newest sample only, in place; best_checkpoint.pt when its caller says so".to_owned());
    let beside: Vec<usize> = files.in_folder(folder).to_vec();
    let beside: Vec<usize> =
        beside.into_iter().filter(|&at| !folder.is_empty() || role(files.name(at)) != Role::Other).collect();
    run.files = claim_members(files, &beside, |_, name| role(name));
    run
}

fn role(name: &str) -> Role {
    match name {
        "args.pt" | "args.txt" => Role::Config,
        "sample_points.pt" | "profile.pt" => Role::Extra,
        _ => role_of_name(name),
    }
}

fn checkpoint(files: &mut Files<'_>, at: usize, config: &[String]) -> Checkpoint {
    let path = files.path(at);
    let mut checkpoint = empty_checkpoint(path);
    if let Some(dict) = files.document(at) {
        checkpoint.step = dict::step(dict).or_else(|| dict::whole(dict.get("last_center_idx")?));
        checkpoint.epoch = dict::epoch(dict);
        checkpoint.metrics = dict::metrics(dict);
        // Times and rates are series too, but measure nothing of quality.
        checkpoint
            .metrics
            .retain(|(name, _)| !matches!(name.as_str(), "sample_times" | "lr_history" | "failed_samples"));
    }
    let has_metrics = !checkpoint.metrics.is_empty();
    checkpoint.metrics_from = has_metrics.then(|| path.to_owned());
    checkpoint.config = config.to_vec();
    checkpoint.files = claim_members(files, &[at], |_, _| Role::Model);
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
    checkpoint
}

fn point(files: &Files<'_>, weights: &[usize], run: &Run) -> Vec<Marker> {
    let path = |name: &str| weights.iter().copied().find(|&at| files.name(at) == name);
    let (newest, best) = (path("checkpoint.pt"), path("best_checkpoint.pt"));
    let last = newest.map(|at| {
        let agrees = markers::newest(&run.checkpoints).map(|newest| newest.path == files.path(at));
        own(MarkerKind::Last, files.path(at), "overwritten by each sample", agrees)
    });
    let metric = run.best_metric.as_deref();
    let expected = metric.and_then(|metric| {
        markers::best_of(&run.checkpoints, |c| markers::metric(c, metric), direction(metric), Tie::Older)
    });
    let best = best.map(|at| {
        // Just saved as both, they hold the same.
        let is_same = newest.is_some_and(|newest| same_content(files, newest, at));
        let agrees = expected.map(|expected| is_same || expected.path == files.path(at));
        own(MarkerKind::Best, files.path(at), "the best so far, as its caller judged", agrees)
    });
    best.into_iter().chain(last).collect()
}

/// A file that is its own pointer.
fn own(kind: MarkerKind, path: &str, says: &str, agrees: Option<bool>) -> Marker {
    let checkpoint = Some(crate::model::base_name(path).to_owned());
    Marker { kind, file: Some(path.to_owned()), says: says.to_owned(), checkpoint, agrees }
}

/// Keys of the configuration's sections that the arguments give another value.
fn contradictions(files: &Files<'_>, folder: &str) -> Vec<Finding> {
    let (Some(config), Some(args)) = (files.child(folder, "config.yaml"), files.child_document(folder, "args.pt"))
    else {
        return Vec::new();
    };
    let sections = files.document(config).and_then(Value::pairs).unwrap_or_default();
    let pairs = sections.iter().flat_map(|(_, section)| section.pairs().unwrap_or_default());
    let differ = pairs.filter_map(|(key, told)| {
        let used = args.get(key)?;
        let (told, used) = (told.text()?, used.text()?);
        let message = format!("says {key} {told}, the arguments that were used say {used}");
        (told != used).then(|| Finding::note("config-disagrees", message).in_file(files.path(config)))
    });
    differ.collect()
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, told, torch};

    const SERIES: &str = r#"{"__class__": "torch.Tensor", "shape": [2], "values": [0.5, 0.25]}"#;

    #[test]
    fn the_ends_of_the_series_are_the_metrics() {
        let dict = format!(
            r#"{{"model": {{"a": "tensor"}}, "optimizer": {{"b": "tensor"}}, "last_center_idx": 5, "losses": {SERIES},
                 "sample_times": [1, 2], "args_dict": {{"lr": 1}}}}"#
        );
        let mut pick = Pick::default()
            .file("runs/a/checkpoint.pt", torch(&dict))
            .file("runs/a/best_checkpoint.pt", torch(&dict))
            .file("runs/a/args.pt", torch(r#"{"pattern_fn": "builtin:fermat"}"#))
            .file("runs/a/sample_points.pt", torch(r#"{"centers": "tensor"}"#))
            .json("runs/a/config.yaml", r#"{"telescope": {"pattern_fn": "builtin:random"}}"#)
            .other("runs/a/training.log");
        let run = pick.run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("prism_run", "runs/a"));
        let last = run.checkpoints.iter().find(|checkpoint| checkpoint.name == "checkpoint.pt").unwrap();
        assert_eq!((last.step, last.metrics.as_slice()), (Some(5), [("losses".to_owned(), 0.25)].as_slice()));
        assert_eq!((last.resume.ready, last.config.len()), (true, 2));
        assert_eq!(told(&run.findings), ["config-disagrees runs/a/config.yaml"]);
        assert_eq!(roles(&run.files), "args.pt=config config.yaml=config sample_points.pt=extra training.log=other");
        assert_eq!(run.markers[0].agrees, Some(true));
    }

    #[test]
    fn the_documented_manager_pads_to_four_digits() {
        let dict = torch(r#"{"model": {"a": "tensor"}, "epoch": 80}"#);
        let run = Pick::default().file("d/checkpoint_epoch_0080.pt", dict).run();
        assert_eq!((run.layout.as_str(), run.checkpoints[0].epoch), ("prism_manager", Some(80.0)));
    }
}
