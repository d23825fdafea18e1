//! The pages as tabs.

use leptos::prelude::*;

use crate::session::Page;
use crate::ui::view::View;

/// The tabs.
pub(super) fn tabs() -> AnyView {
    let view = View::expect();
    let tab = move |page: Page| {
        let current = move || (view.page.get() == page).then_some("page");
        view! {
            <a href=format!("#/{}", page.id()) data-testid=format!("nav-{}", page.id()) aria-current=current>{page.name()}</a>
        }
    };
    view! { <nav class="tabs" aria-label="Pages">{Page::ALL.into_iter().map(tab).collect_view()}</nav> }.into_any()
}
