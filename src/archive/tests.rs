use std::io::{Cursor, Write};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::model::Locator;
use crate::source::Roots;

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, bytes)) in members.iter().enumerate() {
        let method = if at % 2 == 0 { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn list(path: &str, bytes: Vec<u8>) -> (Listed, Roots) {
    let source = Source::memory(path, bytes);
    let mut listing = probe(path, &source).expect("an archive").list().unwrap();
    let mut listed = Listed::default();
    while !listing.step(&mut listed).unwrap() {}
    (listed, Roots::new(vec![source]))
}

fn contents(listed: &Listed, roots: &Roots) -> Vec<(String, Vec<u8>)> {
    let read = |member: &ArchiveMember| {
        let source = roots.open(&Locator::root(0).then(&member.layers)).unwrap();
        assert_eq!(source.len(), member.size);
        (member.path.clone(), source.bytes_at(0, u64::MAX).unwrap())
    };
    listed.members.iter().map(read).collect()
}

fn expected(members: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    members.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
}

/// The header that follows a long name is as much a part of its member as the name.
#[test]
fn a_tar_that_ends_after_a_long_name_is_cut_off() {
    let bytes = tar(&[(&"n".repeat(150), b"x")]);
    for (len, at) in [(1024, 1024), (700, 700)] {
        let (listed, _) = list("x.tar", bytes[..len].to_vec());
        assert!(listed.members.is_empty());
        let told: Vec<_> = listed.findings.iter().map(|finding| (finding.code.as_str(), finding.offset)).collect();
        assert_eq!(told, [("tar-truncated", Some(at))]);
    }
}

const MEMBERS: [(&str, &[u8]); 4] =
    [("run/a.json", b"{}"), ("run/b.bin", &[7; 3000]), ("e", b""), ("run/c/d.txt", b"hello")];

#[test]
fn a_zip_gives_back_what_was_put_into_it() {
    let (listed, roots) = list("x.zip", zip(&MEMBERS));
    assert_eq!(contents(&listed, &roots), expected(&MEMBERS));
    assert_eq!(listed.findings, []);
}

#[test]
fn bytes_in_front_of_a_zip_are_reported_and_skipped() {
    let mut bytes = b"#!/bin/sh\n".to_vec();
    bytes.extend(zip(&MEMBERS));
    let (listed, roots) = list("x.zip", bytes);
    assert_eq!(contents(&listed, &roots), expected(&MEMBERS));
    assert_eq!(listed.findings[0].message, "10 bytes precede the archive; its offsets are counted after them");
}

#[test]
fn a_tar_gives_back_what_was_put_into_it() {
    let long = "l/".repeat(120) + "name.txt";
    let members = [MEMBERS[0], MEMBERS[1], MEMBERS[2], (&long, b"long")];
    let (listed, roots) = list("x.tar", tar(&members));
    assert_eq!(contents(&listed, &roots), expected(&members));
    assert_eq!(listed.findings, []);
}

#[test]
fn a_compressed_tar_is_one_container() {
    let (listed, roots) = list("x.tar.gz", gzip(&tar(&MEMBERS)));
    assert_eq!(contents(&listed, &roots), expected(&MEMBERS));
    assert_eq!(listed.findings, []);
}

#[test]
fn a_compressed_file_is_one_member() {
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 253) as u8).collect();
    let (listed, roots) = list("run/metrics.json.gz", gzip(&bytes));
    assert_eq!(contents(&listed, &roots), [("metrics.json".to_owned(), bytes)]);
}

#[test]
fn a_cut_tar_says_what_is_missing() {
    let mut bytes = tar(&MEMBERS);
    bytes.truncate(512 + 512 + 512 + 1000);
    let (listed, roots) = list("x.tar", bytes.clone());
    assert_eq!(listed.findings.len(), 1);
    assert_eq!(listed.findings[0].message, "the archive is cut off: run/b.bin takes 3000 bytes, 2000 are missing");
    assert_eq!(contents(&listed, &roots)[1].1, vec![7; 1000]);
    let mut packed = gzip(&bytes);
    packed.truncate(packed.len() - 9);
    let (listed, _) = list("x.tgz", packed);
    let codes: Vec<_> = listed.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["gzip-truncated", "tar-truncated"]);
}

#[test]
fn a_zip_that_is_a_format_is_no_archive() {
    let arrays = zip(&[("w.npy", b"x"), ("b.npy", b"y")]);
    assert!(probe("x.zip", &Source::memory("x", arrays)).is_none());
    assert!(probe("x.bin", &Source::memory("x", *b"PK is not enough")).is_none());
}

#[test]
fn a_hundred_thousand_repeats_of_a_name_are_told_apart_quickly() {
    let mut distinct = Distinct::default();
    let last = (0..100_000).map(|_| distinct.take("a/w.npy".to_owned()).0).last();
    assert_eq!(last.as_deref(), Some("a/w (100000).npy"));
}
