//! The configuration of a checkpoint, from all the places that tell of it, as one tree.

use super::blank::{blank, no_checkpoint};
use crate::model::Value;
use crate::session::{Configuration, Session};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::json_tree::json_tree;
use crate::ui::view::View;

/// The page.
pub(super) fn page() -> Markup {
    let client = Client::expect();
    let configuration = client.memo_opened(Session::configuration);
    let content = move || match configuration.get() {
        None => no_checkpoint(client.with(super::blank::is_opening)),
        Some(configuration) if configuration.is_empty() => blank(
            "No configuration here",
            "No file of this checkpoint is known to hold its configuration. A config.json beside it, or a config entry in a torch file, would fill this page.",
        ),
        Some(configuration) => tree(configuration),
    };
    view! { <div class="page">{content}</div> }
}

fn tree(configuration: Configuration) -> Markup {
    let Configuration { tree, files, unread } = configuration;
    let unread = (!unread.is_empty()).then(|| {
        view! { <p class="soft">"Not in the tree, since not read as a document: "{links(unread)}". The file view pages through it as text."</p> }
    });
    let tree = (!tree.is_empty()).then(|| json_tree(Value::Map(tree), "the configuration", 1));
    view! {
        <section class="section">
            <div class="section-head"><h2>"Configuration"</h2><span class="count">"from "{links(files)}</span></div>
            {unread}
            {tree}
        </section>
    }
}

fn links(paths: Vec<String>) -> Markup {
    let view = View::expect();
    let one = |(at, path): (usize, String)| {
        let name = crate::model::base_name(&path).to_owned();
        let title = path.clone();
        view! { {(at > 0).then_some(", ")}<button type="button" class="link mono" title=title on:click=move |_| view.show_file(&path)>{name}</button> }
    };
    paths.into_iter().enumerate().map(one).collect::<Markup>()
}
