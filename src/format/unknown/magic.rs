//! Formats that are known by their first bytes or their name, and not read.

use super::Known;
use crate::archive::zip::{Directory, ZipKind};
use crate::error::Error;
use crate::format::Probe;

/// First bytes, report id, what it is.
const MAGIC: [(&[u8], &str, &str); 21] = [
    (b"\x1f\x8b", "gzip", "a gzip stream inside too many archives"),
    (b"\x28\xb5\x2f\xfd", "unknown", "a zstd stream"),
    (b"\xfd7zXZ\0", "unknown", "an xz stream"),
    (b"\x04\x22\x4d\x18", "unknown", "an LZ4 stream"),
    (b"BZh", "unknown", "a bzip2 stream"),
    (b"7z\xbc\xaf\x27\x1c", "unknown", "a 7z archive"),
    (b"Rar!\x1a\x07", "unknown", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "unknown", "a PNG image"),
    (b"\xff\xd8\xff", "unknown", "a JPEG image"),
    (b"GIF8", "unknown", "a GIF image"),
    (b"%PDF-", "unknown", "a PDF document"),
    (b"\x7fELF", "unknown", "a program or library (ELF)"),
    (b"MZ\x90\0", "unknown", "a Windows program"),
    (b"PAR1", "unknown", "a Parquet table"),
    (b"ARROW1\0\0", "unknown", "an Arrow file"),
    (b"SQLite format 3\0", "unknown", "an SQLite database"),
    (b"\0asm", "unknown", "a WebAssembly module"),
    (b"ggml", "unknown", "a GGML model, which GGUF replaced"),
    (b"lmgg", "unknown", "a GGML model, which GGUF replaced"),
    (b"tjgg", "unknown", "a GGML model, which GGUF replaced"),
    (b"fmgg", "unknown", "a GGML model, which GGUF replaced"),
];
/// What the file is, by its first bytes, else by its name.
pub(super) fn identify(probe: &Probe) -> Option<Known> {
    let head = probe.head();
    if let Some(known) = zip(probe) {
        return Some(known);
    }
    if let Some((_, format, what)) = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Some(Known::new(format, format!("begins like {what}"), format!("{what} is not read by this version")));
    }
    by_name(probe)
}

fn zip(probe: &Probe) -> Option<Known> {
    let begins = probe.head().starts_with(b"PK\x03\x04");
    match probe.zip() {
        Some((ZipKind::Archive | ZipKind::Keras | ZipKind::StableBaselines, evidence)) => {
            Some(Known::new("zip", evidence, "an archive inside too many archives"))
        }
        Some((ZipKind::Npz | ZipKind::Torch, _)) => None,
        None if begins && probe.extension() != "npz" => {
            Some(Known::new("zip", "begins with PK", "a zip whose directory cannot be read"))
        }
        None => None,
    }
}

/// Why the directory of a zip cannot be read, when that is what is wrong.
pub(super) fn zip_error(probe: &Probe) -> Option<Error> {
    let damaged = probe.head().starts_with(b"PK\x03\x04") && probe.zip().is_none();
    let walk = |mut directory: Directory| directory.step(|_| ());
    damaged.then(|| Directory::open(probe.source().clone()).and_then(walk).err()).flatten()
}

fn by_name(probe: &Probe) -> Option<Known> {
    let name = probe.name();
    if probe.is_text() {
        return None;
    }
    let (format, what) = match probe.extension().as_str() {
        "msgpack" => ("msgpack", "a MessagePack file"),
        "onnx" => ("unknown", "an ONNX model"),
        "distcp" => ("unknown", "a piece of a distributed torch checkpoint"),
        "ocdbt" => ("unknown", "a store of arrays (OCDBT)"),
        "pb" => ("unknown", "a protocol buffer"),
        _ if name.contains("tfevents") => ("unknown", "a TensorBoard event file"),
        _ if name.contains(".data-0") => ("unknown", "a piece of a TensorFlow checkpoint"),
        "index" => ("unknown", "the index of a TensorFlow checkpoint"),
        _ => return None,
    };
    Some(Known::new(format, format!("called {name}"), format!("{what} is not read by this version")).by_name())
}
