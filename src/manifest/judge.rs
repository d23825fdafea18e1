//! The verdict, from a plan and the digests that were computed for it.

use std::collections::HashSet;

use super::plan::{Plan, PlannedCheck};
use crate::model::{Check, Integrity, IntegrityVerdict, Status};

/// `digests` has the indexes of `plan.checks`. With `is_complete` a digest that is wanted and absent means that the file
/// could not be read; without, that it was not reached yet: its row is left out.
pub fn judge(plan: &Plan, digests: &[Option<String>], is_complete: bool) -> Integrity {
    let digest = |at: usize| digests.get(at).and_then(Option::as_deref);
    let rows = plan.checks.iter().enumerate().filter_map(|(at, check)| {
        let actual = digest(at);
        let status = status(check, actual).or(is_complete.then_some(unread(check)))?;
        Some(Check {
            path: check.path.clone(),
            manifest: check.manifest.clone(),
            algorithm: check.algorithm,
            expected: check.expected.clone(),
            actual: actual.map(str::to_ascii_lowercase),
            status,
        })
    });
    let entries: Vec<Check> = rows.collect();
    let is_unread = |(at, check): (usize, &PlannedCheck)| check.is_hashed && digest(at).is_none();
    let is_complete = is_complete && !plan.checks.iter().enumerate().any(is_unread);
    Integrity { verdict: verdict(&entries, is_complete), entries }
}

/// `None` while the digest is awaited.
fn status(check: &PlannedCheck, actual: Option<&str>) -> Option<Status> {
    let Some(expected) = check.expected.as_deref() else {
        return (actual.is_some() || !check.is_hashed).then_some(Status::Unlisted);
    };
    if !check.is_checkable {
        return Some(Status::NotCheckable);
    }
    if check.place.is_none() {
        return Some(Status::Missing);
    }
    actual.map(|actual| if actual.eq_ignore_ascii_case(expected) { Status::Ok } else { Status::Mismatch })
}

fn unread(check: &PlannedCheck) -> Status {
    if check.expected.is_some() { Status::NotCheckable } else { Status::Unlisted }
}

fn verdict(entries: &[Check], is_complete: bool) -> IntegrityVerdict {
    if entries.iter().any(|row| matches!(row.status, Status::Mismatch | Status::Missing)) {
        return IntegrityVerdict::Failed;
    }
    let with = |status: Status| entries.iter().filter(move |row| row.status == status);
    let ok: HashSet<&str> = with(Status::Ok).map(|row| row.path.as_str()).collect();
    // A claim that nothing can bear out leaves no doubt when another manifest vouches for the file, or when it is about
    // the manifest itself.
    let is_open = |row: &Check| !ok.contains(row.path.as_str()) && row.manifest.as_ref() != Some(&row.path);
    if !is_complete || with(Status::NotCheckable).any(is_open) {
        return IntegrityVerdict::Incomplete;
    }
    if ok.is_empty() { IntegrityVerdict::Unverified } else { IntegrityVerdict::Verified }
}
