//! The selected run as one sheet: metrics, what changed between neighbours, how far the weights moved.

use super::{RunMetrics, Session};
use crate::diff::{Movement, Neighbours, RunSheet, SheetMetric, SheetRow, compare_neighbours};
use crate::model::Real;
use crate::report::sheet_csv;

impl Session {
    /// The sheet of the selected run; `None` without two checkpoints.
    pub fn run_sheet(&self) -> Option<RunSheet> {
        let (_, run) = self.selected_run().filter(|(_, run)| run.checkpoints.len() > 1)?;
        let found = self.run_metrics();
        let path = |at: usize| run.checkpoints.get(at).map(|checkpoint| checkpoint.path.clone());
        let metric = |(at, name): (usize, &String)| SheetMetric {
            name: name.clone(),
            direction: found.directions.get(at).copied().unwrap_or(crate::model::Direction::Unknown),
            best: found.best.get(at).copied().flatten().and_then(path),
        };
        let mut neighbours = self.neighbours().into_iter();
        let movements = self.movements();
        let row = |(at, row): (usize, &super::RunRow)| {
            let previous = at.checked_sub(1);
            let changed = previous.and_then(|_| neighbours.next()).unwrap_or_default();
            SheetRow {
                path: path(at).unwrap_or_default(),
                step: row.step,
                epoch: row.epoch.map(Real),
                metrics: row.values.iter().map(|value| value.map(Real)).collect(),
                previous: previous.and_then(path),
                config: changed.config,
                structure: changed.structure,
                movement: movements.get(at).cloned().flatten(),
            }
        };
        let RunMetrics { names, along, rows, .. } = &found;
        Some(RunSheet {
            path: run.path.clone(),
            along: (*along).to_owned(),
            metrics: names.iter().enumerate().map(metric).collect(),
            rows: rows.iter().enumerate().map(row).collect(),
        })
    }

    /// What changed from each checkpoint of the selected run to the next: one for each but the first.
    pub fn neighbours(&self) -> Vec<Neighbours> {
        let run = self.selected_run();
        run.map(|(opened, run)| compare_neighbours(opened, &run.checkpoints)).unwrap_or_default()
    }

    /// The sheet for spreadsheets; empty without one.
    pub fn sheet_csv(&self) -> String {
        self.run_sheet().map_or_else(String::new, |sheet| sheet_csv(&sheet))
    }

    /// How far the weights moved over the run, position by position.
    pub fn movement_points(&self) -> Vec<(f64, f64)> {
        let rows = self.run_metrics().rows;
        let moved = |found: &Option<Movement>| found.as_ref()?.relative_l2.map(|Real(share)| share);
        rows.iter().zip(self.movements()).filter_map(|(row, found)| Some((row.at, moved(found)?))).collect()
    }

    /// Compares a checkpoint of the selected run with the one before.
    pub fn compare_with_previous(&mut self, at: usize) -> Vec<super::Command> {
        let path = |at: usize| Some(self.selected_run()?.1.checkpoints.get(at)?.path.clone());
        let (Some(a), Some(b)) = (at.checked_sub(1).and_then(path), path(at)) else { return Vec::new() };
        let mut commands = self.choose_comparison(Some(a), Some(b));
        if self.comparing.result.is_none() {
            commands.extend(self.compare());
        }
        commands
    }
}
