//! What is made of pickles: the verdicts on a table of attacks, and what torch 2.15 and 2.6 themselves say to files
//! and pickles (`expected/verdicts.py`).

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value as Json;
use weighbridge::model::{Contents, Pickle, PickleVerdict, Severity};
use weighbridge::pickle::Machine;
use weighbridge::safety::{Torch, judge, judgement, loads};
use weighbridge::source::Source;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::{Found, fixtures, look, walk};

pub(crate) fn expected() -> Json {
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
        for (key, refused) in [("loads", &pickle.refused), ("loads_2_6", &pickle.refused_2_6)] {
            if refused.is_none() != row[key].as_bool().unwrap() {
                wrong.push(format!("{} {key}: torch {}, we {refused:?} {:?}", row["name"], row[key], row["pickle"]));
            }
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
        if path.starts_with("registry/") || !path.contains('/') {
            continue;
        }
        let contents = contents(&path, bytes);
        for (at, torch) in [Torch::Newest, Torch::V2_6].into_iter().enumerate() {
            let said = contents.as_ref().map(|contents| loads(contents, torch));
            let is_loaded = said.as_ref().is_some_and(weighbridge::safety::LoadsAs::is_loaded);
            taken += usize::from(is_loaded);
            let known = &expected["files"][&path][at];
            if Some(is_loaded) != known.as_bool() {
                wrong.push(format!("{path}: {torch:?} says {known}, we {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(taken > 200, "{taken}");
}

/// Everything that a file turns out to hold, archives in archives included, judged.
fn all_contents(path: &str, bytes: Vec<u8>) -> Vec<Contents> {
    let files = walk(path, Source::memory(path, bytes)).into_iter().filter_map(|(_, found)| match found.ok()? {
        Found::File(mut contents) => {
            judge(&mut contents);
            Some(contents)
        }
        Found::Archive(_) => None,
    });
    files.collect()
}

#[test]
fn no_fixture_is_called_dangerous() {
    let mut pickles = 0;
    for (path, bytes) in fixtures() {
        for contents in all_contents(&path, bytes) {
            for pickle in &contents.pickles {
                let judgement = pickle.judgement.as_ref().unwrap();
                assert_ne!(judgement.verdict, PickleVerdict::Dangerous, "{path}: {:?}", judgement.rules);
                pickles += 1;
            }
            let said = contents.findings.iter().filter(|finding| finding.code.starts_with("pickle-dangerous"));
            assert_eq!(said.filter(|finding| finding.severity == Severity::Error).count(), 0, "{path}");
        }
    }
    assert!(pickles > 250, "{pickles}");
}

pub(crate) fn zipped(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The pickle as it may come: alone, in files of PyTorch and NumPy, in archives, compressed, in another pickle.
fn disguises(pickle: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let plain: &[u8] = b"\x80\x02}.";
    let torch = |data: &[u8], more: &[u8]| {
        let parts = [("x/data.pkl", data), ("x/byteorder", b"little"), ("x/data/0", more), ("x/version", b"3\n")];
        zipped(&parts, CompressionMethod::Stored)
    };
    let mut array = b"\x93NUMPY\x01\x00\x36\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,)}  \n".to_vec();
    array.extend(pickle);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(pickle).unwrap();
    let length = u32::try_from(pickle.len()).unwrap().to_le_bytes();
    let nested = [b"\x80\x03B", length.as_slice(), pickle, b"."].concat();
    vec![
        ("x.pkl", pickle.to_vec()),
        ("x.bin", pickle.to_vec()),
        ("data.pkl of a .pt", torch(pickle, &[0; 16])),
        ("storage of a .pt", torch(plain, pickle)),
        ("x.npy", array.clone()),
        ("x.npz", zipped(&[("a.npy", &array)], CompressionMethod::Deflated)),
        ("x.zip", zipped(&[("read.me", b"x"), ("some.txt", pickle)], CompressionMethod::Deflated)),
        ("x.gz", gzip.finish().unwrap()),
        ("nested.pkl", nested),
    ]
}

/// The worst that is said of any pickle, and every import that is called plain or known.
fn told(name: &str, bytes: Vec<u8>) -> (PickleVerdict, Vec<String>) {
    let contents = all_contents(name, bytes);
    let pickles: Vec<_> = contents.iter().flat_map(|contents| &contents.pickles).collect();
    let worst = pickles.iter().filter_map(|pickle| Some(pickle.judgement.as_ref()?.verdict)).max();
    let judged =
        pickles.iter().flat_map(|pickle| pickle.imports.iter().zip(&pickle.judgement.as_ref().unwrap().imports));
    let harmless = judged.filter(|(_, (verdict, _))| *verdict < PickleVerdict::Unknown);
    (worst.unwrap_or_default(), harmless.map(|(import, _)| import.path()).collect())
}

/// 300 attacks put together at random, each in nine disguises: the name that it hides is never among the harmless ones.
#[test]
fn no_attack_is_shown_as_plain_wherever_it_stands() {
    let harmless = ["collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch.FloatStorage"];
    let expected = expected();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for row in expected["pickles"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        if !name.starts_with("hostile ") {
            continue;
        }
        seen += 1;
        let bytes = weighbridge::digest::from_hexadecimal(row["pickle"].as_str().unwrap()).unwrap();
        for (disguise, file) in disguises(&bytes) {
            let path = if disguise.ends_with("a .pt") { "x.pt" } else { disguise };
            let (worst, imports) = told(path, file);
            let hidden = imports.iter().any(|import| !harmless.contains(&import.as_str()));
            if worst < PickleVerdict::Unknown || hidden {
                wrong.push(format!("{name} as {disguise}: {worst:?} {imports:?} {}", row["pickle"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert_eq!(seen, 300);
}

/// An argument that is longer than what is looked at to tell formats apart does not hide what comes behind it.
#[test]
fn a_long_argument_hides_nothing() {
    let attack = b"0cos\nsystem\n)R.";
    let long = "x".repeat(300_000);
    let text = [&b"\x80\x02X"[..], &(long.len() as u32).to_le_bytes(), long.as_bytes(), attack].concat();
    let line = |head: &[u8]| [head, long.as_bytes(), b"'\n", attack].concat();
    for (name, bytes) in [
        ("text.pkl", text.clone()),
        ("text.bin", text.clone()),
        ("text", text),
        ("line.pkl", line(b"\x80\x02S'")),
        ("line.bin", line(b"\x80\x02S'")),
        ("old.pkl", line(b"S'")),
        ("mark.pkl", line(b"(S'")),
        ("mark.bin", line(b"(S'")),
    ] {
        assert_eq!(told(name, bytes).0, PickleVerdict::Dangerous, "{name}");
    }
}
