//! What a file is for, as far as its name says so whatever the layout.

use crate::model::{Role, base_name, extension};

/// Names that mean the same to every framework.
const NAMES: &[(&str, Role)] = &[
    ("adapter_config.json", Role::Config),
    ("args.yaml", Role::Config),
    ("config.json", Role::Config),
    ("config.toml", Role::Config),
    ("config.yaml", Role::Config),
    ("config.yml", Role::Config),
    ("generation_config.json", Role::Config),
    ("hparams.yaml", Role::Config),
    ("params.json", Role::Config),
    ("preprocessor_config.json", Role::Config),
    ("processor_config.json", Role::Config),
    ("quantize_config.json", Role::Config),
    ("seeds.json", Role::Config),
    ("training_args.bin", Role::Config),
    ("environment.json", Role::Environment),
    ("environment.txt", Role::Environment),
    ("environment.yaml", Role::Environment),
    ("environment.yml", Role::Environment),
    ("git_info.json", Role::Environment),
    ("requirements.txt", Role::Environment),
    ("system.json", Role::Environment),
    ("log_history.json", Role::Metrics),
    ("meta.json", Role::Metrics),
    ("metrics.csv", Role::Metrics),
    ("metrics.json", Role::Metrics),
    ("metrics.jsonl", Role::Metrics),
    ("metrics.ndjson", Role::Metrics),
    ("metrics.jsonl", Role::Metrics),
    ("results.csv", Role::Metrics),
    ("results.jsonl", Role::Metrics),
    ("trainer_state.json", Role::Metrics),
    ("optimizer.bin", Role::Optimizer),
    ("optimizer.npz", Role::Optimizer),
    ("optimizer.pt", Role::Optimizer),
    ("optimizer.safetensors", Role::Optimizer),
    ("optimizer_meta.pkl", Role::OptimizerMeta),
    ("scheduler.bin", Role::Scheduler),
    ("scheduler.pt", Role::Scheduler),
    ("structure.json", Role::Structure),
    ("added_tokens.json", Role::Tokenizer),
    ("chat_template.jinja", Role::Tokenizer),
    ("chat_template.json", Role::Tokenizer),
    ("merges.txt", Role::Tokenizer),
    ("special_tokens_map.json", Role::Tokenizer),
    ("spiece.model", Role::Tokenizer),
    ("tokenizer.json", Role::Tokenizer),
    ("tokenizer.model", Role::Tokenizer),
    ("tokenizer_config.json", Role::Tokenizer),
    ("vocab.json", Role::Tokenizer),
    ("vocab.txt", Role::Tokenizer),
    ("extra.json", Role::Extra),
    ("scaler.pt", Role::Extra),
];

/// The role that the name of `path` tells; [`Role::Other`] when it tells none.
pub fn role_of_name(path: &str) -> Role {
    let name = base_name(path);
    if let Some((_, role)) = NAMES.iter().find(|(known, _)| *known == name) {
        return *role;
    }
    let random = name.starts_with("rng_state") || name.starts_with("random_states") || name == "rng.json";
    match extension(name).as_str() {
        "sha256" | "sha256sum" | "md5" | "sha1" => Role::Manifest,
        "json" if name.ends_with(".index.json") => Role::Manifest,
        "json" if name.ends_with("_results.json") || name.ends_with(".meta.json") => Role::Metrics,
        "pth" | "pkl" | "pt" | "json" if random => Role::Rng,
        _ if name.to_lowercase().starts_with("sha256sums") => Role::Manifest,
        _ => Role::Other,
    }
}
