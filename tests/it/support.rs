//! What the tests share: the fixtures, a walk that opens everything in a file, and a stable rendering of what it found.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use weighbridge::archive::{self, Listed};
use weighbridge::error::Result;
use weighbridge::format::{self, Reading};
use weighbridge::limits;
use weighbridge::model::{Contents, Finding, Layer, Locator, Severity, Tensor, Value};
use weighbridge::source::{Roots, Source};

/// Paths and bytes of all fixtures but the scripts and their notes, in order.
pub(crate) fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = root();
    let mut waiting = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path == root.join("registry") {
                // Recorded exchanges, not files that anyone opens.
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else if folder != root {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// What one file turned out to be.
#[expect(clippy::large_enum_variant, reason = "a few at a time")]
pub(crate) enum Found {
    Archive(Listed),
    File(Contents),
}

/// Lists or reads the file at `path` to the end.
pub(crate) fn look(path: &str, source: &Source, depth: usize) -> Result<Found> {
    if let Some(found) = archive::probe(path, source).filter(|_| depth < limits::ARCHIVE_DEPTH) {
        let mut listing = found.list()?;
        let mut listed = Listed::default();
        while !listing.step(&mut listed)? {}
        return Ok(Found::Archive(listed));
    }
    read(path, source).map(Found::File)
}

/// Reads the file at `path` to the end.
pub(crate) fn read(path: &str, source: &Source) -> Result<Contents> {
    match format::read(path, source)? {
        Reading::Done(contents) => Ok(contents),
        Reading::More(mut contents, mut rest) => {
            while !rest.step(&mut contents)? {}
            Ok(contents)
        }
    }
}

/// Opens everything in a file, archives in archives included: path and finding of each.
pub(crate) fn walk(path: &str, source: Source) -> Vec<(String, Result<Found>)> {
    let roots = Roots::new(vec![source]);
    let mut waiting = vec![(path.to_owned(), Locator::root(0), 0)];
    let mut found = Vec::new();
    while let Some((path, locator, depth)) = waiting.pop() {
        let outcome = roots.open(&locator).and_then(|source| look(&path, &source, depth));
        if let Ok(Found::Archive(listed)) = &outcome {
            for member in listed.members.iter().rev() {
                let inner = format!("{path}/{}", member.path);
                waiting.push((inner, locator.then(&member.layers), depth + 1));
            }
        }
        found.push((path, outcome));
    }
    found
}

/// The walk as text: one block a file.
pub(crate) fn render(found: &[(String, Result<Found>)]) -> String {
    let mut text = String::new();
    for (path, outcome) in found {
        match outcome {
            Err(error) => writeln!(text, "{path}\n  ERROR {error}").unwrap(),
            Ok(Found::Archive(listed)) => render_listed(&mut text, path, listed),
            Ok(Found::File(contents)) => render_contents(&mut text, path, contents),
        }
    }
    text
}

fn render_listed(text: &mut String, path: &str, listed: &Listed) {
    writeln!(text, "{path}\n  archive of {}", listed.members.len()).unwrap();
    for member in &listed.members {
        writeln!(text, "    {} {} {}", short(&member.path), member.size, layers(&member.layers)).unwrap();
    }
    render_findings(text, &listed.findings);
}

fn render_contents(text: &mut String, path: &str, contents: &Contents) {
    writeln!(text, "{}\n  {}: {}", short(path), contents.format, contents.evidence).unwrap();
    if let Some(reason) = &contents.not_examined {
        writeln!(text, "  not examined: {reason}").unwrap();
    }
    for (key, value) in &contents.metadata {
        writeln!(text, "  {key} = {value}").unwrap();
    }
    for tensor in &contents.tensors {
        writeln!(text, "    {}", render_tensor(tensor)).unwrap();
    }
    if let Some(document) = &contents.document {
        writeln!(text, "  {}", short(&value(document))).unwrap();
    }
    render_findings(text, &contents.findings);
}

fn render_tensor(tensor: &Tensor) -> String {
    let Tensor { name, dtype, shape, size_bytes, place, .. } = tensor;
    let place = place.as_ref().map_or_else(
        || "nowhere".to_owned(),
        |place| format!("{} {:?} {:?}", layers(&place.layers), place.order, place.endian),
    );
    format!("{name:?} {} {shape:?} {size_bytes} at {place}", short(dtype.name()))
}

fn render_findings(text: &mut String, findings: &[Finding]) {
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let place = finding.offset.map_or_else(String::new, |at| format!(" @{at}"));
        let entry = finding.entry.as_ref().map_or_else(String::new, |entry| format!(" in {}", short(entry)));
        writeln!(text, "  {severity} {}{entry}{place}: {}", finding.code, finding.message).unwrap();
    }
}

fn layers(layers: &[Layer]) -> String {
    let one = |layer: &Layer| match layer {
        Layer::Window { offset, len } => format!("{offset}+{len}"),
        Layer::Inflate { size } => format!("inflate {size}"),
        Layer::Gunzip { size } => format!("gunzip {size}"),
        Layer::ZipMember { header, len } => format!("member {header}+{len}"),
        Layer::Sealed(seal) => format!("{seal:?}"),
    };
    layers.iter().map(one).collect::<Vec<_>>().join(" > ")
}

/// A document as text, as far as it is worth showing.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Big(digits) => digits.clone(),
        Value::Float(number) => format!("{number:?}"),
        Value::Text(text) => format!("{text:?}"),
        Value::Opaque(words) => format!("<{words}>"),
        Value::List(items) => format!("[{}]", items.iter().take(20).map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Map(pairs) => {
            let pair = |(key, inner): &(String, Value)| format!("{key:?}: {}", self::value(inner));
            format!("{{{}}}", pairs.iter().take(20).map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 300 {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(300).collect::<String>())
    }
}
