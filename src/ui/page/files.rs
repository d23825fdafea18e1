//! Every file: what it is for, what it is, how large. One of them can be looked into.

use std::sync::Arc;

use super::blank::is_opening;
use super::file_view::file_view;
use crate::model::{EntryKind, Role, distinct, keyed, natural_cmp, order_by};
use crate::session::Session;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::digest::digest;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::part::virtual_list::{ListParts, RowAction, RowView, virtual_list};
use crate::ui::view::View;
use crate::words;

/// One file.
#[derive(Debug, Clone, PartialEq)]
struct FileLine {
    path: String,
    role: &'static str,
    format: String,
    size: u64,
    digest: Option<String>,
}

/// The page.
pub(super) fn page() -> Markup {
    let view = View::expect();
    let content = move || match view.file.get() {
        Some(path) => file_view(path),
        None => list(),
    };
    markup(content)
}

fn list() -> Markup {
    let (client, view) = (Client::expect(), View::expect());
    let everything = RwSignal::new(false);
    let facts = client.memo(|session| (session.revision, session.selection, session.finished));
    let files = Live::new(move || {
        facts.with(|_| ());
        Arc::new(client.peek(|session| read(session, everything.get())))
    });
    let count = Live::new(move || files.with(|files| files.len()));
    let cursor = RwSignal::new(0_usize);
    let row = move |index: usize| {
        let cells = files.with(|files| files.get(index).map(cells)).unwrap_or(Markup::Nothing);
        RowView { cells, testid: "file-row", level: None, expanded: None }
    };
    let act = move |index: usize, action: RowAction| {
        let path = files.with_untracked(|files| files.get(index).map(|file| file.path.clone()));
        if let Some(path) = path.filter(|_| action == RowAction::Open) {
            view.show_file(&path);
        }
    };
    let head = view! {
        <div role="columnheader">"file"</div><div role="columnheader">"role"</div><div role="columnheader">"format"</div>
        <div role="columnheader" class="number">"size"</div><div role="columnheader">"sha256"</div>
    };
    let total = move || {
        files.with(|files| {
            let bytes = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
            format!("{}, {}", words::plural(files.len() as u64, "file"), words::size(bytes))
        })
    };
    let blank = move || {
        (count.get() == 0).then(|| {
            let words = if client.with(is_opening) { "The files are being listed." } else { "No file here." };
            view! { <p class="grid-blank">{words}</p> }
        })
    };
    let list = virtual_list(ListParts { class: "file-grid", label: "Files", count, cursor }, head, row, act);
    view! {
        <div class="page fill">
            <h2 class="hidden-label">"Files"</h2>
            <div class="controls grid-controls">
                <label class="check"><input type="checkbox" prop:checked=everything
                    on:change:target=move |event| everything.set(event.target().checked())/>"everything open, not only this checkpoint"</label>
                <p class="soft small controls-rest" role="status">{total}</p>
            </div>
            {blank}
            {list}
        </div>
    }
}

fn cells(file: &FileLine) -> Markup {
    let (folder, name) = file.path.rsplit_once('/').map_or(("", file.path.as_str()), |(folder, name)| (folder, name));
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    view! {
        <div role="gridcell" class="tensor-name" title=file.path.clone()>{icon(Icon::File)}<span class="path-parts"><span class="faint">{folder}</span><span>{name.to_owned()}</span></span></div>
        <div role="gridcell">{file.role}</div>
        <div role="gridcell" class="mono small">{file.format.clone()}</div>
        <div role="gridcell" class="number" title=words::bytes(file.size)>{words::size(file.size)}</div>
        <div role="gridcell">{file.digest.as_deref().map(digest)}</div>
    }
}

fn read(session: &Session, everything: bool) -> Vec<FileLine> {
    let selected = session.selected_checkpoint().filter(|_| !everything);
    let picks = session.picks.iter().filter(|pick| selected.is_none_or(|found| found.selection.pick == pick.id));
    let mut lines = Vec::new();
    for pick in picks {
        let roles = roles(pick.opened.runs.iter());
        let own = selected.map(|found| distinct(found.checkpoint.files.iter().map(|file| file.path.as_str())));
        for (entry, contents) in pick.opened.entries.iter().zip(&pick.opened.contents) {
            if own.as_ref().is_some_and(|own| !own.contains(entry.path.as_str())) {
                continue;
            }
            let is_archive = entry.kind == EntryKind::Archive;
            lines.push(FileLine {
                path: entry.path.clone(),
                role: roles
                    .get(entry.path.as_str())
                    .copied()
                    .map_or(if is_archive { "archive" } else { "other" }, role_word),
                format: contents.as_ref().map_or_else(|| "…".to_owned(), |contents| contents.format.clone()),
                size: entry.size,
                digest: None,
            });
        }
    }
    order_by(&mut lines, |a, b| natural_cmp(&a.path, &b.path));
    add_digests(session, &mut lines);
    lines
}

fn add_digests(session: &Session, lines: &mut [FileLine]) {
    let Some(verification) = &session.verification else { return };
    let known =
        verification.integrity.entries.iter().filter_map(|check| Some((check.path.as_str(), check.actual.as_ref()?)));
    let known = keyed(known);
    for line in lines {
        line.digest = known.get(line.path.as_str()).map(|digest| (*digest).clone());
    }
}

fn roles<'a>(runs: impl Iterator<Item = &'a crate::model::Run>) -> std::collections::BTreeMap<&'a str, Role> {
    let members =
        runs.flat_map(|run| run.files.iter().chain(run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.files)));
    keyed(members.map(|member| (member.path.as_str(), member.role)))
}

/// The report's word for a role, with spaces.
pub(super) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Model => "model",
        Role::Optimizer => "optimizer",
        Role::OptimizerMeta => "optimizer structure",
        Role::Scheduler => "scheduler",
        Role::Rng => "rng",
        Role::Config => "config",
        Role::Metrics => "metrics",
        Role::Structure => "structure",
        Role::Manifest => "manifest",
        Role::Marker => "marker",
        Role::Environment => "environment",
        Role::Tokenizer => "tokenizer",
        Role::Extra => "extra",
        Role::Other => "other",
    }
}
