//! What the user sees, as plain Rust: events in, state out, tested natively. The page renders it and calls its actions;
//! each action returns the [`Command`]s that the page's client carries out.

mod activity;
mod answer;
mod attached;
mod calls;
mod comparing;
mod configuration;
mod examining;
mod exporting;
mod holding;
mod identifying;
mod linked;
mod moving;
mod names;
mod opening;
mod peeking;
mod planning;
mod problems;
mod queue;
pub mod registry;
mod remote;
mod route;
mod run_metrics;
mod run_sheet;
mod selection;
mod sharing;
mod signatures;
mod summary;
mod talking;
mod target;
mod tensor_facts;
pub mod tensor_table;
mod verifying;
mod weighing;

use std::collections::BTreeMap;

pub use activity::{Activity, ActivityId};
pub use answer::{Answer, Asked, Shown};
pub use calls::CallId;
pub use comparing::{Comparing, Tolerance};
pub use configuration::Configuration;
pub use examining::Examining;
pub use exporting::CsvTable;
pub use identifying::Identified;
pub use moving::Moving;
pub use names::{ACCEPTED, can_run_code, layout_name, may_hide_code};
pub use opening::{Load, NewFile, NewSource, Pick, PickId};
pub use peeking::{Peeked, Peeking};
pub use planning::Planning;
pub use problems::Notice;
pub use remote::{Offer, Then};
pub use route::{Page, Route};
pub use run_metrics::{RunMetrics, RunRow};
pub use selection::{CheckpointRef, Selection};
pub use signatures::{SignaturePlace, Signatures};
pub use summary::{ModuleTotal, Summary};
pub use tensor_facts::{Bin, Bins, Fact, drawn_number, equal_bins, facts, magnitude_bins, value_table, value_words};
pub use verifying::{Verification, VerificationState};
pub use weighing::{Looked, Weighing, WeighingState};

pub use crate::manifest::signature::Question;
use crate::model::SourceId;
use crate::protocol::{Event, JobId, Problem, Progress, TaskSpec};
use crate::registry::Request;
use crate::source::http::Stream;
use calls::Call;

/// Everything the page shows.
#[derive(Debug, Default)]
pub struct Session {
    /// What was opened, oldest first.
    pub picks: Vec<Pick>,
    /// The verification that was asked for last.
    pub verification: Option<Verification>,
    /// The key that signatures were checked with.
    pub signatures: Signatures,
    /// The comparison page.
    pub comparing: Comparing,
    /// How far the weights of a run moved.
    pub moving: Moving,
    /// The retention page.
    pub planning: Planning,
    /// The bytes shown of one entry.
    pub peeking: Option<Peeking>,
    /// The tensor whose elements are shown.
    pub examining: Option<Examining>,
    /// Checkpoints whose identity was asked for, in the order of asking.
    pub identified: Vec<Identified>,
    /// What is known of tensors without reading them again.
    holding: holding::Holding,
    /// What could not be done, newest last, until dismissed.
    pub notices: Vec<Notice>,
    /// Files that can only be had whole, until the user says yes or no.
    pub offers: Vec<Offer>,
    /// The run and checkpoint that the pages are about.
    pub selection: Option<Selection>,
    /// Things the user asked for that have ended, however they ended.
    pub finished: u32,
    /// Requests that left for another origin: none, unless the user named one.
    pub requests_sent: u64,
    /// Grows whenever what is known of opened files changes: what is worked out from them is then out of date.
    pub revision: u64,
    /// The registry page.
    pub registry: registry::Registry,
    /// Seconds since 1970, as the client told last.
    pub clock: u64,
    /// The origin of the page itself: what goes there leaves for nobody.
    pub own_origin: Option<String>,
    running: BTreeMap<JobId, Running>,
    calls: BTreeMap<CallId, Call>,
    /// Milliseconds before a request of `calls` is sent, where it waits.
    waits: BTreeMap<CallId, u32>,
    next_call: u32,
    workers: usize,
    next_job: u32,
    next_pick: u32,
    next_source: u32,
    next_notice: u32,
}

/// A job a worker is busy with, and what its result is for.
#[derive(Debug, Clone)]
struct Running {
    purpose: Purpose,
    progress: Progress,
}

/// What a job's result is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Purpose {
    Open(PickId),
    /// Items of the verification, by index into its digests.
    Verify(Vec<usize>),
    Peek,
    /// A question about the tensor that is shown.
    Examine(Asked),
    /// A share of the statistics of the tensor that is shown.
    Share,
    /// The identity of the checkpoint at this path.
    Identify(String),
    /// Pairs of the comparison of values, by index.
    Weigh(Vec<usize>),
    /// Pairs of the two neighbours of a run that are being compared, by index.
    Move(Vec<usize>),
    /// How the elements of a tensor changed.
    Deltas,
}

/// What the page's client is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Post a task to a worker.
    Start {
        /// Which worker.
        worker: WorkerId,
        /// The job's number.
        job: JobId,
        /// What to do.
        task: TaskSpec,
        /// Browser files to attach, in the order of their indexes.
        files: Vec<FileKey>,
    },
    /// Start a worker that will soon be wanted, if it is not there.
    Warm(WorkerId),
    /// Tell a worker to stop a job.
    Cancel {
        /// Which worker.
        worker: WorkerId,
        /// Which job.
        job: JobId,
    },
    /// Forget the browser files of a pick.
    Forget(PickId),
    /// Send a request, and tell [`Session::answered`].
    Ask {
        /// Its number.
        call: CallId,
        /// What to send.
        request: Request,
        /// When: in so many milliseconds.
        after_ms: u32,
    },
    /// Load a file, tell [`Session::loaded_some`] as it comes and [`Session::loaded`] when it has come.
    Load {
        /// Its number.
        call: CallId,
        /// What to call the file.
        name: String,
        /// What to send.
        request: Request,
        /// Where in the file it is.
        stream: Stream,
        /// What it is for.
        then: Then,
    },
    /// Open this text as a file.
    OpenText {
        /// What to call the file.
        name: String,
        /// What is in it.
        text: String,
    },
    /// Ask the browser about a signature, and tell [`Session::signature_checked`].
    CheckSignature {
        /// Which one.
        place: SignaturePlace,
        /// Which key, counted.
        round: u32,
        /// What to ask.
        question: Question,
    },
    /// Break a request off.
    Drop(CallId),
}

/// One of the workers: 0 answers questions, the others (and it) share bulk work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub usize);

/// A browser file that the client keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    /// The pick it came with.
    pub pick: PickId,
    /// Its index there.
    pub index: u32,
}

impl Session {
    /// A session with `workers` workers to share bulk work.
    pub fn new(workers: usize) -> Self {
        Self { workers: workers.max(1), ..Self::default() }
    }

    /// True when nothing is being worked on.
    pub fn is_idle(&self) -> bool {
        self.running.is_empty() && self.calls.is_empty() && self.signatures.is_idle()
    }

    /// True when nothing was opened yet.
    pub fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// Takes in what a worker says. Events of unknown or finished jobs are ignored.
    pub fn apply(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Ready { .. } => Vec::new(),
            Event::Progress { job, progress } => {
                if let Some(running) = self.running.get_mut(&job) {
                    running.progress = progress;
                }
                Vec::new()
            }
            Event::Partial { job, part } => {
                if let Some(running) = self.running.get(&job).cloned() {
                    self.take_part(running.purpose, part);
                }
                Vec::new()
            }
            Event::Finished { job, outcome } => match self.running.remove(&job) {
                Some(running) => self.take_outcome(running.purpose, outcome),
                None => Vec::new(),
            },
            Event::Failed { job, problem } => self.fail(job, problem),
            Event::Cancelled { job } => match self.running.remove(&job) {
                Some(running) => self.take_cancelled(running.purpose),
                None => Vec::new(),
            },
        }
    }

    /// A worker died: its jobs fail with one notice. The client starts another.
    pub fn worker_died(&mut self, worker: WorkerId, why: &str) -> Vec<Command> {
        let lost: Vec<JobId> = self.running.keys().copied().filter(|job| self.worker_of(*job) == worker).collect();
        if lost.is_empty() {
            self.notify(None, Problem::ours(format!("a worker stopped: {why}")));
        }
        lost.into_iter().flat_map(|job| self.fail(job, Problem::ours(format!("the worker stopped: {why}")))).collect()
    }

    /// Stops something; what it found so far stays.
    pub fn cancel(&mut self, target: ActivityId) -> Vec<Command> {
        if let ActivityId::Remote(call) = target {
            return self.stop_remote(call);
        }
        let matches = |purpose: &Purpose| match (target, purpose) {
            (ActivityId::Open(asked), Purpose::Open(id)) => asked == *id,
            (ActivityId::Verify, Purpose::Verify(_))
            | (ActivityId::Weigh, Purpose::Weigh(_))
            | (ActivityId::Move, Purpose::Move(_))
            | (ActivityId::Deltas, Purpose::Deltas)
            | (ActivityId::Peek, Purpose::Peek)
            | (ActivityId::Identify, Purpose::Identify(_)) => true,
            (ActivityId::Examine(asked), Purpose::Examine(running)) => asked == *running,
            (ActivityId::Examine(asked), Purpose::Share) => asked == Asked::Statistics,
            _ => false,
        };
        let jobs: Vec<JobId> =
            self.running.iter().filter(|(_, running)| matches(&running.purpose)).map(|(job, _)| *job).collect();
        let mut commands: Vec<Command> =
            jobs.iter().map(|job| Command::Cancel { worker: self.worker_of(*job), job: *job }).collect();
        if target == ActivityId::Verify {
            self.stop_verification();
        }
        if target == ActivityId::Weigh {
            self.stop_weighing();
        }
        if target == ActivityId::Move {
            self.stop_moving();
        }
        for job in jobs {
            if let Some(running) = self.running.remove(&job) {
                commands.extend(self.take_cancelled(running.purpose));
            }
        }
        commands
    }

    fn take_part(&mut self, purpose: Purpose, part: crate::protocol::Part) {
        match purpose {
            Purpose::Open(pick) => self.take_opened_part(pick, part),
            Purpose::Verify(items) => self.take_digest(&items, part),
            Purpose::Examine(_) => self.take_examined_part(part),
            Purpose::Weigh(items) => self.take_differences(&items, &part),
            Purpose::Move(items) => self.take_moved(&items, &part),
            Purpose::Deltas => self.take_deltas_part(&part),
            Purpose::Peek | Purpose::Share | Purpose::Identify(_) => {}
        }
    }

    fn take_outcome(&mut self, purpose: Purpose, outcome: crate::protocol::Outcome) -> Vec<Command> {
        match purpose {
            Purpose::Open(pick) => {
                self.take_opened(pick, outcome);
                let mut commands = self.warm_workers(pick);
                commands.extend(self.compare_opened());
                commands.extend(self.compare_linked());
                return commands;
            }
            Purpose::Verify(items) => return self.verify_next(&items),
            Purpose::Weigh(items) => return self.weigh_next(&items),
            Purpose::Move(items) => return self.move_next(&items),
            Purpose::Deltas => self.take_deltas(&outcome),
            Purpose::Peek => self.take_peeked(outcome),
            Purpose::Examine(asked) => self.take_examined(asked, outcome),
            Purpose::Share => return self.take_share(&outcome),
            Purpose::Identify(path) => {
                if let crate::protocol::Outcome::Identity { digest, held } = outcome {
                    self.hold(&path, &held);
                    self.identity_found(&path, Answer::Known(digest));
                }
            }
        }
        Vec::new()
    }

    fn take_cancelled(&mut self, purpose: Purpose) -> Vec<Command> {
        match purpose {
            Purpose::Open(pick) => self.opening_ended(pick, Load::Stopped),
            Purpose::Verify(items) => return self.verify_next(&items),
            Purpose::Weigh(items) => return self.weigh_next(&items),
            Purpose::Move(items) => return self.move_next(&items),
            Purpose::Deltas => self.deltas_stopped(),
            Purpose::Peek => self.peeking = None,
            Purpose::Examine(asked) => self.examining_stopped(asked),
            Purpose::Share => self.examining_stopped(Asked::Statistics),
            Purpose::Identify(path) => self.identity_found(&path, Answer::Stopped),
        }
        Vec::new()
    }

    fn fail(&mut self, job: JobId, problem: Problem) -> Vec<Command> {
        let Some(running) = self.running.remove(&job) else { return Vec::new() };
        match running.purpose {
            Purpose::Open(pick) => {
                let name = self.pick(pick).map(|pick| pick.name().to_owned());
                self.notify(name, problem.clone());
                self.opening_ended(pick, Load::Failed(problem));
                Vec::new()
            }
            Purpose::Verify(items) => {
                self.digests_failed(&items, &problem);
                self.verify_next(&items)
            }
            Purpose::Weigh(items) => {
                self.weights_failed(&items, &problem);
                self.weigh_next(&items)
            }
            Purpose::Move(items) => {
                self.moving_failed(&items, &problem);
                self.move_next(&items)
            }
            Purpose::Deltas => {
                self.deltas_failed(problem);
                Vec::new()
            }
            Purpose::Peek => {
                self.peeking_failed(&problem);
                Vec::new()
            }
            Purpose::Examine(asked) => {
                self.examining_failed(asked, problem);
                Vec::new()
            }
            Purpose::Share => {
                let commands = self.cancel(ActivityId::Examine(Asked::Statistics));
                self.examining_failed(Asked::Statistics, problem);
                commands
            }
            Purpose::Identify(path) => {
                self.identity_found(&path, Answer::Failed(problem));
                Vec::new()
            }
        }
    }

    /// Bulk jobs go round the workers, a long look at a tensor to the last, everything else to the first.
    fn worker_of(&self, job: JobId) -> WorkerId {
        match self.running.get(&job).map(|running| &running.purpose) {
            Some(Purpose::Verify(_) | Purpose::Weigh(_) | Purpose::Move(_) | Purpose::Share) => {
                WorkerId(usize::try_from(job.0).unwrap_or(0).checked_rem(self.workers).unwrap_or(0))
            }
            Some(Purpose::Examine(Asked::Statistics | Asked::Digest) | Purpose::Identify(_) | Purpose::Deltas) => {
                WorkerId(self.workers.saturating_sub(1))
            }
            _ => WorkerId(0),
        }
    }

    fn start(&mut self, purpose: Purpose, task: TaskSpec, files: Vec<FileKey>) -> Command {
        let job = JobId(self.next_job);
        self.next_job = self.next_job.wrapping_add(1);
        self.running.insert(job, Running { purpose, progress: Progress::default() });
        Command::Start { worker: self.worker_of(job), job, task, files }
    }

    fn new_source(&mut self) -> SourceId {
        self.next_source = self.next_source.wrapping_add(1);
        SourceId(self.next_source)
    }
}
