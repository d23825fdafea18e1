//! Containers that lie, one lie each: whatever two readers could see differently has its finding.

use std::io::Write;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use weighbridge::model::{Finding, Severity};
use weighbridge::source::Source;

use crate::support::{Found, walk};

/// Everything that is said of the file and of what is in it.
fn findings(name: &str, bytes: Vec<u8>) -> Vec<Finding> {
    let told = walk(name, Source::memory(name, bytes)).into_iter().flat_map(|(path, found)| match found {
        Ok(Found::Archive(listed)) => listed.findings,
        Ok(Found::File(contents)) => contents.findings,
        Err(error) => vec![Finding::from_error(&path, &error)],
    });
    told.collect()
}

/// The lie is told by `code` and nothing worse than it is told besides; the honest twin has no findings.
fn check(rows: Vec<(&'static str, &'static str, Vec<u8>, &'static str, Severity)>) {
    let mut wrong = Vec::new();
    for (what, name, bytes, code, severity) in rows {
        let found = findings(name, bytes);
        let told: Vec<_> = found.iter().map(|finding| (finding.code.as_str(), finding.severity)).collect();
        let is_told = if code.is_empty() { told.is_empty() } else { told.contains(&(code, severity)) };
        if !is_told {
            wrong.push(format!("{what}: expected {code} ({severity:?}), found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows: {}", wrong.len(), wrong.join("\n"));
}

/// A member as both headers tell it; what differs is set by the row.
#[derive(Clone)]
struct Member {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    stored: u32,
    size: u32,
    extra: Vec<u8>,
}

impl Member {
    fn of(name: &str, data: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(data);
        let len = u32::try_from(data.len()).unwrap();
        Self { name: name.into(), flags: 0, method: 0, crc: crc.sum(), stored: len, size: len, extra: Vec::new() }
    }

    /// Fields of both headers, from the version on.
    fn fields(&self) -> Vec<u8> {
        let mut bytes = 20_u16.to_le_bytes().to_vec();
        [self.flags, self.method, 0, 33].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        [self.crc, self.stored, self.size].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        [self.name.len(), self.extra.len()].iter().for_each(|&len| bytes.extend((len as u16).to_le_bytes()));
        bytes
    }

    fn local(&self, data: &[u8]) -> Vec<u8> {
        [b"PK\x03\x04".as_slice(), &self.fields(), &self.name, &self.extra, data].concat()
    }

    fn record(&self, at: usize) -> Vec<u8> {
        let rest = [vec![0; 10], (at as u32).to_le_bytes().to_vec()].concat();
        [b"PK\x01\x02\x14\x03".as_slice(), &self.fields(), &rest, &self.name, &self.extra].concat()
    }
}

/// What the end record says: members, bytes of directory, the byte of it; `before` stands in front of the end record.
fn zip(locals: &[u8], records: &[Vec<u8>], before: &[u8], lie: impl Fn(&mut [u32; 3])) -> Vec<u8> {
    let directory = records.concat();
    let mut says = [records.len() as u32, directory.len() as u32, locals.len() as u32];
    lie(&mut says);
    let [count, size, at] = says;
    let count = (count as u16).to_le_bytes();
    let end =
        [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size.to_le_bytes(), &at.to_le_bytes(), &[0, 0]].concat();
    [locals, &directory, before, &end].concat()
}

const DATA: &[u8] = b"{\"step\": 1}";

/// Two members, of which the local header of the first is changed.
fn local(lie: impl Fn(&mut Member)) -> Vec<u8> {
    pair(lie, |_| (), DATA, b"")
}

fn pair(local: impl Fn(&mut Member), central: impl Fn(&mut Member), data: &[u8], behind: &[u8]) -> Vec<u8> {
    let (mut one, mut listed) = (Member::of("a.json", data), Member::of("a.json", data));
    local(&mut one);
    central(&mut listed);
    let second = Member::of("b.json", DATA);
    let first = [one.local(data), behind.to_vec()].concat();
    let records = [listed.record(0), second.record(first.len())];
    zip(&[first, second.local(DATA)].concat(), &records, b"", |_| ())
}

/// The zip64 records of a zip whose locals have `locals` bytes: members, bytes of directory, the byte of it.
fn zip64(count: u64, size: u64, at: u64, place: u64) -> Vec<u8> {
    let mut bytes = b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0".to_vec();
    [count, count, size, at].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    [bytes, b"PK\x06\x07\0\0\0\0".to_vec(), place.to_le_bytes().to_vec(), vec![1, 0, 0, 0]].concat()
}

fn descriptor(crc: u32, stored: u32, size: u32) -> Vec<u8> {
    let numbers: Vec<u8> = [crc, stored, size].iter().flat_map(|number| number.to_le_bytes()).collect();
    [b"PK\x07\x08".as_slice(), &numbers].concat()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn every_lie_of_a_zip_is_told() {
    use Severity::{Error, Note, Warning};
    let honest = local(|_| ());
    let is_described = |member: &mut Member| (member.flags, member.crc, member.stored, member.size) = (8, 0, 0, 0);
    let with_flag = |member: &mut Member| member.flags = 8;
    let right = Member::of("a.json", DATA);
    let described = |crc, stored, size| pair(is_described, with_flag, DATA, &descriptor(crc, stored, size));
    let (count, locals) = (2, honest.len() - 22 - 2 * 52);
    let twice = |name: &str| {
        let members = [Member::of("a.json", DATA), Member::of(name, b"other")];
        let first = members[0].local(DATA);
        let records = [members[0].record(0), members[1].record(first.len())];
        zip(&[first, members[1].local(b"other")].concat(), &records, b"", |_| ())
    };
    let hidden = {
        let (one, other) = (Member::of("a.json", DATA), Member::of("evil.pkl", b"hidden"));
        let first = one.local(DATA);
        zip(&[first, other.local(b"hidden")].concat(), &[one.record(0)], b"", |_| ())
    };
    let overlap = {
        let (one, two) = (Member::of("a.json", DATA), Member::of("b.json", DATA));
        zip(&[one.local(DATA), two.local(DATA)].concat(), &[one.record(0), two.record(9)], b"", |_| ())
    };
    let with64 = |count64: u64, size: u64, at: u64, place: u64, lie: fn(&mut [u32; 3])| {
        let (one, two) = (Member::of("a.json", DATA), Member::of("b.json", DATA));
        let first = one.local(DATA);
        let records = [one.record(0), two.record(first.len())];
        zip(&[first, two.local(DATA)].concat(), &records, &zip64(count64, size, at, place), lie)
    };
    let (size64, at64, place64) = (104, locals as u64, locals as u64 + 104);
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(&[0; 5000]).unwrap();
    let deflated = deflated.finish().unwrap();
    let bomb = |member: &mut Member| {
        (member.method, member.size, member.stored) = (8, 0xffff_0000, deflated.len() as u32);
    };
    let extra64 = |size: u64| [vec![1, 0, 16, 0], size.to_le_bytes().to_vec(), 11_u64.to_le_bytes().to_vec()].concat();
    let long = |size: u64| {
        move |member: &mut Member| {
            (member.size, member.stored, member.extra) = (u32::MAX, u32::MAX, extra64(size));
        }
    };
    check(vec![
        ("honest", "x.zip", honest.clone(), "", Note),
        ("local name", "x.zip", local(|m| m.name = b"z.json".to_vec()), "zip-local-name", Error),
        ("local size", "x.zip", local(|m| m.size = 12), "zip-local-size", Error),
        ("local stored size", "x.zip", local(|m| m.stored = 10), "zip-local-size", Error),
        ("local method", "x.zip", local(|m| m.method = 8), "zip-local-method", Error),
        ("local flags", "x.zip", local(|m| m.flags = 1), "zip-local-flags", Error),
        ("local CRC", "x.zip", local(|m| m.crc ^= 1), "zip-local-crc", Error),
        ("no local header", "x.zip", pair(|_| (), |_| (), DATA, b"").tap(|b| b[2] = 9), "zip-local-missing", Error),
        ("described", "x.zip", described(right.crc, 11, 11), "", Note),
        ("descriptor CRC", "x.zip", described(right.crc ^ 1, 11, 11), "zip-descriptor", Error),
        ("descriptor size", "x.zip", described(right.crc, 11, 99), "zip-descriptor", Error),
        ("encrypted", "x.zip", pair(|m| m.flags = 1, |m| m.flags = 1, DATA, b""), "zip-encrypted", Warning),
        ("unread method", "x.zip", pair(|m| m.method = 12, |m| m.method = 12, DATA, b""), "zip-method", Warning),
        (
            "stored with two sizes",
            "x.zip",
            pair(|m| m.size = 99, |m| m.size = 99, DATA, b""),
            "zip-size-mismatch",
            Error,
        ),
        ("expansion", "x.zip", pair(bomb, bomb, &deflated, b""), "zip-expansion", Error),
        ("outside", "x.zip", pair(|_| (), |m| m.stored = 9999, DATA, b""), "zip-entry-outside", Error),
        ("duplicate", "x.zip", twice("a.json"), "zip-duplicate-name", Error),
        ("escape", "x.zip", twice("../../a.json"), "archive-path-escape", Error),
        ("overlap", "x.zip", overlap, "zip-overlap", Error),
        ("gap", "x.zip", pair(|_| (), |_| (), DATA, b"between"), "zip-gap", Warning),
        ("zeros between", "x.zip", pair(|_| (), |_| (), DATA, &[0; 9]), "zip-gap", Note),
        ("hidden member", "x.zip", hidden, "zip-hidden-member", Error),
        ("prefix", "x.zip", [b"#!/bin/sh\n".as_slice(), &honest].concat(), "zip-prefix", Warning),
        ("appended", "x.zip", [honest.as_slice(), b"more"].concat(), "zip-trailing", Warning),
        (
            "count",
            "x.zip",
            honest.clone().tap(|b| {
                let at = b.len() - 12;
                b[at] = 7;
                b[at - 2] = 7;
            }),
            "zip-count-mismatch",
            Error,
        ),
        ("zip64", "x.zip", with64(count, size64, at64, place64, |s| *s = [0xffff, u32::MAX, u32::MAX]), "", Note),
        ("zip64 beside", "x.zip", with64(count, size64, at64, place64, |_| ()), "", Note),
        ("zip64 count", "x.zip", with64(1, size64, at64, place64, |_| ()), "zip64-end", Error),
        ("zip64 size", "x.zip", with64(count, 52, at64, place64, |_| ()), "zip64-end", Error),
        ("zip64 place", "x.zip", with64(count, size64, 0, place64, |_| ()), "zip64-end", Error),
        (
            "zip64 record without its mark",
            "x.zip",
            with64(count, size64, at64, 3, |_| ()).tap(|b| {
                let at = b.len() - 98;
                b[at] = 0;
            }),
            "malformed",
            Error,
        ),
        ("zip64 member", "x.zip", pair(long(11), long(11), DATA, b""), "", Note),
        ("zip64 member lies", "x.zip", pair(long(12), long(11), DATA, b""), "zip-local-size", Error),
        ("no zip64 field", "x.zip", pair(|_| (), |m| m.stored = u32::MAX, DATA, b""), "zip-entry-outside", Error),
    ]);
}

/// Changes something in place.
trait Tap: Sized {
    fn tap(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl Tap for Vec<u8> {}

/// A header and its data.
fn tar_member(name: &str, data: &[u8], kind: u8, size: u64) -> Vec<u8> {
    let mut block = vec![0_u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = kind;
    if matches!(kind, b'1' | b'2') {
        block[157..163].copy_from_slice(b"target");
    }
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block.extend(data);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

fn pax(kind: u8, key: &str, value: &str) -> Vec<u8> {
    let len = (0..).find(|len: &usize| format!("{len} {key}={value}\n").len() == *len).unwrap();
    let record = format!("{len} {key}={value}\n");
    tar_member("PaxHeaders/x", record.as_bytes(), kind, record.len() as u64)
}

fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn every_lie_of_a_tar_is_told() {
    use Severity::{Error, Note, Warning};
    let file = || tar_member("a.json", DATA, b'0', 11);
    let long = format!("{}.json", "n".repeat(120));
    let plain = tar(&[file()]);
    let fill = |zeros: usize, more: &[u8]| [plain.as_slice(), &vec![0; zeros], more].concat();
    check(vec![
        ("honest", "x.tar", plain.clone(), "", Note),
        ("honest PAX size", "x.tar", tar(&[pax(b'x', "size", "11"), file()]), "", Note),
        ("honest PAX path", "x.tar", tar(&[pax(b'x', "path", "a.json"), file()]), "", Note),
        ("long PAX path", "x.tar", tar(&[pax(b'x', "path", &long), file()]), "", Note),
        ("non-ASCII PAX path", "x.tar", tar(&[pax(b'x', "path", "ä.json"), file()]), "", Note),
        ("a comment for all", "x.tar", tar(&[pax(b'g', "comment", "7ab47eb"), file()]), "", Note),
        ("zeros to the record", "x.tar", fill(8192, b""), "", Note),
        ("checksum", "x.tar", tar(&[file(), file().tap(|b| b[0] ^= 1)]), "tar-header", Error),
        ("duplicate", "x.tar", tar(&[file(), file()]), "tar-duplicate-name", Error),
        ("symbolic link", "x.tar", tar(&[tar_member("l", b"", b'2', 0), file()]), "tar-link", Warning),
        ("hard link", "x.tar", tar(&[tar_member("l", b"", b'1', 0), file()]), "tar-link", Warning),
        ("device", "x.tar", tar(&[tar_member("l", b"", b'3', 0), file()]), "tar-special", Warning),
        ("escape", "x.tar", tar(&[tar_member("../../a", b"", b'0', 0)]), "archive-path-escape", Error),
        ("absolute", "x.tar", tar(&[tar_member("/etc/a", b"", b'0', 0)]), "archive-path-escape", Warning),
        (
            "PAX size",
            "x.tar",
            tar(&[pax(b'x', "size", "1024"), tar_member("a", &[1; 1024], b'0', 0)]),
            "tar-pax-size",
            Error,
        ),
        ("PAX path", "x.tar", tar(&[pax(b'x', "path", "evil.pkl"), file()]), "tar-pax-path", Warning),
        ("GNU name", "x.tar", tar(&[tar_member("././@LongLink", b"evil\0", b'L', 5), file()]), "tar-pax-path", Warning),
        ("PAX for all", "x.tar", tar(&[pax(b'g', "path", "evil.pkl"), file()]), "tar-pax", Error),
        ("broken PAX record", "x.tar", tar(&[tar_member("p", b"99 path=x\n", b'x', 10), file()]), "tar-pax", Error),
        ("sparse of GNU", "x.tar", tar(&[tar_member("s", b"", b'S', 0), file()]), "tar-sparse", Warning),
        ("sparse of PAX", "x.tar", tar(&[pax(b'x', "GNU.sparse.major", "1"), file()]), "tar-sparse", Warning),
        ("no end", "x.tar", file(), "tar-no-end", Note),
        ("cut", "x.tar", plain[..515].to_vec(), "tar-truncated", Error),
        ("appended", "x.tar", fill(0, b"more"), "tar-trailing", Warning),
        ("far appended", "x.tar", fill(50_000, b"more"), "tar-trailing", Warning),
        (
            "a second archive",
            "x.tar",
            fill(0, &tar(&[tar_member("evil.pkl", b"x", b'0', 1)])),
            "tar-hidden-member",
            Error,
        ),
        ("size past the end", "x.tar", tar(&[tar_member("a", b"x", b'0', 9999)]), "tar-truncated", Error),
    ]);
}

/// Members behind the end are members all the same: nothing hides there.
#[test]
fn what_follows_the_end_of_a_tar_is_listed() {
    let second = tar(&[tar_member("evil.pkl", b"x", b'0', 1)]);
    let bytes = [tar(&[tar_member("a.json", DATA, b'0', 11)]), second].concat();
    let found = walk("x.tar", Source::memory("x.tar", bytes));
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["x.tar", "x.tar/a.json", "x.tar/evil.pkl"]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_lie_of_a_gzip_stream_is_told() {
    use Severity::{Error, Note, Warning};
    let text = br#"{"step": 1, "loss": 2.5}"#;
    let whole = gzip(text);
    let len = whole.len();
    check(vec![
        ("honest", "x.json.gz", whole.clone(), "", Note),
        ("two members", "x.json.gz", [gzip(&text[..5]), gzip(&text[5..])].concat(), "", Note),
        ("CRC", "x.json.gz", whole.clone().tap(|b| b[len - 8] ^= 1), "gzip-trailer", Error),
        ("size", "x.json.gz", whole.clone().tap(|b| b[len - 4] ^= 1), "gzip-trailer", Error),
        ("no trailer", "x.json.gz", whole[..len - 8].to_vec(), "gzip-truncated", Error),
        ("cut", "x.json.gz", whole[..len - 12].to_vec(), "gzip-truncated", Error),
        ("broken", "x.json.gz", whole.clone().tap(|b| b[10] = 0xff), "gzip-damaged", Error),
        ("appended", "x.json.gz", [whole.as_slice(), b"more"].concat(), "gzip-trailing", Warning),
        (
            "a tar with the wrong CRC",
            "x.tgz",
            gzip(&tar(&[tar_member("a", b"x", b'0', 1)])).tap(|b| {
                let at = b.len() - 8;
                b[at] ^= 1;
            }),
            "gzip-trailer",
            Error,
        ),
        (
            "a tar and more",
            "x.tgz",
            gzip(&[tar(&[tar_member("a", b"x", b'0', 1)]), b"more".to_vec()].concat()),
            "tar-trailing",
            Warning,
        ),
    ]);
}

fn npy(dict: &str, data: usize) -> Vec<u8> {
    let dict = format!("{dict}\n");
    let len = u16::try_from(dict.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\0".as_slice(), &len, dict.as_bytes(), &vec![0; data]].concat()
}

#[test]
fn every_lie_of_an_array_is_told() {
    use Severity::{Error, Note, Warning};
    let dict = |shape: &str| format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    check(vec![
        ("honest", "x.npy", npy(&dict("(2, 3)"), 24), "", Note),
        ("short", "x.npy", npy(&dict("(2, 3)"), 20), "npy-truncated", Error),
        ("long", "x.npy", npy(&dict("(2, 3)"), 28), "npy-trailing", Warning),
        ("uncountable", "x.npy", npy(&dict("(9223372036854775807, 9)"), 8), "npy-shape-overflow", Error),
        ("negative", "x.npy", npy(&dict("(-1,)"), 8), "malformed", Error),
        ("more in the header", "x.npy", npy(&format!("{} 7", dict("(1,)")), 4), "npy-header", Warning),
        ("another entry", "x.npy", npy(&dict("(1,), 'x': 1"), 4), "npy-header", Warning),
        (
            "objects",
            "x.npy",
            npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 4),
            "npy-object-array",
            Warning,
        ),
    ]);
}
