//! A description of nodes, not yet nodes.

use std::borrow::Cow;

use super::element::Element;

/// A piece of the page, before it is drawn.
pub(in crate::ui) enum Markup {
    /// Nothing to see.
    Nothing,
    /// Text.
    Text(Cow<'static, str>),
    /// An element with what is in it.
    Element(Box<Element>),
    /// Pieces in a row.
    Many(Vec<Markup>),
    /// A piece that is asked for again when a signal it reads changes.
    Live(Box<dyn Fn() -> Markup>),
}

impl std::fmt::Debug for Markup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Markup")
    }
}
