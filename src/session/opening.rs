//! Opening: a drop or pick becomes sources, entries and runs.

use super::{Command, FileKey, Purpose, Session};
use crate::model::{Opened, OpenedSource, SourceId, SourceKind, natural_cmp, order_by};
use crate::protocol::{
    Address, FileBytes, FileSpec, Outcome, Part, Problem, SourceSpec, TaskSpec, unpack, unpack_inspection,
};

/// Number of a pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PickId(pub u32);

/// One drop or pick.
#[derive(Debug)]
pub struct Pick {
    /// Its number.
    pub id: PickId,
    /// What is known of it.
    pub opened: Opened,
    /// Whether it is still being read.
    pub load: Load,
    /// Its files, by index; locators of entries have these as roots.
    pub files: Vec<FileSpec>,
}

impl Pick {
    /// The name of its first source.
    pub fn name(&self) -> &str {
        self.opened.sources.first().map_or("", |source| source.name.as_str())
    }
}

/// State of an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// In progress; what is there can be shown.
    Running,
    /// Everything was looked at.
    Ready,
    /// The user stopped it; what is there can be shown.
    Stopped,
    /// It could not be done.
    Failed(Problem),
}

/// A top-level file or folder that the user gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// The file's or folder's own name.
    pub name: String,
    /// How it came.
    pub kind: SourceKind,
    /// Its files.
    pub files: Vec<NewFile>,
}

/// One file of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Path below the source; empty when the source is the file itself.
    pub path: String,
    /// Length in bytes; 0 when not known yet.
    pub size: u64,
    /// The address, when it is not a browser file.
    pub url: Option<Address>,
}

impl Session {
    /// Opens what the user gave. Browser files are attached in the order given: the client must keep them under
    /// [`FileKey`]s with the returned pick and the index over all sources.
    pub fn open(&mut self, sources: Vec<NewSource>) -> (PickId, Vec<Command>) {
        self.next_pick = self.next_pick.wrapping_add(1);
        let id = PickId(self.next_pick);
        let (mut specs, mut opened, mut files) = (Vec::new(), Opened::default(), Vec::new());
        for source in sources {
            let name = self.free_name(&source.name, &opened.sources);
            let spec = spec(self.new_source(), name, source, files.len());
            opened.sources.push(OpenedSource {
                id: spec.id,
                name: spec.name.clone(),
                kind: spec.kind,
                size_bytes: spec.files.iter().map(|file| file.size).fold(0, u64::saturating_add),
                bytes_read: 0,
            });
            files.extend(spec.files.iter().cloned());
            specs.push(spec);
        }
        let attached = attachments(id, &files);
        self.picks.push(Pick { id, opened, load: Load::Running, files });
        self.revised();
        let command = self.start(Purpose::Open(id), TaskSpec::Inspect(specs), attached);
        (id, vec![command])
    }

    /// A name that no other source has, so that paths stay unique.
    fn free_name(&self, name: &str, fresh: &[OpenedSource]) -> String {
        let is_taken = |name: &str| self.sources().chain(fresh).any(|source| source.name == name);
        let numbered = (2_u32..).map(|number| format!("{name} ({number})"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
    }

    /// The pick with this number.
    pub fn pick(&self, id: PickId) -> Option<&Pick> {
        self.picks.iter().find(|pick| pick.id == id)
    }

    fn pick_mut(&mut self, id: PickId) -> Option<&mut Pick> {
        self.picks.iter_mut().find(|pick| pick.id == id)
    }

    /// Every opened file and folder, oldest first.
    pub fn sources(&self) -> impl Iterator<Item = &OpenedSource> {
        self.picks.iter().flat_map(|pick| pick.opened.sources.iter())
    }

    /// The pick a source belongs to.
    pub fn pick_of(&self, source: SourceId) -> Option<&Pick> {
        self.picks.iter().find(|pick| pick.opened.sources.iter().any(|opened| opened.id == source))
    }

    fn revised(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    pub(super) fn take_opened_part(&mut self, id: PickId, part: Part) {
        self.revised();
        let taken = match part {
            Part::Entries(packed) => unpack(&packed).map(|entries: Vec<_>| {
                if let Some(pick) = self.pick_mut(id) {
                    pick.opened.entries.extend(entries);
                    pick.opened.contents.resize_with(pick.opened.entries.len(), || None);
                }
            }),
            Part::Contents(packed) => self.take_contents(id, packed),
            Part::Digest { .. }
            | Part::CrcMismatch { .. }
            | Part::Members { .. }
            | Part::Statistics(_)
            | Part::Differences(_) => Ok(()),
        };
        if let Err(problem) = taken {
            self.notify(None, problem);
        }
    }

    fn take_contents(&mut self, id: PickId, packed: Vec<(u32, serde_bytes::ByteBuf)>) -> Result<(), Problem> {
        for (index, bytes) in packed {
            let contents = unpack(&bytes)?;
            let slot = usize::try_from(index).ok().and_then(|at| self.pick_mut(id)?.opened.contents.get_mut(at));
            if let Some(slot) = slot {
                *slot = Some(contents);
            }
        }
        Ok(())
    }

    pub(super) fn take_opened(&mut self, id: PickId, outcome: Outcome) {
        let Outcome::Inspect { runs, findings, bytes_read } = outcome else { return };
        let unpacked = unpack_inspection(&runs, &findings);
        let Some(pick) = self.pick_mut(id) else { return };
        for source in &mut pick.opened.sources {
            source.bytes_read = bytes_read.iter().find(|(id, _)| *id == source.id).map_or(0, |(_, read)| *read);
        }
        match unpacked {
            Ok((mut runs, findings)) => {
                order_by(&mut runs, |a, b| natural_cmp(&a.path, &b.path));
                (pick.opened.runs, pick.opened.findings) = (runs, findings);
                self.opening_ended(id, Load::Ready);
                self.select_newest(id);
                self.suggest_comparison();
                self.replan();
            }
            Err(problem) => self.opening_ended(id, Load::Failed(problem)),
        }
    }

    pub(super) fn opening_ended(&mut self, id: PickId, load: Load) {
        self.revised();
        if let Some(pick) = self.pick_mut(id) {
            pick.load = load;
        }
        self.finished = self.finished.saturating_add(1);
    }

    /// Takes a source off the screen, and with it everything of its pick.
    pub fn close(&mut self, source: SourceId) -> Vec<Command> {
        let Some(id) = self.pick_of(source).map(|pick| pick.id) else { return Vec::new() };
        let mut commands = self.cancel(super::ActivityId::Open(id));
        commands.extend(self.stop_examining());
        commands.extend(self.cancel(super::ActivityId::Weigh));
        commands.extend(self.cancel(super::ActivityId::Move));
        commands.extend(self.cancel(super::ActivityId::Identify));
        self.picks.retain(|pick| pick.id != id);
        self.revised();
        self.forget_pick(id);
        commands.push(Command::Forget(id));
        commands
    }

    fn forget_pick(&mut self, id: PickId) {
        if self.verification.take().is_some() {
            self.running.retain(|_, running| !matches!(running.purpose, Purpose::Verify(_)));
        }
        self.peeking = None;
        let identified = std::mem::take(&mut self.identified);
        self.identified = identified.into_iter().filter(|known| self.checkpoint_at(&known.path).is_some()).collect();
        self.holding.forget(id);
        self.comparing.forget();
        self.forget_movement(id);
        if self.selection.as_ref().is_some_and(|selection| selection.pick == id) {
            self.selection = None;
            if let Some(last) = self.picks.last().map(|pick| pick.id) {
                self.select_newest(last);
            }
        }
        self.suggest_comparison();
        self.replan();
    }
}

/// Names a source's files, and numbers them from `first` on.
fn spec(id: SourceId, name: String, source: NewSource, first: usize) -> SourceSpec {
    let files = source.files.into_iter().enumerate().map(|(at, file)| FileSpec {
        path: if file.path.is_empty() { name.clone() } else { format!("{name}/{}", file.path) },
        size: file.size,
        bytes: match file.url {
            Some(url) => FileBytes::Url(url),
            None => FileBytes::Attached(first.saturating_add(at).try_into().unwrap_or(u32::MAX)),
        },
    });
    let files = files.collect();
    SourceSpec { id, name, kind: source.kind, files }
}

/// The browser files among `files`, as keys.
pub(super) fn attachments(pick: PickId, files: &[FileSpec]) -> Vec<FileKey> {
    let attached = files.iter().filter_map(|file| match file.bytes {
        FileBytes::Attached(index) => Some(FileKey { pick, index }),
        FileBytes::Url(_) => None,
    });
    attached.collect()
}
