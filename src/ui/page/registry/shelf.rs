//! What can be done with the rows of a registry that is only read.

use super::doing::{button, compare_button};
use crate::registry::Wanted;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::words;

/// The bar below the table.
pub(super) fn bar(client: Client) -> Markup {
    let service = client.peek(|session| session.registry.service());
    let chosen = client.memo(|session| session.registry.chosen_items().count());
    let size = client.memo(|session| {
        let sizes = session.registry.chosen_items().map(|item| item.size);
        sizes.collect::<Option<Vec<u64>>>().map(|sizes| sizes.into_iter().fold(0, u64::saturating_add))
    });
    // A repository of files can be opened as it is; of models and tags one is meant.
    let is_whole = service.one == "file";
    let content = move || {
        let count = chosen.get();
        if count == 0 && !is_whole {
            let article = if service.one.starts_with('a') { "an" } else { "a" };
            let words = format!(
                "Choose {article} {}, or several, to open them: their headers are read, not the whole files.",
                service.one
            );
            return view! { <p class="soft small" data-testid="registry-hint">{words}</p> };
        }
        let of_size = size.get().map(|size| format!(", {}", words::size(size))).unwrap_or_default();
        let meant = if count == 0 {
            "all files".to_owned()
        } else {
            format!("{}{of_size}", words::plural(count as u64, service.one))
        };
        let open = move |wanted| client.act(|session| session.open_items(wanted));
        view! {
            <div class="controls grid-controls" data-testid="registry-bulk">
                <strong>{meant}</strong>
                {button("Open", "registry-open", move || open(Wanted::Files))}
                {service.has_digests.then(|| button("Open its digests, to verify with", "registry-digests", move || open(Wanted::Digests)))}
                {(!is_whole).then(|| compare_button(client))}
            </div>
        }
    };
    markup(content)
}
