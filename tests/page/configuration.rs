//! The configuration of a checkpoint, from all the places that tell of it.

use weighbridge::model::Value;
use weighbridge::session::Configuration;

use crate::page::{Page, fixture};

fn of(path: &str, checkpoint: &str) -> Configuration {
    let mut page = Page::new(1);
    page.open(&[fixture(path)]);
    let found = page.session.checkpoints().find(|found| found.checkpoint.name == checkpoint);
    let selection = found.unwrap_or_else(|| panic!("{checkpoint} in {path}")).selection;
    page.session.select(selection);
    page.session.configuration().unwrap()
}

fn names(configuration: &Configuration) -> Vec<&str> {
    configuration.tree.iter().map(|(name, _)| name.as_str()).collect()
}

fn at<'a>(configuration: &'a Configuration, name: &str, keys: &[&str]) -> Option<&'a Value> {
    configuration.tree.iter().find(|(own, _)| own == name)?.1.at(keys)
}

#[test]
fn a_file_beside_and_the_dict_inside_stand_in_one_tree() {
    let found = of("slash-checkpoint/run-layout/results", "epoch_050.pt");
    assert_eq!(names(&found), ["config.toml", "epoch_050.pt › config"]);
    assert!(matches!(found.tree[1].1, Value::Map(_)));
    assert_eq!(found.files.len(), 2);
    assert!(found.unread.is_empty());
}

#[test]
fn pickled_arguments_are_part_of_it() {
    let found = of("frameworks/hf-trainer", "checkpoint-50");
    assert!(names(&found).contains(&"config.json"), "{:?}", names(&found));
    // What transformers wrote: TrainingArguments of this run, read with torch.load.
    let arguments = at(&found, "training_args.bin", &["learning_rate"]);
    assert!(matches!(arguments, Some(Value::Float(_))), "{:?}", names(&found));
}

#[test]
fn arguments_as_text_and_in_the_dict() {
    let found = of("prism/real-runs/europa_lr1e3", "checkpoint.pt");
    assert_eq!(names(&found), ["args.pt", "args.txt", "config.yaml", "checkpoint.pt › args_dict"]);
}

#[test]
fn what_a_file_says_of_itself_is_part_of_it() {
    let found = of("frameworks/mlx/model.safetensors", "model.safetensors");
    assert_eq!(names(&found), ["model.safetensors › metadata"]);
    assert_eq!(at(&found, "model.safetensors › metadata", &["format"]), Some(&Value::Text("mlx".to_owned())));
    let gguf = of("frameworks/model-tiny.gguf", "model-tiny.gguf");
    assert!(at(&gguf, "model-tiny.gguf", &["general.architecture"]).is_some(), "{:?}", names(&gguf));
}

#[test]
fn without_a_checkpoint_there_is_none() {
    assert_eq!(Page::new(1).session.configuration(), None);
}
