//! Tricks that scanners are known to have missed, each as a file that does nothing (`expected/bypasses.py`): the verdict,
//! the opcode that decides, what the real loader would import, and what `torch.load(weights_only=True)` says.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use weighbridge::model::{Contents, Pickle, PickleVerdict};
use weighbridge::safety::{Torch, judge, loads};
use weighbridge::source::Source;

use crate::support::{Found, walk};

fn rows() -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/bypasses.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes(row: &Json) -> Vec<u8> {
    weighbridge::digest::from_hexadecimal(row["bytes"].as_str().unwrap()).unwrap()
}

/// Everything that the file turned out to hold, judged.
fn contents(name: &str, bytes: Vec<u8>) -> Vec<Contents> {
    let found = walk(name, Source::memory(name, bytes)).into_iter();
    let files = found.filter_map(|(_, found)| match found.ok()? {
        Found::File(mut contents) => {
            judge(&mut contents);
            Some(contents)
        }
        Found::Archive(_) => None,
    });
    files.collect()
}

/// The verdict on all pickles; without one, the code of the finding that speaks, or that nobody looked.
fn verdict(contents: &[Contents]) -> String {
    let pickles = contents.iter().flat_map(|contents| &contents.pickles);
    if let Some(worst) = pickles.filter_map(|pickle| Some(pickle.judgement.as_ref()?.verdict)).max() {
        return serde_json::to_value(worst).unwrap().as_str().unwrap().to_owned();
    }
    let mut codes = contents.iter().flat_map(|contents| &contents.findings).map(|finding| finding.code.as_str());
    if let Some(code) = codes.find(|code| matches!(*code, "keras-lambda" | "yaml-python")) {
        return code.to_owned();
    }
    let is_unread = contents.iter().any(|contents| contents.not_examined.is_some());
    if is_unread { "not_examined" } else { "nothing" }.to_owned()
}

#[test]
fn every_trick_has_its_verdict_at_its_opcode() {
    let mut wrong = Vec::new();
    for row in rows() {
        let name = row["name"].as_str().unwrap();
        let contents = contents(name, bytes(&row));
        let found = verdict(&contents);
        if found != row["verdict"] {
            let findings: Vec<_> = contents.iter().flat_map(|contents| &contents.findings).collect();
            wrong.push(format!("{name}: {found}, not {}: {findings:#?}", row["verdict"]));
            continue;
        }
        let (Some(offset), true) = (row["offset"].as_u64(), found == "dangerous") else { continue };
        let is_there = |pickle: &&Pickle| {
            let judgement = pickle.judgement.as_ref().unwrap();
            let same_entry = row["entry"].is_null() || pickle.entry.as_deref() == row["entry"].as_str();
            let at =
                |rule: &weighbridge::model::Rule| rule.verdict == PickleVerdict::Dangerous && rule.offset == offset;
            same_entry && judgement.rules.iter().any(at)
        };
        if !contents.iter().flat_map(|contents| &contents.pickles).any(|pickle| is_there(&pickle)) {
            let rules = contents.iter().flat_map(|contents| &contents.pickles);
            let rules: Vec<_> = rules.map(|p| (&p.entry, &p.hidden, &p.judgement.as_ref().unwrap().rules)).collect();
            wrong.push(format!("{name}: not at byte {offset} of {}: {rules:#?}", row["entry"]));
        }
    }
    assert!(wrong.is_empty(), "{} rows: {}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nothing_that_the_real_loader_would_import_is_missed() {
    let mut wrong = Vec::new();
    for row in rows() {
        let name = row["name"].as_str().unwrap();
        let contents = contents(name, bytes(&row));
        let pickles = || contents.iter().flat_map(|contents| &contents.pickles);
        for import in row["imports"].as_array().unwrap() {
            let is_seen = |pickle: &Pickle| pickle.imports.iter().any(|seen| seen.path() == *import);
            if !pickles().any(is_seen) {
                wrong.push(format!("{name}: {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn torch_takes_those_that_we_say_it_takes() {
    let mut wrong = Vec::new();
    let with_2_6 = &crate::verdicts::expected()["bypasses"];
    for row in rows() {
        let name = row["name"].as_str().unwrap();
        let contents = contents(name, bytes(&row));
        for (torch, known) in [(Torch::Newest, &row["loads"]), (Torch::V2_6, &with_2_6[name])] {
            let said = contents.first().map(|contents| loads(contents, torch));
            if said.as_ref().is_some_and(weighbridge::safety::LoadsAs::is_loaded) != known.as_bool().unwrap() {
                wrong.push(format!("{name}: {torch:?} says {known}, we {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
