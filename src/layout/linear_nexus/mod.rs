//! LinearNexus (`linearnexus/checkpoint.py`, read and run at a8ce1cf): `step_N/` folders of `model.npz` with
//! `structure.json`, written to a temporary folder and renamed.
//!
//! Nothing on disk names a metric, a best or a last checkpoint: the writer recomputes them from the folders' names and
//! their `metrics.json` whenever it starts, and so does [`best`].

mod best;
mod checkpoint;
mod optimizer;
mod series;
mod structure;

use super::members::{checkpoint_order, empty_run};
use super::{Files, Layout};
use crate::model::{Run, order_by, parent};
use series::{Folder, Found, Groups, Saved};

/// The layout.
pub struct LinearNexus;

impl Layout for LinearNexus {
    fn id(&self) -> &'static str {
        "linear_nexus"
    }

    fn name(&self) -> &'static str {
        "LinearNexus run"
    }

    fn signature(&self) -> &'static str {
        "`structure.json` or `optimizer_meta.pkl` beside `model.npz`, in `step_200` folders"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut groups = Groups::new();
        for path in files.folders() {
            let Some(evidence) = evidence(files, path) else { continue };
            let saved = series::saved_as(files, path);
            // Folders of one series are one run; a folder with a name of its own is a run of one.
            let own = (saved == Saved::Alone).then_some(path);
            groups.entry((parent(path), own)).or_default().push(Folder { path, saved, evidence });
        }
        series::add_broken(files, &mut groups);
        groups.into_iter().map(|((home, _), folders)| run(files, self.id(), home, &folders)).collect()
    }
}

/// What tells that `folder` is a checkpoint of this writer.
fn evidence(files: &Files<'_>, folder: &str) -> Option<&'static str> {
    files.child(folder, "model.npz")?;
    if files.child(folder, "structure.json").is_some() {
        return Some("structure.json beside model.npz");
    }
    if files.child(folder, "optimizer_meta.pkl").is_some() {
        return Some("optimizer_meta.pkl beside model.npz");
    }
    files.child_document(folder, "config.json")?.get("model_config")?.pairs()?;
    Some("config.json with model_config beside model.npz")
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[Folder<'_>]) -> Run {
    let evidence = folders.iter().map(|folder| folder.evidence).find(|evidence| !evidence.is_empty());
    let mut run = empty_run(layout, home, evidence.unwrap_or_default());
    let read = folders
        .iter()
        .map(|folder| Found { saved: folder.saved, checkpoint: checkpoint::read(files, folder, &mut run.findings) });
    let mut found: Vec<Found> = read.collect();
    order_by(&mut found, |a, b| checkpoint_order(&a.checkpoint, &b.checkpoint));
    run.findings.extend(series::judge(&found));
    best::derive(&found, &mut run);
    // A folder saved by hand is nobody's to prune.
    let is_managed = found.iter().any(|found| found.saved != Saved::Alone);
    run.rule = is_managed.then(|| "keeps the best K and the N newest of the others".to_owned());
    run.checkpoints = found.into_iter().map(|found| found.checkpoint).collect();
    run
}

#[cfg(test)]
mod tests;
