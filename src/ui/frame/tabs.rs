//! The pages as tabs.

use leptos::ev;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::session::Page;
use crate::ui::dom::*;
use crate::ui::view::View;

/// The tabs.
pub(super) fn tabs() -> Markup {
    let view = View::expect();
    let tab = move |page: Page| {
        let link = NodeRef::<web_sys::HtmlElement>::new();
        let current = move || (view.page.get() == page).then_some("page");
        Effect::new(move || {
            if let (true, Some(link)) = (view.page.get() == page, link.get()) {
                show(&link);
            }
        });
        view! {
            <a href=format!("#/{}", page.id()) data-testid=format!("nav-{}", page.id()) aria-current=current node_ref=link>{page.name()}</a>
        }
    };
    let nav = NodeRef::<web_sys::HtmlElement>::new();
    // A telephone that is turned has room for fewer.
    let shown = move |_| {
        if let Some(link) = nav.get_untracked().and_then(|nav| nav.query_selector("[aria-current]").ok().flatten()) {
            show(&link);
        }
    };
    let listener = window_event_listener(ev::resize, shown);
    on_cleanup(move || listener.remove());
    view! { <nav class="tabs" aria-label="Pages" node_ref=nav>{Page::ALL.into_iter().map(tab).collect::<Markup>()}</nav> }
}

/// Where the tabs do not all fit, a key or a link can go to one that is out of sight.
fn show(link: &web_sys::Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_inline(ScrollLogicalPosition::Center);
    options.set_block(ScrollLogicalPosition::Nearest);
    link.scroll_into_view_with_scroll_into_view_options(&options);
}
