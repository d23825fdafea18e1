mod files;

use crate::layout::testing::{Pick, roles, steps, told, torch};
use crate::model::{Contents, Manifest, Marker, Run};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

/// `Best ckpt Some(true)`, in order.
fn pointers(run: &Run) -> Vec<String> {
    let told = |marker: &Marker| {
        format!("{:?} {} {:?}", marker.kind, marker.checkpoint.as_deref().unwrap_or("nowhere"), marker.agrees)
    };
    run.markers.iter().map(told).collect()
}

/// Claims of the file at `path`: path, first digit, and whether it can be checked.
fn claims(pick: &Pick, path: &str) -> Vec<(String, char, bool)> {
    let index = pick.at(path);
    let manifest = pick.contents[index].as_ref().unwrap().manifest.as_ref();
    let lines = manifest.map(|manifest| manifest.lines.as_slice()).unwrap_or_default();
    let claim = |line: &crate::model::ManifestLine| {
        (line.path.clone(), line.digest.chars().next().unwrap(), line.objection.is_none())
    };
    lines.iter().map(claim).collect()
}

/// What goes in before each file of a digest over several.
fn pieces(pick: &Pick, path: &str) -> Vec<String> {
    let manifest = pick.contents[pick.at(path)].as_ref().unwrap().manifest.as_ref().unwrap();
    manifest.lines[0].pieces.iter().map(|piece| piece.before.clone()).collect()
}

fn sidecar(pick: Pick, path: &str, digest: &str) -> Pick {
    let file = path.rsplit('/').next().unwrap().strip_suffix(".sha256").unwrap();
    let lines = vec![super::parts::line(file, digest.to_owned(), None)];
    let manifest = Some(Manifest { kind: "sidecar".to_owned(), lines, envelope: None });
    pick.file(path, Contents { manifest, text: Some(digest.to_owned()), ..Contents::new("text", "") })
}

fn managed(pick: Pick, folder: &str, epoch: u64, metrics: &str) -> Pick {
    let meta = format!(r#"{{"epoch": {epoch}, "metrics": {metrics}, "schema_version": "1.0"}}"#);
    pick.file(
        &format!("{folder}/state.pt"),
        torch(r#"{"model": {"a": "tensor"}, "optimizer": null, "scheduler": {"a": 1}}"#),
    )
    .json(&format!("{folder}/meta.json"), &meta)
    .json(&format!("{folder}/checksums.json"), &format!(r#"{{"file": "state.pt", "sha256": "{A}"}}"#))
    .json(&format!("{folder}/rng.json"), r#"{"python": [3, [1, 2], null], "torch": {"cpu": [1]}}"#)
}

#[test]
fn a_managed_run_ranks_by_loss_then_score_then_epoch() {
    let mut pick = managed(Pick::default(), "r/epoch-3", 3, r#"{"val_loss": 0.5}"#);
    pick = managed(pick, "r/epoch-5", 5, r#"{"val_loss": 0.5}"#);
    pick = managed(pick, "r/epoch-7", 7, r#"{"accuracy": 0.9}"#).text("r/last", "outputs/run/epoch-7");
    let items = r#"{"items": [{"epoch": 3, "path": "o/epoch-3"}, {"path": "o/epoch-1"}, {"path": "o/epoch-3"}]}"#;
    let run = pick.json("r/best.json", items).run();
    assert_eq!((run.layout.as_str(), run.path.as_str()), ("codex_manager", "r"));
    assert_eq!(pointers(&run), ["Best epoch-3 Some(true)", "Last epoch-7 Some(true)"]);
    assert_eq!(told(&run.findings), ["index-dangles r/best.json", "best-duplicate r/best.json"]);
    assert_eq!(run.best_metric.as_deref(), Some("val_loss"));
    let checkpoint = &run.checkpoints[0];
    assert_eq!(checkpoint.resume.missing, ["optimizer"]);
    let rng = checkpoint.resume.details.iter().find(|part| part.what == "rng").unwrap();
    assert_eq!(rng.reason, "rng.json: python, torch (1 byte)");
    assert_eq!(roles(&checkpoint.files), "checksums.json=manifest meta.json=metrics rng.json=rng state.pt=model");
    let score = r#"{"score": 0.8}"#;
    let pick = managed(managed(Pick::default(), "r/epoch-1", 1, score), "r/epoch-2", 2, score);
    let run = { pick }.json("r/best.json", r#"{"items": [{"path": "r/epoch-2"}]}"#).run();
    assert_eq!(pointers(&run), ["Best epoch-2 Some(false)"]);
    assert_eq!(told(&run.findings), ["marker-disagrees r/best.json"]);
}

#[test]
fn a_number_inside_wins_and_the_name_is_told() {
    let run = managed(Pick::default(), "r/epoch-3", 4, "{}").run();
    assert_eq!(run.checkpoints[0].epoch, Some(4.0));
    assert_eq!(told(&run.findings), ["epoch-disagrees r/epoch-3/meta.json"]);
    let run = managed(Pick::default(), "r/epoch-3", 3, "{}").other("r/epoch-final/a.txt").run();
    assert_eq!(told(&run.findings), ["retention-stops r/epoch-final"]);
}

#[test]
fn the_oldest_digest_is_of_the_whole_folder() {
    let mut pick = managed(Pick::default(), "r/epoch-3", 3, "{}").text("r/epoch-3/checksum.sha256", B);
    pick.run();
    assert_eq!(claims(&pick, "r/epoch-3/checksum.sha256"), [(".".to_owned(), 'b', true)]);
    assert_eq!(pieces(&pick, "r/epoch-3/checksum.sha256"), ["checksums.json", "meta.json", "rng.json", "state.pt"]);
}

const ONE: &str = "ckpt-20261121-030109-000001-0000.pt";
const TWO: &str = "ckpt-20261121-030109-000002-0001.pt";

fn core(epoch: u64, loss: f64) -> Contents {
    torch(&format!(
        r#"{{"state": {{"model": {{"a": "tensor"}}, "epoch": {epoch}, "rng": {{"python": 1}}}},
             "meta": {{"metric_key": "val_loss", "metric_value": {loss}, "config_snapshot": {{"lr": 1}}}}}}"#
    ))
}

fn index(entries: &[(&str, &str)]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|(path, digest)| format!(r#"{{"path": "{path}", "metric": 0.5, "sha256": "{digest}"}}"#))
        .collect();
    let entries = entries.join(", ");
    format!(r#"{{"entries": [{entries}], "metric_key": "val_loss", "mode": "min", "top_k": 2}}"#)
}

#[test]
fn a_flat_core_explains_its_digests() {
    let mut pick = Pick::default()
        .file(&format!("r/c/{ONE}"), core(2, 0.5))
        .file(&format!("r/c/{TWO}"), core(3, 0.5))
        .file("r/c/state.pt", core(1, 0.9))
        .json("r/c/index.json", &index(&[(ONE, A), (TWO, C)]))
        .json("r/c/metadata.json", &format!(r#"{{"epoch": 3, "digest_sha256": "{B}"}}"#))
        .text("r/c/state.sha256", B)
        .json("r/index.json", &index(&[("c", A)]));
    pick = sidecar(pick, &format!("r/c/{ONE}.sha256"), A);
    pick = sidecar(pick, &format!("r/c/{TWO}.sha256"), B);
    pick = sidecar(pick, "r/c/ckpt-20261121-030109-000003-0002.pt.sha256", C);
    let run = pick.run();
    assert_eq!((run.layout.as_str(), run.path.as_str()), ("codex_core", "r/c"));
    let epochs: Vec<_> = run.checkpoints.iter().map(|c| (c.name.as_str(), c.epoch.unwrap())).collect();
    assert_eq!(epochs, [("state.pt", 1.0), (ONE, 2.0), (TWO, 3.0)]);
    assert_eq!(run.checkpoints[0].metrics, [("val_loss".to_owned(), 0.9)]);
    assert_eq!(pointers(&run), [format!("Best {ONE} Some(true)"), format!("Last {TWO} Some(true)")]);
    assert_eq!(told(&run.findings), ["state-is-first r/c/state.pt", "index-prunes-siblings r/index.json"]);
    let expected = [(ONE.to_owned(), 'a', true), (TWO.to_owned(), 'c', false)];
    assert_eq!(claims(&pick, "r/c/index.json"), expected);
    assert_eq!(claims(&pick, "r/c/state.sha256"), [(TWO.to_owned(), 'b', true)]);
    assert_eq!(run.checkpoints[1].resume.missing, ["optimizer"]);
}

#[test]
fn a_pruned_newest_save_leaves_its_words_behind() {
    let mut pick = Pick::default()
        .file(&format!("c/{ONE}"), core(2, 0.5))
        .json("c/index.json", &index(&[(ONE, C)]))
        .json("c/metadata.json", &format!(r#"{{"epoch": 9, "digest_sha256": "{B}"}}"#));
    let run = pick.run();
    assert_eq!(told(&run.findings), ["metadata-of-pruned c/metadata.json"]);
    assert_eq!(claims(&pick, "c/index.json"), [(ONE.to_owned(), 'c', false)]);
}

#[test]
fn saves_in_folders_of_their_own_are_one_run() {
    let mut pick = Pick::default().json("r/index.json", &index(&[("epoch-0030", A), ("epoch-0050", A)]));
    for (folder, step, file) in [("epoch-0050", 50, ONE), ("epoch-0060", 60, TWO)] {
        pick = pick
            .file(&format!("r/{folder}/{file}"), core(step, 0.5))
            .file(&format!("r/{folder}/state.pt"), core(step, 0.5))
            .json(&format!("r/{folder}/index.json"), &index(&[(file, A)]))
            .json(
                &format!("r/{folder}/metadata.json"),
                &format!(r#"{{"epoch": {step}, "metrics": {{"val_loss": 0.5}}}}"#),
            )
            .json(&format!("r/{folder}/{}.meta.json", file.trim_end_matches(".pt")), &format!(r#"{{"step": {step}}}"#));
    }
    let run = pick.run();
    assert_eq!(steps(&run), [("epoch-0050", Some(50)), ("epoch-0060", Some(60))]);
    assert_eq!(pointers(&run), ["Best nowhere None", "Last epoch-0060 Some(true)"]);
    assert_eq!(told(&run.findings), ["marker-dangles r/index.json"]);
    assert!(roles(&run.checkpoints[0].files).contains("state.pt=extra"));
    assert_eq!(run.checkpoints[0].metrics_from.as_deref(), Some("r/epoch-0050/metadata.json"));
}

#[test]
fn unified_training_repeats_the_digest_of_the_index() {
    let dict = torch(r#"{"state": {"model": {"a": "tensor"}}, "meta": {}}"#);
    let told = format!(
        r#"{{"epoch": 2, "checkpoint": {{"file": "{ONE}", "metric_key": "f1", "metric_value": 0.5, "sha256": "{C}"}}}}"#
    );
    let mut pick = Pick::default()
        .file(&format!("r/epoch-2/{ONE}"), dict)
        .json("r/epoch-2/index.json", r#"{"entries": [], "metric_key": "f1"}"#)
        .json("r/epoch-2/metadata.json", &told);
    let run = pick.run();
    assert_eq!((run.layout.as_str(), run.checkpoints[0].epoch), ("codex_core", Some(2.0)));
    assert_eq!(run.checkpoints[0].metrics, [("f1".to_owned(), 0.5)]);
    assert_eq!(claims(&pick, "r/epoch-2/metadata.json"), [(ONE.to_owned(), 'c', false)]);
}

#[test]
fn schema_2_takes_any_of_equal_ones() {
    let mut pick = Pick::default().json(
        "r/best_index.json",
        r#"[{"path": "epoch-4", "metric": 0.5, "metric_name": "val_loss"}, {"path": "epoch-2", "metric": 0.5}]"#,
    );
    for epoch in [2, 4] {
        let metadata = format!(
            r#"{{"schema_version": 2, "epoch": {epoch}, "metrics": {{"val_loss": 0.5}}, "digest_sha256": "{B}"}}"#
        );
        pick = pick
            .file(
                &format!("r/epoch-{epoch}/state.pt"),
                torch(r#"{"model_state": {"a": "tensor"}, "_rng": {"torch": 1}, "_schema_version": 2}"#),
            )
            .json(&format!("r/epoch-{epoch}/metadata.json"), &metadata)
            .text(&format!("r/epoch-{epoch}/state.sha256"), A);
    }
    let run = pick.run();
    assert_eq!(run.layout, "codex_schema2");
    assert_eq!(pointers(&run), ["Best epoch-4 Some(true)", "Last epoch-4 Some(true)"]);
    assert_eq!(
        told(&run.findings),
        ["digest-disagrees r/epoch-2/state.sha256", "digest-disagrees r/epoch-4/state.sha256"]
    );
    assert_eq!(claims(&pick, "r/epoch-2/state.sha256"), [("state.pt".to_owned(), 'a', true)]);
    assert_eq!(run.checkpoints[0].resume.missing, ["optimizer"]);
}

#[test]
fn the_training_loop_can_point_at_what_it_deleted() {
    let metadata = r#"{"epoch": 2, "optimizer_steps_total": 10, "metrics": {"avg_loss": 0.5}, "version": 3}"#;
    let mut pick = Pick::default()
        .file("r/epoch-0002/model.pt", torch(r#"{"a": "tensor"}"#))
        .file("r/epoch-0002/optimizer.pt", torch(r#"{"optim": "tensor"}"#))
        .file("r/epoch-0002/scheduler.pt", torch(r#"{"last_epoch": 1}"#))
        .json("r/epoch-0002/rng.json", "{}")
        .json("r/epoch-0002/metadata.json", metadata)
        .text("r/epoch-0002/checkpoint.sha256", A)
        .json(
            "r/index.json",
            &format!(r#"[{{"path": "epoch-0002", "metric": 0.5, "metric_name": "avg_loss", "checksum": "{B}"}}]"#),
        )
        .json("r/latest.json", r#"{"path": "epoch-0007"}"#)
        .json("r/config.snapshot.json", r#"{"lr": 1}"#);
    let run = pick.run();
    assert_eq!((run.layout.as_str(), steps(&run)), ("codex_dir_digest", vec![("epoch-0002", Some(10))]));
    assert_eq!(pointers(&run), ["Best epoch-0002 Some(true)", "Last nowhere None"]);
    assert_eq!(told(&run.findings), ["digest-disagrees r/index.json", "marker-dangles r/latest.json"]);
    assert_eq!((run.checkpoints[0].resume.ready, run.checkpoints[0].resume.missing.clone()), (true, vec![]));
    assert_eq!(run.checkpoints[0].config, ["r/config.snapshot.json"]);
    let expected = ["model.pt\0", "optimizer.pt\0", "rng.json\0", "scheduler.pt\0"];
    assert_eq!(pieces(&pick, "r/epoch-0002/checkpoint.sha256"), expected);
}
