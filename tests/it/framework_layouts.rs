//! Layouts against folders that the frameworks themselves wrote; numbers from the frameworks' own files.

use std::collections::BTreeMap;

use serde_json::Value;
use weighbridge::model::{Finding, Marker, Opened, Run, TensorRole};
use weighbridge::source::{Roots, Source};

use crate::layouts::{check, errors};
use crate::opening::fixture;
use crate::pickles::{expected, fact};

/// The only run, which nothing is wrong with.
fn only<'a>(opened: &'a Opened, layout: &str) -> &'a Run {
    let [run] = opened.runs.as_slice() else { panic!("one run: {:#?}", opened.runs) };
    assert_eq!(run.layout, layout);
    assert_eq!(errors(opened), [] as [&Finding; 0]);
    run
}

fn metric(run: &Run, checkpoint: &str, name: &str) -> Option<f64> {
    let checkpoint = run.checkpoints.iter().find(|found| found.name == checkpoint).unwrap();
    checkpoint.metrics.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
}

fn told(markers: &[Marker]) -> Vec<(&str, Option<bool>)> {
    markers.iter().map(|marker| (marker.checkpoint.as_deref().unwrap_or("nothing"), marker.agrees)).collect()
}

/// `log_history` of the fixture's `trainer_state.json`.
#[test]
fn a_trainer_keeps_the_best_besides_the_last() {
    let opened = check("hf_trainer", "frameworks/hf-trainer");
    let run = only(&opened, "hf_trainer");
    let steps: Vec<_> = run.checkpoints.iter().map(|c| (c.step, c.epoch)).collect();
    assert_eq!(steps, [(Some(10), Some(5.0)), (Some(50), Some(25.0)), (Some(60), Some(30.0))]);
    assert_eq!(metric(run, "checkpoint-10", "eval_loss"), Some(3.356_392_621_994_018_6));
    assert_eq!(metric(run, "checkpoint-50", "loss"), Some(1.886_094_665_527_343_8));
    assert_eq!(told(&run.markers), [("checkpoint-10", Some(true)), ("checkpoint-60", Some(true))]);
    assert_eq!(run.best_metric.as_deref(), Some("eval_loss"));
}

#[test]
fn accelerate_counts_its_saves() {
    let opened = check("accelerate", "frameworks/accelerate-project");
    let run = only(&opened, "accelerate");
    assert_eq!(run.checkpoints.iter().map(|c| c.step).collect::<Vec<_>>(), [None, None]);
    assert_eq!(told(&run.markers), [("checkpoint_2", Some(true))]);
}

/// `metrics/metrics` and `extra/metadata` of the fixture.
#[test]
fn orbax_with_a_best_fn_lost_its_last() {
    let opened = check("orbax", "frameworks/orbax-manager");
    let run = only(&opened, "orbax");
    let told: Vec<_> = run.checkpoints.iter().map(|c| (c.step, c.epoch, c.metrics[0].1)).collect();
    assert_eq!(told, [(Some(20), Some(2.0), 0.5), (Some(30), Some(3.0), 0.48), (Some(50), Some(5.0), 0.48)]);
    assert_eq!(self::told(&run.markers), [("50", Some(true)), ("50", Some(true))]);
    let index = opened.find("orbax-manager/20/state/_METADATA").unwrap();
    let names =
        opened.contents_at(index).unwrap().tensors.iter().map(|t| (t.name.as_str(), t.shape.as_slice(), t.role));
    let expected = [
        ("params.dense.bias", [3].as_slice(), TensorRole::Model),
        ("params.dense.kernel", [4, 3].as_slice(), TensorRole::Model),
        ("step", [].as_slice(), TensorRole::Other),
    ];
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[test]
fn flax_writes_orbax_folders_and_messagepack() {
    let opened = check("flax_legacy", "frameworks/flax-legacy");
    assert_eq!(only(&opened, "orbax").checkpoints[0].step, Some(2));
    let opened = check("flax_model", "frameworks/flax_model.msgpack");
    assert_eq!(only(&opened, "flax").checkpoints[0].path, "flax_model.msgpack");
    let opened = check("flax_checkpoint", "msgpack/checkpoint_70");
    assert_eq!(only(&opened, "flax").checkpoints[0].step, Some(70));
}

#[test]
fn keras_models_of_three_epochs() {
    let opened = check("keras", "frameworks/keras");
    let run = only(&opened, "keras");
    let told: Vec<_> = run.checkpoints.iter().filter_map(|c| Some((c.epoch?, c.metrics[0].1))).collect();
    assert_eq!(told, [(1.0, 0.8748), (2.0, 0.8619), (3.0, 0.8490)]);
    assert!(run.checkpoints[0].resume.ready, "{:?}", run.checkpoints[0].resume);
}

#[test]
fn an_adapter_and_a_gguf_file() {
    let opened = check("peft_lora", "frameworks/peft-lora");
    let run = only(&opened, "peft_adapter");
    assert!(run.evidence.contains("LORA, r 2, alpha 4, on c_attn"), "{}", run.evidence);
    let opened = check("gguf", "frameworks/model-tiny.gguf");
    assert_eq!(only(&opened, "gguf").evidence, "llama \"tiny\", begins with GGUF, version 3");
}

/// `metrics.csv` of the fixture; `last.ckpt` is a copy of the newest.
#[test]
fn lightning_is_joined_with_its_log() {
    let opened = check("lightning", "frameworks/lightning");
    let run = only(&opened, "lightning");
    assert_eq!(metric(run, "epoch=3-step=8.ckpt", "val_loss"), Some(4.574_725_627_899_17));
    assert_eq!(metric(run, "epoch=4-step=10.ckpt", "train_loss"), Some(5.613_749_980_926_514));
    let expected = [("epoch=4-step=10.ckpt", Some(true)), ("epoch=4-step=10.ckpt", Some(true))];
    assert_eq!(told(&run.markers), expected);
    assert_eq!(run.best_metric.as_deref(), Some("val_loss"));
}

/// Every tensor as PyTorch's own converter writes it (`expected/dcp.py`), from the piece that it lies in.
#[test]
fn the_tensors_of_a_distributed_checkpoint_are_in_its_pieces() {
    let opened = check("torch_dcp", "frameworks/torch-dcp");
    let run = only(&opened, "torch_dcp");
    assert_eq!(run.checkpoints.iter().map(|c| c.step).collect::<Vec<_>>(), [Some(10), Some(20)]);
    for (folder, tensors) in expected("dcp.json") {
        let file = format!("{}/__0_0.distcp", folder.strip_prefix("frameworks/").unwrap());
        let path = fixture(&format!("{folder}/__0_0.distcp"));
        let roots = Roots::new(vec![Source::memory(&file, std::fs::read(path).unwrap())]);
        let found = &opened.contents_at(opened.find(&file).unwrap()).unwrap().tensors;
        let facts: BTreeMap<String, Value> =
            found.iter().map(|tensor| (tensor.name.clone(), fact(tensor, &roots).unwrap())).collect();
        assert_eq!(serde_json::to_value(facts).unwrap(), tensors, "{folder}");
    }
}
