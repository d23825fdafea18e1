//! Conventions that keep each checkpoint in a file of its own.

use super::pointers;
use crate::layout::testing::{Pick, roles, steps, told, torch};
use crate::model::Contents;

#[test]
fn a_metric_in_the_name_may_be_no_number() {
    let dict = r#"{"model_state": {"a": "tensor"}, "val_metric": 0.5, "epoch": 4}"#;
    let run = Pick::default()
        .file("r/epoch3-metric0.500000.pt", torch(dict))
        .file("r/epoch8-metricnan.pt", Contents::new("torch_zip", ""))
        .json("r/manifest.json", "{}")
        .run();
    assert_eq!(run.layout, "codex_trainer_utils");
    assert_eq!(
        told(&run.findings),
        ["epoch-disagrees r/epoch3-metric0.500000.pt", "metric-not-finite r/epoch8-metricnan.pt"]
    );
    assert_eq!(run.checkpoints[0].metrics, [("val_metric".to_owned(), 0.5)]);
    assert_eq!(roles(&run.files), "manifest.json=config");
}

fn recorded(pick: Pick, step: u64, loss: f64) -> Pick {
    let dict = format!(r#"{{"model": {{"a": "tensor"}}, "optimizer": {{"state": {step}}}, "scheduler": {{"b": 1}}}}"#);
    pick.file(&format!("r/ckpt-{step}.pt"), torch(&dict)).json(
        &format!("r/ckpt-{step}.meta.json"),
        &format!(r#"{{"step": {step}, "rng": null, "metrics": {{"epoch": 1, "eval_loss": {loss}}}}}"#),
    )
}

#[test]
fn a_link_a_text_or_a_copy_points_at_the_best() {
    let best = r#"{"items": [{"path": "ckpt-300.pt", "step": 300, "value": 0.5}], "path": "ckpt-300.pt", "step": 300, "value": 0.5}"#;
    let base = || {
        let pick = recorded(recorded(Pick::default(), 300, 0.5), 500, 0.5).json("r/best.json", best);
        pick.json("r/ckpt-100.meta.json", r#"{"step": 100}"#)
    };
    let twin = torch(r#"{"model": {"a": "tensor"}, "optimizer": {"state": 300}, "scheduler": {"b": 1}}"#);
    for mut pick in
        [base().text("r/best", "ckpt-300.pt"), base().link("r/best", "ckpt-300.pt"), base().file("r/best", twin)]
    {
        let run = pick.run();
        assert_eq!(run.layout, "codex_step_manager");
        let expected = ["Best ckpt-300.pt Some(true)", "Best ckpt-300.pt Some(true)", "Last ckpt-500.pt Some(true)"];
        assert_eq!(pointers(&run), expected);
        assert_eq!(told(&run.findings), ["record-orphan r/ckpt-100.meta.json"]);
        assert_eq!((run.best_metric.as_deref(), run.checkpoints[0].epoch), (Some("eval_loss"), Some(1.0)));
    }
    let run = base().link("r/best_candidates/best-2.pt", "../ckpt-200.pt").run();
    assert_eq!(
        told(&run.findings),
        ["record-orphan r/ckpt-100.meta.json", "marker-dangles r/best_candidates/best-2.pt"]
    );
}

#[test]
fn a_file_that_holds_its_model_twice_counts_it_once() {
    let dict = r#"{"model_state_dict": {"a": "tensor"}, "model": {"a": "tensor"}, "epoch": 5, "extra": {"metrics": {"val_loss": 0.5}}}"#;
    let meta = r#"{"epoch": 4, "system": {}}"#;
    let mut pick = Pick::default()
        .file("r/m.pt", torch(dict))
        .json("r/m.meta.json", meta)
        .json("r/checksums.json", r#"{"file": "other.pt"}"#);
    let run = pick.run();
    assert_eq!((run.layout.as_str(), run.checkpoints[0].epoch), ("codex_functional", Some(4.0)));
    assert_eq!(told(&run.findings), ["epoch-disagrees r/m.meta.json", "checksum-of-last r/checksums.json"]);
    let roles: Vec<_> = pick.contents[0].as_ref().unwrap().tensors.iter().map(|tensor| tensor.role).collect();
    assert_eq!(
        roles,
        [crate::model::TensorRole::Other, crate::model::TensorRole::Model],
        "model.a, model_state_dict.a"
    );
    assert_eq!(run.checkpoints[0].metrics, [("val_loss".to_owned(), 0.5)]);
}

#[test]
fn a_ranked_list_shows_its_direction() {
    let name = |step: u64, metric: &str| format!("r/checkpoint_step_{step}_metric_{metric}.pt");
    let dict = |step: u64| torch(&format!(r#"{{"model": {{"a": "tensor"}}, "step": {step}}}"#));
    let listed = r#"[{"path": "checkpoint_step_30_metric_0.4800.pt", "metric": 0.48, "step": 30},
        {"path": "checkpoint_step_50_metric_0.4800.pt", "metric": 0.48, "step": 50}, {"path": "checkpoint_step_9.pt", "metric": 0.5, "step": 9}]"#;
    let run = Pick::default()
        .file(&name(50, "0.4800"), dict(50))
        .file(&name(30, "0.4800"), dict(31))
        .json("r/index.json", listed)
        .run();
    assert_eq!((run.layout.as_str(), steps(&run)[0].1), ("codex_best_k", Some(31)));
    let best = "Best checkpoint_step_30_metric_0.4800.pt Some(true)";
    assert_eq!(pointers(&run), [best, "Last checkpoint_step_50_metric_0.4800.pt Some(true)"]);
    assert_eq!(
        told(&run.findings),
        ["step-disagrees r/checkpoint_step_30_metric_0.4800.pt", "index-dangles r/index.json"]
    );
}

#[test]
fn folders_and_files_of_other_surfaces() {
    let run = Pick::default()
        .file("r/epoch-1/weights.pt", torch(r#"{"_schema_version": "2.0", "state": {"model": {"a": "tensor"}}}"#))
        .json("r/epoch-1/metadata.json", r#"{"_schema_version": "2.0", "epoch": 1, "metrics": {"val_loss": 0.5}}"#)
        .run();
    assert_eq!((run.layout.as_str(), run.checkpoints[0].epoch), ("codex_schema2_string", Some(1.0)));
    assert_eq!(run.checkpoints[0].resume.missing, ["optimizer"]);
    let run =
        Pick::default().file("x/c.pt", torch(r#"{"model": {"a": "tensor"}, "epoch": 3, "_rng": {"torch": 1}}"#)).run();
    assert_eq!((run.layout.as_str(), run.checkpoints[0].epoch), ("codex_single", Some(3.0)));
    assert_eq!(run.checkpoints[0].resume.missing, ["optimizer"]);
}
