//! What only a browser can show, run in a dedicated worker.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking; clippy knows tests only by the attribute of cargo's own"
)]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn a_worker_reads_a_blob_without_waiting() {
    let parts = js_sys::Array::of1(&"weigh".into());
    let blob = web_sys::Blob::new_with_str_sequence(&parts).unwrap();
    let read = web_sys::FileReaderSync::new().unwrap().read_as_array_buffer(&blob).unwrap();
    assert_eq!(js_sys::Uint8Array::new(&read).to_vec(), b"weigh");
}

/// Natively the lanes are arrays; only here are they simd128 registers. The expected digest is `sha256sum`'s.
#[wasm_bindgen_test]
fn four_lanes_of_a_register_have_the_digests_of_one_stream() {
    use weighbridge::digest::{Bundle, Lane, Sha256};
    let message = vec![b'a'; 1_000_000];
    let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    assert_eq!(Sha256::of(&message).to_string(), expected);
    let mut bundle = Bundle::new();
    for (lane, skipped) in Lane::ALL.into_iter().zip([0, 1, 64, 1000]) {
        bundle.open(lane);
        bundle.feed(lane, &message[skipped..]);
        bundle.end(lane);
    }
    let mut taken = 0;
    while taken < 4 {
        bundle.run();
        while let Some((lane, digest)) = bundle.take() {
            let skipped = [0, 1, 64, 1000][Lane::ALL.iter().position(|other| *other == lane).unwrap()];
            assert_eq!(digest, Sha256::of(&message[skipped..]));
            taken += 1;
        }
    }
}

/// What `model-signing` and OpenSSL said to bundles of every curve, good, changed and with another key, is what the browser's
/// own cryptography says (`tests/expected/signatures.py`).
#[wasm_bindgen_test]
async fn signatures_are_checked_as_the_tool_checks_them() {
    use weighbridge::manifest::signature::{Key, Question};
    let text = include_str!("expected/signatures.json");
    let expected: serde_json::Value = serde_json::from_str(text).unwrap();
    let rows = expected["cases"].as_array().unwrap();
    for row in rows {
        let (manifest, _) = weighbridge::manifest::parse("x", row["bundle"].as_str().unwrap().as_bytes()).unwrap();
        let key = Key::read(row["key"].as_str().unwrap().as_bytes()).unwrap();
        let question = Question::new(&manifest.envelope.unwrap(), 0, &key).unwrap();
        let fits = weighbridge::web::verify_signature(&question).await.unwrap();
        assert_eq!(Some(fits), row["accepted"].as_bool(), "{}", row["name"]);
    }
    assert_eq!(rows.len(), 17);
}
