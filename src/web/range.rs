//! A URL, read by HTTP ranges in a worker: random access with synchronous requests, since parsers read synchronously,
//! bulk work as a stream. Nothing is sent but the address, the range, and the key of a file that is not for everyone.
//!
//! A synchronous request cannot be broken off when its head is there. So the page asks first whether the host answers
//! ranges, with one that can; and `If-Range`, which would have a changed file sent whole, is left to the streams.

use std::io;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use super::Wake;
use super::port::text;
use super::pull::{Pull, PullFlow};
use crate::protocol::Address;
use crate::registry::{Request, Wants};
use crate::source::Flow;
use crate::source::http::{Facts, Head, Range, Stream, Transport};

/// Milliseconds that one range may take: a server that has stopped answering must not hold the worker for ever.
const PATIENCE: u32 = 60_000;

/// Carries range requests to one URL.
pub struct RangeTransport {
    address: Address,
    wake: Wake,
}

impl RangeTransport {
    /// Requests to an address; `wake` is called when bytes of a stream have come.
    pub fn new(address: &Address, wake: &Wake) -> Self {
        Self { address: address.clone(), wake: wake.clone() }
    }
}

impl Transport for RangeTransport {
    fn get(&self, range: Range, out: &mut [u8]) -> io::Result<(Head, usize)> {
        let request = get(&self.address, range).map_err(|cause| io::Error::other(text(&cause)))?;
        let header = |name| request.get_response_header(name).ok().flatten();
        let content_length = header("content-length").and_then(|len| len.trim().parse().ok());
        let status = request.status().unwrap_or(0);
        let head = Head { status, content_range: header("content-range"), content_length, etag: header("etag") };
        if status != 206 {
            return Ok((head, 0));
        }
        let bytes = Uint8Array::new(&request.response().map_err(|cause| io::Error::other(text(&cause)))?);
        let read = usize::try_from(bytes.length()).unwrap_or(0).min(out.len());
        if let Some(out) = out.get_mut(..read) {
            bytes.subarray(0, u32::try_from(read).unwrap_or(0)).copy_to(out);
        }
        Ok((head, read))
    }

    fn flow(&self, facts: &Facts, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        let request = Request::bare(&self.address.url, None, Wants::Body).with_key(self.address.key.clone());
        let pull = Pull::new(request, Stream::ranges(facts.clone(), offset, len)).ok()?;
        Some(Box::new(PullFlow::new(pull, &self.wake)))
    }
}

fn get(address: &Address, range: Range) -> Result<XmlHttpRequest, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open_with_async("GET", &address.url, false)?;
    request.set_timeout(PATIENCE);
    request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    request.set_request_header("Range", &range.to_string())?;
    if let Some((name, value)) = address.key.as_ref().and_then(|key| key.header(&address.url, true)) {
        request.set_request_header(name, &value)?;
    }
    request.send()?;
    Ok(request)
}
