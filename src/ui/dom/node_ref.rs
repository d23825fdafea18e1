//! The element that stands for a piece of markup, once it is drawn.

use std::marker::PhantomData;

use leptos::prelude::{Get, GetUntracked, LocalStorage, RwSignal, Set};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// An element of type `T`, once it is drawn. Cheap to copy.
pub(in crate::ui) struct NodeRef<T> {
    element: RwSignal<Option<Element>, LocalStorage>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for NodeRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for NodeRef<T> {}

impl<T: JsCast + Clone + 'static> NodeRef<T> {
    /// Not drawn yet.
    pub(in crate::ui) fn new() -> Self {
        Self { element: RwSignal::new_local(None), kind: PhantomData }
    }

    /// The element; who asks is told when it comes.
    pub(in crate::ui) fn get(self) -> Option<T> {
        self.element.try_get().flatten().map(JsCast::unchecked_into)
    }

    /// The element as of now.
    pub(in crate::ui) fn get_untracked(self) -> Option<T> {
        self.element.try_get_untracked().flatten().map(JsCast::unchecked_into)
    }

    pub(super) fn tell(self, element: &Element) {
        let is_known = self.element.try_get_untracked().flatten().is_some_and(|known| &known == element);
        if !is_known {
            self.element.try_set(Some(element.clone()));
        }
    }
}
