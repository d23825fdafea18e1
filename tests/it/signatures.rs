//! Signatures of `model-signing` (`expected/signatures.py`): what a browser is asked about each is what Python's cryptography
//! makes of the same bundle and key. Whether the answer is the tool's is a matter for a browser (`tests/browser.rs`).

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use weighbridge::digest::{from_hexadecimal, hexadecimal};
use weighbridge::manifest::parse;
use weighbridge::manifest::signature::{Key, Question, another_key};
use weighbridge::model::Envelope;

pub(crate) fn expected() -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/signatures.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn envelope(row: &Json) -> Envelope {
    *parse("model.sig", row["bundle"].as_str().unwrap().as_bytes()).unwrap().0.envelope.unwrap()
}

#[test]
fn the_browser_is_asked_what_python_asks() {
    let expected = expected();
    let rows = expected["cases"].as_array().unwrap();
    for row in rows {
        let (envelope, key) = (envelope(row), Key::read(row["key"].as_str().unwrap().as_bytes()).unwrap());
        let question = Question::new(&envelope, 0, &key).unwrap();
        assert_eq!(question.curve.name(), row["curve"], "{}", row["name"]);
        assert_eq!(hexadecimal(&question.spki), row["spki"], "{}", row["name"]);
        assert_eq!(hexadecimal(&question.signature), row["raw"], "{}", row["name"]);
        assert_eq!(key.hint(), row["hint"], "{}", row["name"]);
        let signed = row["signed"].as_str().unwrap();
        let digest = |message: &[u8]| hexadecimal(&Sha256::digest(message));
        let at = question.attempts.iter().position(|attempt| digest(&attempt.message) == signed);
        assert_eq!(at.map(|at| at > 0), row["is_old"].as_bool(), "{}", row["name"]);
        let is_named = another_key(&envelope, &key).is_some();
        let is_told = row["name"].as_str().unwrap().contains("another key") && row["is_old"] == false;
        assert_eq!(is_named, is_told, "{}", row["name"]);
    }
    assert_eq!(rows.len(), 17);
}

/// A certificate, a key, each as PEM and as DER, with words in front: the same key.
#[test]
fn a_key_is_read_in_every_form() {
    let expected = expected();
    for row in expected["cases"].as_array().unwrap() {
        let pem = row["key"].as_str().unwrap();
        let key = Key::read(pem.as_bytes()).unwrap();
        let windows = format!("subject=CN = x\r\n{}", pem.replace('\n', "\r\n"));
        assert_eq!(Key::read(windows.as_bytes()).unwrap(), key, "{}", row["name"]);
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = weighbridge::digest::from_base64(body.as_bytes());
        assert_eq!(Key::read(&der).unwrap(), key, "{}", row["name"]);
        // Cut anywhere, or with a byte more, it is no key and no panic.
        for len in 0..der.len() {
            assert!(Key::read(&der[..len]).is_err(), "{} cut to {len} bytes", row["name"]);
        }
    }
}

/// OpenSSL takes a signature in DER, and in no other bytes; so do we.
#[test]
fn a_signature_is_written_in_one_way() {
    let expected = expected();
    let row = &expected["cases"][0];
    let (mut envelope, key) = (envelope(row), Key::read(row["key"].as_str().unwrap().as_bytes()).unwrap());
    for way in expected["encodings"].as_array().unwrap() {
        envelope.signatures = vec![from_hexadecimal(way["signature"].as_str().unwrap()).unwrap()];
        let is_read = Question::new(&envelope, 0, &key).is_ok();
        assert_eq!(is_read, way["accepted"].as_bool().unwrap(), "{}", way["name"]);
    }
}
