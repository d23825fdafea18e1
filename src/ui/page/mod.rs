//! The pages, one file each.

mod blank;
mod compare;
mod config;
mod export;
mod file_view;
mod files;
mod identity;
mod integrity;
mod landing;
mod metrics;
mod overview;
mod registry;
mod retention;
mod safety;
mod signatures;
mod tensors;

use super::view::View;
use crate::session::Page;
use crate::ui::dom::*;

pub(in crate::ui) use landing::landing;

/// The page that the address names.
pub(in crate::ui) fn current() -> Markup {
    let view = View::expect();
    let page = move || match view.page.get() {
        Page::Overview => overview::page(),
        Page::Tensors => tensors::page(),
        Page::Files => files::page(),
        Page::Metrics => metrics::page(),
        Page::Config => config::page(),
        Page::Integrity => integrity::page(),
        Page::Safety => safety::page(),
        Page::Compare => compare::page(),
        Page::Retention => retention::page(),
        Page::Export => export::page(),
        Page::Registry => registry::page(),
    };
    markup(page)
}
