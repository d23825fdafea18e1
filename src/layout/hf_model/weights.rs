//! Which files of a folder are the weights: one file or shards, with or without an index, once or in several formats.

use crate::layout::Files;
use crate::layout::name::split_digits;
use crate::model::distinct;

/// The weights of a model folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weights {
    /// The file that a loader opens first: the weights, their index, or the first shard.
    pub(super) main: usize,
    /// The index, when there is one.
    pub(super) index: Option<usize>,
    /// The files with the tensors, as far as they are there, in order.
    pub(super) files: Vec<usize>,
    /// The same model once more, in files that a loader passes over, in order.
    pub(super) others: Vec<usize>,
}

/// In the order in which `transformers` and `diffusers` look: a single file before an index, safetensors before pickles.
const LOADED: &[&str] = &[
    "model.safetensors",
    "model.safetensors.index.json",
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "diffusion_pytorch_model.bin",
    "diffusion_pytorch_model.bin.index.json",
];

/// The weights in `folder`. Without a `config.json` only an index or shards tell that it is a model of this kind.
pub(super) fn find(files: &Files<'_>, folder: &str) -> Option<Weights> {
    let unclaimed = files.in_folder(folder).iter().copied().filter(|&index| !files.is_claimed(index));
    let there: Vec<usize> =
        unclaimed.filter(|&index| is_weights(files.name(index)) || is_index(files, index)).collect();
    let has_config = files.child(folder, "config.json").is_some();
    let rank = |index: usize| LOADED.iter().position(|name| *name == files.name(index)).unwrap_or(LOADED.len());
    let telling = there.iter().copied().filter(|&index| {
        is_index(files, index) || shard(files.name(index)).is_some() || (has_config && rank(index) < LOADED.len())
    });
    let main = telling.min_by_key(|&index| (rank(index), files.name(index)))?;
    let (index, used) = if is_index(files, main) {
        (Some(main), shards_of(files, folder, main))
    } else if let Some(first) = shard(files.name(main)) {
        let same = |&index: &usize| shard(files.name(index)).is_some_and(|other| other.is_of_one_set(&first));
        (None, there.iter().copied().filter(same).collect())
    } else {
        (None, vec![main])
    };
    let is_other = |index: &usize| used.binary_search(index).is_err() && !is_index(files, *index);
    let others = there.iter().copied().filter(is_other).collect();
    Some(Weights { main, index, files: used, others })
}

fn is_weights(name: &str) -> bool {
    let stems = ["model", "pytorch_model", "diffusion_pytorch_model", "tf_model", "flax_model", "consolidated"];
    let ends = [".safetensors", ".bin", ".h5", ".msgpack", ".pth"];
    let end = ends.iter().find_map(|end| name.strip_suffix(end));
    end.is_some_and(|stem| {
        let start = stem.split(['-', '.']).next().unwrap_or(stem);
        shard(name).is_some() || stems.contains(&start)
    })
}

/// A shard index: `{"weight_map": {tensor: file}}`.
pub(super) fn is_index(files: &Files<'_>, index: usize) -> bool {
    files.name(index).ends_with(".index.json")
        && files.document(index).and_then(|document| document.get("weight_map")?.pairs()).is_some()
}

/// The files that the index names, as far as they are in the folder.
fn shards_of(files: &Files<'_>, folder: &str, index: usize) -> Vec<usize> {
    let map = files.document(index).and_then(|document| document.get("weight_map")?.pairs()).unwrap_or_default();
    let names = distinct(map.iter().filter_map(|(_, file)| file.text()));
    let there = files.in_folder(folder).iter().copied();
    there.filter(|&at| names.contains(files.name(at)) && !files.is_claimed(at)).collect()
}

/// `model-00001-of-00004.safetensors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard<'a> {
    stem: &'a str,
    pub(super) number: u64,
    pub(super) of: u64,
    end: &'a str,
}

impl Shard<'_> {
    /// Named alike, whatever the number of shards: what a save with fewer shards leaves behind.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.stem, self.end) == (other.stem, other.end)
    }

    pub(super) fn is_of_one_set(&self, other: &Self) -> bool {
        (self.stem, self.of, self.end) == (other.stem, other.of, other.end)
    }
}

/// What a shard's name says.
pub(super) fn shard(name: &str) -> Option<Shard<'_>> {
    let (before, after) = name.split_once("-of-")?;
    let (stem, number) = before.rsplit_once('-')?;
    let (of, end) = split_digits(after);
    let is_padded = number.len() == of.len() && number.len() >= 5;
    let end = (is_padded && matches!(end, ".safetensors" | ".bin")).then_some(end)?;
    Some(Shard { stem, number: number.parse().ok()?, of: of.parse().ok()?, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_told_by_their_padded_numbers() {
        let found = shard("model-00002-of-00004.safetensors").unwrap();
        assert_eq!((found.stem, found.number, found.of), ("model", 2, 4));
        assert!(shard("a-b-00001-of-00001.bin").is_some_and(|shard| shard.stem == "a-b"));
        assert_eq!(shard("one-of-many.safetensors"), None);
        assert_eq!(shard("model-1-of-2.safetensors"), None);
        assert_eq!(shard("model-00001-of-00002.gguf"), None);
        assert!(is_weights("model.fp16.safetensors") && is_weights("tf_model.h5"));
        assert!(!is_weights("optimizer.bin") && !is_weights("training_args.bin"));
    }
}
