//! Requests of the page, and files that lie beside it.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, File, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestRedirect, Response,
};

use super::port::text;
use crate::limits;
use crate::registry::{Answer, Failure, Redirect, Request, Wants};

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

/// Sends a request and reads what is wanted of the answer; `abort` breaks it off.
///
/// # Errors
/// When there was no answer, or one that is too long.
pub(super) async fn ask(request: &Request, abort: &AbortController) -> Result<Answer, Failure> {
    let unreachable = |cause: JsValue| Failure::Unreachable(text(&cause));
    let response = send(request, abort, &[]).await.map_err(unreachable)?;
    let mut answer = Answer { status: response.status(), headers: headers(&response), body: Vec::new() };
    if request.wants == Wants::Head {
        abort.abort();
        return Ok(answer);
    }
    let Some(reader) = reader(&response) else { return Ok(answer) };
    while let Some(piece) = read(&reader).await.map_err(unreachable)? {
        answer.body.extend(piece.to_vec());
        if answer.body.len() as u64 > limits::ANSWER {
            abort.abort();
            return Err(Failure::TooLong);
        }
    }
    Ok(answer)
}

/// Sends a request with some more headers: without cookies, cache and referrer. Works on the page and in workers.
pub(super) async fn send(
    request: &Request,
    abort: &AbortController,
    more: &[(&'static str, String)],
) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers().iter().chain(more) {
        headers.set(name, value)?;
    }
    let options = RequestInit::new();
    options.set_method(request.method.name());
    options.set_headers(&headers);
    options.set_credentials(RequestCredentials::Omit);
    options.set_cache(RequestCache::NoStore);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    options.set_redirect(match request.redirect {
        Redirect::Refuse => RequestRedirect::Error,
        Redirect::Stop => RequestRedirect::Manual,
        Redirect::Follow => RequestRedirect::Follow,
    });
    options.set_signal(Some(&abort.signal()));
    if let Some(body) = &request.body {
        options.set_body(&JsValue::from_str(body));
    }
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &JsValue::from_str("fetch"))?.dyn_into()?;
    let promise: Promise = fetch.call2(&global, &JsValue::from_str(&request.url), &options)?.dyn_into()?;
    JsFuture::from(promise).await?.dyn_into()
}

/// The headers that may be read; those that matter.
pub(super) fn headers(response: &Response) -> Vec<(String, String)> {
    const NAMES: [&str; 13] = [
        "content-range",
        "content-length",
        "etag",
        "content-type",
        "retry-after",
        "retry-after-ms",
        "x-should-retry",
        "x-deprecation-note",
        "expires",
        "link",
        "x-error-code",
        "www-authenticate",
        "docker-content-digest",
    ];
    let header = |name: &str| Some((name.to_owned(), response.headers().get(name).ok().flatten()?));
    NAMES.into_iter().filter_map(header).collect()
}

/// What reads the body, when there is one.
pub(super) fn reader(response: &Response) -> Option<ReadableStreamDefaultReader> {
    ReadableStreamDefaultReader::new(&response.body()?).ok()
}

/// The next piece of a body; `None` at its end.
pub(super) async fn read(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
    let result = JsFuture::from(reader.read()).await?;
    if Reflect::get(&result, &JsValue::from_str("done"))?.is_truthy() {
        return Ok(None);
    }
    Reflect::get(&result, &JsValue::from_str("value"))?.dyn_into().map(Some)
}
