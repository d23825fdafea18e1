//! Files that are not what they should be: the page says what, where, and shows the rest.

use crate::pictures::look;
use crate::run::{assert_same_tensors, rows, tensors_of};
use e2e::Result;
use e2e::expected::expected;
use e2e::fixtures::{Folder, bytes};
use e2e::page::Page;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write;

const MODEL: &str = "linearnexus/run/checkpoints/step_800/model.npz";
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 4096\n";
const WEB_PAGE: &[u8] = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>403</body></html>\n";

/// All of them at once, with a good file among them.
pub(crate) fn says_what_and_where(page: &Page) -> Result {
    let folder = Folder::new()?;
    let model = bytes(MODEL)?;
    folder.write("all/good.npz", &model)?;
    folder.write("all/truncated.npz", model.get(..model.len() / 2).unwrap_or_default())?;
    folder.write("all/pointer.safetensors", POINTER)?;
    folder.write("all/page.safetensors", WEB_PAGE)?;
    folder.write("all/empty.npz", b"")?;
    folder.write("all/random.safetensors", &noise(4096))?;
    folder.write("all/claims.safetensors", &huge_header())?;
    folder.write("all/claims.npz", &huge_member(&model)?)?;
    folder.write("all/notes.xyz", &noise(64))?;
    page.open_folder(&folder.path().join("all"))?;
    let report = page.report()?;
    let bad = [
        "truncated.npz",
        "pointer.safetensors",
        "page.safetensors",
        "empty.npz",
        "random.safetensors",
        "claims.safetensors",
        "claims.npz",
    ];
    for name in bad {
        assert_told(&report, &format!("all/{name}"));
    }
    assert!(
        !rows(&report["not_examined"], |row| row["path"] == "all/notes.xyz").is_empty(),
        "notes.xyz is passed over"
    );
    assert_same_tensors(tensors_of(&report, "all/good.npz"), &expected()["run"][4]["model"], "all/good.npz");
    page.go("files")?;
    page.driver.click(".grid-controls input[type=checkbox]")?;
    page.shows(bad.into_iter().chain(["good.npz", "notes.xyz"]))?;
    look(page, "unreadable-files")?;
    page.go("overview")?;
    look(page, "unreadable")?;
    assert!(page.has("finding-row")? || page.has("problem")?, "no finding on the first page");
    Ok(())
}

/// An error or warning that names the file and says more than "invalid".
fn assert_told(report: &Value, path: &str) {
    let findings = rows(&report["findings"], |row| row["file"] == path && row["severity"] != "note");
    let told = findings.iter().filter_map(|row| row["message"].as_str()).any(|message| message.split(' ').count() > 3);
    assert!(told, "nothing is said of {path}: {:#}", report["findings"]);
}

/// Bytes of no format, always the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0] | 0x80
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// A safetensors file that claims a header of an exabyte.
fn huge_header() -> Vec<u8> {
    [&(1_u64 << 60).to_le_bytes()[..], b"{}"].concat()
}

/// The same npz with a central directory that claims four gigabytes for its first member.
fn huge_member(model: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = model.to_vec();
    let at = bytes.windows(4).position(|four| four == b"PK\x01\x02").ok_or("the npz has no central directory")?;
    bytes[at + 24..at + 28].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    Ok(bytes)
}

/// What happened to a file most likely, with what speaks for it.
pub(crate) fn says_why(page: &Page) -> Result {
    let model = bytes("safetensors/small.safetensors")?;
    let archive = bytes(MODEL)?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&model).map_err(|cause| cause.to_string())?;
    let packed = packed.finish().map_err(|cause| cause.to_string())?;
    let (length, rest) = model.split_first_chunk::<8>().ok_or("the model has no header")?;
    let turned = [&length.iter().rev().copied().collect::<Vec<u8>>(), rest].concat();
    // All of it as a text would be sent: each line feed with a carriage return in front.
    let lines = [&model[..], &[b'\n'; 8]].concat();
    let mangled: Vec<u8> =
        lines.iter().flat_map(|&byte| [&b"\r"[usize::from(byte != b'\n')..], &[byte]].concat()).collect();
    let unwritten = [archive.get(..4000).unwrap_or_default(), &[0; 4000]].concat();
    let causes: [(&str, &[u8], &str); 9] = [
        ("pointer.safetensors", POINTER, "Git LFS"),
        ("page.safetensors", WEB_PAGE, "Sign in"),
        ("short.safetensors", model.get(..model.len() - 10).unwrap_or_default(), "10 bytes"),
        ("twice.safetensors", &[&model[..], &model[..]].concat(), "two files were joined"),
        ("lines.safetensors", &mangled, "carriage return"),
        ("turned.safetensors", &turned, "big-endian"),
        ("packed.safetensors", &packed, "compressed with gzip"),
        ("unwritten.npz", &unwritten, "only zeros (4000 bytes)"),
        ("killed.npz", archive.get(..archive.len() - 800).unwrap_or_default(), "was stopped before the end"),
    ];
    let folder = Folder::new()?;
    for (name, bytes, _) in causes {
        folder.write(&format!("all/{name}"), bytes)?;
    }
    page.open_folder(&folder.path().join("all"))?;
    let report = page.report()?;
    for (name, _, words) in causes {
        let findings = rows(&report["findings"], |row| row["file"] == format!("all/{name}"));
        let is_told = findings.iter().filter_map(|row| row["message"].as_str()).any(|message| message.contains(words));
        assert!(is_told, "{words:?} is not said of {name}: {findings:#?}");
    }
    page.go("integrity")?;
    page.shows(causes.map(|(_, _, words)| words))?;
    look(page, "causes")
}
