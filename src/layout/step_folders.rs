//! Runs whose checkpoints are folders named by step, with a file beside them that says which is the newest: DeepSpeed,
//! Megatron-LM, verl; Ray Train's are joined with its log. Signatures from the frameworks' documentation.

use std::collections::BTreeSet;

use super::bundle::{below, claim_all};
use super::framework::{Framework, How};
use super::markers;
use super::members::{checkpoint_order, empty_checkpoint, empty_run, metrics_of, note_non_finite};
use super::name::split_digits;
use super::{Files, direction, resume};
use crate::model::{Checkpoint, Direction, Finding, Marker, MarkerKind, Run, Value, base_name, order_by};

/// A framework whose runs are such folders.
pub struct StepFolders {
    /// What a folder's name begins with; digits follow.
    prefix: &'static str,
    /// The file beside the folders: a text that names the newest by tag or number, or a log.
    beside: &'static str,
    /// What a file in a folder or below ends with, when the framework can be told by it too.
    inside: &'static str,
    rule: Option<&'static str>,
}

/// DeepSpeed.
pub(super) static DEEPSPEED: Framework<StepFolders> = Framework {
    id: "deepspeed",
    name: "DeepSpeed checkpoints",
    signature: "`latest` beside `global_step500` folders with `mp_rank_00_model_states.pt`",
    how: StepFolders {
        prefix: "global_step",
        beside: "latest",
        inside: "_model_states.pt",
        rule: Some("keeps every save; zero_to_fp32.py joins the shards of weights"),
    },
};
/// verl.
pub(super) static VERL: Framework<StepFolders> = Framework {
    id: "verl",
    name: "verl checkpoints",
    signature: "`latest_checkpointed_iteration.txt` beside `global_step_100` folders",
    how: StepFolders { prefix: "global_step_", beside: "latest_checkpointed_iteration.txt", inside: "", rule: None },
};
/// Megatron-LM.
pub(super) static MEGATRON: Framework<StepFolders> = Framework {
    id: "megatron",
    name: "Megatron-LM checkpoints",
    signature: "`latest_checkpointed_iteration.txt` beside `iter_0000500` folders",
    how: StepFolders {
        prefix: "iter_",
        beside: "latest_checkpointed_iteration.txt",
        inside: "model_optim_rng.pt",
        rule: Some("keeps every save, unless keep_last_k or the like is set"),
    },
};
/// Ray Train.
pub(super) static RAY_TRAIN: Framework<StepFolders> = Framework {
    id: "ray_train",
    name: "Ray Train run",
    signature: "`result.json` beside `checkpoint_000005` folders",
    how: StepFolders {
        prefix: "checkpoint_",
        beside: "result.json",
        inside: "",
        rule: Some("keeps the best num_to_keep by checkpoint_score_attribute, or the newest without one"),
    },
};

impl How for StepFolders {
    fn find(framework: &Framework<Self>, files: &mut Files<'_>) -> Vec<Run> {
        let mut homes: std::collections::BTreeMap<String, BTreeSet<String>> = std::collections::BTreeMap::new();
        for folder in files.folders() {
            if let Some((home, step)) = framework.step_folder(folder)
                && !below(files, &step).is_empty()
            {
                homes.entry(home).or_default().insert(step);
            }
        }
        let mut runs = Vec::new();
        for (home, steps) in homes {
            let is_told = files.child(&home, framework.how.beside).is_some();
            let is_inside = |step: &String| {
                !framework.how.inside.is_empty()
                    && below(files, step).iter().any(|&at| files.name(at).ends_with(framework.how.inside))
            };
            if is_told || steps.iter().any(is_inside) {
                runs.push(framework.run(files, &home, &steps));
            }
        }
        runs
    }
}

impl Framework<StepFolders> {
    /// The first folder of a path that is named by step, and the one it is in.
    fn step_folder(&self, folder: &str) -> Option<(String, String)> {
        let mut home = String::new();
        for part in folder.split('/') {
            let path = if home.is_empty() { part.to_owned() } else { format!("{home}/{part}") };
            if self.step(part).is_some() {
                return Some((home, path));
            }
            home = path;
        }
        None
    }

    fn step(&self, name: &str) -> Option<u64> {
        let (digits, rest) = split_digits(name.strip_prefix(self.how.prefix)?);
        if rest.is_empty() { digits.parse().ok() } else { None }
    }

    fn run(&self, files: &mut Files<'_>, home: &str, steps: &BTreeSet<String>) -> Run {
        let beside = files.child(home, self.how.beside);
        let first = steps.first().map_or("", |step| base_name(step));
        let evidence = match beside {
            Some(_) => format!("{} beside {first}", self.how.beside),
            None => format!("{} in {first}", self.how.inside),
        };
        let mut run = empty_run(self.id, home, evidence);
        for step in steps {
            let checkpoint = self.checkpoint(files, step, beside);
            note_non_finite(&checkpoint, &mut run.findings);
            run.checkpoints.push(checkpoint);
        }
        order_by(&mut run.checkpoints, checkpoint_order);
        let names = || run.checkpoints.iter().flat_map(|c| &c.metrics).map(|(name, _)| name);
        run.best_metric = names().find(|name| direction(name) != Direction::Unknown).cloned();
        let pointer = beside.and_then(|at| Some((files.path(at), files.text(at)?.trim())));
        let (marker, finding) = match pointer.filter(|(_, says)| !says.is_empty() && !says.contains('\n')) {
            Some(told) => self.pointer(&run.checkpoints, told),
            None => (markers::derived_last(&run.checkpoints), None),
        };
        run.markers.extend(marker);
        run.findings.extend(finding);
        run.rule = self.how.rule.map(str::to_owned);
        run
    }

    fn pointer(&self, checkpoints: &[Checkpoint], (file, says): (&str, &str)) -> (Option<Marker>, Option<Finding>) {
        let number: Option<u64> = says.parse().ok();
        let found =
            checkpoints.iter().find(|c| c.name == markers::last_part(says) || (number.is_some() && c.step == number));
        let named = found.map_or(says, |found| found.name.as_str());
        let expected = markers::newest(checkpoints);
        let marker = markers::pointer(MarkerKind::Last, (file, named), checkpoints, expected);
        let finding = markers::check(&marker, expected, "by number");
        (Some(Marker { says: says.to_owned(), ..marker }), finding)
    }

    fn checkpoint(&self, files: &mut Files<'_>, folder: &str, beside: Option<usize>) -> Checkpoint {
        let mut checkpoint = empty_checkpoint(folder);
        // Ray numbers its checkpoints from 0; how far training was, its log says.
        let is_log = self.id == RAY_TRAIN.id;
        checkpoint.step = self.step(base_name(folder)).filter(|_| !is_log);
        if let Some(at) = beside.filter(|_| is_log) {
            let rows = files.document(at).and_then(Value::items).unwrap_or_default();
            let own = |row: &&Value| row.get("checkpoint_dir_name").and_then(Value::text) == Some(base_name(folder));
            if let Some(row) = rows.iter().find(own) {
                checkpoint.step = row.get("training_iteration").and_then(Value::count);
                checkpoint.metrics = metrics_of(row);
                checkpoint.metrics.retain(|(name, _)| is_metric(name));
                checkpoint.metrics_from = Some(files.path(at).to_owned());
            }
        }
        let all = below(files, folder);
        checkpoint.files = claim_all(files, &all);
        checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "scheduler", "rng", "step"]);
        checkpoint
    }
}

/// Ray's rows tell of clocks and processes too.
fn is_metric(name: &str) -> bool {
    let clocks = ["timestamp", "pid", "training_iteration", "iterations_since_restore", "trial_id"];
    !clocks.contains(&name) && !name.starts_with("time_") && !name.starts_with("config.")
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, steps, told, torch, value};
    use crate::model::Contents;

    #[test]
    fn the_newest_is_named_by_tag_or_number() {
        let deepspeed = Pick::default()
            .text("r/latest", "global_step500")
            .file("r/global_step500/mp_rank_00_model_states.pt", torch(r#"{"module": {"w": "tensor"}}"#))
            .other("r/global_step500/zero_pp_rank_0_mp_rank_00_optim_states.pt")
            .file("r/global_step1000/mp_rank_00_model_states.pt", torch(r#"{"module": {"w": "tensor"}}"#));
        let run = { deepspeed }.run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("deepspeed", "r"));
        assert_eq!(steps(&run), [("global_step500", Some(500)), ("global_step1000", Some(1000))]);
        assert_eq!(run.markers[0].checkpoint.as_deref(), Some("global_step500"));
        assert_eq!(told(&run.findings), ["marker-disagrees r/latest"]);
        assert_eq!(
            roles(&run.checkpoints[0].files),
            "mp_rank_00_model_states.pt=model zero_pp_rank_0_mp_rank_00_optim_states.pt=optimizer"
        );
        let megatron = Pick::default()
            .text("r/latest_checkpointed_iteration.txt", "500\n")
            .file("r/iter_0000500/mp_rank_00/model_optim_rng.pt", torch(r#"{"model": {"w": "tensor"}}"#));
        let run = { megatron }.run();
        assert_eq!((run.layout.as_str(), run.markers[0].checkpoint.as_deref()), ("megatron", Some("iter_0000500")));
        assert_eq!((run.markers[0].agrees, run.checkpoints[0].files.len()), (Some(true), 1));
        let verl = Pick::default()
            .text("r/latest_checkpointed_iteration.txt", "100")
            .other("r/global_step_100/actor/model_world_size_1_rank_0.pt");
        assert_eq!({ verl }.run().layout, "verl");
    }

    #[test]
    fn ray_is_joined_with_its_log() {
        let rows = value(serde_json::json!([
            {"loss": 0.5, "training_iteration": 5, "checkpoint_dir_name": "checkpoint_000000", "time_total_s": 3.0},
        ]));
        let run = Pick::default()
            .file("t/result.json", Contents { document: Some(rows), ..Contents::new("jsonl", "") })
            .file("t/checkpoint_000000/model.pt", torch(r#"{"w": "tensor"}"#))
            .run();
        assert_eq!(run.layout, "ray_train");
        assert_eq!(steps(&run), [("checkpoint_000000", Some(5))]);
        assert_eq!(run.checkpoints[0].metrics, [("loss".to_owned(), 0.5)]);
    }
}
