//! Training of `transformers.Trainer` (5.23): `checkpoint-<step>` folders, each with a `trainer_state.json` that holds the
//! whole log so far, joined here on the step; the newest names the best.

use std::collections::BTreeMap;

use super::markers::{self, Tie};
use super::members::{checkpoint_order, claim_members, empty_run, metrics_of, note_non_finite, settled};
use super::{Files, Layout, bundle, direction, hf_model, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Direction, Finding, MarkerKind, Role, Run, Value, base_name, order_by, parent};

/// The layout.
pub struct HfTrainer;

const STATE: &str = "trainer_state.json";

impl Layout for HfTrainer {
    fn id(&self) -> &'static str {
        "hf_trainer"
    }

    fn name(&self) -> &'static str {
        "Hugging Face Trainer run"
    }

    fn signature(&self) -> &'static str {
        "`checkpoint-500` folders with `trainer_state.json`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut homes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for folder in files.folders() {
            let has_state = files.child_document(folder, STATE).is_some_and(|state| state.get("global_step").is_some());
            if has_state && numbers(base_name(folder)).step.is_some() {
                homes.entry(parent(folder)).or_default().push(folder);
            }
        }
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

/// What is needed of the newest state, and of the arguments beside it.
struct Newest {
    path: String,
    step: u64,
    best: Option<String>,
    best_metric: Option<f64>,
    /// The name of the metric that the best is judged by.
    metric: Option<String>,
    direction: Direction,
    limit: Option<u64>,
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let newest = newest(files, home, folders);
    let mut run = empty_run(layout, home, format!("{STATE} in {}", described(folders)));
    for folder in folders {
        let checkpoint = checkpoint(files, folder, &mut run.findings);
        note_non_finite(&checkpoint, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    if let Some(newest) = newest {
        point(&mut run, &newest);
        run.rule = Some(rule(newest.limit));
    }
    run.markers.extend(markers::derived_last(&run.checkpoints));
    // The model as it was at the end lies beside its checkpoints, and is none to go on from.
    let beside = files.in_folder(home).to_vec();
    let own = |name: &str| if name == "model.safetensors" { Role::Model } else { role_of_name(name) };
    if !home.is_empty() {
        run.files = claim_members(files, &beside, |_, name| own(name));
    }
    run
}

fn described(folders: &[&str]) -> String {
    match folders {
        [only] => base_name(only).to_owned(),
        several => format!("{} folders like {}", several.len(), base_name(several.first().unwrap_or(&""))),
    }
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let state = files.child(folder, STATE);
    let path = state.map_or("", |at| files.path(at));
    let document = state.and_then(|at| files.document(at));
    let number = |key: &str| document.and_then(|state| state.get(key)?.number());
    let (step, epoch) = (document.and_then(|state| state.get("global_step")?.count()), number("epoch"));
    let metrics = document.zip(step).map(|(state, step)| metrics_at(state, step)).unwrap_or_default();
    let name = base_name(folder);
    settled("step", step.map(|step| (step as f64, path)), numbers(name).step, name, findings);
    let mut checkpoint = hf_model::folder(files, folder, findings);
    // DeepSpeed and FSDP put theirs into folders of their own.
    let inner = bundle::below(files, folder);
    checkpoint.files.extend(bundle::claim_all(files, &inner));
    checkpoint.step = step.or(checkpoint.step);
    checkpoint.epoch = epoch;
    checkpoint.metrics_from = (!metrics.is_empty()).then(|| path.to_owned());
    checkpoint.metrics = metrics;
    let args = checkpoint.files.iter().find(|member| base_name(&member.path) == "training_args.bin");
    checkpoint.config.extend(args.map(|member| member.path.clone()));
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "scheduler", "rng", "step"]);
    checkpoint
}

/// What the log says at `step`: rows of training and of evaluation.
fn metrics_at(state: &Value, step: u64) -> Vec<(String, f64)> {
    let rows = state.get("log_history").and_then(Value::items).unwrap_or_default();
    let mut metrics: Vec<(String, f64)> = Vec::new();
    for row in rows.iter().filter(|row| row.get("step").and_then(Value::count) == Some(step)) {
        for (name, value) in metrics_of(row) {
            let is_metric = !matches!(name.as_str(), "step" | "epoch" | "total_flos");
            if is_metric && !metrics.iter().any(|(known, _)| *known == name) {
                metrics.push((name, value));
            }
        }
    }
    metrics
}

fn newest(files: &Files<'_>, home: &str, folders: &[&str]) -> Option<Newest> {
    let own = (!home.is_empty()).then_some(home);
    let mut found: Option<Newest> = None;
    for folder in folders.iter().copied().chain(own) {
        let Some(index) = files.child(folder, STATE) else { continue };
        let Some(state) = files.document(index) else { continue };
        let step = state.get("global_step").and_then(Value::count).unwrap_or(0);
        // The checkpoints' own states come first: that at the end of training says the same.
        if found.as_ref().is_some_and(|newest| newest.step >= step) {
            continue;
        }
        let args = files.child_document(folder, "training_args.bin");
        let arg = |key: &str| args.and_then(|args| args.get(key));
        let best_metric = state.get("best_metric").and_then(Value::number);
        let named = arg("metric_for_best_model").and_then(Value::text);
        let named = named.map(|name| if name.starts_with("eval_") { name.to_owned() } else { format!("eval_{name}") });
        let metric = named.or_else(|| metric_with(state, best_metric?));
        let told = match arg("greater_is_better") {
            Some(Value::Bool(true)) => Some(Direction::Higher),
            Some(Value::Bool(false)) => Some(Direction::Lower),
            _ => None,
        };
        found = Some(Newest {
            path: files.path(index).to_owned(),
            step,
            best: state.get("best_model_checkpoint").and_then(Value::text).map(str::to_owned),
            best_metric,
            direction: told.unwrap_or_else(|| metric.as_deref().map_or(Direction::Unknown, direction)),
            metric,
            limit: arg("save_total_limit").and_then(Value::count),
        });
    }
    found
}

/// The name under which the log has exactly this value of an evaluation.
fn metric_with(state: &Value, value: f64) -> Option<String> {
    let rows = state.get("log_history").and_then(Value::items).unwrap_or_default();
    let pairs = rows.iter().flat_map(|row| row.pairs().unwrap_or_default());
    let mut found = pairs.filter(|(name, own)| {
        name.starts_with("eval_") && own.number().is_some_and(|own| own.total_cmp(&value).is_eq())
    });
    found.next().map(|(name, _)| name.clone())
}

fn point(run: &mut Run, newest: &Newest) {
    run.best_metric.clone_from(&newest.metric);
    if let Some(metric) = &newest.metric {
        run.directions.push((metric.clone(), newest.direction));
    }
    let Some(says) = &newest.best else { return };
    let value = |c: &Checkpoint| markers::metric(c, newest.metric.as_deref()?);
    let expected = markers::best_of(&run.checkpoints, value, newest.direction, Tie::Older);
    let mut marker = markers::pointer(MarkerKind::Best, (&newest.path, says), &run.checkpoints, expected);
    let rule = newest.metric.as_deref().map_or_else(String::new, |metric| format!("by {metric}"));
    run.findings.extend(markers::check(&marker, expected, &rule));
    if let Some(value) = newest.best_metric {
        marker.says = format!("{says}, {value}");
    }
    run.markers.push(marker);
}

fn rule(limit: Option<u64>) -> String {
    let kept = match limit {
        Some(limit) => format!("keeps the last {limit} (save_total_limit)"),
        None => "keeps the last save_total_limit (all, unless it is set)".to_owned(),
    };
    format!("{kept} and the best besides, the first of equal ones; the newest is never dropped")
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, steps, told};
    use crate::model::Direction;

    fn state(step: u64, best: &str, rows: &str) -> String {
        format!(
            r#"{{"global_step": {step}, "epoch": {step}.5, "best_model_checkpoint": "{best}", "best_metric": 0.5,
                 "log_history": [{rows}]}}"#
        )
    }

    fn pick(best: &str) -> Pick {
        let rows = r#"{"step": 10, "loss": 2.0, "epoch": 1}, {"step": 10, "eval_loss": 0.5}"#;
        let later = format!(r#"{rows}, {{"step": 20, "loss": 1.0}}, {{"step": 20, "eval_loss": 0.75}}"#);
        Pick::default()
            .json("out/checkpoint-10/trainer_state.json", &state(10, best, rows))
            .tensors("out/checkpoint-10/model.safetensors", "safetensors", &[("w", &[2])])
            .json("out/checkpoint-10/config.json", "{}")
            .json("out/checkpoint-20/trainer_state.json", &state(20, best, &later))
            .tensors("out/checkpoint-20/model.safetensors", "safetensors", &[("w", &[2])])
            .other("out/checkpoint-20/rng_state_0.pth")
            .other("out/checkpoint-20/optimizer.pt")
            .other("out/checkpoint-20/scheduler.pt")
    }

    #[test]
    fn the_log_is_joined_on_the_step() {
        let run = pick("/home/me/out/checkpoint-10").json("out/config.json", "{}").run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("hf_trainer", "out"));
        assert_eq!(steps(&run), [("checkpoint-10", Some(10)), ("checkpoint-20", Some(20))]);
        assert_eq!(run.checkpoints[1].metrics, [("loss".to_owned(), 1.0), ("eval_loss".to_owned(), 0.75)]);
        assert_eq!(run.checkpoints[1].epoch, Some(20.5));
        assert_eq!(run.directions, [("eval_loss".to_owned(), Direction::Lower)]);
        let markers: Vec<_> = run.markers.iter().map(|m| (m.checkpoint.as_deref().unwrap(), m.agrees)).collect();
        assert_eq!(markers, [("checkpoint-10", Some(true)), ("checkpoint-20", Some(true))]);
        assert_eq!(run.checkpoints[0].resume.missing, ["optimizer", "scheduler", "rng"]);
        assert_eq!(
            roles(&run.checkpoints[1].files),
            "model.safetensors=model optimizer.pt=optimizer rng_state_0.pth=rng scheduler.pt=scheduler \
             trainer_state.json=metrics"
        );
        assert_eq!(roles(&run.files), "config.json=config");
    }

    #[test]
    fn a_best_that_is_not_is_told() {
        assert_eq!(
            told(&pick("out/checkpoint-20").run().findings),
            ["marker-disagrees out/checkpoint-20/trainer_state.json"]
        );
        assert_eq!(
            told(&pick("out/checkpoint-5").run().findings),
            ["marker-dangles out/checkpoint-20/trainer_state.json"]
        );
    }
}
