use crate::layout::testing::{Pick, roles, steps, told};
use crate::model::{Contents, Finding, MarkerKind, Run, TensorRole};

/// One step folder as the writer leaves it.
fn step(pick: Pick, folder: &str, step: u64, metrics: &str) -> Pick {
    pick.npz(&format!("{folder}/model.npz"), &["a"])
        .json(&format!("{folder}/config.json"), &format!("{{\"model_config\": {{}}, \"step\": {step}}}"))
        .json(&format!("{folder}/structure.json"), "{\"a\": [2, 3]}")
        .json(&format!("{folder}/metrics.json"), metrics)
}

fn marker(run: &Run, kind: MarkerKind) -> Option<(&str, Option<bool>)> {
    let marker = run.markers.iter().find(|marker| marker.kind == kind)?;
    Some((marker.checkpoint.as_deref()?, marker.agrees))
}

#[test]
fn a_dropped_step_folder_is_a_run_of_one() {
    let run = step(Pick::default(), "step_200", 200, "{\"loss\": 0.5}").run();
    assert_eq!((run.path.as_str(), run.layout.as_str()), ("", "linear_nexus"));
    assert_eq!(run.evidence, "structure.json beside model.npz");
    assert_eq!(run.checkpoints[0].path, "step_200");
    assert_eq!(run.checkpoints[0].metrics, [("loss".to_owned(), 0.5)]);
    assert_eq!(run.checkpoints[0].metrics_from.as_deref(), Some("step_200/metrics.json"));
    assert_eq!(run.checkpoints[0].resume.missing, ["optimizer", "rng"]);
    assert_eq!(
        roles(&run.checkpoints[0].files),
        "config.json=config metrics.json=metrics model.npz=model structure.json=structure"
    );
    assert_eq!(run.findings, []);
}

#[test]
fn loose_files_are_a_checkpoint_named_by_the_model() {
    let mut pick =
        Pick::default().npz("model.npz", &["a"]).json("structure.json", "{\"a\": [2, 3]}").other("notes.txt");
    let run = pick.run();
    assert_eq!((run.path.as_str(), run.checkpoints[0].path.as_str()), ("", "model.npz"));
    assert_eq!(roles(&run.checkpoints[0].files), "model.npz=model structure.json=structure");
    assert_eq!(roles(&run.files), "notes.txt=other");
}

#[test]
fn steps_are_in_order_and_best_and_last_follow_the_writers_rules() {
    let mut pick = Pick::default();
    for (number, loss) in [(1000, 0.5), (9, 0.5), (200, 0.25), (300, 0.25)] {
        pick = step(pick, &format!("x/checkpoints/step_{number}"), number, &format!("{{\"loss\": {loss}}}"));
    }
    let run = pick.other("x/config.yaml").other("x/checkpoints/notes.txt").run();
    assert_eq!(run.path, "x/checkpoints");
    assert_eq!(steps(&run).iter().map(|(_, step)| step.unwrap()).collect::<Vec<_>>(), [9, 200, 300, 1000]);
    assert_eq!(marker(&run, MarkerKind::Best), Some(("step_200", Some(true))), "a tie goes to the lower step");
    assert_eq!(marker(&run, MarkerKind::Last), Some(("step_1000", Some(true))));
    assert_eq!(run.best_metric.as_deref(), Some("loss"));
    assert_eq!(run.rule.as_deref(), Some("keeps the best K and the N newest of the others"));
    assert_eq!(roles(&run.files), "notes.txt=other config.yaml=config");
}

#[test]
fn a_higher_accuracy_is_better_and_eval_loss_beats_all() {
    let mut pick = step(Pick::default(), "r/step_1", 1, "{\"acc\": 0.9}");
    pick = step(pick, "r/step_2", 2, "{\"acc\": 0.1}");
    assert_eq!(marker(&pick.run(), MarkerKind::Best), Some(("step_1", Some(true))));
    let mut pick = step(Pick::default(), "r/step_1", 1, "{\"loss\": 1, \"eval_loss\": 2}");
    pick = step(pick, "r/step_2", 2, "{\"loss\": 2, \"eval_loss\": 1}");
    assert_eq!(marker(&pick.run(), MarkerKind::Best), Some(("step_2", Some(true))));
}

#[test]
fn a_nan_is_never_best_and_spoils_the_writers_choice() {
    let mut pick = step(Pick::default(), "r/step_1", 1, "{\"loss\": \"NaN\"}");
    pick = step(pick, "r/step_2", 2, "{\"loss\": 0.5}");
    let run = pick.run();
    assert_eq!(marker(&run, MarkerKind::Best), Some(("step_2", None)));
    assert_eq!(
        told(&run.findings),
        ["metric-not-finite r/step_1/metrics.json", "best-unreliable r/step_1/metrics.json"]
    );
}

#[test]
fn a_killed_save_is_listed_and_says_its_step() {
    let mut pick = step(Pick::default(), "r/step_100", 100, "{}");
    pick = step(pick, "r/tmppqnpgkps", 300, "{}");
    pick = step(pick, "r/tmpabcdefgh", 100, "{}").npz("r/tmp_1234567/model.npz", &["a"]);
    let run = pick.run();
    let expected =
        [("step_100", Some(100)), ("tmpabcdefgh", Some(100)), ("tmppqnpgkps", Some(300)), ("tmp_1234567", None)];
    assert_eq!(steps(&run), expected);
    let messages: Vec<_> = run.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "a save of step 100 that was stopped before its folder was renamed; that step is there as well",
            "a save of step 300 that was stopped before its folder was renamed; no other checkpoint holds that step",
            "a save that was stopped before it was complete; it does not say of which step",
        ]
    );
    assert_eq!(marker(&run, MarkerKind::Last), Some(("step_100", Some(true))), "the writer does not see the others");
}

#[test]
fn numbers_inside_win_over_names() {
    let pick = step(Pick::default(), "r/step_7", 7, "{}");
    let run = step(step(pick, "r/step_7_backup", 7, "{}"), "r/step_9", 8, "{}").run();
    assert_eq!(steps(&run), [("step_7", Some(7)), ("step_7_backup", Some(7)), ("step_9", Some(8))]);
    let expected = ["step-disagrees r/step_9/config.json", "ambiguous-step r/step_7_backup"];
    assert_eq!(told(&run.findings), expected);
    assert_eq!(run.findings[0].message, "config.json says step 8, the folder is called step_9 (step 9)");
}

#[test]
fn the_step_of_meta_json_wins() {
    let mut pick = step(Pick::default(), "mine", 5, "{}");
    pick = pick.json("mine/meta.json", "{\"step\": 500, \"metrics\": {\"loss\": 1}}");
    let run = pick.run();
    assert_eq!(steps(&run), [("mine", Some(500))]);
    assert_eq!(told(&run.findings), ["step-disagrees mine/meta.json"]);
}

#[test]
fn structure_is_held_against_the_arrays() {
    let run = Pick::default()
        .tensors("s/model.npz", "npz", &[("a", &[2, 3]), ("b", &[]), ("extra", &[1])])
        .json("s/structure.json", "{\"a\": [3, 2], \"b\": [], \"c\": [1], \"d\": \"int\"}")
        .run();
    let messages: Vec<_> = run.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "structure.json gives a the shape [3, 2], model.npz [2, 3]",
            "structure.json lists c, model.npz does not hold it",
            "structure.json lists d, model.npz does not hold it",
            "extra is in model.npz, structure.json does not list it",
        ]
    );
}

#[test]
fn a_step_without_its_model_is_still_listed() {
    let pick = step(Pick::default(), "r/step_1", 1, "{}").json("r/step_2/config.json", "{\"step\": 2}");
    let run = { pick }.run();
    assert_eq!(steps(&run), [("step_1", Some(1)), ("step_2", Some(2))]);
    assert_eq!(told(&run.findings), ["model-missing r/step_2"]);
    assert_eq!(run.checkpoints[1].resume.missing, ["model", "optimizer", "rng"]);
}

#[test]
fn what_cannot_be_read_is_missing_too() {
    let damaged = |format: &str| Contents {
        findings: vec![Finding::error("malformed", "the end record is missing")],
        ..Contents::new(format, "")
    };
    let run = Pick::default()
        .file("r/step_1/model.npz", damaged("npz"))
        .file("r/step_1/optimizer.npz", damaged("npz"))
        .other("r/step_1/optimizer_meta.pkl")
        .file("r/step_1/config.json", damaged("json"))
        .json("r/step_1/structure.json", "{\"a\": [2, 3]}")
        .run();
    assert_eq!(run.checkpoints[0].resume.missing, ["model", "optimizer", "rng", "config"]);
    assert_eq!(run.checkpoints[0].step, Some(1));
}

#[test]
fn the_prefix_of_the_folders_is_the_callers_choice() {
    let pick = step(step(Pick::default(), "r/my_run_100", 100, "{}"), "r/my_run_20", 20, "{}");
    let run = step(pick, "r/my_run_20_old", 20, "{}").run();
    assert_eq!(steps(&run), [("my_run_20", Some(20)), ("my_run_20_old", Some(20)), ("my_run_100", Some(100))]);
    assert_eq!(told(&run.findings), ["ambiguous-step r/my_run_20_old"]);
}

#[test]
fn an_empty_optimizer_is_healthy_and_a_lone_one_is_not() {
    let pick = step(Pick::default(), "r/step_1", 1, "{}").npz("r/step_1/optimizer.npz", &[]);
    let run = { pick }.other("r/step_1/optimizer_meta.pkl").run();
    assert_eq!(told(&run.findings), ["optimizer-empty r/step_1/optimizer.npz"]);
    assert_eq!(run.checkpoints[0].resume.missing, ["rng"]);
    let run = step(Pick::default(), "r/step_1", 1, "{}").npz("r/step_1/optimizer.npz", &["opt_0"]).run();
    assert_eq!(told(&run.findings), ["optimizer-incomplete r/step_1/optimizer.npz"]);
    assert_eq!(run.checkpoints[0].resume.missing, ["optimizer", "rng"]);
}

#[test]
fn arrays_that_are_no_weights_have_their_own_roles() {
    let names = ["blocks.0.attn.rope.cos_cached", "blocks.0.attn.rngs.default.count", "blocks.0.attn.q_proj.kernel"];
    let mut pick =
        Pick::default().npz("s/model.npz", &names).other("s/optimizer_meta.pkl").npz("s/optimizer.npz", &["opt_0"]);
    assert_eq!(pick.run().evidence, "optimizer_meta.pkl beside model.npz");
    let roles = |at: usize| pick.contents[at].as_ref().unwrap().tensors.iter().map(|t| t.role).collect::<Vec<_>>();
    assert_eq!(roles(0), [TensorRole::Other, TensorRole::Rng, TensorRole::Model]);
    assert_eq!(roles(2), [TensorRole::Optimizer]);
}

#[test]
fn folders_with_names_of_their_own_are_runs_of_their_own() {
    let pick = step(step(Pick::default(), "v/quick", 1, "{}"), "v/slow", 2, "{}");
    let runs = { pick }.other("v/README").runs();
    assert_eq!(runs.iter().map(|run| run.path.as_str()).collect::<Vec<_>>(), ["v", "v"]);
    assert_eq!(roles(&runs[0].files), "README=other");
}
