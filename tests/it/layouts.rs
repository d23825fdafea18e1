//! Layouts against folders that the frameworks themselves wrote: facts in plain assertions, the rest as snapshots.

use std::fmt::Write as _;

use proptest::prelude::*;
use weighbridge::layout::{Files, recognise};
use weighbridge::model::{
    Checkpoint, Contents, DType, Entry, EntryKind, Finding, Locator, Manifest, Member, Opened, Run, Severity, SourceId,
    Tensor, TensorRole, Value,
};

use crate::opening::{fixture, open};

/// A run as text: everything a layout decides, nothing that a reader does.
pub(crate) fn render(opened: &Opened) -> String {
    let mut text = String::new();
    for run in &opened.runs {
        render_run(&mut text, opened, run).unwrap();
    }
    text
}

fn render_run(out: &mut String, opened: &Opened, run: &Run) -> std::fmt::Result {
    writeln!(out, "{} at {:?}: {}", run.layout, run.path, run.evidence)?;
    if let Some(rule) = &run.rule {
        writeln!(out, "  rule: {rule}")?;
    }
    if let Some(metric) = &run.best_metric {
        writeln!(out, "  judged by: {metric}")?;
    }
    for marker in &run.markers {
        let (kind, file) = (marker.kind, marker.file.as_deref().unwrap_or("derived"));
        writeln!(out, "  {kind:?}: {:?} ({file}: {}), agrees {:?}", marker.checkpoint, marker.says, marker.agrees)?;
    }
    for checkpoint in &run.checkpoints {
        render_checkpoint(out, opened, checkpoint)?;
    }
    for member in &run.files {
        writeln!(out, "  {}", render_member(opened, member))?;
    }
    for finding in &run.findings {
        writeln!(out, "  {}", render_finding(finding))?;
    }
    writeln!(out)
}

fn render_checkpoint(out: &mut String, opened: &Opened, checkpoint: &Checkpoint) -> std::fmt::Result {
    let Checkpoint { name, path, step, epoch, .. } = checkpoint;
    writeln!(out, "  {name} at {path}: step {step:?}, epoch {epoch:?}, missing {:?}", checkpoint.resume.missing)?;
    for (name, value) in &checkpoint.metrics {
        writeln!(out, "    {name} = {value:?} from {}", checkpoint.metrics_from.as_deref().unwrap_or("nowhere"))?;
    }
    for part in &checkpoint.resume.details {
        writeln!(out, "    {}: {:?}, {}", part.what, part.state, part.reason)?;
    }
    writeln!(out, "    config: {}", checkpoint.config.join(", "))?;
    for member in &checkpoint.files {
        writeln!(out, "    {}", render_member(opened, member))?;
    }
    Ok(())
}

/// `model model.npz: 11 model, 1 rng`.
fn render_member(opened: &Opened, member: &Member) -> String {
    let contents = opened.find(&member.path).and_then(|index| opened.contents_at(index));
    let tensors = || contents.into_iter().flat_map(|contents| &contents.tensors);
    let count = |role: TensorRole, word: &str| match tensors().filter(|tensor| tensor.role == role).count() {
        0 => None,
        count => Some(format!("{count} {word}")),
    };
    let counts = [
        count(TensorRole::Model, "model"),
        count(TensorRole::Optimizer, "optimizer"),
        count(TensorRole::Rng, "rng"),
        count(TensorRole::Other, "other"),
    ];
    let counts = counts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    format!("{:?} {}{}{counts}", member.role, member.path, if counts.is_empty() { "" } else { ": " })
}

fn render_finding(finding: &Finding) -> String {
    let Finding { code, severity, file, message, .. } = finding;
    format!("{severity:?} {code} in {file}: {message}")
}

/// Opens a fixture and holds its runs against the snapshot called `name`.
pub(crate) fn check(name: &str, path: &str) -> Opened {
    let opened = open(&[&fixture(path)]);
    insta::assert_snapshot!(name, render(&opened));
    opened
}

/// All that is wrong beyond doubt.
pub(crate) fn errors(opened: &Opened) -> Vec<&Finding> {
    let inside = opened.contents.iter().flatten().flat_map(|contents| &contents.findings);
    let all = inside.chain(&opened.findings).chain(opened.runs.iter().flat_map(|run| &run.findings));
    all.filter(|finding| finding.severity == Severity::Error).collect()
}

/// Numbers from the fixture's own `metrics.json` files.
#[test]
fn a_linear_nexus_run_of_eight_saves_keeps_five() {
    for (name, path, at) in [
        ("linearnexus_run", "linearnexus/run", "run/checkpoints"),
        ("linearnexus_run_zip", "archives/linearnexus_run.zip", "linearnexus_run.zip/checkpoints"),
    ] {
        let opened = check(name, path);
        let [run] = opened.runs.as_slice() else { panic!("one run: {:?}", opened.runs) };
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("linear_nexus", at));
        assert_eq!(run.evidence, "structure.json beside model.npz");
        let found: Vec<_> = run.checkpoints.iter().map(|c| (c.step.unwrap(), c.metrics.as_slice())).collect();
        let metrics = |loss, accuracy| [("loss".to_owned(), loss), ("accuracy".to_owned(), accuracy)];
        let expected = [
            (200, metrics(0.051_324_605_941_772_46, 0.35)),
            (300, metrics(0.047_284_562_140_703_2, 0.4)),
            (600, metrics(0.144_573_068_618_774_42, 0.55)),
            (700, metrics(0.944_294_141_232_967_4, 0.6)),
            (800, metrics(1.244_118_426_740_169_5, 0.65)),
        ];
        assert_eq!(found, expected.each_ref().map(|(step, metrics)| (*step, metrics.as_slice())));
        let markers: Vec<_> = run.markers.iter().map(|marker| marker.checkpoint.as_deref().unwrap()).collect();
        assert_eq!(markers, ["step_300", "step_800"]);
        assert_eq!(errors(&opened), [] as [&Finding; 0]);
    }
}

/// Element counts from the shapes in the fixture's `structure.json`.
#[test]
fn caches_and_generator_counters_are_no_parameters() {
    let opened = open(&[&fixture("linearnexus/run/checkpoints/step_200")]);
    let index = opened.find("step_200/model.npz").unwrap();
    let model = opened.contents_at(index).unwrap().tensors.iter().filter(|tensor| tensor.role == TensorRole::Model);
    assert_eq!(model.map(Tensor::elements).sum::<u64>(), 4 * 64 + 3 * 256 + 3 * 8 + 24 * 8);
    assert_eq!(opened.runs[0].path, "");
    assert_eq!(opened.runs[0].checkpoints[0].path, "step_200");
}

#[test]
fn every_linear_nexus_variant() {
    let opened = check("linearnexus_variants", "linearnexus/variants");
    assert!(opened.runs.iter().all(|run| run.layout == "linear_nexus"));
    assert_eq!(errors(&opened), [] as [&Finding; 0]);
    let run = |path: &str| opened.runs.iter().find(|run| run.path == path).unwrap();
    assert_eq!(run("variants/ties").markers[0].checkpoint.as_deref(), Some("step_2"));
    assert_eq!(run("variants/nan_metrics").checkpoints[1].metrics, [("loss".to_owned(), f64::INFINITY)]);
    let bf16 = opened.runs.iter().find(|run| run.checkpoints[0].name == "bf16").unwrap();
    assert_eq!((bf16.findings[0].code.as_str(), bf16.findings.len()), ("bfloat16-unloadable", 1));
    let alone = opened.runs.iter().find(|run| run.checkpoints[0].name == "convenience").unwrap();
    assert_eq!(alone.checkpoints[0].step, Some(500));
    assert_eq!(alone.checkpoints[0].metrics, [("loss".to_owned(), 0.25)]);
}

#[test]
fn hugging_face_shards() {
    let opened = check("hf_sharded", "frameworks/hf-sharded");
    assert_eq!(opened.runs[0].layout, "hf_model");
    assert_eq!(opened.runs[0].findings, []);
}

#[test]
fn mlx() {
    let opened = check("mlx", "frameworks/mlx");
    assert_eq!(opened.runs[0].layout, "mlx");
}

#[test]
fn a_step_with_manifests() {
    let opened = check("manifests_step_800", "manifests");
    assert_eq!(opened.runs[0].checkpoints[0].step, Some(800));
}

/// Every shard in turn is left out, and the tensors it held are counted as lost.
#[test]
fn a_lost_shard_is_an_error() {
    let folder = fixture("frameworks/hf-sharded");
    for (lost, tensors) in [("00001", 12), ("00002", 12), ("00003", 12), ("00004", 4)] {
        let opened = crate::opening::open_but(&[&folder], |path| !path.contains(&format!("model-{lost}-")));
        let found = errors(&opened);
        let message =
            format!("model-{lost}-of-00004.safetensors is not there: {tensors} tensors are lost of 40 tensors");
        assert_eq!(found.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), [message]);
    }
}

#[test]
fn loose_files_picked_together_are_one_model() {
    let names = ["config.json", "generation_config.json", "model.safetensors.index.json"].map(str::to_owned);
    let shards = (1..=4).map(|number| format!("model-0000{number}-of-00004.safetensors"));
    let paths: Vec<_> =
        names.into_iter().chain(shards).map(|name| fixture(&format!("frameworks/hf-sharded/{name}"))).collect();
    let opened = open(&paths.iter().map(std::path::PathBuf::as_path).collect::<Vec<_>>());
    let [run] = opened.runs.as_slice() else { panic!("one run: {:?}", opened.runs) };
    assert_eq!((run.layout.as_str(), run.path.as_str()), ("hf_model", ""));
    assert_eq!(run.checkpoints[0].path, "model.safetensors.index.json");
    assert_eq!(run.checkpoints[0].files.len(), 7);
}

/// A pick of up to forty files with telling names in telling folders.
fn picks() -> impl Strategy<Value = Vec<(String, u8)>> {
    let folder = prop::sample::select(vec![
        "",
        "r/",
        "r/step_1/",
        "r/step_1_old/",
        "r/step_2/",
        "r/tmpabcdefgh/",
        "r/checkpoint-10/",
        "r/step_1/logs/",
        "s/",
    ]);
    let name = prop::sample::select(vec![
        "model.npz",
        "structure.json",
        "config.json",
        "meta.json",
        "metrics.json",
        "optimizer.npz",
        "optimizer_meta.pkl",
        "model.safetensors",
        "model.safetensors.index.json",
        "model-00001-of-00002.safetensors",
        "pytorch_model.bin",
        "model-00002-of-00002.safetensors",
        "weights.npz",
        "epoch_3.npy",
        "SHA256SUMS",
        "notes.txt",
        "rng_state.pth",
    ]);
    prop::collection::btree_map((folder, name), 0_u8..8, 0..40)
        .prop_map(|files| files.into_iter().map(|((folder, name), kind)| (format!("{folder}{name}"), kind)).collect())
}

/// Some contents, whether or not they fit the name.
fn contents(kind: u8) -> Option<Contents> {
    let tensor = |name: &str| Tensor {
        name: name.to_owned(),
        dtype: DType::F32,
        shape: vec![u64::MAX, 3],
        size_bytes: u64::MAX,
        role: TensorRole::Model,
        place: None,
    };
    let map = |key: &str, value: Value| Value::Map(vec![(key.to_owned(), value)]);
    let document = match kind {
        1 => map("step", Value::Int(-1)),
        2 => map("weight_map", map("a", Value::Text("model-00001-of-00002.safetensors".to_owned()))),
        3 => map("loss", Value::Float(f64::NAN)),
        4 => map("model_config", map("a", Value::List(vec![Value::Null]))),
        _ => Value::Null,
    };
    let tensors = if kind > 4 { vec![tensor("a"), tensor("b.rngs.c")] } else { Vec::new() };
    let metadata = if kind == 5 { vec![("format".to_owned(), "mlx".to_owned())] } else { Vec::new() };
    let manifest = (kind == 6).then(|| Manifest { kind: "checksums".to_owned(), lines: Vec::new(), envelope: None });
    let format = if kind > 4 { "npz" } else { "json" };
    let made = Contents { tensors, metadata, manifest, document: Some(document), ..Contents::new(format, "made up") };
    (kind != 7).then_some(made)
}

proptest! {
    /// Whatever lies where: a file belongs to one place at most, and everything told is there.
    #[test]
    fn every_file_is_in_one_place(files in picks()) {
        let mut tops: Vec<&str> = Vec::new();
        let mut entries = Vec::new();
        for (path, _) in &files {
            let top = path.split('/').next().unwrap();
            let number = tops.iter().position(|known| *known == top).unwrap_or_else(|| { tops.push(top); tops.len() - 1 });
            let source = SourceId(u32::try_from(number).unwrap());
            let (size, kind, locator) = (1, EntryKind::File, Locator::root(0));
            entries.push(Entry { source, path: path.clone(), size, kind, locator, crc32: None });
        }
        let mut contents: Vec<_> = files.iter().map(|(_, kind)| contents(*kind)).collect();
        let runs = recognise(&mut Files::new(&entries, &mut contents));
        let mut members = Vec::new();
        for run in &runs {
            members.extend(run.files.iter().chain(run.checkpoints.iter().flat_map(|c| &c.files)).map(|m| &m.path));
            for checkpoint in &run.checkpoints {
                prop_assert!(!checkpoint.path.is_empty() && !checkpoint.name.is_empty());
                prop_assert!(checkpoint.config.iter().all(|path| entries.iter().any(|entry| entry.path == *path)));
            }
            for marker in &run.markers {
                let is_there = |name: &String| run.checkpoints.iter().any(|c| c.name == *name);
                prop_assert!(marker.checkpoint.as_ref().is_none_or(is_there));
            }
            prop_assert!(run.findings.iter().all(|finding| !finding.file.is_empty() && !finding.message.is_empty()));
        }
        let told = members.len();
        members.sort_unstable();
        members.dedup();
        prop_assert_eq!(told, members.len());
        prop_assert!(members.iter().all(|path| entries.iter().any(|entry| entry.path == **path)));
        prop_assert_eq!(runs.is_empty(), entries.is_empty());
    }
}
