//! What a verification hashes: each entry once for each digest that is asked of it, whatever number of manifests name it.

use std::collections::BTreeMap;

use crate::manifest::Plan;
use crate::model::{Algorithm, Opened};

/// Formats whose files are a zip that is not expanded.
const ZIPS: [&str; 2] = ["npz", "torch_zip"];

/// What a digest is taken of, in turn: some text, then the bytes of an entry of a pick.
pub(super) type Parts = Vec<(String, (usize, usize))>;

/// An entry, the digest, and the bytes of it.
pub(super) type What = ((usize, usize), Algorithm, Option<(u64, u64)>);

/// An entry to hash, and the checks that wait for it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) pick: usize,
    pub(super) entry: usize,
    pub(super) algorithm: Algorithm,
    /// Only these bytes of it: the first, and behind the last.
    pub(super) range: Option<(u64, u64)>,
    /// For one digest over several files: what goes in first, and each place. Else empty.
    pub(super) pieces: Parts,
    /// CRC-32 that its container notes of it, to be compared on the way: once, whatever number of digests is asked.
    pub(super) crc32: Option<u32>,
    /// Whether it is a zip whose members are compared with the CRC-32 it notes of them: likewise once.
    pub(super) members: bool,
    pub(super) size: u64,
    pub(super) checks: Vec<usize>,
    pub(super) digest: Option<String>,
}

impl Target {
    /// Whether the digest is that of all bytes of one entry, and nothing else.
    pub(super) fn is_whole(&self) -> bool {
        self.pieces.is_empty() && self.range.is_none() && self.algorithm != Algorithm::GitSha1
    }

    /// What goes in first, and where the bytes are: one file, or several in turn.
    pub(super) fn parts(&self) -> Parts {
        if self.pieces.is_empty() { vec![(String::new(), (self.pick, self.entry))] } else { self.pieces.clone() }
    }
}

/// Each entry once, whatever number of manifests name it; each digest over several files for itself.
pub(super) fn targets(plan: &Plan, opened: &[&Opened]) -> Vec<Target> {
    let entry = |(pick, entry): (usize, usize)| opened.get(pick)?.entries.get(entry);
    let contents = |(pick, entry): (usize, usize)| opened.get(pick)?.contents_at(entry);
    let mut single: BTreeMap<What, Vec<usize>> = BTreeMap::new();
    let (mut targets, mut compared) = (Vec::new(), None);
    let mut add = |(place, algorithm, range): What, pieces: Parts, checks| {
        let (pick, entry_at) = place;
        let mut target = Target {
            pick,
            entry: entry_at,
            algorithm,
            range,
            pieces,
            crc32: None,
            members: false,
            size: 0,
            checks,
            digest: None,
        };
        if target.is_whole() && compared != Some(place) {
            target.crc32 = entry(place).and_then(|entry| entry.crc32);
            target.members = contents(place).is_some_and(|contents| ZIPS.contains(&contents.format.as_str()));
            compared = Some(place);
        }
        let sizes = target.parts().into_iter().filter_map(|(_, place)| Some(entry(place)?.size));
        target.size = match range {
            Some((first, end)) => end.saturating_sub(first),
            None => sizes.fold(0, u64::saturating_add),
        };
        targets.push(target);
    };
    for (at, check) in plan.checks.iter().enumerate().filter(|(_, check)| check.is_hashed) {
        let Some(place) = check.place else { continue };
        let what = (place, check.algorithm, check.range);
        if check.pieces.is_empty() {
            single.entry(what).or_default().push(at);
        } else {
            add(what, check.pieces.clone(), vec![at]);
        }
    }
    single.into_iter().for_each(|(what, checks)| add(what, Vec::new(), checks));
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::PlannedCheck;
    use crate::model::{Entry, EntryKind, Locator, SourceId};

    #[test]
    fn each_digest_of_an_entry_once_and_its_crc_with_one_of_them() {
        let entry = Entry {
            source: SourceId(1),
            path: "a.zip/b".to_owned(),
            size: 100,
            kind: EntryKind::File,
            locator: Locator::root(0),
            crc32: Some(7),
        };
        let opened = Opened { entries: vec![entry], ..Opened::default() };
        let check = |algorithm, range| PlannedCheck {
            path: "a.zip/b".to_owned(),
            place: Some((0, 0)),
            pieces: Vec::new(),
            manifest: None,
            algorithm,
            expected: None,
            range,
            is_hashed: true,
            is_checkable: true,
        };
        let checks = vec![
            check(Algorithm::Md5, None),
            check(Algorithm::Sha256, Some((10, 30))),
            check(Algorithm::Sha256, None),
            check(Algorithm::GitSha1, None),
            check(Algorithm::Md5, None),
        ];
        let targets = targets(&Plan { checks, ..Plan::default() }, &[&opened]);
        let told: Vec<_> =
            targets.iter().map(|one| (one.algorithm, one.size, one.crc32, one.checks.as_slice())).collect();
        let expected: [(Algorithm, u64, Option<u32>, &[usize]); 4] = [
            (Algorithm::Sha256, 100, Some(7), &[2]),
            (Algorithm::Sha256, 20, None, &[1]),
            (Algorithm::Md5, 100, None, &[0, 4]),
            (Algorithm::GitSha1, 100, None, &[3]),
        ];
        assert_eq!(told, expected);
    }
}
