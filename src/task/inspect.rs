//! What is this? Lists what was dropped, archives included, reads the header of every file, and asks the layouts.

use std::cell::Cell;
use std::rc::Rc;

use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::archive::{self, Found, Listed, Listing};
use crate::error::{Error, Result};
use crate::format::{self, Probe, Reading, Rest};
use crate::layout::{self, Files};
use crate::limits;
use crate::manifest;
use crate::model::{Contents, Entry, EntryKind, Finding, Locator, SourceId, Value, natural_cmp, order_by};
use crate::safety;
use crate::source::{Counted, ReadAt, Roots, Source};

/// One dropped file or folder with its bytes.
pub struct SourceFiles {
    /// Its number.
    pub id: SourceId,
    /// Paths in the tree, with the bytes of each.
    pub files: Vec<(String, Rc<dyn ReadAt>)>,
}

/// Lists, reads, recognises.
pub struct Inspect {
    roots: Roots,
    read: Vec<(SourceId, Rc<Cell<u64>>)>,
    entries: Vec<Entry>,
    contents: Vec<Option<Contents>>,
    /// Archives around each entry.
    depths: Vec<usize>,
    findings: Vec<Finding>,
    links: Vec<(String, String)>,
    sent: usize,
    next: usize,
    stage: Stage,
}

/// What the current entry needs next.
enum Stage {
    /// To be looked at.
    Probe,
    /// It is an archive that is being listed.
    List(Box<dyn Listing>, Listed),
    /// Its names are known; the rest is being read.
    Read(Box<dyn Rest>),
}

impl Inspect {
    /// Everything dropped in one go. Each source is counted for itself and cached by `wrap` (a browser file is; memory
    /// is not).
    pub fn new(sources: Vec<SourceFiles>, wrap: impl Fn(Rc<dyn ReadAt>) -> Rc<dyn ReadAt>) -> Self {
        let (mut files, mut entries, mut read) = (Vec::new(), Vec::new(), Vec::new());
        for source in sources {
            let count = Rc::new(Cell::new(0));
            for (path, bytes) in source.files {
                let root = u32::try_from(files.len()).unwrap_or(u32::MAX);
                let bytes = wrap(Rc::new(Counted::new(bytes, Rc::clone(&count))));
                let (size, locator) = (bytes.len(), Locator::root(root));
                files.push(Source::new(&path, bytes));
                entries.push(Entry { source: source.id, path, size, kind: EntryKind::File, locator, crc32: None });
            }
            read.push((source.id, count));
        }
        let (contents, depths) = (vec![None; entries.len()], vec![0; entries.len()]);
        let roots = Roots::new(files);
        let (findings, links) = (Vec::new(), Vec::new());
        Self { roots, read, entries, contents, depths, findings, links, sent: 0, next: 0, stage: Stage::Probe }
    }

    fn probe(&mut self, parts: &mut Vec<Part>) -> Result<()> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(()) };
        let source = self.roots.open(&entry.locator)?.renamed(&entry.path);
        let depth = self.depths.get(self.next).copied().unwrap_or(0);
        if let Some(found) = archive::probe(&entry.path, &source).filter(|_| depth < limits::ARCHIVE_DEPTH) {
            return self.list(&found);
        }
        match format::read(&entry.path, &source) {
            Ok(Reading::Done(mut contents)) => {
                self.look_for_manifest(&mut contents, &source);
                self.keep(contents, parts);
            }
            Ok(Reading::More(contents, rest)) => {
                parts.push(Part::Contents(vec![(self.next, contents.clone())]));
                self.set(contents);
                self.stage = Stage::Read(rest);
            }
            Err(error) => {
                let (format, confidence) = format::probe_all(&Probe::new(&entry.path, &source)?);
                self.set(Contents::new(format.id(), confidence.evidence));
                return Err(error);
            }
        }
        Ok(())
    }

    fn list(&mut self, found: &Found) -> Result<()> {
        if let Some(entry) = self.entries.get_mut(self.next) {
            entry.kind = EntryKind::Archive;
        }
        self.set(Contents::new(found.archive.id(), found.evidence.clone()));
        self.stage = Stage::List(found.list()?, Listed::default());
        Ok(())
    }

    fn look_for_manifest(&mut self, contents: &mut Contents, source: &Source) {
        let textual = matches!(contents.format.as_str(), "text" | "json" | "yaml" | "unknown");
        if !textual || source.len() > limits::MANIFEST {
            return;
        }
        let path = source_path(&self.entries, self.next);
        match manifest::read(path, source) {
            Ok(Some((found, findings))) => {
                contents.manifest = Some(found);
                contents.findings.extend(findings);
            }
            Ok(None) => {}
            Err(error) => contents.findings.push(Finding::from_error(path, &error)),
        }
    }

    /// Takes over what a finished listing found.
    fn expand(&mut self, listed: Listed) {
        let Some(outer) = self.entries.get(self.next).cloned() else { return };
        let depth = self.depths.get(self.next).map_or(1, |depth| depth.saturating_add(1));
        let mut members = listed.members;
        order_by(&mut members, |a, b| natural_cmp(&a.path, &b.path));
        let room = usize::try_from(limits::ENTRIES).unwrap_or(usize::MAX).saturating_sub(self.entries.len());
        if members.len() > room {
            let message = format!("{} members, {room} more can be listed: the rest is not shown", members.len());
            self.findings.push(Finding::warning("limit", message).in_file(&outer.path));
        }
        for member in members.into_iter().take(room) {
            let path = format!("{}/{}", outer.path, member.path);
            let locator = outer.locator.then(&member.layers);
            let (source, size, crc32) = (outer.source, member.size, member.crc32);
            self.entries.push(Entry { source, path, size, kind: EntryKind::File, locator, crc32 });
            self.contents.push(None);
            self.depths.push(depth);
        }
        self.links.extend(listed.links.into_iter().map(|(path, target)| (format!("{}/{path}", outer.path), target)));
        self.findings.extend(listed.findings.into_iter().map(|finding| finding.in_file(&outer.path)));
    }

    fn set(&mut self, contents: Contents) {
        if let Some(slot) = self.contents.get_mut(self.next) {
            *slot = Some(contents);
        }
    }

    fn keep(&mut self, mut contents: Contents, parts: &mut Vec<Part>) {
        contents.findings.extend(self.diagnosis(&contents));
        safety::judge(&mut contents);
        parts.push(Part::Contents(vec![(self.next, for_page(&mut contents))]));
        self.set(contents);
        self.advance();
    }

    /// Why the current entry is broken, when it is and something tells. What cannot be read is told already.
    fn diagnosis(&self, contents: &Contents) -> Option<Finding> {
        let entry = self.entries.get(self.next).filter(|entry| entry.size > 0)?;
        let source = self.roots.open(&entry.locator).ok()?.renamed(&entry.path);
        let of_archive = |finding: &&Finding| entry.kind == EntryKind::Archive && finding.file == entry.path;
        let findings: Vec<&Finding> = contents.findings.iter().chain(self.findings.iter().filter(of_archive)).collect();
        format::diagnose(&source, &contents.format, &findings).ok()?
    }

    fn advance(&mut self) {
        self.next = self.next.saturating_add(1);
        self.stage = Stage::Probe;
    }

    /// The current entry could not be read: it is listed with the reason, and the next one is looked at.
    fn give_up(&mut self, error: &Error, parts: &mut Vec<Part>) {
        let path = source_path(&self.entries, self.next).to_owned();
        let known = self.contents.get_mut(self.next).and_then(Option::take);
        let mut contents = known.unwrap_or_else(|| Contents::new("unknown", "could not be read"));
        contents.findings.push(Finding::from_error(&path, error));
        contents.not_examined = Some(error.to_string());
        self.keep(contents, parts);
    }

    fn work(&mut self, parts: &mut Vec<Part>) -> Result<()> {
        match &mut self.stage {
            Stage::Probe => self.probe(parts),
            Stage::List(listing, listed) => {
                let step = listing.step(listed);
                if !matches!(step, Ok(false)) {
                    let listed = std::mem::take(listed);
                    self.expand(listed);
                    step?;
                    let contents = self.contents.get_mut(self.next).and_then(Option::take).unwrap_or_default();
                    self.keep(contents, parts);
                }
                Ok(())
            }
            Stage::Read(rest) => {
                let Some(Some(contents)) = self.contents.get_mut(self.next) else { return Ok(()) };
                if rest.step(contents)? {
                    let contents = std::mem::take(contents);
                    self.keep(contents, parts);
                }
                Ok(())
            }
        }
    }

    fn recognise(&mut self, parts: &mut Vec<Part>) -> Outcome {
        let mut files = Files::new(&self.entries, &mut self.contents).with_links(&self.links);
        let runs = layout::recognise(&mut files);
        let changed = files.changed();
        let resent = changed.into_iter().filter_map(|index| {
            let contents = self.contents.get_mut(index)?.as_mut()?;
            Some((index, for_page(contents)))
        });
        parts.push(Part::Contents(resent.collect()));
        let bytes_read = self.read.iter().map(|(id, count)| (*id, count.get())).collect();
        Outcome::Inspect { runs, findings: std::mem::take(&mut self.findings), bytes_read }
    }
}

impl Task for Inspect {
    fn step(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        if let Some(fresh) = self.entries.get(self.sent..).filter(|fresh| !fresh.is_empty()) {
            parts.push(Part::Entries(fresh.to_vec()));
            self.sent = self.entries.len();
            return Ok(Step::More);
        }
        if self.next >= self.entries.len() {
            return Ok(Step::Done(self.recognise(parts)));
        }
        if let Err(error) = self.work(parts) {
            self.give_up(&error, parts);
        }
        Ok(Step::More)
    }

    fn progress(&self) -> Progress {
        let total = self.entries.len() as u64;
        match &self.stage {
            Stage::List(listing, _) => {
                let size = self.entries.get(self.next).map_or(0, |entry| entry.size);
                Progress { phase: Phase::Listing, done: listing.position().min(size), total: size }
            }
            Stage::Read(rest) => {
                let (done, total) = rest.progress();
                Progress { phase: Phase::Reading, done, total }
            }
            Stage::Probe => Progress { phase: Phase::Reading, done: self.next as u64, total },
        }
    }
}

fn source_path(entries: &[Entry], index: usize) -> &str {
    entries.get(index).map_or("", |entry| entry.path.as_str())
}

/// What crosses to the page: a huge document (a shard index of millions of names) stays behind; the text view pages it.
fn for_page(contents: &mut Contents) -> Contents {
    let is_huge = |document: &Value| {
        document.values() > limits::DOCUMENT_VALUES_SHOWN || document.held() > limits::DOCUMENT_BYTES_SHOWN
    };
    // Taken out, so that it is not copied only to be thrown away.
    let huge = contents.document.take_if(|document| is_huge(document));
    let mut copy = contents.clone();
    if huge.is_some() {
        contents.document = huge;
        copy.findings.push(Finding::note("document-not-shown", "too many values for the tree view: shown as text"));
    }
    copy
}
