//! A browser file as a stream that fills a buffer of ours: the browser reads ahead while we hash, which is faster than
//! `FileReaderSync` (figures in `digest`).

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::task::Poll;

use js_sys::{ArrayBuffer, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, ReadableStreamByobReader};

use super::port::text;
use crate::source::Flow;

/// Bytes of one piece: several streams at once stay in the processor's cache.
const PIECE: u32 = 512 << 10;
/// Of a stream longer than [`LONG`], which is alone: smaller ones cost more turns, larger ones were no faster.
const LONG_PIECE: u32 = 1 << 20;
const LONG: f64 = 536_870_912.0;

/// Called when a piece has come.
pub type Wake = Rc<dyn Fn()>;

/// The bytes of a blob.
pub(super) struct BlobFlow {
    reader: ReadableStreamByobReader,
    state: Rc<RefCell<State>>,
    wake: Wake,
}

enum State {
    Reading,
    Come(Uint8Array),
    Ended,
    Failed(String),
}

impl BlobFlow {
    /// Lets the first piece come; `None` where the browser cannot fill a buffer of ours.
    pub(super) fn open(blob: &Blob, wake: &Wake) -> Option<Self> {
        let reader = ReadableStreamByobReader::new(&blob.stream()).ok()?;
        let flow = Self { reader, state: Rc::new(RefCell::new(State::Reading)), wake: Rc::clone(wake) };
        flow.read(&ArrayBuffer::new(if blob.size() > LONG { LONG_PIECE } else { PIECE }));
        Some(flow)
    }

    /// Asks for the next piece. The browser takes `buffer` away and gives it back filled.
    fn read(&self, buffer: &ArrayBuffer) {
        self.state.replace(State::Reading);
        let piece = self.reader.read_with_array_buffer_view(&Uint8Array::new(buffer));
        let (state, wake) = (Rc::clone(&self.state), Rc::clone(&self.wake));
        spawn_local(async move {
            let come = come(piece).await.unwrap_or_else(|cause| State::Failed(text(&cause)));
            state.replace(come);
            wake();
        });
    }
}

async fn come(piece: Promise) -> Result<State, JsValue> {
    let result = JsFuture::from(piece).await?;
    if Reflect::get(&result, &JsValue::from_str("done"))?.is_truthy() {
        return Ok(State::Ended);
    }
    Ok(State::Come(Reflect::get(&result, &JsValue::from_str("value"))?.dyn_into()?))
}

impl Flow for BlobFlow {
    fn poll(&mut self) -> Poll<io::Result<usize>> {
        match &*self.state.borrow() {
            State::Reading => Poll::Pending,
            State::Come(piece) => Poll::Ready(Ok(usize::try_from(piece.length()).unwrap_or(0))),
            State::Ended => Poll::Ready(Ok(0)),
            State::Failed(why) => Poll::Ready(Err(io::Error::other(why.clone()))),
        }
    }

    fn take(&mut self, out: &mut [u8]) {
        let come = self.state.replace(State::Reading);
        if let State::Come(piece) = come {
            if usize::try_from(piece.length()).is_ok_and(|length| length == out.len()) {
                piece.copy_to(out);
            }
            self.read(&piece.buffer());
        }
    }
}

impl Drop for BlobFlow {
    fn drop(&mut self) {
        // Nobody waits for the answer; a stream that has ended or failed has nothing left to stop.
        let stopped = self.reader.cancel();
        spawn_local(async move { drop(JsFuture::from(stopped).await) });
    }
}
