//! Attributes, classes, styles and properties of an element: what they can be, and how they are drawn.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::{Get, RenderEffect, RwSignal};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::live::Live;

/// The value of an attribute.
pub(in crate::ui) enum Value {
    /// It is not there; a class is off.
    Absent,
    /// It is there, without a value; a class is on.
    Present,
    /// It is there with this text.
    Text(Cow<'static, str>),
    /// It is asked for again when a signal it reads changes.
    Live(Box<dyn Fn() -> Value>),
}

/// Something that can be an attribute's value.
pub(in crate::ui) trait IntoValue {
    /// As a value.
    fn into_value(self) -> Value;
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        if self { Value::Present } else { Value::Absent }
    }
}

impl IntoValue for &'static str {
    fn into_value(self) -> Value {
        Value::Text(Cow::Borrowed(self))
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(Cow::Owned(self))
    }
}

impl IntoValue for f64 {
    fn into_value(self) -> Value {
        self.to_string().into_value()
    }
}

impl IntoValue for usize {
    fn into_value(self) -> Value {
        self.to_string().into_value()
    }
}

impl IntoValue for u32 {
    fn into_value(self) -> Value {
        self.to_string().into_value()
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Absent, IntoValue::into_value)
    }
}

impl<T: IntoValue, F: Fn() -> T + 'static> IntoValue for F {
    fn into_value(self) -> Value {
        Value::Live(Box::new(move || self().into_value()))
    }
}

impl<T: IntoValue + Clone + Send + Sync + 'static> IntoValue for RwSignal<T> {
    fn into_value(self) -> Value {
        (move || self.get()).into_value()
    }
}

impl<T: IntoValue + Clone + Send + Sync + 'static> IntoValue for Live<T> {
    fn into_value(self) -> Value {
        (move || self.get()).into_value()
    }
}

/// An attribute as it was drawn.
pub(super) struct DrawnAttribute {
    pub(super) name: &'static str,
    last: Rc<RefCell<Value>>,
    follows: Option<RenderEffect<()>>,
}

impl DrawnAttribute {
    /// Sets it for the first time.
    pub(super) fn new(element: &Element, name: &'static str, value: Value) -> Self {
        let mut drawn = Self { name, last: Rc::new(RefCell::new(Value::Absent)), follows: None };
        drawn.change(element, value);
        drawn
    }

    /// Gives it another value.
    pub(super) fn change(&mut self, element: &Element, value: Value) {
        self.follows = None;
        let Value::Live(ask) = value else { return set(element, self.name, &self.last, value) };
        let (element, name, last) = (element.clone(), self.name, Rc::clone(&self.last));
        self.follows = Some(RenderEffect::new(move |_| set(&element, name, &last, ask())));
    }
}

/// Changes what differs. Properties are always set: the user changes them too.
fn set(element: &Element, name: &str, last: &RefCell<Value>, value: Value) {
    let value = if let Value::Live(ask) = value { ask() } else { value };
    let is_property = name.starts_with("prop:");
    if !is_property && same(&last.borrow(), &value) {
        return;
    }
    match name.split_once(':') {
        Some(("class", class)) => {
            let is_on = !matches!(value, Value::Absent);
            drop(element.class_list().toggle_with_force(class, is_on));
        }
        Some(("style", property)) => {
            if let Some(style) = element.dyn_ref::<HtmlElement>().map(HtmlElement::style) {
                drop(style.set_property(property, text(&value)));
            }
        }
        Some(("prop", property)) => set_property(element, property, &value),
        _ if matches!(value, Value::Absent) => drop(element.remove_attribute(name)),
        _ => drop(element.set_attribute(name, text(&value))),
    }
    last.replace(value);
}

fn set_property(element: &Element, name: &str, value: &Value) {
    let value = match value {
        Value::Present => JsValue::TRUE,
        Value::Text(text) => JsValue::from_str(text),
        Value::Absent | Value::Live(_) => JsValue::NULL,
    };
    let name = JsValue::from_str(name);
    // Setting an input's value to what it is moves the caret.
    if js_sys::Reflect::get(element, &name).is_ok_and(|now| now == value || now.is_falsy() && value.is_null()) {
        return;
    }
    drop(js_sys::Reflect::set(element, &name, &value));
}

fn text(value: &Value) -> &str {
    if let Value::Text(text) = value { text } else { "" }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Absent, Value::Absent) | (Value::Present, Value::Present) => true,
        (Value::Text(a), Value::Text(b)) => a == b,
        _ => false,
    }
}
