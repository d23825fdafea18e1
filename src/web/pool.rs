//! The page's workers: started when first needed, told apart by number, replaced when they die or do not stop.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::{Rc, Weak};

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, ErrorEvent, File, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use super::port;
use crate::protocol::{BUILD, Event, JobId, Request};
use crate::session::{Command, FileKey, PickId, WorkerId};

/// Milliseconds a worker has to end a cancelled job before it is replaced.
const PATIENCE: u32 = 2_000;

/// What the pool tells the page.
#[derive(Debug)]
pub enum PoolEvent {
    /// A worker said something.
    Said(Event),
    /// A worker died with these words.
    Died(WorkerId, String),
    /// A worker of another build answered: the page must be reloaded.
    Stale,
}

/// The workers, and the browser files that jobs are about.
pub struct Pool {
    script: String,
    me: Weak<RefCell<Self>>,
    tell: Rc<dyn Fn(PoolEvent)>,
    workers: BTreeMap<WorkerId, Slot>,
    files: BTreeMap<FileKey, File>,
}

struct Slot {
    worker: Worker,
    is_ready: bool,
    waiting: Vec<JsValue>,
    jobs: BTreeSet<JobId>,
    _listeners: [EventListener; 3],
}

impl Pool {
    /// A pool of workers that run `script`; `tell` hears of everything.
    pub fn new(script: String, tell: impl Fn(PoolEvent) + 'static) -> Rc<RefCell<Self>> {
        Rc::new_cyclic(|me| {
            let (tell, me) = (Rc::new(tell), me.clone());
            RefCell::new(Self { script, me, tell, workers: BTreeMap::new(), files: BTreeMap::new() })
        })
    }

    /// Keeps the browser files of a pick.
    pub fn keep(&mut self, pick: PickId, files: Vec<File>) {
        let keyed = (0..).zip(files).map(|(index, file)| (FileKey { pick, index }, file));
        self.files.extend(keyed);
    }

    /// Starts a worker before it is needed.
    pub fn warm(&mut self, id: WorkerId) {
        if let Err(cause) = self.slot(id) {
            (self.tell)(PoolEvent::Died(id, port::text(&cause)));
        }
    }

    /// Carries out what the session asks for.
    pub fn carry_out(&mut self, command: Command) {
        match command {
            Command::Start { worker, job, task, files } => {
                let attached: Vec<Blob> = files
                    .iter()
                    .filter_map(|key| self.files.get(key))
                    .map(|file| file.clone().unchecked_into())
                    .collect();
                self.post(worker, Some(job), &Request::Start { job, task }, &attached);
            }
            Command::Cancel { worker, job } => {
                self.post(worker, None, &Request::Cancel { job }, &[]);
                self.watch(worker, job);
            }
            Command::Warm(worker) => self.warm(worker),
            Command::Forget(pick) => self.files.retain(|key, _| key.pick != pick),
            // Requests are the page's own, and what is asked of the browser.
            Command::Ask { .. }
            | Command::Load { .. }
            | Command::OpenText { .. }
            | Command::CheckSignature { .. }
            | Command::Drop(_) => {}
        }
    }

    fn post(&mut self, id: WorkerId, job: Option<JobId>, request: &Request, files: &[Blob]) {
        let message = match port::encode(request, files) {
            Ok(message) => message,
            Err(problem) => return (self.tell)(PoolEvent::Died(id, problem.detail)),
        };
        match self.slot(id) {
            Ok(slot) => {
                slot.jobs.extend(job);
                if slot.is_ready { slot.send(&message) } else { slot.waiting.push(message) }
            }
            Err(cause) => (self.tell)(PoolEvent::Died(id, port::text(&cause))),
        }
    }

    /// Replaces a worker that has not ended a cancelled job in time.
    fn watch(&self, id: WorkerId, job: JobId) {
        let me = self.me.clone();
        let check = move || {
            let Some(pool) = me.upgrade() else { return };
            let mut pool = pool.borrow_mut();
            if pool.workers.get(&id).is_some_and(|slot| slot.jobs.contains(&job)) {
                pool.drop_worker(id);
            }
        };
        Timeout::new(PATIENCE, check).forget();
    }

    fn drop_worker(&mut self, id: WorkerId) {
        if let Some(slot) = self.workers.remove(&id) {
            slot.worker.terminate();
        }
    }

    fn slot(&mut self, id: WorkerId) -> Result<&mut Slot, JsValue> {
        if !self.workers.contains_key(&id) {
            let slot = self.spawn(id)?;
            self.workers.insert(id, slot);
        }
        self.workers.get_mut(&id).ok_or(JsValue::NULL)
    }

    fn spawn(&self, id: WorkerId) -> Result<Slot, JsValue> {
        let worker = start(&self.script)?;
        let listen = |kind: &'static str, hear: fn(&mut Self, WorkerId, &web_sys::Event) -> Option<PoolEvent>| {
            let (me, tell) = (self.me.clone(), Rc::clone(&self.tell));
            EventListener::new(&worker, kind, move |event| {
                // The pool is free again before the page is told: it answers with new commands.
                let heard = me.upgrade().and_then(|pool| hear(&mut pool.borrow_mut(), id, event));
                if let Some(heard) = heard {
                    tell(heard);
                }
            })
        };
        let listeners = [
            listen("message", Self::hear),
            listen("error", |pool, id, event| {
                let why = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                pool.drop_worker(id);
                Some(PoolEvent::Died(id, if why.is_empty() { "it could not be loaded".to_owned() } else { why }))
            }),
            listen("messageerror", |pool, id, _| {
                pool.drop_worker(id);
                Some(PoolEvent::Died(id, "a message could not be read".to_owned()))
            }),
        ];
        Ok(Slot { worker, is_ready: false, waiting: Vec::new(), jobs: BTreeSet::new(), _listeners: listeners })
    }

    fn hear(&mut self, id: WorkerId, event: &web_sys::Event) -> Option<PoolEvent> {
        let message = event.dyn_ref::<MessageEvent>()?.data();
        let event = match port::decode::<Event>(&message) {
            Ok((event, _)) => event,
            Err(problem) => {
                self.drop_worker(id);
                return Some(PoolEvent::Died(id, problem.detail));
            }
        };
        let slot = self.workers.get_mut(&id)?;
        match &event {
            Event::Ready { build } if build != BUILD => {
                self.drop_worker(id);
                return Some(PoolEvent::Stale);
            }
            Event::Ready { .. } => {
                slot.is_ready = true;
                for message in std::mem::take(&mut slot.waiting) {
                    slot.send(&message);
                }
                return None;
            }
            Event::Finished { job, .. } | Event::Failed { job, .. } | Event::Cancelled { job } => {
                slot.jobs.remove(job);
            }
            Event::Progress { .. } | Event::Partial { .. } => {}
        }
        Some(PoolEvent::Said(event))
    }
}

/// Starts the worker from a blob that imports `script`: unlike one started from an address, it is then bound by the
/// page's Content-Security-Policy, so that it can reach no more than the page.
fn start(script: &str) -> Result<Worker, JsValue> {
    let base =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.base_uri().ok().flatten());
    let address = Url::new_with_base(script, &base.unwrap_or_default())?.href();
    let source = JsValue::from_str(&format!("import {};", serde_json::Value::from(address)));
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&source), &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&url, &options)
}

impl Slot {
    fn send(&self, message: &JsValue) {
        // A message that `port::encode` made can always be cloned.
        self.worker.post_message(message).unwrap_or_default();
    }
}
