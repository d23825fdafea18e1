//! TensorFlow checkpoints: `ckpt-10.index` with its `ckpt-10.data-00000-of-00001`, and the text `checkpoint` that names the
//! newest. The index is a table of its own kind and is not read.

use std::collections::BTreeMap;

use super::markers;
use super::members::{checkpoint_order, claim_members, empty_checkpoint, empty_run};
use super::{Files, Layout, resume};
use crate::model::{Finding, MarkerKind, Role, Run, order_by};

/// The layout.
pub struct TfCheckpoint;

impl Layout for TfCheckpoint {
    fn id(&self) -> &'static str {
        "tf_checkpoint"
    }

    fn name(&self) -> &'static str {
        "TensorFlow checkpoints"
    }

    fn signature(&self) -> &'static str {
        "`ckpt-10.index` with `ckpt-10.data-00000-of-00001`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = Vec::new();
        for folder in files.folders() {
            let mut sets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for &at in files.in_folder(folder).iter().filter(|&&at| !files.is_claimed(at)) {
                if let Some(prefix) = prefix(files.name(at)) {
                    sets.entry(prefix.to_owned()).or_default().push(at);
                }
            }
            sets.retain(|_, set| set.iter().any(|&at| files.name(at).ends_with(".index")) && set.len() > 1);
            if !sets.is_empty() {
                runs.push(run(files, self.id(), folder, &sets));
            }
        }
        runs
    }
}

/// `ckpt-10` of `ckpt-10.index` and `ckpt-10.data-00000-of-00001`.
fn prefix(name: &str) -> Option<&str> {
    name.strip_suffix(".index").or_else(|| Some(name.rsplit_once(".data-")?.0))
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, sets: &BTreeMap<String, Vec<usize>>) -> Run {
    let first = sets.keys().next().map_or("", String::as_str);
    let mut run = empty_run(layout, folder, format!("{first}.index with its data"));
    for (prefix, set) in sets {
        let path = if folder.is_empty() { prefix.clone() } else { format!("{folder}/{prefix}") };
        let mut checkpoint = empty_checkpoint(&path);
        checkpoint.step = prefix.rsplit_once('-').and_then(|(_, digits)| digits.parse().ok());
        checkpoint.files =
            claim_members(files, set, |_, name| if name.ends_with(".index") { Role::Structure } else { Role::Model });
        checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let told = files.child(folder, "checkpoint").and_then(|at| Some((files.path(at), newest(files.text(at)?)?)));
    if let Some((file, says)) = told {
        let expected = markers::newest(&run.checkpoints);
        let marker = markers::pointer(MarkerKind::Last, (file, says), &run.checkpoints, expected);
        run.findings.extend(markers::check(&marker, expected, "by number"));
        run.markers.push(marker);
    } else {
        run.markers.extend(markers::derived_last(&run.checkpoints));
    }
    run.rule = Some("CheckpointManager keeps the newest max_to_keep".to_owned());
    let place =
        run.checkpoints.first().and_then(|checkpoint| checkpoint.files.first()).map(|member| member.path.clone());
    let message = "names, shapes and values of TensorFlow checkpoints are not read";
    run.findings.extend(place.map(|place| Finding::note("tf-data", message).in_file(&place)));
    run
}

/// `model_checkpoint_path: "ckpt-10"`.
fn newest(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.strip_prefix("model_checkpoint_path:"))?;
    Some(line.trim().trim_matches('"')).filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, steps, told};

    #[test]
    fn a_prefix_is_a_checkpoint() {
        let run = Pick::default()
            .text("t/checkpoint", "model_checkpoint_path: \"ckpt-9\"\nall_model_checkpoint_paths: \"ckpt-9\"\n")
            .other("t/ckpt-9.index")
            .other("t/ckpt-9.data-00000-of-00001")
            .other("t/ckpt-10.index")
            .other("t/ckpt-10.data-00000-of-00001")
            .run();
        assert_eq!(run.layout, "tf_checkpoint");
        assert_eq!(steps(&run), [("ckpt-9", Some(9)), ("ckpt-10", Some(10))]);
        assert_eq!(roles(&run.checkpoints[0].files), "ckpt-9.data-00000-of-00001=model ckpt-9.index=structure");
        assert_eq!(told(&run.findings), ["marker-disagrees t/checkpoint", "tf-data t/ckpt-9.data-00000-of-00001"]);
    }
}
