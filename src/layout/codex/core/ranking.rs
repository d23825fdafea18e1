//! What `index.json` ranks saves by, and which it calls the best.

use crate::layout::Files;
use crate::layout::codex::parts::{dangling, path_of, ranked};
use crate::layout::markers::{self, Tie};
use crate::model::{Checkpoint, Direction, MarkerKind, Run, Value};

/// What an index ranks by.
pub(super) struct Ranking<'a> {
    metric: &'a str,
    /// Lower is better when the mode begins with `min`; anything else is `max`.
    direction: Direction,
    /// How many it keeps.
    top: Option<u64>,
}

impl<'a> Ranking<'a> {
    /// Of an index.
    pub(super) fn of(index: &'a Value) -> Self {
        let metric = index.get("metric_key").and_then(Value::text).unwrap_or("metric");
        let mode = index.get("mode").and_then(Value::text).unwrap_or("min");
        let direction = if mode.starts_with("min") { Direction::Lower } else { Direction::Higher };
        Self { metric, direction, top: index.get("top_k").and_then(Value::count) }
    }

    /// Adds to `run` what the index of `folder` says: its best, what it is judged by, and entries that are gone.
    pub(super) fn point(files: &'a Files<'_>, folder: &str, run: &mut Run) -> Option<Self> {
        let file = files.child(folder, "index.json")?;
        let document = files.document(file)?;
        let (entries, ranking) = (ranked(document), Self::of(document));
        let value = |c: &Checkpoint| markers::metric(c, ranking.metric);
        let best = markers::best_of(&run.checkpoints, value, ranking.direction, Tie::Older);
        if let Some(says) = entries.first().and_then(|entry| path_of(entry)) {
            let marker = markers::pointer(MarkerKind::Best, (files.path(file), says), &run.checkpoints, best);
            run.findings.extend(markers::check(&marker, best, "by the metric"));
            run.markers.push(marker);
        }
        run.findings.extend(dangling(&entries, &run.checkpoints, files.path(file)));
        run.directions = vec![(ranking.metric.to_owned(), ranking.direction)];
        run.best_metric = Some(ranking.metric.to_owned());
        Some(ranking)
    }

    /// How many it keeps, for people.
    pub(super) fn top(&self) -> String {
        self.top.map_or_else(|| "K".to_owned(), |top| top.to_string())
    }

    /// What a folder with such an index keeps, in a sentence.
    pub(super) fn rule(&self) -> String {
        let better = if self.direction == Direction::Lower { "lowest" } else { "highest" };
        format!(
            "keeps the {} with the {better} {}, of equal ones the older; not the last: a save that is not among them is \
             deleted at once",
            self.top(),
            self.metric
        )
    }
}
