//! Archives inside archives, and the order of listing.

use std::io::{Cursor, Write};

use weighbridge::archive::{self, Listed};
use weighbridge::source::Source;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::{Found, walk};

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
    assert_eq!((listed.members.len(), listed.findings.len()), (30_000, 0));
    assert_eq!(listed.members[29_999].path, "run/step_29999/some/longer/path/to/metrics.json");
}
