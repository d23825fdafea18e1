//! Rows of the table of tensors.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Filter;
use crate::model::{Tensor, natural_cmp, order_by};

/// A tensor of one of the files that the table is about.
#[derive(Debug, Clone, Copy)]
pub struct TensorRef<'a> {
    /// Path of the file.
    pub file: &'a str,
    /// The tensor.
    pub tensor: &'a Tensor,
}

/// A column that the table can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Natural order of names.
    Name,
    /// Element type.
    DType,
    /// Shape, longest first dimension first.
    Shape,
    /// Number of elements.
    Parameters,
    /// Bytes.
    Bytes,
}

/// How the table is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortBy {
    /// By what.
    pub column: Column,
    /// Largest first.
    pub descending: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A module: what its tensors add up to.
    Module {
        /// Full dotted name.
        name: String,
        /// How deep it stands.
        depth: usize,
        /// Whether its rows follow.
        is_open: bool,
        /// Tensors in it.
        tensors: u64,
        /// Elements in it.
        parameters: u64,
        /// Bytes in it.
        bytes: u64,
    },
    /// A tensor, by index into what the table was built from.
    Tensor {
        /// Index.
        index: usize,
        /// How deep it stands; 0 in a flat table.
        depth: usize,
    },
}

/// A table, built from a list of tensors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Rows in order.
    pub rows: Vec<Row>,
    /// Tensors that pass the filter.
    pub shown: usize,
    /// Elements of them.
    pub parameters: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl Table {
    /// A flat table.
    pub fn flat(tensors: &[TensorRef<'_>], filter: &Filter, sort: SortBy) -> Self {
        let mut table = Self::default();
        let mut indexes = table.admit(tensors, filter);
        let by = |a: &usize, b: &usize| match (tensors.get(*a), tensors.get(*b)) {
            (Some(a), Some(b)) => compare(a, b, sort),
            _ => Ordering::Equal,
        };
        order_by(&mut indexes, by);
        table.rows = indexes.into_iter().map(|index| Row::Tensor { index, depth: 0 }).collect();
        table
    }

    /// A table folded into modules by the dots of the names; `is_open` says of a module's name whether its rows follow.
    pub fn folded(tensors: &[TensorRef<'_>], filter: &Filter, is_open: &dyn Fn(&str) -> bool) -> Self {
        let mut table = Self::default();
        let mut root = Module::default();
        for index in table.admit(tensors, filter) {
            if let Some(found) = tensors.get(index) {
                root.insert(&found.tensor.name, index, found.tensor, 0);
            }
        }
        root.emit("", 0, is_open, &mut table.rows);
        table
    }

    fn admit(&mut self, tensors: &[TensorRef<'_>], filter: &Filter) -> Vec<usize> {
        let passing = tensors.iter().enumerate().filter(|(_, found)| filter.holds(found.tensor));
        let mut indexes = Vec::new();
        for (index, found) in passing {
            indexes.push(index);
            self.parameters = self.parameters.saturating_add(found.tensor.elements());
            self.bytes = self.bytes.saturating_add(found.tensor.size_bytes);
        }
        self.shown = indexes.len();
        indexes
    }
}

fn compare(a: &TensorRef<'_>, b: &TensorRef<'_>, sort: SortBy) -> Ordering {
    let (x, y) = (a.tensor, b.tensor);
    let order = match sort.column {
        Column::Name => Ordering::Equal,
        Column::DType => x.dtype.cmp(&y.dtype),
        Column::Shape => x.shape.cmp(&y.shape),
        Column::Parameters => x.elements().cmp(&y.elements()),
        Column::Bytes => x.size_bytes.cmp(&y.size_bytes),
    };
    let by_name = || natural_cmp(&x.name, &y.name).then_with(|| natural_cmp(a.file, b.file));
    match (sort.column, sort.descending) {
        (Column::Name, true) => by_name().reverse(),
        (_, true) => order.reverse().then_with(by_name),
        (_, false) => order.then_with(by_name),
    }
}

/// Modules inside modules: names with more dots than any framework writes are an attack on the stack.
const DEEPEST: usize = 32;

/// A module of the tree: what is below it, by the next part of the name.
#[derive(Default)]
struct Module<'a> {
    modules: BTreeMap<Natural<'a>, Module<'a>>,
    tensors: Vec<(&'a str, usize)>,
    count: u64,
    parameters: u64,
    bytes: u64,
}

impl<'a> Module<'a> {
    fn insert(&mut self, name: &'a str, index: usize, tensor: &Tensor, depth: usize) {
        self.count = self.count.saturating_add(1);
        self.parameters = self.parameters.saturating_add(tensor.elements());
        self.bytes = self.bytes.saturating_add(tensor.size_bytes);
        match name.split_once(['.', '/']) {
            Some((part, rest)) if depth < DEEPEST && !part.is_empty() && !rest.is_empty() => {
                let inner = self.modules.entry(Natural(part)).or_default();
                inner.insert(rest, index, tensor, depth.saturating_add(1));
            }
            _ => self.tensors.push((name, index)),
        }
    }

    fn emit(&self, path: &str, depth: usize, unfolds: &dyn Fn(&str) -> bool, rows: &mut Vec<Row>) {
        let mut leaves = self.tensors.clone();
        order_by(&mut leaves, |a, b| natural_cmp(a.0, b.0));
        let inner = depth.saturating_add(1);
        for (Natural(part), module) in &self.modules {
            let mut name = if path.is_empty() { (*part).to_owned() } else { format!("{path}.{part}") };
            let module = module.without_single_steps(&mut name);
            if let (1, Some(index)) = (module.count, module.only()) {
                rows.push(Row::Tensor { index, depth });
                continue;
            }
            let is_open = unfolds(&name);
            let (tensors, parameters, bytes) = (module.count, module.parameters, module.bytes);
            rows.push(Row::Module { name: name.clone(), depth, is_open, tensors, parameters, bytes });
            if is_open {
                module.emit(&name, inner, unfolds, rows);
            }
        }
        rows.extend(leaves.into_iter().map(|(_, index)| Row::Tensor { index, depth }));
    }

    /// The first module below that is more than a step to the next one; its name is added to `name`.
    fn without_single_steps(&self, name: &mut String) -> &Self {
        let mut module = self;
        while let (true, 1, Some((Natural(part), next))) =
            (module.tensors.is_empty(), module.modules.len(), module.modules.first_key_value())
        {
            name.push('.');
            name.push_str(part);
            module = next;
        }
        module
    }

    /// The index of its first own tensor.
    fn only(&self) -> Option<usize> {
        self.tensors.first().map(|(_, index)| *index)
    }
}

/// Part of a name, in natural order.
#[derive(PartialEq, Eq)]
struct Natural<'a>(&'a str);

impl Ord for Natural<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        natural_cmp(self.0, other.0)
    }
}

impl PartialOrd for Natural<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DType, TensorRole};

    fn tensors(names: &[&str]) -> Vec<Tensor> {
        let tensor = |(at, name): (usize, &&str)| Tensor {
            name: (*name).to_owned(),
            dtype: DType::F32,
            shape: vec![at as u64 + 1],
            size_bytes: 4 * (at as u64 + 1),
            role: TensorRole::Model,
            place: None,
        };
        names.iter().enumerate().map(tensor).collect()
    }

    fn refs(tensors: &[Tensor]) -> Vec<TensorRef<'_>> {
        tensors.iter().map(|tensor| TensorRef { file: "m", tensor }).collect()
    }

    #[test]
    fn names_sort_by_the_numbers_in_them() {
        let tensors = tensors(&["l.10.w", "l.9.w", "a"]);
        let sort = SortBy { column: Column::Name, descending: false };
        let table = Table::flat(&refs(&tensors), &Filter::default(), sort);
        let order: Vec<_> = table
            .rows
            .iter()
            .map(|row| match row {
                Row::Tensor { index, .. } => *index,
                _ => 99,
            })
            .collect();
        assert_eq!(order, [2, 1, 0]);
        assert_eq!((table.shown, table.parameters, table.bytes), (3, 6, 24));
    }

    #[test]
    fn a_name_of_nothing_but_dots_stays_within_the_stack() {
        let tensors = tensors(&[&"a.".repeat(100_000), &format!("{}b", "a.".repeat(100_000))]);
        assert_eq!(Table::folded(&refs(&tensors), &Filter::default(), &|_| true).shown, 2);
    }

    #[test]
    fn modules_fold_and_add_up() {
        let tensors = tensors(&["m.l.0.w", "m.l.0.b", "m.l.1.w", "norm"]);
        let table = Table::folded(&refs(&tensors), &Filter::default(), &|name| name == "m.l");
        let module = |name: &str, depth, is_open, tensors, parameters, bytes| Row::Module {
            name: name.into(),
            depth,
            is_open,
            tensors,
            parameters,
            bytes,
        };
        assert_eq!(
            table.rows,
            [
                module("m.l", 0, true, 3, 6, 24),
                module("m.l.0", 1, false, 2, 3, 12),
                Row::Tensor { index: 2, depth: 1 },
                Row::Tensor { index: 3, depth: 0 },
            ]
        );
    }
}
