//! The values of two checkpoints' tensors: which are compared with which is decided here, the comparing is shared among the
//! workers, and what came of it is written into the comparison.

mod plan;

use std::collections::VecDeque;

use super::queue::Share;
use super::{Activity, ActivityId, Command, FileKey, Purpose, Session};
use crate::diff::{WeightRow, findings, rename_by_content};
use crate::limits;
use crate::model::{Finding, Layer, SourceId};
use crate::protocol::{FileBytes, FileSpec, Part, Phase, Problem, Progress, TaskSpec, TensorPair, unpack};
use crate::tensor::{Difference, NamedTensor};
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
    rows: Vec<WeightRow>,
    /// Of each row whether only its content can say that the two are one tensor.
    guesses: Vec<bool>,
    /// Where the two sides of each row came from.
    sources: Vec<[SourceId; 2]>,
    /// What a row's values are read from; `None` when they are not compared.
    pairs: Vec<Option<TensorPair>>,
    settled: Vec<bool>,
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
        self.comparing.weighing = Some(self.plan_weighing(&a, &b, &self.comparing.rejected));
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
        result.findings.retain(|finding| !finding.code.starts_with("weights-"));
        result.findings.extend(findings(&rows, &result.b));
        let settled = weighing.settled.iter().filter(|settled| **settled).count();
        if settled < weighing.rows.len() {
            let message = format!("stopped: {settled} of {} tensors were compared", weighing.rows.len());
            result.findings.push(Finding::note("weights-stopped", message).in_file(&result.b));
        }
        if rows.is_empty() && weighing.state == WeighingState::Done {
            let hint = weighing.closest.as_ref();
            let hint = hint.map(|(a, b)| format!("; the closest names are {a} in A and {b} in B")).unwrap_or_default();
            let message = format!("no tensor is on both sides: no values were compared{hint}");
            result.findings.push(Finding::note("weights-nothing-common", message).in_file(&result.b));
        }
        result.weights = Some(rows);
        self.comparing.revise();
    }

    pub(super) fn weighing_activity(&self) -> Option<Activity> {
        let weighing = self.comparing.weighing.as_ref().filter(|w| w.state == WeighingState::Running)?;
        let jobs = self.running.values().filter(|running| matches!(running.purpose, Purpose::Weigh(_)));
        let comparing = jobs.map(|running| running.progress.done).fold(0, u64::saturating_add);
        let settled = weighing.settled.iter().filter(|settled| **settled).count();
        Some(Activity {
            label: format!("comparing {settled} of {} tensors", weighing.rows.len()),
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
        let pairs = items.iter().filter_map(|&at| self.pairs.get(at)?.clone()).collect();
        let task = TaskSpec::Weights { files: self.files.clone(), pairs };
        Some((items, task, self.keys.clone()))
    }

    /// Bytes of the jobs that ended, and of all.
    pub(super) fn progress(&self) -> Progress {
        Progress { phase: Phase::Comparing, done: self.done, total: self.total }
    }

    pub(super) fn job_ended(&mut self, items: &[usize]) {
        let sizes = items.iter().filter_map(|&at| self.pairs.get(at)?.as_ref()).map(TensorPair::bytes);
        self.done = sizes.fold(self.done, u64::saturating_add);
    }

    pub(super) fn job_failed(&mut self, items: &[usize], problem: &Problem) {
        for &at in items {
            if self.settled.get(at) == Some(&false) {
                self.settle(at, Err(problem));
            }
        }
    }

    /// Takes in what was found of some items, and says what was read of which source for it.
    pub(super) fn take_found(&mut self, items: &[usize], part: &Part) -> Vec<(SourceId, u64)> {
        let mut read = Vec::new();
        let Part::Differences(bytes) = part else { return read };
        for (item, found) in unpack::<Vec<(u32, Result<Difference, Problem>)>>(bytes).unwrap_or_default() {
            if let Some(&at) = usize::try_from(item).ok().and_then(|item| items.get(item)) {
                self.settle(at, found.as_ref());
                read.extend(found.is_ok().then(|| self.bytes_of(at)).into_iter().flatten().flatten());
            }
        }
        read
    }

    /// The rows that are settled, and whether they were guesses; of these only those that are right.
    pub(super) fn told(&self) -> Vec<(WeightRow, bool)> {
        let all = self.rows.iter().zip(&self.guesses).zip(&self.settled).filter(|(_, settled)| **settled);
        // Zeros are the same without being the same tensor.
        let is_right = |row: &WeightRow| row.equal && row.a.l2.is_some_and(|norm| norm.0 > 0.0);
        let right = all.filter(|((row, is_guess), _)| !**is_guess || is_right(row));
        right.map(|((row, is_guess), _)| (row.clone(), *is_guess)).collect()
    }

    fn take(&mut self, workers: usize) -> Vec<usize> {
        let pairs = &self.pairs;
        Share { items: PAIRS, together: 1, bytes: BYTES }
            .take(&mut self.queue, workers, |at| pairs.get(at).and_then(Option::as_ref).map_or(0, TensorPair::bytes))
    }

    /// Stored bytes that comparing a row read of each side.
    fn bytes_of(&self, at: usize) -> Option<[(SourceId, u64); 2]> {
        let (pair, [a, b]) = (self.pairs.get(at)?.as_ref()?, *self.sources.get(at)?);
        let stored = |named: &NamedTensor| {
            let packed = named.locator.layers.windows(2).find_map(|layers| match layers {
                [
                    Layer::Window { len, .. } | Layer::ZipMember { len, .. },
                    Layer::Inflate { .. } | Layer::Gunzip { .. },
                ] => Some(*len),
                _ => None,
            });
            packed.unwrap_or_else(|| named.elements.span_bytes().unwrap_or(0))
        };
        Some([(a, stored(&pair.a)), (b, stored(&pair.b))])
    }

    fn settle(&mut self, at: usize, found: Result<&Difference, &Problem>) {
        if let (Some(row), Some(settled)) = (self.rows.get_mut(at), self.settled.get_mut(at)) {
            *settled = true;
            match found {
                Ok(found) => row.fill(found),
                Err(problem) => row.problem = Some(problem.detail.clone()),
            }
        }
    }
}
