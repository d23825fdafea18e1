//! The one table: runs and checkpoints, filtered and sorted.

use std::cmp::Ordering;

use super::Registry;
use crate::model::{natural_cmp, order_by};
use crate::registry::Item;
use crate::registry::tinker::{Checkpoint, Run, TinkerPath};
use crate::words;

/// A column that rows can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryColumn {
    /// Run, then name.
    Name,
    /// Run, training, sampler, external.
    Kind,
    /// Newest first.
    Age,
    /// Largest first.
    Size,
    /// What goes first.
    Expiry,
    /// Public first.
    Public,
}

/// How the table is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrySort {
    /// By which column.
    pub column: RegistryColumn,
    /// The other way round.
    pub is_reversed: bool,
}

impl Default for RegistrySort {
    fn default() -> Self {
        Self { column: RegistryColumn::Age, is_reversed: false }
    }
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryRow {
    /// The checkpoint; `None` for a run, and in registries that are only read.
    pub path: Option<TinkerPath>,
    /// What can be opened, in registries that are only read: the id of the item.
    pub item: Option<String>,
    /// The run.
    pub run: String,
    /// Name of the checkpoint, or the model of the run.
    pub name: String,
    /// `run`, `training`, `sampler`, `external`.
    pub kind: &'static str,
    /// What there is to say of a run: rank, owner, whether it is corrupted.
    pub notes: String,
    /// When it was saved or last used, in seconds since 1970.
    pub time: Option<u64>,
    /// Bytes.
    pub size: Option<u64>,
    /// When it goes, in seconds since 1970.
    pub expires: Option<u64>,
    /// Whether everyone may read it.
    pub is_public: Option<bool>,
}

impl Registry {
    /// The rows that hold `filter` somewhere, sorted.
    pub fn rows(&self, filter: &str, sort: RegistrySort) -> Vec<RegistryRow> {
        let runs = self.runs.iter().map(RegistryRow::of_run);
        let checkpoints = self.checkpoints.values().map(RegistryRow::of_checkpoint);
        let items = self.items.values().map(RegistryRow::of_item);
        let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
        let mut rows: Vec<RegistryRow> = runs.chain(checkpoints).chain(items).filter(|row| row.holds(&words)).collect();
        order_by(&mut rows, |a, b| {
            let order = a.compare(b, sort.column);
            let order = if sort.is_reversed { order.reverse() } else { order };
            order.then_with(|| a.compare(b, RegistryColumn::Name))
        });
        rows
    }
}

impl RegistryRow {
    fn of_run(run: &Run) -> Self {
        let rank = match (run.is_lora, run.lora_rank) {
            (Some(false), _) => Some("full weights".to_owned()),
            (_, Some(rank)) => Some(format!("LoRA rank {rank}")),
            _ => None,
        };
        let corrupted = run.is_corrupted.then(|| "corrupted".to_owned());
        let notes: Vec<String> = [corrupted, rank, run.owner.clone()].into_iter().flatten().collect();
        Self {
            path: None,
            item: None,
            run: run.id.clone(),
            name: run.base_model.clone().unwrap_or_default(),
            kind: "run",
            notes: notes.join(" · "),
            time: run.last_request,
            size: None,
            expires: None,
            is_public: None,
        }
    }

    fn of_checkpoint(checkpoint: &Checkpoint) -> Self {
        let path = checkpoint.path.clone();
        let notes: Vec<String> = checkpoint.metadata.iter().map(|(name, value)| format!("{name} {value}")).collect();
        Self {
            run: path.run.clone(),
            name: path.name.clone(),
            kind: path.kind.name(),
            notes: notes.join(" · "),
            time: checkpoint.time,
            size: checkpoint.size_bytes,
            expires: checkpoint.expires,
            is_public: checkpoint.is_public,
            path: Some(path),
            item: None,
        }
    }

    fn of_item(item: &Item) -> Self {
        Self {
            path: None,
            item: item.place.as_ref().map(|_| item.id.clone()),
            run: item.group.clone(),
            name: item.name.clone(),
            kind: item.kind,
            notes: item.notes.clone(),
            time: item.time,
            size: item.size,
            expires: None,
            is_public: None,
        }
    }

    /// Whether it can be chosen.
    fn is_leaf(&self) -> bool {
        self.path.is_some() || self.item.is_some()
    }

    fn holds(&self, words: &[String]) -> bool {
        let public = if self.is_public == Some(true) { "public" } else { "" };
        let text = [&self.run, &self.name, self.kind, &self.notes, public].join(" ").to_lowercase();
        words.iter().all(|word| text.contains(word))
    }

    fn compare(&self, other: &Self, column: RegistryColumn) -> Ordering {
        match column {
            RegistryColumn::Name => natural_cmp(&self.run, &other.run)
                .then_with(|| self.is_leaf().cmp(&other.is_leaf()))
                .then_with(|| natural_cmp(&self.name, &other.name))
                .then_with(|| self.kind.cmp(other.kind)),
            RegistryColumn::Kind => self.kind.cmp(other.kind),
            RegistryColumn::Age => other.time.cmp(&self.time),
            RegistryColumn::Size => other.size.cmp(&self.size),
            // What never goes comes last.
            RegistryColumn::Expiry => self.expires.unwrap_or(u64::MAX).cmp(&other.expires.unwrap_or(u64::MAX)),
            RegistryColumn::Public => other.is_public.cmp(&self.is_public),
        }
    }

    /// Time left, in words.
    pub fn left(&self, now: u64) -> String {
        match (self.expires, self.path.is_some()) {
            (Some(expires), _) if expires <= now => "expired".to_owned(),
            (Some(expires), _) => time_left(expires.saturating_sub(now)),
            (None, true) => "never".to_owned(),
            (None, false) => String::new(),
        }
    }
}

/// `7 days left`, `5 h 3 min left`.
fn time_left(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    if seconds >= DAY.saturating_mul(2) {
        return format!("{} left", words::plural(seconds / DAY, "day"));
    }
    format!("{} left", words::duration(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn registry() -> Registry {
        let run = json!({"training_runs": [{"training_run_id": "r2", "base_model": "b", "lora_rank": 8, "corrupted": true, "model_owner": "me"}]});
        let list = json!({"checkpoints": [
            {"tinker_path": "tinker://r10/weights/s9", "time": "2026-11-20T00:00:00Z", "size_bytes": 5},
            {"tinker_path": "tinker://r10/weights/s10", "time": "2026-11-21T00:00:00Z", "size_bytes": 7, "public": true},
            {"tinker_path": "tinker://r2/sampler_weights/s1", "time": "2026-11-19T00:00:00Z", "expires_at": "2026-11-22T00:00:00Z"}
        ]});
        let checkpoints = crate::registry::tinker::checkpoints(&list, 0).unwrap().items;
        Registry {
            runs: crate::registry::tinker::runs(&run, 0).unwrap().items,
            checkpoints: checkpoints.into_iter().map(|found| (found.path.clone(), found)).collect(),
            ..Registry::default()
        }
    }

    fn names(filter: &str, column: RegistryColumn, is_reversed: bool) -> String {
        let rows = registry().rows(filter, RegistrySort { column, is_reversed });
        rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_sorted_by_each_column_and_filtered_by_every_word() {
        assert_eq!(names("", RegistryColumn::Age, false), "s10 s9 s1 b");
        assert_eq!(names("", RegistryColumn::Name, false), "b s1 s9 s10");
        assert_eq!(names("", RegistryColumn::Size, false), "s10 s9 b s1");
        assert_eq!(names("", RegistryColumn::Expiry, false), "s1 b s9 s10");
        assert_eq!(names("", RegistryColumn::Public, false).split(' ').next(), Some("s10"));
        assert_eq!(names("R10 training", RegistryColumn::Age, true), "s9 s10");
        assert_eq!(names("public", RegistryColumn::Age, false), "s10");
        assert_eq!(names("corrupted", RegistryColumn::Age, false), "b");
    }

    #[test]
    fn the_time_that_is_left_is_told() {
        let rows = registry().rows("sampler", RegistrySort::default());
        assert_eq!(rows[0].left(1_795_305_600 - 3 * 86_400), "3\u{202f}days left");
        assert_eq!(rows[0].left(1_795_305_600 - 3_780), "1\u{202f}h 3\u{202f}min left");
        assert_eq!(rows[0].left(1_795_305_600), "expired");
        assert_eq!(registry().rows("s10", RegistrySort::default())[0].left(0), "never");
    }
}
