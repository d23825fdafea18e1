//! A URL, read by HTTP ranges with synchronous requests in a worker. Nothing is sent but the address and the range.

use std::io;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use super::port::text;
use crate::error::{Error, Result};
use crate::source::ReadAt;

/// A file behind a URL.
pub struct RangeReader {
    url: String,
    len: u64,
}

impl RangeReader {
    /// Asks for the first byte, and learns the length from the answer.
    ///
    /// # Errors
    /// [`Error::Remote`] when the server does not answer with a range and its total length.
    pub fn open(url: &str) -> Result<Self> {
        let request = get(url, 0, 0).map_err(|cause| remote(url, 0, &text(&cause)))?;
        let status = request.status().unwrap_or(0);
        if status == 200 {
            return Err(remote(url, status, "this host ignores Range: opening would download the whole file"));
        }
        let total = request.get_response_header("content-range").ok().flatten().and_then(|range| total(&range));
        match total {
            Some(len) if status == 206 => Ok(Self { url: url.to_owned(), len }),
            None if status == 206 => {
                Err(remote(url, status, "the total length is not readable (Content-Range is not exposed)"))
            }
            _ => Err(remote(url, status, &request.status_text().unwrap_or_default())),
        }
    }
}

impl ReadAt for RangeReader {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let end = offset.saturating_add(out.len() as u64).min(self.len);
        let Some(last) = end.checked_sub(1).filter(|last| *last >= offset) else { return Ok(0) };
        let request = get(&self.url, offset, last).map_err(|cause| io::Error::other(text(&cause)))?;
        let status = request.status().unwrap_or(0);
        if status != 206 {
            return Err(io::Error::other(format!("the server answered {status} to a range")));
        }
        let bytes = Uint8Array::new(&request.response().map_err(|cause| io::Error::other(text(&cause)))?);
        let read = usize::try_from(bytes.length()).unwrap_or(0).min(out.len());
        if let Some(out) = out.get_mut(..read) {
            bytes.subarray(0, u32::try_from(read).unwrap_or(0)).copy_to(out);
        }
        Ok(read)
    }
}

fn get(url: &str, first: u64, last: u64) -> std::result::Result<XmlHttpRequest, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open_with_async("GET", url, false)?;
    request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    request.set_request_header("Range", &format!("bytes={first}-{last}"))?;
    request.send()?;
    Ok(request)
}

/// The length at the end of `bytes 0-0/1234`.
fn total(range: &str) -> Option<u64> {
    range.rsplit_once('/')?.1.trim().parse().ok()
}

fn remote(url: &str, status: u16, message: &str) -> Error {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or_default();
    Error::Remote { host: host.to_owned(), status, message: message.to_owned() }
}
