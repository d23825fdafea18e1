//! Adapters of PEFT (0.21): `adapter_config.json` beside `adapter_model.safetensors` or `.bin`.

use super::members::{counted, empty_run};
use super::{Files, Layout, hf_model, resume, tinker_archive};
use crate::model::{Finding, Role, Run, Tensor, Value, elements, parent};

/// The layout.
pub struct PeftAdapter;

const WEIGHTS: &[&str] = &["adapter_model.safetensors", "adapter_model.bin"];
/// Target modules named in the evidence.
const NAMED: usize = 8;

impl Layout for PeftAdapter {
    fn id(&self) -> &'static str {
        "peft_adapter"
    }

    fn name(&self) -> &'static str {
        "PEFT adapter"
    }

    fn signature(&self) -> &'static str {
        "`adapter_config.json` beside `adapter_model.safetensors`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let has_config = |folder: &str| files.child(folder, "adapter_config.json").is_some();
        let ours: Vec<&str> =
            files.folders().into_iter().filter(|f| has_config(f) && weights(files, f).is_some()).collect();
        ours.into_iter().map(|folder| run(files, self.id(), folder)).collect()
    }
}

fn weights(files: &Files<'_>, folder: &str) -> Option<usize> {
    WEIGHTS.iter().find_map(|name| files.child(folder, name))
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str) -> Run {
    let weights = weights(files, folder);
    let mut run = empty_run(layout, parent(folder), evidence(files, folder));
    run.findings = tinker_archive::judge_config(files, folder, weights);
    run.findings.extend(weights.and_then(|at| size(files, at)));
    let path = weights.map_or("", |at| files.path(at)).to_owned();
    let mut checkpoint = hf_model::folder(files, folder, &mut run.findings);
    if folder.is_empty() {
        // Loose files have no folder of their own: the weights stand for the checkpoint.
        let name = crate::model::base_name(&path).to_owned();
        (checkpoint.name, checkpoint.path) = (name, path);
    }
    for member in &mut checkpoint.files {
        if WEIGHTS.iter().any(|name| member.path.ends_with(name)) {
            member.role = Role::Model;
        }
    }
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "scheduler", "rng", "step"]);
    run.checkpoints.push(checkpoint);
    run
}

/// `adapter_config.json (LORA, r 2, alpha 4, on c_attn, of gpt2)`.
fn evidence(files: &Files<'_>, folder: &str) -> String {
    let config = files.child_document(folder, "adapter_config.json");
    let word = |key: &str| config.and_then(|config| config.get(key));
    let text = |key: &str, before: &str| Some(format!("{before}{}", word(key)?.text()?));
    let number = |key: &str, before: &str| Some(format!("{before}{}", word(key)?.number()?));
    let modules = word("target_modules").and_then(|modules| match modules {
        Value::List(names) => {
            let shown: Vec<&str> = names.iter().filter_map(Value::text).take(NAMED).collect();
            let dots = if names.len() > NAMED { " …" } else { "" };
            Some(format!("on {}{dots}", shown.join(", ")))
        }
        other => other.text().map(|pattern| format!("on {pattern}")),
    });
    let told: Vec<String> = [
        text("peft_type", ""),
        number("r", "r "),
        number("lora_alpha", "alpha "),
        modules,
        text("base_model_name_or_path", "of "),
    ]
    .into_iter()
    .flatten()
    .collect();
    let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
    format!("adapter_config.json{told} beside {}", weights(files, folder).map_or("", |at| files.name(at)))
}

/// How much of the base model the products of its pairs change, and with how few parameters.
fn size(files: &Files<'_>, at: usize) -> Option<Finding> {
    let tensors = files.contents(at)?.tensors.as_slice();
    let own = tensors.iter().fold(0, |sum: u64, tensor| sum.saturating_add(tensor.elements()));
    let product = |a: &Tensor| {
        let b = tensors.iter().find(|b| b.name == a.name.replacen(".lora_A.", ".lora_B.", 1))?;
        match (a.shape.as_slice(), b.shape.as_slice()) {
            ([_, inputs], [outputs, _]) => elements(&[*outputs, *inputs]),
            _ => None,
        }
    };
    let pairs: Vec<u64> =
        tensors.iter().filter(|t| t.name.contains(".lora_A.")).take(PAIRS).filter_map(product).collect();
    let changed = pairs.iter().fold(0, |sum: u64, size| sum.saturating_add(*size));
    let message = format!(
        "{} of {} change {} of the base model",
        counted(own, "parameter"),
        counted(pairs.len() as u64, "pair"),
        counted(changed, "weight")
    );
    (changed > 0).then(|| Finding::note("adapter-size", message).in_file(files.path(at)))
}

/// Pairs looked at: each is looked for among all.
const PAIRS: usize = 2000;

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, told};

    #[test]
    fn rank_and_reach_are_told() {
        let a = ("base_model.model.h.0.c_attn.lora_A.weight", [2_u64, 16].as_slice());
        let b = ("base_model.model.h.0.c_attn.lora_B.weight", [48_u64, 2].as_slice());
        let config = r#"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["c_attn"],
                         "base_model_name_or_path": "gpt2"}"#;
        let run = Pick::default()
            .json("x/lora/adapter_config.json", config)
            .tensors("x/lora/adapter_model.safetensors", "safetensors", &[a, b])
            .run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("peft_adapter", "x"));
        assert_eq!(
            run.evidence,
            "adapter_config.json (LORA, r 2, alpha 4, on c_attn, of gpt2) beside adapter_model.safetensors"
        );
        assert_eq!(told(&run.findings), ["adapter-size x/lora/adapter_model.safetensors"]);
        assert_eq!(run.findings[0].message, "128 parameters of 1 pair change 768 weights of the base model");
        assert_eq!(roles(&run.checkpoints[0].files), "adapter_config.json=config adapter_model.safetensors=model");
        assert_eq!(run.checkpoints[0].config, ["x/lora/adapter_config.json"]);
    }
}
