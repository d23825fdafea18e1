//! Ties the scheduler to the worker's port: messages in, events out, one slice of work a turn of the event loop.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::{Scheduler, assemble};
use crate::error::{Error, Result};
use crate::protocol::{BUILD, Event, FileBytes, FileSpec, JobId, Problem, Request};
use crate::source::ReadAt;
use crate::web::{BlobReader, RangeReader, Ticker, port};

/// Serves requests until the page drops the worker.
///
/// # Errors
/// When this is not a worker of a browser that can do it.
pub fn serve() -> std::result::Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let scheduler = Rc::new(RefCell::new(Scheduler::default()));
    let ticker = ticker(&scope, &scheduler)?;
    let port = scope.clone();
    let listener = EventListener::new(&scope, "message", move |event| {
        let Some(message) = event.dyn_ref::<MessageEvent>() else { return };
        if let Some(event) = handle(&scheduler, &message.data()) {
            say(&port, &event);
        }
        ticker.wake();
    });
    listener.forget();
    say(&scope, &Event::Ready { build: BUILD.to_owned() });
    Ok(())
}

/// Runs a slice a turn, as long as there is work.
fn ticker(
    scope: &DedicatedWorkerGlobalScope,
    scheduler: &Rc<RefCell<Scheduler>>,
) -> std::result::Result<Rc<Ticker>, JsValue> {
    let waker: Rc<RefCell<Option<Rc<Ticker>>>> = Rc::default();
    let (scope, scheduler, again) = (scope.clone(), Rc::clone(scheduler), Rc::clone(&waker));
    let performance = scope.performance();
    let tick = move || {
        let events = scheduler.borrow_mut().run(&|| performance.as_ref().map_or(0.0, web_sys::Performance::now));
        for event in events {
            say(&scope, &event);
        }
        if let (false, Some(ticker)) = (scheduler.borrow().is_idle(), again.borrow().as_ref()) {
            ticker.wake();
        }
    };
    let ticker = Ticker::new(tick)?;
    waker.replace(Some(Rc::clone(&ticker)));
    Ok(ticker)
}

fn handle(scheduler: &RefCell<Scheduler>, message: &JsValue) -> Option<Event> {
    match port::decode::<Request>(message) {
        Ok((Request::Start { job, task }, files)) => {
            scheduler.borrow_mut().start(job, assemble(task, &|spec| open(spec, &files)))
        }
        Ok((Request::Cancel { job }, _)) => scheduler.borrow_mut().cancel(job),
        Err(problem) => Some(Event::Failed { job: JobId(u32::MAX), problem }),
    }
}

fn say(scope: &DedicatedWorkerGlobalScope, event: &Event) {
    let message = port::encode(event, &[]).or_else(|problem| {
        let job = JobId(u32::MAX);
        port::encode(&Event::Failed { job, problem: Problem::ours(problem.detail) }, &[])
    });
    if let Ok(message) = message {
        // Nothing is left to tell when the page is gone.
        scope.post_message(&message).unwrap_or_default();
    }
}

fn open(spec: &FileSpec, files: &[Blob]) -> Result<Rc<dyn ReadAt>> {
    match &spec.bytes {
        FileBytes::Attached(index) => {
            let found = usize::try_from(*index).ok().and_then(|at| files.get(at)).cloned();
            let blob = found.ok_or_else(|| Error::Refused { what: format!("{} was not attached", spec.path) })?;
            Ok(Rc::new(BlobReader::new(blob).map_err(|cause| Error::io(&spec.path, 0, cause))?))
        }
        FileBytes::Url(url) => Ok(Rc::new(RangeReader::open(url)?)),
    }
}
