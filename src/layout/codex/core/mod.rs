//! `utils/checkpoint_core.py` 1.0 in all its versions: files `ckpt-<time>-<number>.pt` with `index.json` beside them, in
//! one folder, or each in an `epoch-NNNN` folder of its own (`CheckpointManager.save_now`, unified training).
//!
//! The time in a name is no step. `state.pt` is the first save of its folder, `state.sha256` and `metadata.json` are
//! about the newest. The same index is written once more one folder up, with folders for entries: a later save deletes
//! those of them that are not among the best.

mod digests;
mod facts;
mod flat;
mod parent_index;
mod ranking;
mod saves;

use super::parts::grouped;
use crate::layout::{Files, Layout};
use crate::model::{Run, Value, base_name};

/// The layout.
pub struct CodexCore;

impl Layout for CodexCore {
    fn id(&self) -> &'static str {
        "codex_core"
    }

    fn name(&self) -> &'static str {
        "codex_ml core run"
    }

    fn signature(&self) -> &'static str {
        "`index.json` with `entries` and `metric_key` beside `ckpt-<time>-<number>.pt`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let homes = grouped(files, |files, folder| is_ours(files, folder));
        let mut runs = Vec::new();
        for (home, folders) in homes {
            let (saves, flat): (Vec<&str>, Vec<&str>) = folders.into_iter().partition(|folder| is_save(files, folder));
            if !saves.is_empty() {
                runs.push(saves::run(files, self.id(), home, &saves));
            }
            for folder in flat {
                runs.push(flat::run(files, self.id(), folder));
            }
        }
        runs
    }
}

fn is_ours(files: &Files<'_>, folder: &str) -> bool {
    index(files, folder).is_some() && !weights(files, folder).is_empty()
}

/// The index of `folder`: an object with `entries` and what they are ranked by.
fn index<'a>(files: &'a Files<'_>, folder: &str) -> Option<&'a Value> {
    let document = files.child_document(folder, "index.json")?;
    document.get("entries")?.items()?;
    document.get("metric_key").map(|_| document)
}

/// A folder that `save_now` made: called by its step, with one file of weights in it.
fn is_save(files: &Files<'_>, folder: &str) -> bool {
    let number = base_name(folder).strip_prefix("epoch-").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && weights(files, folder).len() == 1
}

/// The unclaimed `ckpt-<time>-<number>.pt` of `folder`, the oldest first.
fn weights(files: &Files<'_>, folder: &str) -> Vec<usize> {
    files.pick(folder, |at| is_weights(files.name(at)))
}

/// `ckpt-20261121-030109-190065-0001.pt`: date, time, microseconds, number.
fn is_weights(name: &str) -> bool {
    let Some(stem) = name.strip_prefix("ckpt-").and_then(|rest| rest.strip_suffix(".pt")) else { return false };
    let parts: Vec<&str> = stem.split('-').collect();
    parts.len() >= 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
