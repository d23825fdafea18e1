//! Orbax (0.12, also what Flax's `save_checkpoint` writes today): `<step>/` with `_CHECKPOINT_METADATA`, an item a folder.
//!
//! Names and shapes are in each item's `_METADATA`; types and data are in OCDBT and zarr files, which are not read, and
//! that is said. Metrics are a JSON item.

use std::collections::BTreeMap;

use super::markers::{self, Tie};
use super::members::{
    checkpoint_order, claim_members, counted, empty_checkpoint, empty_run, metrics_of, note_non_finite,
};
use super::name::split_digits;
use super::{Files, Layout, direction, resume, role_of_name};
use crate::limits;
use crate::model::{
    Checkpoint, DType, Direction, Finding, Marker, MarkerKind, Role, Run, Tensor, TensorRole, Value, base_name,
    order_by, parent,
};

/// The layout.
pub struct Orbax;

const MARK: &str = "_CHECKPOINT_METADATA";

impl Layout for Orbax {
    fn id(&self) -> &'static str {
        "orbax"
    }

    fn name(&self) -> &'static str {
        "Orbax checkpoints"
    }

    fn signature(&self) -> &'static str {
        "step folders with `_CHECKPOINT_METADATA`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut homes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for folder in files.folders().into_iter().filter(|folder| !folder.is_empty()) {
            if files.child(folder, MARK).is_some() {
                homes.entry(parent(folder)).or_default().push(folder);
            }
        }
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let evidence = folders.first().map(|folder| format!("{MARK} in {}", base_name(folder)));
    let mut run = empty_run(layout, home, evidence.unwrap_or_default());
    for folder in folders {
        let checkpoint = checkpoint(files, folder);
        if is_temporary(folder) {
            let message = "a save that was stopped before its folder was renamed";
            run.findings.push(Finding::warning("interrupted-save", message).in_file(folder));
        }
        note_non_finite(&checkpoint, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let names = || run.checkpoints.iter().flat_map(|c| &c.metrics).map(|(name, _)| name);
    run.best_metric = names().find(|name| direction(name) != Direction::Unknown).cloned();
    run.markers = best(&run).into_iter().chain(markers::derived_last(&run.checkpoints)).collect();
    run.rule = Some(
        "with a best_fn keeps the max_to_keep best, of equal ones the newer, and the newest need not be among them; \
         without one the newest max_to_keep"
            .to_owned(),
    );
    run.findings.extend(unread(files, &run));
    run
}

fn is_temporary(folder: &str) -> bool {
    base_name(folder).contains(".orbax-checkpoint-tmp")
}

fn best(run: &Run) -> Option<Marker> {
    let metric = run.best_metric.as_deref()?;
    let towards = direction(metric);
    let best = markers::best_of(&run.checkpoints, |c| markers::metric(c, metric), towards, Tie::Newer)?;
    let word = if towards == Direction::Lower { "lowest" } else { "highest" };
    Some(Marker {
        kind: MarkerKind::Best,
        file: None,
        says: format!("{word} {metric}, the newer on a tie"),
        checkpoint: Some(best.name.clone()),
        agrees: Some(true),
    })
}

/// Folders of the checkpoint in `folder`: itself and all below.
fn folders<'a>(files: &Files<'a>, folder: &str) -> Vec<&'a str> {
    let is_inside =
        |other: &&str| other.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    files.folders().into_iter().filter(is_inside).collect()
}

fn checkpoint(files: &mut Files<'_>, folder: &str) -> Checkpoint {
    let mut checkpoint = empty_checkpoint(folder);
    checkpoint.step = step(base_name(folder));
    let inside = folders(files, folder);
    let metrics = files.find(&format!("{folder}/metrics/metrics"));
    checkpoint.metrics = metrics.and_then(|at| files.document(at)).map(metrics_of).unwrap_or_default();
    checkpoint.metrics_from = metrics.map(|at| files.path(at).to_owned());
    let extra = files.find(&format!("{folder}/extra/metadata")).and_then(|at| files.document(at));
    checkpoint.epoch = extra.and_then(|extra| extra.get("epoch")?.number());
    for item in inside.iter().copied() {
        if let Some(index) = files.child(item, "_METADATA") {
            list(files, index);
        }
    }
    let all: Vec<usize> = inside.iter().flat_map(|item| files.in_folder(item).iter().copied()).collect();
    let home = format!("{folder}/metrics");
    let metrics_at: Vec<usize> = files.in_folder(&home).to_vec();
    checkpoint.files = claim_members(files, &all, |index, name| match name {
        "_METADATA" | "_sharding" => Role::Structure,
        MARK => Role::Config,
        "metrics" if metrics_at.contains(&index) => Role::Metrics,
        "commit_success.txt" => Role::Marker,
        "manifest.ocdbt" => Role::Model,
        _ => role_of_name(name),
    });
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
    checkpoint
}

/// A folder's number, with any prefix: `20`, `checkpoint_2`, `20.orbax-checkpoint-tmp-17…`.
fn step(name: &str) -> Option<u64> {
    let name = name.split('.').next().unwrap_or(name);
    let number = name.rsplit(['_', '-']).next().unwrap_or(name);
    let (digits, rest) = split_digits(number);
    if rest.is_empty() { digits.parse().ok() } else { None }
}

/// Makes the tensors of the file at `index` from the names and shapes in it; their types are elsewhere.
fn list(files: &mut Files<'_>, index: usize) {
    let leaves = files.document(index).and_then(|document| document.get("tree_metadata")?.pairs()).unwrap_or_default();
    let tensors: Vec<Tensor> = leaves.iter().take(limit()).filter_map(|(_, leaf)| tensor(leaf)).collect();
    if let Some(contents) = files.contents_mut(index) {
        contents.tensors = tensors;
    }
}

fn limit() -> usize {
    usize::try_from(limits::TENSORS).unwrap_or(usize::MAX)
}

fn tensor(leaf: &Value) -> Option<Tensor> {
    let keys = leaf.get("key_metadata")?.items()?.iter().filter_map(|key| key.get("key"));
    let names: Vec<String> =
        keys.map(|key| key.text().map_or_else(|| key.count().unwrap_or(0).to_string(), str::to_owned)).collect();
    let value = leaf.get("value_metadata")?;
    let shape = value.get("write_shape").and_then(Value::items).unwrap_or_default();
    let shape: Vec<u64> = shape.iter().filter_map(Value::count).collect();
    let role = match names.first().map_or("", String::as_str) {
        "opt_state" | "optimizer" => TensorRole::Optimizer,
        "rng" | "rngs" => TensorRole::Rng,
        "step" if shape.is_empty() => TensorRole::Other,
        _ => TensorRole::Model,
    };
    let dtype = DType::Other("?".into(), 0);
    Some(Tensor { name: names.join("."), dtype, shape, size_bytes: 0, role, place: None })
}

/// What is not looked at, said once.
fn unread(files: &Files<'_>, run: &Run) -> Option<Finding> {
    let stores = run.checkpoints.iter().flat_map(|c| &c.files).filter(|member| member.path.ends_with("manifest.ocdbt"));
    let count = stores.count() as u64;
    let first = run.checkpoints.first().filter(|_| count > 0)?;
    let place = files.find(&format!("{}/{MARK}", first.path)).map_or(first.path.as_str(), |at| files.path(at));
    let message = format!(
        "{} of arrays (OCDBT): names and shapes are told, types and values are not read",
        counted(count, "store")
    );
    Some(Finding::note("orbax-data", message).in_file(place))
}

#[cfg(test)]
mod tests {
    use super::step;
    use crate::layout::testing::{Pick, steps, told};

    #[test]
    fn folders_are_numbered_with_any_prefix() {
        assert_eq!((step("20"), step("checkpoint_2"), step("default"), step("v2")), (Some(20), Some(2), None, None));
        assert_eq!(step("30.orbax-checkpoint-tmp-1795"), Some(30));
    }

    #[test]
    fn names_come_from_the_metadata_and_ties_go_to_the_newer() {
        let tree = r#"{"tree_metadata": {"('params', 'w')": {"key_metadata": [{"key": "params"}, {"key": "w"}],
            "value_metadata": {"write_shape": [4, 3]}}, "('step',)": {"key_metadata": [{"key": "step"}],
            "value_metadata": {"write_shape": []}}}}"#;
        let mut pick = Pick::default();
        for number in ["9", "10", "11.orbax-checkpoint-tmp-5"] {
            pick = pick
                .json(&format!("r/{number}/_CHECKPOINT_METADATA"), "{}")
                .json(&format!("r/{number}/state/_METADATA"), tree)
                .other(&format!("r/{number}/state/manifest.ocdbt"));
        }
        pick = pick
            .json("r/9/metrics/metrics", r#"{"val_loss": 0.5}"#)
            .json("r/10/metrics/metrics", r#"{"val_loss": 0.5}"#);
        let run = pick.run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("orbax", "r"));
        assert_eq!(steps(&run), [("9", Some(9)), ("10", Some(10)), ("11.orbax-checkpoint-tmp-5", Some(11))]);
        assert_eq!(run.markers[0].checkpoint.as_deref(), Some("10"));
        let expected = ["interrupted-save r/11.orbax-checkpoint-tmp-5", "orbax-data r/9/_CHECKPOINT_METADATA"];
        assert_eq!(told(&run.findings), expected);
        let tensors = &pick.contents[pick.at("r/9/state/_METADATA")].as_ref().unwrap().tensors;
        let names: Vec<_> = tensors.iter().map(|t| (t.name.as_str(), t.shape.as_slice())).collect();
        assert_eq!(names, [("params.w", [4, 3].as_slice()), ("step", [].as_slice())]);
    }
}
