//! What optimizers remember, compared when asked; and how the elements of one tensor changed. What NumPy says of both is in
//! `e2e/expected.json`.

use serde_json::Value;
use weighbridge::session::{ActivityId, Answer, CsvTable, Session};

use crate::page::{Page, fixture, npy};

fn expected() -> Value {
    serde_json::from_str(include_str!("../../e2e/expected.json")).unwrap()
}

fn open(page: &mut Page, files: &[&str]) {
    page.open(&files.iter().map(|file| fixture(file)).collect::<Vec<_>>());
}

fn compare(page: &mut Page, a: &str, b: &str) -> Value {
    page.act(|session| session.choose_comparison(Some(a.to_owned()), Some(b.to_owned())));
    page.act(Session::compare);
    page.work();
    page.report()["comparison"].clone()
}

fn close(what: &str, ours: &Value, theirs: &Value) {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(x), Some(y)) => assert!((x - y).abs() <= 1e-6 * y.abs(), "{what}: {x} {y}"),
        _ => assert_eq!(ours, theirs, "{what}"),
    }
}

fn check(found: &Value, expected: &Value) {
    let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for theirs in expected {
        let what = theirs["name"].as_str().unwrap();
        let ours = found.iter().find(|row| row["name"] == theirs["name"]).unwrap_or_else(|| panic!("{what}"));
        theirs
            .as_object()
            .unwrap()
            .iter()
            .for_each(|(key, value)| close(&format!("{key} of {what}"), &ours[key], value));
    }
}

#[test]
fn systems_compare_as_numpy_says_with_their_optimizers() {
    let expected = expected();
    let systems = expected["systems"].as_object().unwrap();
    assert_eq!(systems.len(), 5);
    for (system, told) in systems {
        let mut page = Page::new(2);
        let files: Vec<&str> = told["open"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
        open(&mut page, &files);
        let path = |side: &str| told[side].as_str().unwrap().to_owned();
        let plain = compare(&mut page, &path("a"), &path("b"));
        assert_eq!(plain["optimizer"], Value::Null, "{system}: nobody asked");
        check(&plain["weights"], &told["weights"]);
        page.act(|session| session.set_with_optimizer(true));
        page.work();
        let both = page.report()["comparison"].clone();
        check(&both["weights"], &told["weights"]);
        check(&both["optimizer"], &told["optimizer"]);
        let csv = page.session.comparison_csv(CsvTable::Optimizer);
        assert_eq!(csv.lines().count(), 1 + told["optimizer"].as_array().unwrap().len(), "{system}");
        page.act(|session| session.set_with_optimizer(false));
        page.work();
        assert_eq!(page.report()["comparison"]["optimizer"], Value::Null, "{system}");
    }
}

#[test]
fn the_difference_of_a_tensor_is_binned_as_numpy_does() {
    let expected = expected();
    for (system, told) in expected["systems"].as_object().unwrap() {
        let told = &told["difference"];
        let mut page = Page::new(2);
        let system = &expected["systems"][system];
        let files: Vec<&str> = system["open"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
        open(&mut page, &files);
        compare(&mut page, system["a"].as_str().unwrap(), system["b"].as_str().unwrap());
        let name = told["name"].as_str().unwrap();
        page.act(|session| session.look_at_difference(name));
        page.work();
        let looked = page.session.comparing.looked.clone().unwrap();
        let Answer::Known(examined) = looked.answer else { panic!("{looked:?}") };
        let histogram = examined.histograms[0].as_ref().unwrap();
        let bins: Vec<u64> = told["bins"].as_array().unwrap().iter().map(|bin| bin.as_u64().unwrap()).collect();
        assert_eq!(histogram.linear, bins, "{name}");
        let finite = examined.statistics[0].finite.unwrap();
        let edges = [(histogram.low, "low"), (histogram.high, "high"), (finite.mean, "mean"), (finite.std, "std")];
        edges.into_iter().for_each(|(ours, key)| close(&format!("{key} of {name}"), &ours.into(), &told[key]));
        page.act(|session| session.look_at_difference(name));
        assert_eq!(page.session.comparing.looked, None, "closed again");
    }
}

#[test]
fn a_look_at_a_difference_can_be_stopped_and_another_comparison_ends_it() {
    let mut page = Page::new(1);
    page.open_bytes("a.npy", npy(&vec![1.0; 3_000_000]));
    page.open_bytes("b.npy", npy(&vec![1.5; 3_000_000]));
    // The same name on both sides comes with content only; a rule is needed here.
    page.open_bytes("other.npy", npy(&[1.0]));
    compare(&mut page, "a.npy", "a.npy");
    page.act(|session| session.look_at_difference("a"));
    page.slice();
    let activity = page.session.activities()[0].clone();
    assert_eq!((activity.label.as_str(), activity.target), ("difference of a", ActivityId::Deltas));
    page.act(|session| session.cancel(ActivityId::Deltas));
    let state = |page: &Page| page.session.comparing.looked.clone().unwrap().answer;
    assert!(matches!(state(&page), Answer::Stopped | Answer::Known(_)) && page.session.is_idle());
    page.act(|session| session.look_at_difference("a"));
    page.act(|session| session.look_at_difference("a"));
    page.slice();
    page.act(|session| session.choose_comparison(Some("a.npy".into()), Some("other.npy".into())));
    assert!(page.session.comparing.looked.is_none() && page.session.is_idle());
    page.act(|session| session.look_at_difference("a"));
    assert!(page.session.comparing.looked.is_none(), "nothing is compared");
}
