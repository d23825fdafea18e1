//! The page's side of the workers: the only place that changes the session.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::File;

use crate::limits;
use crate::protocol::{Event, Problem};
use crate::registry::Request;
use crate::session::{CallId, Command, Session, Then, WorkerId};
use crate::source::http::Stream;
use crate::ui::dom::*;
use crate::web::{Calls, PickedFiles, Pool, PoolEvent, from_named, own_origin, save, verify_signature};

/// Workers at most: more readers of one disk do not help.
const WORKERS: usize = 8;

/// The session and what carries out its commands. Cheap to copy; in the context of every component.
#[derive(Clone, Copy)]
pub struct Client {
    session: RwSignal<Session>,
    pool: StoredValue<Option<Rc<RefCell<Pool>>>, LocalStorage>,
    calls: StoredValue<Calls, LocalStorage>,
    is_waiting: StoredValue<bool>,
}

impl Client {
    /// Starts the first worker, and provides the client to every component below.
    pub fn provide() -> Self {
        let mut session = Session::new(workers());
        session.own_origin = own_origin();
        let client = Self {
            session: RwSignal::new(session),
            pool: StoredValue::new_local(None),
            calls: StoredValue::new_local(Calls::default()),
            is_waiting: StoredValue::new(false),
        };
        let pool = Pool::new(worker_script(), move |event| client.hear(event));
        client.pool.set_value(Some(Rc::clone(&pool)));
        pool.borrow_mut().warm(WorkerId(0));
        provide_context(client);
        client
    }

    /// The client that an outer component provides.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Reads the session, and again whenever it changes.
    pub fn with<T>(self, read: impl FnOnce(&Session) -> T) -> T {
        self.session.with(read)
    }

    /// Reads the session once.
    pub fn peek<T>(self, read: impl FnOnce(&Session) -> T) -> T {
        self.session.with_untracked(read)
    }

    /// A part of the session that tells its readers only when it is another than before.
    pub(in crate::ui) fn memo<T: PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Session) -> T + Send + Sync + 'static,
    ) -> Live<T> {
        Live::new(move || self.session.with(&read))
    }

    /// What is worked out from opened files: again only when they or the selection changed.
    pub(in crate::ui) fn memo_opened<T: PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Session) -> T + Send + Sync + 'static,
    ) -> Live<T> {
        let facts = self.memo(|session| (session.revision, session.selection));
        Live::new(move || {
            // Not `track`: a memo that nobody reads does not look at what it depends on.
            facts.with(|_| ());
            self.peek(&read)
        })
    }

    /// An action that needs the workers.
    pub fn act(self, action: impl FnOnce(&mut Session) -> Vec<Command>) {
        let timed = |session: &mut Session| {
            session.clock = now_seconds();
            action(session)
        };
        let commands = self.session.try_update(timed).unwrap_or_default();
        self.carry_out(commands);
    }

    /// An action that changes the session only.
    pub fn update(self, action: impl FnOnce(&mut Session)) {
        self.session.update(action);
    }

    /// Opens what was picked or dropped.
    pub fn open(self, picked: PickedFiles) {
        if picked.sources.is_empty() {
            return;
        }
        let is_key = self.peek(|session| session.takes_as_key(&picked.sources));
        if let Some(key) = picked.files.first().filter(|_| is_key) {
            return spawn_local(self.give_key(key.clone()));
        }
        let mut commands = Vec::new();
        let mut id = None;
        self.session.update(|session| {
            let (pick, started) = session.open(picked.sources);
            (id, commands) = (Some(pick), started);
        });
        if let (Some(pool), Some(id)) = (self.pool(), id) {
            pool.borrow_mut().keep(id, picked.files);
        }
        self.carry_out(commands);
    }

    /// Checks signatures with the key in a file.
    pub(in crate::ui) async fn give_key(self, file: File) {
        let read = async {
            if file.size() > limits::KEY as f64 {
                return Err(JsValue::from_str("the file is too large to be a key"));
            }
            JsFuture::from(file.array_buffer()).await
        };
        match read.await {
            Ok(buffer) => {
                let bytes = Uint8Array::new(&buffer).to_vec();
                self.act(|session| session.give_key(&file.name(), &bytes));
            }
            Err(cause) => self.refused(&file.name(), &cause),
        }
    }

    /// Shows what the browser refused.
    pub fn refused(self, about: &str, cause: &JsValue) {
        let problem = Problem::ours(crate::web::port::text(cause));
        self.session.update(|session| session.notify(Some(about.to_owned()), problem));
    }

    fn pool(self) -> Option<Rc<RefCell<Pool>>> {
        self.pool.try_get_value().flatten()
    }

    fn carry_out(self, commands: Vec<Command>) {
        let Some(pool) = self.pool() else { return };
        for command in commands {
            match command {
                Command::Ask { call, request, after_ms } => {
                    let tell = move |answer| self.act(|session| session.answered(call, answer));
                    self.calls().ask(call, request, after_ms, tell);
                }
                Command::Load { call, name, request, stream, then: Then::Save } => {
                    self.save(call, (name, request, stream));
                }
                Command::Load { call, name, request, stream, then: Then::Open } => {
                    self.load(call, (name, request, stream));
                }
                Command::OpenText { name, text } => {
                    let parts = Array::of1(&JsValue::from_str(&text));
                    match File::new_with_str_sequence(&parts, &name) {
                        Ok(file) => self.open(from_named(&name, file)),
                        Err(cause) => self.refused(&name, &cause),
                    }
                }
                Command::CheckSignature { place, round, question } => spawn_local(async move {
                    let answer = verify_signature(&question).await;
                    self.update(|session| session.signature_checked(place, round, answer));
                }),
                Command::Drop(call) => self.calls().drop_call(call),
                command => pool.borrow_mut().carry_out(command),
            }
        }
    }

    fn calls(self) -> Calls {
        self.calls.try_get_value().unwrap_or_default()
    }

    fn save(self, call: CallId, what: (String, Request, Stream)) {
        let name = what.0.clone();
        let progress = move |done, total| self.update_quietly(|session| session.loaded_some(call, done, total));
        let tell = move |saved: Result<Option<File>, String>| {
            let ended = saved.as_ref().map_or_else(|why| Err(why.clone()), |_| Ok(()));
            self.session.update(|session| {
                session.loaded(call, ended);
            });
            if let Ok(Some(file)) = saved
                && let Err(cause) = save(&file.name(), &file)
            {
                self.refused(&name, &cause);
            }
        };
        self.calls().save(call, what, progress, tell);
    }

    fn load(self, call: CallId, what: (String, Request, Stream)) {
        let progress = move |done, total| self.update_quietly(|session| session.loaded_some(call, done, total));
        let tell = move |file: Result<File, String>| {
            let ended = file.as_ref().map_or_else(|why| Err(why.clone()), |_| Ok(()));
            let opened = self.session.try_update(|session| session.loaded(call, ended)).flatten();
            if let (Ok(file), Some(kind)) = (file, opened) {
                let mut picked = from_named(&file.name(), file);
                picked.sources.iter_mut().for_each(|source| source.kind = kind);
                self.open(picked);
            }
        };
        self.calls().load(call, what, progress, tell);
    }

    fn hear(self, event: PoolEvent) {
        match event {
            PoolEvent::Said(event @ (Event::Partial { .. } | Event::Progress { .. })) => self.hear_quietly(event),
            PoolEvent::Said(event) => self.act(|session| session.apply(event)),
            PoolEvent::Died(worker, why) => self.act(|session| session.worker_died(worker, &why)),
            PoolEvent::Stale => {
                let words = "this page and its worker are of different versions: reload the page";
                self.session.update(|session| session.notify(None, Problem::ours(words)));
            }
        }
    }
}

impl Client {
    /// Takes in one of many events, and tells the readers once a frame.
    fn hear_quietly(self, event: Event) {
        let mut commands = Vec::new();
        self.update_quietly(|session| commands = session.apply(event));
        self.carry_out(commands);
    }

    fn update_quietly(self, change: impl FnOnce(&mut Session)) {
        self.session.try_update_untracked(change);
        if self.is_waiting.try_get_value() == Some(false) {
            self.is_waiting.set_value(true);
            request_animation_frame(move || {
                self.is_waiting.set_value(false);
                self.session.notify();
            });
        }
    }
}

fn workers() -> usize {
    let cores = window().navigator().hardware_concurrency();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the number is clamped"
    )]
    let cores = cores as usize;
    cores.clamp(1, WORKERS)
}

/// Seconds since 1970.
fn now_seconds() -> u64 {
    crate::words::whole(js_sys::Date::now() / 1000.0) as u64
}

/// The address of the worker's script, which the build writes into the page.
fn worker_script() -> String {
    let meta = document().query_selector("meta[name=worker]").ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_else(|| "./worker_loader.js".to_owned())
}
