//! Frameworks that save one file of `torch.save` a checkpoint, known by how they call it: timm, ultralytics, Composer,
//! detectron2, MMEngine, fairseq. Signatures from the frameworks' documentation; what is inside goes before the name.

use super::framework::{Framework, How};
use super::markers;
use super::name::split_digits;
use super::numbered::{self, Convention};
use super::{Files, dict};
use crate::model::{Checkpoint, MarkerKind, Run, order_by, parent};

/// Epoch and step.
type Numbers = (Option<u64>, Option<u64>);

/// A framework that saves such files.
pub struct TorchNamed {
    /// The numbers of a file called so, if it is called as this framework calls them.
    numbers: fn(&str) -> Option<Numbers>,
    /// One of these lies beside the files, or one folder up; none when the names are enough.
    beside: &'static [&'static str],
    rule: Option<&'static str>,
}

/// timm.
pub(super) static TIMM: Framework<TorchNamed> = Framework {
    id: "timm",
    name: "timm run",
    signature: "`checkpoint-12.pth.tar`, `last.pth.tar`, `model_best.pth.tar`",
    how: TorchNamed {
        numbers: |name| {
            let stem = name.strip_suffix(".pth.tar")?;
            let epoch = stem.strip_prefix("checkpoint-").and_then(whole);
            (epoch.is_some() || matches!(stem, "last" | "model_best")).then_some((epoch, None))
        },
        beside: &[],
        rule: Some("keeps the checkpoint_hist best by the eval metric, last.pth.tar and model_best.pth.tar"),
    },
};
/// ultralytics.
pub(super) static ULTRALYTICS: Framework<TorchNamed> = Framework {
    id: "ultralytics",
    name: "ultralytics run",
    signature: "`weights/best.pt` and `last.pt` beside `args.yaml`",
    how: TorchNamed {
        numbers: |name| {
            let stem = name.strip_suffix(".pt")?;
            let epoch = stem.strip_prefix("epoch").and_then(whole);
            (epoch.is_some() || matches!(stem, "last" | "best")).then_some((epoch, None))
        },
        beside: &["args.yaml"],
        rule: Some("keeps best.pt by fitness and last.pt, and epochN.pt with save_period"),
    },
};
/// MosaicML Composer.
pub(super) static COMPOSER: Framework<TorchNamed> = Framework {
    id: "composer",
    name: "Composer checkpoints",
    signature: "`ep1-ba100-rank0.pt`",
    how: TorchNamed {
        numbers: |name| {
            let stem = name.strip_suffix(".pt")?;
            let (rest, rank) = stem.rsplit_once("-rank")?;
            whole(rank)?;
            if rest == "latest" {
                return Some((None, None));
            }
            let (epoch, batch) = rest.split_once("-ba")?;
            Some((whole(epoch.strip_prefix("ep")?), whole(batch)))
        },
        beside: &[],
        rule: Some("keeps the newest save_num_checkpoints_to_keep, all without it"),
    },
};
/// detectron2.
pub(super) static DETECTRON2: Framework<TorchNamed> = Framework {
    id: "detectron2",
    name: "detectron2 run",
    signature: "`model_0004999.pth` beside `last_checkpoint`",
    how: TorchNamed {
        numbers: |name| {
            let number = name.strip_suffix(".pth")?.strip_prefix("model_")?;
            let step = (number.len() == 7).then(|| whole(number)).flatten();
            (step.is_some() || number == "final").then_some((None, step))
        },
        beside: &["last_checkpoint"],
        rule: Some("keeps every save, unless max_to_keep is set"),
    },
};
/// MMEngine and its family.
pub(super) static MMENGINE: Framework<TorchNamed> = Framework {
    id: "mmengine",
    name: "MMEngine run",
    signature: "`epoch_12.pth` or `iter_1000.pth` beside `last_checkpoint`",
    how: TorchNamed {
        numbers: |name| {
            let stem = name.strip_suffix(".pth")?;
            let after = |word: &str| whole(stem.rsplit_once(word)?.1);
            let found = (after("epoch_"), after("iter_"));
            (found != (None, None)).then_some(found)
        },
        beside: &["last_checkpoint"],
        rule: Some("keeps the newest max_keep_ckpts and the best of save_best"),
    },
};
/// fairseq.
pub(super) static FAIRSEQ: Framework<TorchNamed> = Framework {
    id: "fairseq",
    name: "fairseq run",
    signature: "`checkpoint_best.pt` and `checkpoint_last.pt` beside `checkpoint12.pt` or `checkpoint_1_5000.pt`",
    how: TorchNamed {
        numbers: |name| {
            let rest = name.strip_suffix(".pt")?.strip_prefix("checkpoint")?;
            if matches!(rest, "_best" | "_last") {
                return Some((None, None));
            }
            let Some(both) = rest.strip_prefix('_') else { return Some((Some(whole(rest)?), None)) };
            let (epoch, step) = both.split_once('_')?;
            Some((Some(whole(epoch)?), Some(whole(step)?)))
        },
        beside: &["checkpoint_last.pt"],
        rule: Some(
            "keeps the newest keep_last_epochs and keep_interval_updates, the keep_best_checkpoints best, best and last",
        ),
    },
};

fn whole(text: &str) -> Option<u64> {
    let (digits, rest) = split_digits(text);
    if rest.is_empty() { digits.parse().ok() } else { None }
}

impl How for TorchNamed {
    fn find(framework: &Framework<Self>, files: &mut Files<'_>) -> Vec<Run> {
        let is_beside = |files: &Files<'_>, folder: &str| {
            let here = |folder: &str| framework.how.beside.iter().any(|name| files.child(folder, name).is_some());
            framework.how.beside.is_empty() || here(folder) || (!parent(folder).is_empty() && here(parent(folder)))
        };
        // A folder is one of these only when a name in it has a number, or all that is needed lies beside.
        let folders: Vec<&str> = files.folders().into_iter().filter(|folder| !folder.is_empty()).collect();
        let ours: Vec<&str> = folders.into_iter().filter(|folder| is_beside(files, folder)).collect();
        let is_ours = |files: &Files<'_>, at: usize| {
            let is_torch = files.contents(at).is_some_and(|contents| contents.format.starts_with("torch"));
            is_torch && (framework.how.numbers)(files.name(at)).is_some() && ours.contains(&parent(files.path(at)))
        };
        let convention = Convention {
            layout: framework.id,
            evidence: format!("files called like {}", framework.signature),
            rule: framework.how.rule,
        };
        let mut runs = numbered::runs(files, &convention, &is_ours);
        for run in &mut runs {
            framework.complete(files, run);
        }
        runs
    }
}

impl Framework<TorchNamed> {
    fn complete(&self, files: &Files<'_>, run: &mut Run) {
        let names: Vec<&str> = run.checkpoints.iter().take(3).map(|checkpoint| checkpoint.name.as_str()).collect();
        run.evidence =
            format!("{}, as {} calls them", names.join(", "), self.name.split(' ').next().unwrap_or_default());
        for checkpoint in &mut run.checkpoints {
            self.renumber(files, checkpoint);
        }
        order_by(&mut run.checkpoints, super::members::checkpoint_order);
        let Some((file, says)) = markers::said(files, &run.path, "last_checkpoint") else { return };
        let expected = markers::newest(&run.checkpoints);
        let marker = markers::pointer(MarkerKind::Last, (&file, &says), &run.checkpoints, expected);
        // `model_final.pth` has no number, and is the last all the same.
        let is_final = marker.checkpoint.as_deref().is_some_and(|name| name.contains("final"));
        let marker = crate::model::Marker { agrees: marker.agrees.filter(|_| !is_final), ..marker };
        run.findings.extend(markers::check(&marker, expected, "by number"));
        run.markers.retain(|marker| marker.kind != MarkerKind::Last);
        run.markers.push(marker);
    }

    /// The number in a name means what this framework means by it.
    fn renumber(&self, files: &Files<'_>, checkpoint: &mut Checkpoint) {
        let dict = files.find(&checkpoint.path).and_then(|at| files.document(at));
        let (epoch, step) = (self.how.numbers)(&checkpoint.name).unwrap_or_default();
        checkpoint.step = dict.and_then(dict::step).or(step);
        checkpoint.epoch = dict.and_then(dict::epoch).or(epoch.map(|epoch| epoch as f64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::testing::{Pick, torch};

    #[test]
    fn names_mean_what_their_framework_means() {
        assert_eq!((TIMM.how.numbers)("checkpoint-12.pth.tar"), Some((Some(12), None)));
        assert_eq!((ULTRALYTICS.how.numbers)("epoch10.pt"), Some((Some(10), None)));
        assert_eq!((COMPOSER.how.numbers)("ep1-ba100-rank0.pt"), Some((Some(1), Some(100))));
        assert_eq!((DETECTRON2.how.numbers)("model_0004999.pth"), Some((None, Some(4999))));
        assert_eq!((MMENGINE.how.numbers)("best_acc_epoch_10.pth"), Some((Some(10), None)));
        assert_eq!((FAIRSEQ.how.numbers)("checkpoint_1_5000.pt"), Some((Some(1), Some(5000))));
        assert_eq!((FAIRSEQ.how.numbers)("checkpoint12.pt"), Some((Some(12), None)));
        for other in
            [TIMM.how.numbers, COMPOSER.how.numbers, DETECTRON2.how.numbers, MMENGINE.how.numbers, FAIRSEQ.how.numbers]
        {
            assert_eq!((other("model.pt"), other("weights.pth")), (None, None));
        }
    }

    #[test]
    fn runs_are_told_by_names_and_what_lies_beside() {
        let file = || torch(r#"{"state_dict": {"w": "tensor"}}"#);
        for (names, layout, numbers) in [
            (&["r/checkpoint-12.pth.tar", "r/last.pth.tar"][..], "timm", (Some(12.0), None)),
            (&["r/weights/epoch10.pt", "r/args.yaml"], "ultralytics", (Some(10.0), None)),
            (&["r/ep1-ba100-rank0.pt"], "composer", (Some(1.0), Some(100))),
            (&["r/model_0004999.pth", "r/last_checkpoint"], "detectron2", (None, Some(4999))),
            (&["r/epoch_12.pth", "r/last_checkpoint"], "mmengine", (Some(12.0), None)),
            (&["r/checkpoint12.pt", "r/checkpoint_last.pt"], "fairseq", (Some(12.0), None)),
        ] {
            let mut pick = Pick::default();
            for name in names {
                pick = if name.ends_with(".pt") || name.ends_with(".tar") || name.ends_with(".pth") {
                    pick.file(name, file())
                } else {
                    pick.text(name, names[0])
                };
            }
            let run = pick.run();
            assert_eq!(run.layout, layout);
            let first = &run.checkpoints.iter().find(|c| names[0].ends_with(c.name.as_str())).unwrap();
            assert_eq!((first.epoch, first.step), numbers, "{names:?}");
        }
    }
}
