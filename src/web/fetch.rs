//! A file that lies beside the page.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, Response};

/// Loads a file of this site.
///
/// # Errors
/// When it is not there, or the browser is offline and has not kept it.
pub async fn fetch_file(address: &str, name: &str) -> Result<File, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str(address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::from_str(&format!("{address}: the server answered {}", response.status())));
    }
    let blob = JsFuture::from(response.blob()?).await?;
    File::new_with_blob_sequence(&Array::of1(&blob), name)
}
