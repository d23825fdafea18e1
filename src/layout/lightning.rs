//! PyTorch Lightning (2.6): `.ckpt` files whose dict names the version of Lightning, mostly in
//! `lightning_logs/version_N/checkpoints`, with `hparams.yaml` and `metrics.csv` one folder up.
//!
//! `ModelCheckpoint` keeps its own state in each file: the score of this one, and which was best so far.

use super::markers::{self, Tie};
use super::members::note_non_finite;
use super::numbered::{self, Convention};
use super::{Files, Layout, dict, direction, resume};
use crate::model::{Checkpoint, Direction, MarkerKind, Run, TensorRole, Value, parent};

/// The layout.
pub struct Lightning;

impl Layout for Lightning {
    fn id(&self) -> &'static str {
        "lightning"
    }

    fn name(&self) -> &'static str {
        "PyTorch Lightning run"
    }

    fn signature(&self) -> &'static str {
        "`.ckpt` files whose dict has `pytorch-lightning_version`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let convention = Convention {
            layout: self.id(),
            evidence: "a dict with pytorch-lightning_version".to_owned(),
            rule: Some(
                "ModelCheckpoint keeps the save_top_k best of what it monitors (the newest one, when nothing is), and \
                 last.ckpt as a copy of the newest with save_last",
            ),
        };
        let is_ours = |files: &Files<'_>, at: usize| {
            files.document(at).is_some_and(|dict| dict.get("pytorch-lightning_version").is_some())
        };
        let mut runs = numbered::runs(files, &convention, &is_ours);
        for run in &mut runs {
            for checkpoint in &run.checkpoints {
                scores_are_no_weights(files, &checkpoint.path);
            }
            complete(files, run);
        }
        runs
    }
}

/// Callbacks keep scores as tensors, under names with `model` in them.
fn scores_are_no_weights(files: &mut Files<'_>, path: &str) {
    let tensors = files.find(path).and_then(|at| files.contents_mut(at)).into_iter().flat_map(|c| &mut c.tensors);
    tensors.filter(|tensor| tensor.name.starts_with("callbacks.")).for_each(|tensor| tensor.role = TensorRole::Other);
}

/// What `ModelCheckpoint` keeps of itself.
struct Kept {
    monitor: Option<String>,
    mode: Direction,
    best: Option<String>,
    score: Option<f64>,
}

fn kept(dict: &Value) -> Option<Kept> {
    let callbacks = dict.get("callbacks")?.pairs()?;
    let (key, state) = callbacks.iter().find(|(key, _)| key.starts_with("ModelCheckpoint"))?;
    let monitor = state.get("monitor").and_then(Value::text).map(str::to_owned);
    // The key is the Python text of what tells one callback from another: `ModelCheckpoint{'monitor': …, 'mode': 'min'}`.
    let mode = if key.contains("'mode': 'max'") {
        Direction::Higher
    } else if key.contains("'mode': 'min'") {
        Direction::Lower
    } else {
        monitor.as_deref().map_or(Direction::Unknown, direction)
    };
    let best = state.get("best_model_path").and_then(Value::text).filter(|path| !path.is_empty()).map(str::to_owned);
    let score = state.get("current_score").and_then(dict::scalar);
    Some(Kept { monitor, mode, best, score })
}

fn complete(files: &Files<'_>, run: &mut Run) {
    let mut newest: Option<(u64, String, Kept)> = None;
    for checkpoint in &mut run.checkpoints {
        let Some(at) = files.find(&checkpoint.path) else { continue };
        let Some(state) = files.document(at).and_then(kept) else { continue };
        let logged = logged(files, &run.path, checkpoint);
        if let Some((path, metrics)) = logged {
            (checkpoint.metrics, checkpoint.metrics_from) = (metrics, Some(path));
        } else if let Some((monitor, score)) = state.monitor.clone().zip(state.score) {
            (checkpoint.metrics, checkpoint.metrics_from) = (vec![(monitor, score)], Some(checkpoint.path.clone()));
        }
        note_non_finite(checkpoint, &mut run.findings);
        // The states of random generators are not in its files.
        checkpoint.resume = resume::judge(files, checkpoint, &["model", "optimizer", "step"]);
        let step = checkpoint.step.unwrap_or(0);
        if newest.as_ref().is_none_or(|(known, ..)| *known < step) {
            newest = Some((step, checkpoint.path.clone(), state));
        }
    }
    let Some((_, path, state)) = newest else { return };
    run.best_metric.clone_from(&state.monitor);
    if let Some(monitor) = &state.monitor {
        run.directions.push((monitor.clone(), state.mode));
    }
    let Some(says) = &state.best else { return };
    let value = |c: &Checkpoint| markers::metric(c, state.monitor.as_deref()?);
    let is_numbered = |c: &&Checkpoint| numbered::pointer_kind(&c.name).is_none();
    let own: Vec<Checkpoint> = run.checkpoints.iter().filter(is_numbered).cloned().collect();
    let expected = markers::best_of(&own, value, state.mode, Tie::Older);
    let marker = markers::pointer(MarkerKind::Best, (&path, says), &run.checkpoints, expected);
    let rule = state.monitor.as_deref().map_or_else(String::new, |monitor| format!("by {monitor}"));
    run.findings.extend(markers::check(&marker, expected, &rule));
    run.markers.insert(0, marker);
}

/// The rows of `metrics.csv` about a checkpoint: its epoch, up to the batch behind which it was saved. Batches are
/// counted from 0 there, and how many were done is what a checkpoint says.
fn logged(files: &Files<'_>, home: &str, checkpoint: &Checkpoint) -> Option<(String, Vec<(String, f64)>)> {
    let above = Some(parent(home)).filter(|above| !above.is_empty());
    let index =
        above.and_then(|above| files.child(above, "metrics.csv")).or_else(|| files.child(home, "metrics.csv"))?;
    let rows = files.document(index)?.items()?;
    let last = checkpoint.step?.checked_sub(1)?;
    let is_ours = |row: &&Value| {
        let epoch = row.get("epoch").and_then(Value::number);
        row.get("step").and_then(Value::count) == Some(last) && (epoch.is_none() || epoch == checkpoint.epoch)
    };
    let mut metrics: Vec<(String, f64)> = Vec::new();
    for (name, value) in rows.iter().filter(is_ours).flat_map(|row| row.pairs().unwrap_or_default()) {
        let is_new = !matches!(name.as_str(), "epoch" | "step") && !metrics.iter().any(|(known, _)| known == name);
        metrics.extend(value.number().filter(|_| is_new).map(|value| (name.clone(), value)));
    }
    (!metrics.is_empty()).then(|| (files.path(index).to_owned(), metrics))
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, told, torch, value};
    use crate::model::{Contents, Run};

    fn ckpt(epoch: u64, step: u64, best: &str, score: f64) -> Contents {
        torch(&format!(
            r#"{{"epoch": {epoch}, "global_step": {step}, "pytorch-lightning_version": "2.6.6",
                 "state_dict": {{"w": "tensor"}}, "optimizer_states": [{{"a": 1}}], "lr_schedulers": [],
                 "callbacks": {{"ModelCheckpoint{{'monitor': 'val_loss', 'mode': 'min'}}": {{"monitor": "val_loss",
                    "best_model_path": "{best}", "current_score": {score}}}}}}}"#
        ))
    }

    fn run(best: &str, csv: bool) -> Run {
        let home = "lightning_logs/version_0";
        let mut pick = Pick::default()
            .file(&format!("{home}/checkpoints/epoch=3-step=8.ckpt"), ckpt(3, 8, "x/epoch=3-step=8.ckpt", 0.5))
            .file(&format!("{home}/checkpoints/epoch=4-step=10.ckpt"), ckpt(4, 10, best, 0.25))
            .file(&format!("{home}/checkpoints/last.ckpt"), ckpt(4, 10, best, 0.25))
            .other(&format!("{home}/hparams.yaml"));
        if csv {
            let rows =
                serde_json::json!([{"epoch": 4, "step": 9, "loss": 2}, {"epoch": 4, "step": 9, "val_loss": 0.125}]);
            let document = Some(value(rows));
            pick = pick.file(&format!("{home}/metrics.csv"), Contents { document, ..Contents::new("text", "") });
        }
        { pick }.run()
    }

    #[test]
    fn scores_come_from_the_callback_or_the_log() {
        let found = run("/home/me/epoch=4-step=10.ckpt", false);
        assert_eq!((found.layout.as_str(), found.path.as_str()), ("lightning", "lightning_logs/version_0/checkpoints"));
        assert_eq!(found.checkpoints[1].metrics, [("val_loss".to_owned(), 0.25)]);
        assert_eq!(found.checkpoints[0].config, ["lightning_logs/version_0/hparams.yaml"]);
        let markers: Vec<_> = found.markers.iter().map(|m| (m.checkpoint.as_deref().unwrap(), m.agrees)).collect();
        assert_eq!(markers, [("epoch=4-step=10.ckpt", Some(true)), ("epoch=4-step=10.ckpt", Some(true))]);
        assert_eq!(
            run("epoch=4-step=10.ckpt", true).checkpoints[1].metrics,
            [("loss".to_owned(), 2.0), ("val_loss".to_owned(), 0.125)]
        );
    }

    #[test]
    fn a_best_that_is_not_is_told() {
        let place = "lightning_logs/version_0/checkpoints/epoch=4-step=10.ckpt";
        assert_eq!(told(&run("x/epoch=3-step=8.ckpt", false).findings), [format!("marker-disagrees {place}")]);
        assert_eq!(told(&run("x/epoch=1-step=2.ckpt", false).findings), [format!("marker-dangles {place}")]);
    }
}
