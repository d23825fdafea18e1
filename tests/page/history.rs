//! The way to two checkpoints, aligned by step, against the logs themselves.

use std::collections::BTreeMap;

use serde_json::Value;
use weighbridge::session::Session;

use crate::page::{Page, fixture};

fn compared(folder: &str, a: &str, b: &str) -> Value {
    let mut page = Page::new(1);
    page.open(&[fixture(folder)]);
    let paths: Vec<String> = page.session.checkpoints().map(|found| found.checkpoint.path.clone()).collect();
    let find = |end: &str| paths.iter().find(|path| path.ends_with(end)).unwrap_or_else(|| panic!("{paths:?}")).clone();
    page.act(|session| session.choose_comparison(Some(find(a)), Some(find(b))));
    page.act(Session::compare);
    page.work();
    let markdown = page.session.report_markdown();
    assert!(markdown.contains("### History"), "{markdown}");
    page.report()["comparison"]["history"].clone()
}

#[test]
fn the_log_of_a_trainer_is_told_up_to_each_checkpoint() {
    let history = compared("frameworks/hf-trainer", "checkpoint-10", "checkpoint-60");
    let log = |step: u32| {
        let path = fixture(&format!("frameworks/hf-trainer/checkpoint-{step}/trainer_state.json"));
        let state: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let mut told: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        for row in state["log_history"].as_array().unwrap() {
            for (name, value) in row.as_object().unwrap() {
                if !matches!(name.as_str(), "step" | "epoch") {
                    let at = row["step"].as_f64().unwrap().to_string();
                    told.entry(name.clone()).or_default().insert(at, value.as_f64().unwrap());
                }
            }
        }
        told.retain(|_, points| points.len() > 1);
        told
    };
    let ours = |side: &str| {
        let mut told: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        for row in history.as_array().unwrap() {
            assert_eq!(row["along"], "step");
            let values = row["at"].as_array().unwrap().iter().zip(row[side].as_array().unwrap());
            for (at, value) in values.filter(|(_, value)| !value.is_null()) {
                let points = told.entry(row["name"].as_str().unwrap().to_owned()).or_default();
                points.insert(at.as_f64().unwrap().to_string(), value.as_f64().unwrap());
            }
        }
        told
    };
    assert!(ours("b")["loss"].len() > ours("a").get("loss").map_or(0, BTreeMap::len), "{history}");
    assert_eq!((ours("a"), ours("b")), (log(10), log(60)));
}
