//! The metrics of a run, held against what Python read from the same files (`tests/expected/runs.json`).

use serde_json::Value;
use weighbridge::session::RunMetrics;

use crate::page::{Page, fixture};

fn expected() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expected/runs.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn metrics_of(path: &str) -> RunMetrics {
    let mut page = Page::new(1);
    page.open(&[fixture(path)]);
    page.session.run_metrics()
}

#[test]
fn each_row_has_the_numbers_of_its_files() {
    let path = "codex/canonical-manager/outputs/run-123/checkpoints";
    let found = metrics_of(path);
    let told = expected()[path]["checkpoints"].clone();
    assert_eq!(found.rows.len(), told.as_object().unwrap().len());
    for row in &found.rows {
        let told = &told[&row.name];
        assert_eq!(row.epoch, told["epoch"].as_f64(), "{}", row.name);
        for (name, value) in found.names.iter().zip(&row.values) {
            assert_eq!(*value, told["metrics"][name].as_f64(), "{} {name}", row.name);
        }
        assert_eq!(row.named, None, "the names of these folders are true");
        assert!(row.size_bytes > 0);
    }
    let epochs: Vec<f64> = found.rows.iter().map(|row| row.at).collect();
    assert!(epochs.is_sorted(), "{epochs:?}");
    assert_eq!(found.along, "epoch");
}

#[test]
fn metrics_of_one_kind_share_a_chart_and_best_and_last_are_known() {
    let found = metrics_of("codex/canonical-manager/outputs/run-123/checkpoints");
    assert_eq!(found.family(), ["val_loss", "train_loss"]);
    let of = |name: &str| found.names.iter().position(|own| own == name).unwrap();
    let points = found.points(of("train_loss"));
    let least = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let best = found.best[of("train_loss")].unwrap();
    assert_eq!(found.rows[best].values[of("train_loss")], Some(least));
    assert_eq!(found.last_at(), Some(7.0));
}

#[test]
fn a_name_that_says_another_number_is_told_beside_the_number_inside() {
    let mut page = Page::new(1);
    let folder = std::env::temp_dir().join(format!("weighbridge-named-{}", std::process::id()));
    let file = "slash-checkpoint/run-layout/results/vae_latent64_20240115_101530/checkpoints/epoch_050.pt";
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(fixture(file), folder.join("epoch_051.pt")).unwrap();
    page.open(std::slice::from_ref(&folder));
    std::fs::remove_dir_all(&folder).unwrap();
    let found = page.session.run_metrics();
    assert_eq!((found.rows[0].epoch, found.rows[0].named.as_deref()), (Some(50.0), Some("epoch 51")));
}

#[test]
fn nothing_open_has_no_metrics() {
    assert_eq!(Page::new(1).session.run_metrics(), RunMetrics::default());
}
