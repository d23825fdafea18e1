//! Messages between page and worker: `{ body, files }`, the body through serde-wasm-bindgen, whole 64-bit numbers as
//! BigInt so that offsets survive exactly. The only file that knows what a message looks like.

use js_sys::{Array, Object, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::protocol::Problem;

/// Turns a value and the files it refers to into a message.
///
/// # Errors
/// A [`Problem`] of ours when the value cannot be represented.
pub fn encode<T: Serialize>(value: &T, files: &[Blob]) -> Result<JsValue, Problem> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
    let body = value.serialize(&serializer).map_err(|cause| ours(&cause))?;
    let message = Object::new();
    let attached: Array = files.iter().collect();
    for (key, part) in [("body", &body), ("files", &attached)] {
        Reflect::set(&message, &JsValue::from_str(key), part).map_err(|cause| ours(&text(&cause)))?;
    }
    Ok(message.into())
}

/// The value and the files of a message.
///
/// # Errors
/// A [`Problem`] of ours when it is not a message of this build.
pub fn decode<T: for<'a> Deserialize<'a>>(message: &JsValue) -> Result<(T, Vec<Blob>), Problem> {
    let part = |key: &str| Reflect::get(message, &JsValue::from_str(key)).map_err(|cause| ours(&text(&cause)));
    let value = serde_wasm_bindgen::from_value(part("body")?).map_err(|cause| ours(&cause))?;
    let files = Array::from(&part("files")?).iter().filter_map(|file| file.dyn_into().ok()).collect();
    Ok((value, files))
}

/// What a JavaScript error says.
pub fn text(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| format!("{error:?}"))
}

fn ours(cause: &dyn std::fmt::Display) -> Problem {
    Problem::ours(format!("a message could not cross between page and worker: {cause}"))
}
