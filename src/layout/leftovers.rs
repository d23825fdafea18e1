//! Files that no layout claimed, given to the run or the checkpoint they lie with.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use super::members::claim_members;
use super::{Files, role_of_name};
use crate::model::{Run, base_name, distinct, natural_cmp, order_by, parent};

/// Index of a run, and of a checkpoint in it.
type Owner = (usize, Option<usize>);

/// What writers call the folder of the checkpoints: the folder around it is the run's.
const INNER: [&str; 5] = ["checkpoints", "checkpoint", "ckpts", "ckpt", "weights"];

/// Files in a folder below a checkpoint go to the checkpoint; those in the folder of a run, or in a folder above that
/// belongs to one run only (`config.yaml` beside `checkpoints/`), to the run, and so do those in folders below the run
/// (`logs/`). Others stay unclaimed.
pub(super) fn assign(files: &mut Files<'_>, runs: &mut [Run]) {
    let owners = Owners::of(runs);
    let mut owned: BTreeMap<Owner, Vec<usize>> = BTreeMap::new();
    for index in files.unclaimed() {
        if let Some(owner) = owners.owner(files, index) {
            owned.entry(owner).or_default().push(index);
        }
    }
    for ((run, checkpoint), indexes) in owned {
        let members = claim_members(files, &indexes, |_, name| role_of_name(name));
        let Some(run) = runs.get_mut(run) else { continue };
        let checkpoint = checkpoint.and_then(|at| run.checkpoints.get_mut(at));
        let list = checkpoint.map_or(&mut run.files, |checkpoint| &mut checkpoint.files);
        list.extend(members);
        order_by(list, |a, b| natural_cmp(&a.path, &b.path));
    }
}

/// Who owns what lies in a folder.
struct Owners {
    checkpoints: BTreeMap<String, Owner>,
    /// `None` when several runs share the folder.
    folders: BTreeMap<String, Option<usize>>,
    /// The same, of folders that belong to a run with all that is below them.
    whole: BTreeMap<String, Option<usize>>,
    /// For loose files: the first run of loose files.
    loose: Option<usize>,
    any: Option<usize>,
}

impl Owners {
    fn of(runs: &[Run]) -> Self {
        let is_loose = |run: &Run| run.checkpoints.iter().any(|checkpoint| parent(&checkpoint.path).is_empty());
        let is_lone_file = |run: &Run| run.path.is_empty() && is_loose(run) && run.layout != "unknown";
        let known = |run: &Run| run.layout != "unknown";
        let mut owners = Self {
            checkpoints: BTreeMap::new(),
            folders: BTreeMap::new(),
            whole: BTreeMap::new(),
            loose: runs.iter().position(is_lone_file),
            any: runs.iter().position(known),
        };
        for (at, run) in runs.iter().enumerate() {
            for (checkpoint_at, checkpoint) in run.checkpoints.iter().enumerate() {
                owners.checkpoints.entry(checkpoint.path.clone()).or_insert((at, Some(checkpoint_at)));
            }
            owners.folders.entry(run.path.clone()).or_insert(Some(at));
            if known(run) {
                let is_inner = INNER.contains(&base_name(&run.path));
                share(&mut owners.whole, if is_inner { parent(&run.path) } else { &run.path }, at);
            }
        }
        let own = distinct(owners.folders.keys().cloned());
        for (at, run) in runs.iter().enumerate() {
            let mut folder = parent(&run.path);
            while !folder.is_empty() {
                if !own.contains(folder) {
                    share(&mut owners.folders, folder, at);
                }
                folder = parent(folder);
            }
        }
        owners
    }

    fn owner(&self, files: &Files<'_>, index: usize) -> Option<Owner> {
        let home = parent(files.path(index));
        if home.is_empty() {
            let is_manifest = files.contents(index).is_some_and(|contents| contents.manifest.is_some());
            return Some((self.loose.or(self.any.filter(|_| is_manifest))?, None));
        }
        let mut folder = home;
        while !folder.is_empty() {
            if let Some(owner) = self.checkpoints.get(folder) {
                return Some(*owner);
            }
            folder = parent(folder);
        }
        let run = self.folders.get(home).copied().or_else(|| self.around(files, home)).flatten();
        run.map(|run| (run, None))
    }

    /// The run that one of the folders around `folder` belongs to. What an archive holds is not the run's beside it.
    fn around(&self, files: &Files<'_>, folder: &str) -> Option<Option<usize>> {
        let mut folder = folder;
        while !folder.is_empty() && !files.is_archive(folder) {
            folder = parent(folder);
            if let Some(run) = self.whole.get(folder) {
                return Some(*run);
            }
        }
        None
    }
}

/// Notes that `folder` belongs to `run`, or to none when it is another's already.
fn share(folders: &mut BTreeMap<String, Option<usize>>, folder: &str, run: usize) {
    match folders.entry(folder.to_owned()) {
        Slot::Vacant(slot) => {
            slot.insert(Some(run));
        }
        Slot::Occupied(mut slot) => {
            if *slot.get() != Some(run) {
                slot.insert(None);
            }
        }
    }
}
