//! A file from the web, piece by piece, over as many connections as it takes: [`Stream`] decides, this carries.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::task::Poll;

use gloo::timers::callback::Timeout;
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStreamDefaultReader};

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
    reader: Option<ReadableStreamDefaultReader>,
    abort: AbortController,
}

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
        Ok(Self { request, stream, reader: None, abort: AbortController::new()? })
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
        read(reader).await.map_err(broke)?.ok_or(Trouble::Broke(None))
    }

    async fn connect(&mut self) -> Result<ReadableStreamDefaultReader, Trouble> {
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
        reader(&response).ok_or(Trouble::Broke(None))
    }
}

/// The origin of the page or worker.
pub fn own_origin() -> Option<String> {
    let location = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("origin")).ok()?;
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
