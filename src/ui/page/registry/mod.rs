//! What is in the registry: a connection, one table, and what can be done with what is chosen in it.

mod connection;
mod doing;
mod shelf;
mod table;

use crate::session::registry::Link;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::view::View;

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let is_open = client.memo(|session| session.registry.link == Link::Open);
    let place = client.memo(|session| {
        let registry = &session.registry;
        let base = session.registry_base().filter(|_| registry.link == Link::Open)?;
        Some((registry.service().id, base.to_owned()))
    });
    let view = View::expect();
    Effect::new(move || {
        if let Some((service, base)) = place.get() {
            view.name_registry(service, &base);
        }
    });
    let content = move || {
        if !is_open.get() {
            return connection::form(client);
        }
        let is_shelf = client.peek(|session| session.registry.service().shelf.is_some());
        let below = if is_shelf { shelf::bar(client) } else { doing::doing(client) };
        view! { {connection::line(client)}{table::table(client)}{below} }
    };
    view! { <div class="page"><h2 class="hidden-label">"Registry"</h2>{content}</div> }
}
