//! A file from the web, piece by piece, over as many connections as it takes: [`Stream`] decides, this carries.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::task::Poll;

use gloo::timers::callback::Timeout;
use js_sys::{ArrayBuffer, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStreamByobReader, ReadableStreamDefaultReader};

use super::Wake;
use super::fetch::{headers, read, reader, send};
use super::port::text;
use crate::registry::{Answer, Request};
use crate::source::Flow;
use crate::source::http::{Broken, Stream};

/// A file on its way.
pub(super) struct Pull {
    request: Request,
    stream: Stream,
    reader: Option<Reader>,
    abort: AbortController,
    /// Buffers to be filled whole, where pieces are to come in such.
    buffers: Option<Vec<ArrayBuffer>>,
}

/// What reads a body.
enum Reader {
    /// Pieces as they come.
    Chunks(ReadableStreamDefaultReader),
    /// Into a buffer of ours.
    Wide(ReadableStreamByobReader),
}

/// Bytes of a buffer that is filled whole: smaller pieces cost more messages than they are worth.
const WIDE: u32 = 1 << 20;

/// Why a connection gave nothing more.
enum Trouble {
    /// It may help to ask again.
    Broke(Option<String>),
    /// It cannot help.
    Fatal(String),
}

impl Pull {
    /// What `request` asks for, from where `stream` is.
    ///
    /// # Errors
    /// In browsers without `AbortController`.
    pub(super) fn new(request: Request, stream: Stream) -> Result<Self, JsValue> {
        Ok(Self { request, stream, reader: None, abort: AbortController::new()?, buffers: None })
    }

    /// Lets the pieces be as large as buffers, which can be given back.
    pub(super) fn wide(self) -> Self {
        Self { buffers: Some(Vec::new()), ..self }
    }

    /// A buffer that a piece was in, and that nobody needs any more.
    pub(super) fn take_back(&mut self, buffer: ArrayBuffer) {
        if let Some(buffers) = self.buffers.as_mut().filter(|_| buffer.byte_length() == WIDE) {
            buffers.push(buffer);
        }
    }

    /// What breaks it off.
    pub(super) fn abort(&self) -> AbortController {
        self.abort.clone()
    }

    /// How far it is.
    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// In words, when it cannot be had.
    pub(super) async fn next(&mut self) -> Result<Option<Uint8Array>, String> {
        loop {
            let trouble = match self.piece().await {
                Ok(piece) => {
                    let counts = self.stream.came(u64::from(piece.length()));
                    if counts > 0 {
                        return Ok(Some(piece.subarray(0, u32::try_from(counts).unwrap_or(u32::MAX))));
                    }
                    Trouble::Broke(None)
                }
                Err(trouble) => trouble,
            };
            self.reader = None;
            let why = match trouble {
                Trouble::Broke(why) => why,
                Trouble::Fatal(why) => return Err(why),
            };
            match self.stream.broke(why.as_deref()) {
                Broken::Done => return Ok(None),
                Broken::Resume(after) => sleep(after).await,
                Broken::GiveUp(why) => return Err(why),
            }
        }
    }

    async fn piece(&mut self) -> Result<Uint8Array, Trouble> {
        let broke = |cause: JsValue| Trouble::Broke(Some(text(&cause)));
        if self.stream.is_done() {
            return Err(Trouble::Broke(None));
        }
        let reader = match &self.reader {
            Some(reader) => reader,
            None => {
                let connected = self.connect().await?;
                self.reader.insert(connected)
            }
        };
        let piece = match reader {
            Reader::Chunks(reader) => read(reader).await,
            Reader::Wide(reader) => {
                let buffer = self.buffers.as_mut().and_then(Vec::pop).unwrap_or_else(|| ArrayBuffer::new(WIDE));
                fill(reader, buffer).await
            }
        };
        piece.map_err(broke)?.ok_or(Trouble::Broke(None))
    }

    async fn connect(&mut self) -> Result<Reader, Trouble> {
        let mut more = Vec::new();
        more.extend(self.stream.range().map(|range| ("Range", range.to_string())));
        // To another origin it would need a preflight, which few hosts answer.
        let is_own = own_origin().is_some() && own_origin() == crate::registry::origin(&self.request.url);
        more.extend(self.stream.if_range().filter(|_| is_own).map(|tag| ("If-Range", tag.to_owned())));
        let response = send(&self.request, &self.abort, &more).await;
        let response = response.map_err(|cause| Trouble::Broke(Some(text(&cause))))?;
        let answer = Answer { status: response.status(), headers: headers(&response), body: Vec::new() };
        if matches!(answer.status, 408 | 429 | 500..) {
            return Err(Trouble::Broke(Some(format!("the server answered {}", answer.status))));
        }
        self.stream.answered(&answer.head()).map_err(Trouble::Fatal)?;
        let body = response.body().filter(|_| self.buffers.is_some());
        if let Some(wide) = body.and_then(|body| ReadableStreamByobReader::new(&body).ok()) {
            return Ok(Reader::Wide(wide));
        }
        reader(&response).map(Reader::Chunks).ok_or(Trouble::Broke(None))
    }
}

/// Fills a buffer as far as the body goes; `None` at its end. What was in a buffer when the connection broke is lost, and
/// asked for again: it does not count yet.
async fn fill(reader: &ReadableStreamByobReader, mut buffer: ArrayBuffer) -> Result<Option<Uint8Array>, JsValue> {
    let (size, mut at) = (buffer.byte_length(), 0_u32);
    while at < size {
        let view = Uint8Array::new_with_byte_offset(&buffer, at);
        let result = JsFuture::from(reader.read_with_array_buffer_view(&view)).await?;
        if let Ok(value) = Reflect::get(&result, &JsValue::from_str("value"))?.dyn_into::<Uint8Array>() {
            at = at.saturating_add(value.length());
            buffer = value.buffer();
        }
        if Reflect::get(&result, &JsValue::from_str("done"))?.is_truthy() {
            break;
        }
    }
    Ok((at > 0).then(|| Uint8Array::new_with_byte_offset_and_length(&buffer, 0, at)))
}

/// The origin of the page or worker.
pub fn own_origin() -> Option<String> {
    let location = Reflect::get(&js_sys::global(), &JsValue::from_str("origin")).ok()?;
    crate::registry::origin(&location.as_string()?)
}

/// Waits.
pub(super) async fn sleep(milliseconds: u32) {
    let promise = Promise::new(&mut |done: Function, _| {
        Timeout::new(milliseconds, move || drop(done.call0(&JsValue::NULL))).forget();
    });
    drop(JsFuture::from(promise).await);
}

/// A [`Pull`] as the bytes that a task waits for.
pub(super) struct PullFlow {
    state: Rc<RefCell<State>>,
    abort: AbortController,
    wake: Wake,
}

enum State {
    Reading,
    Come(Pull, Uint8Array),
    Ended,
    Failed(String),
}

impl PullFlow {
    /// Lets the first piece come.
    pub(super) fn new(pull: Pull, wake: &Wake) -> Self {
        let flow = Self { state: Rc::new(RefCell::new(State::Reading)), abort: pull.abort(), wake: Rc::clone(wake) };
        flow.go_on(pull);
        flow
    }

    fn go_on(&self, mut pull: Pull) {
        let (state, wake) = (Rc::clone(&self.state), Rc::clone(&self.wake));
        spawn_local(async move {
            let come = match pull.next().await {
                Ok(Some(piece)) => State::Come(pull, piece),
                Ok(None) => State::Ended,
                Err(why) => State::Failed(why),
            };
            state.replace(come);
            wake();
        });
    }
}

impl Flow for PullFlow {
    fn poll(&mut self) -> Poll<io::Result<usize>> {
        match &*self.state.borrow() {
            State::Reading => Poll::Pending,
            State::Come(_, piece) => Poll::Ready(Ok(usize::try_from(piece.length()).unwrap_or(0))),
            State::Ended => Poll::Ready(Ok(0)),
            State::Failed(why) => Poll::Ready(Err(io::Error::other(why.clone()))),
        }
    }

    fn take(&mut self, out: &mut [u8]) {
        if let State::Come(pull, piece) = self.state.replace(State::Reading) {
            if usize::try_from(piece.length()).is_ok_and(|length| length == out.len()) {
                piece.copy_to(out);
            }
            self.go_on(pull);
        }
    }
}

impl Drop for PullFlow {
    fn drop(&mut self) {
        self.abort.abort();
    }
}
