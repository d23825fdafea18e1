//! One file: what is known of it, and its text, tree or bytes.

use super::blank::blank;
use crate::model::{Contents, Entry, EntryKind};
use crate::session::{Peeked, Session};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::copy::copy_button;
use crate::ui::part::finding::finding_row;
use crate::ui::part::hex_view::{hex_view, text_view};
use crate::ui::part::json_tree::json_tree;
use crate::ui::part::pager::pager;
use crate::words;

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Tree,
    Text,
    Hex,
}

/// The view of the file at `path`.
pub(super) fn file_view(path: String) -> Markup {
    let client = Client::expect();
    let revision = client.memo(|session| session.revision);
    let wanted = path.clone();
    let found = Live::new(move || {
        revision.with(|_| ());
        client.peek(|session| find(session, &wanted))
    });
    let content = {
        let path = path.clone();
        move || match found.get() {
            Some((entry, contents)) => known(&entry, contents),
            None => blank(
                "Not open",
                &format!(
                    "{path} is not among the open files. It may have been closed, or the address came from elsewhere."
                ),
            ),
        }
    };
    view! {
        <div class="page">
            <div class="section-head file-head">
                <a class="button" href="#/files">"All files"</a>
                <h2 class="mono">{path.clone()}</h2>
                {copy_button(path, "the path")}
            </div>
            {content}
        </div>
    }
}

fn find(session: &Session, path: &str) -> Option<(Entry, Option<Contents>)> {
    session.picks.iter().find_map(|pick| {
        let index = pick.opened.find(path)?;
        let contents =
            pick.opened.contents_at(index).map(|contents| Contents { tensors: Vec::new(), ..contents.clone() });
        Some((pick.opened.entries.get(index)?.clone(), contents))
    })
}

fn known(entry: &Entry, contents: Option<Contents>) -> Markup {
    let contents = contents.unwrap_or_default();
    let document = contents.document.clone();
    let is_text = matches!(contents.format.as_str(), "json" | "jsonl" | "text" | "yaml" | "toml");
    let first = if document.is_some() {
        Shape::Tree
    } else if is_text {
        Shape::Text
    } else {
        Shape::Hex
    };
    let shape = RwSignal::new(first);
    let findings = (!contents.findings.is_empty())
        .then(|| view! { <ul>{contents.findings.iter().map(finding_row).collect::<Markup>()}</ul> });
    let why = contents.not_examined.clone().map(|why| view! { <dt>"not examined"</dt><dd>{why}</dd> });
    let (path, name) = (entry.path.clone(), entry.path.clone());
    let is_archive = entry.kind == EntryKind::Archive;
    let has_tree = document.is_some();
    let viewer = move || match (shape.get(), &document) {
        (Shape::Tree, Some(document)) => json_tree(document.clone(), &name, 0),
        (shape, _) => bytes_view(path.clone(), shape),
    };
    view! {
        <dl class="facts">
            <dt>"format"</dt><dd>{contents.format.clone()}" "<span class="faint">{contents.evidence.clone()}</span></dd>
            <dt>"size"</dt><dd title=words::bytes(entry.size)>{words::size(entry.size)}</dd>
            {why}
            {contents.metadata.into_iter().map(|(name, value)| view! { <dt class="mono">{name}</dt><dd class="mono">{value}</dd> }).collect::<Markup>()}
        </dl>
        {findings}
        {is_archive.then(|| view! { <p class="soft">"An archive: its members are listed as files of their own."</p> })}
        {shapes(shape, has_tree)}
        {viewer}
    }
}

fn shapes(shape: RwSignal<Shape>, has_tree: bool) -> Markup {
    let choice = move |of: Shape, name: &'static str| {
        view! {
            <button type="button" class="button" aria-pressed=move || (shape.get() == of).to_string() on:click=move |_| shape.set(of)>{name}</button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label="Show as">
            {has_tree.then(|| choice(Shape::Tree, "Tree"))}{choice(Shape::Text, "Text")}{choice(Shape::Hex, "Bytes")}
        </div>
    }
}

/// A window of the file's bytes, with a pager.
fn bytes_view(path: String, shape: Shape) -> Markup {
    let client = Client::expect();
    let shown = client.memo(|session| session.peeking.clone());
    let (first, next) = (path.clone(), path.clone());
    Effect::new(move |_| {
        let is_there = client.peek(|session| session.peeking.as_ref().is_some_and(|peeking| peeking.path == first));
        if !is_there {
            client.act(|session| session.peek(&first, 0));
        }
    });
    let turn = move |offset: u64| client.act(|session| session.peek(&next, offset));
    let content = move || {
        let Some(peeking) = shown.get().filter(|peeking| peeking.path == path) else {
            return view! { <p class="soft">"Reading…"</p> };
        };
        let pager = pager(peeking.offset, peeking.size, turn.clone());
        let bytes = match peeking.bytes {
            Peeked::Reading => view! { <p class="soft">"Reading…"</p> },
            Peeked::Failed(why) => blank("These bytes could not be read", &why),
            Peeked::Bytes(bytes) if bytes.is_empty() => blank("Empty", "There are no bytes here."),
            Peeked::Bytes(bytes) if shape == Shape::Hex => hex_view(&bytes, peeking.offset),
            Peeked::Bytes(bytes) => text_view(&bytes),
        };
        view! { {pager}{bytes} }
    };
    markup(content)
}
