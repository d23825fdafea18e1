//! A strip of figures.

use crate::ui::dom::*;

/// One figure of a strip.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::ui) struct Figure {
    /// What it is.
    pub name: &'static str,
    /// The figure, as short as it can be.
    pub value: String,
    /// The exact value, on hover.
    pub exact: String,
    /// A few words under it.
    pub beside: String,
}

impl Figure {
    /// A figure with its exact value.
    pub(in crate::ui) fn new(name: &'static str, value: impl Into<String>, exact: impl Into<String>) -> Self {
        Self { name, value: value.into(), exact: exact.into(), beside: String::new() }
    }

    /// Adds a few words under it.
    #[must_use]
    pub(in crate::ui) fn beside(mut self, words: impl Into<String>) -> Self {
        self.beside = words.into();
        self
    }
}

/// The strip.
pub(in crate::ui) fn figures(all: Vec<Figure>) -> Markup {
    let one = |figure: Figure| {
        view! {
            <div class="figure">
                <dt>{figure.name}</dt>
                <dd title=figure.exact>{figure.value}<small>{figure.beside}</small></dd>
            </div>
        }
    };
    view! { <dl class="figures">{all.into_iter().map(one).collect::<Markup>()}</dl> }
}
