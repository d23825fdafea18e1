//! The sheet of a run: how far its weights moved, held against NumPy and PyTorch in float64 (`tests/expected/movement.py`), and
//! what changed between neighbours.

use serde_json::Value;
use weighbridge::session::{ActivityId, Session, WeighingState};

use crate::page::{Page, fixture, npy, safetensors};

fn expected() -> Value {
    serde_json::from_str(include_str!("../expected/movement.json")).unwrap()
}

fn name(row: &Value) -> &str {
    row["path"].as_str().unwrap().rsplit('/').next().unwrap()
}

#[test]
fn weights_move_as_far_as_numpy_and_pytorch_say() {
    for (run, told) in expected().as_object().unwrap() {
        let mut page = Page::new(2);
        page.open(&[fixture(run)]);
        assert_eq!(page.report()["run_sheet"]["rows"][1]["movement"], Value::Null, "nothing is read unasked: {run}");
        page.act(Session::measure_movement);
        page.work();
        let report = page.report();
        let rows = report["run_sheet"]["rows"].as_array().unwrap();
        assert_eq!(rows.len(), told.as_object().unwrap().len() + 1, "{run}");
        assert_eq!((&rows[0]["previous"], &rows[0]["movement"]), (&Value::Null, &Value::Null), "{run}");
        for row in &rows[1..] {
            let (ours, theirs) = (&row["movement"], &told[name(row)]);
            assert!(row["previous"].as_str().unwrap().ends_with(theirs["previous"].as_str().unwrap()), "{run}: {row}");
            for key in ["tensors", "changed"] {
                assert_eq!(ours[key], theirs[key], "{key} of {run}: {row}");
            }
            for key in ["l2", "previous_l2", "relative_l2", "max_abs"] {
                let (x, y) = (ours[key].as_f64().unwrap(), theirs[key].as_f64().unwrap());
                assert!((x - y).abs() <= 1e-6 * y.abs(), "{key} of {run}: {x} {y}");
            }
        }
        assert_eq!(page.session.finished, 2, "opened, and measured");
    }
}

#[test]
fn what_changed_between_neighbours_is_told_without_reading_values() {
    let mut page = Page::new(1);
    page.open(&[fixture("archives/linearnexus_run.zip")]);
    let sheet = page.report()["run_sheet"].clone();
    assert_eq!((&sheet["along"], &sheet["path"]), (&"step".into(), &"linearnexus_run.zip/checkpoints".into()));
    let steps: Vec<u64> = sheet["rows"].as_array().unwrap().iter().map(|row| row["step"].as_u64().unwrap()).collect();
    assert!(steps.is_sorted() && steps.len() > 2, "{steps:?}");
    for (at, row) in sheet["rows"].as_array().unwrap().iter().enumerate().skip(1) {
        let config = &row["config"];
        assert_eq!((&config["count"], &row["structure"]["count"]), (&1.into(), &0.into()), "{row}");
        let told = &config["rows"][0];
        assert_eq!((&told["path"], &told["a"], &told["b"]), (&"step".into(), &steps[at - 1].into(), &steps[at].into()));
    }
    let best = |name: &str| {
        let metrics = sheet["metrics"].as_array().unwrap();
        metrics.iter().find(|metric| metric["name"] == name).unwrap()["best"].clone()
    };
    // The values themselves are held against the files in `metrics.rs`.
    let of = |metric: &str, fold: fn(f64, f64) -> f64| {
        let at = sheet["metrics"].as_array().unwrap().iter().position(|own| own["name"] == metric).unwrap();
        let value = |row: &Value| row["metrics"][at].as_f64().unwrap();
        let rows = sheet["rows"].as_array().unwrap();
        let best = rows.iter().map(value).reduce(fold).unwrap();
        rows.iter().find(|row| value(row) == best).unwrap()["path"].clone()
    };
    assert_eq!((best("loss"), best("accuracy")), (of("loss", f64::min), of("accuracy", f64::max)));
    let csv = page.session.sheet_csv();
    assert_eq!(csv.lines().count(), steps.len() + 1);
    assert!(csv.lines().nth(1).unwrap().starts_with("linearnexus_run.zip/checkpoints/step_200,200,"), "{csv}");
}

#[test]
fn a_checkpoint_is_compared_with_the_one_before() {
    let mut page = Page::new(1);
    page.open(&[fixture("archives/linearnexus_run.zip")]);
    page.act(|session| session.compare_with_previous(0));
    assert!(page.report()["comparison"].is_null(), "there is none before the first");
    for _ in 0..2 {
        page.act(|session| session.compare_with_previous(1));
        page.work();
        let comparison = page.report()["comparison"].clone();
        assert!(comparison["a"].as_str().unwrap().ends_with("step_200") && comparison["weights"].is_array());
        assert!(comparison["b"].as_str().unwrap().ends_with("step_300"));
    }
}

/// A run of three checkpoints, whose weights take several slices to read.
fn run_of_three() -> (Page, std::path::PathBuf) {
    let folder = std::env::temp_dir().join(format!("weighbridge-moving-{}", std::process::id()));
    for (step, value) in [(1, 1.0), (2, 1.5), (3, 1.5)] {
        let inner = folder.join(format!("global_step_{step}"));
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(inner.join("model.safetensors"), safetensors(&vec![value; 3_000_000])).unwrap();
    }
    std::fs::write(folder.join("latest_checkpointed_iteration.txt"), "3").unwrap();
    let mut page = Page::new(1);
    page.open(std::slice::from_ref(&folder));
    (page, folder)
}

#[test]
fn a_stopped_measurement_keeps_what_is_known_and_goes_on() {
    let (mut page, folder) = run_of_three();
    assert_eq!(page.session.movement_bytes(), [0, 24_000_000, 24_000_000]);
    page.act(Session::measure_movement);
    let label = |page: &Page| page.session.activities().first().map(|activity| activity.label.clone());
    assert_eq!(label(&page).as_deref(), Some("movement of weights to global_step_2"));
    let mut before = 0;
    while page.session.movements()[1].is_none() {
        page.slice();
        let done = page.session.activities()[0].progress.done;
        assert!(done >= before, "the bar goes back: {before} {done}");
        before = done;
    }
    assert_eq!(page.session.activities()[0].progress.total, 48_000_000);
    assert_eq!(label(&page).as_deref(), Some("movement of weights to global_step_3"));
    page.act(|session| session.cancel(ActivityId::Move));
    assert!(page.session.is_idle());
    assert_eq!(page.session.movement_state(), Some(WeighingState::Stopped));
    let shares = |page: &Page| {
        let rows = page.report()["run_sheet"]["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["movement"]["relative_l2"].as_f64()).collect::<Vec<_>>()
    };
    assert_eq!(shares(&page), [None, Some(0.5), None]);
    page.act(Session::measure_movement);
    assert_eq!(page.session.activities()[0].progress.total, 24_000_000, "what is known is not read again");
    page.work();
    assert_eq!(shares(&page), [None, Some(0.5), Some(0.0)]);
    assert_eq!(page.session.movement_points(), [(2.0, 0.5), (3.0, 0.0)]);
    page.act(Session::measure_movement);
    let source = page.session.sources().last().unwrap().id;
    page.act(|session| session.close(source));
    assert!(page.session.is_idle() && page.session.movements().is_empty(), "what is closed is not read on");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn of_two_that_are_best_the_first_is_told() {
    let mut page = Page::new(1);
    page.open(&[fixture("slash-checkpoint/run-layout")]);
    let metrics = page.report()["run_sheet"]["metrics"].as_array().unwrap().clone();
    // last.pt says the same as epoch_100.pt.
    for name in ["train_loss", "validity"] {
        let best = metrics.iter().find(|metric| metric["name"] == name).unwrap()["best"].as_str().unwrap();
        assert!(best.ends_with("epoch_100.pt"), "{name}: {best}");
    }
}

#[test]
fn a_run_of_one_checkpoint_has_no_sheet() {
    let mut page = Page::new(1);
    page.open_bytes("a.npy", npy(&[1.0]));
    assert_eq!(page.report()["run_sheet"], Value::Null);
    page.act(Session::measure_movement);
    assert_eq!((page.session.movement_state(), page.session.sheet_csv()), (None, String::new()));
}
