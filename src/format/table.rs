//! Tables of comma- or tab-separated values: the logs that `CSVLogger`, ultralytics and Ray write.

use super::json::MARK;
use super::log::Log;
use super::window::Window;
use super::{Reading, Rest};
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, Finding, Value, base_name, extension};
use crate::source::Source;

/// Parts of names that promise a log: datasets are tables too.
const NAMED: [&str; 9] = ["metric", "result", "progress", "log", "summary", "history", "eval", "score", "similarity"];
/// Columns of a log.
const COLUMNS: usize = 1000;
/// Bytes of rows taken apart in one step: about 8 ms.
const STEP: u64 = 512 << 10;

/// Whether the file at `path` of `len` bytes is a log that is worth reading.
pub(super) fn is_log(path: &str, extension: &str, len: u64) -> bool {
    let name = base_name(path).to_lowercase();
    matches!(extension, "csv" | "tsv") && len <= limits::LOG && NAMED.iter().any(|part| name.contains(part))
}

/// A table being read: its rows become maps from the names in its first line, without their empty cells.
pub(super) struct Table {
    window: Window,
    separator: u8,
    names: Vec<String>,
    log: Log,
    /// Rows with more or fewer cells than there are names.
    odd: u64,
}

impl Table {
    /// The reading of `file`, of which `contents` are known; nothing more when its first line does not name columns.
    ///
    /// # Errors
    /// What the first step says.
    pub(super) fn reading(file: &Source, contents: Contents) -> Result<Reading> {
        let separator = if extension(file.name()) == "tsv" { b'\t' } else { b',' };
        let mut window = Window::new(file.clone(), 0);
        window.grow()?;
        if window.text().starts_with(MARK) {
            window.consume(MARK.len());
        }
        let names: Vec<String> = match next(&mut window, separator)? {
            Some(names) => names.into_iter().map(|name| name.trim().to_owned()).collect(),
            None => return Ok(Reading::Done(contents)),
        };
        if names.len() > COLUMNS || names.iter().all(|name| name.parse::<f64>().is_ok()) {
            return Ok(Reading::Done(contents));
        }
        let table = Self { window, separator, names, log: Log::default(), odd: 0 };
        Reading::More(contents, Box::new(table)).settled()
    }

    fn take(&mut self, cells: &[String]) {
        if matches!(cells, [only] if only.is_empty()) {
            return;
        }
        self.odd = self.odd.saturating_add(u64::from(cells.len() != self.names.len()));
        let pairs = self.names.iter().zip(cells).filter(|(_, cell)| !cell.trim().is_empty());
        self.log.add(Value::Map(pairs.map(|(name, cell)| (name.clone(), cell_value(cell))).collect()));
    }

    fn finish(&mut self, contents: &mut Contents) {
        let (rows, left_out) = self.log.finish();
        contents.document = Some(rows);
        if self.odd > 0 {
            let message = format!("rows with more or fewer cells than the first line has: {}", self.odd);
            contents.findings.push(Finding::warning("csv-row", message));
        }
        contents.findings.extend(left_out);
    }
}

impl Rest for Table {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        let until = self.window.offset().saturating_add(STEP);
        while self.window.offset() < until {
            let Some(cells) = next(&mut self.window, self.separator)? else {
                self.finish(contents);
                return Ok(true);
            };
            self.take(&cells);
        }
        Ok(false)
    }

    fn progress(&self) -> (u64, u64) {
        (self.window.offset(), self.window.len())
    }
}

fn cell_value(cell: &str) -> Value {
    let text = cell.trim();
    if let Ok(number) = text.parse() {
        return Value::Int(number);
    }
    // Words that stand for numbers are written by every logger in its own way, and Rust knows them all.
    text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Float)
}

/// The cells of the next row; `None` at the end.
fn next(window: &mut Window, separator: u8) -> Result<Option<Vec<String>>> {
    loop {
        if window.text().is_empty() && window.is_last() {
            return Ok(None);
        }
        if let Some((cells, len)) = row(window.text(), separator, window.is_last()) {
            window.consume(len);
            return Ok(Some(cells.into_iter().map(|cell| String::from_utf8_lossy(&cell).into_owned()).collect()));
        }
        window.grow()?;
    }
}

/// The cells of the row that `text` begins with, and its length; `None` when it ends before the row does. Cells may be
/// quoted, with separators and line breaks in them.
fn row(text: &[u8], separator: u8, is_last: bool) -> Option<(Vec<Vec<u8>>, usize)> {
    let (mut cells, mut cell) = (Vec::new(), Vec::new());
    let mut is_quoted = false;
    let mut bytes = text.iter().enumerate().peekable();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b'"' if is_quoted && bytes.peek().is_some_and(|(_, next)| **next == b'"') => {
                cell.push(b'"');
                bytes.next();
            }
            b'"' if is_quoted || cell.is_empty() => is_quoted = !is_quoted,
            b'\n' if !is_quoted => {
                cells.push(cell);
                return Some((cells, at.saturating_add(1)));
            }
            b'\r' if !is_quoted => {}
            other if other == separator && !is_quoted && cells.len() <= COLUMNS => {
                cells.push(std::mem::take(&mut cell))
            }
            other if other == separator && !is_quoted => {}
            other => cell.push(other),
        }
    }
    cells.push(cell);
    is_last.then_some((cells, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &[u8]) -> Contents {
        match Table::reading(&Source::memory(name, text), Contents::new("text", "")).unwrap() {
            Reading::Done(contents) => contents,
            Reading::More(..) => panic!("small is done at once"),
        }
    }

    #[test]
    fn rows_are_maps_without_their_empty_cells() {
        let contents =
            read("metrics.csv", b"\xef\xbb\xbfepoch, step,val_loss,note\r\n0,1,,\"a, \"\"b\"\"\nc\"\n1,2,nan,x\n2\n");
        let document = contents.document.unwrap();
        let rows = document.items().unwrap();
        assert_eq!(rows[0].get("step").unwrap().count(), Some(1));
        assert_eq!(rows[0].get("note").unwrap().text(), Some("a, \"b\"\nc"));
        assert!(rows[0].get("val_loss").is_none());
        assert!(rows[1].get("val_loss").unwrap().number().unwrap().is_nan());
        assert_eq!(contents.findings[0].message, "rows with more or fewer cells than the first line has: 1");
        assert!(read("metrics.csv", b"1,2\n3,4\n").document.is_none());
        assert!(read("metrics.csv", b"").document.is_none());
    }

    #[test]
    fn a_row_may_reach_over_what_was_read() {
        let quote = "x".repeat(3 << 20);
        let text = format!("step\tnote\n{}1\t\"{quote}\n\"\n2\t", "0\ta\n".repeat(400_000));
        let Reading::More(mut contents, mut rest) =
            Table::reading(&Source::memory("log.tsv", text.into_bytes()), Contents::new("text", "")).unwrap()
        else {
            panic!("it takes several steps")
        };
        while !rest.step(&mut contents).unwrap() {}
        let document = contents.document.unwrap();
        let rows = document.items().unwrap();
        assert_eq!(rows.last().unwrap().get("step").unwrap().count(), Some(2));
        assert_eq!(contents.findings.iter().map(|found| found.code.as_str()).collect::<Vec<_>>(), ["log-row-large"]);
        assert_eq!(rows.len(), 400_001);
    }

    #[test]
    fn datasets_are_left_alone() {
        assert!(is_log("a/metrics.csv", "csv", 100) && is_log("results.csv", "csv", 100));
        assert!(!is_log("train.csv", "csv", 100) && !is_log("metrics.csv", "csv", u64::MAX));
    }
}
