//! Files that stand where another one should: Git LFS pointers, error pages, empty and zeroed files.

use super::Known;
use crate::error::Result;
use crate::format::Probe;
use crate::model::{Finding, Severity};
use crate::source::Source;

/// Extensions of files that hold weights.
const WEIGHTS: [&str; 14] = [
    "safetensors",
    "pt",
    "pth",
    "bin",
    "npz",
    "npy",
    "ckpt",
    "h5",
    "gguf",
    "pkl",
    "msgpack",
    "onnx",
    "keras",
    "distcp",
];
/// Extensions of files that cannot be empty and mean something.
const STRUCTURED: [&str; 6] = ["json", "zip", "tar", "gz", "tgz", "index"];
/// Extensions of formats that begin with a mark.
const MARKED: [&str; 13] =
    ["npz", "npy", "safetensors", "zip", "tar", "gz", "tgz", "pt", "pth", "h5", "hdf5", "gguf", "keras"];
/// Places looked at in a large file that begins with zeros.
const SAMPLES: u64 = 64;
const SAMPLE: u64 = 4096;

/// Whether the file stands in for another, and how.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn identify(probe: &Probe) -> Result<Option<Known>> {
    let head = probe.head();
    if head.is_empty() {
        return Ok(Some(empty(probe)));
    }
    if head.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Ok(Some(lfs_pointer(probe)));
    }
    if is_html(head) && !matches!(probe.extension().as_str(), "html" | "htm" | "xhtml" | "md") {
        return Ok(Some(html_page(probe)));
    }
    if head.iter().any(|&byte| byte != 0) {
        return Ok(None);
    }
    Ok(zeros_seen(probe.source())?.map(|seen| zeroed(probe, seen)))
}

/// A file whose name promises a format that has a mark, without the mark.
pub(super) fn wrong_name(probe: &Probe) -> Option<Known> {
    let extension = probe.extension();
    if !MARKED.contains(&extension.as_str()) {
        return None;
    }
    if let Some(target) = pointer(probe.head(), &extension).filter(|_| probe.is_text()) {
        let message =
            format!("a text file that holds the path {target:?}: a link, as written where links cannot be made");
        let known = Known::new("text", "one line that ends like its own name", "a path, not the file it leads to");
        return Some(known.with(Some(Finding::note("text-link", message))).by_name());
    }
    let (format, content) = if probe.is_text() { ("text", "text") } else { ("unknown", "not recognised") };
    let message = format!("called .{extension}, but its first bytes are not those of one");
    let known = Known::new(format, format!("its first bytes are {content}"), "not what its name promises");
    Some(known.with(finding(probe, "wrong-name", message)).by_name())
}

fn promises_weights(probe: &Probe) -> bool {
    WEIGHTS.contains(&probe.extension().as_str())
}

/// Bad when the name promises weights, else worth a look.
fn severity(probe: &Probe) -> Severity {
    if promises_weights(probe) { Severity::Error } else { Severity::Warning }
}

fn finding(probe: &Probe, code: &str, message: String) -> Option<Finding> {
    Some(Finding { severity: severity(probe), ..Finding::note(code, message) })
}

fn empty(probe: &Probe) -> Known {
    let structured = STRUCTURED.contains(&probe.extension().as_str());
    let known = Known {
        format: "unknown",
        evidence: "no bytes".to_owned(),
        not_examined: None,
        finding: None,
        is_by_name: false,
    };
    if promises_weights(probe) || structured {
        known.with(finding(probe, "empty-file", "the file has no bytes".to_owned()))
    } else {
        known
    }
}

fn lfs_pointer(probe: &Probe) -> Known {
    let text = String::from_utf8_lossy(probe.head());
    let field = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("?").trim();
    let (oid, size) = (field("oid "), field("size "));
    let shown: String = format!("a Git LFS pointer to {oid} of {size} bytes stands here instead of the file");
    let message: String = shown.chars().take(300).collect();
    Known::new("text", "begins with \"version https://git-lfs\"", "a Git LFS pointer: the file itself is not here")
        .with(finding(probe, "lfs-pointer", message))
}

fn is_html(head: &[u8]) -> bool {
    let start: Vec<u8> = head.trim_ascii_start().iter().take(15).map(u8::to_ascii_lowercase).collect();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

fn html_page(probe: &Probe) -> Known {
    let text = String::from_utf8_lossy(probe.head());
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let from = lower.get(at..)?.find('>')?.checked_add(at)?.checked_add(1)?;
        let to = lower.get(from..)?.find("</title")?.checked_add(from)?;
        text.get(from..to).map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    let title: String = title.unwrap_or_else(|| "no title".to_owned()).chars().take(200).collect();
    let message = format!("a web page ({title:?}) stands here instead of the file: an error page or a login form");
    Known::new("text", "begins like an HTML page", "a web page, not the file its name promises").with(finding(
        probe,
        "html-page",
        message,
    ))
}

/// The one line of a text that is the path of a file of the same kind.
fn pointer<'a>(head: &'a [u8], extension: &str) -> Option<&'a str> {
    let line = std::str::from_utf8(head).ok()?.trim_end();
    let same = line.to_lowercase().ends_with(&format!(".{extension}"));
    (same && line.len() < 1000 && !line.contains(['\n', '\r'])).then_some(line)
}

/// Bytes looked at when all of them are zero.
fn zeros_seen(file: &Source) -> Result<Option<u64>> {
    let step = file.len().checked_div(SAMPLES).unwrap_or(0).max(SAMPLE);
    let mut seen = 0_u64;
    let mut at = 0_u64;
    while at < file.len() {
        let bytes = file.bytes_at(at, SAMPLE)?;
        if bytes.iter().any(|&byte| byte != 0) {
            return Ok(None);
        }
        seen = seen.saturating_add(bytes.len() as u64);
        at = at.saturating_add(step);
    }
    let tail = file.bytes_at(file.len().saturating_sub(SAMPLE), SAMPLE)?;
    Ok(tail.iter().all(|&byte| byte == 0).then_some(seen))
}

fn zeroed(probe: &Probe, seen: u64) -> Known {
    let len = probe.source().len();
    let message = format!("all {seen} bytes looked at (of {len}) are zero: the content was never written");
    Known::new("unknown", "begins with zeros only", "zeros").with(finding(probe, "all-zeros", message))
}
