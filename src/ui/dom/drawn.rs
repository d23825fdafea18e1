//! Markup as nodes of the document, and how other markup takes its place.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::{RenderEffect, document};
use wasm_bindgen::JsCast;
use web_sys::{Comment, Node, Text};

use super::Markup;
use super::attributes::DrawnAttribute;
use super::element::{Element, Listener};

const SVG: &str = "http://www.w3.org/2000/svg";
/// Tags of drawings. `title` is one here: the document's own is not drawn by us.
const SVG_TAGS: [&str; 8] = ["svg", "g", "path", "line", "circle", "rect", "text", "title"];
/// What `view!` puts between the parts of an element's literal.
const DIVIDER: char = '\u{1f}';

/// Nodes of the document; there is always at least one, so that others can take their place.
pub(super) enum Drawn {
    Nothing(Comment),
    Text(Text, Cow<'static, str>),
    Element(DrawnElement),
    /// The pieces, and what stands after them.
    Many(Vec<Drawn>, Comment),
    /// What was asked for last, and what asks again.
    Live(
        Rc<RefCell<Option<Drawn>>>,
        #[expect(dead_code, reason = "held: it ends when it is dropped")] RenderEffect<()>,
    ),
}

/// An element of the document.
pub(super) struct DrawnElement {
    node: web_sys::Element,
    literal: &'static str,
    attributes: Vec<DrawnAttribute>,
    listeners: Vec<DrawnListener>,
    children: Vec<Drawn>,
}

struct DrawnListener {
    name: &'static str,
    call: Rc<RefCell<Listener>>,
    _listener: EventListener,
}

impl Drawn {
    /// Makes the nodes.
    pub(super) fn new(markup: Markup) -> Self {
        match markup {
            Markup::Nothing => Self::Nothing(document().create_comment("")),
            Markup::Text(text) => Self::Text(document().create_text_node(&text), text),
            Markup::Element(element) => match DrawnElement::new(*element) {
                Some(element) => Self::Element(element),
                None => Self::Nothing(document().create_comment("")),
            },
            Markup::Many(pieces) => {
                Self::Many(pieces.into_iter().map(Self::new).collect(), document().create_comment(""))
            }
            Markup::Live(ask) => Self::live(Rc::new(RefCell::new(None)), ask),
        }
    }

    /// Follows what `ask` says.
    fn live(place: Rc<RefCell<Option<Self>>>, ask: Box<dyn Fn() -> Markup>) -> Self {
        let inner = Rc::clone(&place);
        let effect = RenderEffect::new(move |_| {
            let markup = ask();
            let mut inner = inner.borrow_mut();
            match inner.as_mut() {
                Some(drawn) => drawn.change(markup),
                None => *inner = Some(Self::new(markup)),
            }
        });
        Self::Live(place, effect)
    }

    /// Puts the nodes into `parent`, before a node of it or at its end.
    pub(super) fn insert(&self, parent: &Node, before: Option<&Node>) {
        self.each(&mut |node| drop(parent.insert_before(node, before)));
    }

    fn remove(&self) {
        self.each(&mut |node| {
            if let Some(parent) = node.parent_node() {
                drop(parent.remove_child(node));
            }
        });
    }

    /// Calls `visit` with each outermost node, in order.
    fn each(&self, visit: &mut dyn FnMut(&Node)) {
        match self {
            Self::Nothing(node) => visit(node),
            Self::Text(node, _) => visit(node),
            Self::Element(element) => visit(&element.node),
            Self::Many(pieces, end) => {
                pieces.iter().for_each(|piece| piece.each(visit));
                visit(end);
            }
            Self::Live(inner, _) => {
                if let Some(inner) = inner.borrow().as_ref() {
                    inner.each(visit);
                }
            }
        }
    }

    fn first(&self) -> Option<Node> {
        let mut first = None;
        self.each(&mut |node| {
            first.get_or_insert_with(|| node.clone());
        });
        first
    }

    /// Becomes `markup`, keeping what can be kept.
    fn change(&mut self, markup: Markup) {
        match (&mut *self, markup) {
            (Self::Nothing(_), Markup::Nothing) => {}
            (Self::Text(node, now), Markup::Text(text)) => {
                if *now != text {
                    node.set_data(&text);
                    *now = text;
                }
            }
            (Self::Element(drawn), Markup::Element(element)) if drawn.fits(&element) => drawn.change(*element),
            (Self::Many(drawn, end), Markup::Many(pieces)) => change_each(drawn, pieces, end),
            (Self::Live(place, _), Markup::Live(ask)) => {
                // The new effect changes what the old one drew; the old one ends when its place is taken.
                let place = Rc::clone(place);
                *self = Self::live(place, ask);
            }
            (_, markup) => self.replace(markup),
        }
    }

    fn replace(&mut self, markup: Markup) {
        let new = Self::new(markup);
        if let Some(first) = self.first()
            && let Some(parent) = first.parent_node()
        {
            new.insert(&parent, Some(&first));
        }
        self.remove();
        *self = new;
    }
}

/// Piece by piece; what is too many goes, what is missing comes before `end`.
fn change_each(drawn: &mut Vec<Drawn>, pieces: Vec<Markup>, end: &Comment) {
    for gone in drawn.drain(pieces.len().min(drawn.len())..) {
        gone.remove();
    }
    let mut places = drawn.iter_mut();
    let mut added = Vec::new();
    for piece in pieces {
        match places.next() {
            Some(place) => place.change(piece),
            None => added.push(piece),
        }
    }
    for piece in added {
        let piece = Drawn::new(piece);
        if let Some(parent) = end.parent_node() {
            piece.insert(&parent, Some(end));
        }
        drawn.push(piece);
    }
}

impl DrawnElement {
    fn new(element: Element) -> Option<Self> {
        let Element { literal, attributes, listeners, node_refs, children } = element;
        let mut parts = literal.split(DIVIDER);
        let tag = parts.next()?;
        let node = if SVG_TAGS.contains(&tag) {
            document().create_element_ns(Some(SVG), tag)
        } else {
            document().create_element(tag)
        };
        let node = node.ok()?;
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            drop(node.set_attribute(name, value));
        }
        let children: Vec<Drawn> = children.into_iter().map(Drawn::new).collect();
        for child in &children {
            child.insert(&node, None);
        }
        // After the children: a select can only have a value that one of its options has.
        let attributes = attributes.into_iter().map(|(name, value)| DrawnAttribute::new(&node, name, value)).collect();
        let listeners = listeners.into_iter().map(|(name, call)| DrawnListener::new(&node, name, call)).collect();
        node_refs.iter().for_each(|tell| tell(&node));
        Some(Self { node, literal, attributes, listeners, children })
    }

    /// Whether `element` can be this one with changes.
    fn fits(&self, element: &Element) -> bool {
        self.literal == element.literal
            && self.attributes.iter().map(|attribute| attribute.name).eq(element.attributes.iter().map(|a| a.0))
            && self.listeners.iter().map(|listener| listener.name).eq(element.listeners.iter().map(|a| a.0))
            && self.children.len() == element.children.len()
    }

    fn change(&mut self, element: Element) {
        for (drawn, child) in self.children.iter_mut().zip(element.children) {
            drawn.change(child);
        }
        for (drawn, (_, value)) in self.attributes.iter_mut().zip(element.attributes) {
            drawn.change(&self.node, value);
        }
        for (drawn, (_, call)) in self.listeners.iter().zip(element.listeners) {
            drawn.call.replace(call);
        }
        element.node_refs.iter().for_each(|tell| tell(&self.node));
    }
}

impl DrawnListener {
    fn new(node: &web_sys::Element, name: &'static str, call: Listener) -> Self {
        let call = Rc::new(RefCell::new(call));
        let current = Rc::clone(&call);
        let options = EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(node, name, options, move |event| {
            let call = Rc::clone(&current.borrow());
            call(event.clone().unchecked_into());
        });
        Self { name, call, _listener: listener }
    }
}
