//! Statistics of a large tensor that all workers share: each reads a stretch of it, once for the statistics, and once more
//! for the histogram when the range of the whole is known.

use super::answer::{Answer, Asked};
use super::examining::Examining;
use super::{Activity, ActivityId, Command, PickId, Purpose, Session, WorkerId};
use crate::limits;
use crate::model::{Layer, Order};
use crate::protocol::{Outcome, Phase, Problem, Progress, TaskSpec, TensorSpec, unpack};
use crate::tensor::{Elements, Examined, Passes};

/// A tensor whose statistics several workers are at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shared {
    /// Elements of each share.
    shares: Vec<u64>,
    /// Bytes of an element.
    width: u64,
    /// Shares that have not come.
    waiting: usize,
    /// What has come of this pass.
    joined: Option<Examined>,
    is_second: bool,
}

impl Shared {
    /// How `workers` divide the tensor; `None` when one is to look at all of it: it is small, or cannot be read from
    /// anywhere, or one pass over it is enough.
    fn of(shown: &Examining, workers: usize) -> Option<Self> {
        let elements = shown.elements.as_ref()?;
        let code = elements.code().ok()?;
        let is_dense = elements.order == Order::Fortran || elements.is_row_by_row();
        let is_inflated = |layer: &Layer| matches!(layer, Layer::Inflate { .. } | Layer::Gunzip { .. });
        if code.is_narrow() || !is_dense || shown.locator.layers.iter().any(is_inflated) {
            return None;
        }
        let (count, width) = (elements.count().ok()?, code.width()? as u64);
        let most = elements.span_bytes().ok()?.checked_div(limits::SHARE)?;
        let workers = most.min(workers as u64);
        let each = count.div_ceil(workers.max(1));
        let shares: Vec<u64> = (0..workers).map(|at| count.saturating_sub(at.saturating_mul(each)).min(each)).collect();
        let waiting = shares.len();
        (waiting > 1).then_some(Self { shares, width, waiting, joined: None, is_second: false })
    }

    /// The elements of a share, and the bytes where they lie.
    fn stretch(&self, at: usize, elements: &Elements) -> (Elements, Layer) {
        let before = self.shares.iter().take(at).fold(0_u64, |sum, share| sum.saturating_add(*share));
        let count = self.shares.get(at).copied().unwrap_or(0);
        let bytes = |count: u64| count.saturating_mul(self.width);
        let elements = Elements { shape: vec![count], order: Order::C, ..elements.clone() };
        (elements, Layer::Window { offset: bytes(before), len: bytes(count) })
    }
}

impl Session {
    /// The other workers, when what was opened is large: verifying it, or looking at a tensor, is what comes next, and
    /// starting them costs as much as reading some hundred megabytes.
    pub(super) fn warm_workers(&self, pick: PickId) -> Vec<Command> {
        let files = self.pick(pick).map(|pick| pick.files.as_slice()).unwrap_or_default();
        let bytes = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
        let wanted = if bytes >= limits::SHARE { self.workers } else { 1 };
        (1..wanted).map(|worker| Command::Warm(WorkerId(worker))).collect()
    }

    /// Divides the statistics of the tensor among the workers; `None` when one is to do it.
    pub(super) fn share_statistics(&mut self) -> Option<Vec<Command>> {
        let shown = self.examining.as_mut()?;
        let shared = Shared::of(shown, self.workers)?;
        shown.statistics = Answer::Working;
        shown.shared = Some(shared);
        Some(self.start_shares(&Passes::First))
    }

    fn start_shares(&mut self, passes: &Passes) -> Vec<Command> {
        let commands = self.shares_to_start(passes);
        let shared = self.examining.as_ref().and_then(|shown| shown.shared.as_ref());
        let Some(&bytes) = shared.filter(|shared| shared.is_second).and_then(|shared| shared.shares.first()) else {
            return commands;
        };
        // The bar does not go back while the workers begin again.
        let half = Progress { phase: Phase::Counting, done: bytes, total: bytes.saturating_mul(2) };
        let shares = self.running.values_mut().filter(|running| running.purpose == Purpose::Share);
        shares.for_each(|running| running.progress = half);
        commands
    }

    fn shares_to_start(&mut self, passes: &Passes) -> Vec<Command> {
        let Some((file, key)) = self.examined_file() else { return Vec::new() };
        let Some(shown) = &self.examining else { return Vec::new() };
        let (Some(shared), Some(elements)) = (&shown.shared, &shown.elements) else { return Vec::new() };
        let tensors = (0..shared.shares.len()).map(|at| {
            let (elements, window) = shared.stretch(at, elements);
            TensorSpec { file: file.clone(), locator: shown.locator.clone().then(&[window]), elements }
        });
        let tasks = tensors.map(|tensor| TaskSpec::Statistics {
            tensor: Box::new(tensor),
            sample: None,
            passes: passes.clone(),
        });
        let tasks: Vec<TaskSpec> = tasks.collect();
        tasks.into_iter().map(|task| self.start(Purpose::Share, task, key.into_iter().collect())).collect()
    }

    /// A share has come. When it is the last, the statistics are told, and then the histograms.
    pub(super) fn take_share(&mut self, outcome: &Outcome) -> Vec<Command> {
        let Outcome::Statistics(examined) = outcome else { return Vec::new() };
        let examined: Result<Examined, Problem> = unpack(examined);
        let Some(shown) = &mut self.examining else { return Vec::new() };
        let Some(shared) = &mut shown.shared else { return Vec::new() };
        let share = match examined {
            Ok(share) => share,
            Err(problem) => {
                let commands = self.cancel(ActivityId::Examine(Asked::Statistics));
                self.examining_failed(Asked::Statistics, problem);
                return commands;
            }
        };
        shared.waiting = shared.waiting.saturating_sub(1);
        let mut joined = match shared.joined.take() {
            Some(joined) => joined.joined(&share),
            None => share,
        };
        if shared.waiting > 0 {
            shared.joined = Some(joined);
            return Vec::new();
        }
        if shared.is_second {
            shown.shared = None;
            // Each share of the second pass carried the statistics of the whole.
            let told = shown.statistics.known().map(|known| known.statistics.clone());
            joined.statistics = told.unwrap_or_default();
            shown.statistics = Answer::Known(joined);
            return Vec::new();
        }
        (shared.waiting, shared.is_second) = (shared.shares.len(), true);
        let passes = Passes::Second(joined.statistics.clone());
        shown.statistics = Answer::Partly(joined);
        self.start_shares(&passes)
    }

    /// The shares as one line of the job bar.
    pub(super) fn sharing_activity(&self) -> Option<Activity> {
        let shares = self.running.values().filter(|running| running.purpose == Purpose::Share);
        let progress = shares.map(|running| running.progress).reduce(|sum, progress| Progress {
            phase: sum.phase,
            done: sum.done.saturating_add(progress.done),
            total: sum.total.saturating_add(progress.total),
        })?;
        Some(Activity {
            label: self.examining_label(Asked::Statistics),
            progress,
            target: ActivityId::Examine(Asked::Statistics),
        })
    }
}
