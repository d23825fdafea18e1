use super::*;
use crate::manifest::judge;
use crate::model::{
    Algorithm, Contents, Entry, EntryKind, IntegrityVerdict, Locator, ManifestLine, OpenedSource, SourceId, SourceKind,
    Status,
};

/// A pick of these paths; each top-level name is a source, and what others are inside of is an archive when it has a dot.
fn opened(paths: &[&str], manifests: &[(&str, &[(&str, char)])]) -> Opened {
    let mut opened = Opened::default();
    for (path, claims) in paths.iter().map(|path| (*path, None)).chain(manifests.iter().map(|(p, c)| (*p, Some(*c)))) {
        let top = path.split('/').next().unwrap().to_owned();
        let known = opened.sources.iter().position(|source| source.name == top);
        let id = known.unwrap_or(opened.sources.len());
        if known.is_none() {
            let source = SourceId(u32::try_from(id).unwrap());
            let (kind, size_bytes, bytes_read) = (SourceKind::Folder, 0, 0);
            opened.sources.push(OpenedSource { id: source, name: top, kind, size_bytes, bytes_read });
        }
        let inside = format!("{path}/");
        let is_archive = paths.iter().any(|other| other.starts_with(&inside));
        let kind = if is_archive { EntryKind::Archive } else { EntryKind::File };
        let source = SourceId(u32::try_from(id).unwrap());
        opened.entries.push(Entry {
            source,
            path: path.to_owned(),
            size: 1,
            kind,
            locator: Locator::root(0),
            crc32: None,
        });
        opened.contents.push(claims.map(|claims| Contents { manifest: Some(manifest(claims)), ..Contents::default() }));
    }
    opened
}

fn manifest(claims: &[(&str, char)]) -> Manifest {
    let line = |(path, digit): &(&str, char)| ManifestLine {
        path: (*path).to_owned(),
        algorithm: Algorithm::Sha256,
        digest: digit.to_string(),
        line: 1,
        size: None,
        range: None,
        objection: None,
        pieces: Vec::new(),
    };
    Manifest { kind: "checksums".to_owned(), lines: claims.iter().map(line).collect(), envelope: None }
}

/// The result when every file's digest is `a`, as lines; the verdict; the codes of the findings.
fn check(opened: &[&Opened]) -> (Vec<String>, IntegrityVerdict, Vec<String>) {
    let plan = plan(opened);
    let digests: Vec<_> = plan.checks.iter().map(|check| check.is_hashed.then(|| "a".to_owned())).collect();
    let integrity = judge(&plan, &digests, true);
    let rows = integrity
        .entries
        .iter()
        .map(|row| format!("{} {:?} {}", row.path, row.status, row.manifest.as_deref().unwrap_or("-")));
    (rows.collect(), integrity.verdict, plan.findings.into_iter().map(|finding| finding.code).collect())
}

#[test]
fn paths_start_from_the_manifests_folder() {
    let opened = opened(
        &["run/a/x", "run/a/y", "run/b/x", "run/a/sub/z"],
        &[("run/a/SUMS", &[("x", 'a'), ("./sub/z", 'b'), ("gone", 'a')])],
    );
    let (rows, verdict, findings) = check(&[&opened]);
    let expected = [
        "run/a/gone Missing run/a/SUMS",
        "run/a/sub/z Mismatch run/a/SUMS",
        "run/a/x Ok run/a/SUMS",
        "run/a/y Unlisted -",
    ];
    assert_eq!(rows, expected);
    assert_eq!((verdict, findings), (IntegrityVerdict::Failed, vec![]));
}

#[test]
fn a_manifest_dropped_beside_finds_the_one_folder_it_fits() {
    let folder = opened(&["run/x", "run/sub/y"], &[]);
    let beside = opened(&[], &[("SUMS", &[("x", 'a'), ("sub/y", 'a')])]);
    let (rows, verdict, findings) = check(&[&folder, &beside]);
    assert_eq!(rows, ["run/sub/y Ok SUMS", "run/x Ok SUMS"]);
    assert_eq!((verdict, findings), (IntegrityVerdict::Verified, vec!["manifest-matched-by-suffix".to_owned()]));
}

#[test]
fn a_manifest_made_further_up_fits_what_is_left_of_its_paths() {
    let opened = opened(&["step_1/x", "step_1/y"], &[("step_1/SUMS", &[("out/step_1/x", 'a'), ("out/step_1/y", 'a')])]);
    let (rows, verdict, _) = check(&[&opened]);
    assert_eq!(rows, ["step_1/x Ok step_1/SUMS", "step_1/y Ok step_1/SUMS"]);
    assert_eq!(verdict, IntegrityVerdict::Verified);
}

#[test]
fn a_manifest_that_fits_two_folders_is_matched_with_none() {
    let opened = opened(&["run/a/x", "run/b/x"], &[("SUMS", &[("x", 'a')])]);
    let (rows, verdict, findings) = check(&[&opened]);
    assert_eq!(rows, ["run/a/x Unlisted -", "run/b/x Unlisted -", "x NotCheckable SUMS"]);
    assert_eq!((verdict, findings), (IntegrityVerdict::Incomplete, vec!["manifest-ambiguous".to_owned()]));
}

#[test]
fn a_deleted_file_is_not_found_in_the_neighbours() {
    let opened = opened(&["run/a/x", "run/b/x", "run/b/y"], &[("run/a/SUMS", &[("x", 'a'), ("y", 'a')])]);
    let (rows, verdict, _) = check(&[&opened]);
    assert_eq!(rows, ["run/a/x Ok run/a/SUMS", "run/a/y Missing run/a/SUMS"]);
    assert_eq!(verdict, IntegrityVerdict::Failed);
}

#[test]
fn paths_never_lead_out() {
    let opened = opened(&["run/x", "other"], &[("run/SUMS", &[("x", 'a'), ("../other", 'a'), ("/run/x", 'a')])]);
    let (rows, verdict, findings) = check(&[&opened]);
    let expected =
        ["../other NotCheckable run/SUMS", "/run/x NotCheckable run/SUMS", "other Unlisted -", "run/x Ok run/SUMS"];
    assert_eq!(rows, expected);
    assert_eq!(verdict, IntegrityVerdict::Incomplete);
    assert_eq!(findings, ["manifest-path-escape", "manifest-path-escape"]);
}

#[test]
fn a_dropped_archive_is_a_file_too() {
    let opened = opened(&["run.zip", "run.zip/x", "run.zip/y"], &[("SUMS", &[("run.zip", 'a')])]);
    let (rows, verdict, _) = check(&[&opened]);
    assert_eq!((rows, verdict), (vec!["run.zip Ok SUMS".to_owned()], IntegrityVerdict::Verified));
}

#[test]
fn a_manifest_inside_an_archive_speaks_for_its_members() {
    let opened = opened(&["run.zip", "run.zip/a/x", "run.zip/a/y"], &[("run.zip/a/SUMS", &[("x", 'a')])]);
    let (rows, verdict, _) = check(&[&opened]);
    assert_eq!(rows, ["run.zip/a/x Ok run.zip/a/SUMS", "run.zip/a/y Unlisted -"]);
    assert_eq!(verdict, IntegrityVerdict::Verified);
}

#[test]
fn an_archive_beside_listed_files_is_one_unlisted_file() {
    let opened = opened(&["run/x", "run/old.zip", "run/old.zip/x"], &[("run/SUMS", &[("x", 'a')])]);
    let (rows, _, _) = check(&[&opened]);
    assert_eq!(rows, ["run/old.zip Unlisted -", "run/x Ok run/SUMS"]);
}

#[test]
fn a_manifest_cannot_hold_its_own_digest() {
    let opened = opened(&["run/x"], &[("run/SUMS", &[("x", 'a'), ("SUMS", 'b')])]);
    let (rows, verdict, findings) = check(&[&opened]);
    assert_eq!(rows, ["run/SUMS NotCheckable run/SUMS", "run/x Ok run/SUMS"]);
    assert_eq!((verdict, findings), (IntegrityVerdict::Verified, vec!["manifest-lists-itself".to_owned()]));
}

#[test]
fn without_a_manifest_everything_is_hashed() {
    let opened = opened(&["run/step_10/x", "run/step_9/x", "a.zip", "a.zip/y"], &[]);
    let (rows, verdict, _) = check(&[&opened]);
    let expected = ["a.zip Unlisted -", "a.zip/y Unlisted -", "run/step_9/x Unlisted -", "run/step_10/x Unlisted -"];
    assert_eq!((rows, verdict), (expected.map(str::to_owned).to_vec(), IntegrityVerdict::Unverified));
    assert!(plan(&[&opened]).checks.iter().all(|check| check.is_hashed));
}

#[test]
fn windows_paths_and_repeated_lines_are_one_row() {
    let opened = opened(&["run/a/x"], &[("run/SUMS", &[("a\\x", 'a'), ("a/x", 'a'), ("a/x", 'A')])]);
    let (rows, _, _) = check(&[&opened]);
    assert_eq!(rows, ["run/a/x Ok run/SUMS", "run/a/x Ok run/SUMS"]);
}

#[test]
fn a_stopped_or_failed_reading_is_no_verdict() {
    let opened = opened(&["run/x", "run/y"], &[("run/SUMS", &[("x", 'a'), ("y", 'a')])]);
    let plan = plan(&[&opened]);
    let half = [Some("A".to_owned()), None];
    let stopped = judge(&plan, &half, false);
    assert_eq!((stopped.verdict, stopped.entries.len()), (IntegrityVerdict::Incomplete, 1));
    let unreadable = judge(&plan, &half, true);
    assert_eq!(unreadable.verdict, IntegrityVerdict::Incomplete);
    assert_eq!(unreadable.entries[1].status, Status::NotCheckable);
    assert_eq!(judge(&plan, &[Some("a".to_owned()), Some("b".to_owned())], false).verdict, IntegrityVerdict::Failed);
}

#[test]
fn a_digest_whose_file_was_pruned_is_no_failure() {
    let mut opened = opened(
        &["run/a/x.pt", "run/b/y.pt"],
        &[("run/a/x.pt.sha256", &[("x.pt", 'a')]), ("run/a/y.pt.sha256", &[("y.pt", 'a')])],
    );
    for manifest in opened.contents.iter_mut().flatten().filter_map(|contents| contents.manifest.as_mut()) {
        "sidecar".clone_into(&mut manifest.kind);
    }
    let (rows, verdict, findings) = check(&[&opened]);
    assert_eq!(rows, ["run/a/x.pt Ok run/a/x.pt.sha256"]);
    assert_eq!((verdict, findings), (IntegrityVerdict::Verified, vec!["manifest-orphan".to_owned()]));
}
