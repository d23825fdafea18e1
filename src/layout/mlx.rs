//! MLX: safetensors whose metadata says `format: mlx`, alone (`mlx-examples`) or as a model folder (`mlx-lm`).

use super::single_file::{self, tensor_files};
use super::{Files, Layout, hf_model};
use crate::model::Run;

/// The layout.
pub struct Mlx;

impl Layout for Mlx {
    fn id(&self) -> &'static str {
        "mlx"
    }

    fn name(&self) -> &'static str {
        "MLX weights"
    }

    fn signature(&self) -> &'static str {
        "safetensors with the metadata `format: mlx`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = hf_model::runs(files, self.id(), |files, weights| weights.iter().any(|&at| is_mlx(files, at)));
        for folder in files.folders() {
            let found = tensor_files(files, folder);
            let Some(&telling) = found.iter().find(|&&index| is_mlx(files, index)) else { continue };
            let evidence = format!("{} says format: mlx", files.name(telling));
            runs.extend(single_file::runs(files, self.id(), folder, &found, &evidence));
        }
        runs
    }
}

fn is_mlx(files: &Files<'_>, index: usize) -> bool {
    let metadata = files.contents(index).map(|contents| contents.metadata.as_slice()).unwrap_or_default();
    metadata.iter().any(|(key, value)| key == "format" && value == "mlx")
}
