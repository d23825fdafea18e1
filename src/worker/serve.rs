//! Ties the scheduler to the worker's port: messages in, events out, one slice of work a turn of the event loop.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use gloo::events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::{Scheduler, assemble};
use crate::error::{Error, Result};
use crate::protocol::{BUILD, Event, FileBytes, FileSpec, JobId, Problem, Request};
use crate::source::ReadAt;
use crate::source::http::{Facts, HttpReader};
use crate::web::{BlobReader, RangeTransport, Ticker, Wake, port};

/// Time that pieces of files may keep the event loop for themselves before messages get in, in milliseconds.
const TURN: f64 = 16.0;

/// Serves requests until the page drops the worker.
///
/// # Errors
/// When this is not a worker of a browser that can do it.
pub fn serve() -> std::result::Result<(), JsValue> {
    let server = Server::start(js_sys::global().dyn_into()?)?;
    let scope = server.scope.clone();
    let hearing = Rc::clone(&server);
    let listener = EventListener::new(&scope, "message", move |event| {
        if let Some(message) = event.dyn_ref::<MessageEvent>() {
            hearing.hear(&message.data());
        }
    });
    listener.forget();
    say(&scope, &Event::Ready { build: BUILD.to_owned() });
    Ok(())
}

struct Server {
    scope: DedicatedWorkerGlobalScope,
    scheduler: RefCell<Scheduler>,
    ticker: Rc<Ticker>,
    /// When the current turn of the event loop began.
    begun: Cell<f64>,
    wake: Wake,
}

impl Server {
    fn start(scope: DedicatedWorkerGlobalScope) -> std::result::Result<Rc<Self>, JsValue> {
        let link: Rc<OnceCell<Weak<Self>>> = Rc::default();
        let call = |what: fn(&Self)| {
            let link = Rc::clone(&link);
            move || {
                if let Some(server) = link.get().and_then(Weak::upgrade) {
                    what(&server);
                }
            }
        };
        let ticker = Ticker::new(call(|server| {
            server.begun.set(server.now());
            server.work();
        }))?;
        let wake: Wake = Rc::new(call(Self::go_on));
        let (scheduler, begun) = (RefCell::default(), Cell::new(f64::NEG_INFINITY));
        Ok(Rc::new_cyclic(|me| {
            link.get_or_init(|| me.clone());
            Self { scope, scheduler, ticker, begun, wake }
        }))
    }

    fn now(&self) -> f64 {
        self.scope.performance().map_or(0.0, |performance| performance.now())
    }

    /// Does a slice of work.
    fn work(&self) {
        let events = self.scheduler.borrow_mut().run(&|| self.now());
        for event in events {
            say(&self.scope, &event);
        }
        let scheduler = self.scheduler.borrow();
        if !scheduler.is_idle() && !scheduler.is_waiting() {
            self.ticker.wake();
        }
    }

    /// Goes on with bytes that have come: at once as long as the turn is young, else after the messages that wait.
    fn go_on(&self) {
        if self.now() - self.begun.get() < TURN { self.work() } else { self.ticker.wake() }
    }

    fn hear(&self, message: &JsValue) {
        let answer = match port::decode::<Request>(message) {
            Ok((Request::Start { job, task }, files)) => {
                let task = assemble(task, &|spec| open(spec, &files, &self.wake));
                self.scheduler.borrow_mut().start(job, task)
            }
            Ok((Request::Cancel { job }, _)) => self.scheduler.borrow_mut().cancel(job),
            Err(problem) => Some(Event::Failed { job: JobId(u32::MAX), problem }),
        };
        if let Some(event) = answer {
            say(&self.scope, &event);
        }
        self.ticker.wake();
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

fn open(spec: &FileSpec, files: &[Blob], wake: &Wake) -> Result<Rc<dyn ReadAt>> {
    match &spec.bytes {
        FileBytes::Attached(index) => {
            let found = usize::try_from(*index).ok().and_then(|at| files.get(at)).cloned();
            let blob = found.ok_or_else(|| Error::Refused { what: format!("{} was not attached", spec.path) })?;
            Ok(Rc::new(BlobReader::new(blob, Rc::clone(wake)).map_err(|cause| Error::io(&spec.path, 0, cause))?))
        }
        FileBytes::Url(address) => {
            let facts = Facts { len: spec.size, etag: address.etag.clone() };
            Ok(Rc::new(HttpReader::new(RangeTransport::new(address, wake), facts)))
        }
    }
}
