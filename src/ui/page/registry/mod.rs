//! What is in the registry: a connection, one table, and what can be done with what is chosen in it.

mod connection;
mod doing;
mod table;

use crate::session::registry::Link;
use crate::ui::Client;
use crate::ui::dom::*;

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let is_open = client.memo(|session| session.registry.link == Link::Open);
    let content = move || {
        if !is_open.get() {
            return connection::form(client);
        }
        view! { {connection::line(client)}{table::table(client)}{doing::doing(client)} }
    };
    view! { <div class="page"><h2 class="hidden-label">"Registry"</h2>{content}</div> }
}
