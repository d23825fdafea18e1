//! A browser file, read synchronously in a worker. Nothing is read before it is asked for.

use std::io;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

use super::flow::{BlobFlow, Wake};
use super::port::text;
use crate::source::{Flow, ReadAt};

/// A browser file.
pub struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    len: u64,
    wake: Wake,
}

impl BlobReader {
    /// Reads `blob`; only in a worker, where the synchronous reader exists. `wake` is called when bytes of a flow have
    /// come.
    ///
    /// # Errors
    /// Outside a worker.
    pub fn new(blob: Blob, wake: Wake) -> io::Result<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a length in whole bytes, below 2^53"
        )]
        let len = blob.size() as u64;
        Ok(Self { blob, reader: FileReaderSync::new().map_err(|cause| failed(&cause))?, len, wake })
    }
}

impl BlobReader {
    fn slice(&self, offset: u64, len: u64) -> Result<Blob, JsValue> {
        let end = offset.saturating_add(len).min(self.len);
        #[expect(clippy::cast_precision_loss, reason = "browser files are shorter than 2^53 bytes")]
        self.blob.slice_with_f64_and_f64(offset.min(end) as f64, end as f64)
    }
}

impl ReadAt for BlobReader {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let slice = self.slice(offset, out.len() as u64).map_err(|cause| failed(&cause))?;
        let buffer = self.reader.read_as_array_buffer(&slice).map_err(|cause| failed(&cause))?;
        let bytes = Uint8Array::new(&buffer);
        let read = usize::try_from(bytes.length()).unwrap_or(0).min(out.len());
        if let Some(out) = out.get_mut(..read) {
            bytes.subarray(0, u32::try_from(read).unwrap_or(0)).copy_to(out);
        }
        Ok(read)
    }

    fn flow(&self, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        let slice = self.slice(offset, len).ok()?;
        Some(Box::new(BlobFlow::open(&slice, &self.wake)?))
    }
}

fn failed(cause: &JsValue) -> io::Error {
    io::Error::other(text(cause))
}
