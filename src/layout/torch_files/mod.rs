//! `best.pt`, `last.pt`, `epoch_050.pt`, `checkpoint_epoch45_metric0.1120.pt`, `checkpoint_<digest>_epoch0050.pt` and the
//! like: the convention of countless training loops, with and without a results folder around (`config.toml`,
//! `metrics.json`, `checkpoints/`).

mod results;

use super::members::{claim_members, listed};
use super::numbered::{self, Convention, pointer_kind};
use super::{Files, Layout, dict, numbers, role_of_name};
use crate::model::{Role, Run, base_name, extension, order_by_key, parent};

/// The layout.
pub struct TorchFiles;

impl Layout for TorchFiles {
    fn id(&self) -> &'static str {
        "torch_files"
    }

    fn name(&self) -> &'static str {
        "PyTorch checkpoint files"
    }

    fn signature(&self) -> &'static str {
        "`best.pt`, `last.pt`, `epoch_50.pt` and the like, or a pickled dict of a model and where it stood"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for folder in files.folders() {
            let found = files.pick(folder, |at| is_torch(files, at));
            if folder.is_empty() {
                groups.extend(found.into_iter().filter(|&at| is_telling(files, at)).map(|at| (folder, vec![at])));
            } else if found.iter().any(|&at| is_telling(files, at)) {
                groups.push((folder, found));
            }
        }
        let exports = exports(files, &groups);
        let mut runs: Vec<Run> = Vec::new();
        for (folder, found) in &groups {
            let own: Vec<usize> = found.iter().copied().filter(|at| !exports.contains(at)).collect();
            if !own.is_empty() {
                let evidence = evidence(files, &own);
                let convention = Convention { layout: self.id(), evidence, rule: rule(files, &own) };
                runs.push(numbered::run(files, &convention, folder, &own));
            }
        }
        for run in &mut runs {
            let home = parent(&run.path);
            let above: Vec<usize> = exports.iter().copied().filter(|&at| parent(files.path(at)) == home).collect();
            run.files.extend(claim_members(files, &above, |_, _| Role::Model));
        }
        runs.extend(results::runs(files, self.id()));
        runs
    }
}

/// A file of weights that is no part of another: not an optimizer alone.
fn is_torch(files: &Files<'_>, at: usize) -> bool {
    let name = files.name(at);
    let is_state = matches!(role_of_name(name), Role::Optimizer | Role::Scheduler | Role::Rng | Role::Config);
    files.contents(at).is_some_and(|contents| contents.format.starts_with("torch")) && !is_state
}

/// A name with a number or a pointer's name, or a dict of a model and where it stood.
fn is_telling(files: &Files<'_>, at: usize) -> bool {
    let name = files.name(at);
    let named = numbers(name);
    let is_named = matches!(extension(name).as_str(), "pt" | "pth" | "ckpt" | "tar")
        && (named.epoch.is_some() || named.step.is_some() || pointer_kind(name).is_some());
    let is_dict = || {
        let dict = files.document(at)?;
        let stood =
            dict::epoch(dict).is_some() || dict::step(dict).is_some() || dict::holds(dict, "optimizer").is_some();
        (dict::holds(dict, "model").is_some() && (stood || dict::holds(dict, "config").is_some())).then_some(())
    };
    is_named || is_dict().is_some()
}

/// Files beside a folder `checkpoints` that hold a model and nothing of where it stood: exported for inference.
fn exports(files: &Files<'_>, groups: &[(&str, Vec<usize>)]) -> Vec<usize> {
    let homes: Vec<&str> = groups
        .iter()
        .filter(|(folder, _)| base_name(folder).eq_ignore_ascii_case("checkpoints"))
        .map(|(folder, _)| parent(folder))
        .collect();
    let is_export = |at: &usize| {
        let stood = files.document(*at).and_then(|dict| dict::epoch(dict).or_else(|| dict::step(dict).map(|_| 0.0)));
        stood.is_none() && pointer_kind(files.name(*at)).is_none() && numbers(files.name(*at)).epoch.is_none()
    };
    let above = groups.iter().filter(|(folder, _)| !folder.is_empty() && homes.contains(folder));
    above.flat_map(|(_, found)| found.iter().copied()).filter(is_export).collect()
}

/// The names themselves, the pointers first.
fn evidence(files: &Files<'_>, found: &[usize]) -> String {
    let mut names: Vec<&str> = found.iter().map(|&at| files.name(at)).collect();
    order_by_key(&mut names, |name| pointer_kind(name).is_none());
    let told = match names.as_slice() {
        [only] => format!("{only}, as torch.save writes it"),
        several => format!("{}, as torch.save writes them", listed(several)),
    };
    let keyed = names.iter().any(|name| config_digest(name).is_some());
    if keyed { format!("{told}; the names hold a digest of the configuration") } else { told }
}

/// `checkpoint_cd21a340_epoch0050.pt`: the first eight digits of the configuration's MD5.
fn config_digest(name: &str) -> Option<&str> {
    let digest = name.strip_prefix("checkpoint_")?.split_once("_epoch")?.0;
    (digest.len() == 8 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digest)
}

fn rule(files: &Files<'_>, found: &[usize]) -> Option<&'static str> {
    let names = || found.iter().map(|&at| files.name(at));
    if names().any(|name| numbers(name).metric.is_some() && numbers(name).epoch.is_some()) {
        return Some(
            "usually keeps the K best by the metric in the name, of equal ones the older, and best.pt, a second copy; the \
             list of kept ones is lost on restart, so a resumed run keeps up to K more",
        );
    }
    names().any(|name| name.starts_with("epoch_")).then_some(
        "usually keeps the K with the lowest metric, of equal ones the path that sorts first, and last.pt apart from them",
    )
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, steps, told, torch};
    use crate::model::{Contents, Run};

    fn dict(epoch: u64, loss: f64) -> Contents {
        let loss = if loss.is_nan() { "\"NaN\"".to_owned() } else { loss.to_string() };
        torch(&format!(
            r#"{{"epoch": {epoch}, "global_step": {}, "model_state_dict": {{"a": "tensor"}},
                 "optimizer_state_dict": {{"b": "tensor"}}, "metrics": {{"val_loss": {loss}, "validity": 1.0}}}}"#,
            epoch * 300
        ))
    }

    fn pointers(run: &Run) -> Vec<String> {
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        run.markers.iter().map(|m| format!("{:?} {} {} {:?}", m.kind, m.says, name(&m.checkpoint), m.agrees)).collect()
    }

    #[test]
    fn pointers_are_followed_by_what_they_hold() {
        let home = "results/vae_20240115";
        let run = Pick::default()
            .file(&format!("{home}/checkpoints/best.pt"), dict(45, 0.25))
            .file(&format!("{home}/checkpoints/epoch_050.pt"), dict(50, 0.5))
            .file(&format!("{home}/checkpoints/epoch_100.pt"), dict(100, 0.75))
            .file(&format!("{home}/checkpoints/last.pt"), dict(100, 0.75))
            .file(
                &format!("{home}/model_inference.pt"),
                torch(r#"{"model_state_dict": {"a": "tensor"}, "config": {"lr": 1}}"#),
            )
            .json(&format!("{home}/metrics.json"), r#"{"val_loss": 0.25}"#)
            .other(&format!("{home}/config.toml"))
            .run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("torch_files", "results/vae_20240115/checkpoints"));
        let expected = [
            ("best.pt", Some(13500)),
            ("epoch_050.pt", Some(15000)),
            ("epoch_100.pt", Some(30000)),
            ("last.pt", Some(30000)),
        ];
        assert_eq!(steps(&run), expected);
        assert_eq!(
            pointers(&run),
            ["Best epoch 45, step 13500 best.pt Some(true)", "Last epoch 100, step 30000 epoch_100.pt Some(true)"]
        );
        assert_eq!(roles(&run.files), "config.toml=config metrics.json=metrics model_inference.pt=model");
        assert_eq!(run.checkpoints[0].config, ["results/vae_20240115/config.toml"]);
        assert_eq!(run.checkpoints[0].resume.missing, ["rng"]);
        assert!(run.rule.unwrap().contains("the path that sorts first"));
    }

    #[test]
    fn a_pointer_that_names_the_wrong_one_is_told() {
        let run = Pick::default().file("d/best.pt", dict(1, 0.75)).file("d/epoch_2.pt", dict(2, 0.5)).run();
        assert_eq!(pointers(&run)[0], "Best epoch 1, step 300 best.pt Some(false)");
        assert_eq!(told(&run.findings), ["marker-disagrees d/best.pt"]);
        let run = Pick::default().file("d/epoch_1.pt", dict(3, f64::NAN)).file("d/epoch_2.pt", dict(2, 0.5)).run();
        let expected =
            ["epoch-disagrees d/epoch_1.pt", "metric-not-finite d/epoch_1.pt", "best-unreliable d/epoch_1.pt"];
        assert_eq!(told(&run.findings), expected);
    }

    #[test]
    fn the_metric_in_the_names_is_the_one_that_counts() {
        let run = Pick::default()
            .file("d/checkpoint_epoch45_metric1.0000.pt", dict(45, 0.5))
            .file("d/checkpoint_epoch50_metric1.0000.pt", dict(50, 0.25))
            .run();
        assert_eq!(run.best_metric.as_deref(), Some("validity"));
        let run = Pick::default().file("d/checkpoint_cd21a340_epoch0050.pt", dict(50, 0.25)).run();
        assert!(run.evidence.ends_with("a digest of the configuration"), "{}", run.evidence);
        assert_eq!(run.checkpoints[0].epoch, Some(50.0));
    }

    #[test]
    fn lines_of_results_are_experiments_without_files() {
        let lines =
            r#"[{"experiment_name": "a", "metrics": {"val_loss": 0.5}}, {"experiment_name": "b", "metrics": {}}]"#;
        let run = Pick::default().json("d/results.jsonl", lines).run();
        assert_eq!((run.layout.as_str(), steps(&run)), ("torch_files", vec![("a", None), ("b", None)]));
        assert_eq!(run.checkpoints[0].metrics, [("val_loss".to_owned(), 0.5)]);
        assert_eq!(told(&run.findings), ["results-only d/results.jsonl"]);
    }

    #[test]
    fn files_without_a_telling_name_need_a_telling_dict() {
        let bare = || torch(r#"{"a": "tensor"}"#);
        assert_eq!(Pick::default().file("d/weights.pt", bare()).run().layout, "single_file");
        let run = Pick::default().file("d/weights.pt", bare()).file("d/x.pt", dict(1, 0.5)).run();
        assert_eq!((run.layout.as_str(), run.checkpoints.len()), ("torch_files", 2));
        assert_eq!(Pick::default().file("best.pt", bare()).run().path, "");
    }
}
