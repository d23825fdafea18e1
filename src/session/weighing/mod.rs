//! The values of two checkpoints' tensors: which are compared with which is decided here, the comparing is shared among the
//! workers, and what came of it is written into the comparison.

mod adapters;
mod item;
mod known;
mod looking;
mod moments;
mod plan;

use std::collections::VecDeque;

use super::queue::Share;
use super::{Activity, ActivityId, Command, FileKey, Purpose, Session};
use crate::diff::{AdapterPart, MomentRow, STOPPED, UpdateRow, WeightRow, findings, rename_by_content};
use crate::limits;
use crate::model::{Finding, SourceId};
use crate::protocol::{FileBytes, FileSpec, Found, Pair, Part, Phase, Problem, Progress, TaskSpec, pack, unpack};
use item::{Item, Row};
pub use looking::Looked;
pub(super) use plan::model_tensors;

/// Pairs of one job at most.
const PAIRS: usize = 512;
/// Bytes of one job, unless a single pair is larger: the last jobs must not keep one worker busy alone.
const BYTES: u64 = 256 << 20;

/// A comparison of values, running or ended.
#[derive(Debug, Clone)]
pub struct Weighing {
    /// Whether it still runs.
    pub state: WeighingState,
    files: Vec<FileSpec>,
    keys: Vec<FileKey>,
    items: Vec<Item>,
    /// What is to be said of how adapters are compared.
    notes: Vec<Finding>,
    /// Whether the optimizers were to be compared too.
    with_optimizer: bool,
    queue: VecDeque<usize>,
    /// The names that are most alike, when no two tensors are one.
    closest: Option<(String, String)>,
    /// Bytes of the jobs that ended, and of all.
    done: u64,
    total: u64,
}

/// Whether values are still compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeighingState {
    /// Workers are comparing.
    Running,
    /// Every pair was compared or found not to be comparable.
    Done,
    /// The user stopped it.
    Stopped,
}

impl Session {
    /// Compares the values of the two checkpoints that were compared.
    pub fn weigh(&mut self) -> Vec<Command> {
        let mut commands = self.cancel(ActivityId::Weigh);
        let Some(shown) = &self.comparing.result else { return commands };
        let (Some(a), Some(b)) = (self.checkpoint_at(&shown.a), self.checkpoint_at(&shown.b)) else { return commands };
        self.comparing.weighing = Some(self.plan_comparison(&a, &b));
        for without_a_job in (1..=self.workers).rev() {
            commands.extend(self.weigh_some(without_a_job));
        }
        self.end_weighing_if_done();
        commands
    }

    /// Whether all that would be read is on this machine, or little.
    pub(super) fn is_weighing_cheap(&self) -> bool {
        let Some(shown) = &self.comparing.result else { return false };
        let sides = [self.checkpoint_at(&shown.a), self.checkpoint_at(&shown.b)];
        sides.into_iter().flatten().all(|found| {
            let pick = self.picks.iter().find(|pick| pick.id == found.selection.pick);
            let is_far = pick.is_some_and(|pick| pick.files.iter().any(|file| matches!(file.bytes, FileBytes::Url(_))));
            let bytes = model_tensors(&found).iter().map(|(_, tensor)| tensor.size_bytes).fold(0, u64::saturating_add);
            !is_far || bytes <= limits::WEIGHED_FROM_AFAR
        })
    }

    /// The next job; what is left is shared among `workers`.
    fn weigh_some(&mut self, workers: usize) -> Option<Command> {
        let weighing = self.comparing.weighing.as_mut().filter(|weighing| weighing.state == WeighingState::Running)?;
        let (items, task, keys) = weighing.next_job(workers)?;
        Some(self.start(Purpose::Weigh(items), task, keys))
    }

    /// A job ended: the worker gets the next one, or all were compared.
    pub(super) fn weigh_next(&mut self, ended: &[usize]) -> Vec<Command> {
        if let Some(weighing) = &mut self.comparing.weighing {
            weighing.job_ended(ended);
        }
        let commands = self.weigh_some(self.workers);
        self.end_weighing_if_done();
        commands.into_iter().collect()
    }

    pub(super) fn take_differences(&mut self, items: &[usize], part: &Part) {
        let Some(weighing) = &mut self.comparing.weighing else { return };
        let read = weighing.take_found(items, part);
        self.count_bytes(&read);
    }

    /// Bytes more that were read of these sources.
    pub(super) fn count_bytes(&mut self, read: &[(SourceId, u64)]) {
        for source in self.picks.iter_mut().flat_map(|pick| &mut pick.opened.sources) {
            let own = read.iter().filter(|(id, _)| *id == source.id).map(|(_, bytes)| *bytes);
            source.bytes_read = own.fold(source.bytes_read, u64::saturating_add);
        }
    }

    pub(super) fn weights_failed(&mut self, items: &[usize], problem: &Problem) {
        if let Some(weighing) = &mut self.comparing.weighing {
            weighing.job_failed(items, problem);
        }
    }

    pub(super) fn stop_weighing(&mut self) {
        if let Some(weighing) = self.comparing.weighing.as_mut().filter(|w| w.state == WeighingState::Running) {
            weighing.state = WeighingState::Stopped;
            weighing.queue.clear();
            self.attach_weights();
            self.finished = self.finished.saturating_add(1);
        }
    }

    fn end_weighing_if_done(&mut self) {
        let is_busy = self.running.values().any(|running| matches!(running.purpose, Purpose::Weigh(_)));
        if let Some(weighing) =
            self.comparing.weighing.as_mut().filter(|w| w.state == WeighingState::Running && !is_busy)
        {
            weighing.state = WeighingState::Done;
            self.attach_weights();
            self.finished = self.finished.saturating_add(1);
        }
    }

    /// Writes what was found into the comparison.
    pub(super) fn attach_weights(&mut self) {
        let (Some(weighing), Some(result)) = (&self.comparing.weighing, &mut self.comparing.result) else { return };
        if weighing.state == WeighingState::Running {
            return;
        }
        let rows = weighing.told();
        let found = rows.iter().filter(|(_, is_guess)| *is_guess);
        let found = found.filter_map(|(row, _)| Some((row.from.clone()?, row.name.clone()))).collect::<Vec<_>>();
        if let Some(structure) = result.structure.as_mut().filter(|_| !found.is_empty()) {
            rename_by_content(structure, &found);
        }
        let rows: Vec<WeightRow> = rows.into_iter().map(|(row, _)| row).collect();
        let has_adapter = weighing.items.iter().any(|item| !item.is_tensor());
        let lora = has_adapter.then(|| AdapterPart::of(weighing.updates()));
        result.findings.retain(|finding| !finding.code.starts_with("weights-"));
        result.findings.extend(findings(&rows, &result.b));
        result.findings.extend(weighing.notes.iter().cloned());
        result.findings.extend(lora.iter().flat_map(|part| part.findings(&result.b)));
        let (settled, all) = weighing.tensors();
        if settled < all {
            let message = format!("stopped: {settled} of {all} tensors were compared");
            result.findings.push(Finding::note(STOPPED, message).in_file(&result.b));
        }
        if rows.is_empty() && weighing.state == WeighingState::Done {
            let hint = weighing.closest.as_ref();
            let hint = hint.map(|(a, b)| format!("; the closest names are {a} in A and {b} in B")).unwrap_or_default();
            let message = format!("no tensor is on both sides: no values were compared{hint}");
            result.findings.push(Finding::note("weights-nothing-common", message).in_file(&result.b));
        }
        (result.weights, result.lora) = (Some(rows), lora);
        result.optimizer = weighing.with_optimizer.then(|| weighing.moments());
        self.comparing.revise();
    }

    pub(super) fn weighing_activity(&self) -> Option<Activity> {
        let weighing = self.comparing.weighing.as_ref().filter(|w| w.state == WeighingState::Running)?;
        let jobs = self.running.values().filter(|running| matches!(running.purpose, Purpose::Weigh(_)));
        let comparing = jobs.map(|running| running.progress.done).fold(0, u64::saturating_add);
        let (settled, all) = weighing.tensors();
        Some(Activity {
            label: format!("comparing {settled} of {all} tensors"),
            progress: Progress {
                phase: Phase::Comparing,
                done: weighing.done.saturating_add(comparing).min(weighing.total),
                total: weighing.total,
            },
            target: ActivityId::Weigh,
        })
    }
}

impl Weighing {
    /// The next job, when what is left is shared among `workers`: its items, what to do, the files to attach.
    pub(super) fn next_job(&mut self, workers: usize) -> Option<(Vec<usize>, TaskSpec, Vec<FileKey>)> {
        let items = self.take(workers);
        if items.is_empty() {
            return None;
        }
        let pairs: Vec<Pair> = items.iter().filter_map(|&at| self.items.get(at)?.read()).collect();
        let task = TaskSpec::Weights { files: self.files.clone(), pairs: pack(&pairs) };
        Some((items, task, self.keys.clone()))
    }

    /// Bytes of the jobs that ended, and of all.
    pub(super) fn progress(&self) -> Progress {
        Progress { phase: Phase::Comparing, done: self.done, total: self.total }
    }

    pub(super) fn job_ended(&mut self, items: &[usize]) {
        let sizes = items.iter().filter_map(|&at| self.items.get(at)).map(Item::bytes);
        self.done = sizes.fold(self.done, u64::saturating_add);
    }

    pub(super) fn job_failed(&mut self, items: &[usize], problem: &Problem) {
        for &at in items {
            if let Some(item) = self.items.get_mut(at).filter(|item| !item.is_settled) {
                item.settle(Err(problem));
            }
        }
    }

    /// Takes in what was found of some items, and says what was read of which source for it.
    pub(super) fn take_found(&mut self, items: &[usize], part: &Part) -> Vec<(SourceId, u64)> {
        let mut read = Vec::new();
        let Part::Differences(bytes) = part else { return read };
        for (item, found) in unpack::<Vec<(u32, Result<Found, Problem>)>>(bytes).unwrap_or_default() {
            let at = usize::try_from(item).ok().and_then(|item| items.get(item));
            if let Some(item) = at.and_then(|&at| self.items.get_mut(at)) {
                item.settle(found.as_ref());
                read.extend(found.is_ok().then(|| item.stored()).into_iter().flatten());
            }
        }
        read
    }

    fn settled(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.is_settled)
    }

    /// The rows of the models that are settled, and whether they were guesses; of these only those that are right.
    pub(super) fn told(&self) -> Vec<(WeightRow, bool)> {
        // Zeros are the same without being the same tensor.
        let is_right = |row: &WeightRow| row.equal && row.a.l2.is_some_and(|norm| norm.0 > 0.0);
        let row = |item: &Item| match &item.row {
            Row::Weight(row) if !item.is_guess || is_right(row) => Some(((**row).clone(), item.is_guess)),
            _ => None,
        };
        self.settled().filter_map(row).collect()
    }

    /// Those of the optimizers.
    fn moments(&self) -> Vec<MomentRow> {
        let row = |item: &Item| if let Row::Moment(row) = &item.row { Some((**row).clone()) } else { None };
        self.settled().filter_map(row).collect()
    }

    /// Those of the adapters.
    fn updates(&self) -> Vec<UpdateRow> {
        let row = |item: &Item| if let Row::Update(row) = &item.row { Some((**row).clone()) } else { None };
        self.settled().filter_map(row).collect()
    }

    /// Pairs of tensors that are settled, and all.
    fn tensors(&self) -> (usize, usize) {
        let tensors = || self.items.iter().filter(|item| item.is_tensor());
        (tensors().filter(|item| item.is_settled).count(), tensors().count())
    }

    fn take(&mut self, workers: usize) -> Vec<usize> {
        let items = &self.items;
        Share { items: PAIRS, together: 1, bytes: BYTES }
            .take(&mut self.queue, workers, |at| items.get(at).map_or(0, Item::bytes))
    }
}
