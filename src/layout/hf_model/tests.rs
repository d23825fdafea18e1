use crate::layout::testing::{Pick, roles, steps, told};
use crate::model::{TensorRole, Value};

const CONFIG: &str = r#"{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}"#;

#[test]
fn a_single_file_beside_its_config() {
    let run = Pick::default()
        .json("m/config.json", CONFIG)
        .tensors("m/model.safetensors", "safetensors", &[("a", &[2])])
        .json("m/tokenizer.json", "{}")
        .manifest("m/SHA256SUMS")
        .other("m/README.md")
        .run();
    assert_eq!((run.layout.as_str(), run.path.as_str()), ("hf_model", ""));
    assert_eq!(run.evidence, "config.json (gpt2, GPT2LMHeadModel) beside model.safetensors");
    assert_eq!(run.checkpoints[0].path, "m");
    let expected =
        "README.md=other SHA256SUMS=manifest config.json=config model.safetensors=model tokenizer.json=tokenizer";
    assert_eq!(roles(&run.checkpoints[0].files), expected);
    assert_eq!(run.checkpoints[0].config, ["m/config.json"]);
    assert_eq!(run.checkpoints[0].resume.missing, ["optimizer", "scheduler", "rng", "step"]);
    assert_eq!(run.findings, []);
}

fn sharded(index: &str) -> Pick {
    Pick::default().json("m/config.json", CONFIG).json("m/model.safetensors.index.json", index).tensors(
        "m/model-00001-of-00002.safetensors",
        "safetensors",
        &[("a", &[2]), ("b", &[3])],
    )
}

#[test]
fn healthy_shards_have_no_findings() {
    let index = r#"{"metadata": {"total_size": 36, "total_parameters": 9}, "weight_map": {
        "a": "model-00001-of-00002.safetensors", "b": "model-00001-of-00002.safetensors",
        "c": "model-00002-of-00002.safetensors"}}"#;
    let run = sharded(index).tensors("m/model-00002-of-00002.safetensors", "safetensors", &[("c", &[4])]).run();
    assert_eq!(run.findings, []);
    assert_eq!(run.evidence, "config.json (gpt2, GPT2LMHeadModel) beside model.safetensors.index.json");
    let run = sharded(&index.replace("36", "40"))
        .tensors("m/model-00002-of-00002.safetensors", "safetensors", &[("c", &[4])])
        .run();
    assert_eq!(run.findings[0].message, "the index gives total_size 40, the shards hold 36");
}

#[test]
fn what_a_missing_shard_costs_is_told() {
    let index = r#"{"metadata": {"total_size": 1}, "weight_map": {"a": "model-00001-of-00002.safetensors",
        "b": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors", "d": "../x", "e": "model-00002-of-00002.safetensors"}}"#;
    let run = sharded(index).run();
    let messages: Vec<_> = run.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "the index names ../x: not followed",
            "../x is not there: 1 tensor is lost of 5 tensors",
            "model-00002-of-00002.safetensors is not there: 2 tensors are lost of 5 tensors",
        ]
    );
    assert!(run.findings.iter().all(|finding| finding.file == "m/model.safetensors.index.json"));
}

#[test]
fn tensors_that_are_elsewhere_or_nowhere_are_told() {
    let index = r#"{"weight_map": {"a": "model-00002-of-00002.safetensors", "x": "model-00001-of-00002.safetensors",
        "c": "model-00002-of-00002.safetensors"}}"#;
    let run = sharded(index)
        .tensors("m/model-00002-of-00002.safetensors", "safetensors", &[("c", &[4])])
        .tensors("m/model-00003-of-00003.safetensors", "safetensors", &[("c", &[4])])
        .run();
    assert_eq!(
        told(&run.findings),
        [
            "shard-extra m/model-00003-of-00003.safetensors",
            "shard-tensor-missing m/model-00001-of-00002.safetensors",
            "shard-tensor-misplaced m/model-00001-of-00002.safetensors",
            "shard-tensor-unlisted m/model-00001-of-00002.safetensors",
            "weights-passed-over m/model-00003-of-00003.safetensors",
        ]
    );
    assert_eq!(run.findings[1].message, "the index places 1 tensor here that no shard holds: x");
}

#[test]
fn shards_without_an_index_say_how_many_they_are() {
    let run = Pick::default()
        .tensors("m/model-00001-of-00003.safetensors", "safetensors", &[("a", &[2])])
        .tensors("m/model-00003-of-00003.safetensors", "safetensors", &[("b", &[2])])
        .run();
    assert_eq!(run.layout, "hf_model");
    assert_eq!(run.checkpoints.len(), 1);
    assert_eq!(
        told(&run.findings),
        ["index-missing m/model-00001-of-00003.safetensors", "shard-missing m/model-00001-of-00003.safetensors",]
    );
    assert_eq!(run.findings[1].message, "1 of 3 shards not there: number 2");
}

#[test]
fn loose_files_are_one_model() {
    let mut pick = Pick::default()
        .json("config.json", CONFIG)
        .json("model.safetensors.index.json", r#"{"weight_map": {"a": "model-00001-of-00001.safetensors"}}"#)
        .tensors("model-00001-of-00001.safetensors", "safetensors", &[("a", &[2])])
        .other("README.md");
    let run = pick.run();
    assert_eq!((run.path.as_str(), run.checkpoints[0].path.as_str()), ("", "model.safetensors.index.json"));
    assert_eq!(roles(&run.files), "README.md=other");
    assert_eq!(run.findings, []);
}

#[test]
fn a_second_copy_of_the_weights_is_not_counted() {
    let mut pick = Pick::default()
        .json("m/config.json", CONFIG)
        .tensors("m/model.safetensors", "safetensors", &[("a", &[2])])
        .tensors("m/pytorch_model.bin", "torch_zip", &[("a", &[2])]);
    let run = pick.run();
    assert_eq!(roles(&run.checkpoints[0].files), "config.json=config model.safetensors=model pytorch_model.bin=extra");
    assert_eq!(told(&run.findings), ["weights-passed-over m/pytorch_model.bin"]);
    assert_eq!(pick.contents[2].as_ref().unwrap().tensors[0].role, TensorRole::Other);
}

#[test]
fn folders_numbered_by_step_are_one_run() {
    let mut pick = Pick::default();
    for folder in ["out/checkpoint-50", "out/checkpoint-10", "out/final"] {
        pick = pick.json(&format!("{folder}/config.json"), CONFIG);
        pick = pick.tensors(&format!("{folder}/model.safetensors"), "safetensors", &[("a", &[2])]);
        pick = pick.tensors(&format!("{folder}/optimizer.pt"), "torch_zip", &[("state.0", &[2])]);
    }
    let runs = pick.runs();
    assert_eq!(runs.len(), 2);
    assert_eq!(steps(&runs[0]), [("checkpoint-10", Some(10)), ("checkpoint-50", Some(50))]);
    assert_eq!(runs[0].markers[0].checkpoint.as_deref(), Some("checkpoint-50"));
    assert_eq!(runs[0].checkpoints[0].resume.missing, ["scheduler", "rng"]);
    assert_eq!(pick.contents[2].as_ref().unwrap().tensors[0].role, TensorRole::Optimizer);
}

#[test]
fn an_index_of_nonsense_is_no_index() {
    for index in ["{}", "[]", r#"{"weight_map": []}"#] {
        let run = Pick::default().json("m/model.safetensors.index.json", index).run();
        assert_eq!(run.layout, "unknown");
    }
    let run = Pick::default().json("m/model.safetensors.index.json", r#"{"weight_map": {"a": 1}}"#).run();
    assert_eq!((run.layout.as_str(), run.findings.len()), ("hf_model", 0));
    assert_eq!(Value::Null.get("a"), None);
}
