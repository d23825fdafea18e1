//! A Markdown table that counts what it leaves out.

use crate::limits::MARKDOWN_ROWS as ROWS;
use crate::words;

/// A table under construction. Cells are ours or escaped.
pub(super) struct Table {
    text: String,
    rows: u64,
}

impl Table {
    /// Columns of text on the left, of numbers on the right.
    pub(super) fn new(left: &[&str], right: &[&str]) -> Self {
        let mut table = Self { text: String::new(), rows: 0 };
        table.line(left.iter().chain(right).map(|title| (*title).to_owned()));
        table.line(left.iter().map(|_| "---".to_owned()).chain(right.iter().map(|_| "---:".to_owned())));
        table
    }

    /// Adds a row; one that is not shown is only counted.
    pub(super) fn row<C: IntoIterator<Item = String>>(&mut self, cells: impl FnOnce() -> C) {
        self.rows = self.rows.saturating_add(1);
        if self.rows <= ROWS {
            self.line(cells());
        }
    }

    fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        for cell in cells {
            self.text.push_str("| ");
            self.text.push_str(&cell);
            self.text.push(' ');
        }
        self.text.push('|');
    }

    /// The table, with a line on what was left out; `None` without rows.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.rows == 0 {
            return None;
        }
        if let Some(more) = self.rows.checked_sub(ROWS).filter(|more| *more > 0) {
            self.text.push_str(&format!("\n\n… and {} more (see the JSON report)", words::count(more)));
        }
        Some(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_table_says_what_it_leaves_out() {
        let mut table = Table::new(&["Name"], &["Size"]);
        for row in 0..ROWS + 1234 {
            table.row(|| [row.to_string(), "1".into()]);
        }
        let text = table.finish().unwrap();
        assert!(text.starts_with("| Name | Size |\n| --- | ---: |\n| 0 | 1 |\n"));
        assert!(text.ends_with("| 99 | 1 |\n\n… and 1\u{202f}234 more (see the JSON report)"));
        assert_eq!(Table::new(&["Name"], &[]).finish(), None);
    }
}
