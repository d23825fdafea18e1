//! Which run and checkpoint the pages are about.

use super::{PickId, Session};
use crate::model::{Checkpoint, MarkerKind, Opened, Run};

/// The run and checkpoint that the pages are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// The pick.
    pub pick: PickId,
    /// Index of the run in it.
    pub run: usize,
    /// Index of the checkpoint in the run; `None` for a run without one.
    pub checkpoint: Option<usize>,
}

/// A checkpoint of something opened.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointRef<'a> {
    /// Where it is.
    pub selection: Selection,
    /// What was opened.
    pub opened: &'a Opened,
    /// Its run.
    pub run: &'a Run,
    /// The checkpoint.
    pub checkpoint: &'a Checkpoint,
}

impl Session {
    /// Every checkpoint of everything opened, in order.
    pub fn checkpoints(&self) -> impl Iterator<Item = CheckpointRef<'_>> {
        self.picks.iter().flat_map(|pick| {
            let runs = pick.opened.runs.iter().enumerate();
            runs.flat_map(move |(run_at, run)| {
                run.checkpoints.iter().enumerate().map(move |(at, checkpoint)| CheckpointRef {
                    selection: Selection { pick: pick.id, run: run_at, checkpoint: Some(at) },
                    opened: &pick.opened,
                    run,
                    checkpoint,
                })
            })
        })
    }

    /// The checkpoint at this path.
    pub fn checkpoint_at(&self, path: &str) -> Option<CheckpointRef<'_>> {
        self.checkpoints().find(|found| found.checkpoint.path == path)
    }

    /// What was opened, and the run, that the pages are about.
    pub fn selected_run(&self) -> Option<(&Opened, &Run)> {
        let selection = self.selection?;
        let opened = &self.pick(selection.pick)?.opened;
        Some((opened, opened.runs.get(selection.run)?))
    }

    /// The checkpoint that the pages are about.
    pub fn selected_checkpoint(&self) -> Option<CheckpointRef<'_>> {
        let selection = self.selection?;
        let (opened, run) = self.selected_run()?;
        let checkpoint = run.checkpoints.get(selection.checkpoint?)?;
        Some(CheckpointRef { selection, opened, run, checkpoint })
    }

    /// Shows another run or checkpoint.
    pub fn select(&mut self, selection: Selection) {
        self.selection = Some(selection);
        self.replan();
    }

    /// Shows the best checkpoint of the first run of a pick, else the last.
    pub(super) fn select_newest(&mut self, id: PickId) {
        let Some(run) = self.pick(id).and_then(|pick| pick.opened.runs.first()) else { return };
        let checkpoint = best_or_last(run);
        self.selection = Some(Selection { pick: id, run: 0, checkpoint });
    }
}

/// Index of the checkpoint that the run's best marker names, else of the last one.
pub(super) fn best_or_last(run: &Run) -> Option<usize> {
    marked(run, MarkerKind::Best).or_else(|| run.checkpoints.len().checked_sub(1))
}

/// Index of the checkpoint that a marker of this kind names.
pub(super) fn marked(run: &Run, kind: MarkerKind) -> Option<usize> {
    let names = run.markers.iter().filter(|marker| marker.kind == kind).filter_map(|marker| marker.checkpoint.as_ref());
    names.filter_map(|name| run.checkpoints.iter().position(|checkpoint| checkpoint.name == *name)).next()
}
