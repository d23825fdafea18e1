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
