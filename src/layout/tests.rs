use super::testing::{Pick, roles, steps};
use crate::model::{Contents, Run};

fn summary(runs: &[Run]) -> Vec<(String, String, usize)> {
    runs.iter().map(|run| (run.layout.clone(), run.path.clone(), run.checkpoints.len())).collect()
}

#[test]
fn a_lone_file_is_a_run_of_itself() {
    let run = Pick::default().npz("weights.npz", &["a"]).run();
    assert_eq!((run.layout.as_str(), run.path.as_str(), run.evidence.as_str()), ("single_file", "", "as told"));
    let checkpoint = &run.checkpoints[0];
    assert_eq!((checkpoint.name.as_str(), checkpoint.path.as_str()), ("weights.npz", "weights.npz"));
    assert_eq!(roles(&checkpoint.files), "weights.npz=model");
    assert_eq!(checkpoint.resume.missing, ["optimizer", "rng", "step"]);
}

#[test]
fn loose_files_are_runs_of_their_own_and_those_of_a_folder_are_one() {
    let runs = Pick::default().npz("b.npz", &["a"]).npz("a.npz", &["a"]).runs();
    assert_eq!(summary(&runs), [("single_file".into(), String::new(), 1), ("single_file".into(), String::new(), 1)]);
    let run = Pick::default()
        .npz("d/epoch_10.npz", &["a"])
        .npz("d/epoch_9-step_90.npz", &["a"])
        .npz("d/last.npz", &["a"])
        .run();
    assert_eq!((run.path.as_str(), run.evidence.as_str()), ("d", "3 files with tensors"));
    assert_eq!(steps(&run), [("epoch_9-step_90.npz", Some(90)), ("epoch_10.npz", None), ("last.npz", None)]);
    assert_eq!(run.checkpoints[1].epoch, Some(10.0));
}

#[test]
fn an_optimizer_beside_one_model_is_part_of_it() {
    let run =
        Pick::default().npz("d/optimizer.npz", &["m"]).npz("d/weights.npz", &["a"]).json("d/config.json", "{}").run();
    assert_eq!(steps(&run), [("weights.npz", None)]);
    assert_eq!(roles(&run.checkpoints[0].files), "optimizer.npz=optimizer weights.npz=model");
    assert_eq!(run.checkpoints[0].resume.missing, ["rng", "step"]);
    assert_eq!(run.checkpoints[0].config, ["d/config.json"]);
    assert_eq!(roles(&run.files), "config.json=config");
}

fn mlx(pick: Pick, path: &str) -> Pick {
    let metadata = vec![("format".to_owned(), "mlx".to_owned())];
    pick.file(path, Contents { metadata, ..Contents::new("safetensors", "") })
}

#[test]
fn mlx_says_so_in_its_metadata() {
    let run = mlx(Pick::default().npz("mlx/weights.npz", &["a"]), "mlx/model.safetensors").run();
    assert_eq!((run.layout.as_str(), run.evidence.as_str()), ("mlx", "model.safetensors says format: mlx"));
    assert_eq!(run.checkpoints.len(), 2);
    let run = mlx(Pick::default().json("m/config.json", "{}"), "m/model.safetensors").run();
    assert_eq!((run.layout.as_str(), run.checkpoints[0].path.as_str()), ("mlx", "m"));
    let run = mlx(mlx(Pick::default(), "l/0000100_adapters.safetensors"), "l/adapters.safetensors").run();
    assert_eq!(steps(&run), [("0000100_adapters.safetensors", Some(100)), ("adapters.safetensors", None)]);
}

#[test]
fn what_nobody_knows_is_listed() {
    let run = Pick::default().other("d/a.txt").json("d/b/c.json", "{}").other("d/b/d.txt").run();
    assert_eq!((run.layout.as_str(), run.path.as_str(), run.checkpoints.len()), ("unknown", "d", 0));
    assert_eq!(run.evidence, "no known layout in 3 files: 2 text, 1 json");
    assert_eq!(roles(&run.files), "a.txt=other c.json=other d.txt=other");
    assert_eq!(Pick::default().other("a.txt").run().path, "");
}

#[test]
fn each_source_is_recognised_or_unknown_for_itself() {
    let runs = Pick::default().npz("a/x.npz", &["a"]).other("b/y.txt").runs();
    assert_eq!(summary(&runs), [("single_file".into(), "a".into(), 1), ("unknown".into(), "b".into(), 0)]);
}

#[test]
fn a_manifest_dropped_beside_belongs_to_the_run() {
    let run = Pick::default().npz("a/x.npz", &["a"]).manifest("SHA256SUMS").run();
    assert_eq!(roles(&run.files), "SHA256SUMS=manifest");
    assert_eq!(Pick::default().manifest("SHA256SUMS").run().layout, "unknown");
}

#[test]
fn files_of_nobody_go_where_they_lie() {
    let run = Pick::default()
        .npz("p/m/x/model.npz", &["a"])
        .json("p/m/x/structure.json", "{\"a\": [2, 3]}")
        .other("p/m/x/logs/a.txt")
        .other("p/m/b.txt")
        .other("p/c.txt")
        .other("p/src/d.txt")
        .run();
    assert!(roles(&run.checkpoints[0].files).starts_with("a.txt=other"));
    assert_eq!(roles(&run.files), "c.txt=other b.txt=other");
}

#[test]
fn an_empty_pick_is_no_run() {
    assert_eq!(Pick::default().runs(), []);
}

/// Linear work: a hostile archive can list hundreds of thousands of files.
#[test]
fn many_files_take_no_time() {
    let mut pick = Pick::default();
    for number in 0..20_000 {
        pick =
            pick.npz(&format!("r/step_{number}/model.npz"), &[]).json(&format!("r/step_{number}/structure.json"), "{}");
        pick = pick
            .npz(&format!("s/model-{number:05}-of-99999.safetensors"), &[])
            .other(&format!("s/rng_state_{number}.pth"));
        pick = pick.npz(&format!("t/{number}.npy"), &["a"]).other(&format!("u/{number}/optimizer.npz"));
    }
    assert_eq!(pick.runs().len(), 4);
}
