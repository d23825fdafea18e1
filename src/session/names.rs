//! Names for people of what the lists of formats, archives and layouts call by id. The lists themselves stay out of the
//! page: a reader linked into it is a reader downloaded twice. Tests hold these against the lists.

use crate::model::{Contents, Severity};

/// What can be opened, as the landing page tells it.
pub const ACCEPTED: [&str; 11] = [
    "safetensors",
    "PyTorch .pt .pth .ckpt .bin",
    "NumPy .npz .npy",
    "GGUF",
    "Keras .keras .h5",
    "Flax msgpack",
    "pickle .pkl",
    "JSON, JSONL, YAML, TOML",
    "SHA256SUMS",
    "zip, tar, gzip",
    "folders and whole runs",
];

/// A layout's name.
pub fn layout_name(id: &str) -> &str {
    match id {
        "linear_nexus" => "LinearNexus run",
        "torch_files" => "PyTorch files",
        "tinker_archive" => "Tinker archive",
        "tinker_cookbook" => "Tinker cookbook run",
        "hf_trainer" => "Hugging Face Trainer run",
        "hf_model" => "Hugging Face model",
        "peft_adapter" => "PEFT adapter",
        "accelerate" => "Accelerate state",
        "lightning" => "Lightning checkpoint",
        "torch_dcp" => "PyTorch distributed checkpoint",
        "deepspeed" => "DeepSpeed checkpoint",
        "megatron" => "Megatron checkpoint",
        "orbax" => "Orbax checkpoint",
        "flax" => "Flax checkpoint",
        "keras" => "Keras model",
        "mlx" => "MLX model",
        "gguf" => "GGUF model",
        "single_file" => "single file",
        "unknown" | "" => "unknown layout",
        prism if prism.starts_with("prism_") => "Prism run",
        codex if codex.starts_with("codex_") => "Codex checkpoints",
        other => other,
    }
}

/// Whether loading a file of this format the usual way can run code.
pub fn can_run_code(format: &str) -> bool {
    matches!(format, "pickle" | "torch_zip" | "torch_legacy" | "torch_tar")
}

/// Whether code that loading the file would run may be in what could not be read of it.
pub fn may_hide_code(contents: &Contents) -> bool {
    // Whatever is wrong with one of these, it is not loaded by a pickle.
    const DATA: [&str; 8] = ["safetensors", "gguf", "json", "jsonl", "yaml", "toml", "text", "msgpack"];
    let is_broken = || contents.findings.iter().any(|finding| finding.severity == Severity::Error);
    contents.pickles.is_empty()
        && (can_run_code(&contents.format) || !DATA.contains(&contents.format.as_str()) && is_broken())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::ARCHIVES;
    use crate::format::FORMATS;

    #[test]
    fn what_is_broken_may_hide_a_pickle_where_pickles_are_kept() {
        let broken = |format: &str| {
            let findings = vec![crate::model::Finding::error("zip-no-end", "its end is missing")];
            may_hide_code(&Contents { findings, ..Contents::new(format, "") })
        };
        assert!(broken("npz") && broken("zip") && broken("unknown"));
        assert!(!broken("safetensors") && !may_hide_code(&Contents::new("npz", "")));
        assert!(may_hide_code(&Contents::new("torch_zip", "")));
    }

    #[test]
    fn the_landing_page_names_every_format_and_archive() {
        let told = ACCEPTED.join(" ").to_lowercase();
        // Pieces of a distributed checkpoint are opened with their folder.
        for format in FORMATS.iter().filter(|format| !matches!(format.id(), "unknown" | "text" | "torch_pieces")) {
            let is_told = told.contains(format.id()) || format.extensions().iter().any(|name| told.contains(name));
            assert!(is_told, "{} is not told", format.name());
        }
        for archive in ARCHIVES {
            let id = archive.name().split(' ').next().unwrap_or_default().to_lowercase();
            assert!(told.contains(&id), "{} is not told", archive.name());
        }
    }
}
