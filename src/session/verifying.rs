//! Verification: the plan is made here, the hashing is shared among the workers, the verdict is judged here.

use std::collections::VecDeque;

use super::attached::Attached;
use super::queue::Share;
use super::target::{Target, targets};
use super::{Activity, ActivityId, Command, FileKey, Purpose, Session};
use crate::manifest::{self, Plan};
use crate::model::{Algorithm, Finding, Hashed, Hashing, Integrity, Layer, Opened, order_by_key};
use crate::protocol::{Part, Phase, Problem, Progress, TaskSpec, unpack};

/// Items of one job at most: small files cost a message each otherwise.
const ITEMS: usize = 512;
/// Bytes of one job, unless a single item is larger: the last jobs must not keep one worker busy alone.
const BYTES: u64 = 1 << 30;
/// Files a worker hashes at the same time (the lanes of its hasher).
const LANES: usize = 4;

/// A verification, running or ended.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Which files are checked against what.
    pub plan: Plan,
    /// Whether it still runs.
    pub state: VerificationState,
    /// The result so far; rows appear as files are done.
    pub integrity: Integrity,
    /// Files that could not be read to the end, or whose bytes are not what their container notes.
    pub unreadable: Vec<Finding>,
    /// Bytes of the jobs that ended.
    done: u64,
    total: u64,
    settled: usize,
    targets: Vec<Target>,
    queue: VecDeque<usize>,
}

/// Whether a verification still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationState {
    /// Workers are hashing.
    Running,
    /// Every file was hashed or found unreadable.
    Done,
    /// The user stopped it.
    Stopped,
}

impl Session {
    /// Verifies everything opened. Without a manifest the digests are computed all the same.
    pub fn verify(&mut self) -> Vec<Command> {
        let mut commands = self.cancel(ActivityId::Verify);
        let opened: Vec<&Opened> = self.picks.iter().map(|pick| &pick.opened).collect();
        let plan = manifest::plan(&opened);
        let targets = targets(&plan, &opened);
        let mut queue: Vec<usize> = (0..targets.len()).collect();
        order_by_key(&mut queue, |&at| std::cmp::Reverse(targets.get(at).map_or(0, |target| target.size)));
        let total = targets.iter().map(|target| target.size).fold(0, u64::saturating_add);
        let integrity = manifest::judge(&plan, &vec![None; plan.checks.len()], false);
        let state = VerificationState::Running;
        let (queue, unreadable) = (queue.into(), Vec::new());
        let (done, settled) = (0, 0);
        self.verification =
            Some(Verification { plan, state, integrity, unreadable, done, total, settled, targets, queue });
        for without_a_job in (1..=self.workers).rev() {
            commands.extend(self.verify_some(without_a_job));
        }
        commands.extend(self.end_verification_if_done());
        commands
    }

    /// A job ended: the worker gets the next one, or the verification is over.
    pub(super) fn verify_next(&mut self, ended: &[usize]) -> Vec<Command> {
        if let Some(verification) = &mut self.verification {
            let sizes = ended.iter().filter_map(|&at| verification.targets.get(at)).map(|target| target.size);
            verification.done = sizes.fold(verification.done, u64::saturating_add);
        }
        let mut commands = self.verify_some(self.workers);
        commands.extend(self.end_verification_if_done());
        commands
    }

    /// The next job; what is left is shared among `workers`.
    fn verify_some(&mut self, workers: usize) -> Vec<Command> {
        let Some(verification) = self.verification.as_mut().filter(|v| v.state == VerificationState::Running) else {
            return Vec::new();
        };
        let items = verification.take(workers);
        if items.is_empty() {
            return Vec::new();
        }
        let targets: Vec<Target> = items.iter().filter_map(|&at| verification.targets.get(at)).cloned().collect();
        let (task, files) = self.digest_task(&targets);
        vec![self.start(Purpose::Verify(items), task, files)]
    }

    /// The task that hashes these entries, with the files they are in.
    fn digest_task(&self, targets: &[Target]) -> (TaskSpec, Vec<FileKey>) {
        let mut attached = Attached::default();
        let mut hashed = |(before, (pick_at, entry_at)): &(String, (usize, usize))| {
            let pick = self.picks.get(*pick_at)?;
            let entry = pick.opened.entries.get(*entry_at)?;
            Some(Hashed { before: before.clone(), locator: attached.locate(*pick_at, pick, entry) })
        };
        let mut items = Vec::new();
        for target in targets {
            let mut parts: Vec<Hashed> = target.parts().iter().filter_map(&mut hashed).collect();
            for part in &mut parts {
                if target.algorithm == Algorithm::GitSha1 {
                    part.before = format!("blob {}\0", target.size);
                }
                if let Some((first, end)) = target.range {
                    part.locator.layers.push(Layer::Window { offset: first, len: end.saturating_sub(first) });
                }
            }
            items.push(Hashing { algorithm: target.algorithm, parts, crc32: target.crc32, members: target.members });
        }
        (TaskSpec::Digest { files: attached.files, items }, attached.keys)
    }

    /// An entry has another CRC-32 than its container notes.
    pub(super) fn crc_differs(&mut self, items: &[usize], item: u32, found: u32) {
        let Some(noted) = self.target_of(items, item).and_then(|target| target.crc32) else { return };
        let message = format!("the archive notes CRC {noted:08x} of it, its bytes have {found:08x}");
        self.found_in(items, item, vec![Finding::error("zip-crc-mismatch", message)]);
    }

    /// Something is wrong with the members of an entry that is a zip.
    fn members_differ(&mut self, items: &[usize], item: u32, findings: &[u8]) {
        // A worker of the same build packed them.
        self.found_in(items, item, unpack(findings).unwrap_or_default());
    }

    fn target_of(&self, items: &[usize], item: u32) -> Option<&Target> {
        let at = *items.get(usize::try_from(item).ok()?)?;
        self.verification.as_ref()?.targets.get(at)
    }

    /// Adds findings about the entry of an item.
    fn found_in(&mut self, items: &[usize], item: u32, findings: Vec<Finding>) {
        let Some(target) = self.target_of(items, item) else { return };
        let entry = self.picks.get(target.pick).and_then(|pick| pick.opened.entries.get(target.entry));
        let path = entry.map_or_else(String::new, |entry| entry.path.clone());
        if let Some(verification) = &mut self.verification {
            verification.unreadable.extend(findings.into_iter().map(|finding| finding.in_file(&path)));
        }
    }

    pub(super) fn take_digest(&mut self, items: &[usize], part: Part) {
        let (item, sha256) = match part {
            Part::CrcMismatch { item, found } => return self.crc_differs(items, item, found),
            Part::Members { item, findings } => return self.members_differ(items, item, &findings),
            Part::Digest { item, sha256 } => (item, sha256),
            _ => return,
        };
        let Some(verification) = &mut self.verification else { return };
        let Some(&at) = usize::try_from(item).ok().and_then(|item| items.get(item)) else { return };
        match sha256 {
            Ok(digest) => {
                let parts = verification.targets.get(at).map(Target::parts).unwrap_or_default();
                verification.settle(at, Some(digest));
                parts.into_iter().for_each(|(_, place)| self.count_read(place));
            }
            Err(problem) => self.digests_failed(&[at], &problem),
        }
    }

    /// Hashing an entry read all of its stored bytes.
    fn count_read(&mut self, (pick, at): (usize, usize)) {
        let Some(opened) = self.picks.get_mut(pick).map(|pick| &mut pick.opened) else { return };
        let Some(entry) = opened.entries.get(at) else { return };
        let stored = match entry.locator.layers.first() {
            Some(Layer::Window { len, .. } | Layer::ZipMember { len, .. }) => *len,
            _ => entry.size,
        };
        if let Some(source) = opened.sources.iter_mut().find(|source| source.id == entry.source) {
            source.bytes_read = source.bytes_read.saturating_add(stored);
        }
    }

    pub(super) fn digests_failed(&mut self, items: &[usize], problem: &Problem) {
        let Some(verification) = &mut self.verification else { return };
        for &at in items {
            let Some(target) = verification.targets.get(at).filter(|target| target.digest.is_none()) else { continue };
            let path = self.picks.get(target.pick).and_then(|pick| pick.opened.entries.get(target.entry));
            let path = path.map_or("", |entry| entry.path.as_str());
            verification.unreadable.push(Finding::error("unreadable", problem.detail.clone()).in_file(path));
            verification.settle(at, None);
        }
    }

    pub(super) fn stop_verification(&mut self) {
        if let Some(verification) = self.verification.as_mut().filter(|v| v.state == VerificationState::Running) {
            verification.state = VerificationState::Stopped;
            verification.queue.clear();
            verification.judge(false);
            self.finished = self.finished.saturating_add(1);
        }
    }

    fn end_verification_if_done(&mut self) -> Vec<Command> {
        let is_busy = self.running.values().any(|running| matches!(running.purpose, Purpose::Verify(_)));
        if let Some(verification) =
            self.verification.as_mut().filter(|v| v.state == VerificationState::Running && !is_busy)
        {
            verification.state = VerificationState::Done;
            verification.judge(true);
            self.finished = self.finished.saturating_add(1);
        }
        Vec::new()
    }

    pub(super) fn verifying_activity(&self) -> Option<Activity> {
        let verification = self.verification.as_ref().filter(|v| v.state == VerificationState::Running)?;
        let jobs = self.running.values().filter(|running| matches!(running.purpose, Purpose::Verify(_)));
        let hashing = jobs.map(|running| running.progress.done).fold(0, u64::saturating_add);
        let files = verification.targets.iter().filter(|target| target.digest.is_some()).count();
        Some(Activity {
            label: format!("verifying {files} of {} files", verification.targets.len()),
            progress: Progress {
                phase: Phase::Hashing,
                done: verification.done.saturating_add(hashing).min(verification.total),
                total: verification.total,
            },
            target: ActivityId::Verify,
        })
    }
}

impl Verification {
    /// The SHA-256 of each entry that was hashed whole, by its pick and its index there.
    pub(super) fn sha256s(&self) -> impl Iterator<Item = ((usize, usize), &str)> {
        let whole = self.targets.iter().filter(|target| target.is_whole() && target.algorithm == Algorithm::Sha256);
        whole.filter_map(|target| Some(((target.pick, target.entry), target.digest.as_deref()?)))
    }

    fn take(&mut self, workers: usize) -> Vec<usize> {
        let targets = &self.targets;
        Share { items: ITEMS, together: LANES, bytes: BYTES }
            .take(&mut self.queue, workers, |at| targets.get(at).map_or(0, |target| target.size))
    }

    fn settle(&mut self, at: usize, digest: Option<String>) {
        if let Some(target) = self.targets.get_mut(at) {
            target.digest = digest;
        }
        self.settled = self.settled.saturating_add(1);
        // Judging goes over every row: for thousands of files, a hundred times in all is often enough to watch.
        let every = self.targets.len().div_ceil(100).max(1);
        if self.settled.checked_rem(every) == Some(0) {
            self.judge(false);
        }
    }

    fn judge(&mut self, is_complete: bool) {
        let mut digests = vec![None; self.plan.checks.len()];
        for target in &self.targets {
            for &check in &target.checks {
                if let Some(digest) = digests.get_mut(check) {
                    digest.clone_from(&target.digest);
                }
            }
        }
        self.integrity = manifest::judge(&self.plan, &digests, is_complete);
    }
}
