//! The documents that hold the configuration of a checkpoint, and what its files say of themselves.

use super::blank::{blank, no_checkpoint};
use crate::model::Value;
use crate::session::Session;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::json_tree::json_tree;
use crate::ui::view::View;

/// A document, or why it is not shown as one.
type Document = (String, Option<Value>);

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let documents = client.memo_opened(read);
    let content = move || match documents.get() {
        None => no_checkpoint(client.with(super::blank::is_opening)),
        Some((documents, metadata)) if documents.is_empty() && metadata.is_empty() => blank(
            "No configuration here",
            "No file of this checkpoint is known to hold its configuration. A config.json beside it, or a config entry in a torch file, would fill this page.",
        ),
        Some((documents, metadata)) => {
            let documents = documents.into_iter().map(document).collect::<Markup>();
            view! { {documents}{metadata.into_iter().map(own_words).collect::<Markup>()} }
        }
    };
    view! { <div class="page">{content}</div> }
}

type Metadata = (String, Vec<(String, String)>);

fn read(session: &Session) -> Option<(Vec<Document>, Vec<Metadata>)> {
    let found = session.selected_checkpoint()?;
    let document = |path: &String| {
        let contents = found.opened.contents_at(found.opened.find(path)?);
        Some((path.clone(), contents.and_then(|contents| contents.document.clone())))
    };
    let documents = found.checkpoint.config.iter().filter_map(document).collect();
    let files = found.files().into_iter();
    let metadata = files.filter_map(|(entry, contents)| Some((entry.path.clone(), contents?.metadata.clone())));
    Some((documents, metadata.filter(|(_, pairs)| !pairs.is_empty()).collect()))
}

fn document((path, value): Document) -> Markup {
    let view = View::expect();
    let name = crate::model::base_name(&path).to_owned();
    let content = value.map_or_else(
        || {
            blank(
                "Not shown as a tree",
                "It could not be read as a document, or is too large for one: its file view pages through it as text.",
            )
        },
        |value| json_tree(value, &name),
    );
    let open = path.clone();
    view! {
        <section class="section">
            <div class="section-head"><h2>{name.clone()}</h2>
                <button type="button" class="link mono small" on:click=move |_| view.show_file(&open)>{path}</button></div>
            {content}
        </section>
    }
}

fn own_words((path, pairs): Metadata) -> Markup {
    let rows =
        pairs.into_iter().map(|(name, value)| view! { <dt class="mono">{name}</dt><dd class="mono">{value}</dd> });
    view! {
        <section class="section">
            <div class="section-head"><h2>"Metadata in the file"</h2><span class="count mono">{path}</span></div>
            <dl class="facts">{rows.collect::<Markup>()}</dl>
        </section>
    }
}
