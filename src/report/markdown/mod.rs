//! The report for people, as Markdown. Everything that comes from a file is escaped: a tensor may be called `<script>`
//! or `| a table cell`. Long lists are cut; the JSON report has them whole.

mod lists;
mod outcomes;
mod runs;
mod sheet;
mod table;
mod text;

use super::Report;
use crate::words;
use table::Table;
use text::{escaped, word};

/// The report as Markdown.
pub fn to_markdown(report: &Report<'_>) -> String {
    let mut page = Page::default();
    page.heading(1, "Weighbridge report");
    page.paragraph(&format!("Written by {} {}.", report.app.name, escaped(report.app.version)));
    sources(report, &mut page);
    lists::findings(report, &mut page);
    runs::runs(report, &mut page);
    sheet::sheet(report, &mut page);
    outcomes::integrity(report, &mut page);
    outcomes::comparison(report, &mut page);
    outcomes::retention(report, &mut page);
    lists::tensors(report, &mut page);
    lists::pickles(report, &mut page);
    lists::not_examined(report, &mut page);
    page.text
}

fn sources(report: &Report<'_>, page: &mut Page) {
    page.heading(2, "What was opened");
    let mut table = Table::new(&["Name", "Kind"], &["Size", "Read"]);
    for source in &report.sources {
        table.row(|| {
            let (size, read) = (words::size(source.size_bytes), words::size(source.bytes_read));
            [escaped(source.name), word(&source.kind), size, read]
        });
    }
    page.table(table);
}

/// The text so far.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// `title` is ours or escaped.
    fn heading(&mut self, level: usize, title: &str) {
        self.paragraph(&format!("{} {title}", "#".repeat(level)));
    }

    /// `text` is ours or escaped.
    fn paragraph(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Nothing when the table has no rows.
    fn table(&mut self, table: Table) {
        if let Some(text) = table.finish() {
            self.paragraph(&text);
        }
    }
}
