//! The members of a zip that is one file (`.npz`, `.pt`) are held against the CRC that it notes of them.

use std::io::{Cursor, Read};

use serde_json::{Value, json};
use weighbridge::session::Session;
use zip::ZipArchive;

use crate::page::{Page, fixture};

const FILES: [&str; 6] = [
    "linearnexus/run/checkpoints/step_800/model.npz",
    "npz/deflated.npz",
    "frameworks/mlx/weights.npz",
    "torch/tied.pt",
    "torch/narrow.pt",
    "archives/linearnexus_run.zip",
];

/// Error findings after everything was verified.
fn errors(name: &str, bytes: Vec<u8>) -> Vec<Value> {
    let mut page = Page::new(2);
    page.open_bytes(name, bytes);
    page.act(Session::verify);
    page.work();
    let findings = page.report()["findings"].as_array().unwrap().clone();
    findings.into_iter().filter(|finding| finding["severity"] == "error").collect()
}

/// The byte in the middle of the largest member, and its name, by the crate `zip`.
fn largest(bytes: &[u8]) -> (usize, String) {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let members = (0..archive.len()).map(|at| {
        let member = archive.by_index_raw(at).unwrap();
        let (start, len) = (member.data_start().unwrap(), member.compressed_size());
        (len, usize::try_from(start + len / 2).unwrap(), member.name().unwrap().into_owned())
    });
    let (_, middle, name) = members.max().unwrap();
    (middle, name)
}

/// Whether the crate `zip` reads a member to its end, where it compares the CRC.
fn is_whole(bytes: &[u8], name: &str) -> bool {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    archive.by_name(name).unwrap().read_to_end(&mut Vec::new()).is_ok()
}

#[test]
fn a_flipped_bit_of_any_member_is_told() {
    for path in FILES {
        let (name, bytes) = (path.rsplit_once('/').unwrap().1, std::fs::read(fixture(path)).unwrap());
        assert_eq!(errors(name, bytes.clone()), [] as [Value; 0], "{path} as it is");
        let (middle, member) = largest(&bytes);
        assert!(is_whole(&bytes, &member));
        let mut bad = bytes;
        bad[middle] ^= 1;
        assert!(!is_whole(&bad, &member));
        let ours = errors(name, bad);
        let named = |finding: &Value| {
            finding["entry"] == member || finding["file"].as_str().is_some_and(|file| file.ends_with(&member))
        };
        let codes = [json!("zip-crc-mismatch"), json!("zip-size"), json!("malformed"), json!("unreadable")];
        assert!(ours.iter().any(|finding| named(finding) && codes.contains(&finding["code"])), "{path}: {ours:#?}");
    }
}
