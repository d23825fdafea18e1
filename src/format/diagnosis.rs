//! Why a file is most likely broken, in words, with what speaks for it: asked of files that could not be read, or that are
//! not what they should be. What a format finds out by itself (bytes that are missing, a pointer of Git LFS, a web page in
//! place of the file) is told there.

use crate::archive::zip;
use crate::error::Result;
use crate::limits;
use crate::model::{Finding, Severity, extension};
use crate::source::Source;

/// Bytes from the start that are looked at for line ends.
const HEAD: u64 = 1 << 20;
/// Bytes of the end that are read in one go while they are zeros, and the fewest zeros that mean something.
const TAIL: u64 = 64 << 10;
const ZEROS: u64 = 512;
/// Line feeds in binary data from which on it is no chance that each has a carriage return in front: one in 256 has.
const LINES: usize = 4;

/// A look for one cause.
type Cause = fn(&Source) -> Result<Option<Finding>>;

/// The most likely cause of what is wrong with a file of this format that has these findings; `None` when nothing is
/// wrong or nothing speaks for any cause.
///
/// # Errors
/// When the environment fails.
pub fn diagnose(file: &Source, format: &str, findings: &[&Finding]) -> Result<Option<Finding>> {
    if format == "gzip" {
        return Ok(packed(file));
    }
    let is_told = |code: &str| matches!(code, "lfs-pointer" | "html-page" | "all-zeros" | "empty-file" | "text-link");
    let is_wrong = |finding: &Finding| {
        finding.severity == Severity::Error
            || finding.code.ends_with("-trailing")
            || matches!(finding.code.as_str(), "wrong-name" | "zip-prefix")
    };
    let is_told = findings.iter().any(|finding| is_told(&finding.code));
    // The causes show at both ends, and the end of a long compressed stream is as far as all of it.
    if is_told || file.is_forward() || !findings.iter().copied().any(is_wrong) {
        return Ok(None);
    }
    let causes: [Cause; 4] = [zeros, text, endian, cut];
    // A tar ends in zeros.
    for cause in causes.into_iter().skip(usize::from(format == "tar")) {
        if let Some(finding) = cause(file)? {
            return Ok(Some(finding));
        }
    }
    joined(file, findings)
}

/// A gzip stream under the name of something else.
fn packed(file: &Source) -> Option<Finding> {
    let called = extension(file.name());
    let is_wrong =
        ["safetensors", "pt", "pth", "npz", "npy", "gguf", "h5", "zip", "bin", "json"].contains(&called.as_str());
    let message = format!("called .{called}, but it is compressed with gzip: other tools read it once it is unpacked");
    is_wrong.then(|| Finding::warning("gzip-inside", message).at(0))
}

/// Nothing but zeros from some byte on.
fn zeros(file: &Source) -> Result<Option<Finding>> {
    let len = file.len();
    let (mut start, least) = (len, len.saturating_sub(limits::ZEROS_LOOKED_AT));
    while start > least {
        let from = start.saturating_sub(TAIL).max(least);
        let bytes = file.bytes_at(from, start.saturating_sub(from))?;
        match bytes.iter().rposition(|&byte| byte != 0) {
            Some(at) => {
                start = from.saturating_add(at as u64).saturating_add(1);
                break;
            }
            None => start = from,
        }
    }
    let count = len.saturating_sub(start);
    let message = format!(
        "from byte {start} to the end there are only zeros ({count} bytes): room was made for the file, and writing it \
         stopped there (a process that was ended, a disk that was full, a download that was broken off)"
    );
    Ok((count >= ZEROS && start > 0).then(|| Finding::note("zeros-to-the-end", message).at(start)))
}

/// Binary data in which each line feed has a carriage return in front.
fn text(file: &Source) -> Result<Option<Finding>> {
    let head = file.bytes_at(0, HEAD)?;
    let feeds = head.iter().filter(|&&byte| byte == b'\n').count();
    let pairs = head.windows(2).filter(|pair| pair == b"\r\n").count();
    let first = head.windows(2).position(|pair| pair == b"\r\n").unwrap_or(0) as u64;
    let is_binary = head.iter().any(|&byte| byte == 0 || byte >= 0x80);
    let message = format!(
        "all {feeds} line feeds in the first {} bytes have a carriage return in front: the file was converted as if it \
         were text (Git's autocrlf, a transfer in text mode)",
        head.len()
    );
    Ok((is_binary && feeds >= LINES && feeds == pairs).then(|| Finding::note("crlf-mangled", message).at(first)))
}

/// A length in front of a JSON header that only fits the other way round.
fn endian(file: &Source) -> Result<Option<Finding>> {
    let head = file.bytes_at(0, 9)?;
    let (Some(length), Some(b'{')) = (head.first_chunk::<8>(), head.get(8)) else { return Ok(None) };
    let (little, big) = (u64::from_le_bytes(*length), u64::from_be_bytes(*length));
    let room = file.len().saturating_sub(8);
    let message = format!(
        "the header length reads {little} as it should be written (little-endian) and {big} the other way round, which fits: \
         the file was written big-endian"
    );
    Ok((little > room && (2..=room).contains(&big)).then(|| Finding::note("wrong-endian", message).at(0)))
}

/// A zip that ends before its directory, which is written last.
fn cut(file: &Source) -> Result<Option<Finding>> {
    if !file.bytes_at(0, 4)?.starts_with(b"PK\x03\x04") || zip::Directory::open(file.clone()).is_ok() {
        return Ok(None);
    }
    let (members, last) = zip::whole_members(file)?;
    let there = match last {
        Some((name, missing)) => format!("{members} members are whole, of {name:?} {missing} bytes are missing"),
        None => format!("{members} members are whole"),
    };
    let message = format!(
        "the zip has no directory, which is written last: whoever saved it was stopped before the end, or the copy was \
         ({there})"
    );
    Ok(Some(Finding::note("saved-partly", message).at(file.len())))
}

/// What another file begins with.
const STARTS: [(&[u8], &str); 6] = [
    (b"\x93NUMPY", "a NumPy array"),
    (b"PK\x03\x04", "a zip"),
    (b"GGUF", "a GGUF file"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"\x1f\x8b\x08", "a gzip stream"),
    (b"\x80\x02", "a pickle"),
];

/// Another file that begins where this one ends, or should have begun.
fn joined(file: &Source, findings: &[&Finding]) -> Result<Option<Finding>> {
    let places = findings.iter().filter_map(|finding| match finding.code.as_str() {
        "zip-prefix" => Some(0),
        code if code.ends_with("-trailing") => finding.offset,
        _ => None,
    });
    for at in places {
        let head = file.bytes_at(at, 9)?;
        let length = head.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let is_safetensors = head.get(8) == Some(&b'{') && length <= file.len().saturating_sub(at);
        let known = STARTS.iter().find(|(start, _)| head.starts_with(start)).map(|(_, what)| *what);
        if let Some(what) = known.or(is_safetensors.then_some("a safetensors file")) {
            let message = format!("{what} begins at byte {at}: two files were joined to one");
            return Ok(Some(Finding::note("files-joined", message).at(at)));
        }
    }
    Ok(None)
}
