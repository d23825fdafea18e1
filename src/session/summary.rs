//! What the tensors of a checkpoint add up to.

use std::collections::BTreeMap;

use super::selection::CheckpointRef;
use super::tensor_table::TensorRef;
use crate::model::{Contents, Entry, TensorRole, distinct};

/// Totals of a checkpoint.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Tensors of all roles.
    pub tensors: u64,
    /// Elements of model tensors.
    pub parameters: u64,
    /// Bytes of all files of the checkpoint.
    pub size_bytes: u64,
    /// By element type: number of tensors and bytes, in order of names.
    pub dtypes: Vec<(String, u64, u64)>,
    /// Modules of the model, at the first level of names that has several.
    pub modules: Vec<ModuleTotal>,
}

/// One module of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleTotal {
    /// Its dotted name.
    pub name: String,
    /// Elements in it.
    pub parameters: u64,
    /// The element type of most of its elements.
    pub dtype: String,
}

impl<'a> CheckpointRef<'a> {
    /// Its files that are open, with what they hold.
    pub fn files(&self) -> Vec<(&'a Entry, Option<&'a Contents>)> {
        self.indexed_files().into_iter().map(|(_, entry, contents)| (entry, contents)).collect()
    }

    /// The same, each with its index among all entries.
    pub(super) fn indexed_files(&self) -> Vec<(usize, &'a Entry, Option<&'a Contents>)> {
        let paths = distinct(self.checkpoint.files.iter().map(|file| file.path.as_str()));
        let entries = self.opened.entries.iter().enumerate().filter(|(_, entry)| paths.contains(entry.path.as_str()));
        entries.map(|(index, entry)| (index, entry, self.opened.contents_at(index))).collect()
    }

    /// Every tensor of its files.
    pub fn tensors(&self) -> Vec<TensorRef<'a>> {
        let files = self.files().into_iter();
        let all = files.flat_map(|(entry, contents)| {
            let tensors = contents.map_or(&[][..], |contents| &contents.tensors);
            tensors.iter().map(|tensor| TensorRef { file: &entry.path, tensor })
        });
        all.collect()
    }

    /// What its tensors add up to.
    pub fn summary(&self) -> Summary {
        let size = |sum: u64, (entry, _): &(&Entry, Option<&Contents>)| sum.saturating_add(entry.size);
        Summary { size_bytes: self.files().iter().fold(0, size), ..Summary::of(&self.tensors()) }
    }
}

impl Summary {
    /// Totals of these tensors.
    pub fn of(tensors: &[TensorRef<'_>]) -> Self {
        let mut dtypes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        let mut parameters = 0_u64;
        for found in tensors {
            let total = dtypes.entry(found.tensor.dtype.name()).or_default();
            *total = (total.0.saturating_add(1), total.1.saturating_add(found.tensor.size_bytes));
            if found.tensor.role == TensorRole::Model {
                parameters = parameters.saturating_add(found.tensor.elements());
            }
        }
        Self {
            tensors: tensors.len() as u64,
            parameters,
            size_bytes: 0,
            dtypes: dtypes.into_iter().map(|(name, (count, bytes))| (name.to_owned(), count, bytes)).collect(),
            modules: modules(tensors),
        }
    }
}

/// Depth of names looked at for modules.
const DEEPEST: usize = 6;
/// Modules that say something: one or two halves do not.
const SEVERAL: usize = 6;

/// The modules at the first depth at which there are several, else at the depth with the most.
fn modules(tensors: &[TensorRef<'_>]) -> Vec<ModuleTotal> {
    let mut found: Vec<ModuleTotal> = Vec::new();
    for depth in 1..=DEEPEST {
        let deeper = modules_at(tensors, depth);
        if deeper.len() > found.len() {
            found = deeper;
        }
        if found.len() >= SEVERAL {
            break;
        }
    }
    found
}

fn modules_at(tensors: &[TensorRef<'_>], depth: usize) -> Vec<ModuleTotal> {
    let mut totals: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for found in tensors.iter().filter(|found| found.tensor.role == TensorRole::Model) {
        let types = totals.entry(start_of(&found.tensor.name, depth)).or_default();
        let sum = types.entry(found.tensor.dtype.name()).or_default();
        *sum = sum.saturating_add(found.tensor.elements());
    }
    let total = |(name, types): (&str, BTreeMap<&str, u64>)| ModuleTotal {
        name: name.to_owned(),
        parameters: types.values().fold(0, |sum: u64, count| sum.saturating_add(*count)),
        dtype: types.iter().max_by_key(|(_, count)| **count).map_or("", |(dtype, _)| dtype).to_owned(),
    };
    totals.into_iter().map(total).collect()
}

/// The first `depth` parts of a dotted name.
fn start_of(name: &str, depth: usize) -> &str {
    let end = name.match_indices(['.', '/']).nth(depth.saturating_sub(1)).map_or(name.len(), |(at, _)| at);
    name.get(..end).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DType, Tensor};

    fn tensor(name: &str, dtype: DType, length: u64, role: TensorRole) -> Tensor {
        Tensor { name: name.into(), size_bytes: length * 4, dtype, shape: vec![length], role, place: None }
    }

    #[test]
    fn modules_are_taken_where_names_part() {
        let tensors = [
            tensor("model.embed.weight", DType::F32, 8, TensorRole::Model),
            tensor("model.layers.0.w", DType::BF16, 4, TensorRole::Model),
            tensor("model.layers.0.b", DType::F32, 1, TensorRole::Model),
            tensor("state.0.exp_avg", DType::F32, 5, TensorRole::Optimizer),
        ];
        let refs: Vec<_> = tensors.iter().map(|tensor| TensorRef { file: "m", tensor }).collect();
        let summary = Summary::of(&refs);
        assert_eq!((summary.tensors, summary.parameters), (4, 13));
        assert_eq!(summary.dtypes, [("BF16".to_owned(), 1, 16), ("F32".to_owned(), 3, 56)]);
        let module =
            |name: &str, parameters, dtype: &str| ModuleTotal { name: name.into(), parameters, dtype: dtype.into() };
        assert_eq!(
            summary.modules,
            [
                module("model.embed.weight", 8, "F32"),
                module("model.layers.0.b", 1, "F32"),
                module("model.layers.0.w", 4, "BF16"),
            ]
        );
    }
}
