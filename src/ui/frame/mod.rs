//! What stands around every page: top bar, rail, header, tabs, drawer, job bar, and what floats.

mod drawer;
mod inputs;
mod job_bar;
mod keys;
mod notices;
mod palette;
mod rail;
mod shortcuts;
mod subject;
mod tabs;
mod top_bar;

pub(in crate::ui) use drawer::{histograms, shape_words};
pub(in crate::ui) use inputs::Inputs;

use super::Client;
use super::page;
use super::part::drop_zone::drops;
use super::view::View;
use crate::ui::dom::*;

/// The whole site.
pub(in crate::ui) fn app() -> Markup {
    let client = Client::provide();
    let view = View::provide(client);
    let inputs = Inputs::provide(client);
    let is_over = drops(move |data| inputs.take_drop(data));
    let is_empty = client.memo(|session| session.is_empty());
    keys::listen(view);
    super::start::open_address(client);
    view! {
        <div class="frame" class:empty=is_empty class:rail-shown=view.rail data-testid="drop-zone">
            <a class="skip" href="#main" on:click=skip>"Skip to the page"</a>
            {top_bar::top_bar()}
            {move || (!is_empty.get()).then(rail::rail)}
            <main class="main" id="main" tabindex="-1">
                {notices::notices()}
                {move || if is_empty.get() && view.page.get() != crate::session::Page::Registry {
                    page::landing()
                } else {
                    opened()
                }}
            </main>
            {drawer::drawer()}
            {job_bar::job_bar()}
            {palette::palette()}
            {shortcuts::shortcuts()}
            {move || is_over.get().then(drop_here)}
        </div>
    }
}

/// What is shown once something is open.
fn opened() -> Markup {
    view! { {subject::subject()}{tabs::tabs()}{page::current()} }
}

fn drop_here() -> Markup {
    view! {
        <div class="drop-veil" aria-hidden="true"><p>"Drop to open. Nothing leaves this machine."</p></div>
    }
}

/// The address belongs to the pages, so the link moves the focus itself.
fn skip(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    focus_main();
}

/// Puts the focus on the page.
pub(in crate::ui) fn focus_main() {
    super::focus("main");
}
