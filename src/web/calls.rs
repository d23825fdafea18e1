//! The page's requests on their way, so that each can be broken off.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Blob, File};

use super::fetch::ask;
use super::port::text;
use super::pull::{Pull, sleep};
use super::saving::Saving;
use crate::registry::{Answer, Failure, Request, named_by_content};
use crate::session::CallId;
use crate::source::http::Stream;

/// Pieces put together in memory before the browser keeps them.
const KEPT: u32 = 8 << 20;

/// Requests on their way.
#[derive(Default, Clone)]
pub struct Calls(Rc<RefCell<BTreeMap<CallId, AbortController>>>);

impl Calls {
    /// Sends a request after so many milliseconds, and tells the answer, unless it was dropped before.
    pub fn ask(
        &self,
        call: CallId,
        request: Request,
        after_ms: u32,
        tell: impl FnOnce(Result<Answer, Failure>) + 'static,
    ) {
        let Ok(abort) = AbortController::new() else { return };
        self.0.borrow_mut().insert(call, abort.clone());
        let calls = self.clone();
        spawn_local(async move {
            if after_ms > 0 {
                sleep(after_ms).await;
            }
            if !calls.is_wanted(call) {
                return;
            }
            let answer = ask(&request, &abort).await;
            if calls.end(call) {
                tell(answer);
            }
        });
    }

    /// Loads a file and tells how far it is, and then the file, unless it was dropped before.
    pub fn load(
        &self,
        call: CallId,
        (name, request, stream): (String, Request, Stream),
        progress: impl Fn(u64, Option<u64>) + 'static,
        tell: impl FnOnce(Result<File, String>) + 'static,
    ) {
        let pull = match Pull::new(request, stream) {
            Ok(pull) => pull,
            Err(cause) => return tell(Err(text(&cause))),
        };
        self.0.borrow_mut().insert(call, pull.abort());
        let calls = self.clone();
        spawn_local(async move {
            let file = load(pull, &name, &progress).await;
            if calls.end(call) {
                tell(file);
            }
        });
    }

    /// Saves a file under its name and tells how far it is; at last the file, where the browser could not take it piece
    /// by piece and it has to be saved from memory.
    pub fn save(
        &self,
        call: CallId,
        (name, request, stream): (String, Request, Stream),
        progress: impl Fn(u64, Option<u64>) + 'static,
        tell: impl FnOnce(Result<Option<File>, String>) + 'static,
    ) {
        let pull = match Pull::new(request, stream) {
            Ok(pull) => pull.wide(),
            Err(cause) => return tell(Err(text(&cause))),
        };
        self.0.borrow_mut().insert(call, pull.abort());
        let calls = self.clone();
        spawn_local(async move {
            let saved = save(pull, &name, &progress).await;
            if calls.end(call) {
                tell(saved);
            }
        });
    }

    /// Breaks a request off; nothing is told of it.
    pub fn drop_call(&self, call: CallId) {
        if let Some(abort) = self.0.borrow_mut().remove(&call) {
            abort.abort();
        }
    }

    fn is_wanted(&self, call: CallId) -> bool {
        self.0.borrow().contains_key(&call)
    }

    fn end(&self, call: CallId) -> bool {
        self.0.borrow_mut().remove(&call).is_some()
    }
}

/// To the disk as it comes, or else the whole file.
async fn save(mut pull: Pull, name: &str, progress: &dyn Fn(u64, Option<u64>)) -> Result<Option<File>, String> {
    let Some(first) = pull.next().await? else {
        return gather(pull, None, name, progress).await.map(Some);
    };
    let name = named(name, &first);
    match Saving::start(&name, &pull).await {
        Some(saving) => saving.hand_over(first, &mut pull, progress).await.map(|()| None),
        None => gather(pull, Some(first), &name, progress).await.map(Some),
    }
}

/// Into memory.
async fn load(mut pull: Pull, name: &str, progress: &dyn Fn(u64, Option<u64>)) -> Result<File, String> {
    let first = pull.next().await?;
    let name = first.as_ref().map_or_else(|| name.to_owned(), |first| named(name, first));
    gather(pull, first, &name, progress).await
}

/// What the file is called, by its first piece.
fn named(name: &str, first: &Uint8Array) -> String {
    named_by_content(name, &first.subarray(0, 4).to_vec())
}

/// The whole file. What has come is handed to the browser every few megabytes, which keeps it outside of our memory.
async fn gather(
    mut pull: Pull,
    first: Option<Uint8Array>,
    name: &str,
    progress: &dyn Fn(u64, Option<u64>),
) -> Result<File, String> {
    let (kept, pieces) = (Array::new(), Array::new());
    let mut waiting = 0_u32;
    if let Some(first) = first {
        pieces.push(&first);
    }
    let failed = |cause: JsValue| text(&cause);
    while let Some(piece) = pull.next().await? {
        waiting = waiting.saturating_add(piece.length());
        pieces.push(&piece);
        if waiting >= KEPT {
            kept.push(&JsValue::from(Blob::new_with_u8_array_sequence(&pieces).map_err(failed)?));
            pieces.set_length(0);
            waiting = 0;
        }
        progress(pull.stream().position(), pull.stream().end());
    }
    kept.push(&JsValue::from(Blob::new_with_u8_array_sequence(&pieces).map_err(failed)?));
    File::new_with_blob_sequence(&kept, name).map_err(failed)
}
