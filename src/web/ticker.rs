//! Calls back as soon as the event loop is free, without the clamping of timers.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::{MessageChannel, MessagePort};

/// A message to oneself.
pub struct Ticker {
    port: MessagePort,
    is_asked: Rc<Cell<bool>>,
    _listener: EventListener,
}

impl Ticker {
    /// Calls `tick` after each [`Ticker::wake`], in a turn of the event loop of its own.
    ///
    /// # Errors
    /// When the browser has no message channels.
    pub fn new(tick: impl Fn() + 'static) -> Result<Rc<Self>, JsValue> {
        let channel = MessageChannel::new()?;
        let is_asked = Rc::new(Cell::new(false));
        let asked = Rc::clone(&is_asked);
        let listener = EventListener::new(&channel.port2(), "message", move |_| {
            asked.set(false);
            tick();
        });
        channel.port2().start();
        Ok(Rc::new(Self { port: channel.port1(), is_asked, _listener: listener }))
    }

    /// Asks for one call; asking again before it comes changes nothing.
    pub fn wake(&self) {
        if !self.is_asked.replace(true) {
            // A port of our own that was never transferred cannot refuse `null`.
            self.port.post_message(&JsValue::NULL).unwrap_or_default();
        }
    }
}
