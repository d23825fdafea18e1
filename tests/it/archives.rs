//! Archives inside archives, and the order of listing.

use std::io::{Cursor, Write};

use weighbridge::archive::{self, Listed};
use weighbridge::model::{Hashing, Locator};
use weighbridge::protocol::{Problem, ProblemKind};
use weighbridge::source::{Roots, Source};
use weighbridge::task::{Digest, Part, run_to_end};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::{Found, look, walk};

fn wrapped(name: &str, bytes: &[u8], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn archives_are_opened_four_deep_and_named_beyond() {
    let mut bytes = wrapped("note.txt", b"hello", CompressionMethod::Stored);
    for depth in 0..5 {
        let method = if depth % 2 == 0 { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        bytes = wrapped("inner.zip", &bytes, method);
    }
    let found = walk("x.zip", Source::memory("x.zip", bytes));
    let (path, last) = found.last().unwrap();
    assert_eq!(path, "x.zip/inner.zip/inner.zip/inner.zip/inner.zip");
    let Ok(Found::File(contents)) = last else { panic!("not opened") };
    assert_eq!(contents.not_examined.as_deref(), Some("an archive inside too many archives"));
}

/// To open it, to read it and to hash it: a damaged stream is the fault of whoever wrote the file.
#[test]
fn a_damaged_member_is_the_files_fault() {
    let mut bytes = wrapped("a.bin", &[7; 100_000], CompressionMethod::Deflated);
    let data = 30 + "a.bin".len();
    bytes[data..data + 8].fill(0xff);
    let source = Source::memory("x.zip", bytes);
    let Ok(Found::Archive(listed)) = look("x.zip", &source, 0) else { panic!("an archive") };
    let locator = Locator::root(0).then(&listed.members[0].layers);
    let error = Roots::new(vec![source.clone()]).open(&locator).unwrap().bytes_at(0, 9).unwrap_err();
    assert_eq!(error.code(), "malformed", "{error}");
    let (parts, _) = run_to_end(&mut Digest::new(Roots::new(vec![source]), vec![Hashing::sha256(locator)])).unwrap();
    let [Part::Digest(0, Err(error))] = parts.as_slice() else { panic!("one digest that failed") };
    assert_eq!(error.code(), "malformed", "{error}");
    assert_eq!(Problem::from(error).kind, ProblemKind::File);
}

#[test]
fn a_large_zip_is_listed_in_steps() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..30_000 {
        writer
            .start_file(format!("run/step_{n}/some/longer/path/to/metrics.json"), SimpleFileOptions::default())
            .unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let mut listing = archive::probe("x.zip", &Source::memory("x.zip", bytes)).unwrap().list().unwrap();
    let (mut listed, mut steps) = (Listed::default(), 1);
    while !listing.step(&mut listed).unwrap() {
        steps += 1;
    }
    assert!(steps >= 4, "{steps} steps");
    assert_eq!(listed.members.len(), 30_000);
    // Of so many members the local headers are left alone, and that is said.
    let codes: Vec<_> = listed.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["zip-local-unread"]);
    assert_eq!(listed.members[29_999].path, "run/step_29999/some/longer/path/to/metrics.json");
}
