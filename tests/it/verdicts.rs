//! What is made of pickles: the verdicts on a table of attacks, and what torch itself says to files and pickles
//! (`expected/verdicts.py`).

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use weighbridge::model::{Contents, Pickle, PickleVerdict, Severity};
use weighbridge::pickle::Machine;
use weighbridge::safety::{Torch, judge, judgement, loads};
use weighbridge::source::Source;

use crate::support::{Found, fixtures, look};

fn expected() -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/verdicts.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn pickle(row: &Json) -> Pickle {
    let bytes = weighbridge::digest::from_hexadecimal(row["pickle"].as_str().unwrap()).unwrap();
    Machine::run(Source::memory("pickle", bytes), 0).unwrap().pickle
}

#[test]
fn every_attack_is_called_by_its_name() {
    let expected = expected();
    let mut wrong = Vec::new();
    for row in expected["pickles"].as_array().unwrap().iter().filter(|row| !row["verdict"].is_null()) {
        let pickle = pickle(row);
        let judgement = judgement(&pickle);
        let verdict = serde_json::to_value(judgement.verdict).unwrap();
        if verdict != row["verdict"] {
            wrong.push(format!("{}: {verdict}, {:?}", row["name"], judgement.rules));
        }
        if judgement.verdict >= PickleVerdict::Unknown {
            assert!(judgement.rules.iter().any(|rule| rule.verdict == judgement.verdict), "{}: no rule", row["name"]);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn torch_takes_the_pickles_that_we_say_it_takes() {
    let expected = expected();
    let (mut wrong, mut taken) = (Vec::new(), 0);
    for row in expected["pickles"].as_array().unwrap() {
        let pickle = pickle(row);
        if pickle.refused.is_none() != row["loads"].as_bool().unwrap() {
            wrong.push(format!("{}: torch {}, we {:?} {:?}", row["name"], row["loads"], pickle.refused, row["pickle"]));
        }
        taken += usize::from(pickle.refused.is_none());
    }
    assert!(wrong.is_empty(), "{} of {taken}: {wrong:#?}", wrong.len());
    assert!(taken > 500, "{taken}");
}

fn contents(path: &str, bytes: Vec<u8>) -> Option<Contents> {
    match look(path, &Source::memory(path, bytes), 0) {
        Ok(Found::File(mut contents)) => {
            judge(&mut contents);
            Some(contents)
        }
        _ => None,
    }
}

#[test]
fn torch_takes_the_files_that_we_say_it_takes() {
    let expected = expected();
    let (mut wrong, mut taken) = (Vec::new(), 0);
    for (path, bytes) in fixtures() {
        let Some(known) = expected["files"].get(&path) else { continue };
        let said = contents(&path, bytes).map(|contents| loads(&contents, Torch::Newest));
        let is_loaded = said.as_ref().is_some_and(weighbridge::safety::LoadsAs::is_loaded);
        taken += usize::from(is_loaded);
        if Some(is_loaded) != known.as_bool() {
            wrong.push(format!("{path}: torch {known}, we {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(taken > 10, "{taken}");
}

#[test]
fn no_fixture_is_called_dangerous() {
    let mut pickles = 0;
    for (path, bytes) in fixtures() {
        let Some(contents) = contents(&path, bytes) else { continue };
        for pickle in &contents.pickles {
            let judgement = pickle.judgement.as_ref().unwrap();
            assert_ne!(judgement.verdict, PickleVerdict::Dangerous, "{path}: {:?}", judgement.rules);
            pickles += 1;
        }
        let said = contents.findings.iter().filter(|finding| finding.code.starts_with("pickle-dangerous"));
        assert_eq!(said.filter(|finding| finding.severity == Severity::Error).count(), 0, "{path}");
    }
    assert!(pickles > 50, "{pickles}");
}
