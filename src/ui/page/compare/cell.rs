//! Cells that the tables of values share.

use crate::diff::SortBy;
use crate::model::Real;
use crate::ui::dom::*;
use crate::words;

/// A number as people read it, its digits behind it.
pub(super) fn figure(value: f64, write: fn(f64) -> String) -> Markup {
    view! { <span title=words::exact(value)>{write(value)}</span> }
}

/// What cannot be said.
pub(super) fn none() -> Markup {
    view! { <span class="faint">"–"</span> }
}

/// A number, if it can be said.
pub(super) fn number(value: Option<Real>, write: fn(f64) -> String) -> Markup {
    value.map_or_else(none, |Real(value)| figure(value, write))
}

/// The head of a column; pressing it sorts.
pub(super) fn head((title, column, class): (&'static str, SortBy, &'static str), sort: RwSignal<SortBy>) -> Markup {
    let sorted = if column != sort.get() {
        "none"
    } else if column == SortBy::Name || column == SortBy::Cosine {
        "ascending"
    } else {
        "descending"
    };
    view! { <th scope="col" class=class aria-sort=sorted><button type="button" class="link" on:click=move |_| sort.set(column)>{title}</button></th> }
}
