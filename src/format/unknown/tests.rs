use super::super::{Probe, probe_all, read};
use super::*;
use crate::model::Severity;

fn contents(path: &str, bytes: &[u8]) -> Contents {
    match read(path, &Source::memory("dropped", bytes)).unwrap() {
        Reading::Done(contents) => contents,
        Reading::More(..) => panic!("nothing here takes steps"),
    }
}

#[test]
fn an_lfs_pointer_is_named_with_what_it_points_at() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    let found = contents("a/model.safetensors", pointer);
    let finding = &found.findings[0];
    assert_eq!((finding.code.as_str(), finding.severity), ("lfs-pointer", Severity::Error));
    assert_eq!(finding.message, "a Git LFS pointer to sha256:4d7a of 12345 bytes stands here instead of the file");
    assert_eq!(contents("notes.txt", pointer).findings[0].severity, Severity::Warning);
}

#[test]
fn a_web_page_is_named_by_its_title() {
    let found = contents("model.npz", b"\n<!DOCTYPE html><html><head><title>404\n Not Found</title>");
    assert!(found.findings[0].message.contains("\"404 Not Found\""));
    assert_eq!(contents("index.html", b"<!doctype html><title>x</title>").format, "text");
    assert!(contents("index.html", b"<!doctype html><title>x</title>").findings.is_empty());
}

#[test]
fn an_empty_file_is_bad_only_where_something_is_promised() {
    assert_eq!(contents("model.pt", b"").findings[0].severity, Severity::Error);
    assert_eq!(contents("config.json", b"").findings[0].severity, Severity::Warning);
    assert!(contents("checkpoint_complete", b"").findings.is_empty());
}

#[test]
fn zeros_are_zeros_only_to_the_end() {
    let mut bytes = vec![0; 1 << 20];
    assert_eq!(contents("w.bin", &bytes).findings[0].code, "all-zeros");
    *bytes.last_mut().unwrap() = 1;
    assert!(contents("w.bin", &bytes).findings.is_empty());
}

#[test]
fn known_formats_are_named_though_not_read() {
    let cases: [(&str, &[u8], &str); 1] = [("events.out.tfevents.1", b"\x18\0\0\0\0\0\0\0\xa3", "unknown")];
    for (path, bytes, format) in cases {
        let found = contents(path, bytes);
        assert_eq!(found.format, format, "{path}");
        assert!(found.not_examined.is_some(), "{path}");
    }
}

#[test]
fn there_is_always_a_format() {
    let probe = Probe::new("x", &Source::memory("x", *b"\xfe\x01\x02")).unwrap();
    assert_eq!(probe_all(&probe).0.id(), "unknown");
    assert_eq!(contents("x", b"\xfe\x01\x02").not_examined.as_deref(), Some("format not recognised"));
}

#[test]
fn a_path_in_place_of_a_link_is_worth_knowing_only() {
    let found = contents("best_candidates/best-1.pt", b"../ckpt-300.pt");
    assert_eq!((found.findings[0].code.as_str(), found.findings[0].severity), ("text-link", Severity::Note));
    assert_eq!(contents("best-1.pt", b"not a path").findings[0].code, "wrong-name");
}
