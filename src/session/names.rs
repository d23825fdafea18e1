//! Names for people of what the lists of formats, archives and layouts call by id. The lists themselves stay out of the
//! page: a reader linked into it is a reader downloaded twice. Tests hold these against the lists.

/// What can be opened, as the landing page tells it.
pub const ACCEPTED: [&str; 10] = [
    "NumPy .npz .npy",
    "safetensors",
    "PyTorch .pt .pth .bin",
    "JSON",
    "SHA256SUMS",
    "zip",
    "tar",
    "tar.gz",
    "LinearNexus runs",
    "any folder of these",
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
