//! `Accelerator.save_state` (accelerate, as of 2026): `model.safetensors` beside `random_states_0.pkl` and, where prepared,
//! `optimizer.bin` and `scheduler.bin`. With automatic names the number of `checkpoint_<n>` counts saves, and is no step.

use std::collections::BTreeMap;

use super::members::{checkpoint_order, empty_run};
use super::{Files, Layout, bundle, hf_model, resume};
use crate::model::{Checkpoint, Finding, Marker, MarkerKind, Run, base_name, natural_cmp, order_by, parent};

/// The layout.
pub struct Accelerate;

impl Layout for Accelerate {
    fn id(&self) -> &'static str {
        "accelerate"
    }

    fn name(&self) -> &'static str {
        "Accelerate run"
    }

    fn signature(&self) -> &'static str {
        "folders with `random_states_0.pkl`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut homes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for folder in files.folders().into_iter().filter(|folder| !folder.is_empty()) {
            let is_states = |&at: &usize| files.name(at).starts_with("random_states_") && !files.is_claimed(at);
            if files.in_folder(folder).iter().any(is_states) {
                homes.entry(parent(folder)).or_default().push(folder);
            }
        }
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

/// `checkpoint_3`: the third save, whatever the step.
fn is_counted(folder: &str) -> bool {
    let digits = base_name(folder).strip_prefix("checkpoint_");
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let evidence = folders.first().map(|folder| format!("random_states_0.pkl in {}", base_name(folder)));
    let mut run = empty_run(layout, home, evidence.unwrap_or_default());
    for folder in folders {
        let checkpoint = checkpoint(files, folder, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let counted = run.checkpoints.iter().filter(|checkpoint| is_counted(&checkpoint.path));
    let last = counted
        .max_by(|a, b| natural_cmp(&a.path, &b.path))
        .or_else(|| run.checkpoints.iter().rfind(|c| c.step.is_some()));
    run.markers = last.map(|last| marker(&last.name)).into_iter().collect();
    run.rule = Some("keeps the newest total_limit saves, if that is set; best is not its business".to_owned());
    run
}

fn marker(name: &str) -> Marker {
    let says = "largest number in the name".to_owned();
    Marker { kind: MarkerKind::Last, file: None, says, checkpoint: Some(name.to_owned()), agrees: Some(true) }
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let mut checkpoint = hf_model::folder(files, folder, findings);
    let inner = bundle::below(files, folder);
    checkpoint.files.extend(bundle::claim_all(files, &inner));
    if is_counted(folder) {
        checkpoint.step = None;
    }
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng"]);
    checkpoint
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, steps};

    #[test]
    fn the_counter_is_no_step_and_a_step_is_one() {
        let pick = |name: &str| {
            Pick::default()
                .tensors(&format!("p/{name}/model.safetensors"), "safetensors", &[("w", &[2])])
                .other(&format!("p/{name}/random_states_0.pkl"))
                .other(&format!("p/{name}/optimizer.bin"))
                .other(&format!("p/{name}/custom_checkpoint_0.pkl"))
                .run()
        };
        let run = pick("checkpoint_12");
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("accelerate", "p"));
        assert_eq!(steps(&run), [("checkpoint_12", None)]);
        assert_eq!(
            roles(&run.checkpoints[0].files),
            "custom_checkpoint_0.pkl=other model.safetensors=model optimizer.bin=optimizer random_states_0.pkl=rng"
        );
        assert!(run.checkpoints[0].resume.ready);
        assert_eq!(steps(&pick("checkpoint-500")), [("checkpoint-500", Some(500))]);
    }
}
