//! The sheet of a run as comma-separated values: one row a checkpoint.

use super::csv::{line, name, real};
use crate::diff::RunSheet;

/// The sheet, its head first; a column a metric. Numbers have all their digits.
pub fn sheet_csv(sheet: &RunSheet) -> String {
    let mut text = String::new();
    let own = ["checkpoint", "step", "epoch"].into_iter().map(str::to_owned);
    let metrics = sheet.metrics.iter().map(|metric| name(&metric.name));
    let changes = [
        "previous",
        "config_changes",
        "structure_changes",
        "tensors",
        "tensors_changed",
        "tensors_not_compared",
        "elements_not_finite",
        "l2",
        "previous_l2",
        "relative_l2",
        "max_abs",
        "moved_most",
    ];
    line(&mut text, own.chain(metrics).chain(changes.into_iter().map(str::to_owned)));
    let count = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    let words = |text: Option<&String>| text.map_or_else(String::new, |text| name(text));
    for row in &sheet.rows {
        let own = [name(&row.path), count(row.step), real(row.epoch)].into_iter();
        let moved = row.movement.as_ref();
        let changes = [
            words(row.previous.as_ref()),
            count(row.config.as_ref().map(|changes| changes.count)),
            count(row.structure.as_ref().map(|changes| changes.count)),
            count(moved.map(|moved| moved.tensors)),
            count(moved.map(|moved| moved.changed)),
            count(moved.map(|moved| moved.not_compared)),
            count(moved.map(|moved| moved.not_finite)),
            real(moved.and_then(|moved| moved.l2)),
            real(moved.and_then(|moved| moved.previous_l2)),
            real(moved.and_then(|moved| moved.relative_l2)),
            real(moved.and_then(|moved| moved.max_abs)),
            words(moved.and_then(|moved| moved.most.as_ref())),
        ];
        line(&mut text, own.chain(row.metrics.iter().map(|value| real(*value))).chain(changes));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Changes, Movement, SheetMetric, SheetRow};
    use crate::model::{Direction, Real};

    #[test]
    fn a_row_has_a_cell_for_each_head() {
        let metric = SheetMetric { name: "=loss".into(), direction: Direction::Lower, best: None };
        let row = SheetRow {
            path: "a,b".into(),
            step: Some(3),
            epoch: None,
            metrics: vec![Some(Real(f64::NAN))],
            previous: Some("a".into()),
            config: Some(Changes { count: 2, rows: Vec::new() }),
            structure: None,
            movement: Some(Movement { tensors: 4, changed: 1, relative_l2: Some(Real(0.25)), ..Movement::default() }),
        };
        let sheet = RunSheet { path: "run".into(), along: "step".into(), metrics: vec![metric], rows: vec![row] };
        let lines: Vec<String> = sheet_csv(&sheet).lines().map(str::to_owned).collect();
        assert!(lines[0].starts_with("checkpoint,step,epoch,'=loss,previous,config_changes,"), "{}", lines[0]);
        assert_eq!(lines[1], "\"a,b\",3,,NaN,a,2,,4,1,0,0,,,0.25,,");
        assert_eq!(lines[0].split(',').count(), lines[1].replace("a,b", "").split(',').count());
    }
}
