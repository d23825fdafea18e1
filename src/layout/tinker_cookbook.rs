//! Run folders of tinker-cookbook: `checkpoints.jsonl`, one line a save with `tinker://` paths and no metrics, joined
//! with `metrics.jsonl`, one line a batch. The checkpoints themselves are on the server.

use std::collections::BTreeMap;

use super::members::{checkpoint_order, claim_members, empty_checkpoint, empty_run, metrics_of, note_non_finite};
use super::{Files, Layout, direction, markers, role_of_name};
use crate::model::{
    Checkpoint, Direction, Marker, MarkerKind, Resume, ResumePart, ResumeState, Role, Run, Value, keyed, order_by,
};

/// The layout.
pub struct TinkerCookbook;

impl Layout for TinkerCookbook {
    fn id(&self) -> &'static str {
        "tinker_cookbook"
    }

    fn name(&self) -> &'static str {
        "tinker-cookbook run"
    }

    fn signature(&self) -> &'static str {
        "`checkpoints.jsonl` with `tinker://` paths"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let ours: Vec<&str> = files.folders().into_iter().filter(|folder| is_ours(files, folder)).collect();
        ours.into_iter().map(|folder| run(files, self.id(), folder)).collect()
    }
}

fn lines<'a>(files: &'a Files<'_>, folder: &str, name: &str) -> &'a [Value] {
    files.child_document(folder, name).and_then(Value::items).unwrap_or_default()
}

fn place(line: &Value) -> Option<&str> {
    let paths = ["state_path", "sampler_path"].iter().filter_map(|key| line.get(key)?.text());
    paths.into_iter().find(|path| path.starts_with("tinker://"))
}

fn is_ours(files: &Files<'_>, folder: &str) -> bool {
    lines(files, folder, "checkpoints.jsonl").iter().any(|line| place(line).is_some())
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str) -> Run {
    let mut run = empty_run(layout, folder, "checkpoints.jsonl with tinker:// paths");
    let metrics = files.child(folder, "metrics.jsonl").map(|at| files.path(at).to_owned());
    let config: Vec<String> =
        files.child(folder, "config.json").map(|at| files.path(at).to_owned()).into_iter().collect();
    let rows = keyed(lines(files, folder, "metrics.jsonl").iter().filter_map(|row| Some((batch_of(row)?, row))));
    let mut last = None;
    for line in lines(files, folder, "checkpoints.jsonl").iter().filter(|line| place(line).is_some()) {
        let mut checkpoint = checkpoint(folder, line, &rows, &config);
        if !checkpoint.metrics.is_empty() {
            checkpoint.metrics_from.clone_from(&metrics);
        }
        if line.get("final") == Some(&Value::Bool(true)) {
            last = Some(checkpoint.name.clone());
        }
        note_non_finite(&checkpoint, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let names = || run.checkpoints.iter().flat_map(|c| &c.metrics).map(|(name, _)| name.as_str());
    let known = |name: &&str| direction(name) != Direction::Unknown;
    let held_out = names().find(|name| known(name) && (name.starts_with("test/") || name.starts_with("eval/")));
    run.best_metric = held_out.or_else(|| names().find(known)).map(str::to_owned);
    let newest = markers::newest(&run.checkpoints).map(|checkpoint| checkpoint.name.clone());
    run.markers = match (last, files.child(folder, "checkpoints.jsonl")) {
        (Some(name), Some(at)) => vec![Marker {
            kind: MarkerKind::Last,
            file: Some(files.path(at).to_owned()),
            says: name.clone(),
            agrees: newest.map(|newest| newest == name),
            checkpoint: Some(name),
        }],
        _ => markers::derived_last(&run.checkpoints).into_iter().collect(),
    };
    run.rule = Some("keeps every save; those marked rolling are replaced by the next".to_owned());
    let all = files.in_folder(folder).to_vec();
    let own: Vec<usize> =
        all.into_iter().filter(|&at| !folder.is_empty() || role(files.name(at)) != Role::Other).collect();
    run.files = claim_members(files, &own, |_, name| role(name));
    run
}

fn role(name: &str) -> Role {
    match name {
        "checkpoints.jsonl" => Role::Manifest,
        "metrics.jsonl" => Role::Metrics,
        "code.diff" => Role::Environment,
        _ => role_of_name(name),
    }
}

/// The batch that a row of metrics is about.
fn batch_of(row: &Value) -> Option<u64> {
    row.get("progress/batch").or_else(|| row.get("step"))?.count()
}

fn checkpoint(folder: &str, line: &Value, rows: &BTreeMap<u64, &Value>, config: &[String]) -> Checkpoint {
    let remote = place(line).unwrap_or_default();
    let name = line.get("name").and_then(Value::text).filter(|name| !name.is_empty() && !name.contains('/'));
    let name = name.unwrap_or_else(|| markers::last_part(remote));
    let mut checkpoint =
        empty_checkpoint(&if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") });
    checkpoint.step = line.get("batch").and_then(Value::count);
    checkpoint.epoch = line.get("epoch").and_then(Value::number);
    let row = checkpoint.step.and_then(|batch| rows.get(&batch));
    checkpoint.metrics = row.map(|row| metrics_of(row)).unwrap_or_default();
    checkpoint.metrics.retain(|(name, _)| !matches!(name.as_str(), "step" | "epoch") && !name.starts_with("progress/"));
    checkpoint.config = config.to_vec();
    checkpoint.resume = resume(line, &checkpoint);
    checkpoint
}

/// By what is on the server: a training checkpoint is one path, weights to sample from another.
fn resume(line: &Value, checkpoint: &Checkpoint) -> Resume {
    let on_server = |key: &str| {
        line.get(key).and_then(Value::text).map(|path| (ResumeState::Present, format!("on the server: {path}")))
    };
    let absent = || (ResumeState::Absent, "no path of a training checkpoint".to_owned());
    let here = |is_there: bool, reason: &str| {
        (if is_there { ResumeState::Present } else { ResumeState::Absent }, reason.to_owned())
    };
    let parts = [
        ("model", on_server("state_path").or_else(|| on_server("sampler_path")).unwrap_or_else(absent)),
        ("optimizer", on_server("state_path").unwrap_or_else(absent)),
        ("scheduler", here(false, "the learning rate follows from the batch")),
        ("rng", here(false, "this writer does not keep it")),
        ("step", here(checkpoint.step.is_some(), "batch in checkpoints.jsonl")),
        ("config", here(!checkpoint.config.is_empty(), "config.json")),
    ];
    let part =
        |(what, (state, reason)): (&str, (ResumeState, String))| ResumePart { what: what.to_owned(), state, reason };
    Resume::of(parts.into_iter().map(part).collect(), &["model", "optimizer", "step"])
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, steps};

    #[test]
    fn saves_are_joined_with_the_metrics_of_their_batch() {
        let checkpoints = r#"[{"name": "000020", "batch": 20, "epoch": 0, "state_path": "tinker://r/weights/000020"},
            {"name": "final", "batch": 40, "final": true, "sampler_path": "tinker://r/sampler_weights/final"}, {"name": "x"}]"#;
        let run = Pick::default()
            .json("r/checkpoints.jsonl", checkpoints)
            .json(
                "r/metrics.jsonl",
                r#"[{"step": 15, "test/nll": 3}, {"step": 20, "progress/batch": 20, "test/nll": 2}]"#,
            )
            .json("r/config.json", "{}")
            .run();
        assert_eq!(
            (run.layout.as_str(), steps(&run)),
            ("tinker_cookbook", vec![("000020", Some(20)), ("final", Some(40))])
        );
        let first = &run.checkpoints[0];
        assert_eq!(
            (first.path.as_str(), first.metrics.as_slice()),
            ("r/000020", [("test/nll".to_owned(), 2.0)].as_slice())
        );
        assert_eq!((first.resume.ready, &first.metrics_from), (true, &Some("r/metrics.jsonl".to_owned())));
        assert_eq!(run.checkpoints[1].resume.missing, ["optimizer"]);
        assert_eq!((run.markers[0].says.as_str(), run.markers[0].agrees), ("final", Some(true)));
        assert_eq!(roles(&run.files), "checkpoints.jsonl=manifest config.json=config metrics.jsonl=metrics");
    }
}
