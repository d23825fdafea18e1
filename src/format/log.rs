//! The rows of a log. One of millions is thinned evenly, each kind of row by itself, and says so: the course of a run stays
//! whole, and so do its first and its last rows.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::limits;
use crate::model::{Finding, Value};

/// Rows, as many as memory allows.
#[derive(Default)]
pub(super) struct Log {
    rows: Vec<Row>,
    /// What there is of each kind of row.
    kinds: HashMap<u64, Kind>,
    hasher: RandomState,
    /// One in two to this power is kept of each kind.
    halvings: u32,
    held: u64,
    /// Rows there were.
    count: u64,
    /// How many of them were too large, and left out.
    large: u64,
}

struct Row {
    /// Which of all rows it is.
    at: u64,
    /// Which of its kind.
    nth: u64,
    value: Value,
}

#[derive(Default)]
struct Kind {
    count: u64,
    /// The last one, when it was not kept.
    last: Option<(u64, Value)>,
}

impl Log {
    /// Takes the next row.
    pub(super) fn add(&mut self, value: Value) {
        if value.held() > limits::LOG_ROW {
            self.large = self.large.saturating_add(1);
            return;
        }
        let key = self.kind(&value);
        let kind = self.kinds.entry(key).or_default();
        let (at, nth) = (self.count, kind.count);
        self.count = at.saturating_add(1);
        kind.count = nth.saturating_add(1);
        if !is_kept(nth, self.halvings) {
            kind.last = Some((at, value));
            return;
        }
        kind.last = None;
        self.held = self.held.saturating_add(held(&value));
        self.rows.push(Row { at, nth, value });
        while self.held > limits::LOG_MEMORY && self.rows.len() > self.kinds.len() {
            self.thin();
        }
    }

    /// Rows are of one kind when they have the same keys in the same order.
    fn kind(&self, value: &Value) -> u64 {
        let keys: Vec<&str> = value.pairs().unwrap_or_default().iter().map(|(key, _)| key.as_str()).collect();
        let key = self.hasher.hash_one(keys);
        if self.kinds.contains_key(&key) || self.kinds.len() < limits::LOG_KINDS { key } else { 0 }
    }

    /// Leaves out every other one that is kept.
    fn thin(&mut self) {
        self.halvings = self.halvings.saturating_add(1);
        let halvings = self.halvings;
        self.rows.retain(|row| is_kept(row.nth, halvings));
        self.held = self.rows.iter().map(|row| held(&row.value)).fold(0, u64::saturating_add);
    }

    /// All of them as a list, and what was left out.
    pub(super) fn finish(&mut self) -> (Value, Vec<Finding>) {
        let Self { mut rows, kinds, halvings, count, large, .. } = std::mem::take(self);
        let last = kinds.into_values().filter_map(|kind| kind.last);
        rows.extend(last.map(|(at, value)| Row { at, nth: 0, value }));
        rows.sort_unstable_by_key(|row| row.at);
        let thinned = (halvings > 0).then(|| {
            let every = 1_u64.checked_shl(halvings).unwrap_or(u64::MAX);
            let message = format!(
                "its {count} rows take more memory than a page should: one in {every} of each kind was kept, and the last \
                 ones; what stands only in others is in no chart and no table"
            );
            Finding::warning("log-thinned", message)
        });
        let cap = limits::LOG_ROW;
        let left_out = (large > 0).then(|| {
            let message = format!("rows that take more than {cap} bytes of memory, and are left out: {large}");
            Finding::warning("log-row-large", message)
        });
        let rows = rows.into_iter().map(|row| row.value).collect();
        (Value::List(rows), thinned.into_iter().chain(left_out).collect())
    }
}

fn is_kept(nth: u64, halvings: u32) -> bool {
    nth.trailing_zeros() >= halvings.min(u64::BITS)
}

/// Bytes of a row and of its place.
fn held(value: &Value) -> u64 {
    value.held().saturating_add(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, step: i64) -> Value {
        // Large, so that few of them are many.
        let text = Value::Text("x".repeat(100_000));
        Value::Map(vec![("step".to_owned(), Value::Int(step)), (key.to_owned(), text)])
    }

    fn steps(log: &mut Log, key: &str) -> Vec<u64> {
        let (value, _) = log.finish();
        let rows = value.items().unwrap().iter().filter(|row| row.get(key).is_some());
        rows.map(|row| row.get("step").unwrap().count().unwrap()).collect()
    }

    #[test]
    fn few_rows_are_all_kept() {
        let mut log = Log::default();
        (0..10).for_each(|step| log.add(row("loss", step)));
        let (value, findings) = log.finish();
        assert_eq!((value.items().unwrap().len(), findings.len()), (10, 0));
    }

    #[test]
    fn each_kind_is_thinned_by_itself_and_ends_with_its_last() {
        let mut log = Log::default();
        for step in 0..2000 {
            log.add(row("loss", step));
            if step % 2 == 1 {
                log.add(row("eval", step));
            }
        }
        assert!(log.held <= limits::LOG_MEMORY);
        let every = 1 << log.halvings;
        let mut other = std::mem::take(&mut log);
        let eval = steps(&mut other, "eval");
        assert_eq!(every, 4);
        assert_eq!((eval[0], eval[1], eval.last()), (1, 9, Some(&1999)));
    }

    #[test]
    fn rows_of_ever_new_kinds_are_bounded() {
        let mut log = Log::default();
        for step in 0..3000 {
            log.add(row(&format!("key {step}"), step));
        }
        let (value, findings) = log.finish();
        assert!(value.held() < 2 * limits::LOG_MEMORY);
        assert_eq!(findings[0].code, "log-thinned");
    }

    #[test]
    fn a_row_that_is_no_row_is_left_out() {
        let mut log = Log::default();
        log.add(Value::List(vec![Value::Null; 100_000]));
        log.add(row("loss", 1));
        let (value, findings) = log.finish();
        assert_eq!((value.items().unwrap().len(), findings[0].code.as_str()), (1, "log-row-large"));
    }
}
