//! The run, checkpoint by checkpoint: what changed since the one before.

use super::text::{escaped, or_dash};
use super::{Page, Table};
use crate::diff::{RunSheet, SheetRow};
use crate::model::{Real, base_name};
use crate::report::Report;
use crate::words;

pub(super) fn sheet(report: &Report<'_>, page: &mut Page) {
    let Some(sheet) = report.run_sheet else { return };
    page.heading(2, &format!("Run sheet {}", escaped(&sheet.path)));
    page.table(best(sheet));
    let names = ["Configuration changes", "Structure changes", "Tensors changed", "‖change‖", "Weights moved"];
    let mut table = Table::new(&["Checkpoint", "Against"], &names);
    for row in &sheet.rows {
        table.row(|| cells(row));
    }
    page.table(table);
}

/// Where each metric is best.
fn best(sheet: &RunSheet) -> Table {
    let mut table = Table::new(&["Metric", "Best at"], &["Value"]);
    for (at, metric) in sheet.metrics.iter().enumerate() {
        let Some(best) = &metric.best else { continue };
        let row = sheet.rows.iter().find(|row| row.path == *best);
        let value = row.and_then(|row| row.metrics.get(at).copied().flatten());
        table.row(|| {
            [escaped(&metric.name), escaped(base_name(best)), or_dash(value.map(|Real(value)| words::metric(value)))]
        });
    }
    table
}

fn cells(row: &SheetRow) -> [String; 7] {
    let count = |value: Option<u64>| or_dash(value.map(words::count));
    let moved = row.movement.as_ref();
    let changed = moved.map(|moved| format!("{} of {}", words::count(moved.changed), words::count(moved.tensors)));
    let number = |value: Option<Real>, form: fn(f64) -> String| or_dash(value.map(|Real(value)| form(value)));
    [
        escaped(base_name(&row.path)),
        or_dash(row.previous.as_ref().map(|path| escaped(base_name(path)))),
        count(row.config.as_ref().map(|changes| changes.count)),
        count(row.structure.as_ref().map(|changes| changes.count)),
        or_dash(changed),
        number(moved.and_then(|moved| moved.l2), words::metric),
        number(moved.and_then(|moved| moved.relative_l2), words::share),
    ]
}
