//! Tables of comma- or tab-separated values: the logs that `CSVLogger`, ultralytics and Ray write.

use crate::limits;
use crate::model::{Finding, Value, base_name};

/// Parts of names that promise a log: datasets are tables too.
const NAMED: [&str; 9] = ["metric", "result", "progress", "log", "summary", "history", "eval", "score", "similarity"];
/// Columns of a log.
const COLUMNS: usize = 1000;

/// Whether the file at `path` of `len` bytes is a log that is worth reading.
pub(super) fn is_log(path: &str, extension: &str, len: u64) -> bool {
    let name = base_name(path).to_lowercase();
    matches!(extension, "csv" | "tsv") && len <= limits::TABLE && NAMED.iter().any(|part| name.contains(part))
}

/// The rows of a table as maps from the names in its first line; empty cells are left out. `None` when it is none.
pub(super) fn read(text: &str, extension: &str) -> Option<(Value, Vec<Finding>)> {
    let separator = if extension == "tsv" { '\t' } else { ',' };
    let mut rows = Rows { text: text.strip_prefix('\u{feff}').unwrap_or(text), separator };
    let names: Vec<String> = rows.next()?.into_iter().map(|name| name.trim().to_owned()).collect();
    if names.len() > COLUMNS || names.iter().all(|name| name.parse::<f64>().is_ok()) {
        return None;
    }
    let (mut found, mut odd, mut values) = (Vec::new(), 0_u64, 0_u64);
    for cells in rows {
        if let [only] = cells.as_slice()
            && only.is_empty()
        {
            continue;
        }
        odd = odd.saturating_add(u64::from(cells.len() != names.len()));
        values = values.saturating_add(cells.len() as u64);
        if values > limits::DOCUMENT_VALUES {
            break;
        }
        let pairs = names.iter().zip(&cells).filter(|(_, cell)| !cell.trim().is_empty());
        found.push(Value::Map(pairs.map(|(name, cell)| (name.clone(), cell_value(cell))).collect()));
    }
    let message = || format!("rows with more or fewer cells than the first line has: {odd}");
    let findings = (odd > 0).then(|| Finding::warning("csv-row", message())).into_iter().collect();
    Some((Value::List(found), findings))
}

fn cell_value(cell: &str) -> Value {
    let text = cell.trim();
    if let Ok(number) = text.parse() {
        return Value::Int(number);
    }
    // Words that stand for numbers are written by every logger in its own way, and Rust knows them all.
    text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Float)
}

/// Rows of a text: cells may be quoted, with commas and line breaks in them.
struct Rows<'a> {
    text: &'a str,
    separator: char,
}

impl Iterator for Rows<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        if self.text.is_empty() {
            return None;
        }
        let mut cells = vec![String::new()];
        let (mut is_quoted, mut end) = (false, self.text.len());
        let mut characters = self.text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let Some(cell) = cells.last_mut() else { break };
            match character {
                '"' if is_quoted && characters.peek().is_some_and(|(_, next)| *next == '"') => {
                    cell.push('"');
                    characters.next();
                }
                '"' if is_quoted || cell.is_empty() => is_quoted = !is_quoted,
                '\n' if !is_quoted => {
                    end = at.saturating_add(1);
                    break;
                }
                '\r' if !is_quoted => {}
                other if other == self.separator && !is_quoted => {
                    if cells.len() <= COLUMNS {
                        cells.push(String::new());
                    }
                }
                other => cell.push(other),
            }
        }
        self.text = self.text.get(end..).unwrap_or_default();
        Some(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_maps_without_their_empty_cells() {
        let (value, findings) =
            read("epoch, step,val_loss,note\r\n0,1,,\"a, \"\"b\"\"\nc\"\n1,2,nan,x\n2\n", "csv").unwrap();
        let rows = value.items().unwrap();
        assert_eq!(rows[0].get("step").unwrap().count(), Some(1));
        assert_eq!(rows[0].get("note").unwrap().text(), Some("a, \"b\"\nc"));
        assert!(rows[0].get("val_loss").is_none());
        assert!(rows[1].get("val_loss").unwrap().number().unwrap().is_nan());
        assert_eq!(findings[0].message, "rows with more or fewer cells than the first line has: 1");
        assert!(read("1,2\n3,4\n", "csv").is_none());
    }

    #[test]
    fn datasets_are_left_alone() {
        assert!(is_log("a/metrics.csv", "csv", 100) && is_log("results.csv", "csv", 100));
        assert!(!is_log("train.csv", "csv", 100) && !is_log("metrics.csv", "csv", u64::MAX));
    }
}
