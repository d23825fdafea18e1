//! How far the weights of the selected run moved from checkpoint to checkpoint: one pair of neighbours after the other, each
//! shared among the workers as a comparison of two is.

use std::collections::BTreeSet;

use super::weighing::model_tensors;
use super::{
    Activity, ActivityId, CheckpointRef, Command, PickId, Purpose, Selection, Session, Weighing, WeighingState,
};
use crate::diff::{Movement, WeightRow};
use crate::model::{Tensor, TensorRole, distinct};
use crate::protocol::{Part, Phase, Problem, Progress};

/// The movement of a run, as far as it is known.
#[derive(Debug, Default)]
pub struct Moving {
    /// Whether it is being measured; `None` until asked for.
    pub state: Option<WeighingState>,
    /// Grows whenever more is known.
    pub revision: u64,
    /// Which run's.
    run: Option<(PickId, usize)>,
    /// From the checkpoint before to each; of the first there is none.
    moved: Vec<Option<Movement>>,
    /// The checkpoint that is being compared with the one before, and how far that is.
    at: usize,
    weighing: Option<Weighing>,
    /// Its tensors that are no weights: buffers, and what generators of random numbers keep, which is large and says nothing.
    beside: BTreeSet<String>,
    /// Bytes of the pairs that ended, and of all.
    done: u64,
    total: u64,
}

impl Session {
    /// Measures how far the weights of the selected run moved; what is known already is not read again.
    pub fn measure_movement(&mut self) -> Vec<Command> {
        let mut commands = self.cancel(ActivityId::Move);
        let Some(selection) = self.selection else { return commands };
        let bytes = self.movement_bytes();
        if bytes.len() < 2 {
            return commands;
        }
        let run = Some((selection.pick, selection.run));
        let moving = &mut self.moving;
        if moving.run != run {
            *moving = Moving { run, revision: moving.revision, ..Moving::default() };
            moving.moved.resize_with(bytes.len(), || None);
        }
        moving.state = Some(WeighingState::Running);
        let left = moving.moved.iter().zip(&bytes).skip(1).filter(|(known, _)| known.is_none());
        (moving.done, moving.total) = (0, left.map(|(_, bytes)| *bytes).fold(0, u64::saturating_add));
        moving.revision = moving.revision.wrapping_add(1);
        commands.extend(self.next_movement());
        commands
    }

    /// Bytes that are read for each checkpoint of the selected run: its own and those of the one before; none for the first.
    pub fn movement_bytes(&self) -> Vec<u64> {
        let checkpoints = self.selected_run().map_or(0, |(_, run)| run.checkpoints.len());
        let own = |at: usize| {
            let tensors = self.of_selected_run(at).map(|found| model_tensors(&found)).unwrap_or_default();
            tensors.iter().map(|(_, tensor)| tensor.size_bytes).fold(0, u64::saturating_add)
        };
        let own: Vec<u64> = (0..checkpoints).map(own).collect();
        let with_previous = own.iter().zip(own.iter().skip(1)).map(|(previous, own)| previous.saturating_add(*own));
        own.first().map(|_| 0).into_iter().chain(with_previous).collect()
    }

    /// How far each checkpoint of the selected run is from the one before, as far as that is known.
    pub fn movements(&self) -> &[Option<Movement>] {
        let is_selected = |selection: &Selection| self.moving.run == Some((selection.pick, selection.run));
        if self.selection.as_ref().is_some_and(is_selected) { &self.moving.moved } else { &[] }
    }

    /// Whether the movement of the selected run is being measured; `None` until asked for.
    pub fn movement_state(&self) -> Option<WeighingState> {
        self.moving.state.filter(|_| !self.movements().is_empty())
    }

    fn of_selected_run(&self, at: usize) -> Option<CheckpointRef<'_>> {
        let selection = self.selection?;
        self.checkpoint_of((selection.pick, selection.run), at)
    }

    fn checkpoint_of(&self, (pick, run): (PickId, usize), at: usize) -> Option<CheckpointRef<'_>> {
        let opened = &self.pick(pick)?.opened;
        let found = opened.runs.get(run)?;
        let selection = Selection { pick, run, checkpoint: Some(at) };
        Some(CheckpointRef { selection, opened, run: found, checkpoint: found.checkpoints.get(at)? })
    }

    /// Begins with the first pair that is not known; all are known, when there is none.
    fn next_movement(&mut self) -> Vec<Command> {
        while let Some(at) = self.moving.first_unknown() {
            let run = self.moving.run;
            let of = |at: usize| self.checkpoint_of(run?, at);
            let planned = of(at.saturating_sub(1)).zip(of(at));
            let planned = planned.map(|(a, b)| (self.plan_weighing(&a, &b, &BTreeSet::new()), beside(&b)));
            let Some((weighing, beside)) = planned else { break };
            (self.moving.at, self.moving.weighing, self.moving.beside) = (at, Some(weighing), beside);
            let commands: Vec<Command> =
                (1..=self.workers).rev().filter_map(|workers| self.move_some(workers)).collect();
            if !commands.is_empty() {
                return commands;
            }
            self.end_movement();
        }
        self.moving.state = Some(WeighingState::Done);
        self.moving.revision = self.moving.revision.wrapping_add(1);
        self.finished = self.finished.saturating_add(1);
        Vec::new()
    }

    fn move_some(&mut self, workers: usize) -> Option<Command> {
        let (items, task, keys) = self.moving.weighing.as_mut()?.next_job(workers)?;
        Some(self.start(Purpose::Move(items), task, keys))
    }

    /// A job ended: the worker gets the next one, or all were compared, and the next pair is begun.
    pub(super) fn move_next(&mut self, ended: &[usize]) -> Vec<Command> {
        let Some(weighing) = &mut self.moving.weighing else { return Vec::new() };
        weighing.job_ended(ended);
        if let Some(command) = self.move_some(self.workers) {
            return vec![command];
        }
        if self.running.values().any(|running| matches!(running.purpose, Purpose::Move(_))) {
            return Vec::new();
        }
        self.end_movement();
        self.next_movement()
    }

    /// The pair in hand was compared.
    fn end_movement(&mut self) {
        let moving = &mut self.moving;
        let Some(weighing) = moving.weighing.take() else { return };
        let rows = weighing.told().into_iter().map(|(row, _)| row);
        let rows: Vec<WeightRow> = rows.filter(|row| !moving.beside.contains(&row.name)).collect();
        if let Some(known) = moving.moved.get_mut(moving.at) {
            *known = Some(Movement::of(&rows));
        }
        moving.done = moving.done.saturating_add(weighing.progress().total);
        moving.revision = moving.revision.wrapping_add(1);
    }

    pub(super) fn take_moved(&mut self, items: &[usize], part: &Part) {
        let Some(weighing) = &mut self.moving.weighing else { return };
        let read = weighing.take_found(items, part);
        self.count_bytes(&read);
    }

    pub(super) fn moving_failed(&mut self, items: &[usize], problem: &Problem) {
        if let Some(weighing) = &mut self.moving.weighing {
            weighing.job_failed(items, problem);
        }
    }

    /// What is known stays; the pair in hand is begun again when it is gone on with.
    pub(super) fn stop_moving(&mut self) {
        if self.moving.state == Some(WeighingState::Running) {
            (self.moving.state, self.moving.weighing) = (Some(WeighingState::Stopped), None);
            self.moving.revision = self.moving.revision.wrapping_add(1);
            self.finished = self.finished.saturating_add(1);
        }
    }

    /// Forgets the movement of a pick that is closed.
    pub(super) fn forget_movement(&mut self, pick: PickId) {
        if self.moving.run.is_some_and(|(own, _)| own == pick) {
            self.moving = Moving { revision: self.moving.revision.wrapping_add(1), ..Moving::default() };
        }
    }

    pub(super) fn moving_activity(&self) -> Option<Activity> {
        let moving = &self.moving;
        let weighing = moving.weighing.as_ref().filter(|_| moving.state == Some(WeighingState::Running))?;
        let jobs = self.running.values().filter(|running| matches!(running.purpose, Purpose::Move(_)));
        let comparing = jobs.map(|running| running.progress.done).fold(weighing.progress().done, u64::saturating_add);
        let name = self.checkpoint_of(moving.run?, moving.at).map_or("…", |found| &found.checkpoint.name);
        Some(Activity {
            label: format!("movement of weights to {name}"),
            progress: Progress {
                phase: Phase::Comparing,
                done: moving.done.saturating_add(comparing).min(moving.total),
                total: moving.total,
            },
            target: ActivityId::Move,
        })
    }
}

impl Moving {
    fn first_unknown(&self) -> Option<usize> {
        let mut all = self.moved.iter().enumerate().skip(1);
        all.find(|(_, known)| known.is_none()).map(|(at, _)| at)
    }
}

/// Names of the tensors that are no parameters; none, when nothing is known to be one.
fn beside(found: &CheckpointRef<'_>) -> BTreeSet<String> {
    let all = model_tensors(found);
    let is_weight = |tensor: &Tensor| tensor.role == TensorRole::Model;
    if !all.iter().any(|(_, tensor)| is_weight(tensor)) {
        return BTreeSet::new();
    }
    distinct(all.iter().filter(|(_, tensor)| !is_weight(tensor)).map(|(_, tensor)| tensor.name.clone()))
}
