//! Steps jobs in turn, lets cancel in between, and tells each job's end exactly once.

use std::collections::VecDeque;

use crate::error::{Error, Result};
use crate::protocol::{self, Event, JobId, Problem, Progress, pack};
use crate::task::{Outcome, Part, Step, Task};

/// Time one [`Scheduler::run`] takes before it gives way, in milliseconds.
const SLICE: f64 = 16.0;
/// Time between two progress events of a job, in milliseconds.
const QUIET: f64 = 100.0;

/// The jobs of one worker.
#[derive(Default)]
pub struct Scheduler {
    jobs: VecDeque<Running>,
    is_waiting: bool,
}

struct Running {
    id: JobId,
    task: Box<dyn Task>,
    told: f64,
    last: Option<Progress>,
}

impl Scheduler {
    /// Takes on a job; one that cannot even start fails at once.
    pub fn start(&mut self, id: JobId, task: Result<Box<dyn Task>>) -> Option<Event> {
        match task {
            Ok(task) => {
                self.jobs.push_back(Running { id, task, told: f64::NEG_INFINITY, last: None });
                None
            }
            Err(error) => Some(Event::Failed { job: id, problem: Problem::from(&error) }),
        }
    }

    /// Drops a job. An unknown or finished one is ignored.
    pub fn cancel(&mut self, id: JobId) -> Option<Event> {
        let at = self.jobs.iter().position(|running| running.id == id)?;
        self.jobs.remove(at).map(|running| Event::Cancelled { job: running.id })
    }

    /// True when there is nothing to do.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// True when no job can go on before bytes have come.
    pub fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Steps the jobs in turn for one slice of time, or until all wait, and returns what is to be told. `now` gives
    /// milliseconds.
    pub fn run(&mut self, now: &dyn Fn() -> f64) -> Vec<Event> {
        let (begun, mut events) = (now(), Vec::new());
        let mut waiting = 0_usize;
        self.is_waiting = false;
        while let Some(mut running) = self.jobs.pop_front() {
            let mut parts = Vec::new();
            let step = running.task.step(&mut parts);
            events.extend(parts.into_iter().map(|part| Event::Partial { job: running.id, part: packed(part) }));
            let time = now();
            waiting = if matches!(step, Ok(Step::Wait)) { waiting.saturating_add(1) } else { 0 };
            match step {
                Ok(Step::More | Step::Wait) => {
                    events.extend(running.progress(time));
                    self.jobs.push_back(running);
                }
                Ok(Step::Done(outcome)) => {
                    events.extend(running.progress(f64::INFINITY));
                    events.push(Event::Finished { job: running.id, outcome: finished(outcome) });
                }
                Err(Error::Cancelled) => events.push(Event::Cancelled { job: running.id }),
                Err(error) => events.push(Event::Failed { job: running.id, problem: Problem::from(&error) }),
            }
            self.is_waiting = waiting > 0 && waiting >= self.jobs.len();
            if self.is_waiting || time - begun >= SLICE {
                break;
            }
        }
        events
    }
}

impl Running {
    /// The progress event that is due at `time`, if any. The last one of a job is always told.
    fn progress(&mut self, time: f64) -> Option<Event> {
        if time - self.told < QUIET {
            return None;
        }
        self.told = time;
        let progress = self.task.progress();
        if self.last == Some(progress) {
            return None;
        }
        self.last = Some(progress);
        Some(Event::Progress { job: self.id, progress })
    }
}

fn packed(part: Part) -> protocol::Part {
    match part {
        Part::Entries(entries) => protocol::Part::Entries(pack(&entries)),
        Part::Contents(contents) => {
            let packed =
                contents.iter().map(|(index, contents)| (u32::try_from(*index).unwrap_or(u32::MAX), pack(contents)));
            protocol::Part::Contents(packed.collect())
        }
        Part::Digest(item, digest) => protocol::Part::Digest {
            item: u32::try_from(item).unwrap_or(u32::MAX),
            sha256: digest.map_err(|error| Problem::from(&error)),
        },
        Part::CrcMismatch(item, found) => {
            protocol::Part::CrcMismatch { item: u32::try_from(item).unwrap_or(u32::MAX), found }
        }
        Part::Members(item, findings) => {
            protocol::Part::Members { item: u32::try_from(item).unwrap_or(u32::MAX), findings: pack(&findings) }
        }
        Part::Statistics(examined) => protocol::Part::Statistics(pack(&examined)),
        Part::Differences(found) => {
            let told = found.into_iter().map(|(pair, found)| {
                (u32::try_from(pair).unwrap_or(u32::MAX), found.map_err(|error| Problem::from(&error)))
            });
            protocol::Part::Differences(pack(&told.collect::<Vec<_>>()))
        }
    }
}

fn finished(outcome: Outcome) -> protocol::Outcome {
    match outcome {
        Outcome::Inspect { runs, findings, bytes_read } => {
            protocol::Outcome::Inspect { runs: pack(&runs), findings: pack(&findings), bytes_read }
        }
        Outcome::Digest => protocol::Outcome::Digest,
        Outcome::Peek(bytes) => protocol::Outcome::Peek(bytes.into()),
        Outcome::Statistics(examined) => protocol::Outcome::Statistics(pack(&examined)),
        Outcome::Values(texts) => protocol::Outcome::Values(pack(&texts)),
        Outcome::Identity { digest, held } => protocol::Outcome::Identity { digest, held: pack(&held) },
        Outcome::Weights => protocol::Outcome::Weights,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::task::Phase;

    /// Takes `left` steps of one millisecond, then ends as told.
    struct Scripted {
        left: u64,
        waits: bool,
        fails: bool,
        clock: std::rc::Rc<Cell<f64>>,
    }

    impl Task for Scripted {
        fn step(&mut self, _parts: &mut Vec<Part>) -> Result<Step> {
            self.clock.set(self.clock.get() + 1.0);
            if self.left > 0 {
                self.left -= 1;
                return Ok(if self.waits { Step::Wait } else { Step::More });
            }
            if self.fails { Err(Error::malformed("npy", 3, "bad")) } else { Ok(Step::Done(Outcome::Digest)) }
        }

        fn progress(&self) -> Progress {
            Progress { phase: Phase::Hashing, done: 1000 - self.left, total: 1000 }
        }
    }

    fn started(jobs: &[(u32, u64, bool)]) -> (Scheduler, std::rc::Rc<Cell<f64>>) {
        let clock = std::rc::Rc::new(Cell::new(0.0));
        let mut scheduler = Scheduler::default();
        for &(id, left, fails) in jobs {
            let task = Scripted { left, waits: false, fails, clock: std::rc::Rc::clone(&clock) };
            assert_eq!(scheduler.start(JobId(id), Ok(Box::new(task))), None);
        }
        (scheduler, clock)
    }

    fn is_terminal(event: &Event) -> bool {
        matches!(event, Event::Finished { .. } | Event::Failed { .. } | Event::Cancelled { .. })
    }

    #[test]
    fn every_job_ends_exactly_once_and_progress_is_throttled() {
        let (mut scheduler, clock) = started(&[(1, 500, false), (2, 300, true)]);
        let mut events = Vec::new();
        while !scheduler.is_idle() {
            events.extend(scheduler.run(&|| clock.get()));
        }
        assert_eq!(events.iter().filter(|event| is_terminal(event)).count(), 2);
        let told = events.iter().filter(|event| matches!(event, Event::Progress { .. })).count();
        assert!(told <= 2 * 9, "{told} progress events in 0.8 s");
        let done: Vec<u64> = events
            .iter()
            .filter_map(|event| match event {
                Event::Progress { job: JobId(1), progress } => Some(progress.done),
                _ => None,
            })
            .collect();
        assert!(done.is_sorted(), "{done:?}");
    }

    #[test]
    fn a_slice_of_time_is_kept() {
        let (mut scheduler, clock) = started(&[(1, 500, false)]);
        scheduler.run(&|| clock.get());
        assert!((SLICE..SLICE + 2.0).contains(&clock.get()));
    }

    #[test]
    fn jobs_that_all_wait_give_the_slice_back_and_go_on_later() {
        let (mut scheduler, clock) = started(&[]);
        for (id, left) in [(1, 3), (2, 1)] {
            let task = Scripted { left, waits: true, fails: false, clock: std::rc::Rc::clone(&clock) };
            assert_eq!(scheduler.start(JobId(id), Ok(Box::new(task))), None);
        }
        scheduler.run(&|| clock.get());
        assert_eq!((scheduler.is_waiting(), clock.get()), (true, 2.0));
        let events = scheduler.run(&|| clock.get());
        assert!(events.iter().any(|event| matches!(event, Event::Finished { job: JobId(2), .. })));
        assert!(scheduler.is_waiting() && !scheduler.is_idle());
        scheduler.run(&|| clock.get());
        assert!(scheduler.is_idle() && !scheduler.is_waiting());
    }

    #[test]
    fn cancel_is_heard_between_any_two_slices_and_only_once() {
        let (mut scheduler, clock) = started(&[(7, 500, false)]);
        scheduler.run(&|| clock.get());
        assert_eq!(scheduler.cancel(JobId(7)), Some(Event::Cancelled { job: JobId(7) }));
        assert_eq!(scheduler.cancel(JobId(7)), None);
        assert!(scheduler.is_idle());
    }
}
