//! An element, before it is drawn.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget};

use super::attributes::{IntoValue, Value};
use super::node_ref::NodeRef;
use super::{IntoMarkup, Markup};

/// What is called when an event happens.
pub(super) type Listener = Rc<dyn Fn(Event)>;

/// Told the element once it is there.
pub(super) type Teller = Box<dyn Fn(&web_sys::Element)>;

/// An element. `literal` holds the tag and the attributes that never change, as `view!` writes them.
pub(in crate::ui) struct Element {
    pub(super) literal: &'static str,
    pub(super) attributes: Vec<(&'static str, Value)>,
    pub(super) listeners: Vec<(&'static str, Listener)>,
    pub(super) node_refs: Vec<Teller>,
    pub(super) children: Vec<Markup>,
}

/// The element that an event happened to.
pub(in crate::ui) struct Target<T>(T);

impl<T: Clone> Target<T> {
    /// The element.
    pub(in crate::ui) fn target(&self) -> T {
        self.0.clone()
    }
}

impl Element {
    /// An element without anything in it.
    pub(in crate::ui) fn new(literal: &'static str) -> Box<Self> {
        let (attributes, listeners, node_refs, children) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Box::new(Self { literal, attributes, listeners, node_refs, children })
    }

    /// An element that is all literal.
    pub(in crate::ui) fn plain(literal: &'static str) -> Markup {
        Markup::Element(Self::new(literal))
    }

    /// Gives it an attribute, or with a prefix a class, a style or a property.
    pub(in crate::ui) fn attribute(&mut self, name: &'static str, value: impl IntoValue) {
        self.add_attribute(name, value.into_value());
    }

    /// Calls `listener` with every event of this name.
    pub(in crate::ui) fn on<E: JsCast>(&mut self, name: &'static str, listener: impl Fn(E) + 'static) {
        self.add_listener(name, Rc::new(move |event| listener(event.unchecked_into())));
    }

    /// Calls `listener` with the element that the event happened to.
    pub(in crate::ui) fn on_target<T: JsCast>(&mut self, name: &'static str, listener: impl Fn(Target<T>) + 'static) {
        self.add_listener(
            name,
            Rc::new(move |event| {
                if let Some(target) = event.current_target().and_then(|target: EventTarget| target.dyn_into().ok()) {
                    listener(Target(target));
                }
            }),
        );
    }

    /// Tells `node_ref` the element once it is there.
    pub(in crate::ui) fn node_ref<T: JsCast + Clone + 'static>(&mut self, node_ref: NodeRef<T>) {
        self.node_refs.push(Box::new(move |element| node_ref.tell(element)));
    }

    /// Puts something into it, after what is there.
    pub(in crate::ui) fn child(&mut self, child: impl IntoMarkup) {
        self.add_child(child.into_markup());
    }

    /// The element as markup.
    pub(in crate::ui) fn end(self: Box<Self>) -> Markup {
        Markup::Element(self)
    }

    #[inline(never)]
    fn add_attribute(&mut self, name: &'static str, value: Value) {
        self.attributes.push((name, value));
    }

    #[inline(never)]
    fn add_listener(&mut self, name: &'static str, listener: Listener) {
        self.listeners.push((name, listener));
    }

    #[inline(never)]
    fn add_child(&mut self, child: Markup) {
        self.children.push(child);
    }
}
