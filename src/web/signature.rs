//! Signatures, by the browser's own cryptography.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::port::text;
use crate::session::Question;

/// Whether the signature is of the key.
///
/// # Errors
/// When the browser cannot say: it has no cryptography for pages from plain HTTP, or does not take the key.
pub async fn verify(question: &Question) -> Result<bool, String> {
    let subtle = subtle()?;
    asked(&subtle, question).await.map_err(|cause| text(&cause))
}

fn subtle() -> Result<SubtleCrypto, String> {
    let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).ok().filter(JsValue::is_object);
    let subtle = get(&js_sys::global(), "crypto").and_then(|crypto| get(&crypto, "subtle"));
    let subtle = subtle.ok_or("browsers check signatures only on pages from HTTPS or from this machine")?;
    Ok(subtle.unchecked_into())
}

async fn asked(subtle: &SubtleCrypto, question: &Question) -> Result<bool, JsValue> {
    let usages = Array::of1(&"verify".into());
    let spki = Uint8Array::from(question.spki.as_slice());
    let form = algorithm("namedCurve", question.curve.name())?;
    let key = subtle.import_key_with_object("spki", &spki, &form, false, &usages)?;
    let key: CryptoKey = JsFuture::from(key).await?.unchecked_into();
    let signature = Uint8Array::from(question.signature.as_slice());
    for attempt in &question.attempts {
        let message = Uint8Array::from(attempt.message.as_slice());
        let how = algorithm("hash", attempt.hash)?;
        let fits = subtle.verify_with_object_and_buffer_source_and_buffer_source(&how, &key, &signature, &message)?;
        if JsFuture::from(fits).await?.is_truthy() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn algorithm(key: &str, value: &str) -> Result<Object, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"ECDSA".into())?;
    Reflect::set(&algorithm, &key.into(), &value.into())?;
    Ok(algorithm)
}
