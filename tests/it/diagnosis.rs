//! Files that do not open, each with the cause that is most likely and what speaks for it.

use std::io::Write;
use std::rc::Rc;

use flate2::Compression;
use flate2::write::GzEncoder;
use weighbridge::source::{Memory, ReadAt};

use crate::opening::inspect_folder;
use crate::support::root;

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(root().join(path)).unwrap()
}

/// Code and words of everything that is said of the file.
fn told(name: &str, bytes: Vec<u8>) -> Vec<(String, String)> {
    let files: Vec<(String, Rc<dyn ReadAt>)> = vec![(format!("run/{name}"), Rc::new(Memory::new(bytes)))];
    let opened = inspect_folder("run", files);
    let contents = opened.contents.iter().flatten().flat_map(|contents| &contents.findings);
    contents.chain(&opened.findings).map(|finding| (finding.code.clone(), finding.message.clone())).collect()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), bytes);
    while let Some((first, after)) = rest.split_first() {
        match rest.strip_prefix(from) {
            Some(left) => {
                out.extend(to);
                rest = left;
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn every_broken_file_has_its_most_likely_cause() {
    let whole = fixture("safetensors/small.safetensors");
    let pt = fixture("torch/tied.pt");
    let npz = fixture("npz/stored.npz");
    let mut big = whole.clone();
    big[..8].reverse();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&whole).unwrap();
    let zeroed = |bytes: &[u8], from: usize| [&bytes[..from], vec![0; 4000].as_slice()].concat();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
    let lines = [npz.as_slice(), b"\n\0\n\0\n"].concat();
    let rows: Vec<(&str, Vec<u8>, &str, String)> = vec![
        (
            "x.safetensors",
            pointer.into(),
            "lfs-pointer",
            "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393 of 12345 bytes".into(),
        ),
        ("x.pt", page.into(), "html-page", "\"Sign in\"".into()),
        ("x.safetensors", whole[..whole.len() - 7].to_vec(), "safetensors-truncated", "7 bytes are missing".into()),
        (
            "x.npy",
            fixture("npy/f4.npy")[..fixture("npy/f4.npy").len() - 5].to_vec(),
            "npy-truncated",
            "24 bytes of data, the file has 19".into(),
        ),
        (
            "x.safetensors",
            [whole.clone(), whole.clone()].concat(),
            "files-joined",
            format!("a safetensors file begins at byte {}", whole.len()),
        ),
        (
            "x.npy",
            [fixture("npy/f4.npy"), fixture("npy/f4.npy")].concat(),
            "files-joined",
            "a NumPy array begins".into(),
        ),
        (
            "x.zip",
            [fixture("zip/plain.zip"), fixture("zip/folders.zip")].concat(),
            "files-joined",
            "a zip begins at byte 0".into(),
        ),
        ("x.npz", replaced(&lines, b"\n", b"\r\n"), "crlf-mangled", "line feeds".into()),
        ("x.pt", replaced(&[pt.as_slice(), b"\n\n\n\n"].concat(), b"\n", b"\r\n"), "crlf-mangled", "line feeds".into()),
        ("x.safetensors", big, "wrong-endian", "big-endian".into()),
        ("x.safetensors", gzip.finish().unwrap(), "gzip-inside", "called .safetensors".into()),
        ("x.bin", vec![0; 5000], "all-zeros", "never written".into()),
        ("x.pt", zeroed(&pt, 700), "zeros-to-the-end", "stopped there".into()),
        ("x.npz", zeroed(&npz, 300), "zeros-to-the-end", "stopped there".into()),
        ("x.npz", npz[..npz.len() - 400].to_vec(), "saved-partly", "1 members are whole".into()),
        ("x.pt", pt[..pt.len() - 300].to_vec(), "saved-partly", "stopped before the end".into()),
        ("x.zip", fixture("zip/plain.zip")[..50].to_vec(), "saved-partly", "bytes are missing".into()),
    ];
    let mut wrong = Vec::new();
    for (name, bytes, code, words) in rows {
        let found = told(name, bytes);
        if !found.iter().any(|(known, message)| known == code && message.contains(&words)) {
            wrong.push(format!("{name}: expected {code} with {words:?}, found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows: {}", wrong.len(), wrong.join("\n"));
}

/// What is whole has no cause of being broken.
#[test]
fn nothing_is_diagnosed_of_files_that_open() {
    let causes = ["files-joined", "crlf-mangled", "wrong-endian", "gzip-inside", "zeros-to-the-end", "saved-partly"];
    for (path, bytes) in crate::support::fixtures() {
        let is_bad = path.split('/').next().is_some_and(|folder| folder.ends_with("-bad"));
        if is_bad || bytes.len() > 1 << 20 || path.starts_with("impostor/") {
            continue;
        }
        let name = path.rsplit('/').next().unwrap();
        let found = told(name, bytes);
        assert!(!found.iter().any(|(code, _)| causes.contains(&code.as_str())), "{path}: {found:#?}");
    }
}

/// Members that are compressed in other ways are named, and told as not looked into.
#[test]
fn streams_that_are_not_read_are_named() {
    let rows: [(&str, &[u8], &str); 6] = [
        ("x.bz2", b"BZh91AY&SY\0\0\0\0", "a bzip2 stream"),
        ("model.pt", b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4F", "an xz stream"),
        ("weights.bin", b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive"),
        ("state.pkl", b"\x28\xb5\x2f\xfd\x04\0", "a zstd stream"),
        ("a.lz4", b"\x04\x22\x4d\x18\x64\x40", "an LZ4 stream"),
        ("b.rar", b"Rar!\x1a\x07\x01\0", "a RAR archive"),
    ];
    for (name, bytes, what) in rows {
        let zip = crate::verdicts::zipped(&[("in/side", b"x"), (name, bytes)], zip::CompressionMethod::Stored);
        let files: Vec<(String, Rc<dyn ReadAt>)> = vec![("x.zip".to_owned(), Rc::new(Memory::new(zip)))];
        let opened = inspect_folder("x.zip", files);
        let at = opened.find(&format!("x.zip/{name}")).unwrap();
        let reason = opened.contents_at(at).and_then(|contents| contents.not_examined.clone()).unwrap_or_default();
        assert!(reason.starts_with(what), "{name}: {reason:?}");
        let input = weighbridge::report::ReportInput { app_version: "0", opened: &[&opened], ..Default::default() };
        let report = weighbridge::report::build(&input);
        assert!(report.not_examined.iter().any(|row| row.path.ends_with(name)), "{name}");
    }
}
