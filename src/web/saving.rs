//! A file from the web straight to the disk: the service worker answers a download of the browser's own with the pieces as
//! they come, so that nothing of it is kept in memory. The browser asks for each piece when it has written the last.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, MessageChannel, MessageEvent, MessagePort, ServiceWorker};

use super::port::text;
use super::pull::{Pull, sleep};

/// Milliseconds within which the service worker says that it is ready: it may have to be started.
const READY: u32 = 3_000;
/// A service worker that hears nothing is ended after thirty seconds, also while the browser asks its user something.
const HEARD: u32 = 10_000;

const STOPPED: &str = "the browser stopped the download: some ask first whether a page may save several files";

/// A download that is answered from here.
pub(super) struct Saving {
    port: MessagePort,
    said: Rc<Said>,
    frame: Option<Element>,
    _hears: Closure<dyn FnMut(MessageEvent)>,
    _dropped: Closure<dyn FnMut()>,
}

/// What the service worker said and was not looked at, and who waits for it.
#[derive(Default)]
struct Said {
    words: RefCell<VecDeque<JsValue>>,
    waiting: RefCell<Option<Function>>,
}

impl Said {
    fn add(&self, word: JsValue) {
        self.words.borrow_mut().push_back(word);
        if let Some(waiting) = self.waiting.borrow_mut().take() {
            drop(waiting.call0(&JsValue::NULL));
        }
    }

    async fn next(&self) -> JsValue {
        loop {
            if let Some(word) = self.words.borrow_mut().pop_front() {
                return word;
            }
            let promise = Promise::new(&mut |done, _| {
                self.waiting.replace(Some(done));
            });
            drop(JsFuture::from(promise).await);
        }
    }
}

impl Saving {
    /// Starts a download of a file called `name`; `None` where no service worker takes it.
    pub(super) async fn start(name: &str, pull: &Pull) -> Option<Self> {
        let worker = web_sys::window()?.navigator().service_worker().controller()?;
        let channel = MessageChannel::new().ok()?;
        let said = Rc::new(Said::default());
        let hear = Rc::clone(&said);
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            hear.add(event.data());
        });
        let hear = Rc::clone(&said);
        let dropped = Closure::<dyn FnMut()>::new(move || hear.add(JsValue::from_str("stopped")));
        pull.abort().signal().set_onabort(Some(dropped.as_ref().unchecked_ref()));
        let port = channel.port1();
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        let id = format!("{:.0}-{:.0}", js_sys::Date::now(), js_sys::Math::random() * 1e9);
        let size = pull.stream().end().map_or(JsValue::NULL, |size| JsValue::from_f64(size as f64));
        let order = object(&[("save", JsValue::from_str(&id)), ("name", JsValue::from_str(name)), ("size", size)]);
        worker.post_message_with_transferable(&order, &Array::of1(&channel.port2())).ok()?;
        let mut saving = Self { port, said, frame: None, _hears: listener, _dropped: dropped };
        if !saving.is_ready().await {
            return None;
        }
        saving.keep_alive(worker);
        saving.frame = frame(&format!("./save/{id}"));
        saving.frame.is_some().then_some(saving)
    }

    async fn is_ready(&self) -> bool {
        let said = Rc::clone(&self.said);
        wasm_bindgen_futures::spawn_local(async move {
            sleep(READY).await;
            said.add(JsValue::from_str("late"));
        });
        self.said.next().await.as_string().as_deref() == Some("ready")
    }

    /// Hands over `first` and all that `pull` gives.
    ///
    /// # Errors
    /// In words, when it cannot be had, or it was stopped, here or in the browser's own list.
    pub(super) async fn hand_over(
        mut self,
        first: Uint8Array,
        pull: &mut Pull,
        progress: &dyn Fn(u64, Option<u64>),
    ) -> Result<(), String> {
        let mut next = Some(first);
        while let Some(piece) = next.take() {
            self.wait_for_more(pull).await?;
            self.say(&object(&[("piece", piece.clone().into())]), Some(&piece))?;
            progress(pull.stream().position(), pull.stream().end());
            next = match pull.next().await {
                Ok(next) => next,
                Err(why) => {
                    self.say(&object(&[("broken", JsValue::TRUE)]), None)?;
                    return Err(why);
                }
            };
        }
        self.wait_for_more(pull).await?;
        self.say(&object(&[("end", JsValue::TRUE)]), None)?;
        // The frame has to live until the browser has taken the last of it. It may be stopped even then.
        loop {
            match self.said.next().await.as_string().as_deref() {
                Some("over") => return Ok(()),
                Some("stopped") => return Err(STOPPED.to_owned()),
                _ => {}
            }
        }
    }

    /// Until this is dropped.
    fn keep_alive(&self, worker: ServiceWorker) {
        let lives = Rc::downgrade(&self.said);
        wasm_bindgen_futures::spawn_local(async move {
            while lives.strong_count() > 0 {
                drop(worker.post_message(&JsValue::NULL));
                sleep(HEARD).await;
            }
        });
    }

    /// Waits until the browser wants more; meanwhile buffers come back.
    async fn wait_for_more(&mut self, pull: &mut Pull) -> Result<(), String> {
        loop {
            let said = self.said.next().await;
            match said.as_string().as_deref() {
                Some("more") => return Ok(()),
                Some("stopped") => return Err(STOPPED.to_owned()),
                Some(_) => {}
                None => said.dyn_into().map(|buffer| pull.take_back(buffer)).unwrap_or_default(),
            }
        }
    }

    fn say(&self, message: &JsValue, piece: Option<&Uint8Array>) -> Result<(), String> {
        let moved = piece.map_or_else(Array::new, |piece| Array::of1(&piece.buffer()));
        self.port.post_message_with_transferable(message, &moved).map_err(|cause| text(&cause))
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        // Broken off: the browser's download must not look whole.
        drop(self.port.post_message(&object(&[("broken", JsValue::TRUE)])));
        self.port.set_onmessage(None);
        if let Some(frame) = &self.frame {
            frame.remove();
        }
    }
}

/// A frame that nobody sees: going to an address whose answer is a download.
fn frame(address: &str) -> Option<Element> {
    let document = web_sys::window()?.document()?;
    let frame = document.create_element("iframe").ok()?;
    frame.set_attribute("hidden", "").ok()?;
    frame.set_attribute("title", "download").ok()?;
    frame.set_attribute("src", address).ok()?;
    document.body()?.append_child(&frame).ok()?;
    Some(frame)
}

fn object(pairs: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in pairs {
        // Setting a key of a plain object cannot fail.
        drop(Reflect::set(&object, &JsValue::from_str(key), value));
    }
    object.into()
}
